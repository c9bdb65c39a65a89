//! Named tolerances: what a partner may do beyond the letter of the RFC.
//!
//! RFC 5024 section 8.2 asks to be liberal in what is accepted. Each tolerance has a name, so that
//! it can be switched off per partner and reported when it was needed.

use std::fmt;
use std::str::FromStr;

/// A set of named tolerances.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Quirks(u32);

impl Quirks {
    /// No tolerance: every deviation is answered as the RFC says.
    pub const STRICT: Self = Self(0);
    /// CR missing in SSRM, SSID or ESID, or another octet in its place.
    pub const ANY_CR: Self = Self(1);
    /// Up to 256 octets after the last known field.
    pub const TRAILING_OCTETS: Self = Self(1 << 1);
    /// Blank or left-justified numeric fields; SSIDAUTH blank at level 2.0 means N.
    pub const BLANK_NUMERICS: Self = Self(1 << 2);
    /// SFIDLRECL other than 0 for formats U and T.
    pub const ANY_LRECL: Self = Self(1 << 3);
    /// EFIDRCNT other than 0 for an unsecured file of format U or T.
    pub const ANY_RCNT: Self = Self(1 << 4);
    /// CDT of 1 or 2 octets.
    pub const SHORT_CDT: Self = Self(1 << 5);
    /// CDT after EFID (state CLOP).
    pub const LATE_CDT: Self = Self(1 << 6);
    /// One CD straight back after an unsolicited CD.
    pub const CD_BOUNCE: Self = Self(1 << 7);
    /// EERP of level 2.0 that ends before its hash length (106 octets) or signature length (108).
    pub const SHORT_EERP: Self = Self(1 << 8);
    /// NERP of level 2.0 that ends after NERPREAS (128 octets) or after its text.
    pub const SHORT_NERP: Self = Self(1 << 9);
    /// Hash and signature lengths of EERP and NERP as two digits instead of binary.
    pub const DIGIT_LENGTHS: Self = Self(1 << 10);
    /// A duplicate file is taken and thrown away instead of refused.
    pub const DUPLICATE_DISCARD: Self = Self(1 << 11);
    /// The default for every partner: all but the last two.
    pub const TOLERANT: Self = Self((1 << 10) - 1);

    /// The set of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no tolerance is in this set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds all of `other`.
    pub const fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The single tolerances of this set.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        NAMES
            .iter()
            .map(|&(quirk, _)| quirk)
            .filter(move |&quirk| self.contains(quirk))
    }

    /// The names of this set, as a configuration writes them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .iter()
            .filter(move |&&(quirk, _)| self.contains(quirk))
            .map(|&(_, name)| name)
    }
}

#[rustfmt::skip]
const NAMES: &[(Quirks, &str)] = &[
    (Quirks::ANY_CR,            "any_cr"),
    (Quirks::TRAILING_OCTETS,   "trailing_octets"),
    (Quirks::BLANK_NUMERICS,    "blank_numerics"),
    (Quirks::ANY_LRECL,         "any_lrecl"),
    (Quirks::ANY_RCNT,          "any_rcnt"),
    (Quirks::SHORT_CDT,         "short_cdt"),
    (Quirks::LATE_CDT,          "late_cdt"),
    (Quirks::CD_BOUNCE,         "cd_bounce"),
    (Quirks::SHORT_EERP,        "short_eerp"),
    (Quirks::SHORT_NERP,        "short_nerp"),
    (Quirks::DIGIT_LENGTHS,     "digit_lengths"),
    (Quirks::DUPLICATE_DISCARD, "duplicate=discard"),
];

/// A name that is no tolerance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no quirk; known are strict, tolerant, {}", known())]
pub struct UnknownQuirk {
    name: String,
}

fn known() -> String {
    NAMES
        .iter()
        .map(|&(_, name)| name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Reads names with commas between them, as in `any_cr, short_cdt`; also `strict` and `tolerant`.
impl FromStr for Quirks {
    type Err = UnknownQuirk;

    fn from_str(text: &str) -> Result<Self, UnknownQuirk> {
        let mut quirks = Self::STRICT;
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            quirks.insert(match name {
                "strict" => Self::STRICT,
                "tolerant" => Self::TOLERANT,
                "duplicate_discard" => Self::DUPLICATE_DISCARD,
                _ => named(name).ok_or_else(|| UnknownQuirk {
                    name: name.to_owned(),
                })?,
            });
        }
        Ok(quirks)
    }
}

fn named(wanted: &str) -> Option<Quirks> {
    NAMES
        .iter()
        .find(|&&(_, name)| name == wanted)
        .map(|&(quirk, _)| quirk)
}

/// The names with commas between them; `strict` for none.
impl fmt::Display for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("strict");
        }
        for (index, name) in self.names().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quirks({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, Quirks};

    #[test]
    fn names_can_be_written_and_read() {
        for &(quirk, name) in NAMES {
            assert_eq!(name.parse(), Ok(quirk));
            assert_eq!(quirk.iter().collect::<Vec<_>>(), [quirk]);
        }
        assert_eq!(Quirks::TOLERANT.to_string().parse(), Ok(Quirks::TOLERANT));
        assert_eq!("strict".parse(), Ok(Quirks::STRICT));
        let unknown = "any_cr, any_thing"
            .parse::<Quirks>()
            .map_err(|error| error.to_string());
        assert!(unknown.is_err_and(|text| text.starts_with("`any_thing` is no quirk")));
    }

    #[test]
    fn two_are_off_by_default() {
        let off = Quirks::DIGIT_LENGTHS.union(Quirks::DUPLICATE_DISCARD);
        let all = NAMES
            .iter()
            .fold(Quirks::STRICT, |all, &(quirk, _)| all.union(quirk));
        assert_eq!(all.without(Quirks::TOLERANT), off);
    }
}
