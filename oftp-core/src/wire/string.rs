//! String fields X(n): fixed width, left justified, padded with spaces (RFC 5024 section 5.3).

use std::fmt;

use super::character_set;
use super::error::FieldError;

/// The octets of a field X(`N`), padded to its width.
///
/// Received values keep every octet as it came (CF-06): two values are equal when they agree after
/// trailing spaces are removed, which padding makes the same as comparing all octets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct X<const N: usize>([u8; N]);

/// Name of a Virtual File (SFIDDSN and its copies in EERP and NERP).
pub type DatasetName = X<26>;

/// User data of a session, file or response (SSIDUSER, SFIDUSER, EERPUSER).
pub type UserData = X<8>;

impl<const N: usize> X<N> {
    /// A field of spaces.
    pub const BLANK: Self = Self([b' '; N]);

    /// A value to be sent: at most `N` characters of Appendix B.
    ///
    /// # Errors
    /// [`FieldError::TooLong`] or [`FieldError::Character`].
    pub fn new(value: &str) -> Result<Self, FieldError> {
        let octets = value.as_bytes();
        if octets.len() > N {
            return Err(FieldError::TooLong {
                octets: octets.len(),
                limit: N,
            });
        }
        match value.char_indices().find(|(_, c)| !is_appendix_b(*c)) {
            Some((position, character)) => Err(FieldError::Character {
                character,
                position,
            }),
            None => Ok(Self::from_octets(octets)),
        }
    }

    /// As [`X::new`], and without a space inside, as RFC 5024 section 5.3 wants a String.
    ///
    /// For dataset names, passwords and user data that a user chooses. Identification codes may
    /// hold spaces (section 5.4, CF-06).
    ///
    /// # Errors
    /// Those of [`X::new`]; [`FieldError::Character`] for a space that is not at the end.
    pub fn new_without_spaces(value: &str) -> Result<Self, FieldError> {
        let field = Self::new(value)?;
        match field.trimmed().iter().position(|&octet| octet == b' ') {
            Some(position) => Err(FieldError::Character {
                character: ' ',
                position,
            }),
            None => Ok(field),
        }
    }

    /// A value of any octets, padded with spaces; octets after the first `N` are left off.
    ///
    /// For what was received, and for partners whose configuration allows characters outside
    /// Appendix B.
    pub fn from_octets(octets: &[u8]) -> Self {
        let mut padded = [b' '; N];
        for (to, from) in padded.iter_mut().zip(octets) {
            *to = *from;
        }
        Self(padded)
    }

    /// All `N` octets, with the padding.
    pub const fn as_octets(&self) -> &[u8; N] {
        &self.0
    }

    /// The octets without trailing spaces.
    pub fn trimmed(&self) -> &[u8] {
        let used = self
            .0
            .iter()
            .rposition(|&octet| octet != b' ')
            .map_or(0, |last| last + 1);
        self.0.get(..used).unwrap_or(&[])
    }

    /// Whether the field holds nothing but spaces.
    pub fn is_blank(&self) -> bool {
        self.trimmed().is_empty()
    }

    /// Whether an octet is a control character; such a dataset name is refused by SFNA 01 (CF-06).
    pub fn has_control_characters(&self) -> bool {
        self.0.iter().any(u8::is_ascii_control)
    }
}

fn is_appendix_b(character: char) -> bool {
    u8::try_from(character).is_ok_and(character_set::contains)
}

impl<const N: usize> Default for X<N> {
    fn default() -> Self {
        Self::BLANK
    }
}

/// The value without trailing spaces; octets that cannot be printed as `\xNN`.
impl<const N: usize> fmt::Display for X<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        character_set::write_escaped(f, self.trimmed())
    }
}

impl<const N: usize> fmt::Debug for X<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X<{N}>(\"{self}\")")
    }
}

#[cfg(test)]
mod tests {
    use super::X;
    use crate::wire::FieldError;

    #[test]
    fn sending_is_strict_about_characters_and_width() {
        assert_eq!(X::<4>::new("AB"), Ok(X::from_octets(b"AB  ")));
        let long = FieldError::TooLong {
            octets: 5,
            limit: 4,
        };
        assert_eq!(X::<4>::new("ABCDE"), Err(long));
        let lower = FieldError::Character {
            character: 'b',
            position: 1,
        };
        assert_eq!(X::<4>::new("Ab"), Err(lower));
        let accent = FieldError::Character {
            character: 'É',
            position: 0,
        };
        assert_eq!(X::<4>::new("É"), Err(accent));
        let space = FieldError::Character {
            character: ' ',
            position: 1,
        };
        assert_eq!(X::<4>::new_without_spaces("A B"), Err(space));
        assert_eq!(X::<4>::new_without_spaces("AB "), Ok(X::from_octets(b"AB")));
    }

    #[test]
    fn receiving_keeps_any_octets() {
        let field = X::<4>::from_octets(b"a\x00\xff");
        assert_eq!(field.as_octets(), b"a\x00\xff ");
        assert_eq!(field.to_string(), "a\\x00\\xFF");
        assert!(field.has_control_characters());
        assert!(X::<4>::from_octets(b"").is_blank());
        assert_eq!(X::<4>::from_octets(b"ABCDEF").trimmed(), b"ABCD");
    }
}
