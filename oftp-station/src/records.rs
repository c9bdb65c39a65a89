//! How the records of a Virtual File lie in a local file.
//!
//! F and V files are sequences of records (RFC 5024 section 1.5). A local file is a sequence of
//! octets: F records follow each other without separators, V records need a layout that shows
//! where each ends. U and T files have no records and lie as they are.

use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest record of any Virtual File in octets (SFIDLRECL has 5 digits).
pub const LONGEST_RECORD: u32 = 99_999;

/// SFIDFMT and SFIDLRECL: the format of a Virtual File (RFC 5024 section 5.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// F: records of this many octets each, at least 1.
    Fixed(u32),
    /// V: records of at most this many octets.
    Variable(u32),
    /// U: octets without records.
    Unstructured,
    /// T: ASCII lines, without records for the protocol.
    Text,
}

impl Format {
    /// Whether restart positions count records; otherwise they count blocks of 1,024 octets.
    #[must_use]
    pub const fn has_records(self) -> bool {
        matches!(self, Self::Fixed(_) | Self::Variable(_))
    }
}

/// How the records of a V file lie in a local file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum RecordLayout {
    /// Each record is a line that ends with LF; records must not contain LF.
    #[default]
    Lf,
    /// Each record is a line that ends with CR LF; records must not contain CR LF.
    Crlf,
    /// Each record follows its length, 2 octets, most significant first; any content.
    Length16,
    /// Each record follows its length, 4 octets, most significant first; any content.
    Length32,
}

impl RecordLayout {
    /// What ends a record, empty for the layouts with a length in front.
    #[must_use]
    pub const fn line_end(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::Crlf => b"\r\n",
            Self::Length16 | Self::Length32 => b"",
        }
    }

    /// Puts the length of a record in front of it, where the layout has one there.
    ///
    /// # Errors
    /// The record is longer than the layout can say.
    pub fn push_length(self, octets: usize, out: &mut Vec<u8>) -> Result<(), RecordTooLong> {
        let too_long = |_| RecordTooLong { octets };
        match self {
            Self::Lf | Self::Crlf => {}
            Self::Length16 => {
                out.extend_from_slice(&u16::try_from(octets).map_err(too_long)?.to_be_bytes());
            }
            Self::Length32 => {
                out.extend_from_slice(&u32::try_from(octets).map_err(too_long)?.to_be_bytes());
            }
        }
        Ok(())
    }
}

/// A record of more octets than its layout can say.
#[derive(Debug, Error)]
#[error("record of {octets} octets does not fit its layout; --records length32 takes 99,999")]
pub struct RecordTooLong {
    /// The length of the record as far as it is known.
    pub octets: usize,
}

/// Reads the records of a V file from its local layout, one at a time.
#[derive(Debug)]
pub struct RecordReader<R> {
    inner: R,
    layout: RecordLayout,
    position: Position,
}

/// How far a V file has been read or written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Whole records.
    pub records: u64,
    /// Octets of the Virtual File: the records without what separates them locally.
    pub octets: u64,
    /// Octets of the local file.
    pub local: u64,
}

impl<R: BufRead> RecordReader<R> {
    /// Reads from `inner`, which stands at the first record.
    pub fn new(inner: R, layout: RecordLayout) -> Self {
        Self {
            inner,
            layout,
            position: Position::default(),
        }
    }

    /// How far the file has been read: always the end of a record.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What the records are read from.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Reads the next record into `record`, which is emptied first. Returns `false` at the end.
    ///
    /// # Errors
    /// The file cannot be read, a record is longer than [`LONGEST_RECORD`], or the file ends
    /// within a record or its length.
    pub fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, RecordError> {
        record.clear();
        let local = match self.layout {
            RecordLayout::Lf | RecordLayout::Crlf => self.line(record)?,
            RecordLayout::Length16 => self.counted::<2>(record)?,
            RecordLayout::Length32 => self.counted::<4>(record)?,
        };
        if local == 0 {
            return Ok(false);
        }
        self.position.records += 1;
        self.position.octets += record.len() as u64;
        self.position.local += local as u64;
        Ok(true)
    }

    fn line(&mut self, record: &mut Vec<u8>) -> Result<usize, RecordError> {
        let line_end = self.layout.line_end();
        let longest = LONGEST_RECORD as usize + line_end.len();
        loop {
            let buffer = self.inner.fill_buf()?;
            let line_feed = buffer.iter().position(|&octet| octet == b'\n');
            let taken = line_feed.map_or(buffer.len(), |index| index + 1);
            let at_end = buffer.is_empty();
            // One octet more than allowed shows that a record is too long.
            let kept = taken.min(longest + 1 - record.len());
            record.extend_from_slice(&buffer[..kept]);
            self.inner.consume(taken);
            if record.len() > longest {
                return Err(self.too_long());
            }
            let whole = line_feed.is_some() && record.ends_with(line_end);
            if whole || at_end {
                let local = record.len();
                record.truncate(local - if whole { line_end.len() } else { 0 });
                if record.len() > LONGEST_RECORD as usize {
                    return Err(self.too_long());
                }
                return Ok(local);
            }
        }
    }

