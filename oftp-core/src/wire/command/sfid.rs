//! SFID: Start File (RFC 5024 section 5.3.3).

use crate::wire::code::CommandCode;
use crate::wire::cursor::Fields;
use crate::wire::error::{FieldError, WireError};
use crate::wire::identification_code::IdentificationCode;
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::stamp::Stamp;
use crate::wire::string::{DatasetName, UserData};
use crate::wire::text::Text;
use crate::wire::values::{RecordFormat, Security};
use crate::wire::writer::{self, Value};

/// The Speaker offers a Virtual File.
///
/// `osiz` and all from `sec` on exist at level 2.0 only; an SFID of a lower level reads as if they
/// were zero, N or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sfid {
    /// SFIDDSN: dataset name.
    pub dsn: DatasetName,
    /// SFIDDATE and SFIDTIME: stamps given by the originator.
    pub stamp: Stamp,
    /// SFIDUSER: user data by bilateral agreement.
    pub user: UserData,
    /// SFIDDEST: final recipient.
    pub dest: IdentificationCode,
    /// SFIDORIG: originator.
    pub orig: IdentificationCode,
    /// SFIDFMT: record format; of the original, if the file is secured or compressed.
    pub fmt: RecordFormat,
    /// SFIDLRECL: longest record in octets, 0 to 99,999; 0 for U and T.
    pub lrecl: u32,
    /// SFIDFSIZ: size as transmitted in blocks of 1,024 octets; 7 digits below 2.0, else 13.
    pub fsiz: u64,
    /// SFIDOSIZ: size of the original in blocks of 1,024 octets, 13 digits; 0 when unknown.
    pub osiz: u64,
    /// SFIDREST: restart position in records (F, V) or blocks of 1,024 octets (U, T, and every
    /// secured or compressed file); 9 digits below 2.0, else 17.
    pub rest: u64,
    /// SFIDSEC: security level.
    pub sec: Security,
    /// SFIDCIPH: cipher suite, 0 to 99; also names the algorithms of a signed response.
    pub ciph: u8,
    /// SFIDCOMP: file compression, 0 none, 1 ZLIB; others are for the session to refuse (CF-14).
    pub comp: u8,
    /// SFIDENV: envelope, 0 none, 1 CMS; others are for the session to refuse (CF-14).
    pub env: u8,
    /// SFIDSIGN: whether the response must be signed.
    pub sign: bool,
    /// SFIDDESC: description.
    pub desc: Text,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 128, max_octets: 128, fields: &[
        at(  0, "SFIDCMD",   F, X,     1),
        at(  1, "SFIDDSN",   V, X,    26),
        at( 27, "SFIDRSV1",  F, X,     9),
        at( 36, "SFIDDATE",  V, X,     6),
        at( 42, "SFIDTIME",  V, X,     6),
        at( 48, "SFIDUSER",  V, X,     8),
        at( 56, "SFIDDEST",  V, X,    25),
        at( 81, "SFIDORIG",  V, X,    25),
        at(106, "SFIDFMT",   F, X,     1),
        at(107, "SFIDLRECL", V, NINE,  5),
        at(112, "SFIDFSIZ",  V, NINE,  7),
        at(119, "SFIDREST",  V, NINE,  9),
    ] },
    Layout { levels: DERIVED, min_octets: 128, max_octets: 128, fields: &[
        at(  0, "SFIDCMD",   F, X,     1),
        at(  1, "SFIDDSN",   V, X,    26),
        at( 27, "SFIDRSV1",  F, X,     3),
        at( 30, "SFIDDATE",  V, NINE,  8),
        at( 38, "SFIDTIME",  V, NINE, 10),
        at( 48, "SFIDUSER",  V, X,     8),
        at( 56, "SFIDDEST",  V, X,    25),
        at( 81, "SFIDORIG",  V, X,    25),
        at(106, "SFIDFMT",   F, X,     1),
        at(107, "SFIDLRECL", V, NINE,  5),
        at(112, "SFIDFSIZ",  V, NINE,  7),
        at(119, "SFIDREST",  V, NINE,  9),
    ] },
    Layout { levels: RFC_5024, min_octets: 165, max_octets: 1164, fields: &[
        at(  0, "SFIDCMD",   F, X,     1),
        at(  1, "SFIDDSN",   V, X,    26),
        at( 27, "SFIDRSV1",  F, X,     3),
        at( 30, "SFIDDATE",  V, NINE,  8),
        at( 38, "SFIDTIME",  V, NINE, 10),
        at( 48, "SFIDUSER",  V, X,     8),
        at( 56, "SFIDDEST",  V, X,    25),
        at( 81, "SFIDORIG",  V, X,    25),
        at(106, "SFIDFMT",   F, X,     1),
        at(107, "SFIDLRECL", V, NINE,  5),
        at(112, "SFIDFSIZ",  V, NINE, 13),
        at(125, "SFIDOSIZ",  V, NINE, 13),
        at(138, "SFIDREST",  V, NINE, 17),
        at(155, "SFIDSEC",   F, NINE,  2),
        at(157, "SFIDCIPH",  F, NINE,  2),
        at(159, "SFIDCOMP",  F, NINE,  1),
        at(160, "SFIDENV",   F, NINE,  1),
        at(161, "SFIDSIGN",  F, X,     1),
        at(162, "SFIDDESCL", V, NINE,  3),
        by(165, "SFIDDESC",  T, "SFIDDESCL"),
    ] },
];

