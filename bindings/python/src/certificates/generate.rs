//! New keys with certificates that their owners sign themselves, requests to an authority, and
//! keys and certificates as files.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use oftp_secure::keygen::{
    DEFAULT_BITS, DEFAULT_DAYS, KeygenError, Owner, certificate_pem, generate_rsa, key_pem,
    self_signed,
};
use oftp_secure::keystore::{write_new, write_secret};
use oftp_secure::{Passphrase, request};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{Certificate, Keystore, LAST, time};
use crate::error::{Error, Outcome};
use crate::fields::field;

impl From<KeygenError> for Error {
    fn from(error: KeygenError) -> Self {
        match error {
            KeygenError::Bits(_) | KeygenError::Days(_) | KeygenError::Name { .. } => {
                Self::value(error.to_string())
            }
            KeygenError::NotRsa => {
                Self::Key("the key is not RSA, which the cipher suites need".to_owned())
            }
            KeygenError::Failed(_) => Self::Key(error.to_string()),
        }
    }
}

/// The dataclass `Owner`, or the name alone.
pub(super) fn owner(object: &Bound<'_, PyAny>) -> Outcome<Owner> {
    let owner = if let Ok(name) = object.cast::<PyString>() {
        Owner {
            name: name.to_string(),
            ..Default::default()
        }
    } else {
        let optional = |name: &str| -> Outcome<Option<String>> {
            let text: Option<String> = field(object, name)?;
            Ok(text.filter(|text| !text.is_empty()))
        };
        Owner {
            name: field(object, "name")?,
            identification: optional("identification")?,
            organization: optional("organization")?,
            country: optional("country")?,
            hosts: field(object, "hosts")?,
        }
    };
    if owner.name.is_empty() {
        return Err(Error::value("the owner's name is empty"));
    }
    Ok(owner)
}

// Signatures are read by tools, which know no constants of Rust.
const _: () = assert!(DEFAULT_BITS == 3072 && DEFAULT_DAYS == 1095);

#[pymethods]
impl Keystore {
    /// A new RSA key with a certificate that it signs itself, for everything that OFTP does:
    /// signatures, encryption, authentication, TLS. Takes up to some seconds.
    ///
    /// :param owner: Whom it is for; a string is the name alone.
    /// :param bits: 2048, 3072 or 4096.
    /// :param days: Days of validity, 1 to 36,500, from an hour before `at` on.
    /// :param at: When it is made; ``None``: now.
    /// :raises UserError: A length, the days or a name cannot be.
    #[staticmethod]
    #[pyo3(signature = (owner, *, bits=3072, days=1095, at=None))]
    fn generate(
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        bits: u32,
        days: u32,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (owner, now) = (self::owner(owner)?, time(at, "at")?);
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
        if since_1970.is_ok_and(|since| since.as_secs() < 86_400) {
            return Err(Error::value("at must be a day of 1970 or later").into());
        }
        // More days are refused behind.
        let lasts = Duration::from_secs(u64::from(days.min(36_500)) * 86_400);
        if now + lasts > SystemTime::UNIX_EPOCH + LAST {
            return Err(Error::value("days: the certificate would outlast the year 9999").into());
        }
        let store = py.detach(|| -> Outcome<_> {
            let key = generate_rsa(bits)?;
            let certificate = self_signed(&key, &owner, now, days)?;
            Ok(oftp_secure::Keystore {
                keys: vec![key],
                certificates: vec![certificate],
                crls: Vec::new(),
            })
        })?;
        Ok(Self(store))
    }

    /// A request that an authority certify a key (PKCS#10), in PEM.
    ///
    /// :param owner: Whom the new certificate is for.
    /// :param certificate: Whose key; ``None``: the newest.
    /// :raises CertificateError: There is no such key, or it is not RSA.
    /// :raises UserError: A name cannot stand in a certificate.
    #[pyo3(signature = (owner, *, certificate=None))]
    fn request(
        &self,
        py: Python<'_>,
        owner: &Bound<'_, PyAny>,
        certificate: Option<&Certificate>,
    ) -> PyResult<String> {
        let owner = self::owner(owner)?;
        py.detach(|| -> Outcome<String> {
            let own = self.credential(certificate)?;
            Ok(request::request(&own.key, &owner)?)
        })
        .map_err(Into::into)
    }

    /// A private key in PEM (PKCS#8), encrypted (PBES2, AES-256) if there is a passphrase.
    ///
    /// :param certificate: Whose key; ``None``: the newest.
    /// :raises CertificateError: There is no such key.
    #[pyo3(signature = (*, passphrase=None, certificate=None))]
    fn key_pem(
        &self,
        py: Python<'_>,
        passphrase: Option<String>,
        certificate: Option<&Certificate>,
    ) -> PyResult<String> {
        let passphrase = passphrase.map(Passphrase::new);
        py.detach(|| -> Outcome<String> {
            let own = self.credential(certificate)?;
            let mut pem = key_pem(&own.key, passphrase.as_ref())?;
            Ok(std::mem::take(&mut *pem))
        })
        .map_err(Into::into)
    }

    /// Writes a private key to a new file that only its owner may read, as `key_pem` makes it.
    ///
    /// :param replace: Whether a file that is there is replaced, at once or not at all.
    /// :raises FileExistsError: The file is there, and is not to be replaced.
    /// :raises CertificateError: There is no such key.
    #[pyo3(signature = (path, *, passphrase=None, certificate=None, replace=false))]
    fn write_key(
        &self,
        py: Python<'_>,
        path: PathBuf,
        passphrase: Option<String>,
        certificate: Option<&Certificate>,
        replace: bool,
    ) -> PyResult<()> {
        let passphrase = passphrase.map(Passphrase::new);
        py.detach(|| -> Outcome {
            let own = self.credential(certificate)?;
            let pem = key_pem(&own.key, passphrase.as_ref())?;
            let written = write_secret(&path, pem.as_bytes(), replace);
            written.map_err(|error| Error::File(error, path))
        })
        .map_err(Into::into)
    }
}

#[pymethods]
impl Certificate {
    /// Writes it to a new file, in PEM.
    ///
    /// :raises FileExistsError: The file is there, and is not to be replaced.
    #[pyo3(signature = (path, *, replace=false))]
    fn write(&self, py: Python<'_>, path: PathBuf, replace: bool) -> PyResult<()> {
        py.detach(|| -> Outcome {
            let pem = certificate_pem(&self.0)?;
            let written = write_new(&path, pem.as_bytes(), replace);
            written.map_err(|error| Error::File(error, path))
        })
        .map_err(Into::into)
    }
}
