//! New keys, and certificates that their owners sign themselves: for stations that have no public
//! key infrastructure at hand.

use std::time::{Duration, SystemTime};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use pkcs8::pkcs5::pbes2;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm, SigningKey,
};
use zeroize::Zeroizing;

use crate::certificate::Certificate;
use crate::crypto::{Hash, RsaPrivateKey, SignatureScheme, random};
use crate::key::PrivateKey;
use crate::keystore::Passphrase;

/// The length of new keys in bits. The BSI (TR-02102-1) asks for 3000 and more, every partner's
/// library reads it, and it is used once for each file, not for each octet.
pub const DEFAULT_BITS: u32 = 3072;

/// How long new certificates are valid, in days: three years, for each renewal is work for every
/// partner.
pub const DEFAULT_DAYS: u32 = 1095;

/// How often the passphrase of a key is hashed: what OWASP recommends for PBKDF2 with SHA-256.
const ITERATIONS: u32 = 600_000;

/// Whom a certificate is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// The common name (CN): of the station, its host, or the company.
    pub name: String,
    /// The identification code (SSIDCODE), which becomes the serial number of the subject.
    pub identification: Option<String>,
    /// The company (O).
    pub organization: Option<String>,
    /// The country (C), two letters.
    pub country: Option<String>,
    /// Names of hosts that partners call, for TLS.
    pub hosts: Vec<String>,
}

/// Why there is no key, certificate or request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeygenError {
    /// RSA keys have 2048, 3072 or 4096 bits here.
    #[error("a key of {0} bits; choose 2048, 3072 or 4096")]
    Bits(u32),
    /// A name cannot stand in a certificate.
    #[error("{what} \"{value}\" cannot stand in a certificate: {why}")]
    Name {
        /// Which name.
        what: &'static str,
        /// The name.
        value: String,
        /// Why not.
        why: String,
    },
    /// The certificate would end before it begins, or after the year 9999.
    #[error("{0} days of validity; choose 1 to 36500")]
    Days(u32),
    /// The key is not RSA, which the cipher suites of RFC 5024 need.
    #[error(
        "the key is not RSA, which signatures and encryption of files need; oftp keygen makes one"
    )]
    NotRsa,
    /// The library or the system failed.
    #[error("the key could not be used: {0}")]
    Failed(String),
}

/// A new RSA key of 2048, 3072 or 4096 bits.
///
/// # Errors
/// Another length, or the system has no random octets.
pub fn generate_rsa(bits: u32) -> Result<PrivateKey, KeygenError> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => return Err(KeygenError::Bits(bits)),
    };
    let failed = |error: aws_lc_rs::error::Unspecified| KeygenError::Failed(error.to_string());
    let pair = aws_lc_rs::rsa::KeyPair::generate(size).map_err(failed)?;
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    Ok(PrivateKey::from_pkcs8(Zeroizing::new(
        pkcs8.as_ref().to_vec(),
    )))
}

/// A certificate for everything that OFTP does (RSA with SHA-256; digitalSignature and
/// keyEncipherment; serverAuth, clientAuth and emailProtection), signed by its own key.
///
/// It is valid for `days` from an hour before `now` on: clocks differ, and signatures that are
/// older than their certificate are refused by some.
///
/// # Errors
/// The key is not RSA, a name cannot stand in a certificate, or the days are not 1 to 36500.
pub fn self_signed(
    key: &PrivateKey,
    owner: &Owner,
    now: SystemTime,
    days: u32,
) -> Result<Certificate, KeygenError> {
    if !(1..=36_500).contains(&days) {
        return Err(KeygenError::Days(days));
    }
    let mut params = params(owner)?;
    let from = now - Duration::from_secs(3600);
    params.not_before = from.into();
    params.not_after = (from + Duration::from_secs(u64::from(days) * 86_400)).into();
    let mut serial = [0; 16];
    random(&mut serial).map_err(|error| KeygenError::Failed(error.to_string()))?;
    // Positive, and never shorter.
    serial[0] = serial[0] & 0x7F | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.is_ca = IsCa::ExplicitNoCa;
    params
        .extended_key_usages
        .push(ExtendedKeyUsagePurpose::EmailProtection);
    let certificate = params.self_signed(&Signer::of(key)?).map_err(failed)?;
    Certificate::from_der(certificate.der()).map_err(|error| KeygenError::Failed(error.to_string()))
}

