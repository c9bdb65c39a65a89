//! A throw-away public key infrastructure: authorities, partners, and certificates that are wrong
//! in one way each.

use std::sync::{LazyLock, Mutex};

use oftp_secure::{Certificate, Credential, PrivateKey};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    PKCS_RSA_SHA256, RsaKeySize,
};

/// RSA keys of 2048 bits take a while: they are made once for each name of the process.
static KEYS: LazyLock<Mutex<std::collections::HashMap<String, Vec<u8>>>> =
    LazyLock::new(Mutex::default);

/// The RSA key of this name, PKCS#8: the same each time.
#[must_use]
pub fn key(name: &str) -> KeyPair {
    let mut keys = KEYS.lock().expect("keys");
    let pkcs8 = keys.entry(name.to_owned()).or_insert_with(|| {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048);
        key.expect("RSA key").serialize_der()
    });
    KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_slice().into(), &PKCS_RSA_SHA256)
        .expect("RSA key")
}

/// What a certificate for this common name says if nothing else is asked for.
#[must_use]
pub fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A key with a certificate that it has signed itself.
#[must_use]
pub fn self_signed(name: &str) -> Credential {
    let key = key(name);
    let certificate = params(name).self_signed(&key).expect("certificate");
    credential(&key, certificate.der())
}

/// An authority that certifies others.
#[derive(Debug)]
pub struct Authority {
    /// Its own certificate.
    pub certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// An authority that has certified itself.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key(name);
        let certificate = params.self_signed(&key).expect("certificate");
        Self {
            certificate: Certificate::from_der(certificate.der()).expect("certificate"),
            issuer: Issuer::new(params, key),
        }
    }

    /// An authority that another one has certified.
    #[must_use]
    pub fn below(above: &Self, name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = above.issue(name, &params).certificate;
        Self {
            certificate,
            issuer: Issuer::new(params, key(name)),
        }
    }

    /// A key with a certificate of this authority.
    #[must_use]
    pub fn issue(&self, name: &str, params: &CertificateParams) -> Credential {
        let key = key(name);
        let certificate = params.signed_by(&key, &self.issuer).expect("certificate");
        credential(&key, certificate.der())
    }
}

fn credential(key: &KeyPair, certificate: &[u8]) -> Credential {
    Credential {
        key: PrivateKey::from_pkcs8(key.serialize_der().into()),
        certificate: Certificate::from_der(certificate).expect("certificate"),
        chain: Vec::new(),
    }
}
