//! Certificates for tests, good ones and ones that are wrong on purpose: what stands behind
//! `oftp.testing.pki`. Nobody else needs it: no authority of the field works like this.

use std::time::SystemTime;

use oftp_secure::asn1::{self, Asn1Error, Reader, oid, tag};
use oftp_secure::crypto::random;
use oftp_secure::keygen::generate_rsa;
use oftp_secure::{Certificate as Engine, PrivateKey};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    PKCS_RSA_SHA256, PublicKeyData, RevocationReason, RevokedCertParams, SanType, SerialNumber,
    SignatureAlgorithm,
};

use super::generate::owner;
use super::{Certificate, Keystore, time};
use crate::error::{Error, Outcome};

fn failed(error: rcgen::Error) -> Error {
    Error::Key(error.to_string())
}

/// A public key of any length, where rcgen takes no short ones.
struct Public(Vec<u8>);

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// RSAPublicKey out of a PrivateKeyInfo (RFC 8017 A.1).
fn public(key: &PrivateKey) -> Result<Public, Asn1Error> {
    let mut info = Reader::new(key.pkcs8())
        .expect(tag::SEQUENCE, "key")?
        .reader();
    info.expect(tag::INTEGER, "version")?;
    info.expect(tag::SEQUENCE, "algorithm")?;
    let key = info.expect(tag::OCTET_STRING, "key")?.content;
    let mut key = Reader::new(key).expect(tag::SEQUENCE, "RSA key")?.reader();
    key.expect(tag::INTEGER, "version")?;
    let modulus = key.expect(tag::INTEGER, "modulus")?.whole;
    let exponent = key.expect(tag::INTEGER, "exponent")?.whole;
    Ok(Public(asn1::constructed(
        tag::SEQUENCE,
        &[modulus, exponent],
    )))
}

fn pair(key: &PrivateKey) -> Outcome<KeyPair> {
    KeyPair::from_pkcs8_der_and_sign_algo(&key.pkcs8().into(), &PKCS_RSA_SHA256).map_err(failed)
}

fn first_key(keystore: &Keystore) -> Outcome<&PrivateKey> {
    let key = keystore.0.keys.first();
    key.ok_or_else(|| Error::Key("the keystore has no private key".to_owned()))
}

/// An authority of these tests: its name is a common name alone.
fn authority(keystore: &Keystore) -> Outcome<Issuer<'static, KeyPair>> {
    let own = keystore.0.certificates.first();
    let names = own.map(|own| own.subject_attribute(oid::COMMON_NAME));
    let name = names.unwrap_or_default().into_iter().next();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, name.unwrap_or_default());
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(Issuer::new(params, pair(first_key(keystore)?)?))
}

/// A new RSA key of 2048 bits.
#[pyfunction]
pub(crate) fn throwaway_key(py: Python<'_>) -> PyResult<Keystore> {
    let key = py.detach(|| generate_rsa(2048)).map_err(Error::from)?;
    Ok(Keystore(oftp_secure::Keystore {
        keys: vec![key],
        ..Default::default()
    }))
}

/// The key with a certificate: of `issuer`, or signed by itself.
///
/// `usages` are `ca`, `sign`, `encrypt`, `tls`, in any number; none: no usage is named, all are
/// allowed.
#[pyfunction]
pub(crate) fn throwaway_certificate(
    py: Python<'_>,
    key: &Keystore,
    owner: &Bound<'_, PyAny>,
    issuer: Option<&Keystore>,
    usages: Vec<String>,
    not_before: &Bound<'_, PyAny>,
    not_after: &Bound<'_, PyAny>,
) -> PyResult<Keystore> {
    let owner = self::owner(owner)?;
    let mut params = CertificateParams::default();
    params.not_before = time(Some(not_before), "not_before")?.into();
    params.not_after = time(Some(not_after), "not_after")?.into();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, owner.name);
    if let Some(code) = owner.identification {
        let kind = DnType::CustomDnType(vec![2, 5, 4, 5]);
        params.distinguished_name.push(kind, code);
    }
    for host in owner.hosts {
        let name = host.as_str().try_into().map_err(failed)?;
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    params.is_ca = IsCa::ExplicitNoCa;
    for usage in usages {
        match usage.as_str() {
            "ca" => {
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                params.key_usages.push(KeyUsagePurpose::KeyCertSign);
                params.key_usages.push(KeyUsagePurpose::CrlSign);
            }
            "sign" => params.key_usages.push(KeyUsagePurpose::DigitalSignature),
            "encrypt" => params.key_usages.push(KeyUsagePurpose::KeyEncipherment),
            "tls" => params.extended_key_usages.extend([
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ]),
            _ => return Err(Error::value(format!("usage {usage:?} is none")).into()),
        }
    }
    let store = py.detach(|| -> Outcome<_> {
        let mut serial = [0; 16];
        random(&mut serial).map_err(|error| Error::Key(error.to_string()))?;
        // Positive, and never shorter.
        serial[0] = serial[0] & 0x7F | 0x40;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let private = first_key(key)?;
        let der = match issuer {
            None => params.self_signed(&pair(private)?),
            Some(issuer) => {
                params.use_authority_key_identifier_extension = true;
                let public = public(private).map_err(|error| Error::Key(error.to_string()))?;
                params.signed_by(&public, &authority(issuer)?)
            }
        };
        let der = der.map_err(failed)?;
        let certificate = Engine::from_der(der.der()).map_err(|error| {
            Error::Internal(format!("a certificate that was just made: {error}"))
        })?;
        Ok(oftp_secure::Keystore {
            keys: vec![private.clone()],
            certificates: vec![certificate],
            crls: Vec::new(),
        })
    })?;
    Ok(Keystore(store))
}

/// The list of revoked certificates of an authority in DER. All of them were revoked when it was
/// made, as their keys were stolen.
#[pyfunction]
pub(crate) fn throwaway_crl<'py>(
    py: Python<'py>,
    issuer: &Keystore,
    revoked: Vec<Certificate>,
    made: &Bound<'py, PyAny>,
    next: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let made: SystemTime = time(Some(made), "made")?;
    let entry = |certificate: &Certificate| RevokedCertParams {
        serial_number: SerialNumber::from_slice(certificate.0.serial()),
        revocation_time: made.into(),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: made.into(),
        next_update: time(Some(next), "next")?.into(),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let list = params.signed_by(&authority(issuer)?).map_err(failed)?;
    Ok(PyBytes::new(py, list.der()))
}
