//! SFNA: Start File Negative Answer (RFC 5024 section 5.3.5).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::reason::SfnaReason;
use crate::wire::text::Text;
use crate::wire::writer::{self, Value};

/// The Listener refuses the file that was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sfna {
    /// SFNAREAS: why.
    pub reas: SfnaReason,
    /// SFNARRTR: whether the file may be offered again later.
    pub rrtr: bool,
    /// SFNAREAST: why, in words; level 2.0 only.
    pub reast: Text,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 4, max_octets: 4, fields: &[
        at(0, "SFNACMD",   F, X,    1),
        at(1, "SFNAREAS",  F, NINE, 2),
        at(3, "SFNARRTR",  F, X,    1),
    ] },
    Layout { levels: DERIVED, min_octets: 4, max_octets: 4, fields: &[
        at(0, "SFNACMD",   F, X,    1),
        at(1, "SFNAREAS",  F, NINE, 2),
        at(3, "SFNARRTR",  F, X,    1),
    ] },
    Layout { levels: RFC_5024, min_octets: 7, max_octets: 1006, fields: &[
        at(0, "SFNACMD",   F, X,    1),
        at(1, "SFNAREAS",  F, NINE, 2),
        at(3, "SFNARRTR",  F, X,    1),
        at(4, "SFNAREASL", V, NINE, 3),
        by(7, "SFNAREAST", T, "SFNAREASL"),
    ] },
];

impl Sfna {
    /// Appends the command to `out`. Below level 2.0 the text is left out; the reason is sent as it
    /// is, see [`SfnaReason::for_level`].
    ///
    /// # Errors
    /// None that a value of this type can cause.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Sfna, level, out, |name| {
            Some(match name {
                "SFNAREAS" => Value::Number(self.reas.code().into()),
                "SFNARRTR" => Value::Flag(self.rrtr),
                "SFNAREAST" => Value::Octets(self.reast.as_octets()),
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
        let mut fields = super::split(CommandCode::Sfna, octets, level, quirks, &[])?;
        let sfna = Self {
            reas: SfnaReason::new(fields.reason("SFNAREAS")?),
            rrtr: fields.flag("SFNARRTR")?,
            reast: fields.text("SFNAREAST"),
        };
        Ok((sfna, fields.used()))
    }
}
