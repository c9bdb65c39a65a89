//! SignedData (RFC 5652 chapter 5): the content is hashed on the way, the signatures follow it.

use std::time::SystemTime;

use crate::asn1::tag;
use crate::certificate::Certificate;
use crate::cms::algorithm;
use crate::cms::error::{Layer, OpenProblem};
use crate::cms::pipeline::{Buffer, Stage};
use crate::cms::shell::{Part, Shell};
use crate::crypto::{Digest, Hash};
use crate::trust::{Purpose, Trust};

use super::signer::{Content, SignerInfo};

/// The most hash algorithms that are computed at once.
const HASHES: usize = 4;
/// The most signatures that are looked at.
const SIGNATURES: usize = 16;
/// The most certificates that are taken out of a message: each may be tried for each signature, and
/// each try may follow a path.
const CERTIFICATES: usize = 64;
/// The most octets of a content that may be mistaken for signed attributes.
const ATTRIBUTES: usize = 4096;

/// Who may sign, and how.
#[derive(Debug, Clone)]
pub(in crate::cms) struct Verifier {
    pub(in crate::cms) trust: Trust,
    pub(in crate::cms) purpose: Purpose,
    pub(in crate::cms) now: SystemTime,
    pub(in crate::cms) refuse_legacy: bool,
}

/// Whose signatures hold.
#[derive(Debug, Clone, Default)]
pub(in crate::cms) struct Outcome {
    pub(in crate::cms) signers: Vec<Certificate>,
    pub(in crate::cms) hash: Option<Hash>,
    pub(in crate::cms) others: Vec<String>,
}

/// Opens SignedData.
#[derive(Debug)]
pub(in crate::cms) struct SignedReader {
    shell: Shell,
    verifier: Verifier,
    digests: Vec<Digest>,
    /// The content, as long as it is so short that it may be signed attributes.
    short: Option<Vec<u8>>,
    outcome: Outcome,
}

impl SignedReader {
    pub(in crate::cms) fn new(verifier: Verifier) -> Self {
        Self {
            shell: Shell::new(Layer::Signature),
            verifier,
            digests: Vec::new(),
            short: Some(Vec::new()),
            outcome: Outcome::default(),
        }
    }

    /// Whose signatures hold, once the message has ended.
    pub(in crate::cms) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    fn begin(&mut self) -> Result<(), OpenProblem> {
        let mut head = self.shell.head();
        head.expect(tag::INTEGER, "version")?;
        let mut algorithms = head.expect(tag::SET, "digest algorithms")?.reader();
        let mut digests: Vec<Digest> = Vec::new();
        while !algorithms.is_empty() && digests.len() < HASHES {
            let algorithm = algorithms.expect(tag::SEQUENCE, "digest algorithm")?;
            // One that is not known is another signer's.
            if let Ok(hash) = algorithm::read_hash(&algorithm)
                && !digests.iter().any(|digest| digest.hash() == hash)
            {
                digests.push(Digest::new(hash));
            }
        }
        self.digests = digests;
        Ok(())
    }

    fn content(&mut self, octets: &[u8]) {
        for digest in &mut self.digests {
            digest.update(octets);
        }
        match &mut self.short {
            Some(short) if short.len() + octets.len() <= ATTRIBUTES => {
                short.extend_from_slice(octets);
            }
            short => *short = None,
        }
    }

    fn finish(&mut self) -> Result<(), OpenProblem> {
        let kind = self.shell.info().expect(tag::OID, "type of the content")?;
        let content = Content {
            kind: kind.content,
            hashes: std::mem::take(&mut self.digests)
                .into_iter()
                .map(|digest| (digest.hash(), digest.finish()))
                .collect(),
            short: self.short.take(),
        };
        let mut tail = self.shell.tail();
        let mut certificates = Vec::new();
        if let Some(set) = tail.optional(tag::CONTEXT_0_CONSTRUCTED)? {
            let mut list = set.reader();
            while !list.is_empty() {
                // Attribute certificates and what cannot be read are of no use.
                let Ok(certificate) = Certificate::from_der(list.any()?.whole) else {
                    continue;
                };
                if certificates.len() == CERTIFICATES {
                    return Err(OpenProblem::Structure {
                        what: "more than 64 certificates",
                        at: 0,
                    });
                }
                if !certificates.contains(&certificate) {
                    certificates.push(certificate);
                }
            }
        }
        tail.optional(tag::CONTEXT_1_CONSTRUCTED)?;
        let mut infos = tail.expect(tag::SET, "signatures")?.reader();
        if !tail.is_empty() {
            return Err(OpenProblem::Structure {
                what: "an element out of place",
                at: 0,
            });
        }
        let mut outcome = Outcome::default();
        let mut seen = 0;
        while !infos.is_empty() {
            let info = infos.expect(tag::SEQUENCE, "signature")?;
            seen += 1;
            if seen > SIGNATURES {
                outcome.others.push("more than 16 signatures".to_owned());
                break;
            }
            let info = SignerInfo::read(&info)?;
            match info.check(&content, &certificates, &self.verifier) {
                Ok(certificate) => {
                    outcome.signers.push(certificate);
                    if outcome.hash.is_none() {
                        outcome.hash = info.hash.ok();
                    }
                }
                Err(problem) => outcome.others.push(format!("{}: {problem}", info.id)),
            }
        }
        if outcome.signers.is_empty() {
            return Err(OpenProblem::NoSigner {
                signers: outcome.others,
            });
        }
        self.outcome = outcome;
        Ok(())
    }
}

impl Stage for SignedReader {
    type Problem = OpenProblem;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, OpenProblem> {
        let mut rest = input;
        while let Some(part) = self.shell.next(&mut rest)? {
            match part {
                Part::Begin => self.begin()?,
                Part::Content(octets) => {
                    self.content(octets);
                    out.end().extend_from_slice(octets);
                }
                Part::End => self.finish()?,
            }
        }
        Ok(input.len())
    }

    fn end(&mut self, _: &mut Buffer) -> Result<bool, OpenProblem> {
        self.shell.end().map(|()| true)
    }

    fn held(&self) -> usize {
        self.shell.held() + self.short.as_ref().map_or(0, Vec::capacity)
    }
}
