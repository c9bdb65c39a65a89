//! The challenges of secure authentication (RFC 5024 4.2.3, 5.3.17, 5.3.18).

use oftp_secure::Purpose;
use oftp_secure::challenge::{open_challenge, seal_challenge};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::suite;
use crate::certificates::{Certificate, Keystore, Trust, time};
use crate::error::Error;

/// New random octets, and the same encrypted for a certificate, or the newest of a trust.
#[pyfunction]
pub(crate) fn challenge_seal<'py>(
    py: Python<'py>,
    partner: &Bound<'py, PyAny>,
    suite: i64,
    at: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let (suite, now) = (self::suite(suite)?, time(at, "at")?);
    let certificate = match partner.cast::<Trust>() {
        Ok(trust) => {
            let newest = trust.get().0.newest(Purpose::Authenticate, now);
            newest
                .cloned()
                .map_err(|distrust| Error::Distrust(Box::new(distrust)))?
        }
        Err(_) => partner.cast::<Certificate>()?.get().0.clone(),
    };
    let made = py
        .detach(|| seal_challenge(&certificate, suite))
        .map_err(Error::from)?;
    Ok((
        PyBytes::new(py, &made.plain),
        PyBytes::new(py, &made.sealed),
    ))
}

/// The octets of a partner's challenge, or why there are none, which is for the own log alone.
#[pyfunction]
pub(crate) fn challenge_open<'py>(
    py: Python<'py>,
    sealed: &[u8],
    keystore: &Keystore,
) -> PyResult<(Option<Bound<'py, PyBytes>>, String)> {
    let keys = keystore.credentials()?;
    Ok(match py.detach(|| open_challenge(sealed, &keys)) {
        Ok(plain) => (Some(PyBytes::new(py, &plain)), String::new()),
        Err(error) => (None, error.to_string()),
    })
}
