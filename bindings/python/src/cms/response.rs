//! Signed EERP and NERP (RFC 5024 5.3.13, 5.3.14).

use oftp_secure::response::{
    Expected, ResponseError, sign_eerp, sign_nerp, verify_eerp, verify_nerp,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::plan::signers;
use super::suite;
use crate::certificates::{Certificate, Keystore, Trust, time};
use crate::error::{Error, Outcome};
use crate::fields::{eerp, field, nerp};

impl From<ResponseError> for Error {
    fn from(error: ResponseError) -> Self {
        let kind = match &error {
            ResponseError::Unsigned => "unsigned",
            ResponseError::Signature(_) => "signature",
            ResponseError::OtherContent { .. } => "other_content",
            ResponseError::OtherHash { .. } => "other_hash",
        };
        Self::Cms {
            text: error.to_string(),
            kind,
            reason: 99,
            file_reason: 99,
        }
    }
}

fn is_negative(response: &Bound<'_, PyAny>) -> Outcome<bool> {
    let reason: Option<u8> = field(response, "reason")?;
    Ok(reason.is_some())
}

/// The signature of an `EndResponse` over its fields and its hash.
#[pyfunction]
pub(crate) fn response_sign<'py>(
    py: Python<'py>,
    response: &Bound<'py, PyAny>,
    keystore: &Keystore,
    suite: i64,
    certificate: Option<Certificate>,
    at: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (suite, now) = (self::suite(suite)?, time(at, "at")?);
    let hash: Vec<u8> = field(response, "hash")?;
    let negative = is_negative(response)?;
    let needed = suite.hash.octets();
    if hash.len() != needed && !(negative && hash.is_empty()) {
        return Err(Error::value(format!(
            "hash has {} octets, it has {needed} in suite {suite}: use oftp.cms.hash_file",
            hash.len()
        ))
        .into());
    }
    let wanted: Vec<Certificate> = certificate.into_iter().collect();
    // There is one, or an error.
    let signer = signers(keystore, &wanted, now)?.swap_remove(0);
    let signature = if negative {
        let mut nerp = nerp(response)?;
        py.detach(|| sign_nerp(&mut nerp, &hash, suite, &signer, now))
            .map(|()| nerp.sig)
    } else {
        let mut eerp = eerp(response)?;
        py.detach(|| sign_eerp(&mut eerp, &hash, suite, &signer, now))
            .map(|()| eerp.sig)
    };
    Ok(PyBytes::new(py, &signature.map_err(Error::from)?))
}

/// Whose signatures make an `EndResponse` a proof.
#[pyfunction]
pub(crate) fn response_check(
    py: Python<'_>,
    response: &Bound<'_, PyAny>,
    trust: &Trust,
    hash: Option<&[u8]>,
    at: Option<&Bound<'_, PyAny>>,
    refuse_legacy: bool,
) -> PyResult<Vec<Certificate>> {
    let expected = Expected {
        hash,
        trust: &trust.0,
        now: time(at, "at")?,
        refuse_legacy,
    };
    let signers = if is_negative(response)? {
        let nerp = nerp(response)?;
        py.detach(|| verify_nerp(&nerp, expected))
    } else {
        let eerp = eerp(response)?;
        if hash.is_none_or(<[u8]>::is_empty) {
            return Err(Error::value(
                "hash is not set: an EERP proves nothing without the hash of what was sent",
            )
            .into());
        }
        py.detach(|| verify_eerp(&eerp, expected))
    };
    let signers = signers.map_err(Error::from)?;
    Ok(signers.into_iter().map(Certificate).collect())
}
