//! NERP: Negative End Response (RFC 5024 section 5.3.14), from level 1.4.

use crate::wire::code::CommandCode;
use crate::wire::cursor::Cut;
use crate::wire::error::{FieldError, WireError};
use crate::wire::identification_code::IdentificationCode;
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::reason::NerpReason;
use crate::wire::stamp::Stamp;
use crate::wire::string::DatasetName;
use crate::wire::text::Text;
use crate::wire::writer::{self, Value};

/// A file could not be delivered.
///
/// Destination and originator have changed places: the response travels back (CF-30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nerp {
    /// NERPDSN: SFIDDSN of the file.
    pub dsn: DatasetName,
    /// NERPDATE and NERPTIME: stamps of the file.
    pub stamp: Stamp,
    /// NERPDEST: originator of the file.
    pub dest: IdentificationCode,
    /// NERPORIG: final recipient of the file.
    pub orig: IdentificationCode,
    /// NERPCREA: location that made this response.
    pub crea: IdentificationCode,
    /// NERPREAS: why; not covered by the signature.
    pub reas: NerpReason,
    /// NERPREAST: why, in words; level 2.0 only; not covered by the signature.
    pub reast: Text,
    /// NERPHSH: hash of the Virtual File, 0 to 65,535 octets; level 2.0 only.
    pub hsh: Vec<u8>,
    /// NERPSIG: CMS signature, 0 to 65,535 octets; empty when not signed; level 2.0 only.
    pub sig: Vec<u8>,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: DERIVED, min_octets: 128, max_octets: 128, fields: &[
        at(  0, "NERPCMD",   F, X,     1),
        at(  1, "NERPDSN",   V, X,    26),
        at( 27, "NERPRSV1",  F, X,     6),
        at( 33, "NERPDATE",  V, NINE,  8),
        at( 41, "NERPTIME",  V, NINE, 10),
        at( 51, "NERPDEST",  V, X,    25),
        at( 76, "NERPORIG",  V, X,    25),
        at(101, "NERPCREA",  V, X,    25),
        at(126, "NERPREAS",  F, NINE,  2),
    ] },
    Layout { levels: RFC_5024, min_octets: 135, max_octets: 99_999, fields: &[
        at(  0, "NERPCMD",   F, X,     1),
        at(  1, "NERPDSN",   V, X,    26),
        at( 27, "NERPRSV1",  F, X,     6),
        at( 33, "NERPDATE",  V, NINE,  8),
        at( 41, "NERPTIME",  V, NINE, 10),
        at( 51, "NERPDEST",  V, X,    25),
        at( 76, "NERPORIG",  V, X,    25),
        at(101, "NERPCREA",  V, X,    25),
        at(126, "NERPREAS",  F, NINE,  2),
        at(128, "NERPREASL", V, NINE,  3),
        by(131, "NERPREAST", T, "NERPREASL"),
        then(   "NERPHSHL",  V, U,     2),
        then_by("NERPHSH",   U, "NERPHSHL"),
        then(   "NERPSIGL",  V, U,     2),
        then_by("NERPSIG",   U, "NERPSIGL"),
    ] },
];

const CUTS: &[Cut] = &[
    Cut {
        quirk: Quirks::SHORT_NERP,
        before: "NERPREASL",
        octets: None,
    },
    Cut {
        quirk: Quirks::SHORT_NERP,
        before: "NERPHSHL",
        octets: None,
    },
];

impl Nerp {
    /// The octets that the signature covers (section 5.3.14): DSN, DATE, TIME, DEST, ORIG, CREA,
    /// HSH, each with its padding, as level 2.0 sends them.
    pub fn signed_octets(&self) -> Vec<u8> {
        let stamp = self.stamp.for_level(Level::V2_0);
        [
            &self.dsn.as_octets()[..],
            stamp.date(),
            stamp.time(),
            self.dest.as_octets(),
            self.orig.as_octets(),
            self.crea.as_octets(),
            &self.hsh,
        ]
        .concat()
    }

    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// At level 1.4 text and hash are left out; the reason is sent as it is, see
    /// [`NerpReason::for_level`].
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] below 1.4 (CF-21), and for a signature below 2.0, which is never
    /// dropped silently; [`FieldError::CommandTooLong`] above 99,999 octets (CF-09).
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        if !self.sig.is_empty() && !level.is_2_0() {
            return Err(FieldError::NotAtLevel {
                what: "a signed NERP",
                level,
            });
        }
        let stamp = self.stamp.for_level(level);
        writer::write(CommandCode::Nerp, level, out, |name| {
            Some(match name {
                "NERPDSN" => Value::Octets(self.dsn.as_octets()),
                "NERPDATE" => Value::Date(stamp),
                "NERPTIME" => Value::Time(stamp),
                "NERPDEST" => Value::Octets(self.dest.as_octets()),
                "NERPORIG" => Value::Octets(self.orig.as_octets()),
                "NERPCREA" => Value::Octets(self.crea.as_octets()),
                "NERPREAS" => Value::Number(self.reas.code().into()),
                "NERPREAST" => Value::Octets(self.reast.as_octets()),
                "NERPHSH" => Value::Octets(&self.hsh),
                "NERPSIG" => Value::Octets(&self.sig),
                _ => return None,
            })
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 01 below level 1.4, 07 for a length that does not fit, 06 for a field outside its
    /// values.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Nerp, octets, level, quirks, CUTS)?;
        let nerp = Self {
            dsn: fields.string("NERPDSN"),
            stamp: fields.stamp("NERPDATE", "NERPTIME")?,
            dest: fields.string("NERPDEST"),
            orig: fields.string("NERPORIG"),
            crea: fields.string("NERPCREA"),
            reas: NerpReason::new(fields.reason("NERPREAS")?),
            reast: fields.text("NERPREAST"),
            hsh: fields.octets("NERPHSH").to_vec(),
            sig: fields.octets("NERPSIG").to_vec(),
        };
        Ok((nerp, fields.used()))
    }
}
