//! Configurations of rustls for ODETTE-FTP over TLS (RFC 5024 chapter 2.3, RFC 8996): TLS 1.2 and
//! 1.3, both sides prove themselves by the [`Trust`](crate::Trust) of a partner and not by the
//! authorities of the Web.

mod error;

pub use error::TlsError;

use crate::certificate::Certificate;
use rustls_pki_types::CertificateDer;

/// The certificates of a partner as rustls has them, its own first. What cannot be read is left
/// out: a handshake that came to its end had a first one that could.
#[must_use]
pub fn certificates(chain: &[CertificateDer<'_>]) -> Vec<Certificate> {
    let certificates = chain.iter().map(|der| Certificate::from_der(der));
    certificates.filter_map(Result::ok).collect()
}
