//! What a certificate may be used for (RFC 5280 4.2.1.3 and 4.2.1.12).
//!
//! Partners use the certificates of their TLS servers for everything, so for files and responses
//! any of the common extended usages will do; for TLS it must be the right one.

use webpki::{ExtendedKeyUsageValidator, KeyPurposeIdIter};

use super::{DistrustKind, Purpose};
use crate::asn1::oid;
use crate::certificate::Certificate;

/// Whether the certificate may be used so.
pub(super) fn check(certificate: &Certificate, purpose: Purpose) -> Result<(), DistrustKind> {
    let wrong = |allowed| DistrustKind::WrongUsage { purpose, allowed };
    if let Some(usage) = certificate.key_usage() {
        let allowed = match purpose {
            Purpose::SignFile | Purpose::SignResponse => {
                usage.digital_signature() || usage.non_repudiation()
            }
            Purpose::EncryptFile | Purpose::Authenticate => usage.key_encipherment(),
            // TLS 1.3 signs always, TLS 1.2 with the suites that are offered as well.
            Purpose::TlsServer | Purpose::TlsClient => usage.digital_signature(),
        };
        if !allowed {
            return Err(wrong(usage.to_string()));
        }
    }
    match certificate.extended_key_usage() {
        Some(usages) if !usages.iter().any(|usage| allows(purpose, usage)) => {
            let names: Vec<String> = usages.iter().map(|usage| name(usage)).collect();
            Err(wrong(names.join(", ")))
        }
        _ => Ok(()),
    }
}

/// Whether this extended usage serves the purpose.
fn allows(purpose: Purpose, usage: &[u8]) -> bool {
    match usage {
        oid::ANY_EXTENDED_KEY_USAGE => true,
        oid::SERVER_AUTH => purpose != Purpose::TlsClient,
        oid::CLIENT_AUTH => purpose != Purpose::TlsServer,
        oid::EMAIL_PROTECTION => !matches!(purpose, Purpose::TlsServer | Purpose::TlsClient),
        _ => false,
    }
}

/// The name of an extended usage.
#[must_use]
pub fn name(usage: &[u8]) -> String {
    match usage {
        oid::ANY_EXTENDED_KEY_USAGE => "anyExtendedKeyUsage".to_owned(),
        oid::SERVER_AUTH => "serverAuth".to_owned(),
        oid::CLIENT_AUTH => "clientAuth".to_owned(),
        oid::EMAIL_PROTECTION => "emailProtection".to_owned(),
        other => der::asn1::ObjectIdentifier::from_bytes(other)
            .map_or_else(|_| crate::certificate::hex(other), |oid| oid.to_string()),
    }
}

/// The same rule for the authorities of a path, whose extended usages limit what they certify.
pub(super) struct OfPath(pub(super) Purpose);

impl ExtendedKeyUsageValidator for OfPath {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut none = true;
        for usage in usages {
            let usage = usage?.to_decoded_oid();
            none = false;
            let arcs: Vec<u32> = usage
                .iter()
                .map(|arc| u32::try_from(*arc).unwrap_or_default())
                .collect();
            let oid = der::asn1::ObjectIdentifier::from_arcs(arcs);
            if oid.is_ok_and(|oid| allows(self.0, oid.as_bytes())) {
                return Ok(());
            }
        }
        if none {
            return Ok(());
        }
        Err(webpki::Error::RequiredEkuNotFoundContext(
            webpki::RequiredEkuNotFoundContext {
                required: webpki::KeyUsage::required_if_present(oid::EMAIL_PROTECTION),
                present: Vec::new(),
            },
        ))
    }
}
