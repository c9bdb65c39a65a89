//! EFPA: End File Positive Answer (RFC 5024 section 5.3.9).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// The Listener accepts the file that was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Efpa {
    /// EFPACD: whether the Listener asks for the turn.
    pub cd: bool,
}

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: ALL, min_octets: 2, max_octets: 2, fields: &[
        at(0, "EFPACMD", F, X, 1),
        at(1, "EFPACD",  F, X, 1),
    ] },
];

impl Efpa {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// None: every level has the same EFPA.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Efpa, level, out, |_| {
            Some(Value::Flag(self.cd))
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for any other length than 2 octets, 06 for anything but Y and N.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Efpa, octets, level, quirks, &[])?;
        Ok((
            Self {
                cd: fields.flag("EFPACD")?,
            },
            fields.used(),
        ))
    }
}
