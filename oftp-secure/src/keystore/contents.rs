//! What lies in a file, found by looking at it and not by its name.

use p12_keystore::Pkcs12Archive;
use zeroize::Zeroizing;

use super::key_forms::{damaged, from_encrypted, from_pkcs1, from_pkcs8, from_sec1};
use super::{Keystore, KeystoreProblem, Passphrase};
use crate::asn1::{Asn1Error, Reader, oid, tag};
use crate::certificate::Certificate;
use crate::trust::RevocationList;

const BEGIN: &[u8] = b"-----BEGIN ";

/// Reads PEM or DER.
pub(super) fn read(
    octets: &[u8],
    passphrase: Option<&Passphrase>,
    store: &mut Keystore,
) -> Result<(), KeystoreProblem> {
    if octets.windows(BEGIN.len()).any(|part| part == BEGIN) {
        return read_pem(octets, passphrase, store);
    }
    match Form::of(octets) {
        Ok(Some(form)) => read_der(form, octets, passphrase, store),
        _ => Err(KeystoreProblem::Nothing),
    }
}

fn read_pem(
    octets: &[u8],
    passphrase: Option<&Passphrase>,
    store: &mut Keystore,
) -> Result<(), KeystoreProblem> {
    let blocks = pem::parse_many(octets).map_err(|error| KeystoreProblem::Damaged {
        what: "PEM",
        why: error.to_string(),
    })?;
    let begun = octets.windows(BEGIN.len()).filter(|part| *part == BEGIN);
    if begun.count() != blocks.len() {
        return Err(KeystoreProblem::Damaged {
            what: "PEM",
            why: "a block begins and does not end".to_owned(),
        });
    }
    let mut others = Vec::new();
    for block in blocks {
        let form = match block.tag() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Form::Certificate,
            "X509 CRL" => Form::List,
            "PRIVATE KEY" => Form::Pkcs8,
            "ENCRYPTED PRIVATE KEY" => Form::Encrypted,
            "RSA PRIVATE KEY" => Form::Pkcs1,
            "EC PRIVATE KEY" => Form::Sec1,
            "PKCS7" | "CMS" => Form::Pkcs7,
            "PKCS12" => Form::Pkcs12,
            // Parameters, requests, public keys: nothing of use here.
            other => {
                others.push(crate::certificate::visible(other));
                continue;
            }
        };
        if block.headers().get("DEK-Info").is_some() {
            return Err(KeystoreProblem::Unsupported {
                what: "the private key",
                why: "encrypted in the old way of OpenSSL, which MD5 makes weak".to_owned(),
                command: "openssl pkcs8 -in OLD -topk8 -v2 aes256 -out NEW",
            });
        }
        let der = Zeroizing::new(block.into_contents());
        read_der(form, &der, passphrase, store)?;
    }
    if store.is_empty() && !others.is_empty() {
        return Err(KeystoreProblem::OnlyOther { labels: others });
    }
    Ok(())
}

/// What a DER file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Certificate,
    List,
    Pkcs8,
    Encrypted,
    Pkcs1,
    Sec1,
    Pkcs7,
    Pkcs12,
}

impl Form {
    /// Tells the forms apart by their first elements.
    fn of(der: &[u8]) -> Result<Option<Self>, Asn1Error> {
        let mut fields = Reader::new(der).expect(tag::SEQUENCE, "anything")?.reader();
        let first = fields.any()?;
        Ok(match first.tag {
            tag::SEQUENCE if fields.peek() == Some(tag::OCTET_STRING) => Some(Self::Encrypted),
            tag::SEQUENCE if Certificate::from_der(der).is_ok() => Some(Self::Certificate),
            tag::SEQUENCE if RevocationList::from_der(der).is_ok() => Some(Self::List),
            tag::OID if first.content == oid::SIGNED_DATA => Some(Self::Pkcs7),
            tag::INTEGER => {
                let second = fields.any()?;
                match (second.tag, fields.peek()) {
                    (tag::SEQUENCE, Some(tag::OCTET_STRING)) => Some(Self::Pkcs8),
                    (tag::SEQUENCE, _) => Some(Self::Pkcs12),
                    (tag::INTEGER, _) => Some(Self::Pkcs1),
                    (tag::OCTET_STRING, _) => Some(Self::Sec1),
                    _ => None,
                }
            }
            _ => None,
        })
    }
}

