//! Hex dumps: xxd, hexdump -C, od -A x -t x1 and plain digits, with or without marks of who sent.

use thiserror::Error;

use super::{Mark, Piece, Recording};

/// A line that is no part of a hex dump.
#[derive(Debug, Error)]
pub enum HexError {
    /// Something is not two hexadecimal digits for each octet.
    #[error(
        "line {line} of the hex dump: `{found}` is not hexadecimal; for octets as they were sent \
         use --raw"
    )]
    NotHexadecimal {
        /// The number of the line, from 1.
        line: usize,
        /// What stands there, at most 20 characters.
        found: String,
    },
    /// Repeated lines are left out.
    #[error("line {line} of the hex dump: `*` leaves lines out; dump again with option -v")]
    LeftOut {
        /// The number of the line, from 1.
        line: usize,
    },
}

/// Reads a whole dump.
pub(super) fn read(text: &str) -> Result<Recording, HexError> {
    let mut pieces: Vec<Piece> = Vec::new();
    // What offsets count: restarts where a dump begins again.
    let mut offset = 0;
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let (mark, digits) = without_mark(line);
        if digits == "*" {
            return Err(HexError::LeftOut { line: line_number });
        }
        let octets = line_octets(digits, &mut offset).map_err(|found| {
            let found = found
                .chars()
                .take(20)
                .flat_map(char::escape_default)
                .collect();
            HexError::NotHexadecimal {
                line: line_number,
                found,
            }
        })?;
        match pieces.last_mut() {
            Some(piece) if mark.is_none() || piece.mark == mark => piece.octets.extend(octets),
            _ => pieces.push(Piece { mark, octets }),
        }
    }
    if pieces.is_empty() {
        pieces.push(Piece {
            mark: None,
            octets: Vec::new(),
        });
    }
    Ok(Recording { pieces })
}

/// A line without mark goes on where the line before it ended.
fn without_mark(line: &str) -> (Option<Mark>, &str) {
    let line = line.trim();
    for (text, mark) in [
        ("I>", Mark::Initiator),
        (">", Mark::Initiator),
        ("R>", Mark::Responder),
        ("<", Mark::Responder),
    ] {
        if let Some(rest) = line.strip_prefix(text) {
            return (Some(mark), rest.trim_start());
        }
    }
    (None, line)
}

/// The octets of one line, or what cannot be read in it. `offset` counts them.
fn line_octets<'a>(line: &'a str, offset: &mut usize) -> Result<Vec<u8>, &'a str> {
    let digits = digits_of(line, offset);
    let mut octets = Vec::new();
    for word in digits
        .split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
    {
        let pairs = word.strip_prefix("0x").unwrap_or(word);
        if !pairs.len().is_multiple_of(2) {
            return Err(word);
        }
        for pair in pairs.as_bytes().chunks_exact(2) {
            let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
            let (Some(high), Some(low)) = (high, low) else {
                return Err(word);
            };
            // Two digits make at most 255.
            octets.push((high << 4 | low) as u8);
        }
    }
    *offset += octets.len();
    Ok(octets)
}

/// Takes away the offset on the left and the octets as characters on the right.
fn digits_of<'a>(line: &'a str, offset: &mut usize) -> &'a str {
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    if let Some(number) = word.strip_suffix(':')
        && let Ok(number) = usize::from_str_radix(number, 16)
    {
        // xxd: two blanks before the characters, and nowhere else.
        *offset = number;
        let rest = rest.trim_start();
        return rest.split_once("  ").map_or(rest, |(digits, _)| digits);
    }
    let digits = if is_offset(word, rest, offset) {
        rest
    } else {
        line
    };
    // hexdump -C: the first bar cannot be one of the characters.
    digits.split_once('|').map_or(digits, |(digits, _)| digits)
}

