//! Octets of the caller: anything with the buffer protocol.

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::Outcome;

/// Does something with the octets of an object. `bytes` are lent; others are copied once, while
/// the interpreter is held, as they may change.
pub(crate) fn with<T>(
    object: &Bound<'_, PyAny>,
    body: impl FnOnce(&[u8]) -> Outcome<T>,
) -> Outcome<T> {
    if let Ok(octets) = object.cast::<PyBytes>() {
        return body(octets.as_bytes());
    }
    let octets = PyBuffer::<u8>::get(object)?.to_vec(object.py())?;
    body(&octets)
}
