//! Records from one layout to another.

use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};

use super::characters::{At, Characters, Misfit};
use super::{ConvertError, Converted, Job, Place, Way};
use crate::records::{LONGEST_RECORD, Position, RecordError, RecordLayout, RecordReader};

/// Octets that are read or written at a time.
const PIECE: usize = 64 * 1024;

/// A file without marks between its records: U, T, and F with records of so many octets.
pub(super) fn stream(
    source: &mut dyn Read,
    target: &mut dyn Write,
    fixed: Option<(u32, Way)>,
    mut characters: Option<Characters>,
) -> Result<Converted, ConvertError> {
    let place = |at: At| match fixed {
        None => at.line(),
        Some((length, _)) => Place::Record {
            record: at.characters / u64::from(length.max(1)) + 1,
            column: at.characters % u64::from(length.max(1)) + 1,
        },
    };
    let (mut read, mut written) = (0, 0);
    let mut piece = vec![0; PIECE];
    let mut converted = Vec::new();
    loop {
        let octets = match source.read(&mut piece) {
            Ok(0) => break,
            Ok(octets) => piece.get(..octets).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(ConvertError::Read(error)),
        };
        read += octets.len() as u64;
        let octets = match &mut characters {
            None => octets,
            Some(characters) => {
                converted.clear();
                let page = characters.page();
                characters
                    .feed(octets, &mut converted)
                    .map_err(|misfit| misfit.at_place(place, page))?;
                &converted
            }
        };
        target.write_all(octets).map_err(ConvertError::Write)?;
        written += octets.len() as u64;
    }
    if let Some(characters) = &mut characters {
        let page = characters.page();
        characters
            .finish()
            .map_err(|misfit| misfit.at_place(place, page))?;
    }
    target.flush().map_err(ConvertError::Write)?;
    let mut records = 0;
    if let Some((length, way)) = fixed {
        let over_the_line = match way {
            Way::Out => written,
            Way::In => read,
        };
        records = over_the_line / u64::from(length.max(1));
        let rest = over_the_line % u64::from(length.max(1));
        if rest > 0 {
            return Err(ConvertError::RecordLength {
                record: records + 1,
                octets: rest,
                limit: length,
            });
        }
    }
    Ok(Converted {
        written: Position {
            records,
            octets: written,
            local: written,
        },
        longest: fixed.map_or(0, |(length, _)| length),
    })
}

/// A V file with records of at most so many octets; 0: of any length.
pub(super) fn variable(
    source: &mut dyn Read,
    target: &mut dyn Write,
    job: Job,
    longest: u32,
    mut characters: Option<Characters>,
) -> Result<Converted, ConvertError> {
    let mut reader = RecordReader::new(BufReader::with_capacity(PIECE, source), job.from);
    let mut target = BufWriter::with_capacity(PIECE, target);
    let limit = if longest == 0 {
        LONGEST_RECORD
    } else {
        longest
    };
    let (mut written, mut longest) = (Position::default(), 0);
    let (mut record, mut converted, mut length) = (Vec::new(), Vec::new(), Vec::new());
    while reader.next(&mut record).map_err(read_error)? {
        let number = reader.position().records;
        let octets = match &mut characters {
            None => &record,
            Some(characters) => {
                converted.clear();
                let place = |at: At| Place::Record {
                    record: number,
                    column: at.columns + 1,
                };
                let page = characters.page();
                characters.begin_record();
                characters
                    .feed(&record, &mut converted)
                    .and_then(|()| characters.finish())
                    .map_err(|misfit| misfit.at_place(place, page))?;
                &converted
            }
        };
        let over_the_line = match job.way {
            Way::Out => octets.len(),
            Way::In => record.len(),
        };
        longest = match u32::try_from(over_the_line) {
            Ok(octets) if octets <= limit => longest.max(octets),
            _ => {
                return Err(ConvertError::RecordLength {
                    record: number,
                    octets: over_the_line as u64,
                    limit,
                });
            }
        };
        if holds_line_end(octets, job.to) {
            return Err(ConvertError::LineEnd { record: number });
        }
        length.clear();
        job.to
            .push_length(octets.len(), &mut length)
            .map_err(|error| ConvertError::Layout {
                record: number,
                error,
            })?;
        let parts = [&length, octets, job.to.line_end()];
        for part in parts {
            target.write_all(part).map_err(ConvertError::Write)?;
            written.local += part.len() as u64;
        }
        written.records += 1;
        written.octets += octets.len() as u64;
    }
    target.flush().map_err(ConvertError::Write)?;
    Ok(Converted { written, longest })
}

/// Whether a record would become two in this layout.
fn holds_line_end(record: &[u8], layout: RecordLayout) -> bool {
    match layout.line_end() {
        [] => false,
        [single] => record.contains(single),
        end => record.windows(end.len()).any(|part| part == end),
    }
}

fn read_error(error: RecordError) -> ConvertError {
    match error {
        RecordError::Io(error) => ConvertError::Read(error),
        error => ConvertError::Records(error),
    }
}

impl Misfit {
    fn at_place(self, place: impl Fn(At) -> Place, page: &'static str) -> ConvertError {
        ConvertError::Character {
            place: place(self.at),
            what: self.what,
            page,
        }
    }
}
