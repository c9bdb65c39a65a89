//! SFPA: Start File Positive Answer (RFC 5024 section 5.3.4).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// The Listener takes the file that was offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sfpa {
    /// SFPAACNT: where to start, in the unit of SFIDREST and at most that; 9 digits below 2.0,
    /// else 17.
    pub acnt: u64,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 10, max_octets: 10, fields: &[
        at(0, "SFPACMD",  F, X,     1),
        at(1, "SFPAACNT", V, NINE,  9),
    ] },
    Layout { levels: DERIVED, min_octets: 10, max_octets: 10, fields: &[
        at(0, "SFPACMD",  F, X,     1),
        at(1, "SFPAACNT", V, NINE,  9),
    ] },
    Layout { levels: RFC_5024, min_octets: 18, max_octets: 18, fields: &[
        at(0, "SFPACMD",  F, X,     1),
        at(1, "SFPAACNT", V, NINE, 17),
    ] },
];

impl Sfpa {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// [`FieldError::TooLarge`] for a count that the level cannot hold (CF-25).
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let value = |name| (name == "SFPAACNT").then_some(Value::Number(self.acnt));
        writer::write(CommandCode::Sfpa, level, out, value)
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for a length that does not fit, 06 for a count that is not digits.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Sfpa, octets, level, quirks, &[])?;
        Ok((
            Self {
                acnt: fields.number("SFPAACNT")?,
            },
            fields.used(),
        ))
    }
}
