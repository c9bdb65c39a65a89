//! Why a call on a host fails, and whose fault that is. What partners and the network do wrong is
//! no error of a call: it is in the history.

use std::io;
use std::path::{Path, PathBuf};

use super::super::config::ConfigErrors;
use super::super::folder::LockError;
use super::super::intake::IntakeError;
use super::super::journal::JournalError;
use super::super::manage::ManageError;
use super::super::run::StationError;

/// Why a call on a [`Host`](super::Host) fails. Nothing was done then, unless it says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// What the station is told has faults, each with its file, line and key.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// The configuration has no partner of this name.
    #[error("there is no partner `{name}` in oftp.toml; it has: {known}")]
    NoPartner {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A partner without an address cannot be called.
    #[error("partner {0} has no address in oftp.toml: it calls us")]
    NoAddress(String),
    /// There is no such cipher suite.
    #[error("there is no cipher suite {0:02} (RFC 5024 10.2)")]
    NoSuite(u8),
    /// A file cannot be queued.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The journal does not have what is wanted, does not allow it, or cannot be used.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// The station cannot begin its work, or failed in it.
    #[error(transparent)]
    Station(StationError),
    /// A file or folder of the station cannot be used.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// This host runs the station already.
    #[error("the station in {} runs already, in this program", .0.display())]
    Runs(PathBuf),
    /// Nobody runs the station, so that what is waited for does not come.
    #[error("no process runs the station in {}: start it", .0.display())]
    NotRunning(PathBuf),
    /// A station was opened before a fork, in the parent process.
    #[error(
        "a station was opened before this process was forked: the child has no part in it and can \
         open none; start it as a program of its own"
    )]
    Forked,
    /// We have made a mistake.
    #[error("a bug of oftp, please report it: {0}")]
    Bug(String),
}

/// Whose fault an error is: what a binding makes its own kinds of errors of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The caller's mistake: a value that does not fit, or a file that does not fit its partner.
    Value,
    /// The caller's mistake: there is no file or partner of this name.
    Missing,
    /// The caller's mistake: not now, or not any more.
    State,
    /// The configuration has faults.
    Config,
    /// A key or certificate is missing, or cannot be read or used.
    Key,
    /// The disk, the network, the system: the caller has done all well.
    System,
    /// Our own bug.
    Bug,
}

impl HostError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Config(_) => Fault::Config,
            Self::NoPartner { .. } => Fault::Missing,
            Self::NoAddress(_) | Self::NoSuite(_) => Fault::Value,
            Self::Intake(error) => of_intake(error),
            Self::Manage(ManageError::Journal(error)) => of_journal(error),
            Self::Manage(ManageError::Gone(_)) => Fault::State,
            Self::Manage(ManageError::Io { .. }) | Self::Io { .. } => Fault::System,
            Self::Station(error) => of_station(error),
            Self::Runs(_) | Self::NotRunning(_) | Self::Forked => Fault::State,
            Self::Bug(_) => Fault::Bug,
        }
    }

    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}

fn of_intake(error: &IntakeError) -> Fault {
    match error {
        IntakeError::Journal(error) => of_journal(error),
        IntakeError::Key { .. } => Fault::Key,
        error if error.is_the_files() => Fault::Value,
        _ => Fault::System,
    }
}

fn of_station(error: &StationError) -> Fault {
    match error {
        StationError::Lock(LockError::Held { .. }) => Fault::State,
        StationError::Config(_) => Fault::Config,
        StationError::NoTls(_) => Fault::Key,
        StationError::Journal(error) => of_journal(error),
        StationError::Part(_) => Fault::Bug,
        StationError::Lock(LockError::Io { .. })
        | StationError::Folder(_)
        | StationError::Spool(_)
        | StationError::Port { .. }
        | StationError::Metrics(_) => Fault::System,
    }
}

fn of_journal(error: &JournalError) -> Fault {
    match error {
        JournalError::NotThere(_) => Fault::Missing,
        JournalError::State(_) | JournalError::Duplicate => Fault::State,
        // We ask SQLite for nothing that it should refuse.
        JournalError::Sql(_) => Fault::Bug,
        JournalError::Open { .. }
        | JournalError::Newer { .. }
        | JournalError::Damaged { .. }
        | JournalError::Full
        | JournalError::Busy
        | JournalError::Broken(_)
        | JournalError::Closed
        | JournalError::Content(_) => Fault::System,
    }
}

impl From<JournalError> for HostError {
    fn from(error: JournalError) -> Self {
        Self::Manage(ManageError::Journal(error))
    }
}

impl From<StationError> for HostError {
    fn from(error: StationError) -> Self {
        match error {
            StationError::Config(errors) => Self::Config(errors),
            StationError::Journal(error) => error.into(),
            error => Self::Station(error),
        }
    }
}

impl From<LockError> for HostError {
    fn from(error: LockError) -> Self {
        Self::Station(StationError::Lock(error))
    }
}
