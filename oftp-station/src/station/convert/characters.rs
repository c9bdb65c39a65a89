//! Characters from UTF-8 to a code page and back, a piece at a time.

use super::code_page::CodePage;
use super::{Place, Way};

/// Converts what comes in pieces of any size; a character may lie across their border.
#[derive(Debug)]
pub(super) struct Characters {
    page: &'static CodePage,
    way: Way,
    /// The beginning of a character whose end has not come.
    open: Vec<u8>,
    at: At,
}

/// How many characters have gone before, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct At {
    /// In all.
    pub(super) characters: u64,
    /// Lines.
    pub(super) lines: u64,
    /// In the present line or record.
    pub(super) columns: u64,
}

impl At {
    /// The character that comes next, as a place in a text.
    pub(super) const fn line(self) -> Place {
        Place::Line {
            line: self.lines + 1,
            column: self.columns + 1,
        }
    }

    fn pass(&mut self, character: char) {
        self.characters += 1;
        // EBCDIC ends lines with NEL, too.
        if matches!(character, '\n' | '\u{85}') {
            self.lines += 1;
            self.columns = 0;
        } else {
            self.columns += 1;
        }
    }
}

/// A character that cannot be converted, and where it is.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) at: At,
    pub(super) what: Unfit,
}

/// What cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The code page has no such character.
    Character(char),
    /// The code page has no character for this octet.
    Octet(u8),
    /// This octet is not UTF-8 where it stands.
    NotUtf8(u8),
}

impl Characters {
    pub(super) const fn new(page: &'static CodePage, way: Way) -> Self {
        Self {
            page,
            way,
            open: Vec::new(),
            at: At {
                characters: 0,
                lines: 0,
                columns: 0,
            },
        }
    }

    /// The number of the code page.
    pub(super) const fn page(&self) -> &'static str {
        self.page.number()
    }

    /// A record begins: columns are counted anew.
    pub(super) const fn begin_record(&mut self) {
        self.at.columns = 0;
    }

    /// Converts what there is, and appends it to `out`.
    pub(super) fn feed(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
        match self.way {
            Way::Out => self.encode(octets, out),
            Way::In => self.decode(octets, out),
        }
    }

    /// There is no more: no character may be open.
    pub(super) fn finish(&mut self) -> Result<(), Misfit> {
        match self.open.first() {
            Some(&octet) => Err(self.misfit(Unfit::NotUtf8(octet))),
            None => Ok(()),
        }
    }

    fn encode(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
        let mut rest = octets;
        while let (false, Some((&octet, after))) = (self.open.is_empty(), rest.split_first()) {
            self.open.push(octet);
            rest = after;
            let open = std::mem::take(&mut self.open);
            self.whole_characters(&open, out)?;
        }
        self.whole_characters(rest, out)
    }

    /// Converts UTF-8 up to its last whole character, and keeps what is behind it.
    fn whole_characters(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
        let (text, rest) = match std::str::from_utf8(octets) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (text, rest) = octets.split_at(error.valid_up_to());
                let fault = error.error_len().and_then(|_| rest.first().copied());
                // Valid up to there.
                let text = std::str::from_utf8(text).unwrap_or_default();
                if let Some(octet) = fault {
                    self.text(text, out)?;
                    return Err(self.misfit(Unfit::NotUtf8(octet)));
                }
                (text, rest)
            }
        };
        self.open.extend_from_slice(rest);
        self.text(text, out)
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), Misfit> {
        for character in text.chars() {
            let octet = self.page.octet(character);
            out.push(octet.ok_or_else(|| self.misfit(Unfit::Character(character)))?);
            self.at.pass(character);
        }
        Ok(())
    }

    fn decode(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<(), Misfit> {
        for &octet in octets {
            let character = self.page.character(octet);
            let character = character.ok_or_else(|| self.misfit(Unfit::Octet(octet)))?;
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            self.at.pass(character);
        }
        Ok(())
    }

    const fn misfit(&self, what: Unfit) -> Misfit {
        Misfit { at: self.at, what }
    }
}
