//! Reading back what is held of a file, to go on behind it.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::{BLOCK, BUFFER, Slot};
use crate::inbox::error::{Doing, InboxError};
use crate::records::{Format, Position, RecordReader};

impl Slot {
    /// Gives what is held to `take`, as octets of the Virtual File: a hash over the whole file
    /// goes on from there.
    ///
    /// # Errors
    /// What is held cannot be read.
    pub fn replay(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), InboxError> {
        let start = self.written;
        let doing = || format!("reading what is held of {}", self.name);
        let file = self.file.get_mut();
        file.seek(SeekFrom::Start(0)).doing(doing)?;
        let mut held = BufReader::with_capacity(BUFFER, (&*file).take(start.local));
        if let Format::Variable(_) = self.note.offer.format {
            let mut reader = RecordReader::new(held, self.note.layout);
            let mut record = Vec::new();
            while reader
                .next(&mut record)
                .map_err(io::Error::other)
                .doing(doing)?
            {
                take(&record);
            }
        } else {
            loop {
                let octets = held.fill_buf().doing(doing)?;
                if octets.is_empty() {
                    break;
                }
                take(octets);
                let octets = octets.len();
                held.consume(octets);
            }
        }
        file.seek(SeekFrom::Start(start.local)).doing(doing)?;
        Ok(())
    }

    /// Finds a position within what is safe.
    pub(super) fn position_of(&self, position: u64) -> io::Result<Position> {
        let safe = self.note.safe;
        match self.note.offer.format {
            Format::Unstructured | Format::Text => {
                let octets = position * BLOCK;
                Ok(Position {
                    records: 0,
                    octets,
                    local: octets,
                })
            }
            Format::Fixed(record) => {
                let octets = position * u64::from(record);
                Ok(Position {
                    records: position,
                    octets,
                    local: octets,
                })
            }
            Format::Variable(_) if position == safe.records => Ok(safe),
            Format::Variable(_) => {
                let mut file = self.file.get_ref();
                file.seek(SeekFrom::Start(0))?;
                let safe_part = BufReader::new(file.take(safe.local));
                let mut reader = RecordReader::new(safe_part, self.note.layout);
                let mut record = Vec::new();
                for _ in 0..position {
                    reader.next(&mut record).map_err(io::Error::other)?;
                }
                Ok(reader.position())
            }
        }
    }
}
