//! AlgorithmIdentifiers as they are written, and as partners write them (RFC 3370, RFC 4055,
//! RFC 5754, RFC 9688).

use crate::asn1::{Element, Reader, constructed, integer, oid, oid_only, primitive, tag};
use crate::crypto::{ContentCipher, Hash, KeyTransport, SignatureScheme};
use crate::suite::Suite;

use super::error::OpenProblem;

/// A hash algorithm, with NULL as its parameters: what older readers insist on. SHA-3 has none.
pub(super) fn hash(hash: Hash) -> Vec<u8> {
    let id = oid_only(hash.oid());
    if hash == Hash::Sha3_512 {
        constructed(tag::SEQUENCE, &[&id])
    } else {
        constructed(tag::SEQUENCE, &[&id, &null()])
    }
}

/// How signatures of a suite are made.
pub(super) fn signature(suite: &Suite) -> Vec<u8> {
    match suite.signature {
        SignatureScheme::Pkcs1 => rsa_encryption(),
        SignatureScheme::Pss => {
            let salt = integer(suite.hash.octets() as u8);
            let salt = constructed(tag::CONTEXT_2_CONSTRUCTED, &[&salt]);
            let parameters = [hash_and_mask(suite.hash), salt].concat();
            with_parameters(oid::RSA_PSS, &primitive(tag::SEQUENCE, &parameters))
        }
    }
}

/// How content keys of a suite are encrypted.
pub(super) fn transport(suite: &Suite) -> Vec<u8> {
    match suite.transport {
        KeyTransport::Pkcs1V15 => rsa_encryption(),
        KeyTransport::Oaep => {
            let parameters = primitive(tag::SEQUENCE, &hash_and_mask(suite.hash));
            with_parameters(oid::RSA_OAEP, &parameters)
        }
    }
}

/// A cipher with its initialisation vector.
pub(super) fn cipher(cipher: ContentCipher, iv: &[u8]) -> Vec<u8> {
    with_parameters(cipher.oid(), &primitive(tag::OCTET_STRING, iv))
}

fn rsa_encryption() -> Vec<u8> {
    with_parameters(oid::RSA_ENCRYPTION, &null())
}

fn hash_and_mask(of: Hash) -> Vec<u8> {
    let hash = hash(of);
    let mask = with_parameters(oid::MGF1, &hash);
    [
        constructed(tag::CONTEXT_0_CONSTRUCTED, &[&hash]),
        constructed(tag::CONTEXT_1_CONSTRUCTED, &[&mask]),
    ]
    .concat()
}

fn with_parameters(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    constructed(tag::SEQUENCE, &[&oid_only(oid), parameters])
}

fn null() -> Vec<u8> {
    primitive(tag::NULL, &[])
}

/// The identifier of an algorithm, and its parameters.
pub(super) fn split<'a>(
    algorithm: &Element<'a>,
) -> Result<(&'a [u8], Option<Element<'a>>), OpenProblem> {
    let mut reader = algorithm.reader();
    let oid = reader.expect(tag::OID, "algorithm")?.content;
    let parameters = if reader.is_empty() {
        None
    } else {
        Some(reader.any()?)
    };
    Ok((oid, parameters))
}

/// The hash that an AlgorithmIdentifier names; parameters NULL or absent, or anything.
pub(super) fn read_hash(algorithm: &Element<'_>) -> Result<Hash, OpenProblem> {
    let (oid, _) = split(algorithm)?;
    Hash::from_oid(oid).ok_or_else(|| unknown(oid))
}

