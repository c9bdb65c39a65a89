//! Text that came from the other side, made safe to show.
//!
//! A reason text or a description may hold line ends, terminal sequences or characters that turn
//! the reading direction: shown as they are, they could forge a line of a log.

use serde::{Serialize, Serializer};

/// Text from the other side: no control or formatting characters, at most 1 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PeerText(String);

/// The longest text shown, in octets.
const LONGEST: usize = 1024;

impl PeerText {
    /// Takes octets as they came, of any length. What is not printable becomes `\xNN` or
    /// `\u{NNNN}`, and a backslash two of them, so that nothing can pretend to be an escape.
    #[must_use]
    pub fn new(octets: impl AsRef<[u8]>) -> Self {
        let mut text = String::new();
        let cut = |text: &mut String, piece: &str| {
            let fits = text.len() + piece.len() <= LONGEST - '…'.len_utf8();
            text.push_str(if fits { piece } else { "…" });
            fits
        };
        for chunk in octets.as_ref().utf8_chunks() {
            let valid = chunk.valid().chars().map(show);
            let invalid = chunk
                .invalid()
                .iter()
                .map(|octet| format!("\\x{octet:02x}"));
            for piece in valid.chain(invalid) {
                if !cut(&mut text, &piece) {
                    return Self(text);
                }
            }
        }
        Self(text)
    }

    /// The safe text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is any text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for PeerText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PeerText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A line that may quote the other side, octets already escaped: what could forge a line or turn
/// its direction is escaped too.
#[must_use]
pub fn visible(line: &str) -> String {
    line.chars().map(show_character).collect()
}

fn show(character: char) -> String {
    match character {
        '\\' => "\\\\".to_owned(),
        character => show_character(character),
    }
}

fn show_character(character: char) -> String {
    match character {
        character if character.is_control() || formats(character) => {
            character.escape_unicode().to_string()
        }
        character => character.to_string(),
    }
}

/// Characters that are not seen but change how others are: directions, joiners, separators, tags.
const fn formats(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// (threat model T6)
    #[test]
    fn what_could_forge_a_line_is_escaped() {
        for (octets, shown) in [
            (&b"plain text"[..], "plain text"),
            (b"a\r\nb", "a\\u{d}\\u{a}b"),
            (b"\x1b[2J", "\\u{1b}[2J"),
            (b"\xff\\n", "\\xff\\\\n"),
            ("grün \u{202e}".as_bytes(), "grün \\u{202e}"),
        ] {
            assert_eq!(PeerText::new(octets).as_str(), shown);
        }
    }

    /// (threat model T6)
    #[test]
    fn long_texts_are_cut() {
        let text = PeerText::new([0; 5000]);
        assert!(text.as_str().len() <= LONGEST && text.as_str().ends_with('…'));
    }

    proptest! {
        #[test]
        fn any_octets_become_one_short_printable_line(
            octets in prop::collection::vec(any::<u8>(), 0..2000)
        ) {
            let text = PeerText::new(&octets);
            prop_assert!(text.as_str().len() <= LONGEST);
            prop_assert!(!text.as_str().chars().any(|c| c.is_control() || formats(c)));
        }
    }
}