/// What certificates and requests have in common.
pub(crate) fn params(owner: &Owner) -> Result<CertificateParams, KeygenError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let mut push = |kind: DnType, value: DnValue| params.distinguished_name.push(kind, value);
    if let Some(country) = &owner.country {
        push(DnType::CountryName, printable("country", country)?);
    }
    if let Some(organization) = &owner.organization {
        push(DnType::OrganizationName, organization.as_str().into());
    }
    push(DnType::CommonName, owner.name.as_str().into());
    if let Some(code) = &owner.identification {
        let kind = DnType::CustomDnType(vec![2, 5, 4, 5]);
        push(kind, printable("identification code", code)?);
    }
    for host in &owner.hosts {
        let name = host.as_str().try_into();
        let name = name.map_err(|error: rcgen::Error| invalid("host name", host, &error))?;
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    Ok(params)
}

fn printable(what: &'static str, value: &str) -> Result<DnValue, KeygenError> {
    let text = value.try_into();
    text.map(DnValue::PrintableString)
        .map_err(|error: rcgen::Error| invalid(what, value, &error))
}

fn invalid(what: &'static str, value: &str, error: &rcgen::Error) -> KeygenError {
    KeygenError::Name {
        what,
        value: value.to_owned(),
        why: error.to_string(),
    }
}

pub(crate) fn failed(error: rcgen::Error) -> KeygenError {
    KeygenError::Failed(error.to_string())
}

/// A key that signs certificates and requests without leaving its place.
pub(crate) struct Signer<'a> {
    key: &'a RsaPrivateKey,
    public: Vec<u8>,
}

impl<'a> Signer<'a> {
    pub(crate) fn of(key: &'a PrivateKey) -> Result<Self, KeygenError> {
        let public = key
            .public_bits()
            .and_then(|bits| Some(bits.get(1..)?.to_vec()));
        Ok(Self {
            key: key.rsa().map_err(|_| KeygenError::NotRsa)?,
            public: public.ok_or(KeygenError::NotRsa)?,
        })
    }
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let digest = Hash::Sha256.of(message);
        let signature = self.key.sign(SignatureScheme::Pkcs1, Hash::Sha256, &digest);
        signature.map_err(|_| rcgen::Error::RingUnspecified)
    }
}

/// A key as PEM: PKCS#8, encrypted if there is a passphrase (PBES2 with AES-256 and PBKDF2, which
/// OpenSSL and Java read).
///
/// # Errors
/// The system has no random octets.
pub fn key_pem(
    key: &PrivateKey,
    passphrase: Option<&Passphrase>,
) -> Result<Zeroizing<String>, KeygenError> {
    let Some(passphrase) = passphrase else {
        return to_pem("PRIVATE KEY", key.pkcs8()).map(Zeroizing::new);
    };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random(&mut salt)
        .and_then(|()| random(&mut iv))
        .map_err(|error| KeygenError::Failed(error.to_string()))?;
    let params = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ITERATIONS, &salt, iv);
    let failed = |error: pkcs8::Error| KeygenError::Failed(error.to_string());
    let params = params.map_err(|error| failed(error.into()))?;
    let key = pkcs8::PrivateKeyInfoRef::try_from(key.pkcs8()).map_err(failed)?;
    let encrypted = key.encrypt_with_params(params, passphrase.as_str());
    let encrypted = encrypted.map_err(failed)?;
    to_pem("ENCRYPTED PRIVATE KEY", encrypted.as_bytes()).map(Zeroizing::new)
}

/// A certificate as PEM.
///
/// # Errors
/// The certificate is too large for this machine.
pub fn certificate_pem(certificate: &Certificate) -> Result<String, KeygenError> {
    to_pem("CERTIFICATE", certificate.der())
}

/// A list of revoked certificates, given in DER, as PEM.
///
/// # Errors
/// The list is too large for this machine.
pub fn revocation_list_pem(der: &[u8]) -> Result<String, KeygenError> {
    to_pem("X509 CRL", der)
}

pub(crate) fn to_pem(label: &str, der: &[u8]) -> Result<String, KeygenError> {
    der::pem::encode_string(label, der::pem::LineEnding::LF, der)
        .map_err(|error| KeygenError::Failed(error.to_string()))
}
