//! Explains an Exchange Buffer field by field, for people who look at a trace.

use super::code::CommandCode;
use super::command;
use super::cursor::Fields;
use super::error::WireError;
use super::layout::{Field, Len, Type};
use super::level::Level;
use super::quirks::Quirks;
use super::reason::{EfnaReason, EsidReason, NerpReason, SfnaReason};
use super::string::X;
use super::text::Text;

/// An Exchange Buffer taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained<'a> {
    /// The command, where the first octet is the code of one.
    pub command: Option<CommandCode>,
    /// The level whose layout was used.
    pub level: Level,
    /// The fields that are there in full.
    pub fields: Vec<ExplainedField<'a>>,
    /// Octets that belong to no field.
    pub rest: &'a [u8],
    /// What is wrong by the letter of the RFC.
    pub fault: Option<WireError>,
}

/// One field of an Exchange Buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedField<'a> {
    /// The name in the RFC.
    pub name: &'static str,
    /// Offset from the start of the Exchange Buffer.
    pub offset: usize,
    /// The octets. Those of SSIDPSWD and AURPRSP are secret: show `value` instead.
    pub octets: &'a [u8],
    /// The contents as text; secrets as `***`.
    pub value: String,
    /// What the field is, and what its value stands for.
    pub meaning: String,
}

/// Explains a buffer by the layouts of `level`; never fails.
///
/// SSID and ESID are read by the layout that they show themselves.
pub fn explain(octets: &[u8], level: Level) -> Explained<'_> {
    let command = octets.first().copied().and_then(CommandCode::from_octet);
    let level = match command {
        Some(CommandCode::Ssid) => command::ssid::layout_level(octets),
        Some(CommandCode::Esid) => command::esid::layout_level(octets),
        _ => level,
    };
    let fault = command::decode(octets, level, Quirks::STRICT).err();
    let Some((code, layout)) = command.and_then(|code| Some((code, code.layout(level)?))) else {
        return Explained {
            command,
            level,
            fields: Vec::new(),
            rest: octets,
            fault,
        };
    };
    let (split, _) = Fields::walk(code, octets, layout, Quirks::TOLERANT, &[]);
    let fields: Vec<_> = split
        .iter()
        .map(|(field, offset, octets)| ExplainedField {
            name: field.name,
            offset,
            octets,
            value: value(field, octets),
            meaning: meaning(code, field, octets),
        })
        .collect();
    let end = fields
        .last()
        .map_or(0, |field| field.offset + field.octets.len());
    Explained {
        command,
        level,
        fields,
        rest: octets.get(end..).unwrap_or_default(),
        fault,
    }
}

/// Fields that must not be shown.
const SECRETS: [&str; 2] = ["SSIDPSWD", "AURPRSP"];

fn value(field: &Field, octets: &[u8]) -> String {
    match field.ty {
        _ if SECRETS.contains(&field.name) => "***".to_owned(),
        Type::U => match <[u8; 2]>::try_from(octets) {
            Ok(number) if field.len == Len::Fixed(2) => u16::from_be_bytes(number).to_string(),
            _ => format!("{} octets", octets.len()),
        },
        Type::T => Text::from_octets(octets).to_string(),
        // No field of these types is wider than an identification code or a dataset name.
        Type::X | Type::Nine => X::<26>::from_octets(octets).to_string(),
    }
}

fn meaning(code: CommandCode, field: &Field, octets: &[u8]) -> String {
    let suffix = field.name.get(code.name().len()..).unwrap_or_default();
    let field_meaning = MEANINGS.iter().find(|&&(name, _)| name == suffix);
    let field_meaning = match (code, suffix) {
        // In SSID it says whether files may be restarted, here where.
        (CommandCode::Sfid, "REST") => "restart position",
        _ => field_meaning.map_or("", |&(_, meaning)| meaning),
    };
    match value_meaning(code, suffix, octets) {
        Some(meaning) => format!("{field_meaning}: {meaning}"),
        None => field_meaning.to_owned(),
    }
}

/// What the value of a field stands for, where a list says so.
fn value_meaning(code: CommandCode, suffix: &str, octets: &[u8]) -> Option<&'static str> {
    let number = std::str::from_utf8(octets)
        .ok()
        .and_then(|digits| digits.parse::<u8>().ok());
    Some(match (suffix, octets) {
        ("REAS", _) => reason(code, number?)?,
        ("LEV", _) => match Level::from_digit(number?)? {
            Level::V1_2 => "1.2",
            Level::V1_3 => "1.3",
            Level::V1_4 => "1.4",
            Level::V2_0 => "2.0",
        },
        ("SR", b"S") => "sends only",
        ("SR", b"R") => "receives only",
        ("SR", b"B") => "sends and receives",
        ("FMT", b"F") => "fixed records",
        ("FMT", b"V") => "variable records",
        ("FMT", b"U") => "unstructured",
        ("FMT", b"T") => "text",
        ("SEC", b"00") | ("COMP" | "ENV", b"0") => "none",
        ("SEC", b"01") => "encrypted",
        ("SEC", b"02") => "signed",
        ("SEC", b"03") => "encrypted and signed",
        ("COMP", b"1") => "ZLIB",
        ("ENV", b"1") => "CMS",
        (_, b"Y") if is_yes_or_no(suffix) => "yes",
        (_, b"N") if is_yes_or_no(suffix) => "no",
        _ => return None,
    })
}

