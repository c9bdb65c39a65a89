//! The subrecord header of RFC 5024 section 7.2, and a walk over the subrecords of a payload.

/// Octets of the Virtual File that one subrecord can stand for: the count has six bits.
pub const MAX_COUNT: usize = 63;

const END_OF_RECORD: u8 = 0x80;
const COMPRESSED: u8 = 0x40;
const COUNT: u8 = 0x3f;

/// A subrecord header (RFC 5024 section 7.2). Every octet is a valid header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SubrecordHeader(u8);

impl SubrecordHeader {
    /// A header without flags for `count` octets; a count above 63 is cut to 63.
    pub(super) fn plain(count: usize) -> Self {
        Self(count.min(MAX_COUNT) as u8)
    }

    /// A compressed header for `count` copies of one octet; a count above 63 is cut to 63.
    pub(super) fn run(count: usize) -> Self {
        Self(Self::plain(count).0 | COMPRESSED)
    }

    /// The same header with the End of Record flag set.
    pub(super) fn ending_record(self) -> Self {
        Self(self.0 | END_OF_RECORD)
    }

    /// Reads a header; all 256 values have a meaning.
    #[must_use]
    pub const fn from_octet(octet: u8) -> Self {
        Self(octet)
    }

    /// The header as it is on the wire.
    #[must_use]
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// Whether this is the last subrecord of its record (bit 0 of the RFC, 80 hex).
    #[must_use]
    pub const fn end_of_record(self) -> bool {
        self.0 & END_OF_RECORD != 0
    }

    /// Whether one octet follows that stands for [`count`](Self::count) copies of itself (bit 1
    /// of the RFC, 40 hex).
    #[must_use]
    pub const fn compressed(self) -> bool {
        self.0 & COMPRESSED != 0
    }

    /// Octets of the Virtual File that the subrecord stands for, 0 to 63.
    #[must_use]
    pub const fn count(self) -> usize {
        (self.0 & COUNT) as usize
    }

    /// Octets that follow the header in the buffer: the count, or 1 for a compressed subrecord
    /// whatever its count (DX-03: the octet is present even when the count is 0).
    #[must_use]
    pub const fn content_octets(self) -> usize {
        if self.compressed() { 1 } else { self.count() }
    }
}

/// One subrecord as it is in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subrecord<'a> {
    /// The header octet.
    pub header: SubrecordHeader,
    /// What follows it in the buffer: the octets themselves, or the one octet to repeat.
    pub content: &'a [u8],
}

/// Iterator over the subrecords of a payload, the octets after the `D` of a DATA command.
///
/// It ends at the end of the payload or before a subrecord that runs past it; a payload that
/// passed [`DataBuffer::check`](super::DataBuffer::check) is always walked to its end.
#[derive(Clone, Debug)]
pub struct Subrecords<'a> {
    rest: &'a [u8],
}

impl<'a> Subrecords<'a> {
    /// Walks `payload` from its first header.
    #[must_use]
    pub const fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload }
    }
}

impl<'a> Iterator for Subrecords<'a> {
    type Item = Subrecord<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&octet, rest) = self.rest.split_first()?;
        let header = SubrecordHeader::from_octet(octet);
        let (content, rest) = rest.split_at_checked(header.content_octets())?;
        self.rest = rest;
        Some(Subrecord { header, content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_numbered_from_the_most_significant() {
        let header = SubrecordHeader::from_octet(0xb3);
        assert!(header.end_of_record());
        assert!(!header.compressed());
        assert_eq!(header.count(), 51);
        assert_eq!(header.content_octets(), 51);
        assert_eq!(SubrecordHeader::run(63).ending_record().octet(), 0xff);
        assert_eq!(SubrecordHeader::plain(64).octet(), 0x3f);
    }

    #[test]
    fn a_compressed_count_of_zero_still_has_its_octet() {
        assert_eq!(SubrecordHeader::from_octet(0x40).content_octets(), 1);
    }

    #[test]
    fn the_walk_stops_before_a_subrecord_past_the_end() {
        let mut walk = Subrecords::new(&[0x01, b'A', 0x45, b' ', 0x82, b'B']);
        assert_eq!(walk.next().map(|s| s.content), Some(&b"A"[..]));
        assert_eq!(walk.next().map(|s| s.header.count()), Some(5));
        assert_eq!(walk.next(), None);
        assert_eq!(walk.next(), None);
    }
}
