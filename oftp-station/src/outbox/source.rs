//! A local file as the Virtual File it is sent as.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::{Problem, SourceError};
use crate::records::{Format, LONGEST_RECORD, RecordLayout, RecordReader};

/// A local file that is being sent.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    layout: RecordLayout,
    facts: Facts,
    octets: u64,
    records: u64,
    reader: Reader,
}

/// What SFID and EFID tell of a file (RFC 5024 sections 5.3.3 and 5.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// SFIDFMT and SFIDLRECL.
    pub format: Format,
    /// EFIDUCNT: octets of the Virtual File.
    pub octets: u64,
    /// EFIDRCNT: records of an F or V file, else 0.
    pub records: u64,
    /// Size of the local file in octets.
    pub local_octets: u64,
    /// When the local file was changed last.
    pub modified: SystemTime,
}

impl Facts {
    /// SFIDFSIZ and SFIDOSIZ: blocks of 1,024 octets, rounded up.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.octets.div_ceil(BLOCK)
    }
}

/// What [`Source::read`] put into the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How many octets.
    pub octets: usize,
    /// They end a record; for U and T files, they end the file.
    pub end_of_record: bool,
    /// Nothing follows.
    pub end_of_file: bool,
}

#[derive(Debug)]
enum Reader {
    /// F, U and T: the local file is the Virtual File.
    Plain(BufReader<File>),
    /// V: records come out of their layout one by one.
    Records {
        reader: RecordReader<BufReader<File>>,
        record: Vec<u8>,
        given: usize,
        open: bool,
    },
}

const BLOCK: u64 = 1024;
const BUFFER: usize = 128 << 10;

impl Source {
    /// Opens a file to send it in `format`. For V files `Variable(0)` stands for the length of
    /// the longest record; `layout` says how their records lie in the file, which is read once.
    ///
    /// # Errors
    /// The file cannot be read, is no regular file, or does not fit the format.
    pub fn open(path: &Path, format: Format, layout: RecordLayout) -> Result<Self, SourceError> {
        Self::try_open(path, format, layout).map_err(|problem| SourceError {
            path: path.to_owned(),
            problem,
        })
    }

    /// What SFID and EFID tell of the file.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The local file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many octets of the Virtual File are behind, those before a restart included.
    #[must_use]
    pub const fn octets(&self) -> u64 {
        self.octets
    }

    /// How many whole records are behind.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// How much is behind as a restart position: records for F and V, else blocks of 1,024
    /// octets, rounded down.
    #[must_use]
    pub const fn position(&self) -> u64 {
        if self.facts.format.has_records() {
            self.records
        } else {
            self.octets / BLOCK
        }
    }

    /// Goes to a restart position (SFPAACNT), in the units of [`position`](Self::position).
    ///
    /// # Errors
    /// The position is beyond the end, or the file cannot be read there.
    pub fn seek(&mut self, position: u64) -> Result<(), SourceError> {
        self.try_seek(position)
            .map_err(|problem| self.error(problem))
    }

    /// Reads on, at most to the end of the record, until `out` is full. `out` must not be empty.
    ///
    /// # Errors
    /// The file cannot be read or has changed. What was sent of it must not count as delivered.
    pub fn read(&mut self, out: &mut [u8]) -> Result<Piece, SourceError> {
        let piece = match &mut self.reader {
            Reader::Plain(file) => read_plain(file, &self.facts, self.octets, out),
            Reader::Records {
                reader,
                record,
                given,
                open,
            } => {
                if self.records == self.facts.records {
                    Ok((0, false))
                } else {
                    read_record(reader, record, given, open, out)
                }
            }
        };
        let (octets, end_of_record) = piece.map_err(|problem| self.error(problem))?;
        self.octets += octets as u64;
        if self.facts.format.has_records() {
            self.records += u64::from(end_of_record);
        }
        let end_of_file = self.octets == self.facts.octets && self.records == self.facts.records;
        if end_of_file {
            self.check_unchanged()
                .map_err(|problem| self.error(problem))?;
        }
        Ok(Piece {
            octets,
            end_of_record,
            end_of_file,
        })
    }

