//! Why a file cannot be converted.

use std::{fmt, io};

use thiserror::Error;

pub use super::characters::Unfit;
use crate::records::{RecordError, RecordTooLong};

/// Where in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a file without records.
    Line {
        /// The line.
        line: u64,
        /// The character in it.
        column: u64,
    },
    /// In a file with records.
    Record {
        /// The record.
        record: u64,
        /// The character in it.
        column: u64,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { line, column } => write!(f, "line {line}, column {column}"),
            Self::Record { record, column } => write!(f, "record {record}, column {column}"),
        }
    }
}

/// Why a file cannot be converted.
#[derive(Debug, Error)]
pub enum ConvertError {
    /// The file cannot be read.
    #[error("cannot read: {0}")]
    Read(io::Error),
    /// The result cannot be written.
    #[error("cannot write: {0}")]
    Write(io::Error),
    /// Its records are not as the rule says.
    #[error(transparent)]
    Records(RecordError),
    /// A record does not fit the layout that the rule says.
    #[error("record {record}: {error}")]
    Layout {
        /// The record, from 1.
        record: u64,
        /// Why not.
        error: RecordTooLong,
    },
    /// A record holds what would end it in the layout that the rule says.
    #[error(
        "record {record} holds a line end within: as lines it would become two records; the \
         layout length32 takes any record"
    )]
    LineEnd {
        /// The record, from 1.
        record: u64,
    },
    /// A record is longer than the Virtual File may have them, or a record of an F file shorter.
    #[error("record {record} has {octets} octets, the format of the file says {limit}")]
    RecordLength {
        /// The record, from 1.
        record: u64,
        /// Its length in the Virtual File.
        octets: u64,
        /// SFIDLRECL.
        limit: u32,
    },
    /// A character cannot be converted.
    #[error("{place}: {}", words(.what, .page))]
    Character {
        /// Where.
        place: Place,
        /// Which.
        what: Unfit,
        /// The code page.
        page: &'static str,
    },
    /// The configuration names a code page that there is not.
    #[error("there is no code page {0}")]
    NoSuchPage(&'static str),
}

fn words(what: &Unfit, page: &str) -> String {
    match what {
        Unfit::Character('\u{feff}') => format!(
            "the mark of UTF-8 (U+FEFF) is not in code page {page}; save the file without it"
        ),
        Unfit::Character(character) if character.is_control() => {
            format!("U+{:04X} is not in code page {page}", u32::from(*character))
        }
        Unfit::Character(character) => format!(
            "`{character}` (U+{:04X}) is not in code page {page}",
            u32::from(*character)
        ),
        Unfit::Octet(octet) => format!("octet {octet:02X} has no character in code page {page}"),
        Unfit::NotUtf8(octet) => format!(
            "octet {octet:02X} is not UTF-8; the local file must be UTF-8 to be converted to code \
             page {page}"
        ),
    }
}
