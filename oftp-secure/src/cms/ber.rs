//! Tokens of BER from octets that arrive in pieces of any size (X.690 chapter 8): lengths definite
//! and not, in any nesting.

use super::error::OpenProblem;
use crate::asn1::MAX_DEPTH;

/// What is read next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A constructed element begins: its identifier octet. Its elements follow.
    Open(u8),
    /// A primitive element begins: its identifier octet. Its octets follow.
    Primitive(u8),
    /// Some of the octets of a primitive element, at least one.
    Octets(&'a [u8]),
    /// The element that began last ends.
    Close,
}

/// Identifier, length of the length, and eight octets of it: enough for any file.
const HEADER: usize = 10;

/// Reads exactly one element with all that lies in it.
#[derive(Debug, Default)]
pub(super) struct Ber {
    at: u64,
    header: [u8; HEADER],
    header_octets: usize,
    header_whole: bool,
    open: Vec<Frame>,
    begun: bool,
}

#[derive(Debug)]
struct Frame {
    /// Where it ends; `None`: at its end mark.
    end: Option<u64>,
    /// Where the nearest element around it, or itself, ends.
    limit: u64,
    opaque: bool,
}

impl Ber {
    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the element was read to its end.
    pub(super) fn is_done(&self) -> bool {
        self.begun && self.open.is_empty()
    }

    /// How many octets were read.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The octets of the header or the end mark that made the last token; nothing for others.
    pub(super) fn header(&self) -> &[u8] {
        if self.header_whole {
            self.header.get(..self.header_octets).unwrap_or_default()
        } else {
            &[]
        }
    }

    /// The element that was opened last is read as octets if its length is known: what lies in it
    /// is nothing to us now.
    pub(super) fn make_opaque(&mut self) {
        if let Some(frame) = self.open.last_mut() {
            frame.opaque = frame.end.is_some();
        }
    }

    /// Puts back the last `octets` of the last [`Token::Octets`].
    pub(super) fn unread(&mut self, octets: usize) {
        self.at = self.at.saturating_sub(octets as u64);
    }

    /// The next token, taken from the beginning of `input`; `None` when more is needed.
    ///
    /// # Errors
    /// It is no BER, or octets follow the element.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
    ) -> Result<Option<Token<'a>>, OpenProblem> {
        if self.header_whole {
            self.header_whole = false;
            self.header_octets = 0;
        }
        if let Some(frame) = self.open.last() {
            if let Some(end) = frame.end {
                if self.at == end {
                    self.open.pop();
                    return Ok(Some(Token::Close));
                }
                if frame.opaque {
                    return Ok(self.octets(input, end));
                }
            } else if self.at == frame.limit {
                return Err(self.error("an element without its end mark"));
            }
        } else if self.begun {
            if input.is_empty() {
                return Ok(None);
            }
            return Err(OpenProblem::Trailing { at: self.at });
        }
        self.header_token(input)
    }

    fn octets<'a>(&mut self, input: &mut &'a [u8], end: u64) -> Option<Token<'a>> {
        let left = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let (octets, rest) = input.split_at(left.min(input.len()));
        *input = rest;
        self.at += octets.len() as u64;
        (!octets.is_empty()).then_some(Token::Octets(octets))
    }

    fn header_token<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Token<'a>>, OpenProblem> {
        let limit = self.open.last().map_or(u64::MAX, |frame| frame.limit);
        while let Some((first, rest)) = input.split_first() {
            if self.at == limit {
                return Err(self.error("an element longer than the one around it"));
            }
            let Some(place) = self.header.get_mut(self.header_octets) else {
                return Err(self.error("a length beyond all bounds"));
            };
            *place = *first;
            self.header_octets += 1;
            self.at += 1;
            *input = rest;
            if self.is_whole() {
                self.header_whole = true;
                return self.token(limit).map(Some);
            }
        }
        Ok(None)
    }

    fn is_whole(&self) -> bool {
        let [_, length, ..] = self.header;
        let of_length = if length > 0x80 {
            usize::from(length & 0x7F)
        } else {
            0
        };
        self.header_octets >= 2 && self.header_octets == 2 + of_length
    }

    fn token<'a>(&mut self, limit: u64) -> Result<Token<'a>, OpenProblem> {
        let [tag, length, ref more @ ..] = self.header;
        if tag == 0 {
            return match self.open.last() {
                Some(frame) if frame.end.is_none() && length == 0 => {
                    self.open.pop();
                    Ok(Token::Close)
                }
                _ => Err(self.error("an end mark out of place")),
            };
        }
        if tag & 0x1F == 0x1F {
            return Err(self.error("a tag of several octets"));
        }
        if self.open.len() >= MAX_DEPTH as usize {
            return Err(self.error("more than 16 levels"));
        }
        let constructed = tag & 0x20 != 0;
        let end = match length {
            0x80 if constructed => None,
            0x80 => return Err(self.error("a primitive element without a length")),
            _ => {
                let of_length = more.get(..self.header_octets - 2).unwrap_or_default();
                let long = of_length
                    .iter()
                    .fold(0, |sum: u64, octet| (sum << 8) | u64::from(*octet));
                let octets = if length < 0x80 { length.into() } else { long };
                match self.at.checked_add(octets) {
                    Some(end) if end <= limit => Some(end),
                    _ => return Err(self.error("an element longer than the one around it")),
                }
            }
        };
        self.begun = true;
        self.open.push(Frame {
            end,
            limit: end.unwrap_or(limit),
            opaque: !constructed,
        });
        Ok(if constructed {
            Token::Open(tag)
        } else {
            Token::Primitive(tag)
        })
    }

    fn error(&self, what: &'static str) -> OpenProblem {
        OpenProblem::Structure { what, at: self.at }
    }
}

