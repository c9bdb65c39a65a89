//! AURP: Authentication Response (RFC 5024 section 5.3.18), level 2.0.

use std::fmt;

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// The challenge of an AUCH, read with the private key.
///
/// Compare `rsp` with the challenge in constant time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Aurp {
    /// AURPRSP: the 20 octets of the challenge.
    pub rsp: [u8; 20],
}

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: RFC_5024, min_octets: 21, max_octets: 21, fields: &[
        at(0, "AURPCMD", F, X,  1),
        at(1, "AURPRSP", V, U, 20),
    ] },
];

impl Aurp {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// [`FieldError::NotAtLevel`] below 2.0.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Aurp, level, out, |_| {
            Some(Value::Octets(&self.rsp))
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 01 below level 2.0, 07 for any other length than 21 octets.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let fields = super::split(CommandCode::Aurp, octets, level, quirks, &[])?;
        Ok((
            Self {
                rsp: *fields.string("AURPRSP").as_octets(),
            },
            fields.used(),
        ))
    }
}

/// A response proves who someone is and stays out of logs.
impl fmt::Debug for Aurp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aurp(***)")
    }
}
