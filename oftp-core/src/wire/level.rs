//! Release levels of ODETTE-FTP (RFC 5024 section 5.3.2, SSIDLEV).

use std::fmt;

/// A release level of the protocol.
///
/// The order is that of SSIDLEV: the lower of the two levels offered holds for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Release 1.2, SSIDLEV 1. Described in neither RFC; the layouts are those of RFC 2204.
    V1_2,
    /// Release 1.3, SSIDLEV 2, the layouts of RFC 2204.
    V1_3,
    /// Release 1.4, SSIDLEV 4: RFC 2204 with long stamps and NERP.
    V1_4,
    /// Release 2.0, SSIDLEV 5, the layouts of RFC 5024.
    V2_0,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::V1_2, Self::V1_3, Self::V1_4, Self::V2_0];

    /// The level of a value of SSIDLEV, 1, 2, 4 or 5; no other value is defined.
    pub const fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            1 => Some(Self::V1_2),
            2 => Some(Self::V1_3),
            4 => Some(Self::V1_4),
            5 => Some(Self::V2_0),
            _ => None,
        }
    }

    /// The value of SSIDLEV, 1, 2, 4 or 5.
    pub const fn digit(self) -> u8 {
        match self {
            Self::V1_2 => 1,
            Self::V1_3 => 2,
            Self::V1_4 => 4,
            Self::V2_0 => 5,
        }
    }

    /// Whether stamps are YYMMDD and HHMMSS (1.2 and 1.3), without century and counter.
    pub const fn has_short_stamps(self) -> bool {
        matches!(self, Self::V1_2 | Self::V1_3)
    }

    /// Whether this is level 2.0, with texts, security fields and all 18 commands.
    pub const fn is_2_0(self) -> bool {
        matches!(self, Self::V2_0)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
            Self::V1_4 => "1.4",
            Self::V2_0 => "2.0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn digits_and_levels_agree_and_keep_their_order() {
        for level in Level::ALL {
            assert_eq!(Level::from_digit(level.digit()), Some(level));
        }
        assert!(Level::ALL.is_sorted_by_key(|level| level.digit()));
        for digit in [0, 3, 6, 7, 8, 9, b'1'] {
            assert_eq!(Level::from_digit(digit), None);
        }
    }
}