/// Whether the first word of a line says how many octets came before, in hexadecimal digits
/// (hexdump, od -A x) or octal ones (od), rather than what the octets are. Zeros begin a new dump.
fn is_offset(word: &str, rest: &str, offset: &mut usize) -> bool {
    let says = |count| {
        [16, 8]
            .iter()
            .any(|&radix| usize::from_str_radix(word, radix) == Ok(count))
    };
    if !(6..=8).contains(&word.len()) {
        return false;
    }
    match rest.split_whitespace().next() {
        Some(next) if next.len() == 2 && says(0) => {
            *offset = 0;
            true
        }
        Some(next) => next.len() == 2 && says(*offset),
        // The last line of hexdump and od has nothing but the length of all.
        None => *offset > 0 && says(*offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(text: &str) -> Vec<u8> {
        let mut recording = read(text).expect("dump");
        assert_eq!(recording.pieces.len(), 1);
        recording.pieces.remove(0).octets
    }

    const SSRM: &[u8] = b"\x10\0\0\x17IODETTE FTP READY \r";

    #[test]
    fn xxd() {
        let dump = "00000000: 1000 0017 494f 4445 5454 4520 4654 5020  ....IODETTE FTP \n\
                    00000010: 5245 4144 5920 0d                        READY .\n";
        assert_eq!(octets(dump), SSRM);
    }

    #[test]
    fn characters_that_look_like_digits_are_not_read() {
        assert_eq!(
            octets("00000000: 6162 6364  abcd\n00000004: 61  a"),
            b"abcda"
        );
        assert_eq!(octets("00000000  61 62 7c 64  |ab|d|\n00000004\n"), b"ab|d");
    }

    #[test]
    fn hexdump() {
        let dump = "00000000  10 00 00 17 49 4f 44 45  54 54 45 20 46 54 50 20  |....IODETTE FTP |\n\
                    00000010  52 45 41 44 59 20 0d                              |READY .|\n\
                    00000017\n";
        assert_eq!(octets(dump), SSRM);
    }

    #[test]
    fn od() {
        let head = "10 00 00 17 49 4f 44 45 54 54 45 20 46 54 50 20";
        let tail = "52 45 41 44 59 20 0d";
        for [first, second, last] in [
            ["000000", "000010", "000017"],
            ["0000000", "0000020", "0000027"],
        ] {
            assert_eq!(
                octets(&format!("{first} {head}\n{second} {tail}\n{last}\n")),
                SSRM
            );
        }
    }

    #[test]
    fn plain_digits() {
        assert_eq!(octets("10000017494F44\n45"), b"\x10\0\0\x17IODE");
        assert_eq!(octets("10 00 00 17  49 4F"), b"\x10\0\0\x17IO");
        assert_eq!(octets("0x10, 0x00,\t0x00, 0x17"), b"\x10\0\0\x17");
        assert_eq!(octets("000000"), [0, 0, 0]);
    }

    #[test]
    fn marks_cut_the_recording() {
        let recording = read("R> 10 00\n   00 05\nI> 43\n> 44\n< 45").expect("dump");
        let pieces: Vec<_> = recording
            .pieces
            .iter()
            .map(|piece| (piece.mark, piece.octets.as_slice()))
            .collect();
        assert_eq!(
            pieces,
            [
                (Some(Mark::Responder), &b"\x10\0\0\x05"[..]),
                (Some(Mark::Initiator), b"CD"),
                (Some(Mark::Responder), b"E"),
            ]
        );
    }

    #[test]
    fn faults_name_the_line() {
        let fault = |text| read(text).expect_err("fault").to_string();
        assert!(fault("10 00\n10 0").starts_with("line 2 of the hex dump: `0`"));
        assert!(fault("hello").contains("--raw"));
        assert!(fault("00000000  00 00  |..|\n*\n").contains("-v"));
        assert!(!fault("\u{1b}[2J\u{1b}").contains('\u{1b}'));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-fA-F:| x*<>IR\n\\PC]{0,200}") {
            let _ = read(&text);
        }
    }
}
