//! CDT: Set Credit (RFC 5024 section 5.3.7).

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer;

/// The Listener lets the Speaker send a full window of Data Exchange Buffers again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cdt;

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: ALL, min_octets: 3, max_octets: 3, fields: &[
        at(0, "CDTCMD",  F, X, 1),
        at(1, "CDTRSV1", F, X, 2),
    ] },
];

impl Cdt {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// None: every level has the same CDT.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Cdt, level, out, |_| None)
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for any other length than 3 octets.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        match super::split(CommandCode::Cdt, octets, level, quirks, &[]) {
            Ok(fields) => Ok((Self, fields.used())),
            // The reserved field carries nothing, so that a part of it does no harm.
            Err(_) if octets.len() < 3 && quirks.contains(Quirks::SHORT_CDT) => {
                Ok((Self, Quirks::SHORT_CDT))
            }
            Err(fault) if octets.len() < 3 => Err(fault.tolerated_by(Quirks::SHORT_CDT)),
            Err(fault) => Err(fault),
        }
    }
}
