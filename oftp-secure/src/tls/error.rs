//! What goes wrong with TLS, in words that say what would mend it.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};

use crate::trust::Distrust;

/// TLS with a partner has failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The network failed.
    #[error("the connection failed: {0}")]
    Network(io::Error),
    /// The partner closed in the middle of the handshake.
    #[error(
        "the partner closed the connection during the TLS handshake without saying why; it may \
         not take our TLS version, or our certificate: ask for its log"
    )]
    Closed,
    /// The handshake was not done in time.
    #[error("the TLS handshake was not done within {} s; {}", .after.as_secs_f32(), hint(*.heard))]
    TimeOut {
        /// The time it had.
        after: Duration,
        /// Whether the partner sent anything.
        heard: bool,
    },
    /// What came is not TLS.
    #[error(
        "the other side does not speak TLS (it sent {}): use the port with TLS (6619), or agree \
         with the partner to do without TLS",
        said(.sent)
    )]
    NotTls {
        /// The first octets.
        sent: Vec<u8>,
    },
    /// The partner's certificate is not taken.
    #[error("the partner is not trusted: {0}")]
    Distrusted(#[source] Distrust),
    /// The partner showed no certificate, and must.
    #[error(
        "the partner showed no certificate, and this side requires one: the partner must set a \
         certificate for TLS as client, and give it to us"
    )]
    NoCertificate,
    /// The partner refuses with an alert of TLS.
    #[error("{}", alert(*.0))]
    Refused(AlertDescription),
    /// A key and its certificate of ours cannot be used.
    #[error("{certificate}: {problem}")]
    Unusable {
        /// The certificate.
        certificate: String,
        /// What is wrong, and what would mend it.
        problem: String,
    },
    /// What is to be called is neither a host name nor an address.
    #[error("{0:?} is neither a host name nor an IP address, and TLS needs one of them")]
    HostName(String),
    /// Anything else between two sides that speak TLS.
    #[error("{}", protocol(.0))]
    Protocol(rustls::Error),
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Self::Refused(alert),
            rustls::Error::NoCertificatesPresented => Self::NoCertificate,
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
                match other.0.downcast_ref::<Distrust>() {
                    Some(distrust) => Self::Distrusted(distrust.clone()),
                    None => Self::Protocol(rustls::Error::InvalidCertificate(
                        CertificateError::Other(other),
                    )),
                }
            }
            other => Self::Protocol(other),
        }
    }
}

impl From<io::Error> for TlsError {
    /// An error of a connection; a `TlsError` inside it comes out again.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => match error.downcast::<Self>() {
                Ok(error) => error,
                Err(error) => Self::Network(error),
            },
        }
    }
}

const fn hint(heard: bool) -> &'static str {
    if heard {
        "the partner began one and did not go on"
    } else {
        "nothing came at all: a caller that does not use TLS waits for us to speak first"
    }
}

/// What was sent in place of TLS.
fn said(sent: &[u8]) -> String {
    // The header of a Stream Transmission Buffer, then SSRM or ESID (RFC 5024 2.2.1, 5.3.1).
    match sent {
        [0x10, 0, 0, _, b'I', ..] => "\"ODETTE FTP READY\" in the clear".to_owned(),
        [0x10, 0, _, _, ..] => "ODETTE-FTP in the clear".to_owned(),
        _ => {
            let shown = sent.iter().take(16).flat_map(|octet| octet.escape_ascii());
            format!("\"{}\"", shown.map(char::from).collect::<String>())
        }
    }
}

/// An alert of the partner in plain words (RFC 8446 6.2).
fn alert(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let meaning = match alert {
        A::UnknownCA => {
            "the partner refused our certificate: it does not know who issued it (unknown CA); \
             give the partner our certificate, or that of its issuer"
        }
        A::BadCertificate => {
            "the partner refused our certificate: it cannot be used (bad certificate); ask the \
             partner what it expects"
        }
        A::UnsupportedCertificate => {
            "the partner refused our certificate: it is of a kind that it does not take \
             (unsupported certificate); for TLS as client it may want the usage clientAuth"
        }
        A::CertificateRevoked => {
            "the partner refused our certificate: it is revoked; give the partner a new one"
        }
        A::CertificateExpired => {
            "the partner refused our certificate: it has expired, or one of the two clocks is \
             wrong; give the partner a new one"
        }
        A::CertificateUnknown => {
            "the partner refused our certificate, for a reason of its own (certificate unknown); \
             is it the one that the partner has?"
        }
        A::CertificateRequired => {
            "the partner requires a certificate of ours, and we showed none: set one for TLS"
        }
        A::AccessDenied => {
            "the partner knows our certificate and does not let us in (access denied)"
        }
        A::HandshakeFailure => {
            "the partner found no common ground (handshake failure): it may want a certificate of \
             ours, or offer none of our cipher suites"
        }
        A::ProtocolVersion => {
            "the partner does not take TLS 1.2 or 1.3 (protocol version); older versions are not \
             secure (RFC 8996), and not offered here"
        }
        A::InsufficientSecurity => {
            "the partner wants stronger cipher suites or keys (insufficient security)"
        }
        A::UnrecognisedName => {
            "the partner does not serve the host name we called (unrecognised name): check --host"
        }
        A::DecryptError => {
            "the partner could not verify our signature (decrypt error): does our key belong to \
             the certificate that the partner has?"
        }
        other => return format!("the partner ended TLS with the alert {other:?}"),
    };
    meaning.to_owned()
}

fn protocol(error: &rustls::Error) -> String {
    use PeerIncompatible as P;
    match error {
        rustls::Error::PeerIncompatible(
            P::ServerDoesNotSupportTls12Or13
            | P::Tls12NotOffered
            | P::Tls12NotOfferedOrEnabled
            | P::SupportedVersionsExtensionRequired
            // Which has been sent by everybody since TLS 1.2.
            | P::SignatureAlgorithmsExtensionRequired,
        ) => {
            "the partner offers no TLS version from 1.2 on; older ones are not secure (RFC 8996), \
              and not taken here: the partner must update"
                .to_owned()
        }
        rustls::Error::PeerIncompatible(
            P::NoCipherSuitesInCommon | P::NoKxGroupsInCommon | P::NamedGroupsExtensionRequired,
        ) => "the partner has no cipher suite in common with us: it must allow one with ECDHE and \
              AES-GCM or ChaCha20"
            .to_owned(),
        rustls::Error::PeerIncompatible(
            P::NoSignatureSchemesInCommon | P::NoCertificateRequestSignatureSchemesInCommon,
        ) => "the partner takes no kind of signature that our key can make".to_owned(),
        rustls::Error::InvalidMessage(InvalidMessage::UnknownProtocolVersion) => {
            "the partner speaks an unknown version of TLS".to_owned()
        }
        rustls::Error::DecryptError
        | rustls::Error::PeerSentOversizedRecord
        | rustls::Error::InvalidMessage(InvalidMessage::MessageTooLarge) => {
            "a record of TLS is damaged: the connection was tampered with, or is broken".to_owned()
        }
        other => format!("TLS with the partner failed: {other}"),
    }
}