    fn try_open(path: &Path, format: Format, layout: RecordLayout) -> Result<Self, Problem> {
        // Opening a pipe would wait for its other end, so look first.
        if !std::fs::metadata(path)?.is_file() {
            return Err(Problem::NotRegular);
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let local_octets = metadata.len();
        let plain = Facts {
            format,
            octets: local_octets,
            records: 0,
            local_octets,
            modified: metadata.modified()?,
        };
        let facts = match format {
            Format::Unstructured | Format::Text => plain,
            Format::Fixed(record) => {
                check_length(record, 1)?;
                if !local_octets.is_multiple_of(u64::from(record)) {
                    return Err(Problem::NotWholeRecords {
                        octets: local_octets,
                        record,
                    });
                }
                Facts {
                    records: local_octets / u64::from(record),
                    ..plain
                }
            }
            Format::Variable(longest) => {
                check_length(longest, 0)?;
                count_records(&file, layout, longest, plain)?
            }
        };
        let mut source = Self {
            path: path.to_owned(),
            layout,
            facts,
            octets: 0,
            records: 0,
            reader: Reader::new(file, format, layout),
        };
        source.try_seek(0)?;
        source.check_unchanged()?;
        Ok(source)
    }

    fn try_seek(&mut self, position: u64) -> Result<(), Problem> {
        let beyond = || Problem::BeyondEnd { position };
        let (octets, records) = match self.facts.format {
            Format::Unstructured | Format::Text => {
                (position.checked_mul(BLOCK).ok_or_else(beyond)?, 0)
            }
            Format::Fixed(record) => (
                position.checked_mul(u64::from(record)).ok_or_else(beyond)?,
                position,
            ),
            Format::Variable(_) => (0, position),
        };
        if octets > self.facts.octets || records > self.facts.records {
            return Err(beyond());
        }
        let mut file = self.file().try_clone()?;
        file.seek(SeekFrom::Start(octets))?;
        self.reader = Reader::new(file, self.facts.format, self.layout);
        (self.octets, self.records) = (octets, records);
        if let Reader::Records { reader, record, .. } = &mut self.reader {
            // The place of a record is known only by reading what is before it.
            for _ in 0..position {
                if !reader.next(record)? {
                    return Err(Problem::Changed);
                }
            }
            self.octets = reader.position().octets;
        }
        Ok(())
    }

    fn check_unchanged(&self) -> Result<(), Problem> {
        if is_same(&self.file().metadata()?, &self.facts)? {
            Ok(())
        } else {
            Err(Problem::Changed)
        }
    }

    fn file(&self) -> &File {
        match &self.reader {
            Reader::Plain(file) => file.get_ref(),
            Reader::Records { reader, .. } => reader.get_ref().get_ref(),
        }
    }

    fn error(&self, problem: Problem) -> SourceError {
        SourceError {
            path: self.path.clone(),
            problem,
        }
    }
}

impl Reader {
    fn new(file: File, format: Format, layout: RecordLayout) -> Self {
        let file = BufReader::with_capacity(BUFFER, file);
        match format {
            Format::Variable(_) => Self::Records {
                reader: RecordReader::new(file, layout),
                record: Vec::new(),
                given: 0,
                open: false,
            },
            _ => Self::Plain(file),
        }
    }
}

fn read_plain(
    file: &mut BufReader<File>,
    facts: &Facts,
    position: u64,
    out: &mut [u8],
) -> Result<(usize, bool), Problem> {
    let left = facts.octets - position;
    let to_end_of_record = match facts.format {
        Format::Fixed(record) if left > 0 => u64::from(record) - position % u64::from(record),
        _ => left,
    };
    let wanted = usize::try_from(to_end_of_record).map_or(out.len(), |left| left.min(out.len()));
    file.read_exact(&mut out[..wanted]).map_err(shrunk)?;
    let ends = wanted as u64 == to_end_of_record;
    // An empty F file has no record that could end.
    Ok((wanted, ends && !(left == 0 && facts.format.has_records())))
}

fn read_record(
    reader: &mut RecordReader<BufReader<File>>,
    record: &mut Vec<u8>,
    given: &mut usize,
    open: &mut bool,
    out: &mut [u8],
) -> Result<(usize, bool), Problem> {
    if !*open {
        if !reader.next(record)? {
            return Err(Problem::Changed);
        }
        (*given, *open) = (0, true);
    }
    let rest = &record[*given..];
    let taken = rest.len().min(out.len());
    out[..taken].copy_from_slice(&rest[..taken]);
    *given += taken;
    *open = *given < record.len();
    Ok((taken, !*open))
}

/// Reads a V file once: SFIDFSIZ and SFIDLRECL must be known before its first record is sent.
fn count_records(
    file: &File,
    layout: RecordLayout,
    longest: u32,
    plain: Facts,
) -> Result<Facts, Problem> {
    let mut reader = RecordReader::new(BufReader::with_capacity(BUFFER, file), layout);
    let (mut record, mut longest_seen) = (Vec::new(), 0);
    while reader.next(&mut record)? {
        let octets = record.len();
        if longest > 0 && octets > longest as usize {
            let record = reader.position().records;
            return Err(Problem::RecordTooLong {
                record,
                octets,
                longest,
            });
        }
        longest_seen = longest_seen.max(octets);
    }
    let position = reader.position();
    // A record has at most 99,999 octets; a file of empty records announces 1, as 0 is for U.
    let longest_seen = u32::try_from(longest_seen).unwrap_or(LONGEST_RECORD).max(1);
    let longest = if longest == 0 { longest_seen } else { longest };
    Ok(Facts {
        format: Format::Variable(longest),
        octets: position.octets,
        records: position.records,
        ..plain
    })
}

fn check_length(record: u32, least: u32) -> Result<(), Problem> {
    if (least..=LONGEST_RECORD).contains(&record) {
        Ok(())
    } else {
        Err(Problem::RecordLength { record })
    }
}

fn is_same(metadata: &Metadata, facts: &Facts) -> io::Result<bool> {
    Ok(metadata.len() == facts.local_octets && metadata.modified()? == facts.modified)
}

fn shrunk(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Problem::Changed,
        _ => Problem::Io(error),
    }
}

#[cfg(test)]
mod tests;
