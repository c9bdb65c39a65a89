//! Private keys in their forms, made one: PKCS#8 PrivateKeyInfo (RFC 5958).

use pkcs8::EncryptedPrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::{KeystoreProblem, Passphrase};
use crate::asn1::{self, Asn1Error, Reader, oid, tag};
use crate::key::PrivateKey;

/// A key in PKCS#8.
pub(super) fn from_pkcs8(der: &[u8]) -> Result<PrivateKey, KeystoreProblem> {
    check_pkcs8(der).map_err(|error| damaged("private key", &error))?;
    Ok(PrivateKey::from_pkcs8(Zeroizing::new(der.to_vec())))
}

/// A key in PKCS#8, encrypted.
pub(super) fn from_encrypted(
    der: &[u8],
    passphrase: Option<&Passphrase>,
) -> Result<PrivateKey, KeystoreProblem> {
    const WHAT: &str = "the private key";
    let Some(passphrase) = passphrase else {
        return Err(KeystoreProblem::NeedsPassphrase { what: WHAT });
    };
    let unsupported = |why: String| KeystoreProblem::Unsupported {
        what: WHAT,
        why,
        command: "openssl pkcs8 -in OLD -topk8 -v2 aes256 -out NEW",
    };
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|error| unsupported(error.to_string()))?;
    let wrong = KeystoreProblem::WrongPassphrase { what: WHAT };
    match encrypted.decrypt(passphrase.as_str()) {
        // One wrong passphrase in 256 gives octets, but no key.
        Ok(key) => from_pkcs8(key.as_bytes()).map_err(|_| wrong),
        Err(pkcs8::Error::EncryptedPrivateKey(
            error @ (pkcs8::pkcs5::Error::NoPbes1CryptSupport
            | pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs8::pkcs5::Error::AlgorithmParametersInvalid { .. }),
        )) => Err(unsupported(error.to_string())),
        Err(_) => Err(wrong),
    }
}

/// A key in PKCS#1 (`RSA PRIVATE KEY`).
pub(super) fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, KeystoreProblem> {
    let algorithm = [
        asn1::oid_only(oid::RSA_ENCRYPTION),
        asn1::primitive(tag::NULL, &[]),
    ];
    from_pkcs8(&wrap(&algorithm, der))
}

/// A key in SEC 1 (`EC PRIVATE KEY`, RFC 5915): for TLS.
pub(super) fn from_sec1(der: &[u8]) -> Result<PrivateKey, KeystoreProblem> {
    let curve = curve_of(der).map_err(|error| damaged("elliptic curve key", &error))?;
    let algorithm = [asn1::oid_only(oid::EC_PUBLIC_KEY), curve.to_vec()];
    from_pkcs8(&wrap(&algorithm, der))
}

fn wrap(algorithm: &[Vec<u8>], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let algorithm = asn1::primitive(tag::SEQUENCE, &algorithm.concat());
    let key = Zeroizing::new(asn1::octet_string(key));
    Zeroizing::new(asn1::constructed(
        tag::SEQUENCE,
        &[&asn1::integer(0), &algorithm, &key],
    ))
}

fn curve_of(der: &[u8]) -> Result<&[u8], Asn1Error> {
    let mut key = Reader::new(der).expect(tag::SEQUENCE, "key")?.reader();
    key.expect(tag::INTEGER, "version")?;
    key.expect(tag::OCTET_STRING, "key")?;
    let curve = key.expect(tag::CONTEXT_0_CONSTRUCTED, "curve")?;
    Ok(curve.reader().expect(tag::OID, "curve")?.whole)
}

fn check_pkcs8(der: &[u8]) -> Result<(), Asn1Error> {
    let mut key = Reader::new(der).expect(tag::SEQUENCE, "key")?.reader();
    key.expect(tag::INTEGER, "version")?;
    let mut algorithm = key.expect(tag::SEQUENCE, "algorithm")?.reader();
    algorithm.expect(tag::OID, "algorithm")?;
    key.expect(tag::OCTET_STRING, "key").map(|_| ())
}

pub(super) fn damaged(what: &'static str, error: &Asn1Error) -> KeystoreProblem {
    KeystoreProblem::Damaged {
        what,
        why: error.to_string(),
    }
}
