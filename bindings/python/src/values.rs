//! Numbers, strings and enumerations across the border. Python has the same names in
//! `oftp._values`; here they are letters, numbers and text.

use oftp_core::wire::reason::Reason;
use oftp_core::wire::{
    Capability, EfnaReason, EsidReason, IdentificationCode, Level, NerpReason, Quirks,
    RecordFormat, SfnaReason, Stamp, Text, X,
};
use pyo3::prelude::*;

use crate::error::{Error, Outcome};

/// The level of a digit of SSIDLEV: 1, 2, 4 or 5.
pub(crate) fn level(digit: u8) -> Outcome<Level> {
    Level::from_digit(digit).ok_or_else(|| {
        Error::value(format!(
            "level is {digit}, must be 1 (1.2), 2 (1.3), 4 (1.4) or 5 (2.0) (RFC 5024 5.3.2 SSIDLEV)"
        ))
    })
}

/// SSIDSR: `S`, `R` or `B`.
pub(crate) fn mode(letter: &str) -> Outcome<Capability> {
    one(letter)
        .and_then(Capability::from_letter)
        .ok_or_else(|| Error::value(format!("mode is {letter:?}, must be \"S\", \"R\" or \"B\"")))
}

/// SFIDFMT: `F`, `V`, `U` or `T`.
pub(crate) fn format(letter: &str) -> Outcome<RecordFormat> {
    one(letter)
        .and_then(RecordFormat::from_letter)
        .ok_or_else(|| {
            Error::value(format!(
                "format is {letter:?}, must be \"F\", \"V\", \"U\" or \"T\""
            ))
        })
}

/// A letter of the RFC as text.
pub(crate) fn letter(octet: u8) -> String {
    char::from(octet).to_string()
}

fn one(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [octet] => Some(*octet),
        _ => None,
    }
}

/// A reason of 1 to 99, or 0 to 99 for ESID.
pub(crate) fn reason(code: u8, least: u8) -> Outcome<u8> {
    if (least..=99).contains(&code) {
        return Ok(code);
    }
    Err(Error::value(format!(
        "reason is {code}, must be {least} to 99"
    )))
}

/// The octets of a field of type X as text. Each octet is one character (Latin 1), so that what a
/// partner sent goes back to it unchanged; the spaces that fill the field are not part of it.
pub(crate) fn from_x(octets: &[u8]) -> String {
    let end = octets.iter().rposition(|octet| *octet != b' ');
    let octets = octets.get(..end.map_or(0, |last| last + 1));
    octets
        .unwrap_or_default()
        .iter()
        .copied()
        .map(char::from)
        .collect()
}

/// Text for a field of type X: at most `N` characters, none of them a control character and none
/// beyond Latin 1 (RFC 5024 5.4 and appendix B have fewer; a partner's own name goes back as it
/// came).
pub(crate) fn x<const N: usize>(text: &str, name: &str) -> Outcome<X<N>> {
    let wrong = |what: &str| Error::value(format!("{name} is {text:?}: {what}"));
    let octets: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    let octets = octets.ok_or_else(|| wrong("a character is not in Latin 1"))?;
    if octets.len() > N {
        return Err(wrong(&format!("it is longer than {N} characters")));
    }
    if octets.iter().any(u8::is_ascii_control) {
        return Err(wrong("it holds a control character"));
    }
    Ok(X::from_octets(&octets))
}

/// An identification code that is sent: not empty.
pub(crate) fn code(text: &str, name: &str) -> Outcome<IdentificationCode> {
    let code: IdentificationCode = x(text, name)?;
    if code.is_blank() {
        return Err(Error::value(format!("{name} is empty (RFC 5024 5.4)")));
    }
    Ok(code)
}

/// Date and time of a Virtual File: 8 and 10 digits, or 6 and 6 characters below level 1.4.
pub(crate) fn stamp(date: &str, time: &str) -> Outcome<Stamp> {
    let octets = |text: &str| -> Option<Vec<u8>> {
        let mut octets = Vec::with_capacity(10);
        for c in text.chars() {
            octets.push(u8::try_from(c).ok()?);
        }
        Some(octets)
    };
    if let (Some(date), Some(time)) = (octets(date), octets(time))
        && let (Ok(date), Ok(time)) = (<[u8; 6]>::try_from(date), <[u8; 6]>::try_from(time))
    {
        return Ok(Stamp::Short { date, time });
    }
    Stamp::new(date, time).map_err(|error| {
        Error::value(format!(
            "date {date:?} and time {time:?}: {error} (RFC 5024 5.3.3 SFIDDATE, SFIDTIME)"
        ))
    })
}

/// Text of the partner (UTF-8); octets that are none are replaced.
pub(crate) fn from_text(text: &Text) -> String {
    String::from_utf8_lossy(text.as_octets()).into_owned()
}

/// The quirks of these names; `tolerant` and `strict` are presets.
pub(crate) fn quirks(names: &[String]) -> Outcome<Quirks> {
    let mut quirks = Quirks::STRICT;
    for name in names {
        quirks.insert(match name.as_str() {
            "tolerant" => Quirks::TOLERANT,
            "strict" => Quirks::STRICT,
            name => name.parse().map_err(|error| {
                Error::value(format!(
                    "quirks: {error}; \"tolerant\" and \"strict\" are presets"
                ))
            })?,
        });
    }
    Ok(quirks)
}

/// The meaning of a reason in one of the lists `ESID`, `SFNA`, `EFNA` and `NERP` (RFC 5024 5.3.5,
/// 5.3.10, 5.3.11, 5.3.14).
#[pyfunction]
pub(crate) fn reason_meaning(list: &str, code: u8) -> PyResult<&'static str> {
    Ok(match list {
        "ESID" => EsidReason::new(code).meaning(),
        "SFNA" => SfnaReason::new(code).meaning(),
        "EFNA" => EfnaReason::new(code).meaning(),
        "NERP" => NerpReason::new(code).meaning(),
        _ => return Err(Error::value(format!("{list:?} has no reasons")).into()),
    })
}

/// All reasons of a list: code, meaning, and the digit of the level that brought it.
#[pyfunction]
pub(crate) fn reasons(list: &str) -> PyResult<Vec<(u8, &'static str, Option<u8>)>> {
    let table: &[Reason] = match list {
        "ESID" => EsidReason::TABLE,
        "SFNA" => SfnaReason::TABLE,
        "EFNA" => EfnaReason::TABLE,
        "NERP" => NerpReason::TABLE,
        _ => return Err(Error::value(format!("{list:?} has no reasons")).into()),
    };
    let row = |reason: &Reason| (reason.code, reason.meaning, reason.since.map(Level::digit));
    Ok(table.iter().map(row).collect())
}

/// The names of all quirks, those of the tolerant preset first.
#[pyfunction]
pub(crate) fn quirk_names() -> Vec<&'static str> {
    Quirks::TOLERANT
        .union(Quirks::DIGIT_LENGTHS)
        .union(Quirks::DUPLICATE_DISCARD)
        .names()
        .collect()
}

/// A dataset name (SFIDDSN) for a local file: its name in upper case, with ``-`` for what RFC
/// 5024 appendix B does not allow, cut to 26 characters.
#[pyfunction]
pub(crate) fn dataset_name(path: std::path::PathBuf) -> String {
    oftp_station::outbox::dataset_name(&path)
}
