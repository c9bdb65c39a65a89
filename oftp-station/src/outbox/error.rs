//! What can be wrong with a file that is to be sent, and what to do about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::records::RecordError;

/// Why a local file cannot be sent, or not any further.
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct SourceError {
    /// The local file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a local file.
#[derive(Debug, Error)]
pub enum Problem {
    /// The system's answer.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe or a device has no fixed size.
    #[error("not a regular file; save it as a file first")]
    NotRegular,
    /// The file differs from what was announced to the other side.
    #[error("changed while it was sent; send it again when nobody writes to it")]
    Changed,
    /// A file of F records must be a whole number of them.
    #[error("{octets} octets are no multiple of the record length {record}; check --record-length")]
    NotWholeRecords {
        /// The size of the file.
        octets: u64,
        /// The record length, SFIDLRECL.
        record: u32,
    },
    /// SFIDLRECL cannot be 0 for F, nor more than 99,999.
    #[error("record length {record} is not between 1 and 99999; check --record-length")]
    RecordLength {
        /// The length asked for.
        record: u32,
    },
    /// A record is longer than the length given for the file.
    #[error("record {record} has {octets} octets, more than --record-length {longest}")]
    RecordTooLong {
        /// The number of the record, from 1.
        record: u64,
        /// Its length.
        octets: usize,
        /// The longest allowed, SFIDLRECL.
        longest: u32,
    },
    /// The records cannot be told apart.
    #[error(transparent)]
    Records(RecordError),
    /// The restart position is beyond the end of the file.
    #[error("restart position {position} is beyond its end")]
    BeyondEnd {
        /// The position in records or blocks.
        position: u64,
    },
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Io(error) => Self::Io(error),
            other => Self::Records(other),
        }
    }
}
