//! Faults as Python exceptions. The classes are Python's (`oftp._exceptions`); whose fault it was
//! decides which one is raised: the caller's (`UserError`), the partner's (`WireError`), that of a
//! file, a key or an envelope (`OSError`, `CertificateError`, `CmsError`), or our own (`InternalError`).

use oftp_core::session;
use oftp_core::wire::{FieldError, WireError};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The outcome of what may raise.
pub(crate) type Outcome<T = ()> = Result<T, Error>;

/// What is raised.
#[derive(Debug)]
pub(crate) enum Error {
    /// The caller's mistake: nothing was changed by it.
    User {
        primitive: Option<&'static str>,
        state: Option<&'static str>,
        text: String,
    },
    /// Octets of the partner that are no command, or not one that is allowed.
    Wire(Box<WireError>),
    /// Keys and certificates that cannot be read or used, or are not to be trusted.
    Key(String),
    /// The configuration of a station, with everything that is wrong in it.
    Config(String, Vec<ConfigFault>),
    /// A certificate that is not taken.
    Distrust(Box<oftp_secure::Distrust>),
    /// A secured file that cannot be opened, a signature that proves nothing: what failed, in one
    /// word, and the reasons of NERP and EFNA, which are all that a partner may know.
    Cms {
        text: String,
        kind: &'static str,
        reason: u8,
        file_reason: u8,
    },
    /// The operating system.
    Os(std::io::Error),
    /// The operating system, about this file.
    File(std::io::Error, std::path::PathBuf),
    /// An exception that is one already.
    Python(PyErr),
    /// Our own bug.
    Internal(String),
}

/// One thing that is wrong with the configuration of a station.
#[derive(Debug)]
pub(crate) struct ConfigFault {
    pub(crate) file: std::path::PathBuf,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Error {
    /// A value that is not what it must be.
    pub(crate) fn value(text: impl Into<String>) -> Self {
        Self::User {
            primitive: None,
            state: None,
            text: text.into(),
        }
    }
}

impl From<PyErr> for Error {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Os(error)
    }
}

impl From<session::UserError> for Error {
    fn from(error: session::UserError) -> Self {
        Self::User {
            primitive: Some(error.primitive),
            state: Some(error.state.name()),
            text: error.to_string(),
        }
    }
}

impl From<session::ConfigError> for Error {
    fn from(error: session::ConfigError) -> Self {
        Self::value(error.to_string())
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::value(error.to_string())
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Self::Wire(Box::new(error))
    }
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        Python::attach(|py| match error {
            Error::Python(error) => error,
            Error::Os(error) => match error.raw_os_error() {
                // OSError chooses its subclass by the number.
                Some(code) => PyOSError::new_err((code, error.to_string())),
                None => PyOSError::new_err(error.to_string()),
            },
            Error::File(error, path) => match error.raw_os_error() {
                Some(code) => match strerror(py, code) {
                    Ok(text) => PyOSError::new_err((code, text, path.into_os_string())),
                    Err(error) => error,
                },
                None => PyOSError::new_err(format!("{}: {error}", path.display())),
            },
            Error::User {
                primitive,
                state,
                text,
            } => raise(py, "UserError", &text, |more| {
                more.set_item("primitive", primitive)?;
                more.set_item("state", state)
            }),
            Error::Wire(error) => raise(py, "WireError", &error.to_string(), |more| {
                more.set_item("reason", error.reason.code())?;
                more.set_item("command", error.command.map(|command| command.name()))?;
                more.set_item("field", error.field)?;
                more.set_item("offset", error.offset)
            }),
            Error::Key(text) => raise(py, "CertificateError", &text, |_| Ok(())),
            Error::Config(text, faults) => raise(py, "ConfigError", &text, |more| {
                let faults = faults.into_iter().map(|fault| {
                    let file = fault.file.into_os_string();
                    (file, fault.line, fault.column, fault.key, fault.text)
                });
                more.set_item("faults", faults.collect::<Vec<_>>())
            }),
            Error::Distrust(distrust) => {
                raise(py, "CertificateError", &distrust.to_string(), |more| {
                    more.set_item("problem", crate::certificates::problem(py, &distrust)?)
                })
            }
            Error::Cms {
                text,
                kind,
                reason,
                file_reason,
            } => raise(py, "CmsError", &text, |more| {
                more.set_item("kind", kind)?;
                more.set_item("reason", reason)?;
                more.set_item("file_reason", file_reason)
            }),
            Error::Internal(text) => raise(py, "InternalError", &text, |_| Ok(())),
        })
    }
}

/// The system's words for a number.
fn strerror(py: Python<'_>, code: i32) -> PyResult<String> {
    py.import("os")?
        .call_method1("strerror", (code,))?
        .extract()
}

/// An exception of `oftp._exceptions`, with its attributes.
pub(crate) fn raise(
    py: Python<'_>,
    class: &str,
    text: &str,
    attributes: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let made = py.import("oftp._exceptions").and_then(|module| {
        let more = PyDict::new(py);
        attributes(&more)?;
        module.getattr(class)?.call((text,), Some(&more))
    });
    made.map_or_else(|error| error, PyErr::from_value)
}
