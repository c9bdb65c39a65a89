//! SECD: Security Change Direction (RFC 5024 section 5.3.16).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer;

/// Asks the other side to authenticate (level 2.0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secd;

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_5024, min_octets: 1, max_octets: 1, fields: &[
        at(0, "SECDCMD", F, X, 1),
    ] },
];

impl Secd {
    /// Appends the command to `out`.
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] where `level` does not have the command.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Secd, level, out, |_| None)
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 01 below the level of the command, 07 for octets after the command code.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let fields = super::split(CommandCode::Secd, octets, level, quirks, &[])?;
        Ok((Self, fields.used()))
    }
}
