//! Errors of a station as exceptions: whose fault it was decides which one.

use std::io;
use std::path::PathBuf;

use oftp_station::outbox::{Problem, SourceError};
use oftp_station::station::host::{Fault, HostError};
use oftp_station::station::intake::IntakeError;
use oftp_station::station::manage::ManageError;

use crate::error::{ConfigFault, Error};

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        let text = error.to_string();
        match (error.fault(), error) {
            (_, HostError::Config(errors)) => Self::Config(
                text,
                errors
                    .0
                    .into_iter()
                    .map(|fault| ConfigFault {
                        file: fault.file,
                        line: fault.line,
                        column: fault.column,
                        key: fault.key,
                        text: fault.text,
                    })
                    .collect(),
            ),
            (Fault::Key, _) => Self::Key(text),
            (Fault::Bug, _) => Self::Internal(text),
            (Fault::System | Fault::Value, error) => match file(error) {
                Ok((error, path)) => Self::File(error, path),
                Err(Fault::System) => Self::Os(io::Error::other(text)),
                Err(_) => Self::value(text),
            },
            _ => Self::value(text),
        }
    }
}

/// What the system said, and of which file; else whose fault it is.
fn file(error: HostError) -> Result<(io::Error, PathBuf), Fault> {
    let fault = error.fault();
    match error {
        HostError::Io { path, error } | HostError::Manage(ManageError::Io { path, error }) => {
            Ok((error, path))
        }
        HostError::Intake(IntakeError::Source(SourceError {
            path,
            problem: Problem::Io(error),
        })) => Ok((error, path)),
        _ => Err(fault),
    }
}