fn read_der(
    form: Form,
    der: &[u8],
    passphrase: Option<&Passphrase>,
    store: &mut Keystore,
) -> Result<(), KeystoreProblem> {
    match form {
        Form::Certificate => add_certificate(der, store)?,
        Form::List => {
            RevocationList::from_der(der).map_err(|error| damaged("a revocation list", &error))?;
            store.crls.push(der.to_vec());
        }
        Form::Pkcs8 => store.keys.push(from_pkcs8(der)?),
        Form::Encrypted => store.keys.push(from_encrypted(der, passphrase)?),
        Form::Pkcs1 => store.keys.push(from_pkcs1(der)?),
        Form::Sec1 => store.keys.push(from_sec1(der)?),
        Form::Pkcs7 => {
            let certificates = in_pkcs7(der).map_err(|error| damaged("PKCS#7", &error))?;
            for certificate in certificates {
                add_certificate(certificate, store)?;
            }
        }
        Form::Pkcs12 => read_pkcs12(der, passphrase, store)?,
    }
    Ok(())
}

fn add_certificate(der: &[u8], store: &mut Keystore) -> Result<(), KeystoreProblem> {
    let certificate =
        Certificate::from_der(der).map_err(|error| damaged("a certificate", &error))?;
    if !store.certificates.contains(&certificate) {
        store.certificates.push(certificate);
    }
    Ok(())
}

/// The certificates in a SignedData that signs nothing (RFC 5652 5.1).
fn in_pkcs7(der: &[u8]) -> Result<Vec<&[u8]>, Asn1Error> {
    let mut info = Reader::new(der)
        .expect(tag::SEQUENCE, "ContentInfo")?
        .reader();
    info.expect(tag::OID, "content type")?;
    let content = info.expect(tag::CONTEXT_0_CONSTRUCTED, "content")?;
    let mut signed = content
        .reader()
        .expect(tag::SEQUENCE, "SignedData")?
        .reader();
    signed.expect(tag::INTEGER, "version")?;
    signed.expect(tag::SET, "digest algorithms")?;
    signed.expect(tag::SEQUENCE, "content")?;
    let mut all = Vec::new();
    if let Some(certificates) = signed.optional(tag::CONTEXT_0_CONSTRUCTED)? {
        let mut certificates = certificates.reader();
        while !certificates.is_empty() {
            all.push(certificates.any()?.whole);
        }
    }
    Ok(all)
}

fn read_pkcs12(
    der: &[u8],
    passphrase: Option<&Passphrase>,
    store: &mut Keystore,
) -> Result<(), KeystoreProblem> {
    use p12_keystore::error::Error;
    const WHAT: &str = "the PKCS#12 file";
    let text = passphrase.map_or("", Passphrase::as_str);
    let archive = Pkcs12Archive::from_pkcs12(der, text).map_err(|error| match error {
        // Without a MAC a wrong passphrase in 256 gives octets, but no key.
        Error::MacError(_)
        | Error::Pkcs5Error(_)
        | Error::UnpadError
        | Error::InvalidPrivateKey => match passphrase {
            Some(_) => KeystoreProblem::WrongPassphrase { what: WHAT },
            None => KeystoreProblem::NeedsPassphrase { what: WHAT },
        },
        other => KeystoreProblem::Unsupported {
            what: WHAT,
            why: other.to_string(),
            command: "openssl pkcs12 -in OLD -nodes -out NEW.pem",
        },
    })?;
    for key in &archive.keys {
        store.keys.push(from_pkcs8(key.key.as_der())?);
    }
    for certificate in &archive.certs {
        add_certificate(certificate.cert.as_der(), store)?;
    }
    Ok(())
}
