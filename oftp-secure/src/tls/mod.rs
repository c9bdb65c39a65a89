//! Configurations of rustls for ODETTE-FTP over TLS (RFC 5024 chapter 2.3, RFC 8996): TLS 1.2 and
//! 1.3, where each side proves itself by what the other has in its [`Trust`](crate::Trust), and
//! not by the authorities of the Web.
//!
//! - No session is resumed: a resumed one would bring the certificate of an earlier handshake,
//!   which may be revoked or replaced since, and skip its check. Sessions are few and long, so a
//!   whole handshake (about a millisecond) costs nothing that counts.
//! - No application protocol is negotiated (ALPN has no name for ODETTE-FTP), no data are sent
//!   before the handshake is done (0-RTT could be replayed), and keys are never logged.

mod client;
mod error;
mod own;
mod partners;
mod server;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::SupportedProtocolVersion;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, OtherError};

use crate::certificate::Certificate;
use crate::trust::Distrust;

pub use client::{ClientTls, check_called, client_config, server_name};
pub use error::TlsError;
pub use partners::Partners;
pub use server::{ClientCertificates, ServerTls, server_config};

/// RFC 8996 forbids what is older.
const VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The primitives of TLS. A library sets no default for its whole process.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The certificates of a partner as rustls has them, its own first. What cannot be read is left
/// out: a handshake that came to its end had a first one that could.
#[must_use]
pub fn certificates(chain: &[CertificateDer<'_>]) -> Vec<Certificate> {
    let certificates = chain.iter().map(|der| Certificate::from_der(der));
    certificates.filter_map(Result::ok).collect()
}

/// The certificate to be checked.
fn read(der: &CertificateDer<'_>) -> Result<Certificate, rustls::Error> {
    Certificate::from_der(der).map_err(|_| CertificateError::BadEncoding.into())
}

fn time(now: UnixTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs())
}

/// Carries what is wrong through rustls; [`TlsError`] takes it out again.
fn refused(distrust: Distrust) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(distrust))).into()
}
