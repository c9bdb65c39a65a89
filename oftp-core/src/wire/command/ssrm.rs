//! SSRM: Start Session Ready Message (RFC 5024 section 5.3.1).

use crate::wire::code::CommandCode;
use crate::wire::cursor::Cut;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::Layout;
use crate::wire::layout::rows::*;
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;
use crate::wire::writer::{self, Value};

/// The first command of a session, from Responder to Initiator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ssrm;

/// The message, with the space that fills its field.
pub const MESSAGE: &[u8; 17] = b"ODETTE FTP READY ";

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: ALL, min_octets: 19, max_octets: 19, fields: &[
        at( 0, "SSRMCMD", F, X,  1),
        at( 1, "SSRMMSG", F, X, 17),
        at(18, "SSRMCR",  F, X,  1),
    ] },
];

const CUTS: &[Cut] = &[Cut {
    quirk: Quirks::ANY_CR,
    before: "SSRMCR",
    octets: None,
}];

impl Ssrm {
    /// Appends the command to `out`; on error `out` stays as it was.
    ///
    /// # Errors
    /// None: every level has the same SSRM.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        writer::write(CommandCode::Ssrm, level, out, |_| {
            Some(Value::Octets(MESSAGE))
        })
    }

    /// Reads the command; also tells which of `quirks` were needed.
    ///
    /// # Errors
    /// Reason 07 for any other length than 19 octets, 06 for another message or end.
    pub fn decode(
        octets: &[u8],
        level: Level,
        quirks: Quirks,
    ) -> Result<(Self, Quirks), WireError> {
        let mut fields = super::split(CommandCode::Ssrm, octets, level, quirks, CUTS)?;
        if fields.octets("SSRMMSG") != MESSAGE {
            return Err(fields.not_allowed("SSRMMSG", "\"ODETTE FTP READY \""));
        }
        fields.carriage_return("SSRMCR")?;
        Ok((Self, fields.used()))
    }
}
