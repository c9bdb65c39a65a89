//! EFNA: End File Negative Answer (RFC 5024 section 5.3.10).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::reason::EfnaReason;
use crate::wire::text::Text;
use crate::wire::writer::{self, Value};

/// The Listener does not accept the file that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Efna {
    /// EFNAREAS: why.
    pub reas: EfnaReason,
    /// EFNAREAST: why, in words; level 2.0 only.
    pub reast: Text,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 3, max_octets: 3, fields: &[
        at(0, "EFNACMD",   F, X,    1),
        at(1, "EFNAREAS",  F, NINE, 2),
    ] },
    Layout { levels: DERIVED, min_octets: 3, max_octets: 3, fields: &[
        at(0, "EFNACMD",   F, X,    1),
        at(1, "EFNAREAS",  F, NINE, 2),
    ] },
    Layout { levels: RFC_5024, min_octets: 6, max_octets: 1005, fields: &[
        at(0, "EFNACMD",   F, X,    1),
        at(1, "EFNAREAS",  F, NINE, 2),
        at(3, "EFNAREASL", V, NINE, 3),
        by(6, "EFNAREAST", T, "EFNAREASL"),
    ] },
];

impl Efna {
    /// Appends the command to `out`. Below level 2.0 the text is left out; the reason is sent as it
    /// is, see [`EfnaReason::for_level`].
    ///
    /// # Errors
    /// None that a value of this type can cause.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Efna, level, out, |name| {
            Some(match name {
                "EFNAREAS" => Value::Number(self.reas.code().into()),
                "EFNAREAST" => Value::Octets(self.reast.as_octets()),
                _ => return None,
            })
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for a length that does not fit, 06 for a reason that is not digits.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Efna, octets, level, quirks, &[])?;
        let reas = EfnaReason::new(fields.reason("EFNAREAS")?);
        Ok((
            Self {
                reas,
                reast: fields.text("EFNAREAST"),
            },
            fields.used(),
        ))
    }
}
