//! Stream Transmission Headers, right and wrong, for `oftp.wire` (RFC 5024 section 8.2).

use oftp_core::wire::{Problem, WireError, reason::EsidReason, sth};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer;
use crate::error::{Error, Outcome};

/// The Stream Transmission Header of that many octets.
///
/// :raises UserError: A value has too many bits.
#[pyfunction]
#[pyo3(signature = (octets, version, flags, /))]
pub(crate) fn wire_header(
    py: Python<'_>,
    octets: i64,
    version: u8,
    flags: u8,
) -> PyResult<Bound<'_, PyBytes>> {
    Ok(PyBytes::new(py, &header(octets, version, flags)?))
}

fn header(octets: i64, version: u8, flags: u8) -> Outcome<[u8; sth::OCTETS]> {
    for (name, value) in [("version", version), ("flags", flags)] {
        if value > 0x0f {
            let text = format!("{name} is {value}, the header has 4 bits for it: 0 to 15");
            return Err(Error::value(text));
        }
    }
    // Four, as the name says.
    let own = sth::OCTETS as i64;
    let all = octets.checked_add(own);
    match all
        .and_then(|all| u32::try_from(all).ok())
        .map(u32::to_be_bytes)
    {
        Some([0, high, middle, low]) => Ok([version << 4 | flags, high, middle, low]),
        _ => Err(Error::value(format!(
            "octets is {octets}, the header can say -{own} to {}",
            0xff_ffff - own
        ))),
    }
}

/// How many octets follow this header, `most` at most.
///
/// :raises WireError: It is no header, or tells more.
#[pyfunction]
#[pyo3(signature = (header, most=None, /))]
pub(crate) fn wire_exchange_buffer_octets(
    header: &Bound<'_, PyAny>,
    most: Option<usize>,
) -> PyResult<usize> {
    Ok(buffer::with(header, |header| {
        let header = <[u8; sth::OCTETS]>::try_from(header);
        let header = header.map_err(|_| Error::value("a header has 4 octets"))?;
        let octets = sth::exchange_buffer_octets(header)?;
        match most {
            Some(limit) if octets > limit => {
                let problem = Problem::TooLong { limit, octets };
                Err(WireError::new(EsidReason::SIZE_ERROR, problem).into())
            }
            _ => Ok(octets),
        }
    })?)
}