/// The padding of a signature whose SignerInfo names this hash.
pub(super) fn read_signature(
    algorithm: &Element<'_>,
    hash: Hash,
) -> Result<SignatureScheme, OpenProblem> {
    let (oid, parameters) = split(algorithm)?;
    let expected = match oid {
        oid::RSA_ENCRYPTION => return Ok(SignatureScheme::Pkcs1),
        oid::RSA_PSS => {
            let (own, mask) = read_hash_and_mask(parameters.as_ref())?;
            return if (own, mask) == (hash, hash) {
                Ok(SignatureScheme::Pss)
            } else {
                Err(OpenProblem::Algorithm {
                    algorithm: format!("RSASSA-PSS of {own} with MGF1 of {mask} over {hash}"),
                })
            };
        }
        oid::SHA1_WITH_RSA => Hash::Sha1,
        oid::SHA256_WITH_RSA => Hash::Sha256,
        oid::SHA384_WITH_RSA => Hash::Sha384,
        oid::SHA512_WITH_RSA => Hash::Sha512,
        oid::SHA3_512_WITH_RSA => Hash::Sha3_512,
        _ => return Err(unknown(oid)),
    };
    if expected == hash {
        Ok(SignatureScheme::Pkcs1)
    } else {
        Err(OpenProblem::Algorithm {
            algorithm: format!("signature over {expected} with a digest of {hash}"),
        })
    }
}

/// How a content key was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    Pkcs1,
    Oaep { hash: Hash, mask: Hash },
}

/// How a content key was encrypted.
pub(super) fn read_transport(algorithm: &Element<'_>) -> Result<Wrapping, OpenProblem> {
    let (oid, parameters) = split(algorithm)?;
    match oid {
        oid::RSA_ENCRYPTION => Ok(Wrapping::Pkcs1),
        oid::RSA_OAEP => {
            let (hash, mask) = read_hash_and_mask(parameters.as_ref())?;
            Ok(Wrapping::Oaep { hash, mask })
        }
        _ => Err(unknown(oid)),
    }
}

/// The cipher of a content, and its initialisation vector.
pub(super) fn read_cipher(
    algorithm: &Element<'_>,
) -> Result<(ContentCipher, Vec<u8>), OpenProblem> {
    let (oid, parameters) = split(algorithm)?;
    let cipher = ContentCipher::from_oid(oid).ok_or_else(|| unknown(oid))?;
    match parameters {
        Some(iv) if iv.tag == tag::OCTET_STRING && iv.content.len() == cipher.iv_octets() => {
            Ok((cipher, iv.content.to_vec()))
        }
        _ => Err(OpenProblem::Algorithm {
            algorithm: format!("{cipher} without its initialisation vector"),
        }),
    }
}

/// hashAlgorithm and maskGenAlgorithm, SHA-1 where they are left out (RFC 4055 3.1 and 4.1).
fn read_hash_and_mask(parameters: Option<&Element<'_>>) -> Result<(Hash, Hash), OpenProblem> {
    let (mut hash, mut mask) = (Hash::Sha1, Hash::Sha1);
    let mut fields = parameters.map_or(Reader::new(&[]), Element::reader);
    while !fields.is_empty() {
        let field = fields.any()?;
        match field.tag {
            tag::CONTEXT_0_CONSTRUCTED => hash = read_hash(&field.reader().any()?)?,
            tag::CONTEXT_1_CONSTRUCTED => {
                let (oid, of) = split(&field.reader().any()?)?;
                mask = match of {
                    Some(of) if oid == oid::MGF1 => read_hash(&of)?,
                    _ => return Err(unknown(oid)),
                };
            }
            // PSS: the salt's length, which the signature shows by itself, and the trailer, which
            // has one value. OAEP: the label.
            tag::CONTEXT_2_CONSTRUCTED => no_label(&field)?,
            _ => {}
        }
    }
    Ok((hash, mask))
}

/// pSourceAlgorithm of OAEP, if this is one, holds the empty label.
fn no_label(field: &Element<'_>) -> Result<(), OpenProblem> {
    let element = field.reader().any()?;
    if element.tag != tag::SEQUENCE {
        return Ok(());
    }
    match split(&element)?.1 {
        Some(label) if !label.content.is_empty() => Err(OpenProblem::Algorithm {
            algorithm: "OAEP with a label".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn unknown(oid: &[u8]) -> OpenProblem {
    OpenProblem::Algorithm {
        algorithm: oid::dotted(oid),
    }
}
