//! AUCH: Authentication Challenge (RFC 5024 section 5.3.17), level 2.0.

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// A challenge that only the owner of a private key can read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auch {
    /// AUCHCHAL: CMS EnvelopedData around 20 random octets, 0 to 65,535 octets.
    pub chal: Vec<u8>,
}

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_5024, min_octets: 3, max_octets: 65_538, fields: &[
        at(0, "AUCHCMD",  F, X, 1),
        at(1, "AUCHCHLL", V, U, 2),
        by(3, "AUCHCHAL", U, "AUCHCHLL"),
    ] },
];

impl Auch {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] below 2.0, [`FieldError::Invalid`] above 65,535 octets.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let value = |name| (name == "AUCHCHAL").then_some(Value::Octets(&self.chal));
        writer::write(CommandCode::Auch, level, out, value)
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 01 below level 2.0, 07 for a length that does not fit.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let fields = super::split(CommandCode::Auch, octets, level, quirks, &[])?;
        Ok((
            Self {
                chal: fields.octets("AUCHCHAL").to_vec(),
            },
            fields.used(),
        ))
    }
}
