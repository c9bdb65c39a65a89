//! Which level a recorded session has: the lower one of both SSIDs (RFC 5024 section 5.3.2).

use oftp_core::wire::{CommandCode, Level};

use super::input::Direction;
use super::units::Unit;

/// Follows a recording and tells the level of each Exchange Buffer.
///
/// Where directions are marked, the n-th SSIDs of both belong to the same session, in whatever
/// order they were recorded. In a single stream the SSIDs since the last SSRM or ESID do.
#[derive(Debug)]
pub(super) struct Levels {
    default: Level,
    /// Levels of all SSIDs of the Initiator and of the Responder.
    offers: [Vec<Level>; 2],
    /// SSIDs that were passed in each direction.
    passed: [usize; 2],
    /// The lowest of the current session, in a stream without directions.
    lowest: Option<Level>,
    ended: bool,
}

impl Levels {
    pub(super) fn new(units: &[Unit<'_>], default: Option<Level>) -> Self {
        let mut offers = [const { Vec::new() }; 2];
        for unit in units {
            if let (Some(direction), Some(level)) = (unit.direction, offer(unit)) {
                offers[index(direction)].push(level);
            }
        }
        Self {
            default: default.unwrap_or(Level::V2_0),
            offers,
            passed: [0; 2],
            lowest: None,
            ended: false,
        }
    }

    /// The level of the next Exchange Buffer.
    pub(super) fn next(&mut self, unit: &Unit<'_>) -> Level {
        let level = match unit.direction {
            Some(direction) => self.marked(unit, index(direction)),
            None => self.single(unit),
        };
        level.unwrap_or(self.default)
    }

    fn marked(&mut self, unit: &Unit<'_>, direction: usize) -> Option<Level> {
        if offer(unit).is_some() {
            self.passed[direction] += 1;
        }
        let session = self.passed[direction].checked_sub(1)?;
        let offers = self.offers.iter().filter_map(|offers| offers.get(session));
        offers.min().copied()
    }

    fn single(&mut self, unit: &Unit<'_>) -> Option<Level> {
        if self.ended || unit.code() == Some(CommandCode::Ssrm) {
            self.lowest = None;
        }
        self.ended = unit.code() == Some(CommandCode::Esid);
        let offers = self.lowest.into_iter().chain(offer(unit));
        self.lowest = offers.min();
        self.lowest
    }
}

const fn index(direction: Direction) -> usize {
    match direction {
        Direction::Initiator => 0,
        Direction::Responder => 1,
    }
}

/// The level that an SSID offers; digits that are not defined as a station would take them.
fn offer(unit: &Unit<'_>) -> Option<Level> {
    if unit.code() != Some(CommandCode::Ssid) {
        return None;
    }
    match unit.octets.get(1)?.wrapping_sub(b'0') {
        3 => Some(Level::V1_3),
        6..=9 => Some(Level::V2_0),
        digit => Level::from_digit(digit),
    }
}
