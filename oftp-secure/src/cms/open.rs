//! Takes content out of its envelopes.

use std::time::SystemTime;

use crate::certificate::Certificate;
use crate::crypto::{ContentCipher, Hash};
use crate::key::Credential;
use crate::trust::{Purpose, Trust};

use super::error::{Layer as Service, OpenError, OpenProblem};
use super::pipeline::{Buffer, Pipeline, Stage};
use super::read::{CompressedReader, EnvelopedReader, Outcome, SignedReader, Verifier};
use super::transform::Transform;

/// What was announced of a message, and what is needed to open it.
#[derive(Debug, Clone)]
pub struct OpenPlan {
    /// Announced as encrypted (SFIDSEC 01 and 03).
    pub encrypted: bool,
    /// Announced as compressed (SFIDCOMP 1).
    pub compressed: bool,
    /// Announced as signed (SFIDSEC 02 and 03).
    pub signed: bool,
    /// Our keys, old and new. The recipient is found by its identifier; where two of our
    /// certificates have the same one, the first of them is taken.
    pub keys: Vec<Credential>,
    /// Whose signature counts.
    pub trust: Trust,
    /// What the signer's certificate must be good for.
    pub purpose: Purpose,
    /// At which time the signer's certificate must be valid.
    pub now: SystemTime,
    /// The most octets of content that may come out; `None`: no limit.
    pub limit: Option<u64>,
    /// Refuse 3DES and SHA-1.
    pub refuse_legacy: bool,
}

impl OpenPlan {
    /// Nothing announced yet, no keys, no limit; legacy algorithms are taken, as suites 01 and 02
    /// need them. Without a layer octets pass as they are.
    #[must_use]
    pub const fn new(trust: Trust, now: SystemTime) -> Self {
        Self {
            encrypted: false,
            compressed: false,
            signed: false,
            keys: Vec::new(),
            trust,
            purpose: Purpose::SignFile,
            now,
            limit: None,
            refuse_legacy: false,
        }
    }
}

/// What is known of a message that was opened to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Whose signatures hold: at least one, if it was announced as signed.
    pub signers: Vec<Certificate>,
    /// Signatures that do not count, in words: of somebody else, or made with an old certificate.
    pub other_signatures: Vec<String>,
    /// The hash algorithm of the first signature that holds.
    pub hash: Option<Hash>,
    /// The cipher of the content.
    pub cipher: Option<ContentCipher>,
    /// Octets of content.
    pub octets: u64,
}

impl Opened {
    /// Whether 3DES or SHA-1 was used.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.cipher == Some(ContentCipher::TripleDes) || self.hash == Some(Hash::Sha1)
    }
}

/// Takes content out of its envelopes, octets in, octets out.
///
/// **What is pulled is provisional until [`opened`](Self::opened) gives something.**
pub struct Opener {
    pipeline: Pipeline<Layer>,
    /// The same layers by their names.
    services: Vec<Service>,
    announced: [bool; 3],
    limit: u64,
    octets: u64,
    failed: Option<OpenError>,
}

#[derive(Debug)]
enum Layer {
    Enveloped(Box<EnvelopedReader>),
    Compressed(Box<CompressedReader>),
    Signed(Box<SignedReader>),
}

impl Opener {
    /// Begins a message.
    #[must_use]
    pub fn new(plan: OpenPlan) -> Self {
        let limit = plan.limit.unwrap_or(u64::MAX);
        let mut layers = Vec::new();
        let mut services = Vec::new();
        if plan.encrypted {
            let reader = EnvelopedReader::new(plan.keys, plan.refuse_legacy);
            layers.push(Layer::Enveloped(Box::new(reader)));
            services.push(Service::Encryption);
        }
        if plan.compressed {
            let reader = CompressedReader::new(if plan.signed {
                with_signature(limit)
            } else {
                limit
            });
            layers.push(Layer::Compressed(Box::new(reader)));
            services.push(Service::Compression);
        }
        if plan.signed {
            let reader = SignedReader::new(Verifier {
                trust: plan.trust,
                purpose: plan.purpose,
                now: plan.now,
                refuse_legacy: plan.refuse_legacy,
            });
            layers.push(Layer::Signed(Box::new(reader)));
            services.push(Service::Signature);
        }
        Self {
            pipeline: Pipeline::new(layers),
            services,
            announced: [plan.encrypted, plan.signed, plan.compressed],
            limit,
            octets: 0,
            failed: None,
        }
    }

