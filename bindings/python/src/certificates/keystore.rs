//! `oftp.certificates.Keystore`: private keys, certificates and lists of revoked certificates, from
//! files of any kind.

use std::path::PathBuf;

use oftp_secure::keystore::KeystoreProblem;
use oftp_secure::{Credential, KeystoreError, Passphrase};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::Certificate;
use crate::error::{Error, Outcome};

/// Private keys, certificates, and lists of revoked certificates (CRLs). It never changes.
#[pyclass(frozen, from_py_object, module = "oftp.certificates")]
#[derive(Clone, Default)]
pub(crate) struct Keystore(pub(crate) oftp_secure::Keystore);

impl From<KeystoreError> for Error {
    fn from(error: KeystoreError) -> Self {
        let text = error.to_string();
        let file = error.file.map(|file| format!("{file}: "));
        let file = file.as_deref().unwrap_or_default();
        match error.problem {
            KeystoreProblem::Unreadable(error) => Self::Os(error),
            // The engine's texts name options and commands of a program here.
            KeystoreProblem::NeedsPassphrase { what } => {
                Self::Key(format!("{file}{what} is encrypted: give its passphrase"))
            }
            KeystoreProblem::NoKey => {
                Self::Key("the keystore has no private key: load the file that holds it".to_owned())
            }
            KeystoreProblem::NoCertificate { others } => Self::Key(format!(
                "a private key of the keystore has no certificate in it (there: {}): load both, or \
                 keep the key in a keystore of its own",
                if others.is_empty() {
                    "none".to_owned()
                } else {
                    others.join(", ")
                }
            )),
            _ => Self::Key(text),
        }
    }
}

impl Keystore {
    /// The pairs of key and certificate, newest first.
    pub(crate) fn credentials(&self) -> Outcome<Vec<Credential>> {
        Ok(self.0.credentials()?)
    }

    /// The pair of this certificate, or the newest.
    pub(super) fn credential(&self, certificate: Option<&Certificate>) -> Outcome<Credential> {
        let mut all = self.credentials()?;
        let Some(wanted) = certificate else {
            // There is one, or an error.
            return Ok(all.swap_remove(0));
        };
        let found = all.into_iter().find(|own| own.certificate == wanted.0);
        found.ok_or_else(|| {
            Error::Key(format!(
                "the keystore has no private key for certificate {}",
                wanted.0
            ))
        })
    }
}

#[pymethods]
impl Keystore {
    /// What these octets hold: keys, certificates and CRLs in PEM (several blocks in any order)
    /// or DER, keys as PKCS#8, PKCS#1 or SEC 1, encrypted or not, PKCS#12, bundles in PKCS#7.
    ///
    /// :param passphrase: Opens what is encrypted.
    /// :raises CertificateError: There is nothing, it is damaged, or the passphrase is missing or
    ///     wrong.
    #[staticmethod]
    #[pyo3(signature = (octets, *, passphrase=None))]
    fn read(
        py: Python<'_>,
        octets: &Bound<'_, PyAny>,
        passphrase: Option<String>,
    ) -> PyResult<Self> {
        let passphrase = passphrase.map(Passphrase::new);
        let store = crate::buffer::with(octets, |octets| {
            py.detach(|| Ok(oftp_secure::Keystore::read(octets, passphrase.as_ref())?))
        })?;
        Ok(Self(store))
    }

    /// What these files hold, each as for `read` and of at most 64 MiB.
    ///
    /// :raises CertificateError: As `read`.
    /// :raises OSError: A file cannot be read.
    #[staticmethod]
    #[pyo3(signature = (*paths, passphrase=None))]
    fn load(py: Python<'_>, paths: Vec<PathBuf>, passphrase: Option<String>) -> PyResult<Self> {
        if paths.is_empty() {
            return Err(Error::value("Keystore.load: name at least one file").into());
        }
        let passphrase = passphrase.map(Passphrase::new);
        let store = py.detach(|| -> Outcome<_> {
            let mut store = oftp_secure::Keystore::default();
            for path in paths {
                let loaded = oftp_secure::Keystore::load(&path, passphrase.as_ref());
                store.add(loaded.map_err(|error| match error.problem {
                    KeystoreProblem::Unreadable(error) => Error::File(error, path),
                    _ => error.into(),
                })?);
            }
            Ok(store)
        })?;
        Ok(Self(store))
    }

    /// All certificates, in the order in which they were read.
    #[getter]
    fn certificates(&self) -> Vec<Certificate> {
        self.0
            .certificates
            .iter()
            .cloned()
            .map(Certificate)
            .collect()
    }

    /// Those whose private key is here, the one that became valid last first.
    #[getter]
    fn own(&self) -> Vec<Certificate> {
        let mut own: Vec<_> = self.0.certificates.clone();
        own.retain(|certificate| self.0.keys.iter().any(|key| key.is_of(certificate)));
        own.sort_by_key(|certificate| std::cmp::Reverse(certificate.not_before()));
        own.into_iter().map(Certificate).collect()
    }

    /// Whether there is a private key.
    #[getter]
    fn has_key(&self) -> bool {
        !self.0.keys.is_empty()
    }

    /// Lists of revoked certificates in DER, for `Trust`.
    #[getter]
    fn crls<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        let crls = self.0.crls.iter();
        crls.map(|crl| PyBytes::new(py, crl)).collect()
    }

    /// What both hold. A certificate that both have does not come twice.
    fn __or__(&self, other: &Self) -> Self {
        let mut both = self.0.clone();
        both.add(other.0.clone());
        Self(both)
    }

    fn __len__(&self) -> usize {
        self.0.certificates.len()
    }

    fn __bool__(&self) -> bool {
        !self.0.is_empty()
    }

    fn __repr__(&self) -> String {
        let certificates = self.0.certificates.iter().map(ToString::to_string);
        format!(
            "<Keystore keys={} certificates=[{}] crls={}>",
            self.0.keys.len(),
            certificates.collect::<Vec<_>>().join(", "),
            self.0.crls.len()
        )
    }
}
