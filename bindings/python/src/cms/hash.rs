//! `oftp.cms.Hash`: the hash of a file as it is transmitted (EERPHSH, NERPHSH).

use std::sync::Mutex;

use oftp_secure::crypto::Digest;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::{suite, with};

/// The hash of a file as it is transmitted (EERPHSH, NERPHSH; RFC 5024 5.3.13), in the making.
///
/// :param suite: The cipher suite of the file, 1 to 10 (SFIDCIPH).
#[pyclass(frozen, module = "oftp.cms")]
pub(crate) struct Hash(Mutex<Digest>);

#[pymethods]
impl Hash {
    #[new]
    #[pyo3(signature = (suite=4))]
    fn new(suite: i64) -> PyResult<Self> {
        Ok(Self(Mutex::new(Digest::new(self::suite(suite)?.hash))))
    }

    /// Hashes the next octets.
    fn update(&self, py: Python<'_>, octets: &Bound<'_, PyAny>) -> PyResult<()> {
        crate::buffer::with(octets, |octets| {
            py.detach(|| {
                with(&self.0, "hash", |digest| {
                    digest.update(octets);
                    Ok(())
                })
            })
        })
        .map_err(Into::into)
    }

    /// The hash of all octets so far: 20, 32 or 64. More may follow.
    fn digest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let digest = with(&self.0, "hash", |digest| Ok(digest.clone().finish()))?;
        Ok(PyBytes::new(py, &digest))
    }

    /// The algorithm, as in ``SHA-256``.
    #[getter]
    fn name(&self) -> PyResult<String> {
        Ok(with(&self.0, "hash", |digest| {
            Ok(digest.hash().to_string())
        })?)
    }
}
