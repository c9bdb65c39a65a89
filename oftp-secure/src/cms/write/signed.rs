//! SignedData (RFC 5652 chapter 5) with its content: hashed on the way, signed at the end.

use std::time::SystemTime;

use der::Encode;
use der::asn1::{GeneralizedTime, UtcTime};

use super::enveloped::sorted;
use super::segments::{Segments, begin, end, head};
use crate::asn1::{constructed, integer, octet_string, oid, oid_only, primitive, tag};
use crate::cms::algorithm;
use crate::cms::error::{Layer, SealError};
use crate::cms::identifier::Identifier;
use crate::cms::pipeline::{Buffer, Stage};
use crate::crypto::Digest;
use crate::key::Credential;
use crate::suite::Suite;

/// How signatures are made.
#[derive(Debug)]
pub(in crate::cms) struct Signing {
    pub(in crate::cms) suite: &'static Suite,
    pub(in crate::cms) signers: Vec<Credential>,
    pub(in crate::cms) time: Option<SystemTime>,
    pub(in crate::cms) attributes: bool,
    pub(in crate::cms) by_key: bool,
    pub(in crate::cms) with_certificates: bool,
}

/// Makes SignedData.
#[derive(Debug)]
pub(in crate::cms) struct SignedWriter {
    segments: Segments,
    digest: Digest,
    signing: Signing,
    /// The attribute signingTime, if there is to be one.
    time: Option<Vec<u8>>,
}

impl SignedWriter {
    pub(in crate::cms) fn new(signing: Signing) -> Result<Self, SealError> {
        for signer in &signing.signers {
            probe(&signing, signer)?;
        }
        let time = signing.time.map(signing_time).transpose()?;
        let version = integer(if signing.by_key { 3 } else { 1 });
        let hash = algorithm::hash(signing.suite.hash);
        let hashes = constructed(tag::SET, &[&hash]);
        let mut head = head(Layer::Signature, &[&version, &hashes]);
        head.extend(begin(tag::SEQUENCE));
        head.extend(oid_only(oid::DATA));
        head.extend(begin(tag::CONTEXT_0_CONSTRUCTED));
        head.extend(begin(tag::OCTET_STRING_CONSTRUCTED));
        Ok(Self {
            segments: Segments::new(head),
            digest: Digest::new(signing.suite.hash),
            signing,
            time,
        })
    }

    /// SignerInfo, for a content with this digest.
    fn signer_info(&self, signer: &Credential, digest: &[u8]) -> Result<Vec<u8>, SealError> {
        let Signing { suite, by_key, .. } = self.signing;
        let attributes = self.signing.attributes.then(|| {
            let mut attributes = vec![
                attribute(oid::CONTENT_TYPE, &oid_only(oid::DATA)),
                attribute(oid::MESSAGE_DIGEST, &octet_string(digest)),
            ];
            attributes.extend(self.time.clone());
            sorted(attributes)
        });
        // They are sent as [0], and signed as the SET that they are (RFC 5652 5.4).
        let signed = attributes.as_ref().map_or_else(
            || digest.to_vec(),
            |attributes| suite.hash.of(&primitive(tag::SET, attributes)),
        );
        let signature = sign(&self.signing, signer, &signed)?;
        let id = identifier(&self.signing, signer)?;
        let attributes = attributes
            .map(|attributes| primitive(tag::CONTEXT_0_CONSTRUCTED, &attributes))
            .unwrap_or_default();
        Ok(constructed(
            tag::SEQUENCE,
            &[
                &integer(if by_key { 3 } else { 1 }),
                &id,
                &algorithm::hash(suite.hash),
                &attributes,
                &algorithm::signature(suite),
                &octet_string(&signature),
            ],
        ))
    }
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    let values = primitive(tag::SET, value);
    constructed(tag::SEQUENCE, &[&oid_only(kind), &values])
}

/// UTCTime to 2049, GeneralizedTime from 2050 (RFC 5652 11.3).
fn signing_time(time: SystemTime) -> Result<Vec<u8>, SealError> {
    let since_1970 = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_err(|_| SealError::Time)?;
    let value = UtcTime::from_unix_duration(since_1970)
        .and_then(|time| time.to_der())
        .or_else(|_| {
            GeneralizedTime::from_unix_duration(since_1970).and_then(|time| time.to_der())
        });
    Ok(attribute(
        oid::SIGNING_TIME,
        &value.map_err(|_| SealError::Time)?,
    ))
}

/// Finds out before a large file is sealed whether the key can sign, and is its certificate's.
fn probe(signing: &Signing, signer: &Credential) -> Result<(), SealError> {
    let suite = signing.suite;
    identifier(signing, signer)?;
    let digest = suite.hash.of(&[]);
    let signature = sign(signing, signer, &digest)?;
    let public = signer.certificate.public_key();
    let ours = public
        .is_ok_and(|public| public.verifies(suite.signature, suite.hash, &digest, &signature));
    if ours {
        Ok(())
    } else {
        Err(error(signer, "the key is not the one of the certificate"))
    }
}

fn sign(signing: &Signing, signer: &Credential, digest: &[u8]) -> Result<Vec<u8>, SealError> {
    let suite = signing.suite;
    let key = signer.key.rsa();
    let key = key.map_err(|_| error(signer, "its key is no RSA key"))?;
    key.sign(suite.signature, suite.hash, digest)
        .map_err(|_| error(signer, "its key is too short for the cipher suite"))
}

fn identifier(signing: &Signing, signer: &Credential) -> Result<Vec<u8>, SealError> {
    Identifier::of(&signer.certificate, signing.by_key)
        .ok_or_else(|| error(signer, "it bears no subject key identifier"))
}

fn error(signer: &Credential, problem: &'static str) -> SealError {
    SealError::Signer {
        certificate: signer.certificate.to_string(),
        problem,
    }
}

impl Stage for SignedWriter {
    type Problem = SealError;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, SealError> {
        self.digest.update(input);
        self.segments.content().extend_from_slice(input);
        self.segments.write(out);
        Ok(input.len())
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, SealError> {
        let digest = self.digest.clone().finish();
        let signers = &self.signing.signers;
        let infos = signers
            .iter()
            .map(|signer| self.signer_info(signer, &digest))
            .collect::<Result<Vec<_>, _>>()?;
        self.segments.finish(out);
        let out = out.end();
        out.extend(end(3));
        if self.signing.with_certificates {
            let certificates = signers
                .iter()
                .flat_map(|signer| std::iter::once(&signer.certificate).chain(&signer.chain))
                .map(|certificate| certificate.der().to_vec());
            out.extend(primitive(
                tag::CONTEXT_0_CONSTRUCTED,
                &sorted(certificates.collect()),
            ));
        }
        out.extend(primitive(tag::SET, &sorted(infos)));
        out.extend(end(3));
        Ok(true)
    }

    fn held(&self) -> usize {
        self.segments.held()
    }
}
