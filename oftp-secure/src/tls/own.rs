//! Our own certificates, as rustls takes them.

use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::TlsError;
use crate::certificate::Certificate;
use crate::key::Credential;

/// A certificate with those above it.
fn chain(credential: &Credential) -> Vec<CertificateDer<'static>> {
    let certificates = std::iter::once(&credential.certificate).chain(&credential.chain);
    certificates
        .map(|certificate| CertificateDer::from(certificate.der().to_vec()))
        .collect()
}

/// A key with its certificate.
///
/// # Errors
/// [`TlsError::Unusable`] when the two do not belong together, or are too weak for TLS.
pub(super) fn certified(credential: &Credential) -> Result<CertifiedKey, TlsError> {
    let certified = || {
        // Borrowed: no copy of the key is left behind.
        let der = PrivatePkcs8KeyDer::from(credential.key.pkcs8()).into();
        let key = CertifiedKey::new(chain(credential), any_supported_type(&der)?);
        key.keys_match().map(|()| key)
    };
    certified().map_err(|error| {
        let problem = match error {
            rustls::Error::InconsistentKeys(_) => {
                "the private key does not belong to this certificate; name the key that it was \
                 made for"
                    .to_owned()
            }
            other => format!(
                "key or certificate cannot be used for TLS ({other}); RSA from 2048 to 8192 bits, \
                 ECDSA on P-256 to P-521 and Ed25519 can, with a certificate of X.509 version 3"
            ),
        };
        TlsError::Unusable {
            certificate: format!("our certificate {}", credential.certificate),
            problem,
        }
    })
}

/// The certificates that this side can show to callers.
#[derive(Debug)]
pub(super) struct Shown(Vec<(Certificate, Arc<CertifiedKey>)>);

impl Shown {
    /// # Errors
    /// [`TlsError::Unusable`] when there is none, or one does not serve.
    pub(super) fn new(credentials: &[Credential]) -> Result<Self, TlsError> {
        if credentials.is_empty() {
            return Err(TlsError::Unusable {
                certificate: "our certificate".to_owned(),
                problem: "there is none, and who is called by TLS must show one".to_owned(),
            });
        }
        let certified = credentials.iter().map(|credential| {
            let key = certified(credential)?;
            Ok((credential.certificate.clone(), Arc::new(key)))
        });
        Ok(Self(certified.collect::<Result<_, TlsError>>()?))
    }
}

impl ResolvesServerCert for Shown {
    /// The first that the caller can verify; valid ones, and those for the host that it calls,
    /// come before others.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let now = SystemTime::now();
        let serves = |key: &CertifiedKey| {
            let schemes = hello.signature_schemes();
            key.key.choose_scheme(schemes).is_some()
        };
        let usable = self.0.iter().filter(|(_, key)| serves(key));
        let best = usable.min_by_key(|(certificate, _)| {
            let is_valid = certificate.not_before() <= now && now <= certificate.not_after();
            let is_named = hello.server_name().is_some_and(|name| {
                let mut hosts = certificate.dns_names().into_iter();
                hosts.any(|host| host.eq_ignore_ascii_case(name))
            });
            (!is_valid, !is_named)
        });
        best.map(|(_, key)| key.clone())
    }
}
