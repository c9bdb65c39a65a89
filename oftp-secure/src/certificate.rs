//! X.509 certificates as partners have them (RFC 5280), read with tolerance: what is sloppy in a
//! certificate must not keep its owner from exchanging files, what is wrong is for
//! [`trust`](crate::trust) to say.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use der::Decode;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::name::Name;

use crate::asn1::{Asn1Error, Element, Reader, oid, tag};
use crate::crypto::{CryptoError, Hash, RsaPublicKey};

mod fields;

pub use fields::{KeyKind, KeyUsage};
use fields::{attributes, list_of_oids};

/// A certificate. Copies share their octets.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Vec<u8>,
    version: u8,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
    signature_algorithm: Vec<u8>,
    not_before: SystemTime,
    not_after: SystemTime,
    extensions: Vec<Extension>,
    fingerprint: [u8; 32],
    public_key: Option<RsaPublicKey>,
}

struct Extension {
    oid: Vec<u8>,
    value: Vec<u8>,
}

impl Certificate {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// [`Asn1Error`] when the octets are no certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, Asn1Error> {
        let whole = Reader::new(der).expect(tag::SEQUENCE, "certificate")?;
        let mut certificate = whole.reader();
        let mut tbs = certificate
            .expect(tag::SEQUENCE, "TBSCertificate")?
            .reader();
        let version = match tbs.optional(tag::CONTEXT_0_CONSTRUCTED)? {
            Some(version) => 1 + last_octet(&version.reader().expect(tag::INTEGER, "version")?),
            None => 1,
        };
        let serial = tbs.expect(tag::INTEGER, "serial number")?.content.to_vec();
        let algorithm = tbs.expect(tag::SEQUENCE, "signature algorithm")?;
        let issuer = tbs.expect(tag::SEQUENCE, "issuer")?.whole.to_vec();
        let mut validity = tbs.expect(tag::SEQUENCE, "validity")?.reader();
        let not_before = time(&validity.any()?)?;
        let not_after = time(&validity.any()?)?;
        let subject = tbs.expect(tag::SEQUENCE, "subject")?.whole.to_vec();
        let spki = tbs.expect(tag::SEQUENCE, "public key")?.whole.to_vec();
        let mut extensions = Vec::new();
        while !tbs.is_empty() {
            let element = tbs.any()?;
            if element.tag == tag::CONTEXT_3_CONSTRUCTED {
                extensions = read_extensions(&element)?;
            }
        }
        let fingerprint = Hash::Sha256.of(whole.whole);
        Ok(Self(Arc::new(Parsed {
            der: whole.whole.to_vec(),
            version,
            serial,
            issuer,
            subject,
            signature_algorithm: algorithm
                .reader()
                .expect(tag::OID, "signature algorithm")?
                .content
                .to_vec(),
            not_before,
            not_after,
            extensions,
            // SHA-256 has 32 octets.
            fingerprint: fingerprint.try_into().unwrap_or_default(),
            public_key: RsaPublicKey::from_spki(&spki).ok(),
            spki,
        })))
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// 1 to 3.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.0.version
    }

    /// The content octets of the serial number.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The issuer's name in DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer
    }

    /// The owner's name in DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.0.spki
    }

    /// The algorithm of the issuer's signature, as the content octets of its identifier.
    #[must_use]
    pub fn signature_algorithm(&self) -> &[u8] {
        &self.0.signature_algorithm
    }

    /// SHA-256 over the DER: what a certificate is pinned by.
    #[must_use]
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.0.fingerprint
    }

    /// The RSA key that the cipher suites need.
    ///
    /// # Errors
    /// The certificate holds a key of another kind.
    pub fn public_key(&self) -> Result<&RsaPublicKey, CryptoError> {
        self.0.public_key.as_ref().ok_or(CryptoError)
    }

    /// Valid from this time on.
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.0.not_before
    }

    /// Valid to this time.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.0.not_after
    }

    /// The subject key identifier, if the certificate has one.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        let value = self.extension(oid::SUBJECT_KEY_IDENTIFIER)?;
        let id = Reader::new(value).expect(tag::OCTET_STRING, "key identifier");
        id.ok().map(|id| id.content)
    }

    /// Key usage; `None`: every usage. What cannot be read allows nothing.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.extension(oid::KEY_USAGE).map(KeyUsage::from_der)
    }

    /// Extended key usage, as content octets of identifiers; `None`: every usage. What cannot be
    /// read allows nothing.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<Vec<&[u8]>> {
        let value = self.extension(oid::EXTENDED_KEY_USAGE)?;
        Some(list_of_oids(value).unwrap_or_default())
    }

    /// What kind of key the certificate holds, and how long it is.
    #[must_use]
    pub fn key_kind(&self) -> KeyKind {
        KeyKind::of(&self.0.spki).unwrap_or(KeyKind::Other)
    }

    /// The values of this attribute of the owner's name, for example
    /// [`COMMON_NAME`](oid::COMMON_NAME).
    #[must_use]
    pub fn subject_attribute(&self, oid: &[u8]) -> Vec<String> {
        attributes(&self.0.subject, oid).unwrap_or_default()
    }

    /// Whether it may sign other certificates (basic constraints).
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.extension(oid::BASIC_CONSTRAINTS)
            .and_then(|value| BasicConstraints::from_der(value).ok())
            .is_some_and(|constraints| constraints.ca)
    }

    /// Whether issuer and owner have the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer == self.0.subject
    }

    /// The names of hosts in the subject alternative name.
    #[must_use]
    pub fn dns_names(&self) -> Vec<String> {
        let names = self.extension(oid::SUBJECT_ALT_NAME);
        let names = names.and_then(|value| SubjectAltName::from_der(value).ok());
        let names = names.map(|names| names.0).unwrap_or_default();
        let dns = names.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            _ => None,
        });
        dns.collect()
    }

    /// The owner's name as text (RFC 4514).
    #[must_use]
    pub fn subject(&self) -> String {
        name_text(&self.0.subject)
    }

    /// The issuer's name as text (RFC 4514).
    #[must_use]
    pub fn issuer(&self) -> String {
        name_text(&self.0.issuer)
    }

    /// The serial number in hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex(&self.0.serial)
    }

    /// The fingerprint in hexadecimal.
    #[must_use]
    pub fn fingerprint_hex(&self) -> String {
        hex(&self.0.fingerprint)
    }

    /// The value of the extension with this identifier.
    #[must_use]
    pub fn extension(&self, oid: &[u8]) -> Option<&[u8]> {
        let found = self.0.extensions.iter().find(|e| e.oid == oid);
        found.map(|extension| extension.value.as_slice())
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({self})")
    }
}

