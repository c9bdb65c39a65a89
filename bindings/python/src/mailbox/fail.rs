//! Errors of the User Monitor as exceptions, in the words of this package: what a user gives here is
//! `Identity` and `Partner`, and no option of the command.

use oftp_station::monitor::{Fault, MonitorError};
use oftp_station::security::{KeyError, Use};
use pyo3::exceptions::PyMemoryError;

use crate::error::Error;

impl From<MonitorError> for Error {
    fn from(error: MonitorError) -> Self {
        let text = error.to_string();
        match (error.fault(), error) {
            (Fault::Io, MonitorError::Io { what, error }) => Self::File(error, what.into()),
            (Fault::Io, _) => Self::Os(std::io::Error::other(text)),
            (Fault::Memory, _) => Self::Python(PyMemoryError::new_err(text)),
            (_, MonitorError::Key(KeyError::Distrust(distrust))) => {
                Self::Distrust(Box::new(distrust))
            }
            (_, MonitorError::Key(key)) => Self::Key(told(&key)),
            (Fault::Key | Fault::Distrust, _) => Self::Key(text),
            (_, MonitorError::User(error)) => error.into(),
            _ => Self::value(text),
        }
    }
}

/// Why a key cannot be used.
fn told(error: &KeyError) -> String {
    let what = |purpose: &Use| match purpose {
        Use::Sign => "sign files",
        Use::Encrypt => "encrypt files",
        Use::Auth => "authenticate",
        Use::Tls => "speak TLS",
        Use::Eerp => "sign end responses",
    };
    match error {
        KeyError::NoOwn { purpose } => format!(
            "there is no key of our own to {}: give Identity its keys",
            what(purpose)
        ),
        KeyError::OwnNotValid { certificate } => {
            format!("our own certificate {certificate} is not valid now: make a new one")
        }
        KeyError::NoPartner { purpose } => format!(
            "there is no certificate of the partner to {}: give Partner its certificates",
            what(purpose)
        ),
        KeyError::Distrust(distrust) => distrust.to_string(),
    }
}
