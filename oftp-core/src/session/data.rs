//! F_DATA_IND: one Data Exchange Buffer on its way to the User Monitor (RFC 5024 3.3.2, 7).

use crate::virtual_file::{Chunk, DataBuffer};

/// The data of one Data Exchange Buffer, still in the session's receive buffer.
///
/// It is checked; it is decoded while it is read, straight to where it belongs, so that even a
/// buffer that expands to 31 times its size needs no memory of its own.
#[derive(Debug, Clone)]
pub struct DataInd<'a> {
    buffer: DataBuffer<'a>,
    stream: bool,
}

impl<'a> DataInd<'a> {
    pub(super) const fn new(buffer: DataBuffer<'a>, stream: bool) -> Self {
        Self { buffer, stream }
    }

    /// Octets of the Virtual File in this buffer, expanded.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.buffer.octets()
    }

    /// Records that end in this buffer.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.buffer.records()
    }

    /// Whether the file travels as a stream of octets (U, T, and every secured or compressed
    /// file): record ends mean nothing then.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream
    }

    /// Decodes the next octets into `out`, up to its length or to the end of a record. `None`
    /// when all is read. A stream ignores record ends (DX-06).
    pub fn read(&mut self, out: &mut [u8]) -> Option<Chunk> {
        if self.stream {
            self.buffer.read_stream(out)
        } else {
            self.buffer.read(out)
        }
    }
}
