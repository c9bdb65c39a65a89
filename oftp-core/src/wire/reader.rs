//! The decoder's fields: reads what the cursor has split; what does not fit is reason 06.

use super::cursor::Fields;
use super::error::{Problem, Shown, WireError};
use super::quirks::Quirks;
use super::stamp::Stamp;
use super::string::X;
use super::text::Text;

impl Fields<'_> {
    /// A string.
    pub(super) fn string<const N: usize>(&self, name: &str) -> X<N> {
        X::from_octets(self.octets(name))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Text {
        Text::from_octets(self.octets(name))
    }

    /// A number of at most 17 digits.
    pub(super) fn number(&mut self, name: &'static str) -> Result<u64, WireError> {
        let Some((octets, offset)) = self.get(name) else {
            return Ok(0);
        };
        if let Some(value) = digits(octets) {
            return Ok(value);
        }
        let fault = self.invalid(
            name,
            offset,
            Problem::NotDigits {
                value: Shown::new(octets),
            },
        );
        let Some(value) = padded_digits(octets) else {
            return Err(fault);
        };
        self.tolerate(Quirks::BLANK_NUMERICS, fault).map(|()| value)
    }

    /// A reason of two digits. A blank one is never tolerated: it has no certain meaning.
    pub(super) fn reason(&mut self, name: &'static str) -> Result<u8, WireError> {
        if let Some((octets, offset)) = self.get(name).filter(|(octets, _)| is_blank(octets)) {
            let problem = Problem::NotDigits {
                value: Shown::new(octets),
            };
            return Err(self.invalid(name, offset, problem));
        }
        // Two digits always fit.
        Ok(u8::try_from(self.number(name)?).unwrap_or(99))
    }

    /// Y or N.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<bool, WireError> {
        match self.octets(name) {
            b"Y" => Ok(true),
            b"N" | b"" => Ok(false),
            _ => Err(self.not_allowed(name, "Y, N")),
        }
    }

    /// Date and time; digits where they are long (CF-35).
    pub(super) fn stamp(
        &mut self,
        date: &'static str,
        time: &'static str,
    ) -> Result<Stamp, WireError> {
        let (day, clock) = (self.octets(date), self.octets(time));
        if let (Ok(date), Ok(time)) = (<[u8; 6]>::try_from(day), <[u8; 6]>::try_from(clock)) {
            return Ok(Stamp::Short { date, time });
        }
        self.stamp_digits(date)?;
        self.stamp_digits(time)?;
        let (mut date, mut time) = ([b' '; 8], [b' '; 10]);
        date.iter_mut().zip(day).for_each(|(to, from)| *to = *from);
        time.iter_mut()
            .zip(clock)
            .for_each(|(to, from)| *to = *from);
        Ok(Stamp::Long { date, time })
    }

    /// The carriage return at the end, 0D or 8D hex.
    pub(super) fn carriage_return(&mut self, name: &'static str) -> Result<(), WireError> {
        match self.octets(name) {
            b"\r" | b"\x8d" | b"" => Ok(()),
            _ => {
                let fault = self.not_allowed(name, "0D, 8D hex");
                self.tolerate(Quirks::ANY_CR, fault)
            }
        }
    }

    /// Digits of a long stamp; with the quirk also spaces, which are kept and echoed as they came.
    fn stamp_digits(&mut self, name: &'static str) -> Result<(), WireError> {
        let octets = self.octets(name);
        if octets.iter().all(u8::is_ascii_digit) {
            return Ok(());
        }
        let offset = self.get(name).map_or(0, |(_, offset)| offset);
        let fault = self.invalid(
            name,
            offset,
            Problem::NotDigits {
                value: Shown::new(octets),
            },
        );
        if octets
            .iter()
            .all(|octet| octet.is_ascii_digit() || *octet == b' ')
        {
            return self.tolerate(Quirks::BLANK_NUMERICS, fault);
        }
        Err(fault)
    }
}

/// The number that 1 to 17 digits are.
fn digits(octets: &[u8]) -> Option<u64> {
    if octets.is_empty() || octets.len() > 17 || !octets.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        octets
            .iter()
            .fold(0, |value, octet| value * 10 + u64::from(octet - b'0')),
    )
}

/// The number that digits with spaces before or after them are; 0 for spaces alone.
fn padded_digits(octets: &[u8]) -> Option<u64> {
    let is_digit = |octet: &u8| *octet != b' ';
    let Some(first) = octets.iter().position(is_digit) else {
        return Some(0);
    };
    let last = octets.iter().rposition(is_digit)?;
    digits(octets.get(first..=last)?)
}

fn is_blank(octets: &[u8]) -> bool {
    octets.iter().all(|&octet| octet == b' ')
}
