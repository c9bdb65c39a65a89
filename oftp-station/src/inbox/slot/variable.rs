//! V records on their way to the layout of the local file.

use super::Slot;
use crate::inbox::error::InboxError;
use crate::records::{LONGEST_RECORD, RecordTooLong};

/// The V record that is being written.
#[derive(Debug, Default)]
pub(super) struct OpenRecord {
    octets: usize,
    /// Its octets, in the layouts that need its length first.
    buffer: Vec<u8>,
    /// Its last octet, which may be the first half of a line end.
    last: Option<u8>,
}

impl Slot {
    pub(super) fn write_variable(
        &mut self,
        octets: &[u8],
        end_of_record: bool,
    ) -> Result<(), InboxError> {
        let line_end = self.note.layout.line_end();
        self.open_record.octets += octets.len();
        if self.open_record.octets > LONGEST_RECORD as usize {
            return Err(RecordTooLong {
                octets: self.open_record.octets,
            }
            .into());
        }
        if line_end.is_empty() {
            self.open_record.buffer.extend_from_slice(octets);
            if end_of_record {
                let mut buffer = std::mem::take(&mut self.open_record.buffer);
                let mut length = Vec::with_capacity(4);
                self.note.layout.push_length(buffer.len(), &mut length)?;
                self.append(&length)?;
                self.append(&buffer)?;
                buffer.clear();
                self.open_record.buffer = buffer;
            }
        } else {
            let previous = self.open_record.last;
            self.note.ambiguous |= holds_line_end(octets, previous, line_end);
            self.open_record.last = octets.last().copied().or(previous);
            self.append(octets)?;
            if end_of_record {
                self.append(line_end)?;
            }
        }
        if end_of_record {
            self.open_record.octets = 0;
            self.open_record.last = None;
        }
        Ok(())
    }
}

/// Whether `octets`, after the octet `previous` of the same record, hold a line end.
fn holds_line_end(octets: &[u8], previous: Option<u8>, line_end: &[u8]) -> bool {
    match line_end {
        [single] => octets.contains(single),
        [first, second] => {
            previous == Some(*first) && octets.first() == Some(second)
                || octets.windows(2).any(|pair| pair == line_end)
        }
        _ => false,
    }
}
