//! A throw-away public key infrastructure: authorities, partners, and certificates that are wrong
//! in one way each.

use std::sync::{LazyLock, Mutex};
use std::time::SystemTime;

use oftp_secure::{Certificate, Credential, Keystore, PrivateKey};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, DistinguishedName, DnType, IsCa, Issuer, KeyIdMethod,
    KeyPair, PKCS_RSA_SHA256, RevocationReason, RevokedCertParams, RsaKeySize, SerialNumber,
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

/// Midnight (UTC) of a day.
#[must_use]
pub fn day(year: i32, month: u8, day: u8) -> SystemTime {
    rcgen::date_time_ymd(year, month, day).into()
}

/// A certificate that was made once by `tests/data/certificates/make.sh`, valid from the end of
/// 2026 on.
#[must_use]
pub fn fixed(name: &str) -> Certificate {
    let path = fixed_file(&format!("{name}.pem"));
    let mut store = Keystore::load(&path, None).expect("a certificate");
    store.certificates.remove(0)
}

/// A file that the owner of this certificate has signed.
#[must_use]
pub fn fixed_message(name: &str) -> Vec<u8> {
    std::fs::read(fixed_file(&format!("{name}.cms"))).expect("a message")
}

fn fixed_file(name: &str) -> std::path::PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/certificates");
    std::path::Path::new(folder).join(name)
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
    self_signed_as(name, params(name))
}

/// The same with these parameters, for the key of this name.
#[must_use]
pub fn self_signed_as(name: &str, params: CertificateParams) -> Credential {
    let key = key(name);
    let certificate = params.self_signed(&key).expect("certificate");
    credential(&key, certificate.der())
}

/// With a subject key identifier, which [`params`] leaves out.
#[must_use]
pub fn params_with_key_identifier(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

/// Octets in PEM.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in der.chunks(3) {
        let bits = three
            .iter()
            .fold(0, |bits, octet| (bits << 8) | u32::from(*octet));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            text.push(if place <= three.len() {
                DIGITS[(bits >> (18 - 6 * place)) as usize & 63].into()
            } else {
                '='
            });
        }
        if text.len() % 65 == 64 {
            text.push('\n');
        }
    }
    let text = text.trim_end();
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
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
        Self::with_key(name, name)
    }

    /// An authority that bears this name, with the key of that name: an impostor, or one that has
    /// changed its key.
    #[must_use]
    pub fn with_key(name: &str, key_name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key(key_name);
        let certificate = params.self_signed(&key).expect("certificate");
        Self {
            certificate: Certificate::from_der(certificate.der()).expect("certificate"),
            issuer: Issuer::new(params, key),
        }
    }

    /// An authority that this one has certified.
    #[must_use]
    pub fn under(&self, name: &str) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key(name);
        let certificate = params.signed_by(&key, &self.issuer).expect("certificate");
        Self {
            certificate: Certificate::from_der(certificate.der()).expect("certificate"),
            issuer: Issuer::new(params, key),
        }
    }

    /// A list of revoked certificates in DER, valid from `made` to `next`; all of them were
    /// revoked on the day it was made because their keys were stolen.
    #[must_use]
    pub fn list(&self, made: SystemTime, next: SystemTime, revoked: &[&Certificate]) -> Vec<u8> {
        self.list_for(None, made, next, revoked)
    }

    /// The same for the certificates of one distribution point.
    #[must_use]
    pub fn list_for(
        &self,
        point: Option<&str>,
        made: SystemTime,
        next: SystemTime,
        revoked: &[&Certificate],
    ) -> Vec<u8> {
        let entry = |certificate: &&Certificate| RevokedCertParams {
            serial_number: SerialNumber::from_slice(certificate.serial()),
            revocation_time: made.into(),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: made.into(),
            next_update: next.into(),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: point.map(|uri| CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint {
                    uris: vec![uri.to_owned()],
                },
                scope: Some(CrlScope::UserCertsOnly),
            }),
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).expect("list");
        list.der().to_vec()
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
