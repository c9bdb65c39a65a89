//! The side that is called (Responder).

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};

use super::own::Shown;
use super::{Partners, TlsError, VERSIONS, certificates, provider, read, refused, time};
use crate::key::Credential;

/// Whether callers show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientCertificates {
    /// Who shows none has no session.
    #[default]
    Required,
    /// Who shows one must show a partner's.
    Asked,
    /// None is asked for.
    Ignored,
}

/// What is needed to be called by TLS.
#[derive(Debug, Clone, Default)]
pub struct ServerTls {
    /// Our own certificates: the first that suits a caller is shown. Several at a change-over, or
    /// for several kinds of keys or host names.
    pub credentials: Vec<Credential>,
    /// Whose certificates are taken. [`Partners::owners`] says afterwards whose one is.
    pub partners: Arc<Partners>,
    /// Whether callers show a certificate.
    pub client_certificates: ClientCertificates,
}

/// A configuration for a port on which partners call.
///
/// # Errors
/// [`TlsError::Unusable`] when a key and certificate of ours do not serve, or there is none.
pub fn server_config(tls: ServerTls) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = provider();
    let shown = Shown::new(&tls.credentials)?;
    let algorithms = provider.signature_verification_algorithms;
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(VERSIONS)?;
    let builder = match tls.client_certificates {
        ClientCertificates::Ignored => builder.with_no_client_auth(),
        wanted => builder.with_client_cert_verifier(Arc::new(ClientVerifier {
            partners: tls.partners,
            required: wanted == ClientCertificates::Required,
            algorithms,
        })),
    };
    let mut config = builder.with_cert_resolver(Arc::new(shown));
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Takes the certificates of all partners. Which of them calls is known later, by SSID.
#[derive(Debug)]
struct ClientVerifier {
    partners: Arc<Partners>,
    required: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for ClientVerifier {
    /// No hints: a caller with a certificate that is pinned here finds its issuer in no list, and
    /// some would then show none.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let certificate = read(end_entity)?;
        let sent_with = certificates(intermediates);
        self.partners
            .check(&certificate, &sent_with, time(now))
            .map_err(refused)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
