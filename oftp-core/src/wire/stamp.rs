//! Date and time stamps that identify a Virtual File (RFC 5024 section 1.5.2, CF-23, CF-24).

use std::fmt;

use super::character_set;
use super::error::FieldError;
use super::level::Level;

/// Date and time given to a Virtual File by its originator, never changed on the way.
///
/// A stamp is an identifier, not a moment: impossible dates are carried unchanged (CF-35), and at
/// levels 1.2 and 1.3 any octets are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamp {
    /// Levels 1.2 and 1.3.
    Short {
        /// YYMMDD.
        date: [u8; 6],
        /// HHMMSS.
        time: [u8; 6],
    },
    /// Levels 1.4 and 2.0.
    Long {
        /// CCYYMMDD.
        date: [u8; 8],
        /// HHMMSScccc with a counter of 0001 to 9999; 0000 is accepted (CF-24).
        time: [u8; 10],
    },
}

impl Stamp {
    /// A stamp to be sent: 8 digits CCYYMMDD and 10 digits HHMMSScccc.
    ///
    /// # Errors
    /// [`FieldError::Stamp`] when a part has another width or holds anything but digits.
    pub fn new(date: &str, time: &str) -> Result<Self, FieldError> {
        let date = <[u8; 8]>::try_from(date.as_bytes()).map_err(|_| FieldError::Stamp)?;
        let time = <[u8; 10]>::try_from(time.as_bytes()).map_err(|_| FieldError::Stamp)?;
        if !date.iter().chain(&time).all(u8::is_ascii_digit) {
            return Err(FieldError::Stamp);
        }
        Ok(Self::Long { date, time })
    }

    /// YYMMDD and HHMMSS, all that levels 1.2 and 1.3 carry.
    pub const fn short(&self) -> ([u8; 6], [u8; 6]) {
        match *self {
            Self::Short { date, time } => (date, time),
            Self::Long {
                date: [_, _, d0, d1, d2, d3, d4, d5],
                time,
            } => {
                let [t0, t1, t2, t3, t4, t5, ..] = time;
                ([d0, d1, d2, d3, d4, d5], [t0, t1, t2, t3, t4, t5])
            }
        }
    }

    /// The stamp as `level` carries it.
    ///
    /// Going down, century and counter are lost. Going up, years 70 to 99 belong to the century
    /// 19, all others to 20, and the counter is 0000 (CF-23, CF-24).
    pub const fn for_level(&self, level: Level) -> Self {
        match (*self, level.has_short_stamps()) {
            (Self::Long { .. }, true) => {
                let (date, time) = self.short();
                Self::Short { date, time }
            }
            (Self::Short { date, time }, false) => lengthened(date, time),
            (stamp, _) => stamp,
        }
    }

    /// Whether both may name the same file: on what both hold when either is short (CF-23).
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Long { .. }, Self::Long { .. }) => self == other,
            _ => self.short() == other.short(),
        }
    }

    /// The date as it is sent, 6 or 8 octets.
    pub const fn date(&self) -> &[u8] {
        match self {
            Self::Short { date, .. } => date,
            Self::Long { date, .. } => date,
        }
    }

    /// The time as it is sent, 6 or 10 octets.
    pub const fn time(&self) -> &[u8] {
        match self {
            Self::Short { time, .. } => time,
            Self::Long { time, .. } => time,
        }
    }
}

const fn lengthened(date: [u8; 6], time: [u8; 6]) -> Stamp {
    let [y0, y1, m0, m1, d0, d1] = date;
    let [c0, c1] = if matches!(y0, b'7'..=b'9') {
        *b"19"
    } else {
        *b"20"
    };
    let [h0, h1, n0, n1, s0, s1] = time;
    Stamp::Long {
        date: [c0, c1, y0, y1, m0, m1, d0, d1],
        time: [h0, h1, n0, n1, s0, s1, b'0', b'0', b'0', b'0'],
    }
}

/// Date and time as sent, with a space between; octets that cannot be printed as `\xNN`.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        character_set::write_escaped(f, self.date())?;
        f.write_str(" ")?;
        character_set::write_escaped(f, self.time())
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamp({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Stamp};

    const SHORT: Stamp = Stamp::Short {
        date: *b"970912",
        time: *b"134501",
    };

    #[test]
    fn a_stamp_keeps_what_the_level_carries() {
        let long = Stamp::new("19970912", "1345010001").expect("digits");
        assert_eq!(long.for_level(Level::V1_3), SHORT);
        assert_eq!(long.for_level(Level::V1_4), long);
        let raised = Stamp::new("19970912", "1345010000").expect("digits");
        assert_eq!(SHORT.for_level(Level::V2_0), raised);
        let young = Stamp::Short {
            date: *b"690101",
            time: *b"000000",
        };
        assert_eq!(
            young.for_level(Level::V2_0).to_string(),
            "20690101 0000000000"
        );
    }

    #[test]
    fn matching_uses_what_both_hold() {
        let first = Stamp::new("19970912", "1345010001").expect("digits");
        let second = Stamp::new("19970912", "1345010002").expect("digits");
        assert!(first.matches(&first) && !first.matches(&second));
        assert!(first.matches(&SHORT) && SHORT.matches(&second));
    }

    #[test]
    fn sending_demands_digits() {
        assert!(Stamp::new("1997091", "1345010001").is_err());
        assert!(Stamp::new("1997-9-1", "1345010001").is_err());
        assert!(Stamp::new("19970912", "13450100 1").is_err());
    }
}
