//! The record lengths of V files (RFC 5024 section 6.5): a file that is signed, compressed or
//! encrypted has no End of Record flags, so each record follows its length, 2 octets, most
//! significant first, which does not count itself.

/// The longest record that 2 octets can tell.
pub const LONGEST_RECORD: u32 = 65_535;

/// Records and their lengths do not fit to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A record is longer than SFIDLRECL or than 2 octets can tell.
    #[error("record {record} has {octets} octets or more; the longest may have {longest}")]
    TooLong {
        /// Which, counted from 1.
        record: u64,
        /// Octets of it that are known.
        octets: u64,
        /// The most that it may have.
        longest: u32,
    },
    /// The file ends within a record, or within its length.
    #[error("the file ends within record {record}, which lacks {missing} octets")]
    Cut {
        /// Which, counted from 1.
        record: u64,
        /// Octets that are missing; of the length, if it is not complete itself.
        missing: u32,
    },
    /// The last record was not ended.
    #[error("record {record} was not ended")]
    Open {
        /// Which, counted from 1.
        record: u64,
    },
}

/// Puts its length in front of each record. Holds one record.
#[derive(Debug, Clone)]
pub struct LengthWriter {
    record: Vec<u8>,
    longest: u32,
    records: u64,
    open: bool,
}

impl LengthWriter {
    /// For records of at most `longest` octets (SFIDLRECL), and never more than 65,535.
    #[must_use]
    pub fn new(longest: u32) -> Self {
        Self {
            record: Vec::new(),
            longest: longest.min(LONGEST_RECORD),
            records: 0,
            open: false,
        }
    }

    /// Takes the next octets of a record, and with `end_of_record` appends it to `out`.
    ///
    /// # Errors
    /// [`RecordError::TooLong`]; nothing was appended.
    pub fn write(
        &mut self,
        octets: &[u8],
        end_of_record: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        let length = self.record.len() as u64 + octets.len() as u64;
        if length > self.longest.into() {
            return Err(RecordError::TooLong {
                record: self.records + 1,
                octets: length,
                longest: self.longest,
            });
        }
        self.record.extend_from_slice(octets);
        self.open = true;
        if end_of_record {
            // At most 65,535.
            out.extend_from_slice(&(length as u16).to_be_bytes());
            out.append(&mut self.record);
            self.records += 1;
            self.open = false;
        }
        Ok(())
    }

    /// The file has ended; how many records it has.
    ///
    /// # Errors
    /// [`RecordError::Open`].
    pub const fn finish(&self) -> Result<u64, RecordError> {
        if self.open {
            Err(RecordError::Open {
                record: self.records + 1,
            })
        } else {
            Ok(self.records)
        }
    }
}

/// Some octets of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The octets; none in an empty record.
    pub octets: &'a [u8],
    /// Whether the record ends behind them.
    pub end_of_record: bool,
}

/// Finds the records again. Holds nothing but two octets.
#[derive(Debug, Clone)]
pub struct LengthReader {
    longest: u32,
    records: u64,
    /// The first octet of a length whose second has not come.
    half: Option<u8>,
    /// Octets that the record still has.
    left: Option<u16>,
}

impl LengthReader {
    /// For records of at most `longest` octets (SFIDLRECL).
    #[must_use]
    pub const fn new(longest: u32) -> Self {
        Self {
            longest,
            records: 0,
            half: None,
            left: None,
        }
    }

    /// The next octets of a record, taken from the beginning of `input`; `None` when more is
    /// needed.
    ///
    /// # Errors
    /// [`RecordError::TooLong`].
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, RecordError> {
        loop {
            if let Some(left) = self.left {
                return Ok(self.octets(left, input));
            }
            let Some((first, rest)) = input.split_first() else {
                return Ok(None);
            };
            *input = rest;
            let Some(half) = self.half.take() else {
                self.half = Some(*first);
                continue;
            };
            let length = u16::from_be_bytes([half, *first]);
            if u32::from(length) > self.longest {
                return Err(RecordError::TooLong {
                    record: self.records + 1,
                    octets: length.into(),
                    longest: self.longest,
                });
            }
            self.left = Some(length);
        }
    }

