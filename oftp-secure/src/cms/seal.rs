//! Puts content into its envelopes.

use std::time::SystemTime;

use crate::certificate::Certificate;
use crate::key::Credential;
use crate::suite::Suite;

use super::error::SealError;
use super::pipeline::{Buffer, Pipeline, Stage};
use super::transform::Transform;
use super::write::{CompressedWriter, EnvelopedWriter, SignedWriter, Signing};

/// What is to be done with a content. What is named is done, in the order of chapter 6.1: sign,
/// compress, encrypt.
#[derive(Debug, Clone)]
pub struct SealPlan {
    /// The cipher suite (SFIDCIPH).
    pub suite: &'static Suite,
    /// Who signs; nobody: no signature. Several at the change-over from an old certificate.
    pub signers: Vec<Credential>,
    /// The level of zlib, 0 to 9; `None`: no compression.
    pub compression: Option<u32>,
    /// For whom it is encrypted; nobody: not encrypted.
    pub recipients: Vec<Certificate>,
    /// The time in the signatures, to the second; `None`: none. The receiver may compare it with
    /// the validity of the certificate.
    pub signing_time: Option<SystemTime>,
    /// Whether signatures cover attributes with the digest, or the content itself.
    pub signed_attributes: bool,
    /// Name certificates by subject key identifier instead of issuer and serial number.
    pub by_key_identifier: bool,
    /// Put the signers' certificates with their chains inside. Chapter 6.2 recommends not to.
    pub with_certificates: bool,
}

impl SealPlan {
    /// Nothing to do yet: with signed attributes, and certificates named by issuer and serial
    /// number.
    #[must_use]
    pub const fn new(suite: &'static Suite) -> Self {
        Self {
            suite,
            signers: Vec::new(),
            compression: None,
            recipients: Vec::new(),
            signing_time: None,
            signed_attributes: true,
            by_key_identifier: false,
            with_certificates: false,
        }
    }
}

/// Puts content into its envelopes, octets in, octets out.
pub struct Sealer {
    pipeline: Pipeline<Layer>,
    failed: Option<SealError>,
}

#[derive(Debug)]
enum Layer {
    Signed(Box<SignedWriter>),
    Compressed(Box<CompressedWriter>),
    Enveloped(Box<EnvelopedWriter>),
}

impl Sealer {
    /// Begins a message. Keys and certificates are tried before the first octet.
    ///
    /// # Errors
    /// The plan cannot be carried out; the error names the certificate.
    pub fn new(plan: SealPlan) -> Result<Self, SealError> {
        let mut layers = Vec::new();
        if !plan.signers.is_empty() {
            layers.push(Layer::Signed(Box::new(SignedWriter::new(Signing {
                suite: plan.suite,
                signers: plan.signers,
                time: plan.signing_time,
                attributes: plan.signed_attributes,
                by_key: plan.by_key_identifier,
                with_certificates: plan.with_certificates,
            })?)));
        }
        if let Some(level) = plan.compression {
            layers.push(Layer::Compressed(Box::new(CompressedWriter::new(level)?)));
        }
        if !plan.recipients.is_empty() {
            let writer =
                EnvelopedWriter::new(plan.suite, &plan.recipients, plan.by_key_identifier)?;
            layers.push(Layer::Enveloped(Box::new(writer)));
        }
        if layers.is_empty() {
            return Err(SealError::NoLayer);
        }
        Ok(Self {
            pipeline: Pipeline::new(layers),
            failed: None,
        })
    }

    /// How many octets all buffers hold, in use or not.
    #[must_use]
    pub fn held(&self) -> usize {
        self.pipeline.held()
    }

    fn run<T>(
        &mut self,
        step: impl FnOnce(&mut Pipeline<Layer>) -> Result<T, (usize, SealError)>,
    ) -> Result<T, SealError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(&mut self.pipeline).map_err(|(_, error)| self.failed.insert(error).clone())
    }
}

/// Without the octets in its buffers, which are the content.
impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl Transform for Sealer {
    type Error = SealError;

    fn push(&mut self, input: &[u8]) -> Result<usize, SealError> {
        self.run(|pipeline| pipeline.push(input))
    }

    fn end(&mut self) -> Result<(), SealError> {
        self.run(Pipeline::end)
    }

    fn pull(&mut self, out: &mut [u8]) -> Result<usize, SealError> {
        self.run(|pipeline| pipeline.pull(out))
    }

    fn is_done(&self) -> bool {
        self.failed.is_none() && self.pipeline.is_done()
    }
}

impl Stage for Layer {
    type Problem = SealError;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, SealError> {
        match self {
            Self::Signed(layer) => layer.push(input, out),
            Self::Compressed(layer) => layer.push(input, out),
            Self::Enveloped(layer) => layer.push(input, out),
        }
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, SealError> {
        match self {
            Self::Signed(layer) => layer.end(out),
            Self::Compressed(layer) => layer.end(out),
            Self::Enveloped(layer) => layer.end(out),
        }
    }

    fn held(&self) -> usize {
        match self {
            Self::Signed(layer) => layer.held(),
            Self::Compressed(layer) => layer.held(),
            Self::Enveloped(layer) => layer.held(),
        }
    }
}