    /// What is known of the message, once it is [done](Transform::is_done).
    #[must_use]
    pub fn opened(&self) -> Option<Opened> {
        if !self.is_done() {
            return None;
        }
        let mut opened = Opened {
            octets: self.octets,
            ..Opened::default()
        };
        for layer in self.pipeline.stages() {
            match layer {
                Layer::Enveloped(layer) => opened.cipher = layer.cipher(),
                Layer::Compressed(_) => {}
                Layer::Signed(layer) => {
                    let Outcome {
                        signers,
                        hash,
                        others,
                    } = layer.outcome().clone();
                    opened.signers = signers;
                    opened.hash = hash;
                    opened.other_signatures = others;
                }
            }
        }
        Some(opened)
    }

    /// How many octets all buffers hold, in use or not.
    #[must_use]
    pub fn held(&self) -> usize {
        self.pipeline.held()
    }

    /// Whether a private key was used.
    pub(crate) fn has_used_key(&self) -> bool {
        self.pipeline.stages().any(|layer| match layer {
            Layer::Enveloped(layer) => layer.key_seen(),
            _ => false,
        })
    }

    fn run<T>(
        &mut self,
        step: impl FnOnce(&mut Pipeline<Layer>) -> Result<T, (usize, OpenProblem)>,
    ) -> Result<T, OpenError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(&mut self.pipeline).map_err(|(layer, problem)| self.fail(layer, problem))
    }

    fn fail(&mut self, layer: usize, problem: OpenProblem) -> OpenError {
        let after_key = self.has_used_key();
        let [encrypted, signed, compressed] = self.announced;
        let layer = self.services.get(layer);
        let error = OpenError {
            layer: layer.copied().unwrap_or(Service::Signature),
            problem,
            after_key,
            encrypted,
            signed,
            compressed,
        };
        self.failed.insert(error).clone()
    }
}

/// Without the octets in its buffers, which are the content.
impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener")
            .field("services", &self.services)
            .field("octets", &self.octets)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// How much a signed content of so many octets may take, in small segments and with certificates.
const fn with_signature(limit: u64) -> u64 {
    limit.saturating_mul(2).saturating_add(8 << 20)
}

impl Transform for Opener {
    type Error = OpenError;

    fn push(&mut self, input: &[u8]) -> Result<usize, OpenError> {
        self.run(|pipeline| pipeline.push(input))
    }

    fn end(&mut self) -> Result<(), OpenError> {
        self.run(Pipeline::end)
    }

    fn pull(&mut self, out: &mut [u8]) -> Result<usize, OpenError> {
        let pulled = self.run(|pipeline| pipeline.pull(out))?;
        self.octets += pulled as u64;
        if self.octets > self.limit {
            let last = self.services.len().saturating_sub(1);
            let limit = self.limit;
            return Err(self.fail(last, OpenProblem::TooLong { limit }));
        }
        Ok(pulled)
    }

    fn is_done(&self) -> bool {
        self.failed.is_none() && self.pipeline.is_done()
    }
}

impl Stage for Layer {
    type Problem = OpenProblem;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, OpenProblem> {
        match self {
            Self::Enveloped(layer) => layer.push(input, out),
            Self::Compressed(layer) => layer.push(input, out),
            Self::Signed(layer) => layer.push(input, out),
        }
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, OpenProblem> {
        match self {
            Self::Enveloped(layer) => layer.end(out),
            Self::Compressed(layer) => layer.end(out),
            Self::Signed(layer) => layer.end(out),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Enveloped(layer) => layer.held(),
            Self::Compressed(layer) => layer.held(),
            Self::Signed(layer) => layer.held(),
        }
    }
}
