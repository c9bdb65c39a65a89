//! ESID: End Session (RFC 5024 section 5.3.11).

use crate::wire::code::CommandCode;
use crate::wire::cursor::Cut;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::reason::EsidReason;
use crate::wire::text::Text;
use crate::wire::writer::{self, Value};

/// The end of a session, normal or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Esid {
    /// ESIDREAS: why; 00 is the normal end.
    pub reas: EsidReason,
    /// ESIDREAST: why, in words; level 2.0 only.
    pub reast: Text,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 4, max_octets: 4, fields: &[
        at(0, "ESIDCMD",   F, X,    1),
        at(1, "ESIDREAS",  F, NINE, 2),
        at(3, "ESIDCR",    F, X,    1),
    ] },
    Layout { levels: DERIVED, min_octets: 4, max_octets: 4, fields: &[
        at(0, "ESIDCMD",   F, X,    1),
        at(1, "ESIDREAS",  F, NINE, 2),
        at(3, "ESIDCR",    F, X,    1),
    ] },
    Layout { levels: RFC_5024, min_octets: 7, max_octets: MAX_OCTETS, fields: &[
        at(0, "ESIDCMD",   F, X,    1),
        at(1, "ESIDREAS",  F, NINE, 2),
        at(3, "ESIDREASL", V, NINE, 3),
        by(6, "ESIDREAST", T, "ESIDREASL"),
        then( "ESIDCR",    F, X,    1),
    ] },
];

/// Octets of the longest ESID.
pub const MAX_OCTETS: usize = 1006;

const CUTS: &[Cut] = &[Cut {
    quirk: Quirks::ANY_CR,
    before: "ESIDCR",
    octets: None,
}];

impl Esid {
    /// Appends the command to `out`. Below level 2.0 the text is left out; the reason is sent as it
    /// is, see [`EsidReason::for_level`].
    ///
    /// # Errors
    /// None that a value of this type can cause.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Esid, level, out, |name| {
            Some(match name {
                "ESIDREAS" => Value::Number(self.reas.code().into()),
                "ESIDREAST" => Value::Octets(self.reast.as_octets()),
                _ => return None,
            })
        })
    }

    /// Reads the command in its short or its long form, whatever the level of the session, because
    /// it may come before the level is agreed (CF-04); also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for a length that does not fit, 06 for a reason that is not digits or another end.
    pub fn decode(octets: &[u8], quirks: Quirks) -> Result<(Self, Quirks), WireError> {
        let level = layout_level(octets);
        let mut fields = super::split(CommandCode::Esid, octets, level, quirks, CUTS)?;
        let esid = Self {
            reas: EsidReason::new(fields.reason("ESIDREAS")?),
            reast: fields.text("ESIDREAST"),
        };
        fields.carriage_return("ESIDCR")?;
        Ok((esid, fields.used()))
    }
}

/// The level whose layout the octets have: the short one up to 4 octets, or with CR at octet 3.
pub(crate) const fn layout_level(octets: &[u8]) -> Level {
    match octets {
        [_, _, _, b'\r' | 0x8d, ..] => Level::V1_4,
        [_, _, _, _, _, ..] => Level::V2_0,
        _ => Level::V1_4,
    }
}
