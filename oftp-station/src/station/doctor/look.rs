//! What answers, where it is not what was expected: a handshake of TLS that goes as far as the
//! certificate of the other side and no further. Nothing is trusted, and nothing is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oftp_secure::Certificate;
use oftp_secure::tls::{ClientTls, TlsError, certificates, client_config};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::driver::Tls;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The certificates of the other side, its own first.
    pub(super) chain: Vec<Certificate>,
    /// It speaks TLS.
    pub(super) is_tls: bool,
}

/// Whether TLS is spoken at this address.
pub(super) async fn speaks_tls(address: SocketAddr, within: Duration) -> bool {
    let name = ServerName::from(address.ip());
    look(address, name, within).await.is_tls
}

/// Looks at the certificates of whoever is at this address.
pub(super) async fn look(address: SocketAddr, name: ServerName<'static>, within: Duration) -> Seen {
    let Ok(config) = client_config(ClientTls::default()) else {
        return Seen::default();
    };
    let Ok(Ok(stream)) = timeout(within, TcpStream::connect(address)).await else {
        return Seen::default();
    };
    let eye = Arc::new(Eye {
        seen: Mutex::default(),
        schemes: config
            .crypto_provider()
            .signature_verification_algorithms
            .supported_schemes(),
    });
    let mut config = (*config).clone();
    config.dangerous().set_certificate_verifier(eye.clone());
    let handshake = Tls::connect(stream, Arc::new(config), name, within).await;
    let chain = std::mem::take(&mut *eye.seen.lock().unwrap_or_else(PoisonError::into_inner));
    let is_tls =
        !chain.is_empty() || matches!(handshake, Err(TlsError::Refused(_) | TlsError::Protocol(_)));
    Seen { chain, is_tls }
}

/// Sees certificates, and takes none.
#[derive(Debug)]
struct Eye {
    seen: Mutex<Vec<Certificate>>,
    schemes: Vec<SignatureScheme>,
}

impl ServerCertVerifier for Eye {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut seen = certificates(std::slice::from_ref(end_entity));
        seen.extend(certificates(intermediates));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    // Never reached: no certificate is taken.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}
