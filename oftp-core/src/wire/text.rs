//! Text fields T(n): UTF-8, at most 999 octets, levels 2.0 and up (RFC 5024 section 5.3, CF-28).

use std::fmt::{self, Write};

/// A description or reason in words (SFIDDESC, SFNAREAST, EFNAREAST, ESIDREAST, NERPREAST).
///
/// What was received is kept octet by octet, valid UTF-8 or not.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(Box<[u8]>);

impl Text {
    /// Longest text in octets, not characters.
    pub const MAX_OCTETS: usize = 999;

    /// A text to be sent; what does not fit is cut off at a character boundary.
    pub fn new(text: &str) -> Self {
        let end = text.floor_char_boundary(Self::MAX_OCTETS);
        Self(text.as_bytes().get(..end).unwrap_or_default().into())
    }

    /// A text as received; octets after the first 999 are left off.
    pub fn from_octets(octets: &[u8]) -> Self {
        let end = octets.len().min(Self::MAX_OCTETS);
        Self(octets.get(..end).unwrap_or_default().into())
    }

    /// The octets as they are sent.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// The text; invalid UTF-8 as U+FFFD, control characters as Rust escapes, so that a peer cannot
/// write into a terminal or a log.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in String::from_utf8_lossy(&self.0).chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text(\"{self}\")")
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = Text::new(&"é".repeat(600));
        assert_eq!(text.as_octets().len(), 998);
        assert_eq!(text.to_string(), "é".repeat(499));
        assert_eq!(Text::from_octets(&[b'x'; 1200]).as_octets().len(), 999);
    }

    #[test]
    fn anything_received_can_be_shown() {
        assert_eq!(
            Text::from_octets(b"a\xfcb\x1b[2J").to_string(),
            "a\u{fffd}b\\u{1b}[2J"
        );
    }
}
