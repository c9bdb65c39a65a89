//! Reading recorded sessions for `oftp decode`: octets as they were sent, or a hex dump.

mod hex;

pub use self::hex::HexError;

use crate::args::Form;

/// A recording, cut where its writer changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The pieces in order; a recording without marks is one piece.
    pub pieces: Vec<Piece>,
}

/// What one side sent until the other did, or an unmarked piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Who sent it, where the dump says so.
    pub mark: Option<Mark>,
    /// What was sent.
    pub octets: Vec<u8>,
}

/// Who sent a line of a hex dump: `I>` or `>` the Initiator, `R>` or `<` the Responder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The side that called.
    Initiator,
    /// The side that was called.
    Responder,
}

/// Reads a recording. With [`Form::Auto`] it is a hex dump if it can be read as one: the stream of
/// a session never can, as its first octet is no printable character (RFC 5024 section 8.2).
///
/// # Errors
/// The form is [`Form::Hex`] and the recording is no hex dump; or it is [`Form::Auto`] and the
/// recording is text but no hex dump.
pub fn read(input: &[u8], form: Form) -> Result<Recording, HexError> {
    let raw = || Recording {
        pieces: vec![Piece {
            mark: None,
            octets: input.to_vec(),
        }],
    };
    match form {
        Form::Raw => Ok(raw()),
        Form::Hex => hex::read(&String::from_utf8_lossy(input)),
        Form::Auto => match std::str::from_utf8(input) {
            Ok(text) if text.chars().all(is_text) => hex::read(text),
            _ => Ok(raw()),
        },
    }
}

fn is_text(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\t') || !character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSRM: &[u8] = b"\x10\0\0\x17IODETTE FTP READY \r";

    #[test]
    fn the_form_is_found() {
        let dump: String = SSRM.iter().map(|octet| format!("{octet:02x}")).collect();
        let read = |input: &[u8]| {
            read(input, Form::Auto)
                .expect("readable")
                .pieces
                .remove(0)
                .octets
        };
        assert_eq!(read(SSRM), SSRM);
        assert_eq!(read(dump.as_bytes()), SSRM);
        assert_eq!(read(b""), b"");
    }

    #[test]
    fn a_given_form_is_kept() {
        let raw = read(b"1000", Form::Raw).expect("raw");
        assert_eq!(raw.pieces[0].octets, b"1000");
        read(SSRM, Form::Hex).expect_err("no dump");
        read(b"Dear colleague,", Form::Auto).expect_err("neither");
    }
}
/// One line for a command of the trace.
#[must_use]
pub fn summary(octets: &[u8], len: usize, level: oftp_core::wire::Level) -> String {
    let explained = oftp_core::wire::explain(octets, level);
    let name = explained.command.map_or("?", |code| code.name());
    format!("{name} ({len} octets)")
}