impl Sfid {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// Below level 2.0 description, original size and cipher suite are left out; stamps are
    /// shortened or lengthened as [`Stamp::for_level`] tells.
    ///
    /// # Errors
    /// [`FieldError::TooLarge`] for a number that the level cannot hold (CF-25);
    /// [`FieldError::NotAtLevel`] for a secured or compressed file, or a signed response asked
    /// for, below 2.0: protection is never dropped silently.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        if !level.is_2_0()
            && let Some(what) = self.needs_2_0()
        {
            return Err(FieldError::NotAtLevel { what, level });
        }
        if !self.fmt.has_records() && self.lrecl != 0 {
            let problem = "must be 0 for formats U and T";
            return Err(FieldError::Invalid {
                field: "SFIDLRECL",
                problem,
            });
        }
        let stamp = self.stamp.for_level(level);
        writer::write(CommandCode::Sfid, level, out, |name| {
            Some(match name {
                "SFIDDSN" => Value::Octets(self.dsn.as_octets()),
                "SFIDDATE" => Value::Date(stamp),
                "SFIDTIME" => Value::Time(stamp),
                "SFIDUSER" => Value::Octets(self.user.as_octets()),
                "SFIDDEST" => Value::Octets(self.dest.as_octets()),
                "SFIDORIG" => Value::Octets(self.orig.as_octets()),
                "SFIDFMT" => Value::Letter(self.fmt.letter()),
                "SFIDLRECL" => Value::Number(self.lrecl.into()),
                "SFIDFSIZ" => Value::Number(self.fsiz),
                "SFIDOSIZ" => Value::Number(self.osiz),
                "SFIDREST" => Value::Number(self.rest),
                "SFIDSEC" => Value::Number(self.sec.code().into()),
                "SFIDCIPH" => Value::Number(self.ciph.into()),
                "SFIDCOMP" => Value::Number(self.comp.into()),
                "SFIDENV" => Value::Number(self.env.into()),
                "SFIDSIGN" => Value::Flag(self.sign),
                "SFIDDESC" => Value::Octets(self.desc.as_octets()),
                _ => return None,
            })
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for a length that does not fit, 06 for a field outside its values.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Sfid, octets, level, quirks, &[])?;
        let stamp = fields.stamp("SFIDDATE", "SFIDTIME")?;
        let fmt = format(&fields)?;
        let sfid = Self {
            dsn: fields.string("SFIDDSN"),
            stamp,
            user: fields.string("SFIDUSER"),
            dest: fields.string("SFIDDEST"),
            orig: fields.string("SFIDORIG"),
            fmt,
            lrecl: record_length(&mut fields, fmt)?,
            fsiz: fields.number("SFIDFSIZ")?,
            osiz: fields.number("SFIDOSIZ")?,
            rest: fields.number("SFIDREST")?,
            sec: security(&mut fields)?,
            ciph: small(&mut fields, "SFIDCIPH")?,
            comp: small(&mut fields, "SFIDCOMP")?,
            env: small(&mut fields, "SFIDENV")?,
            sign: fields.flag("SFIDSIGN")?,
            desc: fields.text("SFIDDESC"),
        };
        Ok((sfid, fields.used()))
    }

    /// What only level 2.0 can express.
    const fn needs_2_0(&self) -> Option<&'static str> {
        match self {
            Self {
                sec: Security::Encrypted | Security::EncryptedAndSigned,
                ..
            } => Some("an encrypted file"),
            Self {
                sec: Security::Signed,
                ..
            } => Some("a signed file"),
            Self { comp: 1.., .. } => Some("a compressed file"),
            Self { env: 1.., .. } => Some("an enveloped file"),
            Self { sign: true, .. } => Some("a request for a signed response"),
            _ => None,
        }
    }
}

fn format(fields: &Fields<'_>) -> Result<RecordFormat, WireError> {
    let letter = fields
        .octets("SFIDFMT")
        .first()
        .copied()
        .unwrap_or_default();
    RecordFormat::from_letter(letter).ok_or_else(|| fields.not_allowed("SFIDFMT", "F, V, U, T"))
}

fn record_length(fields: &mut Fields<'_>, format: RecordFormat) -> Result<u32, WireError> {
    // Five digits always fit.
    let octets = u32::try_from(fields.number("SFIDLRECL")?).unwrap_or(u32::MAX);
    if octets != 0 && !format.has_records() {
        let fault = fields.not_allowed("SFIDLRECL", "00000 (formats U and T)");
        fields.tolerate(Quirks::ANY_LRECL, fault)?;
    }
    Ok(octets)
}

fn security(fields: &mut Fields<'_>) -> Result<Security, WireError> {
    let code = fields.number("SFIDSEC")?;
    Security::from_code(code).ok_or_else(|| fields.not_allowed("SFIDSEC", "00, 01, 02, 03"))
}

fn small(fields: &mut Fields<'_>, name: &'static str) -> Result<u8, WireError> {
    // Two digits always fit.
    Ok(u8::try_from(fields.number(name)?).unwrap_or(u8::MAX))
}
