//! What names and values mean, in words.

use oftp_core::wire::{CommandCode, EfnaReason, EsidReason, Level, NerpReason, SfnaReason};

use super::fields::Value;

/// The name of a command in words (RFC 5024 section 5.2).
pub(super) const fn title(code: CommandCode) -> &'static str {
    match code {
        CommandCode::Ssrm => "Start Session Ready Message",
        CommandCode::Ssid => "Start Session",
        CommandCode::Sfid => "Start File",
        CommandCode::Sfpa => "Start File Positive Answer",
        CommandCode::Sfna => "Start File Negative Answer",
        CommandCode::Data => "Data Exchange Buffer",
        CommandCode::Cdt => "Set Credit",
        CommandCode::Efid => "End File",
        CommandCode::Efpa => "End File Positive Answer",
        CommandCode::Efna => "End File Negative Answer",
        CommandCode::Esid => "End Session",
        CommandCode::Cd => "Change Direction",
        CommandCode::Eerp => "End to End Response",
        CommandCode::Nerp => "Negative End Response",
        CommandCode::Rtr => "Ready To Receive",
        CommandCode::Secd => "Security Change Direction",
        CommandCode::Auch => "Authentication Challenge",
        CommandCode::Aurp => "Authentication Response",
    }
}

/// What the value of a field means, where that is not plain.
pub(super) fn meaning(code: CommandCode, field: &str, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => of_number(code, field, *number),
        Value::Text(text) => of_letter(field, text).map(str::to_owned),
        Value::Plain(_) => None,
    }
}

fn of_number(code: CommandCode, field: &str, number: u64) -> Option<String> {
    let word = |word: &str| Some(word.to_owned());
    match (field, number) {
        ("SSIDLEV", _) => {
            let level = u8::try_from(number).ok().and_then(Level::from_digit)?;
            Some(format!("level {level}"))
        }
        ("SFIDSEC", 0) | ("SFIDCIPH", 0) | ("SFIDCOMP", 0) | ("SFIDENV", 0) => word("none"),
        ("SFIDSEC", 1) => word("encrypted"),
        ("SFIDSEC", 2) => word("signed"),
        ("SFIDSEC", 3) => word("encrypted and signed"),
        ("SFIDCOMP", 1) => word("ZLIB"),
        ("SFIDENV", 1) => word("CMS"),
        ("SFIDFSIZ" | "SFIDOSIZ", _) => word("blocks of 1024 octets"),
        _ if field.ends_with("REAS") => {
            let reason = u8::try_from(number).ok()?;
            reason_meaning(code, reason).map(str::to_owned)
        }
        _ => None,
    }
}

fn reason_meaning(code: CommandCode, reason: u8) -> Option<&'static str> {
    match code {
        CommandCode::Esid => Some(EsidReason::new(reason).meaning()),
        CommandCode::Sfna => Some(SfnaReason::new(reason).meaning()),
        CommandCode::Efna => Some(EfnaReason::new(reason).meaning()),
        CommandCode::Nerp => Some(NerpReason::new(reason).meaning()),
        _ => None,
    }
}

fn of_letter(field: &str, text: &str) -> Option<&'static str> {
    Some(match (field, text) {
        ("SSIDSR", "S") => "sends only",
        ("SSIDSR", "R") => "receives only",
        ("SSIDSR", "B") => "sends and receives",
        ("SFIDFMT", "F") => "fixed length records",
        ("SFIDFMT", "V") => "variable length records",
        ("SFIDFMT", "U") => "unstructured",
        ("SFIDFMT", "T") => "text",
        (
            "SSIDCMPR" | "SSIDREST" | "SSIDSPEC" | "SSIDAUTH" | "SFIDSIGN" | "SFNARRTR" | "EFPACD",
            "Y",
        ) => "yes",
        (
            "SSIDCMPR" | "SSIDREST" | "SSIDSPEC" | "SSIDAUTH" | "SFIDSIGN" | "SFNARRTR" | "EFPACD",
            "N",
        ) => "no",
        _ => return None,
    })
}
