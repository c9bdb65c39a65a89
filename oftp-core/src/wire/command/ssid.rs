//! SSID: Start Session (RFC 5024 section 5.3.2).

use crate::wire::code::CommandCode;
use crate::wire::cursor::{Cut, Fields};
use crate::wire::error::{FieldError, WireError};
use crate::wire::identification_code::IdentificationCode;
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::password::Password;
use crate::wire::quirks::Quirks;
use crate::wire::string::UserData;
use crate::wire::values::Capability;
use crate::wire::writer::{self, Value};

/// The offer of the Initiator and the answer of the Responder at the start of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ssid {
    /// SSIDLEV: the digit of the release level, 1 to 9. Defined are 1, 2, 4 and 5; what others
    /// mean is for the session to decide (CF-01).
    pub lev: u8,
    /// SSIDCODE: identification code of the sender of this SSID.
    pub code: IdentificationCode,
    /// SSIDPSWD: password of the sender of this SSID.
    pub pswd: Password,
    /// SSIDSDEB: largest Data Exchange Buffer accepted, 128 to 99,999 octets with the command
    /// octet, without Stream Transmission Header.
    pub sdeb: u32,
    /// SSIDSR: which way files may travel.
    pub sr: Capability,
    /// SSIDCMPR: buffer compression.
    pub cmpr: bool,
    /// SSIDREST: restart.
    pub rest: bool,
    /// SSIDSPEC: special logic; always N over TCP/IP.
    pub spec: bool,
    /// SSIDCRED: Data Exchange Buffers before a CDT must be awaited, 1 to 999.
    pub cred: u16,
    /// SSIDAUTH: secure authentication; N below level 2.0, which has no such field (CF-05).
    pub auth: bool,
    /// SSIDUSER: user data by bilateral agreement.
    pub user: UserData,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 61, max_octets: 61, fields: &[
        at( 0, "SSIDCMD",  F, X,     1),
        at( 1, "SSIDLEV",  F, NINE,  1),
        at( 2, "SSIDCODE", V, X,    25),
        at(27, "SSIDPSWD", V, X,     8),
        at(35, "SSIDSDEB", V, NINE,  5),
        at(40, "SSIDSR",   F, X,     1),
        at(41, "SSIDCMPR", F, X,     1),
        at(42, "SSIDREST", F, X,     1),
        at(43, "SSIDSPEC", F, X,     1),
        at(44, "SSIDCRED", V, NINE,  3),
        at(47, "SSIDRSV1", F, X,     5),
        at(52, "SSIDUSER", V, X,     8),
        at(60, "SSIDCR",   F, X,     1),
    ] },
    Layout { levels: DERIVED, min_octets: 61, max_octets: 61, fields: &[
        at( 0, "SSIDCMD",  F, X,     1),
        at( 1, "SSIDLEV",  F, NINE,  1),
        at( 2, "SSIDCODE", V, X,    25),
        at(27, "SSIDPSWD", V, X,     8),
        at(35, "SSIDSDEB", V, NINE,  5),
        at(40, "SSIDSR",   F, X,     1),
        at(41, "SSIDCMPR", F, X,     1),
        at(42, "SSIDREST", F, X,     1),
        at(43, "SSIDSPEC", F, X,     1),
        at(44, "SSIDCRED", V, NINE,  3),
        at(47, "SSIDRSV1", F, X,     5),
        at(52, "SSIDUSER", V, X,     8),
        at(60, "SSIDCR",   F, X,     1),
    ] },
    Layout { levels: RFC_5024, min_octets: 61, max_octets: 61, fields: &[
        at( 0, "SSIDCMD",  F, X,     1),
        at( 1, "SSIDLEV",  F, NINE,  1),
        at( 2, "SSIDCODE", V, X,    25),
        at(27, "SSIDPSWD", V, X,     8),
        at(35, "SSIDSDEB", V, NINE,  5),
        at(40, "SSIDSR",   F, X,     1),
        at(41, "SSIDCMPR", F, X,     1),
        at(42, "SSIDREST", F, X,     1),
        at(43, "SSIDSPEC", F, X,     1),
        at(44, "SSIDCRED", V, NINE,  3),
        at(47, "SSIDAUTH", F, X,     1),
        at(48, "SSIDRSV1", F, X,     4),
        at(52, "SSIDUSER", V, X,     8),
        at(60, "SSIDCR",   F, X,     1),
    ] },
];

const CUTS: &[Cut] = &[Cut {
    quirk: Quirks::ANY_CR,
    before: "SSIDCR",
    octets: None,
}];

