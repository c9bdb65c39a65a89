//! Values as people write them: times, sizes, codes, days.

use std::time::Duration;

use oftp_core::mailbox::Rule;
use oftp_core::wire::{IdentificationCode, Level, Quirks, RecordFormat, UserData};
use oftp_secure::Suite;

use crate::records::RecordLayout;
use crate::station::config::schedule::{Window, WindowError};

const DAY: u64 = 24 * 3600;

/// The longest time that is taken: a hundred years.
const LONGEST: u64 = 36_525 * DAY;

/// A time: `30s`, `5m`, `2h`, `400d`, also several as in `1h 30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || {
        "is a time in seconds, minutes, hours or days: \"30s\", \"5m\", \"2h\", \"400d\"".to_owned()
    };
    let mut total: u64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let after = after.trim_start();
        let unit = match after.chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3600,
            Some('d') => DAY,
            _ => return Err(wrong()),
        };
        // A unit is one octet.
        rest = after.get(1..).unwrap_or("").trim_start();
        let part = number.checked_mul(unit);
        total = part
            .and_then(|part| total.checked_add(part))
            .filter(|total| *total <= LONGEST)
            .ok_or_else(|| "is longer than a hundred years; write a shorter time".to_owned())?;
    }
    Ok(Duration::from_secs(total))
}

/// A time that is not zero.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("is no time at all; write at least \"1s\"".to_owned()),
        time => Ok(time),
    }
}

/// A time, or `never`.
pub(super) fn time_or_never(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "never" => Ok(None),
        _ => some_time(text).map(Some),
    }
}

/// Octets: `512`, `100KiB`, `10MiB`, `2GiB`, `1TiB`; `kB`, `MB`, `GB`, `TB` count by thousands.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.get(..text.len() - digits.len()).unwrap_or("");
    let unit: u64 = match digits.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => 0,
    };
    let octets = number.parse::<u64>().ok();
    octets
        .and_then(|number| number.checked_mul(unit))
        .filter(|octets| *octets > 0 && i64::try_from(*octets).is_ok())
        .ok_or_else(|| {
            "is a number of octets above 0: \"4096\", \"100KiB\", \"10MiB\", \"2GiB\"".to_owned()
        })
}

/// An identification code (SSIDCODE, SFIDORIG, SFIDDEST; RFC 5024 section 5.4).
pub(super) fn code(text: &str) -> Result<IdentificationCode, String> {
    if text.trim().is_empty() {
        return Err("is empty; write the identification code, as in \"O0177EXAMPLE\"".to_owned());
    }
    IdentificationCode::new(text).map_err(|error| {
        format!("is no identification code: {error}; it has at most 25 characters, A-Z 0-9 / - . & ( ) and space")
    })
}

/// User data of a session or a file (SSIDUSER, SFIDUSER).
pub(super) fn user_data(text: &str) -> Result<UserData, String> {
    UserData::new(text).map_err(|error| {
        format!("is no user data: {error}; it has at most 8 characters, A-Z 0-9 / - . & ( )")
    })
}

/// A protocol level.
pub(super) fn level(text: &str) -> Result<Level, String> {
    match text {
        "1.2" => Ok(Level::V1_2),
        "1.3" => Ok(Level::V1_3),
        "1.4" => Ok(Level::V1_4),
        "2.0" => Ok(Level::V2_0),
        _ => Err("is a protocol level: \"1.2\", \"1.3\", \"1.4\" or \"2.0\"".to_owned()),
    }
}

/// A cipher suite.
pub(super) fn suite(text: &str) -> Result<&'static Suite, String> {
    let number = text.parse().ok().filter(|_| text.len() <= 2);
    number.and_then(Suite::of).ok_or_else(|| {
        "is a cipher suite, \"01\" to \"10\"; \"04\" is AES-256 with SHA-256".to_owned()
    })
}

/// A cipher suite, or `00` for none.
pub(super) fn suite_or_none(text: &str) -> Result<u8, String> {
    match text {
        "00" => Ok(0),
        _ => suite(text).map(|suite| suite.code),
    }
}

/// Whether a service is wanted.
pub(super) fn rule(text: &str) -> Result<Rule, String> {
    match text {
        "required" => Ok(Rule::Required),
        "allowed" => Ok(Rule::Allowed),
        "forbidden" => Ok(Rule::Forbidden),
        _ => Err("is \"required\", \"allowed\" or \"forbidden\"".to_owned()),
    }
}

/// A record format (SFIDFMT).
pub(super) fn record_format(text: &str) -> Result<RecordFormat, String> {
    match text {
        "F" => Ok(RecordFormat::F),
        "V" => Ok(RecordFormat::V),
        "U" => Ok(RecordFormat::U),
        "T" => Ok(RecordFormat::T),
        _ => Err(
            "is a format: \"F\" fixed records, \"V\" variable records, \"U\" octets, \
                  \"T\" text"
                .to_owned(),
        ),
    }
}

/// How the records of a V file lie in a local file.
pub(super) fn layout(text: &str) -> Result<RecordLayout, String> {
    match text {
        "lf" => Ok(RecordLayout::Lf),
        "crlf" => Ok(RecordLayout::Crlf),
        "length16" => Ok(RecordLayout::Length16),
        "length32" => Ok(RecordLayout::Length32),
        _ => Err(
            "is how V records lie in local files: \"lf\", \"crlf\", \"length16\" or \"length32\""
                .to_owned(),
        ),
    }
}

/// `tolerant`, `strict`, and names of quirks with `+` or `-` before them, in this order.
pub(super) fn quirks(words: &[&str]) -> Result<Quirks, String> {
    let mut quirks = Quirks::TOLERANT;
    let words = words.iter().flat_map(|word| word.split(','));
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        let quirk = |name: &str| name.parse::<Quirks>().map_err(|error| error.to_string());
        quirks = match (word, word.strip_prefix('-'), word.strip_prefix('+')) {
            ("tolerant", _, _) => Quirks::TOLERANT,
            ("strict", _, _) => Quirks::STRICT,
            (_, Some(name), _) => quirks.without(quirk(name)?),
            (_, _, name) => quirks.union(quirk(name.unwrap_or(word))?),
        };
    }
    Ok(quirks)
}

/// A time of the week: `mon-fri 06:00-20:00`, `sat,sun 22:00-02:00`, `06:00-20:00`.
pub(super) fn window(text: &str) -> Result<Window, String> {
    text.parse()
        .map_err(|error: WindowError| format!("is no time of the week: {error}"))
}

/// The name of a partner, a group or a hook: it becomes part of paths and of commands.
pub(super) fn name(text: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if text.is_empty() || text.len() > 64 || !text.chars().all(good) || text.starts_with('-') {
        return Err(
            "is a name of 1 to 64 characters out of a-z, 0-9, _ and -, and begins with no -; it \
             becomes the name of a folder"
                .to_owned(),
        );
    }
    Ok(())
}