    fn octets<'a>(&mut self, left: u16, input: &mut &'a [u8]) -> Option<Piece<'a>> {
        if input.is_empty() && left > 0 {
            return None;
        }
        let (octets, rest) = input.split_at(input.len().min(left.into()));
        *input = rest;
        // At most `left`.
        let left = left - octets.len() as u16;
        self.left = (left > 0).then_some(left);
        self.records += u64::from(left == 0);
        Some(Piece {
            octets,
            end_of_record: left == 0,
        })
    }

    /// The file has ended; how many records it had.
    ///
    /// # Errors
    /// [`RecordError::Cut`].
    pub fn finish(&self) -> Result<u64, RecordError> {
        let missing = match (self.half, self.left) {
            (None, None) => return Ok(self.records),
            (Some(_), _) => 1,
            (None, Some(left)) => left.into(),
        };
        Err(RecordError::Cut {
            record: self.records + 1,
            missing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(records: &[&[u8]], piece: usize) -> Vec<u8> {
        let (mut writer, mut out) = (LengthWriter::new(99_999), Vec::new());
        for record in records {
            for octets in record.chunks(piece) {
                writer.write(octets, false, &mut out).expect("fits");
            }
            writer.write(&[], true, &mut out).expect("fits");
        }
        assert_eq!(writer.finish(), Ok(records.len() as u64));
        out
    }

    fn read(octets: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, RecordError> {
        let (mut reader, mut records) = (LengthReader::new(65_535), vec![Vec::new()]);
        for mut input in octets.chunks(piece) {
            while let Some(piece) = reader.next(&mut input)? {
                records.last_mut().expect("one").extend(piece.octets);
                if piece.end_of_record {
                    records.push(Vec::new());
                }
            }
        }
        let count = reader.finish()?;
        records.pop();
        assert_eq!(records.len() as u64, count);
        Ok(records)
    }

    #[test]
    fn lengths_stand_before_their_records_and_do_not_count_themselves() {
        assert_eq!(write(&[b"ab", b"", b"c"], 1), b"\0\x02ab\0\0\0\x01c");
        let long = vec![7; 65_535];
        assert_eq!(write(&[&long], 1000)[..3], [255, 255, 7]);
    }

    #[test]
    fn records_come_back_in_pieces_of_every_size() {
        let long = vec![7; 65_535];
        let records: [&[u8]; 5] = [b"", b"abc", &long, b"", b"z"];
        let octets = write(&records, 999);
        for piece in [1, 2, 3, 1000, 65_536, 100_000] {
            assert_eq!(read(&octets, piece).expect("records"), records);
        }
        assert_eq!(read(&[], 1), Ok(Vec::new()));
    }

    #[test]
    fn cut_records_and_long_ones_are_refused() {
        let octets = write(&[b"ab", b"cde"], 9);
        let cut = |end| read(&octets[..end], 2).map(|records| records.len());
        let missing = |record, missing| Err(RecordError::Cut { record, missing });
        let expected = [
            Ok(0),
            missing(1, 1),
            missing(1, 2),
            missing(1, 1),
            Ok(1),
            missing(2, 1),
            missing(2, 3),
            missing(2, 2),
            missing(2, 1),
            Ok(2),
        ];
        for (end, expected) in expected.into_iter().enumerate() {
            assert_eq!(cut(end), expected, "{end}");
        }
        let too_long = |octets, longest| RecordError::TooLong {
            record: 1,
            octets,
            longest,
        };
        let mut reader = LengthReader::new(80);
        assert_eq!(reader.next(&mut &[0, 81][..]), Err(too_long(81, 80)));
        let (mut writer, mut out) = (LengthWriter::new(99_999), Vec::new());
        writer.write(&[1; 65_535], false, &mut out).expect("fits");
        let error = writer.write(&[1], true, &mut out);
        assert_eq!(error, Err(too_long(65_536, 65_535)));
        assert_eq!(writer.finish(), Err(RecordError::Open { record: 1 }));
        assert!(out.is_empty());
    }
}