impl Ssid {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// The layout is that of [`Ssid::lev`]; the level of the session is not known yet.
    ///
    /// # Errors
    /// [`FieldError::Invalid`] for a level, buffer size or credit outside its range.
    pub fn encode(&self, _level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let invalid = |field, problem| Err(FieldError::Invalid { field, problem });
        match self {
            Self { lev: 0 | 10.., .. } => return invalid("SSIDLEV", "must be a digit of 1 to 9"),
            Self {
                sdeb: 0..128 | 100_000..,
                ..
            } => {
                return invalid("SSIDSDEB", "must be 128 to 99999");
            }
            Self {
                cred: 0 | 1000.., ..
            } => return invalid("SSIDCRED", "must be 1 to 999"),
            _ => {}
        }
        writer::write(CommandCode::Ssid, level_of_digit(self.lev), out, |name| {
            Some(match name {
                "SSIDLEV" => Value::Number(self.lev.into()),
                "SSIDCODE" => Value::Octets(self.code.as_octets()),
                "SSIDPSWD" => Value::Octets(self.pswd.as_octets()),
                "SSIDSDEB" => Value::Number(self.sdeb.into()),
                "SSIDSR" => Value::Letter(self.sr.letter()),
                "SSIDCMPR" => Value::Flag(self.cmpr),
                "SSIDREST" => Value::Flag(self.rest),
                "SSIDSPEC" => Value::Flag(self.spec),
                "SSIDCRED" => Value::Number(self.cred.into()),
                "SSIDAUTH" => Value::Flag(self.auth),
                "SSIDUSER" => Value::Octets(self.user.as_octets()),
                _ => return None,
            })
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// SSIDLEV, the first field, tells the layout of the others; 6 to 9 are read as 2.0 (CF-01).
    ///
    /// # Errors
    /// Reason 07 for any other length than 61 octets, 06 for a field outside its values.
    pub fn decode(octets: &[u8], quirks: Quirks) -> Result<(Self, Quirks), WireError> {
        let level = layout_level(octets);
        let mut fields = super::split(CommandCode::Ssid, octets, level, quirks, CUTS)?;
        let ssid = Self {
            lev: level_digit(&mut fields)?,
            code: fields.string("SSIDCODE"),
            pswd: Password::new(fields.string("SSIDPSWD")),
            sdeb: buffer_size(&mut fields)?,
            sr: capability(&fields)?,
            cmpr: fields.flag("SSIDCMPR")?,
            rest: fields.flag("SSIDREST")?,
            spec: fields.flag("SSIDSPEC")?,
            cred: credit(&mut fields)?,
            auth: authentication(&mut fields)?,
            user: fields.string("SSIDUSER"),
        };
        fields.carriage_return("SSIDCR")?;
        Ok((ssid, fields.used()))
    }
}

/// The level whose layout the octets of an SSID have.
pub(crate) fn layout_level(octets: &[u8]) -> Level {
    level_of_digit(octets.get(1).map_or(0, |octet| octet.wrapping_sub(b'0')))
}

const fn level_of_digit(digit: u8) -> Level {
    match digit {
        5..=9 => Level::V2_0,
        4 => Level::V1_4,
        _ => Level::V1_3,
    }
}

fn level_digit(fields: &mut Fields<'_>) -> Result<u8, WireError> {
    match fields.number("SSIDLEV")? {
        0 => Err(fields.not_allowed("SSIDLEV", "1 to 9")),
        // One digit always fits.
        digit => Ok(u8::try_from(digit).unwrap_or(9)),
    }
}

fn buffer_size(fields: &mut Fields<'_>) -> Result<u32, WireError> {
    match u32::try_from(fields.number("SSIDSDEB")?) {
        Ok(octets @ 128..) => Ok(octets),
        _ => Err(fields.not_allowed("SSIDSDEB", "00128 to 99999")),
    }
}

fn capability(fields: &Fields<'_>) -> Result<Capability, WireError> {
    let letter = fields.octets("SSIDSR").first().copied().unwrap_or_default();
    Capability::from_letter(letter).ok_or_else(|| fields.not_allowed("SSIDSR", "S, R, B"))
}

fn credit(fields: &mut Fields<'_>) -> Result<u16, WireError> {
    match u16::try_from(fields.number("SSIDCRED")?) {
        Ok(buffers @ 1..) => Ok(buffers),
        _ => Err(fields.not_allowed("SSIDCRED", "001 to 999")),
    }
}

fn authentication(fields: &mut Fields<'_>) -> Result<bool, WireError> {
    if fields.octets("SSIDAUTH") != b" " {
        return fields.flag("SSIDAUTH");
    }
    let fault = fields.not_allowed("SSIDAUTH", "Y, N");
    fields
        .tolerate(Quirks::BLANK_NUMERICS, fault)
        .map(|()| false)
}
