//! Why a call on a monitor fails: the caller's mistake, the system, or the keys. What the partner
//! and the network do wrong is no error of a call: it is told.

use std::io;

use oftp_core::session::{UserError, UserProblem};
use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::TlsError;

use crate::security::KeyError;

/// Why a call on a [`Monitor`](super::Monitor) fails. Nothing was done then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// There is no session to do this in.
    #[error("no session runs")]
    NoSession,
    /// That is for the time between sessions.
    #[error("a session runs")]
    SessionRuns,
    /// No file is offered, or it has been answered.
    #[error("no file waits for an answer")]
    NotOffered,
    /// No file of the host is complete, or it has been answered.
    #[error("no file waits to be stored")]
    NotComplete,
    /// This partner was not added.
    #[error("partner {0} is not known: add it first")]
    UnknownPartner(IdentificationCode),
    /// Nobody is named, and several could be meant.
    #[error(
        "destination {0} is no partner of this station, so that partner must say to whom the file \
         goes"
    )]
    WhichPartner(IdentificationCode),
    /// A partner cannot have our own code.
    #[error("code is our own: a partner has another one")]
    OwnCode,
    /// No file has this name, or it is closed.
    #[error("there is no file {0}")]
    UnknownFile(u64),
    /// A value is out of its range or does not fit the others.
    #[error("{0}")]
    Value(String),
    /// The engine says no.
    #[error(transparent)]
    User(#[from] UserError),
    /// A file, a folder or a source.
    #[error("{what}: {error}")]
    Io {
        /// Which.
        what: String,
        /// Why. `InvalidData` says that the content is wrong: the caller's mistake.
        error: io::Error,
    },
    /// A folder cannot be used.
    #[error("{0}")]
    Folder(String),
    /// Keys or certificates cannot be read.
    #[error("{what}: {why}")]
    Unreadable {
        /// Of which option.
        what: String,
        /// Why.
        why: String,
    },
    /// A key that is needed is missing or cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signed end response is asked for, and nothing is known to check it by.
    #[error(
        "signed_response: there is no certificate of the partner to check the signature by: give \
         its certificates"
    )]
    NoResponseCertificate,
    /// The anchors of a partner certify others too, and nothing says what its certificate bears.
    #[error(
        "the anchors of the partner certify others too: name the host, or names of the partner"
    )]
    HostNeeded,
    /// TLS cannot be set up like this.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Whose fault an error is: what a binding makes its own kinds of errors of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A value is out of its range or does not fit: the caller's mistake.
    Value,
    /// Not now: the caller's mistake.
    State,
    /// The operating system refused something: a file, a folder.
    Io,
    /// There is not enough memory.
    Memory,
    /// A key or certificate is missing, or cannot be read or used.
    Key,
    /// A certificate is not trusted for what it is needed for.
    Distrust,
}

impl MonitorError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::NoSession | Self::SessionRuns | Self::NotOffered | Self::NotComplete => {
                Fault::State
            }
            Self::UnknownPartner(_)
            | Self::WhichPartner(_)
            | Self::OwnCode
            | Self::UnknownFile(_)
            | Self::Value(_)
            | Self::HostNeeded
            | Self::Tls(TlsError::HostName(_)) => Fault::Value,
            Self::User(error) => match error.problem {
                UserProblem::State { .. } | UserProblem::Capability(_) | UserProblem::Over => {
                    Fault::State
                }
                UserProblem::Field(_)
                | UserProblem::Config(_)
                | UserProblem::Level { .. }
                | UserProblem::Value(_) => Fault::Value,
            },
            Self::Io { error, .. } => match error.kind() {
                io::ErrorKind::InvalidData => Fault::Value,
                io::ErrorKind::OutOfMemory => Fault::Memory,
                _ => Fault::Io,
            },
            Self::Folder(_) => Fault::Io,
            Self::Key(KeyError::Distrust(_)) => Fault::Distrust,
            Self::Key(_) | Self::Unreadable { .. } | Self::NoResponseCertificate | Self::Tls(_) => {
                Fault::Key
            }
        }
    }

    pub(super) fn value(text: impl Into<String>) -> Self {
        Self::Value(text.into())
    }

    pub(super) fn io(what: impl Into<String>, error: io::Error) -> Self {
        Self::Io {
            what: what.into(),
            error,
        }
    }
}
