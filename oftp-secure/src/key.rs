//! Private keys, and the certificates that belong to them.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::asn1::{self, Asn1Error, Reader, oid, tag};
use crate::certificate::{Certificate, KeyKind};
use crate::crypto::{CryptoError, RsaPrivateKey};

/// A private key. Wiped when the last copy is dropped, and never shown.
#[derive(Clone)]
pub struct PrivateKey(Arc<Inner>);

struct Inner {
    pkcs8: Zeroizing<Vec<u8>>,
    rsa: Option<RsaPrivateKey>,
}

impl PrivateKey {
    /// Reads a PKCS#8 PrivateKeyInfo in DER. Keys that are not RSA serve TLS alone.
    #[must_use]
    pub fn from_pkcs8(der: Zeroizing<Vec<u8>>) -> Self {
        let rsa = RsaPrivateKey::from_pkcs8(&der).ok();
        Self(Arc::new(Inner { pkcs8: der, rsa }))
    }

    /// The key as PKCS#8 PrivateKeyInfo in DER.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.0.pkcs8
    }

    /// Whether this certificate is for this key.
    #[must_use]
    pub fn is_of(&self, certificate: &Certificate) -> bool {
        let certified = bits_of_spki(certificate.spki());
        certified.is_ok_and(|certified| self.public_bits().is_some_and(|own| own == certified))
    }

    /// The public key as the BIT STRING of a SubjectPublicKeyInfo holds it: certificates of the
    /// same key may differ in what they write around it.
    pub(crate) fn public_bits(&self) -> Option<Vec<u8>> {
        if let Ok(bits) = rsa_public_bits(&self.0.pkcs8) {
            return Some(bits);
        }
        // aws-lc computes the point where the file does not hold it.
        let pkcs8 = rustls_pki_types::PrivatePkcs8KeyDer::from(self.pkcs8());
        let pair = rcgen::KeyPair::try_from(&pkcs8).ok()?;
        Some([&[0], rcgen::PublicKeyData::der_bytes(&pair)].concat())
    }

    /// What kind of key it is, and how long.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.0.rsa {
            Some(rsa) => KeyKind::Rsa(rsa.bits()),
            None => KeyKind::of_pkcs8(&self.0.pkcs8).unwrap_or(KeyKind::Other),
        }
    }

    /// The RSA key that the cipher suites need.
    ///
    /// # Errors
    /// The key is not an RSA key.
    pub fn rsa(&self) -> Result<&RsaPrivateKey, CryptoError> {
        self.0.rsa.as_ref().ok_or(CryptoError)
    }
}

fn bits_of_spki(spki: &[u8]) -> Result<&[u8], Asn1Error> {
    let mut info = Reader::new(spki)
        .expect(tag::SEQUENCE, "public key")?
        .reader();
    info.expect(tag::SEQUENCE, "algorithm")?;
    Ok(info.expect(tag::BIT_STRING, "public key")?.content)
}

/// RSAPublicKey (RFC 8017 A.1.1) out of a PrivateKeyInfo, behind the octet of a BIT STRING.
fn rsa_public_bits(pkcs8: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    let mut info = Reader::new(pkcs8).expect(tag::SEQUENCE, "key")?.reader();
    info.expect(tag::INTEGER, "version")?;
    let mut algorithm = info.expect(tag::SEQUENCE, "algorithm")?.reader();
    if algorithm.expect(tag::OID, "algorithm")?.content != oid::RSA_ENCRYPTION {
        let what = "key of another kind";
        return Err(Asn1Error { what, at: 0 });
    }
    let key = info.expect(tag::OCTET_STRING, "key")?.content;
    let mut key = Reader::new(key).expect(tag::SEQUENCE, "RSA key")?.reader();
    key.expect(tag::INTEGER, "version")?;
    let modulus = key.expect(tag::INTEGER, "modulus")?.whole;
    let exponent = key.expect(tag::INTEGER, "exponent")?.whole;
    let public = asn1::constructed(tag::SEQUENCE, &[modulus, exponent]);
    Ok([&[0], &public[..]].concat())
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

/// A private key with its certificate: what one side owns.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The key.
    pub key: PrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
    /// The certificates between it and its root, for TLS, nearest first.
    pub chain: Vec<Certificate>,
}
