//! Reading the octets of a Virtual File out of a DATA Exchange Buffer (RFC 5024 section 7.2),
//! straight into the user's buffer.

use super::subrecord::{MAX_COUNT, SubrecordHeader};

/// How far a payload has been read. It holds no octets and borrows nothing, so that the payload
/// can stay in the receive buffer while the user takes it in pieces of any size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataCursor {
    /// Index of the next octet to take: content while `left` is not 0, else a header.
    position: usize,
    /// Octets of the current subrecord that are still to be read.
    left: usize,
    compressed: bool,
    ends_record: bool,
}

/// What one read brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Octets written to the start of the user's buffer.
    pub octets: usize,
    /// Whether the record ends behind them.
    pub end_of_record: bool,
}

impl DataCursor {
    /// The start of a payload.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            position: 0,
            left: 0,
            compressed: false,
            ends_record: false,
        }
    }

    /// Whether nothing of `payload` is left to read.
    #[must_use]
    pub const fn is_at_end(&self, payload: &[u8]) -> bool {
        self.left == 0 && self.position >= payload.len()
    }

    /// Reads octets of the current record of an F or V file until `out` is full, the record ends
    /// or the payload does.
    ///
    /// `payload` must be the one that [`DataBuffer::check`](super::DataBuffer::check) accepted,
    /// the same in every call. Of a payload that was not checked, everything up to the first bad
    /// subrecord is read.
    pub fn read(&mut self, payload: &[u8], out: &mut [u8]) -> Chunk {
        let mut octets = 0;
        loop {
            octets += self.copy(payload, &mut out[octets..]);
            if self.left > 0 {
                return Chunk {
                    octets,
                    end_of_record: false,
                };
            }
            if self.ends_record {
                self.ends_record = false;
                return Chunk {
                    octets,
                    end_of_record: true,
                };
            }
            octets += self.copy_full_subrecords(payload, &mut out[octets..]);
            if !self.next_subrecord(payload, octets < out.len()) {
                return Chunk {
                    octets,
                    end_of_record: false,
                };
            }
        }
    }

    /// Reads octets of a U or T file, or of one that is secured or compressed, until `out` is
    /// full or the payload ends, and returns how many. End flags mean nothing here: only EFID
    /// ends such a file (DX-06).
    pub fn read_stream(&mut self, payload: &[u8], out: &mut [u8]) -> usize {
        let mut octets = 0;
        loop {
            octets += self.copy(payload, &mut out[octets..]);
            octets += self.copy_full_subrecords(payload, &mut out[octets..]);
            if self.left > 0 || !self.next_subrecord(payload, octets < out.len()) {
                return octets;
            }
        }
    }

    /// Takes the next header, one with octets only where there is room for some.
    fn next_subrecord(&mut self, payload: &[u8], room: bool) -> bool {
        let Some(&octet) = payload.get(self.position) else {
            return false;
        };
        let header = SubrecordHeader::from_octet(octet);
        let content = self.position + 1;
        if header.content_octets() > payload.len() - content {
            self.position = payload.len();
            return false;
        }
        if header.count() > 0 && !room {
            return false;
        }
        self.left = header.count();
        self.compressed = header.compressed();
        self.ends_record = header.end_of_record();
        // A compressed subrecord of count 0 has an octet all the same.
        self.position = if self.left == 0 {
            content + header.content_octets()
        } else {
            content
        };
        true
    }

    /// Copies of the current subrecord what `out` has room for.
    fn copy(&mut self, payload: &[u8], out: &mut [u8]) -> usize {
        let count = self.left.min(out.len());
        if count == 0 {
            return 0;
        }
        let content = payload.get(self.position..).unwrap_or_default();
        let out = &mut out[..count];
        if self.compressed {
            out.fill(content.first().copied().unwrap_or_default());
            self.left -= count;
            self.position += usize::from(self.left == 0);
        } else if let Some(content) = content.get(..count) {
            out.copy_from_slice(content);
            self.left -= count;
            self.position += count;
        } else {
            // Not the payload that was begun with.
            self.left = 0;
            self.position = payload.len();
            return 0;
        }
        count
    }

    /// Copies subrecords of 63 plain octets, nearly all of a large file, for as long as they
    /// follow each other and fit.
    fn copy_full_subrecords(&mut self, payload: &[u8], out: &mut [u8]) -> usize {
        const FULL: u8 = MAX_COUNT as u8;
        if self.left > 0 {
            return 0;
        }
        let (subrecords, _) = payload
            .get(self.position..)
            .unwrap_or_default()
            .as_chunks::<{ MAX_COUNT + 1 }>();
        let (places, _) = out.as_chunks_mut::<MAX_COUNT>();
        let mut copied = 0;
        for (place, [header, content @ ..]) in places.iter_mut().zip(subrecords) {
            if *header != FULL {
                break;
            }
            *place = *content;
            copied += 1;
        }
        self.position += copied * (MAX_COUNT + 1);
        copied * MAX_COUNT
    }
}
