//! Why a file is not queued, and what to do about it.

use std::io;

use oftp_core::wire::{FieldError, Level};

use super::super::config::rule::NameError;
use super::super::convert::ConvertError;
use super::super::journal::JournalError;
use crate::outbox::{Problem, SourceError};
use crate::security::KeyError;

/// Why a file is not queued.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// A field of SFID cannot hold what it should.
    #[error("{name}: {what} `{value}`: {error}; {remedy}")]
    Field {
        /// The file.
        name: String,
        /// Which field, in words.
        what: &'static str,
        /// What it should hold.
        value: String,
        /// Why it cannot.
        error: FieldError,
        /// What to do.
        remedy: &'static str,
    },
    /// Its name cannot be kept.
    #[error("its name is not UTF-8; rename the file")]
    Name,
    /// The priority is none.
    #[error("priority {0} is not between 0 (first) and 9 (last)")]
    Priority(u8),
    /// The file cannot be read, or does not fit its format.
    #[error(transparent)]
    Source(SourceError),
    /// The rule for it makes no dataset name.
    #[error("{0}; change the rule of the partner in oftp.toml, or give the file another name")]
    Rule(NameError),
    /// Its records or characters cannot be converted.
    #[error("{name}: {error}; mend the file, or the rule of the partner in oftp.toml")]
    Conversion {
        /// The file.
        name: String,
        /// What cannot be converted, and where.
        error: ConvertError,
    },
    /// It needs what only level 2.0 has.
    #[error(
        "{name}: {what} needs level 2.0, and partner {partner} has at most {level}; send it \
         without, or raise the level of the partner in oftp.toml"
    )]
    Level {
        /// The file.
        name: String,
        /// What it needs.
        what: &'static str,
        /// The partner.
        partner: String,
        /// Its highest level.
        level: Level,
    },
    /// SFIDFSIZ below level 2.0 has 7 digits.
    #[error(
        "{name}: {blocks} blocks of 1,024 octets are more than the 9999999 that partner {partner} \
         can be told of (it has at most level {level}); split the file, or raise the level of the \
         partner in oftp.toml"
    )]
    TooBig {
        /// The file.
        name: String,
        /// Its size.
        blocks: u64,
        /// The partner.
        partner: String,
        /// Its highest level.
        level: Level,
    },
    /// A record of a V file has no room for its length in an envelope (RFC 5024 6.5).
    #[error(
        "{name}: a record of {octets} octets cannot be secured, 65535 is the longest (RFC 5024 \
         6.5); send the file without security or as U"
    )]
    LongRecord {
        /// The file.
        name: String,
        /// The length of its longest record.
        octets: u32,
    },
    /// A key that is needed is missing or cannot be used.
    #[error("{name}: {error}")]
    Key {
        /// The file.
        name: String,
        /// Which, and why.
        error: KeyError,
    },
    /// The disk cannot be written.
    #[error("{what}: {error}")]
    Disk {
        /// What was being written.
        what: &'static str,
        /// Why not.
        error: io::Error,
    },
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl IntakeError {
    pub(super) fn disk(what: &'static str, error: io::Error) -> Self {
        Self::Disk { what, error }
    }

    /// Whether it is the file that is at fault, so that trying the same again is of no use: not
    /// the disk, the journal, or the system.
    #[must_use]
    pub fn is_the_files(&self) -> bool {
        match self {
            Self::Disk { .. } | Self::Journal(_) | Self::Key { .. } => false,
            Self::Source(SourceError { problem, .. }) => match problem {
                // Too many open files, a disk that fails: that passes, or is for the station.
                Problem::Io(error) => error.kind() == io::ErrorKind::PermissionDenied,
                Problem::Changed => false,
                _ => true,
            },
            _ => true,
        }
    }
}
