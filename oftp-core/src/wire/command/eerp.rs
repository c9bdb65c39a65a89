//! EERP: End to End Response (RFC 5024 section 5.3.13).

use crate::wire::code::CommandCode;
use crate::wire::cursor::Cut;
use crate::wire::error::{FieldError, WireError};
use crate::wire::identification_code::IdentificationCode;
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::stamp::Stamp;
use crate::wire::string::{DatasetName, UserData};
use crate::wire::writer::{self, Value};

/// The final recipient has received a file.
///
/// Destination and originator have changed places: the response travels back (CF-30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eerp {
    /// EERPDSN: SFIDDSN of the file.
    pub dsn: DatasetName,
    /// EERPDATE and EERPTIME: stamps of the file.
    pub stamp: Stamp,
    /// EERPUSER: user data by bilateral agreement; not covered by the signature.
    pub user: UserData,
    /// EERPDEST: originator of the file.
    pub dest: IdentificationCode,
    /// EERPORIG: final recipient of the file, who made this response.
    pub orig: IdentificationCode,
    /// EERPHSH: hash of the Virtual File as transmitted, 0 to 65,535 octets; level 2.0 only.
    pub hsh: Vec<u8>,
    /// EERPSIG: CMS signature, 0 to 65,535 octets; empty when not signed; level 2.0 only.
    pub sig: Vec<u8>,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 106, max_octets: 106, fields: &[
        at(  0, "EERPCMD",  F, X,     1),
        at(  1, "EERPDSN",  V, X,    26),
        at( 27, "EERPRSV1", F, X,     9),
        at( 36, "EERPDATE", V, X,     6),
        at( 42, "EERPTIME", V, X,     6),
        at( 48, "EERPUSER", V, X,     8),
        at( 56, "EERPDEST", V, X,    25),
        at( 81, "EERPORIG", V, X,    25),
    ] },
    Layout { levels: DERIVED, min_octets: 106, max_octets: 106, fields: &[
        at(  0, "EERPCMD",  F, X,     1),
        at(  1, "EERPDSN",  V, X,    26),
        at( 27, "EERPRSV1", F, X,     3),
        at( 30, "EERPDATE", V, NINE,  8),
        at( 38, "EERPTIME", V, NINE, 10),
        at( 48, "EERPUSER", V, X,     8),
        at( 56, "EERPDEST", V, X,    25),
        at( 81, "EERPORIG", V, X,    25),
    ] },
    Layout { levels: RFC_5024, min_octets: 110, max_octets: 99_999, fields: &[
        at(  0, "EERPCMD",  F, X,     1),
        at(  1, "EERPDSN",  V, X,    26),
        at( 27, "EERPRSV1", F, X,     3),
        at( 30, "EERPDATE", V, NINE,  8),
        at( 38, "EERPTIME", V, NINE, 10),
        at( 48, "EERPUSER", V, X,     8),
        at( 56, "EERPDEST", V, X,    25),
        at( 81, "EERPORIG", V, X,    25),
        at(106, "EERPHSHL", V, U,     2),
        by(108, "EERPHSH",  U, "EERPHSHL"),
        then(   "EERPSIGL", V, U,     2),
        then_by("EERPSIG",  U, "EERPSIGL"),
    ] },
];

const CUTS: &[Cut] = &[
    Cut {
        quirk: Quirks::SHORT_EERP,
        before: "EERPHSHL",
        octets: None,
    },
    Cut {
        quirk: Quirks::SHORT_EERP,
        before: "EERPSIGL",
        octets: Some(108),
    },
];

impl Eerp {
    /// The octets that the signature covers (section 5.3.13): DSN, DATE, TIME, DEST, ORIG, HSH,
    /// each with its padding, as level 2.0 sends them.
    pub fn signed_octets(&self) -> Vec<u8> {
        let stamp = self.stamp.for_level(Level::V2_0);
        [
            &self.dsn.as_octets()[..],
            stamp.date(),
            stamp.time(),
            self.dest.as_octets(),
            self.orig.as_octets(),
            &self.hsh,
        ]
        .concat()
    }

    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// Below level 2.0 the hash is left out; stamps are shortened or lengthened as
    /// [`Stamp::for_level`] tells.
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] for a signature below 2.0, which is never dropped silently;
    /// [`FieldError::CommandTooLong`] above 99,999 octets (CF-09).
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        if !self.sig.is_empty() && !level.is_2_0() {
            return Err(FieldError::NotAtLevel {
                what: "a signed EERP",
                level,
            });
        }
        let stamp = self.stamp.for_level(level);
        writer::write(CommandCode::Eerp, level, out, |name| {
            Some(match name {
                "EERPDSN" => Value::Octets(self.dsn.as_octets()),
                "EERPDATE" => Value::Date(stamp),
                "EERPTIME" => Value::Time(stamp),
                "EERPUSER" => Value::Octets(self.user.as_octets()),
                "EERPDEST" => Value::Octets(self.dest.as_octets()),
                "EERPORIG" => Value::Octets(self.orig.as_octets()),
                "EERPHSH" => Value::Octets(&self.hsh),
                "EERPSIG" => Value::Octets(&self.sig),
                _ => return None,
            })
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for a length that does not fit, 06 for stamps that are not digits.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Eerp, octets, level, quirks, CUTS)?;
        let eerp = Self {
            dsn: fields.string("EERPDSN"),
            stamp: fields.stamp("EERPDATE", "EERPTIME")?,
            user: fields.string("EERPUSER"),
            dest: fields.string("EERPDEST"),
            orig: fields.string("EERPORIG"),
            hsh: fields.octets("EERPHSH").to_vec(),
            sig: fields.octets("EERPSIG").to_vec(),
        };
        Ok((eerp, fields.used()))
    }
}
