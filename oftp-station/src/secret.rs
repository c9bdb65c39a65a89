//! Passwords (SSIDPSWD, RFC 5024 section 5.3.2): where they come from, and that none is printed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use thiserror::Error;

/// The length of SSIDPSWD in octets.
pub const PASSWORD_OCTETS: usize = 8;

/// A password of at most [`PASSWORD_OCTETS`] octets. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Reads a password from a file; one line end after it is not part of it.
    ///
    /// # Errors
    /// The file cannot be read, or its content is no password.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let source = || format!("file {}", path.display());
        let mut octets = Vec::new();
        // A password and its line end take 10 octets: more shows that the file is the wrong one.
        File::open(path)
            .and_then(|file| file.take(64).read_to_end(&mut octets))
            .map_err(|error| SecretError::Unreadable {
                source_name: source(),
                error,
            })?;
        Self::new(octets, source)
    }

    /// Reads a password from an environment variable.
    ///
    /// # Errors
    /// The variable is not set, or its value is no password.
    pub fn from_env(variable: &str) -> Result<Self, SecretError> {
        let value = std::env::var_os(variable).ok_or_else(|| SecretError::NotSet {
            variable: variable.to_owned(),
        })?;
        Self::new(octets_of(&value), || {
            format!("environment variable {variable}")
        })
    }

    /// Takes a password from the command line. Other users of the machine can read it there, so
    /// the caller should warn.
    ///
    /// # Errors
    /// The argument is no password.
    pub fn from_argument(argument: &OsStr) -> Result<Self, SecretError> {
        Self::new(octets_of(argument), || "command line".to_owned())
    }

    /// Reads a password from whichever of the three places is given; `None` if none is.
    ///
    /// # Errors
    /// As for the places.
    pub fn from_options(
        file: Option<&Path>,
        variable: Option<&str>,
        argument: Option<&str>,
    ) -> Result<Option<Self>, SecretError> {
        let argument = argument.map(OsStr::new).map(Self::from_argument);
        let variable = variable.map(Self::from_env);
        file.map(Self::from_file)
            .or(variable)
            .or(argument)
            .transpose()
    }

    /// The octets, without padding, to build SSIDPSWD from.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }

    fn new(mut octets: Vec<u8>, source: impl Fn() -> String) -> Result<Self, SecretError> {
        if octets.last() == Some(&b'\n') {
            octets.pop();
            if octets.last() == Some(&b'\r') {
                octets.pop();
            }
        }
        if octets.len() > PASSWORD_OCTETS {
            return Err(SecretError::TooLong {
                source_name: source(),
            });
        }
        if octets.iter().any(|o| !matches!(o, b' '..=b'~')) {
            return Err(SecretError::NotPrintable {
                source_name: source(),
            });
        }
        Ok(Self(octets))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(********)")
    }
}

/// Why there is no password. The texts name the source, never the password nor its length.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("password {source_name} cannot be read: {error}")]
    Unreadable {
        /// The file, for example `file /etc/oftp/password`.
        source_name: String,
        /// The system's answer.
        error: std::io::Error,
    },
    /// The environment variable is not set.
    #[error("environment variable {variable} for the password is not set; export it first")]
    NotSet {
        /// The name of the variable.
        variable: String,
    },
    /// SSIDPSWD has room for 8 octets.
    #[error("password in {source_name} is too long; OFTP passwords have at most 8 characters")]
    TooLong {
        /// Where the password came from.
        source_name: String,
    },
    /// SSIDPSWD is a field of printable characters.
    #[error("password in {source_name} has a character that is not printable ASCII")]
    NotPrintable {
        /// Where the password came from.
        source_name: String,
    },
}

fn octets_of(text: &OsStr) -> Vec<u8> {
    text.as_encoded_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_file(content: &[u8]) -> Result<Secret, SecretError> {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), content).expect("write");
        Secret::from_file(file.path())
    }

    #[test]
    fn one_line_end_is_removed() {
        for content in [&b"SECRET"[..], b"SECRET\n", b"SECRET\r\n"] {
            assert_eq!(from_file(content).expect("password").as_octets(), b"SECRET");
        }
        assert!(matches!(
            from_file(b"A\n\n"),
            Err(SecretError::NotPrintable { .. })
        ));
    }

    #[test]
    fn nine_characters_are_too_many() {
        assert_eq!(
            from_file(b"12345678").expect("password").as_octets(),
            b"12345678"
        );
        let error = from_file(b"ABCDEFGHI").expect_err("too long").to_string();
        assert!(
            error.contains("at most 8") && !error.contains("ABCD"),
            "{error}"
        );
    }

    #[test]
    fn nothing_shows_it() {
        let secret = Secret::from_argument(OsStr::new("HIDDEN")).expect("password");
        assert_eq!(format!("{secret:?}"), "Secret(********)");
    }

    #[test]
    fn missing_sources_are_named() {
        let error = Secret::from_env("OFTP_TEST_NO_SUCH_VARIABLE").expect_err("not set");
        assert!(error.to_string().contains("OFTP_TEST_NO_SUCH_VARIABLE"));
        let error = Secret::from_file(Path::new("/no/such/file")).expect_err("no file");
        assert!(error.to_string().contains("/no/such/file"));
    }
}
