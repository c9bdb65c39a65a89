//! What can be wrong with what a person wants of a station.

use std::io;
use std::path::{Path, PathBuf};

use crate::station::journal::JournalError;

/// What can be wrong with what a person wants of a station.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// The journal does not have it, does not allow it, or cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The octets of a file are kept nowhere any more.
    #[error("{0}")]
    Gone(String),
    /// A file or folder of the station cannot be used.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl ManageError {
    /// What is at fault is this path.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }

    /// Whether what was wanted is at fault, and not the machine: nothing was done, and the same
    /// would be refused again.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Gone(_)
                | Self::Journal(
                    JournalError::NotThere(_) | JournalError::State(_) | JournalError::Duplicate
                )
        )
    }
}
