//! The password of a session (RFC 5024 section 5.3.2, SSIDPSWD).

use std::fmt;
use std::hint::black_box;

use super::string::X;

/// A password of at most 8 octets that never shows itself in logs.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Password(X<8>);

impl Password {
    /// Wraps the octets of a field SSIDPSWD.
    pub const fn new(value: X<8>) -> Self {
        Self(value)
    }

    /// The octets as they are sent, padded with spaces.
    pub const fn as_octets(&self) -> &[u8; 8] {
        self.0.as_octets()
    }

    /// Whether both are the same password, trailing spaces aside.
    ///
    /// Takes the same time wherever they differ, so that the time of an answer tells nothing.
    pub fn matches(&self, other: &Self) -> bool {
        let pairs = self.as_octets().iter().zip(other.as_octets());
        // black_box keeps the compiler from leaving the loop at the first difference.
        pairs.fold(0, |differences, (a, b)| black_box(differences | (a ^ b))) == 0
    }
}

impl From<X<8>> for Password {
    fn from(value: X<8>) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, X};

    #[test]
    fn passwords_match_without_their_padding_and_stay_hidden() {
        let password = |value: &[u8]| Password::new(X::from_octets(value));
        assert!(password(b"SECRET").matches(&password(b"SECRET  ")));
        assert!(!password(b"SECRET").matches(&password(b"SECRET1")));
        assert!(!password(b"SECRET").matches(&password(b"secret")));
        assert!(!format!("{:?}", password(b"SECRET")).contains("SECRET"));
    }
}
