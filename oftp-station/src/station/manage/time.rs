//! Times for people, in the time of this place, and times that people write.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

fn zoned(ms: i64) -> Option<Zoned> {
    let time = Timestamp::from_millisecond(ms).ok()?;
    Some(time.to_zoned(TimeZone::system()))
}

/// A time of the journal for a table: `2026-11-26 14:05:01`, local.
#[must_use]
pub fn short(ms: i64) -> String {
    zoned(ms).map_or_else(
        || ms.to_string(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// A time of the journal for programs: local with its offset, RFC 3339:
/// `2026-11-26T14:05:01.042+01:00`.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    zoned(ms).map_or_else(
        || ms.to_string(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(),
    )
}

/// How long something takes or has taken, by its two largest units: `3d 4h`, `5m 12s`, `0s`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit);
    let Some(first) = first else {
        return "0s".to_owned();
    };
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, letter) in units.iter().skip(first).take(2) {
        if left >= *unit {
            words.push(format!("{}{letter}", left / unit));
        }
        left %= unit;
    }
    words.join(" ")
}

/// The time that a person means, ms since 1970, seen from `now`: a day (`2026-11-01`, from its
/// beginning), a day with a time (`2026-11-01T12:30`, local), a time with its offset
/// (`2026-11-01T12:30:00Z`), or so long ago (`90s`, `15m`, `12h`, `7d`, `2w`).
///
/// # Errors
/// It is none of these: what to write, for the user.
pub fn parse(text: &str, now: i64) -> Result<i64, String> {
    if let Some(ago) = ago(text) {
        return Ok(now.saturating_sub(ago));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_millisecond());
    }
    let local = text.parse::<DateTime>().ok();
    let local = local.and_then(|time| time.to_zoned(TimeZone::system()).ok());
    local
        .map(|time| time.timestamp().as_millisecond())
        .ok_or_else(|| {
            "neither a day like 2026-11-01, nor a time like 2026-11-01T12:30, nor a time ago like \
             12h or 7d"
                .to_owned()
        })
}

fn ago(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 604_800_000,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    if number.is_empty() || !number.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        const NOW: i64 = 1_795_701_600_000;
        assert_eq!(parse("7d", NOW), Ok(NOW - 7 * 86_400_000));
        assert_eq!(parse("90s", NOW), Ok(NOW - 90_000));
        assert_eq!(parse("1970-01-01T00:00:01Z", NOW), Ok(1_000));
        let day = parse("2026-11-01", NOW).expect("a day");
        assert_eq!(short(day), "2026-11-01 00:00:00");
        let time = parse("2026-11-01T12:30", NOW).expect("a time");
        assert_eq!(short(time), "2026-11-01 12:30:00");
        assert_eq!(parse(&rfc3339(day), NOW), Ok(day));
        for wrong in [
            "",
            "d",
            "-1d",
            "yesterday",
            "2026-13-01",
            "7ä",
            "99999999999999999w",
        ] {
            parse(wrong, NOW).expect_err(wrong);
        }
    }

    #[test]
    fn spans_show_what_counts() {
        for (ms, text) in [
            (-5, "0s"),
            (999, "0s"),
            (61_000, "1m 1s"),
            (3_600_000, "1h"),
            (90_061_000, "1d 1h"),
            (86_401_000, "1d"),
        ] {
            assert_eq!(span(ms), text);
        }
    }
}