/// Whether these octets are one element of BER, to its end and not too deep.
///
/// # Errors
/// They are not.
pub(crate) fn check_ber(octets: &[u8]) -> Result<(), OpenProblem> {
    let (mut ber, mut rest) = (Ber::default(), octets);
    while ber.next(&mut rest)?.is_some() {}
    if ber.is_done() {
        Ok(())
    } else {
        Err(OpenProblem::Cut { at: ber.at() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(octets: &[u8], piece: usize) -> Result<(String, bool), OpenProblem> {
        let mut ber = Ber::default();
        let mut text = String::new();
        for mut input in octets.chunks(piece) {
            while let Some(token) = ber.next(&mut input)? {
                match token {
                    Token::Open(tag) => text += &format!("({tag:02X} "),
                    Token::Primitive(tag) => text += &format!("[{tag:02X} "),
                    Token::Octets(octets) => text += &crate::certificate::hex(octets),
                    Token::Close => text += "; ",
                }
            }
        }
        Ok((text, ber.is_done()))
    }

    #[test]
    fn tokens_are_the_same_in_pieces_of_every_size() {
        let octets = [
            0x30, 0x80, 2, 1, 5, 0x24, 6, 4, 2, 7, 8, 4, 0, 0x31, 0x81, 2, 5, 0, 0, 0,
        ];
        let expected = "(30 [02 05; (24 [04 0708; [04 ; ; (31 [05 ; ; ; ";
        for piece in 1..=octets.len() {
            assert_eq!(tokens(&octets, piece), Ok((expected.to_owned(), true)));
        }
        for cut in 0..octets.len() {
            assert!(!tokens(&octets[..cut], 20).expect("so far good").1, "{cut}");
        }
    }

    #[test]
    fn what_is_no_ber_is_refused() {
        for octets in [
            &[0x1F, 1, 0][..],
            &[0x04, 0x80],
            &[0x30, 3, 4, 2, 1],
            &[0x30, 2, 0x30, 0x80, 0, 0],
            &[0x30, 3, 0x30, 0x80, 0, 0],
            &[0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0x30, 2, 0, 0],
            &[0x30, 0x80, 0, 1, 0],
            &[0x30, 0, 0],
            &[0x30, 0x80].repeat(17),
        ] {
            for piece in 1..=octets.len() {
                assert!(tokens(octets, piece).is_err(), "{octets:02X?}");
            }
        }
        assert!(tokens(&[0x30, 0x80].repeat(16), 5).is_ok());
    }
}