    fn counted<const N: usize>(&mut self, record: &mut Vec<u8>) -> Result<usize, RecordError> {
        if self.inner.fill_buf()?.is_empty() {
            return Ok(0);
        }
        let mut length = [0; N];
        self.exactly(&mut length)?;
        let octets = length
            .iter()
            .fold(0_u64, |sum, &octet| sum << 8 | u64::from(octet));
        if octets > u64::from(LONGEST_RECORD) {
            return Err(self.too_long());
        }
        // At most 99,999: checked above.
        record.resize(octets as usize, 0);
        self.exactly(record)?;
        Ok(N + record.len())
    }

    fn exactly(&mut self, out: &mut [u8]) -> Result<(), RecordError> {
        self.inner
            .read_exact(out)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => RecordError::CutOff {
                    record: self.number(),
                },
                _ => RecordError::Io(error),
            })
    }

    fn too_long(&self) -> RecordError {
        RecordError::TooLong {
            record: self.number(),
        }
    }

    /// The number of the record that is being read, from 1.
    fn number(&self) -> u64 {
        self.position.records + 1
    }
}

/// Why a V file cannot be read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The system's answer.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// SFIDLRECL cannot announce such a record.
    #[error(
        "record {record} is longer than {LONGEST_RECORD} octets; is the layout (--records) right?"
    )]
    TooLong {
        /// The number of the record, from 1.
        record: u64,
    },
    /// The length in front of a record promises more than there is.
    #[error("the file ends within record {record}; is the layout (--records) right?")]
    CutOff {
        /// The number of the record, from 1.
        record: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(layout: RecordLayout, file: &[u8]) -> Result<Vec<Vec<u8>>, RecordError> {
        // A buffer of 3 octets: records and line ends cross its border.
        let inner = io::BufReader::with_capacity(3, file);
        let mut reader = RecordReader::new(inner, layout);
        let (mut all, mut record) = (Vec::new(), Vec::new());
        while reader.next(&mut record)? {
            all.push(record.clone());
        }
        assert_eq!(reader.position().records, all.len() as u64);
        assert_eq!(
            reader.position().octets,
            all.iter().map(Vec::len).sum::<usize>() as u64
        );
        assert_eq!(reader.position().local, file.len() as u64);
        Ok(all)
    }

    #[test]
    fn lines() {
        let read = |file: &[u8]| records(RecordLayout::Lf, file).expect("records");
        assert_eq!(read(b""), [b""; 0]);
        assert_eq!(read(b"abcd\n\nx"), [&b"abcd"[..], b"", b"x"]);
        assert_eq!(read(b"a\r\n\n"), [&b"a\r"[..], b""]);
    }

    #[test]
    fn lines_with_carriage_return() {
        let read = |file: &[u8]| records(RecordLayout::Crlf, file).expect("records");
        assert_eq!(read(b"ab\r\n\r\nc\nd\r\r\n"), [&b"ab"[..], b"", b"c\nd\r"]);
        assert_eq!(read(b"open"), [b"open"]);
    }

    #[test]
    fn counted_records() {
        let read = |layout, file: &[u8]| records(layout, file).expect("records");
        assert_eq!(
            read(RecordLayout::Length16, b"\0\x02ab\0\0"),
            [&b"ab"[..], b""]
        );
        assert_eq!(read(RecordLayout::Length32, b"\0\0\0\x01\n"), [b"\n"]);
    }

    #[test]
    fn faults_name_the_record() {
        let fault = |layout, file: &[u8]| records(layout, file).expect_err("fault").to_string();
        assert!(fault(RecordLayout::Length16, b"\0\x01a\0\x09b").contains("within record 2"));
        assert!(fault(RecordLayout::Length32, b"GIF89a").contains("record 1 is longer"));
        let mut long = vec![b'x'; LONGEST_RECORD as usize];
        assert_eq!(
            records(RecordLayout::Lf, &long).expect("just fits").len(),
            1
        );
        long.push(b'x');
        assert!(fault(RecordLayout::Lf, &long).contains("record 1 is longer"));
        long.extend_from_slice(b"\r\n");
        assert!(fault(RecordLayout::Crlf, &long).contains("record 1 is longer"));
    }
}
