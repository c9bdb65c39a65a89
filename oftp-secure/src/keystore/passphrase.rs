//! Passphrases of private keys: where they come from, and that none is shown.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

/// A passphrase. Wiped when it is dropped, and never shown, not even by `Debug`.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// The longest passphrase in octets; a longer file is the wrong one.
const LONGEST: u64 = 1024;

impl Passphrase {
    /// Takes a passphrase as it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Reads a passphrase from a file; one line end after it is not part of it.
    ///
    /// # Errors
    /// The file cannot be read, or its content is no passphrase.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let name = || format!("file {}", path.display());
        let mut octets = Zeroizing::new(Vec::new());
        std::fs::File::open(path)
            .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut octets))
            .map_err(|error| PassphraseError::Unreadable {
                from: name(),
                error,
            })?;
        if octets.len() as u64 > LONGEST {
            return Err(PassphraseError::TooLong { from: name() });
        }
        let text = std::str::from_utf8(&octets);
        let text = text.map_err(|_| PassphraseError::NotText { from: name() })?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self::not_empty(text.strip_suffix('\r').unwrap_or(text), name)
    }

    /// Reads a passphrase from an environment variable.
    ///
    /// # Errors
    /// The variable is not set, or its value is no passphrase.
    pub fn from_env(variable: &str) -> Result<Self, PassphraseError> {
        let name = || format!("environment variable {variable}");
        match std::env::var(variable) {
            Ok(text) => Self::not_empty(&Zeroizing::new(text), name),
            Err(std::env::VarError::NotPresent) => Err(PassphraseError::NotSet { from: name() }),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(PassphraseError::NotText { from: name() })
            }
        }
    }

    /// The passphrase, to open or to encrypt something.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn not_empty(text: &str, name: impl Fn() -> String) -> Result<Self, PassphraseError> {
        if text.is_empty() {
            return Err(PassphraseError::Empty { from: name() });
        }
        Ok(Self::new(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(********)")
    }
}

/// Why there is no passphrase. The texts name the source, never the passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// The file cannot be read.
    #[error("passphrase {from} cannot be read: {error}")]
    Unreadable {
        /// The file.
        from: String,
        /// The system's answer.
        error: std::io::Error,
    },
    /// The environment variable is not set.
    #[error("{from} for the passphrase is not set; export it first")]
    NotSet {
        /// The variable.
        from: String,
    },
    /// There is nothing.
    #[error("passphrase in {from} is empty")]
    Empty {
        /// The source.
        from: String,
    },
    /// It is too long to be a passphrase.
    #[error("passphrase in {from} has more than 1024 octets; is it the right file?")]
    TooLong {
        /// The source.
        from: String,
    },
    /// It is not UTF-8.
    #[error("passphrase in {from} is no text (UTF-8)")]
    NotText {
        /// The source.
        from: String,
    },
}
