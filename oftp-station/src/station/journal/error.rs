//! What can be wrong with a journal.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What can be wrong with a journal.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// It cannot be opened.
    #[error("journal {}: {why}", path.display())]
    Open {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A newer version of this program has made it.
    #[error(
        "journal {}: its tables are version {found}, this program knows {known}; use the program \
         that made it, or a newer one", path.display()
    )]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        found: i64,
        /// What is known here.
        known: i64,
    },
    /// It is not what was written.
    #[error(
        "journal {} is damaged: {what}; stop the station, keep a copy of the file, and restore the \
         last backup", path.display()
    )]
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// What SQLite found.
        what: String,
    },
    /// The disk is full: nothing was written, and it can be tried again.
    #[error("the journal cannot be written: the disk is full")]
    Full,
    /// Another process writes, and does not come to an end.
    #[error("the journal cannot be written: another process holds it; try again")]
    Busy,
    /// The disk failed. Nothing is written any more until the station is started again.
    #[error(
        "the journal cannot be written: {0}; nothing is received or sent until the station is \
         started again"
    )]
    Broken(String),
    /// It was closed meanwhile.
    #[error("the journal is closed")]
    Closed,
    /// A row of it is not what this program writes.
    #[error("the journal holds what this program does not write: {0}")]
    Content(String),
    /// What was wanted is not there.
    #[error("{0}")]
    NotThere(String),
    /// What was wanted does not go with what the journal says.
    #[error("{0}")]
    State(String),
    /// A file of this identity is there already.
    #[error("a file of this name, time, originator and destination is there already")]
    Duplicate,
    /// SQLite refuses something else.
    #[error("the journal cannot be used: {0}")]
    Sql(String),
}

impl JournalError {
    pub(super) fn open(path: &Path, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path: path.to_owned(),
                what: error.to_string(),
            },
            _ => Self::Open {
                path: path.to_owned(),
                why: error.to_string(),
            },
        }
    }

    /// Whether trying again later makes sense.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Full | Self::Busy)
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::SystemIoFailure) => Self::Broken(error.to_string()),
            Some(ErrorCode::ConstraintViolation) if error.to_string().contains("file.dsn") => {
                Self::Duplicate
            }
            _ => Self::Sql(error.to_string()),
        }
    }
}
