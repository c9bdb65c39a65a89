//! Subrecords of DATA, for `oftp.wire` (RFC 5024 sections 5.3.6 and 7.2).

use oftp_core::virtual_file::{
    DataBuffer, DataError, DataProblem, Encoder, RecordState, RestartPosition, Structure,
    Subrecords,
};
use oftp_core::wire::{CommandCode, Problem, RecordFormat, WireError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer;
use crate::error::{Error, Outcome};

/// The payload of a DATA of at most `limit` octets.
///
/// :raises UserError: It does not fit; `ends` are wrong.
#[pyfunction]
#[pyo3(signature = (octets, ends, compression, limit, /))]
pub(crate) fn wire_subrecords<'py>(
    octets: &Bound<'py, PyAny>,
    ends: Vec<usize>,
    compression: bool,
    limit: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = octets.py();
    Ok(buffer::with(octets, |octets| {
        let buffer = py.detach(|| subrecords(octets, &ends, compression, limit))?;
        Ok(PyBytes::new(py, buffer.get(1..).unwrap_or_default()))
    })?)
}

fn subrecords(octets: &[u8], ends: &[usize], compression: bool, limit: usize) -> Outcome<Vec<u8>> {
    let rising = ends.windows(2).all(|pair| pair[0] <= pair[1]);
    if !rising || ends.last().is_some_and(|last| *last > octets.len()) {
        return Err(Error::value(
            "ends must rise and lie within the octets that are given",
        ));
    }
    let mut buffer = Vec::new();
    let mut encoder = Encoder::new(&mut buffer, limit, compression);
    let mut from = 0;
    let records = ends.iter().map(|end| (*end, true));
    for (to, ends) in records.chain([(octets.len(), false)]) {
        // Ends rise and none is past the octets.
        let written = encoder.write(&octets[from..to], ends);
        if written.octets < to - from || ends && !written.ended {
            return Err(Error::value(format!(
                "{} of {} octets fit into a Data Exchange Buffer of {limit}; \
                 use more of them (RFC 5024 5.3.2 SSIDSDEB)",
                from + written.octets,
                octets.len()
            )));
        }
        from = to;
    }
    Ok(buffer)
}

/// The octets in a payload, and where records end.
///
/// :raises WireError: Its subrecords are wrong.
#[pyfunction]
#[pyo3(signature = (payload, compression, /))]
pub(crate) fn wire_data_of<'py>(
    payload: &Bound<'py, PyAny>,
    compression: bool,
) -> PyResult<(Bound<'py, PyBytes>, Vec<usize>)> {
    let py = payload.py();
    Ok(buffer::with(payload, |payload| {
        let (octets, ends) = py.detach(|| data_of(payload, compression))?;
        Ok((PyBytes::new(py, &octets), ends))
    })?)
}

fn data_of(payload: &[u8], compression: bool) -> Outcome<(Vec<u8>, Vec<usize>)> {
    // What a record may be is not asked here.
    let structure = Structure::new(RecordFormat::U, 0, false);
    let mut counts = RecordState::new(structure, RestartPosition::START);
    DataBuffer::check(payload, compression, &mut counts).map_err(fault)?;
    let (mut octets, mut ends) = (Vec::new(), Vec::new());
    for subrecord in Subrecords::new(payload) {
        match subrecord.content {
            [octet] if subrecord.header.compressed() => {
                octets.resize(octets.len() + subrecord.header.count(), *octet);
            }
            content => octets.extend_from_slice(content),
        }
        if subrecord.header.end_of_record() {
            ends.push(octets.len());
        }
    }
    Ok((octets, ends))
}

fn fault(error: DataError) -> WireError {
    let problem = match error.problem {
        DataProblem::PastEnd { announced, left } => Problem::SubrecordPastEnd {
            needed: announced,
            octets: left,
        },
        DataProblem::CompressionNotAgreed => Problem::CompressionNotAgreed,
    };
    WireError::new(error.reason(), problem)
        .in_command(CommandCode::Data)
        .in_field("DATABUF", error.offset)
}
