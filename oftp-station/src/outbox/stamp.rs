//! The stamps of a Virtual File (SFIDDATE and SFIDTIME, RFC 5024 section 5.3.3).
//!
//! Dataset name, date and time make a file unique between its originator and its destination. A
//! clock alone cannot promise that: two files may share a second, and an hour repeats when
//! summer time ends. So a stamp is the local time, or the next one that is still free.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A stamp in the long form, local time of the sender: `CCYYMMDD`, `HHMMSScccc`.
///
/// The counter is 0001 to 9999. Levels 1.2 and 1.3 drop the century and the counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    second: DateTime,
    counter: u16,
}

impl Stamp {
    /// The stamp for a file that is offered now.
    #[must_use]
    pub fn now() -> Self {
        Self::first_of(Zoned::now().datetime())
    }

    /// SFIDDATE from level 1.4 on: 8 digits.
    #[must_use]
    pub fn date(&self) -> String {
        let date = self.second.date();
        format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
    }

    /// SFIDTIME from level 1.4 on: 10 digits, of which the last 4 count.
    #[must_use]
    pub fn time(&self) -> String {
        let time = self.second.time();
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{hour:02}{minute:02}{second:02}{:04}", self.counter)
    }

    /// The free stamp that follows this one: the next count or, where `seconds_only` holds
    /// (levels 1.2 and 1.3 have no counter), the next second.
    #[must_use]
    pub fn next(self, seconds_only: bool) -> Self {
        if self.counter < 9999 && !seconds_only {
            return Self {
                counter: self.counter + 1,
                ..self
            };
        }
        // Saturates in the year 9999.
        Self::first_of(self.second.saturating_add(1.second()))
    }

    /// The same time of the next day.
    #[must_use]
    pub fn tomorrow(self) -> Self {
        Self {
            second: self.second.saturating_add(1.day()),
            ..self
        }
    }

    fn first_of(time: DateTime) -> Self {
        Self {
            second: time.with().subsec_nanosecond(0).build().unwrap_or(time),
            counter: 1,
        }
    }
}

impl std::fmt::Display for Stamp {
    /// `CCYYMMDDHHMMSScccc`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.date(), self.time())
    }
}

impl FromStr for Stamp {
    type Err = StampError;

    /// Reads `CCYYMMDDHHMMSScccc`, or `CCYYMMDDHHMMSS` with the counter 0001.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || StampError {
            text: text.to_owned(),
        };
        if !matches!(text.len(), 14 | 18) || !text.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(wrong());
        }
        let (second, counter) = text.split_at(14);
        let second = DateTime::strptime("%Y%m%d%H%M%S", second).map_err(|_| wrong())?;
        let counter = if counter.is_empty() {
            1
        } else {
            counter.parse().map_err(|_| wrong())?
        };
        Ok(Self { second, counter })
    }
}

/// A text that is no stamp.
#[derive(Debug, Error)]
#[error("`{text}` is no stamp; write CCYYMMDDHHMMSS or CCYYMMDDHHMMSScccc")]
pub struct StampError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Stamp {
        text.parse().expect("stamp")
    }

    #[test]
    fn text_and_back() {
        assert_eq!(
            stamp("202601311204550042").to_string(),
            "202601311204550042"
        );
        assert_eq!(stamp("20260131120455").time(), "1204550001");
        for wrong in [
            "",
            "2026013112045",
            "20261331120455",
            "20260131120460 0001",
            "x",
        ] {
            assert!(wrong.parse::<Stamp>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_next_count_or_second() {
        let last = stamp("202612312359599998");
        assert_eq!(last.next(false), stamp("202612312359599999"));
        assert_eq!(last.next(false).next(false), stamp("202701010000000001"));
        assert_eq!(last.next(true), stamp("202701010000000001"));
    }

    #[test]
    fn now_is_a_stamp_with_the_first_count() {
        let now = Stamp::now();
        assert!(now.time().ends_with("0001"));
        assert_eq!(now.to_string().parse::<Stamp>().expect("stamp"), now);
    }
}
