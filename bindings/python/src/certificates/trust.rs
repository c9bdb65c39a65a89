//! `oftp.certificates.Trust`: whose certificate counts for what (RFC 5024 chapter 11).

use std::time::Duration;

use oftp_secure::trust::{Revocation, RevocationList, Rules, Unknown};
use oftp_secure::{Distrust, DistrustKind, Purpose};
use pyo3::prelude::*;

use super::{Certificate, time};
use crate::error::{Error, Outcome};
use crate::fields::make;

/// What is known of the certificates of one partner. A valid certificate of somebody else is
/// worth nothing.
///
/// :param pinned: Certificates that the partner has given to us, self-signed or not: each is
///     trusted as it is. Of these, the newest that is valid is encrypted for.
/// :param authorities: Certificates of authorities of this partner.
/// :param intermediates: Certificates between these and the partner's.
/// :param crls: Lists of revoked certificates in DER (`Keystore.crls`). A list counts where an
///     authority or a certificate above signed it.
/// :param names: Names one of which an authority's certificate for this partner bears: a host
///     name, a common name, or an identification code as serial number of the subject. Empty: the
///     authorities certify nobody but this partner.
/// :param min_rsa_bits: The shortest RSA key.
/// :param sha1: Whether certificates are taken whose issuer signed with SHA-1.
/// :param unknown_revocation: Whether certificates are taken of which no list says whether they
///     are revoked.
/// :param max_crl_age: How old a list may be; ``None``: as old as its issuer allows.
/// :raises CertificateError: One of `crls` is no list.
#[pyclass(frozen, from_py_object, module = "oftp.certificates")]
#[derive(Clone)]
pub(crate) struct Trust(pub(crate) oftp_secure::Trust);

/// A purpose by the value of its member in `oftp.certificates.Purpose`.
pub(crate) fn purpose(name: &str) -> Outcome<Purpose> {
    Ok(match name {
        "sign_file" => Purpose::SignFile,
        "encrypt_file" => Purpose::EncryptFile,
        "sign_response" => Purpose::SignResponse,
        "authenticate" => Purpose::Authenticate,
        "tls_server" => Purpose::TlsServer,
        "tls_client" => Purpose::TlsClient,
        _ => {
            return Err(Error::value(format!(
                "purpose is {name:?}, must be an oftp.certificates.Purpose"
            )));
        }
    })
}

/// What is wrong in one word.
const fn kind(kind: &DistrustKind) -> &'static str {
    match kind {
        DistrustKind::Missing => "missing",
        DistrustKind::SomeoneElses { .. } => "someone_elses",
        DistrustKind::WrongName { .. } => "wrong_name",
        DistrustKind::Expired { .. } => "expired",
        DistrustKind::NotYetValid { .. } => "not_yet_valid",
        DistrustKind::Revoked { .. } => "revoked",
        DistrustKind::UnknownStatus { .. } => "unknown_status",
        DistrustKind::OldList { .. } => "old_list",
        DistrustKind::UnreadableList => "unreadable_list",
        DistrustKind::UnknownIssuer { .. } => "unknown_issuer",
        DistrustKind::Forged { .. } => "forged",
        DistrustKind::WrongUsage { .. } => "wrong_usage",
        DistrustKind::WeakKey { .. } => "weak_key",
        DistrustKind::NotRsa { .. } => "not_rsa",
        DistrustKind::Sha1 => "sha1",
        DistrustKind::Authority => "authority",
        DistrustKind::Unusable { .. } => "unusable",
    }
}

/// `oftp.certificates.Problem`.
pub(crate) fn problem<'py>(py: Python<'py>, distrust: &Distrust) -> PyResult<Bound<'py, PyAny>> {
    let fields = (
        kind(&distrust.kind),
        distrust.certificate.as_str(),
        distrust.kind.to_string(),
        distrust.kind.remedy(),
    );
    make(py, "oftp._keys", "Problem", fields)
}

fn engine(certificates: Vec<Certificate>) -> Vec<oftp_secure::Certificate> {
    certificates.into_iter().map(|own| own.0).collect()
}

