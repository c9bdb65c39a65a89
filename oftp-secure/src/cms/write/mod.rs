//! The layers of a message that is sealed.

mod compressed;
mod enveloped;
mod segments;
mod signed;

pub(super) use compressed::CompressedWriter;
pub(super) use enveloped::EnvelopedWriter;
pub(super) use signed::{SignedWriter, Signing};
