//! EFID: End File (RFC 5024 section 5.3.8).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// The Speaker has sent the whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Efid {
    /// EFIDRCNT: records of the file for F and V, else 0; 9 digits below 2.0, else 17.
    pub rcnt: u64,
    /// EFIDUCNT: octets of the file as transmitted; 12 digits below 2.0, else 17.
    pub ucnt: u64,
}

/// The rows of the boxes.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_2204, min_octets: 22, max_octets: 22, fields: &[
        at( 0, "EFIDCMD",  F, X,     1),
        at( 1, "EFIDRCNT", V, NINE,  9),
        at(10, "EFIDUCNT", V, NINE, 12),
    ] },
    Layout { levels: DERIVED, min_octets: 22, max_octets: 22, fields: &[
        at( 0, "EFIDCMD",  F, X,     1),
        at( 1, "EFIDRCNT", V, NINE,  9),
        at(10, "EFIDUCNT", V, NINE, 12),
    ] },
    Layout { levels: RFC_5024, min_octets: 35, max_octets: 35, fields: &[
        at( 0, "EFIDCMD",  F, X,     1),
        at( 1, "EFIDRCNT", V, NINE, 17),
        at(18, "EFIDUCNT", V, NINE, 17),
    ] },
];

impl Efid {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// [`FieldError::TooLarge`] for a count that the level cannot hold (CF-25).
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Efid, level, out, |name| {
            Some(match name {
                "EFIDRCNT" => Value::Number(self.rcnt),
                "EFIDUCNT" => Value::Number(self.ucnt),
                _ => return None,
            })
        })
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
        let mut fields = super::split(CommandCode::Efid, octets, level, quirks, &[])?;
        let efid = Self {
            rcnt: fields.number("EFIDRCNT")?,
            ucnt: fields.number("EFIDUCNT")?,
        };
        Ok((efid, fields.used()))
    }
}
