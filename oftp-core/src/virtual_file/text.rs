//! What a text file may hold (RFC 5024 section 1.5.3, format T): ASCII without control
//! characters but CR-LF, which ends a line of at most 2048 characters.
//!
//! The sender checks; the receiver does not reject on these grounds (DX-09).

/// Characters a line may have, CR-LF not counted.
pub const MAX_LINE: u32 = 2048;

const CR: u8 = b'\r';
const LF: u8 = b'\n';

/// Checks a T file while it is read, in pieces of any size.
#[derive(Clone, Copy, Debug)]
pub struct TextChecker {
    offset: u64,
    line: u64,
    characters: u32,
    after_cr: bool,
}

/// Where and why a file is not a T file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, octet {offset} of the file: {problem}; a T file cannot hold this, U can")]
pub struct TextError {
    /// Line, counted from 1.
    pub line: u64,
    /// Octets of the file before the place.
    pub offset: u64,
    /// What is wrong there.
    pub problem: TextProblem,
}

/// What a T file may not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// A control character other than CR-LF, DEL (7F hex) among them.
    #[error("control character {0:02X} hex")]
    ControlCharacter(u8),
    /// An octet above 7F hex.
    #[error("octet {0:02X} hex is not ASCII")]
    NotAscii(u8),
    /// A CR that no LF follows.
    #[error("CR without LF")]
    CrWithoutLf,
    /// An LF that follows no CR.
    #[error("LF without CR")]
    LfWithoutCr,
    /// The 2049th character of a line.
    #[error("line longer than {MAX_LINE} characters")]
    LineTooLong,
}

impl Default for TextChecker {
    fn default() -> Self {
        Self::new()
    }
}

impl TextChecker {
    /// The start of a file.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            offset: 0,
            line: 1,
            characters: 0,
            after_cr: false,
        }
    }

    /// Checks the next octets of the file.
    ///
    /// # Errors
    ///
    /// The first place that a T file cannot have; the checker stays there.
    pub fn check(&mut self, octets: &[u8]) -> Result<(), TextError> {
        let mut rest = octets;
        loop {
            if !self.after_cr {
                rest = self.skip_printable(rest)?;
            }
            let Some((&octet, behind)) = rest.split_first() else {
                return Ok(());
            };
            self.control(octet)?;
            rest = behind;
        }
    }

    /// Checks the end of the file. The last line need not end with CR-LF.
    ///
    /// # Errors
    ///
    /// The file ends with a CR.
    pub fn finish(&self) -> Result<(), TextError> {
        if self.after_cr {
            Err(self.cr_without_lf())
        } else {
            Ok(())
        }
    }

    fn skip_printable<'o>(&mut self, octets: &'o [u8]) -> Result<&'o [u8], TextError> {
        let (printable, rest) = octets.split_at(printable_octets(octets));
        let room = (MAX_LINE - self.characters) as usize;
        if printable.len() > room {
            self.offset = self.offset.saturating_add(room as u64);
            self.characters = MAX_LINE;
            return Err(self.error(TextProblem::LineTooLong));
        }
        self.offset = self.offset.saturating_add(printable.len() as u64);
        self.characters += printable.len() as u32;
        Ok(rest)
    }

    /// Takes an octet that is not printable, or any octet after a CR.
    fn control(&mut self, octet: u8) -> Result<(), TextError> {
        match octet {
            LF if self.after_cr => {
                self.line = self.line.saturating_add(1);
                self.characters = 0;
                self.after_cr = false;
            }
            _ if self.after_cr => return Err(self.cr_without_lf()),
            CR => self.after_cr = true,
            LF => return Err(self.error(TextProblem::LfWithoutCr)),
            0x80.. => return Err(self.error(TextProblem::NotAscii(octet))),
            _ => return Err(self.error(TextProblem::ControlCharacter(octet))),
        }
        self.offset = self.offset.saturating_add(1);
        Ok(())
    }

    fn error(&self, problem: TextProblem) -> TextError {
        TextError {
            line: self.line,
            offset: self.offset,
            problem,
        }
    }

    fn cr_without_lf(&self) -> TextError {
        let offset = self.offset.saturating_sub(1);
        TextError {
            offset,
            ..self.error(TextProblem::CrWithoutLf)
        }
    }
}

/// How many octets at the start are printable ASCII; whole blocks are looked at as vectors.
fn printable_octets(octets: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let printable = |octet: &u8| (0x20..0x7f).contains(octet);
    let (blocks, _) = octets.as_chunks::<BLOCK>();
    let all = |block: &[u8; BLOCK]| block.iter().fold(true, |all, octet| all & printable(octet));
    let counted = blocks.iter().take_while(|block| all(block)).count() * BLOCK;
    counted
        + octets[counted..]
            .iter()
            .take_while(|octet| printable(octet))
            .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&[u8]]) -> Result<(), TextError> {
        let mut checker = TextChecker::new();
        for piece in pieces {
            checker.check(piece)?;
        }
        checker.finish()
    }

    #[test]
    fn the_error_says_where_however_the_file_is_cut() {
        let file = b"first\r\nsecond line, which is longer than one block\r\nab\x1a";
        for cut in 0..=file.len() {
            let (start, end) = file.split_at(cut);
            let error = check(&[start, end]).expect_err("1A is a control character");
            let problem = TextProblem::ControlCharacter(0x1a);
            assert_eq!(
                error,
                TextError {
                    line: 3,
                    offset: file.len() as u64 - 1,
                    problem
                }
            );
        }
    }

    #[test]
    fn cr_and_lf_belong_together() {
        let at = |line, offset, problem| {
            Err(TextError {
                line,
                offset,
                problem,
            })
        };
        assert_eq!(check(&[b"a\r", b"\nb"]), Ok(()));
        assert_eq!(check(&[b"a\nb"]), at(1, 1, TextProblem::LfWithoutCr));
        assert_eq!(check(&[b"a\r", b"b"]), at(1, 1, TextProblem::CrWithoutLf));
        assert_eq!(check(&[b"a\r\r\n"]), at(1, 1, TextProblem::CrWithoutLf));
        assert_eq!(check(&[b"a\r"]), at(1, 1, TextProblem::CrWithoutLf));
    }

    #[test]
    fn a_line_has_at_most_2048_characters_however_it_is_cut() {
        let line = [b'x'; 2049];
        for cut in [0, 1, 1000, 2047, 2048] {
            assert_eq!(
                check(&[&line[..cut], &line[cut..2048], b"\r\n", &line[1..]]),
                Ok(())
            );
            let error = check(&[b"\r\n", &line[..cut], &line[cut..]]).expect_err("too long");
            let problem = TextProblem::LineTooLong;
            assert_eq!(
                error,
                TextError {
                    line: 2,
                    offset: 2050,
                    problem
                }
            );
        }
    }

    #[test]
    fn the_message_names_line_and_octet() {
        let error = check(&[b"a\tb"]).expect_err("TAB");
        assert_eq!(
            error.to_string(),
            "line 1, octet 1 of the file: control character 09 hex; \
             a T file cannot hold this, U can"
        );
        assert_eq!(
            check(&[b"\xe4"]).map_err(|e| e.problem),
            Err(TextProblem::NotAscii(0xe4))
        );
    }
}
