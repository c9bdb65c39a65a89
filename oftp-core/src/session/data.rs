//! F_DATA_IND: one Data Exchange Buffer on its way to the User Monitor (RFC 5024 3.3.2, 7).

use crate::virtual_file::{Chunk, DataBuffer, DataCursor};

/// The data of one Data Exchange Buffer, still in the session's receive buffer.
///
/// It is checked; it is decoded while it is read, straight to where it belongs, so that even a
/// buffer that expands to 31 times its size needs no memory of its own.
#[derive(Debug, Clone)]
pub struct DataInd<'a> {
    payload: &'a [u8],
    cursor: DataCursor,
    buffer: DataBuffer,
    stream: bool,
}

impl<'a> DataInd<'a> {
    pub(super) const fn new(payload: &'a [u8], buffer: DataBuffer, stream: bool) -> Self {
        Self {
            payload,
            cursor: DataCursor::new(),
            buffer,
            stream,
        }
    }

    /// Octets of the Virtual File in this buffer, expanded.
    #[must_use]
    pub const fn octets(&self) -> u64 {
        self.buffer.octets()
    }

    /// Records that end in this buffer.
    #[must_use]
    pub const fn records(&self) -> u32 {
        self.buffer.records_ended()
    }

    /// Whether the file travels as a stream of octets (U, T, and every secured or compressed
    /// file): record ends mean nothing then.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream
    }

    /// Decodes the next octets into `out`, which is not empty: up to its length or to the end of
    /// a record. `None` when all is read. In a stream no record ends (DX-06).
    pub fn read(&mut self, out: &mut [u8]) -> Option<Chunk> {
        if self.cursor.is_at_end(self.payload) {
            return None;
        }
        if self.stream {
            let octets = self.cursor.read_stream(self.payload, out);
            // What was left may have been empty subrecords.
            return (octets > 0).then_some(Chunk {
                octets,
                end_of_record: false,
            });
        }
        let chunk = self.cursor.read(self.payload, out);
        (chunk.octets > 0 || chunk.end_of_record).then_some(chunk)
    }
}