#[pymethods]
impl Trust {
    #[new]
    #[pyo3(signature = (
        pinned=Vec::new(), *, authorities=Vec::new(), intermediates=Vec::new(), crls=Vec::new(),
        names=Vec::new(), min_rsa_bits=2048, sha1=false, unknown_revocation=true, max_crl_age=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        pinned: Vec<Certificate>,
        authorities: Vec<Certificate>,
        intermediates: Vec<Certificate>,
        crls: Vec<Vec<u8>>,
        names: Vec<String>,
        min_rsa_bits: u32,
        sha1: bool,
        unknown_revocation: bool,
        max_crl_age: Option<Duration>,
    ) -> PyResult<Self> {
        if names.iter().any(String::is_empty) {
            return Err(Error::value("one of names is empty").into());
        }
        for (index, crl) in crls.iter().enumerate() {
            RevocationList::from_der(crl).map_err(|error| {
                Error::Key(format!("crls[{index}] is no revocation list: {error}"))
            })?;
        }
        let unknown = if unknown_revocation {
            Unknown::Allow
        } else {
            Unknown::Refuse
        };
        Ok(Self(oftp_secure::Trust {
            pinned: engine(pinned),
            anchors: engine(authorities),
            intermediates: engine(intermediates),
            revoked: crls,
            names,
            revocation: Revocation {
                unknown,
                max_age: max_crl_age,
            },
            rules: Rules { min_rsa_bits, sha1 },
        }))
    }

    /// Whether a certificate is the partner's and may be used so.
    ///
    /// :param purpose: What for, an `oftp.certificates.Purpose`.
    /// :param at: When, with a time zone; ``None``: now.
    /// :param sent_with: Certificates that came with it. They help to find the way to an
    ///     authority, and are not trusted for that.
    /// :raises CertificateError: It is not; its `problem` says why and what to do.
    #[pyo3(signature = (certificate, purpose="sign_file", *, at=None, sent_with=Vec::new()))]
    fn check(
        &self,
        py: Python<'_>,
        certificate: &Certificate,
        purpose: &str,
        at: Option<&Bound<'_, PyAny>>,
        sent_with: Vec<Certificate>,
    ) -> PyResult<()> {
        let (purpose, now) = (self::purpose(purpose)?, time(at, "at")?);
        let sent_with = engine(sent_with);
        py.detach(|| self.0.check(&certificate.0, &sent_with, purpose, now))
            .map_err(|distrust| Error::Distrust(Box::new(distrust)).into())
    }

    /// What `check` finds for each of these purposes, the same only once. Without any, for all
    /// but TLS. A check ends at the first thing that is wrong.
    #[pyo3(signature = (certificate, *purposes, at=None, sent_with=Vec::new()))]
    fn problems<'py>(
        &self,
        py: Python<'py>,
        certificate: &Certificate,
        purposes: Vec<String>,
        at: Option<&Bound<'py, PyAny>>,
        sent_with: Vec<Certificate>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let purposes: Vec<Purpose> = match &purposes[..] {
            [] => vec![
                Purpose::SignFile,
                Purpose::EncryptFile,
                Purpose::SignResponse,
                Purpose::Authenticate,
            ],
            some => some
                .iter()
                .map(|name| purpose(name))
                .collect::<Outcome<_>>()?,
        };
        let now = time(at, "at")?;
        let sent_with = engine(sent_with);
        let found = py.detach(|| {
            let mut found: Vec<Distrust> = Vec::new();
            for purpose in purposes {
                let checked = self.0.check(&certificate.0, &sent_with, purpose, now);
                found.extend(checked.err().filter(|distrust| !found.contains(distrust)));
            }
            found
        });
        found.iter().map(|distrust| problem(py, distrust)).collect()
    }

    /// The partner's certificate for this purpose: of the pinned ones that `check` takes, the
    /// one that became valid last.
    ///
    /// :raises CertificateError: There is none.
    #[pyo3(signature = (purpose="encrypt_file", *, at=None))]
    fn newest(
        &self,
        py: Python<'_>,
        purpose: &str,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Certificate> {
        let (purpose, now) = (self::purpose(purpose)?, time(at, "at")?);
        py.detach(|| self.0.newest(purpose, now).cloned())
            .map(Certificate)
            .map_err(|distrust| Error::Distrust(Box::new(distrust)).into())
    }

    /// Certificates that are trusted as they are.
    #[getter]
    fn pinned(&self) -> Vec<Certificate> {
        self.0.pinned.iter().cloned().map(Certificate).collect()
    }

    /// Certificates of authorities.
    #[getter]
    fn authorities(&self) -> Vec<Certificate> {
        self.0.anchors.iter().cloned().map(Certificate).collect()
    }

    /// Names of the partner.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.names.clone()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Trust pinned={} authorities={} crls={} names={:?}>",
            self.0.pinned.len(),
            self.0.anchors.len(),
            self.0.revoked.len(),
            self.0.names
        )
    }
}
