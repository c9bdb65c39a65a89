//! The side that calls (Initiator).

use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::own::certified;
use super::{TlsError, VERSIONS, certificates, provider, read, refused, time};
use crate::certificate::Certificate;
use crate::key::Credential;
use crate::trust::{Distrust, DistrustKind, Purpose, Trust};

/// What is needed to call a partner by TLS.
#[derive(Debug, Clone, Default)]
pub struct ClientTls {
    /// Whose certificate the partner must show. One that an authority vouches for must be for the
    /// host that is called, or bear one of [`names`](Trust::names) where these are set; a pinned
    /// one is the partner's wherever it is shown.
    pub trust: Trust,
    /// Our own certificate, for partners that ask for one.
    pub credential: Option<Credential>,
}

/// A configuration for calls to one partner.
///
/// # Errors
/// [`TlsError::Unusable`] when our key and certificate do not serve.
pub fn client_config(tls: ClientTls) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = provider();
    let verifier = ServerVerifier {
        trust: tls.trust,
        algorithms: provider.signature_verification_algorithms,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match tls.credential {
        None => builder.with_no_client_auth(),
        Some(credential) => {
            let own = SingleCertAndKey::from(certified(&credential)?);
            builder.with_client_cert_resolver(Arc::new(own))
        }
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// The host as rustls wants it: a name, or an address without brackets.
///
/// # Errors
/// [`TlsError::HostName`] when it is neither.
pub fn server_name(host: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(host.to_owned()).map_err(|_| TlsError::HostName(host.to_owned()))
}

/// Takes the certificate of one partner.
#[derive(Debug)]
struct ServerVerifier {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let certificate = read(end_entity)?;
        let sent_with = certificates(intermediates);
        check_called(
            &self.trust,
            &certificate,
            &sent_with,
            server_name,
            time(now),
        )
        .map_err(refused)?;
        Ok(ServerCertVerified::assertion())
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

/// Whether a certificate is the partner's that was called under this name (threat model S15):
/// for handshakes that are not made here. `sent_with` are the others that came with it.
///
/// # Errors
/// [`Distrust`] says why not.
pub fn check_called(
    trust: &Trust,
    certificate: &Certificate,
    sent_with: &[Certificate],
    name: &ServerName<'_>,
    now: SystemTime,
) -> Result<(), Distrust> {
    trust.check(certificate, sent_with, Purpose::TlsServer, now)?;
    if trust.names.is_empty() && !trust.is_pinned(certificate) {
        is_for(certificate, name)?;
    }
    Ok(())
}

/// Whether an authority's certificate is for the host that is called (RFC 9525).
fn is_for(certificate: &Certificate, name: &ServerName<'_>) -> Result<(), Distrust> {
    let der = CertificateDer::from(certificate.der());
    let verified = ParsedCertificate::try_from(&der)
        .and_then(|parsed| rustls::client::verify_server_name(&parsed, name));
    verified.map_err(|_| Distrust {
        certificate: certificate.to_string(),
        kind: DistrustKind::WrongName {
            found: certificate.dns_names(),
            wanted: vec![name.to_str().into_owned()],
        },
    })
}