impl std::fmt::Display for Certificate {
    /// `CN=... (serial 1A2B, issued by CN=...)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (subject, serial) = (self.subject(), self.serial_hex());
        if self.is_self_issued() {
            write!(f, "{subject} (serial {serial}, self-signed)")
        } else {
            write!(
                f,
                "{subject} (serial {serial}, issued by {})",
                self.issuer()
            )
        }
    }
}

fn read_extensions(element: &Element<'_>) -> Result<Vec<Extension>, Asn1Error> {
    let mut list = element
        .reader()
        .expect(tag::SEQUENCE, "extensions")?
        .reader();
    let mut extensions = Vec::new();
    while !list.is_empty() {
        let mut extension = list.expect(tag::SEQUENCE, "extension")?.reader();
        let oid = extension.expect(tag::OID, "extension")?.content.to_vec();
        extension.optional(tag::BOOLEAN)?;
        let value = extension.expect(tag::OCTET_STRING, "value of an extension")?;
        extensions.push(Extension {
            oid,
            value: value.content.to_vec(),
        });
    }
    Ok(extensions)
}

fn last_octet(element: &Element<'_>) -> u8 {
    element.content.last().copied().unwrap_or_default().min(2)
}

/// UTCTime or GeneralizedTime, in UTC (RFC 5280 4.1.2.5).
pub(crate) fn time(element: &Element<'_>) -> Result<SystemTime, Asn1Error> {
    use der::asn1::{GeneralizedTime, UtcTime};
    let since_1970: Option<Duration> = match element.tag {
        tag::UTC_TIME => UtcTime::from_der(element.whole)
            .ok()
            .map(|time| time.to_unix_duration()),
        tag::GENERALIZED_TIME => GeneralizedTime::from_der(element.whole)
            .ok()
            .map(|time| time.to_unix_duration()),
        _ => None,
    };
    since_1970
        .map(|duration| SystemTime::UNIX_EPOCH + duration)
        .ok_or(Asn1Error {
            what: "time that is none",
            at: 0,
        })
}

/// A name as text; one that cannot be read as its octets.
#[must_use]
pub fn name_text(der: &[u8]) -> String {
    match Name::from_der(der) {
        Ok(name) if name.is_empty() => "(no name)".to_owned(),
        Ok(name) => visible(&name.to_string()),
        Err(_) => format!("#{}", hex(der)),
    }
}

/// Text of a certificate, which anybody may have made, without what could forge a line of a log or
/// turn the reading direction.
pub(crate) fn visible(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => safe.extend(c.escape_unicode()),
            c if c.is_control() => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}

/// Octets in hexadecimal, capital letters.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    use std::fmt::Write;
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02X}");
        text
    })
}
