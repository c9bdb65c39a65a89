//! What is wrong with a configuration: every fault with its file, line and key, and what to do.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// One thing that is wrong with a configuration, or that people should know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0: it is about the file as a whole.
    pub line: usize,
    /// The column in characters, from 1; 0: it is about the line as a whole.
    pub column: usize,
    /// The key with all that it stands in, as in `partner.audi.address`; empty: none.
    pub key: String,
    /// What is wrong, and what to do. Never a password, nor any text in the place of one.
    pub text: String,
}

impl fmt::Display for Fault {
    /// `oftp.toml:12: partner.audi.address: ...`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Why a configuration is not taken: all its faults, in the order of their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Fault>);

impl fmt::Display for ConfigErrors {
    /// A line for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// What people should know of a configuration that is taken, in the order of its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigWarnings(pub Vec<Fault>);
