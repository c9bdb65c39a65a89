//! Who signed and for whom it is: certificates by issuer and serial number or by subject key
//! identifier (RFC 5652 5.3 and 6.2.1).

use crate::asn1::{Asn1Error, Element, Reader, constructed, primitive, tag};
use crate::certificate::{Certificate, hex, name_text};
use crate::crypto::Hash;

use super::name;

/// A reference to a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identifier {
    IssuerAndSerial { issuer: Vec<u8>, serial: Vec<u8> },
    KeyIdentifier(Vec<u8>),
}

impl Identifier {
    /// Reads SignerIdentifier or RecipientIdentifier.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Asn1Error> {
        let element = reader.any()?;
        match element.tag {
            tag::SEQUENCE => Self::issuer_and_serial(&element),
            tag::CONTEXT_0 => Ok(Self::KeyIdentifier(element.content.to_vec())),
            // [0] IMPLICIT OCTET STRING in segments.
            tag::CONTEXT_0_CONSTRUCTED => element.octets().map(Self::KeyIdentifier),
            _ => Err(Asn1Error {
                what: "no certificate identifier",
                at: 0,
            }),
        }
    }

    fn issuer_and_serial(element: &Element<'_>) -> Result<Self, Asn1Error> {
        let mut reader = element.reader();
        Ok(Self::IssuerAndSerial {
            issuer: reader.expect(tag::SEQUENCE, "issuer")?.whole.to_vec(),
            serial: reader
                .expect(tag::INTEGER, "serial number")?
                .content
                .to_vec(),
        })
    }

    /// How a certificate is referred to; `None`: by key identifier, but it bears none.
    pub(super) fn of(certificate: &Certificate, by_key: bool) -> Option<Vec<u8>> {
        if by_key {
            let id = certificate.subject_key_id()?;
            return Some(primitive(tag::CONTEXT_0, id));
        }
        let serial = primitive(tag::INTEGER, certificate.serial());
        Some(constructed(
            tag::SEQUENCE,
            &[certificate.issuer_der(), &serial],
        ))
    }

    /// Whether this refers to the certificate.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                without_zeros(serial) == without_zeros(certificate.serial())
                    && (issuer == certificate.issuer_der()
                        || name::same(issuer, certificate.issuer_der()))
            }
            Self::KeyIdentifier(id) => match certificate.subject_key_id() {
                Some(own) => own == id,
                None => key_hash(certificate).is_some_and(|own| own == *id),
            },
        }
    }
}

/// The identifier that most authorities give: SHA-1 over the key (RFC 5280 4.2.1.2).
fn key_hash(certificate: &Certificate) -> Option<Vec<u8>> {
    let mut spki = Reader::new(certificate.spki()).any().ok()?.reader();
    spki.any().ok()?;
    let bits = spki.expect(tag::BIT_STRING, "public key").ok()?.content;
    Some(Hash::Sha1.of(bits.get(1..)?))
}

fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                write!(f, "serial {} issued by {}", hex(serial), name_text(issuer))
            }
            Self::KeyIdentifier(id) => write!(f, "key identifier {}", hex(id)),
        }
    }
}
