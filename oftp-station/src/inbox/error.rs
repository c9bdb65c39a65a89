//! What can go wrong while a file is stored, and what to do about it.

use std::io;

use thiserror::Error;

/// Why a file that is offered is not taken. Each has its SFNA (RFC 5024 section 5.3.5).
#[derive(Debug, Error)]
pub enum Refusal {
    /// The file is there already: SFNA 13, retry N.
    #[error("{name} has been received already")]
    Duplicate {
        /// The published name.
        name: String,
    },
    /// Another session is receiving the same file: SFNA 13, retry Y.
    #[error("{name} is being received by another session")]
    InUse {
        /// The name it will be published under.
        name: String,
    },
    /// The file exceeds the limit of this inbox: SFNA 06, retry N.
    #[error("file of {blocks} KiB exceeds the limit of {limit} octets (--max-file-size)")]
    TooBig {
        /// SFIDFSIZ, in blocks of 1,024 octets.
        blocks: u64,
        /// The limit in octets.
        limit: u64,
    },
    /// The file was dropped on its way, because it was larger than what is taken, whatever it
    /// announces: SFNA 06, retry N.
    #[error("the file was dropped when more than {octets} octets of it had come: it is too large")]
    Outgrown {
        /// What had come, in octets.
        octets: u64,
    },
    /// The disk has too little room now: SFNA 06, retry Y.
    #[error("file of {blocks} KiB does not fit: {free} octets are free; make room")]
    NoSpace {
        /// SFIDFSIZ, in blocks of 1,024 octets.
        blocks: u64,
        /// What is free, in octets.
        free: u64,
    },
    /// The inbox cannot be used: SFNA 99, retry Y.
    #[error(transparent)]
    Inbox(#[from] InboxError),
}

/// A fault of this side while a file is received: ESID 08 in mid-file, EFNA 12 at its end.
#[derive(Debug, Error)]
pub enum InboxError {
    /// The disk or the quota of the user is full.
    #[error("the disk is full while {doing}; make room, then let the other side send again")]
    DiskFull {
        /// What was being done, for example `writing X`.
        doing: String,
    },
    /// The file has grown over the limit of this inbox.
    #[error("file exceeds the limit of {limit} octets (--max-file-size)")]
    TooBig {
        /// The limit in octets.
        limit: u64,
    },
    /// A record does not fit the layout of V files.
    #[error(transparent)]
    Record(#[from] crate::records::RecordTooLong),
    /// A file of this identity was published while this one was received.
    #[error("{name} appeared in the inbox while it was received; nothing was replaced")]
    AlreadyThere {
        /// The published name.
        name: String,
    },
    /// The restart position is beyond what is held.
    #[error("restart at {position} is beyond what is held")]
    BeyondHeld {
        /// The position, in blocks or records.
        position: u64,
    },
    /// Any other answer of the system.
    #[error("{doing} failed: {error}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's answer.
        error: io::Error,
    },
}

impl InboxError {
    /// Whether the other side may try again later with success.
    #[must_use]
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Io { .. })
    }
}

/// Adds to an answer of the system what was being done.
pub(super) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, InboxError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, InboxError> {
        self.map_err(|error| match error.kind() {
            // The last one is a limit of the user (ulimit -f) or of the file system.
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => InboxError::DiskFull { doing: doing() },
            _ => InboxError::Io {
                doing: doing(),
                error,
            },
        })
    }
}
