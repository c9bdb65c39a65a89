//! A time of the week, as text: `mon-fri 06:00-20:00`, `sat,sun 22:00-02:00`, `06:00-24:00`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Time, Weekday};

use super::Window;

/// The days of the week, as they are written.
const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "monday", Weekday::Monday),
    ("tue", "tuesday", Weekday::Tuesday),
    ("wed", "wednesday", Weekday::Wednesday),
    ("thu", "thursday", Weekday::Thursday),
    ("fri", "friday", Weekday::Friday),
    ("sat", "saturday", Weekday::Saturday),
    ("sun", "sunday", Weekday::Sunday),
];

/// A text that is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}`: {problem}; write days and times like `mon-fri 06:00-20:00`, `sat,sun 22:00-02:00` \
     or `06:00-20:00`"
)]
pub struct WindowError {
    text: String,
    problem: String,
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|problem| WindowError {
            text: text.to_owned(),
            problem,
        })
    }
}

fn parse(text: &str) -> Result<Window, String> {
    let (days, times) = match text.trim().rsplit_once(char::is_whitespace) {
        Some((days, times)) => (days_of(days)?, times),
        None => (Vec::new(), text.trim()),
    };
    let (from, until) = times
        .split_once('-')
        .ok_or_else(|| format!("`{times}` are not two times with a `-` between them"))?;
    Ok(Window {
        days,
        from: time_of(from, false)?,
        until: time_of(until, true)?,
    })
}

fn days_of(text: &str) -> Result<Vec<Weekday>, String> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last) = (day_of(first)?, day_of(last)?);
        loop {
            if !days.contains(&day) {
                days.push(day);
            }
            if day == last {
                break;
            }
            day = day.next();
        }
    }
    Ok(days)
}

fn day_of(text: &str) -> Result<Weekday, String> {
    let word = text.trim().to_lowercase();
    DAYS.iter()
        .find(|(short, long, _)| word == *short || word == *long)
        .map(|(_, _, day)| *day)
        .ok_or_else(|| {
            format!(
                "`{}` is no day (mon, tue, wed, thu, fri, sat, sun)",
                text.trim()
            )
        })
}

/// A time; 24:00, as an end, is the midnight that the next day begins with.
fn time_of(text: &str, is_end: bool) -> Result<Time, String> {
    let wrong = || format!("`{text}` is no time (00:00 to 23:59)");
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_digit());
        digits.then(|| text.parse::<i8>().ok()).flatten()
    };
    let (hour, minute) = text.trim().split_once(':').ok_or_else(wrong)?;
    match (number(hour), number(minute)) {
        (Some(24), Some(0)) if is_end => Ok(Time::midnight()),
        (Some(hour), Some(minute)) => Time::new(hour, minute, 0, 0).map_err(|_| wrong()),
        _ => Err(wrong()),
    }
}

impl fmt::Display for Window {
    /// As it is read: the days one by one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, day) in self.days.iter().enumerate() {
            let name = DAYS.iter().find(|(_, _, of)| of == day);
            let name = name.map_or("", |(short, _, _)| short);
            write!(f, "{}{name}", if index == 0 { "" } else { "," })?;
        }
        let space = if self.days.is_empty() { "" } else { " " };
        let (from, until) = (self.from, self.until);
        write!(
            f,
            "{space}{:02}:{:02}-{:02}:{:02}",
            from.hour(),
            from.minute(),
            until.hour(),
            until.minute()
        )
    }
}
