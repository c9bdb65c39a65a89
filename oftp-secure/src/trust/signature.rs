//! Signatures of issuers: by which algorithms, and whether one is right.

use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::Rules;
use crate::asn1::{self, Asn1Error, Reader, oid, tag};
use crate::crypto::{Hash, RsaPublicKey, SignatureScheme};

/// The algorithms that an issuer may sign with.
pub(super) fn algorithms(rules: &Rules) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
    let mut all = webpki::ALL_VERIFICATION_ALGS.to_vec();
    if rules.sha1 {
        all.push(&RsaSha1);
    }
    all
}

/// Whether an issuer with this public key signed this. `signed`: the content of the SEQUENCE of
/// what is signed, the algorithm, and the signature, as certificates and revocation lists have it.
pub(super) fn is_of(spki: &[u8], signed: &[u8], rules: &Rules) -> Result<bool, Asn1Error> {
    let mut signed = Reader::new(signed);
    let message = signed.expect(tag::SEQUENCE, "what is signed")?.whole;
    let algorithm = signed.expect(tag::SEQUENCE, "signature algorithm")?.content;
    let signature = signed.expect(tag::BIT_STRING, "signature")?.content;
    let mut spki = Reader::new(spki)
        .expect(tag::SEQUENCE, "public key")?
        .reader();
    let key_algorithm = spki.expect(tag::SEQUENCE, "algorithm")?.content;
    let key = spki.expect(tag::BIT_STRING, "public key")?.content;
    // The first octet counts the unused bits, which neither has.
    let (Some((0, key)), Some((0, signature))) = (key.split_first(), signature.split_first())
    else {
        return Ok(false);
    };
    Ok(algorithms(rules).iter().any(|known| {
        known.signature_alg_id().as_ref() == algorithm
            && known.public_key_alg_id().as_ref() == key_algorithm
            && known.verify_signature(key, message, signature).is_ok()
    }))
}

/// RSA with SHA-1, which rustls-webpki does not have, for partners whose authorities are that old.
#[derive(Debug)]
struct RsaSha1;

/// sha1WithRSAEncryption with NULL.
const SHA1_WITH_RSA: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x05, 0x05, 0x00,
]);

impl SignatureVerificationAlgorithm for RsaSha1 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let algorithm = asn1::constructed(
            tag::SEQUENCE,
            &[
                &asn1::oid_only(oid::RSA_ENCRYPTION),
                &asn1::primitive(tag::NULL, &[]),
            ],
        );
        let bits = asn1::primitive(tag::BIT_STRING, &[&[0], public_key].concat());
        let spki = asn1::constructed(tag::SEQUENCE, &[&algorithm, &bits]);
        let key = RsaPublicKey::from_spki(&spki).map_err(|_| InvalidSignature)?;
        let digest = Hash::Sha1.of(message);
        if key.verifies(SignatureScheme::Pkcs1, Hash::Sha1, &digest, signature) {
            Ok(())
        } else {
            Err(InvalidSignature)
        }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        rustls_pki_types::alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        SHA1_WITH_RSA
    }
}
