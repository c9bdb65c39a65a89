//! The layers of a message that is opened.

mod compressed;
mod enveloped;
mod signed;
mod signer;

pub(super) use compressed::CompressedReader;
pub(super) use enveloped::EnvelopedReader;
pub(super) use signed::{Outcome, SignedReader, Verifier};
