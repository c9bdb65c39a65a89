//! Keys, certificates, and whose certificate counts for what (RFC 5024 chapter 11).
//!
//! ```text
//! certificate  oftp.certificates.Certificate
//! keystore     oftp.certificates.Keystore
//! generate     new keys, requests to an authority, keys and certificates as files
//! trust        oftp.certificates.Trust
//! throwaway    certificates for tests, good and bad ones
//! ```

mod certificate;
mod generate;
mod keystore;
mod throwaway;
mod trust;

use std::time::{Duration, SystemTime};

use pyo3::prelude::*;

pub(crate) use certificate::Certificate;
pub(crate) use keystore::Keystore;
pub(crate) use throwaway::{throwaway_certificate, throwaway_crl, throwaway_key};
pub(crate) use trust::{Trust, problem, purpose};

use crate::error::{Error, Outcome};

/// The last second of the year 9999, which is the last that certificates know.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// A time of the caller, with its zone; `None` is now.
pub(crate) fn time(at: Option<&Bound<'_, PyAny>>, name: &str) -> Outcome<SystemTime> {
    let Some(at) = at else {
        return Ok(SystemTime::now());
    };
    at.extract::<SystemTime>()
        .ok()
        .filter(|time| *time <= SystemTime::UNIX_EPOCH + LAST)
        .ok_or_else(|| {
            Error::value(format!(
                "{name} is {at}, must be a datetime with a time zone, from 1970 on"
            ))
        })
}
