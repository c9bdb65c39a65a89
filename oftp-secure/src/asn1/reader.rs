//! Reads elements that lie in memory: definite and indefinite lengths, in any nesting.

use super::{Asn1Error, MAX_DEPTH, tag};

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Content octets, without the end mark of an indefinite length.
    pub content: &'a [u8],
    /// All octets, header and end mark included.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads what lies in a constructed element.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// The octets of an OCTET STRING in one or in many segments (X.690 8.7).
    ///
    /// # Errors
    /// A segment is no OCTET STRING, or segments lie in each other more than 16 levels deep.
    pub fn octets(&self) -> Result<Vec<u8>, Asn1Error> {
        let mut octets = Vec::with_capacity(self.content.len());
        self.join(&mut octets, 0)?;
        Ok(octets)
    }

    fn join(&self, octets: &mut Vec<u8>, depth: u32) -> Result<(), Asn1Error> {
        if self.tag & 0x20 == 0 {
            octets.extend_from_slice(self.content);
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(Reader::error("too many levels", 0));
        }
        let mut segments = self.reader();
        while !segments.is_empty() {
            let segment = segments.any()?;
            if segment.tag & !0x20 != tag::OCTET_STRING {
                return Err(Reader::error(
                    "segment that is no octet string",
                    segments.at,
                ));
            }
            segment.join(octets, depth + 1)?;
        }
        Ok(())
    }
}

/// Reads elements one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads these octets from their beginning.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at == self.octets.len()
    }

    /// The identifier octet of the next element, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// [`Asn1Error`] when it is no BER, is cut off, or holds more than 16 levels.
    pub fn any(&mut self) -> Result<Element<'a>, Asn1Error> {
        let start = self.at;
        let (tag, content, end) = self.element_at(start, 0)?;
        self.at = end;
        Ok(Element {
            tag,
            content: self.octets.get(content).unwrap_or_default(),
            whole: self.octets.get(start..end).unwrap_or_default(),
        })
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// As [`any`](Self::any); `what` names the element that is missing.
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Asn1Error> {
        if self.peek() == Some(tag) {
            self.any()
        } else {
            Err(Asn1Error { what, at: self.at })
        }
    }

    /// The next element if it has this tag.
    ///
    /// # Errors
    /// As [`any`](Self::any).
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Asn1Error> {
        if self.peek() == Some(tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    const fn error(what: &'static str, at: usize) -> Asn1Error {
        Asn1Error { what, at }
    }

    fn element_at(
        &self,
        start: usize,
        depth: u32,
    ) -> Result<(u8, std::ops::Range<usize>, usize), Asn1Error> {
        if depth > MAX_DEPTH {
            return Err(Self::error("too many levels", start));
        }
        let cut = |at| Self::error("cut off", at);
        let tag = *self.octets.get(start).ok_or_else(|| cut(start))?;
        if tag & 0x1F == 0x1F {
            return Err(Self::error("tag of several octets", start));
        }
        let first = *self.octets.get(start + 1).ok_or_else(|| cut(start + 1))?;
        let mut at = start + 2;
        if first == 0x80 {
            if tag & 0x20 == 0 {
                return Err(Self::error("primitive element without a length", start));
            }
            let content = at;
            loop {
                match self.octets.get(at..at + 2) {
                    Some([0, 0]) => return Ok((tag, content..at, at + 2)),
                    Some(_) => (_, _, at) = self.element_at(at, depth + 1)?,
                    None => return Err(cut(at)),
                }
            }
        }
        let mut length = usize::from(first);
        if first > 0x80 {
            length = 0;
            for _ in 0..first & 0x7F {
                let octet = *self.octets.get(at).ok_or_else(|| cut(at))?;
                length = length
                    .checked_mul(256)
                    .and_then(|length| length.checked_add(usize::from(octet)))
                    .ok_or_else(|| Self::error("length beyond all bounds", start))?;
                at += 1;
            }
        }
        match at.checked_add(length) {
            Some(end) if end <= self.octets.len() => Ok((tag, at..end, end)),
            _ => Err(cut(self.octets.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definite_and_indefinite_lengths_give_the_same_content() {
        let definite = [0x30, 3, 2, 1, 5];
        let indefinite = [0x30, 0x80, 2, 1, 5, 0, 0];
        for octets in [&definite[..], &indefinite] {
            let sequence = Reader::new(octets)
                .expect(tag::SEQUENCE, "sequence")
                .expect("element");
            assert_eq!((sequence.content, sequence.whole), (&[2, 1, 5][..], octets));
        }
    }

    #[test]
    fn segments_are_joined() {
        let segmented = [0x24, 0x80, 4, 1, 7, 0x24, 4, 4, 0, 4, 0, 4, 2, 8, 9, 0, 0];
        let string = Reader::new(&segmented).any().expect("element");
        assert_eq!(string.octets().expect("octets"), [7, 8, 9]);
        let other = [0x24, 3, 2, 1, 7];
        let string = Reader::new(&other).any().expect("element");
        assert!(string.octets().is_err());
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        for octets in [
            &[][..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 0x80, 2, 1, 5],
            &[0x30, 0x80, 0],
            &[0x30, 0x82, 1],
            &[0x30, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            &[0x1F, 1, 0],
            &[0x04, 0x80, 0, 0],
        ] {
            assert!(Reader::new(octets).any().is_err(), "{octets:?}");
        }
        let mut deep = [0x30, 0x80].repeat(40);
        deep.extend([0; 80]);
        assert_eq!(
            Reader::new(&deep).any().expect_err("deep").what,
            "too many levels"
        );
    }
}
