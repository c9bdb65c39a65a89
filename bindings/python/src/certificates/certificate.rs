//! `oftp.certificates.Certificate`: what a certificate says.

use std::hash::{Hash, Hasher};
use std::time::SystemTime;

use oftp_secure::asn1::{Reader, tag};
use oftp_secure::certificate::KeyKind;
use oftp_secure::keygen::certificate_pem;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{Error, Outcome};

/// subjectAltName, and the names of hosts and the addresses in it (RFC 5280 4.2.1.6).
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];
const URI: u8 = 0x86;

/// One X.509 certificate, read with tolerance. It compares by its octets, and can be pickled.
///
/// :param octets: One certificate, in DER or PEM.
/// :raises CertificateError: It is none, or there are several.
#[pyclass(frozen, eq, hash, from_py_object, module = "oftp.certificates")]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificate(pub(crate) oftp_secure::Certificate);

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fingerprint().hash(state);
    }
}

/// The one certificate of these octets.
fn read(octets: &[u8]) -> Outcome<oftp_secure::Certificate> {
    let mut store = oftp_secure::Keystore::read(octets, None)?;
    match store.certificates.len() {
        1 => Ok(store.certificates.remove(0)),
        count => Err(Error::Key(format!(
            "the octets hold {count} certificates, not 1: use Keystore.read"
        ))),
    }
}

#[pymethods]
impl Certificate {
    #[new]
    fn new(octets: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(crate::buffer::with(octets, read)?))
    }

    /// The owner's name (RFC 4514).
    #[getter]
    fn subject(&self) -> String {
        self.0.subject()
    }

    /// The issuer's name (RFC 4514).
    #[getter]
    fn issuer(&self) -> String {
        self.0.issuer()
    }

    /// The serial number in hexadecimal.
    #[getter]
    fn serial(&self) -> String {
        self.0.serial_hex()
    }

    /// Valid from this time on, in UTC.
    #[getter]
    fn not_before(&self) -> SystemTime {
        self.0.not_before()
    }

    /// Valid to this time, in UTC.
    #[getter]
    fn not_after(&self) -> SystemTime {
        self.0.not_after()
    }

    /// SHA-256 of the certificate in hexadecimal: what partners compare.
    #[getter]
    fn fingerprint(&self) -> String {
        self.0.fingerprint_hex()
    }

    /// ``RSA``, the name of an elliptic curve as in ``P-256``, or ``unknown``.
    #[getter]
    fn key_algorithm(&self) -> String {
        match self.0.key_kind() {
            KeyKind::Rsa(_) => "RSA".to_owned(),
            KeyKind::Curve(name) => name.to_owned(),
            KeyKind::Other => "unknown".to_owned(),
        }
    }

    /// Length of an RSA key.
    #[getter]
    fn key_bits(&self) -> Option<u32> {
        match self.0.key_kind() {
            KeyKind::Rsa(bits) => Some(bits),
            _ => None,
        }
    }

    /// Common names (CN) of the owner.
    #[getter]
    fn common_names(&self) -> Vec<String> {
        self.0
            .subject_attribute(oftp_secure::asn1::oid::COMMON_NAME)
    }

    /// Serial numbers of the subject: where ODETTE puts the identification code.
    #[getter]
    fn identification(&self) -> Vec<String> {
        self.0
            .subject_attribute(oftp_secure::asn1::oid::SERIAL_NUMBER)
    }

    /// Names of hosts in the subject alternative name.
    #[getter]
    fn hosts(&self) -> Vec<String> {
        self.0.dns_names()
    }

    /// URIs in the subject alternative name.
    #[getter]
    fn uris(&self) -> Vec<String> {
        let mut uris = Vec::new();
        let names = self.0.extension(SUBJECT_ALT_NAME).unwrap_or_default();
        if let Ok(names) = Reader::new(names).expect(tag::SEQUENCE, "names") {
            let mut names = names.reader();
            // What cannot be read has no more names.
            while let Ok(name) = names.any() {
                if name.tag == URI {
                    uris.push(String::from_utf8_lossy(name.content).into_owned());
                }
            }
        }
        uris
    }

    /// Key usage, as in ``digitalSignature, keyEncipherment``; ``None``: every usage.
    #[getter]
    fn key_usage(&self) -> Option<String> {
        self.0.key_usage().map(|usage| usage.to_string())
    }

    /// Extended key usage, as in ``serverAuth``; ``None``: every usage.
    #[getter]
    fn extended_key_usage(&self) -> Option<Vec<String>> {
        let names = |usages: Vec<&[u8]>| {
            usages
                .into_iter()
                .map(oftp_secure::trust::usage_name)
                .collect()
        };
        self.0.extended_key_usage().map(names)
    }

    /// Whether issuer and owner have the same name.
    #[getter]
    fn is_self_signed(&self) -> bool {
        self.0.is_self_issued()
    }

    /// Whether it may sign other certificates.
    #[getter]
    fn is_authority(&self) -> bool {
        self.0.is_authority()
    }

    /// The certificate in DER.
    #[getter]
    fn der<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.der())
    }

    /// The certificate in PEM, for a partner.
    #[getter]
    fn pem(&self) -> PyResult<String> {
        certificate_pem(&self.0).map_err(|error| Error::Key(error.to_string()).into())
    }

    fn __getnewargs__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>,) {
        (self.der(py),)
    }

    fn __repr__(&self) -> String {
        format!("<Certificate {}>", self.0)
    }
}
