//! Lines of `xxd`, `hexdump -C` and `od -A x -t x1z`: an offset, octets, and a column of text.

use super::input::{InputProblem, digit};

/// As much is filled in for `*`; a wrong offset must not take all memory.
const MOST_REPEATED: u64 = 16 << 20;

/// A dump that is being read.
#[derive(Clone, Debug)]
pub(super) struct Dump {
    kind: Kind,
    /// Offset behind the last line.
    offset: u64,
    /// Octets of the last line.
    last: Vec<u8>,
    /// A `*` stands behind the last line.
    repeats: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Groups of octets behind `offset:`, text behind two blanks.
    Xxd,
    /// Single octets, text, if any, between `|` or between `>` and `<`.
    Octets,
}

impl Dump {
    /// Recognises a dump by its first line. What could be plain digits as well counts as a dump
    /// when its first word is an offset of zeros: no recording begins with three octets of zeros.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let (word, rest) = split_word(line);
        let is_offset = |word: &[u8], least| {
            (least..=16).contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit)
        };
        let kind = if word
            .strip_suffix(b":")
            .is_some_and(|word| is_offset(word, 4))
        {
            Kind::Xxd
        } else {
            let bars = rest.iter().filter(|&&octet| octet == b'|').count();
            let has_text =
                rest.ends_with(b"|") && bars >= 2 || rest.ends_with(b"<") && rest.contains(&b'>');
            let is_start = word.iter().all(|&octet| octet == b'0') && split_word(rest).0.len() == 2;
            if !is_offset(word, 6) || !(has_text || is_start) {
                return None;
            }
            Kind::Octets
        };
        Some(Self {
            kind,
            offset: 0,
            last: Vec::new(),
            repeats: false,
        })
    }

    /// Whether a line is the first of a dump.
    pub(super) fn begins(&self, line: &[u8]) -> bool {
        let (word, rest) = split_word(line);
        !rest.is_empty() && offset(word) == Ok(0)
    }

    /// Forgets the lines before: another dump begins.
    pub(super) fn restart(&mut self) {
        *self = Self {
            kind: self.kind,
            offset: 0,
            last: Vec::new(),
            repeats: false,
        };
    }

    /// Appends the octets of a line.
    pub(super) fn line(&mut self, line: &[u8], octets: &mut Vec<u8>) -> Result<(), InputProblem> {
        let (word, rest) = split_word(line);
        if word == b"*" {
            self.repeats = true;
            return Ok(());
        }
        let offset = offset(word)?;
        if std::mem::take(&mut self.repeats) {
            self.repeat(offset, octets)?;
        }
        self.last = match self.kind {
            Kind::Xxd => groups(rest)?,
            Kind::Octets => singles(rest)?,
        };
        octets.extend_from_slice(&self.last);
        self.offset = offset.saturating_add(self.last.len() as u64);
        Ok(())
    }

    /// Repeats the last line up to an offset.
    fn repeat(&self, offset: u64, octets: &mut Vec<u8>) -> Result<(), InputProblem> {
        let missing = offset.checked_sub(self.offset);
        match missing.filter(|&missing| missing <= MOST_REPEATED && !self.last.is_empty()) {
            Some(missing) => {
                let missing = usize::try_from(missing).unwrap_or(0);
                octets.extend(self.last.iter().cycle().take(missing));
                Ok(())
            }
            None => Err(InputProblem::Repetition),
        }
    }
}

fn offset(word: &[u8]) -> Result<u64, InputProblem> {
    let word = word.strip_suffix(b":").unwrap_or(word);
    word.iter().try_fold(0_u64, |offset, &octet| {
        Ok(offset << 4 | u64::from(digit(octet)?))
    })
}

/// The octets of `4f44 4554  OD ET`.
fn groups(rest: &[u8]) -> Result<Vec<u8>, InputProblem> {
    let end = rest.windows(2).position(|pair| pair == b"  ");
    let digits = &rest[..end.unwrap_or(rest.len())];
    let words = digits.split(|&octet| octet == b' ');
    let mut octets = Vec::with_capacity(digits.len() / 2);
    for word in words {
        pairs(word, &mut octets)?;
    }
    Ok(octets)
}

/// The octets of `4f 44 45 54  |ODET|`.
fn singles(rest: &[u8]) -> Result<Vec<u8>, InputProblem> {
    let mut octets = Vec::with_capacity(rest.len() / 3);
    let words = rest.split(u8::is_ascii_whitespace);
    for word in words.filter(|word| !word.is_empty()) {
        if matches!(word, [b'|' | b'>', ..]) {
            break;
        }
        pairs(word, &mut octets)?;
    }
    Ok(octets)
}

fn pairs(word: &[u8], octets: &mut Vec<u8>) -> Result<(), InputProblem> {
    let (pairs, half) = word.as_chunks::<2>();
    for &[high, low] in pairs {
        octets.push(digit(high)? << 4 | digit(low)?);
    }
    match half {
        [] => Ok(()),
        &[octet, ..] => digit(octet).and(Err(InputProblem::HalfOctet)),
    }
}

/// The first word of a line and what follows it, without the blanks between.
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(u8::is_ascii_whitespace);
    let (word, rest) = line.split_at(end.unwrap_or(line.len()));
    (word, rest.trim_ascii_start())
}
