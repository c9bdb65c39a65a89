//! Why keys and certificates cannot be had.

use std::path::Path;

/// Keys or certificates cannot be had: of which file, why, and what to do. No passphrase and no
/// part of a key is in it.
#[derive(Debug, thiserror::Error)]
#[error("{}{problem}", .file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default())]
pub struct KeystoreError {
    /// The file, where it came from one.
    pub file: Option<String>,
    /// What is wrong.
    pub problem: KeystoreProblem,
}

/// What is wrong with a file of keys or certificates.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreProblem {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(std::io::Error),
    /// No such file is that large.
    #[error("larger than 64 MiB, which no file of keys or certificates is")]
    TooLarge,
    /// Nothing is in it that is known here.
    #[error(
        "neither key, certificate nor revocation list; PEM, DER, PKCS#8, PKCS#12 and PKCS#7 are \
         known"
    )]
    Nothing,
    /// There are other things than are needed here, such as a request for a certificate.
    #[error(
        "only {}, and neither key, certificate nor revocation list", .labels.join(" and ")
    )]
    OnlyOther {
        /// The labels of its PEM blocks.
        labels: Vec<String>,
    },
    /// It is encrypted and no passphrase is given.
    #[error("{what} is encrypted and needs a passphrase (--passphrase-file, --passphrase-env)")]
    NeedsPassphrase {
        /// What is encrypted.
        what: &'static str,
    },
    /// It does not open with this passphrase.
    #[error("wrong passphrase for {what}, or it is damaged")]
    WrongPassphrase {
        /// What is encrypted.
        what: &'static str,
    },
    /// It is encrypted or encoded in a way that is not supported.
    #[error("{what} cannot be read ({why}); convert it: {command}")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// Why it cannot be read.
        why: String,
        /// How to convert it.
        command: &'static str,
    },
    /// It looks like something, and is not.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// There is no private key.
    #[error("no private key; name the file that holds it, perhaps the .key or .p12 beside it")]
    NoKey,
    /// There is a private key without its certificate.
    #[error("{}", no_certificate(others))]
    NoCertificate {
        /// The certificates that are there and belong to other keys.
        others: Vec<String>,
    },
}

fn no_certificate(others: &[String]) -> String {
    const WHAT_TO_DO: &str = "name its certificate, or make one (oftp keygen, oftp cert request)";
    match others {
        [] => format!("a private key without its certificate; {WHAT_TO_DO}"),
        others => format!(
            "the private key belongs to none of the certificates: {}; {WHAT_TO_DO}",
            others.join(", ")
        ),
    }
}

impl KeystoreError {
    pub(super) fn of_file(mut self, path: &Path) -> Self {
        self.file = Some(path.display().to_string());
        self
    }
}

impl From<KeystoreProblem> for KeystoreError {
    fn from(problem: KeystoreProblem) -> Self {
        Self {
            file: None,
            problem,
        }
    }
}
