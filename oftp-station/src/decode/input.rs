//! Octets out of what recordings are kept in: binary files, hex digits, dumps.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::dump::Dump;
use super::{Form, Options};

/// Who sent a part of a recording: `I>` or `>` the Initiator, `R>` or `<` the Responder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Direction {
    /// From the Initiator.
    #[serde(rename = "I")]
    Initiator,
    /// From the Responder.
    #[serde(rename = "R")]
    Responder,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initiator => "I>",
            Self::Responder => "R>",
        })
    }
}

/// Octets that were sent one after the other in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// `None` where the recording does not tell.
    pub(super) direction: Option<Direction>,
    pub(super) octets: Cow<'a, [u8]>,
}

/// A line that is neither hex digits nor a line of the dump that began before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: {problem}; an input is binary, hex digits, or a dump of xxd, hexdump -C or \
     od -A x -t x1z"
)]
pub struct InputError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong in it.
    pub problem: InputProblem,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    /// Something else where hex digits belong.
    #[error("`{}` is no hex digit", octet.escape_ascii())]
    NoDigit {
        /// The first octet of it.
        octet: u8,
    },
    /// A single digit where the octets end.
    #[error("an octet has two hex digits, the last has one")]
    HalfOctet,
    /// A `*` for repeated lines that cannot be filled in.
    #[error("`*` does not tell how much is repeated; make the dump without it (option -v)")]
    Repetition,
}

/// Reads an input into its pieces.
pub(super) fn read<'a>(input: &'a [u8], options: &Options) -> Result<Vec<Piece<'a>>, InputError> {
    let is_binary = match options.form {
        Form::Any => !is_text(input),
        Form::Binary => true,
        Form::Hex => false,
    };
    if is_binary {
        return Ok(vec![Piece {
            direction: None,
            octets: Cow::Borrowed(input),
        }]);
    }
    let mut reader = Reader {
        pieces: Vec::new(),
        dump: None,
        nibble: None,
        one_per_line: !options.headers,
    };
    let mut last = 0;
    for (index, line) in input.split(|&octet| octet == b'\n').enumerate() {
        last = index + 1;
        let at = |problem| InputError {
            line: last,
            problem,
        };
        reader.line(line.trim_ascii()).map_err(at)?;
    }
    reader.end_of_octets().map_err(|problem| InputError {
        line: last,
        problem,
    })?;
    reader.pieces.retain(|piece| !piece.octets.is_empty());
    Ok(reader.pieces)
}

fn is_text(input: &[u8]) -> bool {
    let is_control = |&octet: &u8| octet.is_ascii_control() && !octet.is_ascii_whitespace();
    std::str::from_utf8(input).is_ok() && !input.iter().any(is_control)
}

struct Reader<'a> {
    pieces: Vec<Piece<'a>>,
    /// Whether the lines are those of a dump; told by the first of them.
    dump: Option<Option<Dump>>,
    /// The first digit of an octet whose second has not come yet.
    nibble: Option<u8>,
    one_per_line: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &[u8]) -> Result<(), InputProblem> {
        let (direction, line) = split_mark(line);
        if direction.is_some() {
            self.begin(direction)?;
        }
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(());
        }
        let dump = self.dump.get_or_insert_with(|| Dump::of(line));
        let begins = match dump {
            Some(dump) => dump.begins(line),
            None => true,
        };
        if self.pieces.is_empty() || begins && self.one_per_line {
            let direction = self.pieces.last().and_then(|piece| piece.direction);
            self.begin(direction)?;
        }
        let Some(piece) = self.pieces.last_mut() else {
            return Ok(());
        };
        match &mut self.dump {
            Some(Some(dump)) => dump.line(line, piece.octets.to_mut()),
            _ => digits(line, &mut self.nibble, piece.octets.to_mut()),
        }
    }

    fn begin(&mut self, direction: Option<Direction>) -> Result<(), InputProblem> {
        self.end_of_octets()?;
        if let Some(Some(dump)) = &mut self.dump {
            dump.restart();
        }
        self.pieces.push(Piece {
            direction,
            ..Piece::default()
        });
        Ok(())
    }

    fn end_of_octets(&mut self) -> Result<(), InputProblem> {
        match self.nibble.take() {
            Some(_) => Err(InputProblem::HalfOctet),
            None => Ok(()),
        }
    }
}

fn split_mark(line: &[u8]) -> (Option<Direction>, &[u8]) {
    let (direction, rest) = match line {
        [b'I' | b'i', b'>', rest @ ..] | [b'>', rest @ ..] => (Some(Direction::Initiator), rest),
        [b'R' | b'r', b'>', rest @ ..] | [b'<', rest @ ..] => (Some(Direction::Responder), rest),
        _ => (None, line),
    };
    (direction, rest.trim_ascii())
}

/// Digits with white space anywhere, and a comment behind `#`.
fn digits(line: &[u8], nibble: &mut Option<u8>, octets: &mut Vec<u8>) -> Result<(), InputProblem> {
    for &octet in line.iter().take_while(|&&octet| octet != b'#') {
        if octet.is_ascii_whitespace() {
            continue;
        }
        let digit = digit(octet)?;
        match nibble.take() {
            Some(high) => octets.push(high << 4 | digit),
            None => *nibble = Some(digit),
        }
    }
    Ok(())
}

/// The value of a hex digit.
pub(super) fn digit(octet: u8) -> Result<u8, InputProblem> {
    char::from(octet)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(InputProblem::NoDigit { octet })
}

#[cfg(test)]
mod tests;
