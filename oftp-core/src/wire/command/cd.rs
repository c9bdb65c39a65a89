//! CD: Change Direction (RFC 5024 section 5.3.12).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer;

/// Gives the turn to the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cd;

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: ALL, min_octets: 1, max_octets: 1, fields: &[
        at(0, "CDCMD", F, X, 1),
    ] },
];

impl Cd {
    /// Appends the command to `out`.
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] where `level` does not have the command.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Cd, level, out, |_| None)
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
        let fields = super::split(CommandCode::Cd, octets, level, quirks, &[])?;
        Ok((Self, fields.used()))
    }
}
