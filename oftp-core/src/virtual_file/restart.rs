//! Restart positions (RFC 5024 sections 1.5.4, 4.3.3, 5.3.3 SFIDREST and 5.3.4 SFPAACNT).
//!
//! A position is a number of records for plain F and V files and a number of 1K blocks for all
//! others. What a peer announces has up to 17 digits; as a number of octets that can need more
//! than 64 bits, so positions are compared as counts and turned into octets afterwards (DX-14).

use super::size::BLOCK_OCTETS;
use super::structure::Structure;
use crate::wire::RecordFormat;

/// A place in a Virtual File where a transmission can go on, counted from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RestartPosition {
    count: u64,
    octets: u64,
}

/// A position that lies further into a file than 64 bits can say in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "restart position {count} lies beyond octet {} of the file: offer or answer a smaller one",
    u64::MAX
)]
pub struct RestartOverflow {
    /// The position in records or blocks.
    pub count: u64,
}

impl RestartPosition {
    /// The start of the file.
    pub const START: Self = Self {
        count: 0,
        octets: 0,
    };

    /// The position after `count` records or blocks. `record_octets` is the length of the first
    /// `count` records of a V file in octets, which only the user knows; other files ignore it.
    ///
    /// # Errors
    ///
    /// The position does not fit into 64 bits as octets.
    pub fn new(
        structure: Structure,
        count: u64,
        record_octets: u64,
    ) -> Result<Self, RestartOverflow> {
        let octets = match unit(structure) {
            Unit::Octets(unit) => count.checked_mul(unit).ok_or(RestartOverflow { count })?,
            Unit::Variable => record_octets,
        };
        Ok(Self { count, octets })
    }

    /// The last position in what is safely held: `octets` octets that contain `records` complete
    /// records. For a V file `octets` must end with the last complete record, which only the
    /// user can tell; for other files an incomplete record or block is left out here.
    #[must_use]
    pub fn held(structure: Structure, octets: u64, records: u64) -> Self {
        match unit(structure) {
            Unit::Octets(unit) => {
                let whole = octets.checked_div(unit).unwrap_or(0);
                let count = if structure.has_records() {
                    whole.min(records)
                } else {
                    whole
                };
                // No overflow: count is at most octets / unit.
                Self {
                    count,
                    octets: count.saturating_mul(unit),
                }
            }
            Unit::Variable => Self {
                count: records,
                octets,
            },
        }
    }

    /// Records or blocks before the position: SFIDREST or SFPAACNT.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Octets before the position, which is where the file goes on counted from 0.
    #[must_use]
    pub const fn octets(self) -> u64 {
        self.octets
    }

    /// The Listener's answer to an offer: the largest count that is neither beyond the offer nor
    /// beyond what is held (section 4.3.3, DX-10).
    #[must_use]
    pub fn answer(offered: u64, held: Self) -> u64 {
        offered.min(held.count)
    }
}

enum Unit {
    Octets(u64),
    /// Every record has its own length.
    Variable,
}

fn unit(structure: Structure) -> Unit {
    match structure.format() {
        _ if !structure.has_records() => Unit::Octets(BLOCK_OCTETS),
        RecordFormat::F => Unit::Octets(u64::from(structure.lrecl())),
        _ => Unit::Variable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (threat model N9)
    #[test]
    fn seventeen_digits_are_compared_without_overflow() {
        let stream = Structure::new(RecordFormat::U, 0, false);
        let most = 99_999_999_999_999_999;
        assert_eq!(
            RestartPosition::new(stream, most, 0),
            Err(RestartOverflow { count: most })
        );
        let held = RestartPosition::held(stream, 5000, 0);
        assert_eq!(RestartPosition::answer(most, held), 4);
    }

    #[test]
    fn an_f_file_restarts_after_complete_records() {
        let fixed = Structure::new(RecordFormat::F, 80, false);
        let held = RestartPosition::held(fixed, 805, 10);
        assert_eq!((held.count(), held.octets()), (10, 800));
        let held = RestartPosition::held(Structure::new(RecordFormat::F, 0, false), 805, 10);
        assert_eq!(held, RestartPosition::START);
    }
}
