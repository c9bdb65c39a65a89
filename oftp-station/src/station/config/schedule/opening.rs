//! Whether it is time to call, and when it will be.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::{Schedule, Window};

/// A window opens within so many days, even where the change to summer time swallows one.
const DAYS_AHEAD: i32 = 15;

impl Schedule {
    /// Whether a partner may be called at this moment. The clock on the wall counts: an hour that
    /// comes twice is open twice.
    #[must_use]
    pub fn is_open(&self, now: &Zoned) -> bool {
        self.windows.is_empty()
            || self
                .windows
                .iter()
                .any(|window| window.holds(now.datetime()))
    }

    /// How long until a partner may be called: zero where it may now; `None`: at no time that can
    /// be told.
    #[must_use]
    pub fn next_opening(&self, now: &Zoned) -> Option<Duration> {
        if self.is_open(now) {
            return Some(Duration::ZERO);
        }
        let zone = now.time_zone();
        let begins = self.begins(now).into_iter();
        // Where the clock is put forward into the middle of a window, that moment opens it.
        let jumps = zone.following(now.timestamp()).take(4);
        let opening = begins
            .chain(jumps.map(|jump| jump.timestamp()))
            .filter(|&at| at > now.timestamp() && self.is_open(&at.to_zoned(zone.clone())))
            .min()?;
        Duration::try_from(opening.duration_since(now.timestamp())).ok()
    }

    /// The moments of the next days at which the clock shows the beginning of a window.
    fn begins(&self, now: &Zoned) -> Vec<Timestamp> {
        let mut begins = Vec::new();
        let zone = now.time_zone();
        for ahead in 0..=DAYS_AHEAD {
            let Ok(date) = now.date().checked_add(ahead.days()) else {
                continue;
            };
            for window in &self.windows {
                begins.extend(moments(zone, date.to_datetime(window.from)));
            }
        }
        begins
    }
}

/// The moments at which a clock shows this time: two where an hour comes twice.
fn moments(zone: &TimeZone, time: DateTime) -> impl Iterator<Item = Timestamp> {
    let first = zone.to_ambiguous_timestamp(time).earlier().ok();
    let second = zone.to_ambiguous_timestamp(time).later().ok();
    first.into_iter().chain(second)
}

impl Window {
    /// Whether this time of a clock is within it.
    fn holds(&self, now: DateTime) -> bool {
        let time = now.time();
        let on = |day| self.days.is_empty() || self.days.contains(&day);
        let today = on(now.weekday());
        if self.from < self.until {
            return today && self.from <= time && time < self.until;
        }
        // Over midnight: the evening of its own day, the morning of the next.
        let yesterday = on(now.weekday().previous());
        today && self.from <= time || yesterday && time < self.until
    }
}
