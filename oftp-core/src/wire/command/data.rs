//! DATA: Data Exchange Buffer (RFC 5024 section 5.3.6).
//!
//! The subrecords inside are the matter of chapter 7, [`crate::virtual_file`].

use crate::wire::code::CommandCode;
use crate::wire::error::{FieldError, WireError};
use crate::wire::layout::rows::*;
use crate::wire::layout::{Field, Layout, Len};
use crate::wire::level::Level;
use crate::wire::quirks::Quirks;

/// The rows of the box.
#[rustfmt::skip]
pub const LAYOUTS: &[Layout] = &[
    Layout { levels: ALL, min_octets: 1, max_octets: MAX_OCTETS, fields: &[
        at(0, "DATACMD", F, X, 1),
        Field { pos: Some(1), name: "DATABUF", format: V, ty: U, len: Len::Rest },
    ] },
];

/// Octets of the largest Data Exchange Buffer that can be negotiated, command code included.
pub const MAX_OCTETS: usize = 99_999;

/// Appends a Data Exchange Buffer with `payload` to `out`.
///
/// # Errors
/// [`FieldError::CommandTooLong`] above 99,999 octets; the negotiated size is for the caller.
pub fn encode(payload: &[u8], out: &mut Vec<u8>) -> Result<(), FieldError> {
    let octets = payload.len().saturating_add(1);
    if octets > MAX_OCTETS {
        let command = CommandCode::Data;
        return Err(FieldError::CommandTooLong {
            command,
            octets,
            limit: MAX_OCTETS,
        });
    }
    out.push(CommandCode::Data.octet());
    out.extend_from_slice(payload);
    Ok(())
}

/// The subrecords of a Data Exchange Buffer: all octets after the command code.
///
/// # Errors
/// Reason 01 or 07 for a buffer that is no DATA.
pub fn decode(octets: &[u8]) -> Result<&[u8], WireError> {
    let fields = super::split(CommandCode::Data, octets, Level::V2_0, Quirks::STRICT, &[])?;
    Ok(fields.octets("DATABUF"))
}
