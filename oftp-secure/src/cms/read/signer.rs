//! One SignerInfo (RFC 5652 5.3 to 5.6): whose it is, and whether it holds.

use crate::asn1::{Element, Reader, oid, primitive, tag};
use crate::certificate::Certificate;
use crate::cms::algorithm;
use crate::cms::error::OpenProblem;
use crate::cms::identifier::Identifier;
use crate::crypto::{Hash, SignatureScheme, equal};

use super::signed::Verifier;

/// What was signed.
pub(super) struct Content<'a> {
    /// eContentType.
    pub(super) kind: &'a [u8],
    pub(super) hashes: Vec<(Hash, Vec<u8>)>,
    /// All of it, if it is short.
    pub(super) short: Option<Vec<u8>>,
}

/// A signature with what belongs to it.
pub(super) struct SignerInfo<'a> {
    pub(super) id: Identifier,
    pub(super) hash: Result<Hash, OpenProblem>,
    attributes: Option<Element<'a>>,
    algorithm: Element<'a>,
    signature: Vec<u8>,
}

/// Why a signature does not count.
type Problem = String;

impl<'a> SignerInfo<'a> {
    pub(super) fn read(element: &Element<'a>) -> Result<Self, OpenProblem> {
        let mut fields = element.reader();
        fields.expect(tag::INTEGER, "version of a signature")?;
        let id = Identifier::read(&mut fields)?;
        let hash = fields.expect(tag::SEQUENCE, "digest algorithm")?;
        let attributes = fields.optional(tag::CONTEXT_0_CONSTRUCTED)?;
        let algorithm = fields.expect(tag::SEQUENCE, "signature algorithm")?;
        let signature = fields.any()?.octets()?;
        fields.optional(tag::CONTEXT_1_CONSTRUCTED)?;
        Ok(Self {
            id,
            hash: algorithm::read_hash(&hash),
            attributes,
            algorithm,
            signature,
        })
    }

    /// The certificate whose signature this is: one of the partner's, known before or sent with it
    /// and taken by [`Trust::check`](crate::Trust::check).
    pub(super) fn check(
        &self,
        content: &Content<'_>,
        sent_with: &[Certificate],
        verifier: &Verifier,
    ) -> Result<Certificate, Problem> {
        let hash = self.hash.clone().map_err(|problem| problem.to_string())?;
        if verifier.refuse_legacy && hash == Hash::Sha1 {
            let algorithm = hash.to_string();
            return Err(OpenProblem::Legacy { algorithm }.to_string());
        }
        let scheme = algorithm::read_signature(&self.algorithm, hash);
        let scheme = scheme.map_err(|problem| problem.to_string())?;
        let signed = self.signed_digests(content, hash)?;
        let known = verifier.trust.pinned.iter().chain(sent_with);
        let mut problem = None;
        for certificate in known.filter(|certificate| self.id.names(certificate)) {
            let trusted =
                verifier
                    .trust
                    .check(certificate, sent_with, verifier.purpose, verifier.now);
            match trusted {
                Err(distrust) => problem = Some(distrust.to_string()),
                Ok(()) if self.is_by(certificate, scheme, hash, &signed) => {
                    return Ok(certificate.clone());
                }
                Ok(()) => problem = Some("the signature is not this key's".to_owned()),
            }
        }
        Err(problem.unwrap_or_else(|| {
            "no certificate of the partner has this identifier; ask the partner for it".to_owned()
        }))
    }

    fn is_by(
        &self,
        certificate: &Certificate,
        scheme: SignatureScheme,
        hash: Hash,
        signed: &[Vec<u8>],
    ) -> bool {
        let Ok(key) = certificate.public_key() else {
            return false;
        };
        signed
            .iter()
            .any(|digest| key.verifies(scheme, hash, digest, &self.signature))
    }

    /// What the signature may be over: the content, or the attributes in each order that products
    /// sign them in.
    fn signed_digests(&self, content: &Content<'_>, hash: Hash) -> Result<Vec<Vec<u8>>, Problem> {
        let digest = content.hashes.iter().find(|(found, _)| *found == hash);
        let (_, digest) = digest.ok_or_else(|| {
            format!("{hash} is not among the digest algorithms before the content")
        })?;
        let Some(attributes) = &self.attributes else {
            return if content.short.as_deref().is_some_and(is_attributes) {
                Err("signed attributes passed off as content".to_owned())
            } else {
                Ok(vec![digest.clone()])
            };
        };
        let list = list(attributes.reader()).map_err(|error| error.to_string())?;
        let kind = single(&list, oid::CONTENT_TYPE).ok_or("no content type is signed")?;
        if kind.tag != tag::OID || kind.content != content.kind {
            return Err("the signed content type is another one".to_owned());
        }
        let signed = single(&list, oid::MESSAGE_DIGEST).ok_or("no digest is signed")?;
        let signed = signed.octets().map_err(|error| error.to_string())?;
        if !equal(&signed, digest) {
            return Err("the content is not what was signed".to_owned());
        }
        let mut received = attributes.whole.to_vec();
        if let Some(first) = received.first_mut() {
            *first = tag::SET;
        }
        let mut sorted: Vec<_> = list.iter().map(|attribute| attribute.whole).collect();
        sorted.sort_unstable();
        let sorted = primitive(tag::SET, &sorted.concat());
        let mut digests = vec![hash.of(&received)];
        if sorted != received {
            digests.push(hash.of(&sorted));
        }
        Ok(digests)
    }
}

struct Attribute<'a> {
    kind: &'a [u8],
    values: Reader<'a>,
    whole: &'a [u8],
}

fn list(mut reader: Reader<'_>) -> Result<Vec<Attribute<'_>>, crate::asn1::Asn1Error> {
    let mut attributes = Vec::new();
    while !reader.is_empty() {
        let attribute = reader.expect(tag::SEQUENCE, "signed attribute")?;
        let mut fields = attribute.reader();
        attributes.push(Attribute {
            kind: fields.expect(tag::OID, "type of an attribute")?.content,
            values: fields.expect(tag::SET, "values of an attribute")?.reader(),
            whole: attribute.whole,
        });
    }
    Ok(attributes)
}

/// The value of an attribute that must be there once, with one value (RFC 5652 11.1 and 11.2).
fn single<'a>(list: &[Attribute<'a>], kind: &[u8]) -> Option<Element<'a>> {
    let mut found = list.iter().filter(|attribute| attribute.kind == kind);
    let mut values = found.next()?.values.clone();
    let value = values.any().ok()?;
    (values.is_empty() && found.next().is_none()).then_some(value)
}

/// Whether a content without signed attributes is in truth the signed attributes of another
/// message, whose signature would hold for it: what is signed does not tell which it is.
fn is_attributes(content: &[u8]) -> bool {
    let mut reader = Reader::new(content);
    let Ok(set) = reader.expect(tag::SET, "attributes") else {
        return false;
    };
    let Ok(list) = list(set.reader()) else {
        return false;
    };
    reader.is_empty()
        && list
            .iter()
            .any(|attribute| attribute.kind == oid::MESSAGE_DIGEST)
}