fn is_yes_or_no(suffix: &str) -> bool {
    ["CMPR", "REST", "SPEC", "AUTH", "SIGN", "RRTR", "CD"].contains(&suffix)
}

fn reason(code: CommandCode, number: u8) -> Option<&'static str> {
    Some(match code {
        CommandCode::Esid => EsidReason::new(number).meaning(),
        CommandCode::Sfna => SfnaReason::new(number).meaning(),
        CommandCode::Efna => EfnaReason::new(number).meaning(),
        CommandCode::Nerp => NerpReason::new(number).meaning(),
        _ => return None,
    })
}

/// What the fields are, by their names without that of the command.
#[rustfmt::skip]
const MEANINGS: &[(&str, &str)] = &[
    ("CMD",   "command code"),
    ("MSG",   "ready message"),
    ("CR",    "carriage return"),
    ("LEV",   "release level"),
    ("CODE",  "identification code of the sender"),
    ("PSWD",  "password of the sender"),
    ("SDEB",  "largest Data Exchange Buffer in octets"),
    ("SR",    "capability"),
    ("CMPR",  "buffer compression"),
    ("REST",  "restart"),
    ("SPEC",  "special logic"),
    ("CRED",  "credit in Data Exchange Buffers"),
    ("AUTH",  "secure authentication"),
    ("RSV1",  "reserved"),
    ("USER",  "user data"),
    ("DSN",   "dataset name"),
    ("DATE",  "date stamp"),
    ("TIME",  "time stamp"),
    ("DEST",  "destination"),
    ("ORIG",  "originator"),
    ("CREA",  "creator of the response"),
    ("FMT",   "record format"),
    ("LRECL", "longest record in octets"),
    ("FSIZ",  "size in blocks of 1024 octets"),
    ("OSIZ",  "size of the original in blocks of 1024 octets"),
    ("SEC",   "security level"),
    ("CIPH",  "cipher suite"),
    ("COMP",  "file compression"),
    ("ENV",   "file envelope"),
    ("SIGN",  "signed response wanted"),
    ("DESCL", "length of the description"),
    ("DESC",  "description"),
    ("ACNT",  "restart position"),
    ("REAS",  "reason"),
    ("RRTR",  "may be retried later"),
    ("REASL", "length of the reason text"),
    ("REAST", "reason text"),
    ("BUF",   "subrecords"),
    ("RCNT",  "records"),
    ("UCNT",  "octets"),
    ("CD",    "turn wanted"),
    ("HSHL",  "length of the hash"),
    ("HSH",   "hash of the file"),
    ("SIGL",  "length of the signature"),
    ("SIG",   "signature"),
    ("CHLL",  "length of the challenge"),
    ("CHAL",  "encrypted challenge"),
    ("RSP",   "decrypted challenge"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_every_layout_has_a_meaning() {
        for code in CommandCode::all() {
            for field in code.layouts().iter().flat_map(|layout| layout.fields) {
                let meaning = meaning(code, field, b"");
                assert!(!meaning.is_empty(), "{}", field.name);
            }
        }
    }

    #[test]
    fn a_command_is_explained_field_by_field() {
        let explained = explain(b"F02005abcde\r", Level::V1_3);
        assert_eq!(
            (explained.command, explained.level),
            (Some(CommandCode::Esid), Level::V2_0)
        );
        let [_, reason, _, text, end] = &explained.fields[..] else {
            panic!("{explained:?}")
        };
        assert_eq!(reason.meaning, "reason: protocol violation");
        assert_eq!(
            (text.name, text.offset, text.value.as_str()),
            ("ESIDREAST", 6, "abcde")
        );
        assert_eq!((end.offset, end.octets), (11, &b"\r"[..]));
        assert_eq!((explained.rest, explained.fault), (&b""[..], None));
    }

    #[test]
    fn what_is_broken_is_explained_as_far_as_it_goes() {
        let explained = explain(b"499trailing", Level::V2_0);
        assert_eq!(explained.rest, b"9trailing");
        assert_eq!(explained.fault.map(|fault| fault.reason.code()), Some(7));
        assert_eq!(explain(b"Zx", Level::V2_0).rest, b"Zx");
        assert_eq!(explain(b"", Level::V2_0).fields, []);
    }

    #[test]
    fn secrets_are_not_shown() {
        let ssid = b"X5O0177ALPHA-MOTORS  HUB001SECRET  02048BYYN007N            \r";
        let explained = explain(ssid, Level::V1_3);
        assert_eq!(explained.fault, None);
        let password = explained
            .fields
            .iter()
            .find(|field| field.name == "SSIDPSWD");
        assert_eq!(password.map(|field| field.value.as_str()), Some("***"));
    }
}
