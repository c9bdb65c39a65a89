//! The fields of a command, by the rows of its layout (RFC 5024 chapter 5). Works on malformed
//! commands too, as far as they go.

use oftp_core::wire::{CommandCode, Field, Layout, Len, Level, Type};
use serde::Serialize;

use super::Options;
use super::meaning::meaning;

/// Octets of a binary field that are shown.
const SHOWN: usize = 32;

/// What stands in place of a password.
const HIDDEN: &str = "***";

/// One field as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldValue {
    pub(super) name: &'static str,
    /// From the start of the Exchange Buffer.
    pub(super) offset: usize,
    pub(super) octets: usize,
    pub(super) value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) meaning: Option<String>,
}

/// What is in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Value {
    Number(u64),
    /// Printable; what is not is escaped.
    Text(String),
    /// Hex digits, or what stands in place of a password.
    Plain(String),
}

/// The fields of a command; what follows the last known one comes as `(more)`.
pub(super) fn fields(
    code: CommandCode,
    octets: &[u8],
    level: Level,
    options: &Options,
) -> Vec<FieldValue> {
    let mut fields = Vec::new();
    let mut offset = 0;
    for field in layout(code, octets, level).map_or(&[][..], |layout| layout.fields) {
        let rest = octets.get(offset..).unwrap_or_default();
        if rest.is_empty() && !matches!(field.len, Len::By(_) | Len::Rest) {
            break;
        }
        let wanted = match field.len {
            Len::Fixed(octets) => octets,
            Len::By(name) => number_of(&fields, name).unwrap_or(0),
            Len::Rest => rest.len(),
        };
        let content = &rest[..wanted.min(rest.len())];
        fields.push(value(code, field, offset, content, options));
        offset += content.len();
    }
    if let Some(more) = octets.get(offset..).filter(|more| !more.is_empty()) {
        fields.push(FieldValue {
            name: "(more)",
            offset,
            octets: more.len(),
            value: Value::Plain(hex(more, options)),
            meaning: None,
        });
    }
    fields
}

/// The layout that a station would use; that of the lowest level that has the command where
/// this one has not.
fn layout(code: CommandCode, octets: &[u8], level: Level) -> Option<&'static Layout> {
    let level = match (code, octets) {
        (CommandCode::Ssid, [_, b'5'..=b'9', ..]) => Level::V2_0,
        (CommandCode::Ssid, [_, b'4', ..]) => Level::V1_4,
        (CommandCode::Ssid, _) => Level::V1_3,
        // Short or long whatever the level (CF-04).
        (CommandCode::Esid, [_, _, _, b'\r' | 0x8d, ..]) => Level::V1_4,
        (CommandCode::Esid, [_, _, _, _, _, ..]) => Level::V2_0,
        (CommandCode::Esid, _) => Level::V1_4,
        _ => level,
    };
    code.layout(level).or_else(|| code.layouts().first())
}

fn number_of(fields: &[FieldValue], name: &str) -> Option<usize> {
    let field = fields.iter().find(|field| field.name == name)?;
    match field.value {
        Value::Number(number) => usize::try_from(number).ok(),
        _ => None,
    }
}

fn value(
    code: CommandCode,
    field: &Field,
    offset: usize,
    octets: &[u8],
    options: &Options,
) -> FieldValue {
    let value = match field.ty {
        _ if field.name == "SSIDPSWD" && !options.passwords => Value::Plain(HIDDEN.to_owned()),
        _ if field.is_carriage_return() => Value::Plain(hex(octets, options)),
        Type::X => Value::Text(octets.trim_ascii_end().escape_ascii().to_string()),
        Type::Nine if is_stamp(field) => Value::Text(octets.escape_ascii().to_string()),
        Type::Nine => match decimal(octets) {
            Some(number) => Value::Number(number),
            None => Value::Text(octets.escape_ascii().to_string()),
        },
        Type::U if octets.len() == 2 && field.len == Len::Fixed(2) => {
            Value::Number(octets.iter().fold(0, |n, &octet| n << 8 | u64::from(octet)))
        }
        Type::U => Value::Plain(hex(octets, options)),
        Type::T => {
            let text = String::from_utf8_lossy(octets);
            Value::Text(text.escape_debug().to_string())
        }
    };
    FieldValue {
        name: field.name,
        offset,
        octets: octets.len(),
        meaning: meaning(code, field.name, &value),
        value,
    }
}

fn is_stamp(field: &Field) -> bool {
    field.name.ends_with("DATE") || field.name.ends_with("TIME")
}

fn decimal(octets: &[u8]) -> Option<u64> {
    let digits = octets.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(octets).ok().filter(|_| digits)?;
    text.parse().ok()
}

/// Hex digits, of all octets only where everything is to be shown.
pub(super) fn hex(octets: &[u8], options: &Options) -> String {
    let shown = if options.full {
        octets
    } else {
        &octets[..octets.len().min(SHOWN)]
    };
    let mut digits: String = shown.iter().map(|octet| format!("{octet:02x}")).collect();
    if shown.len() < octets.len() {
        digits.push_str("...");
    }
    digits
}
