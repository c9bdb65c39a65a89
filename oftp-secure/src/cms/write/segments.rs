//! The content of a layer as octet strings of one size, behind what stands before it.

use crate::asn1::{self, oid_only, tag};
use crate::cms::error::Layer;
use crate::cms::pipeline::Buffer;

/// Octets of a segment: 4 octets of header for each, and readers that hold a whole segment need
/// little memory.
const SEGMENT: usize = 16 << 10;

/// An element whose length is not known before its end.
pub(super) const fn begin(tag: u8) -> [u8; 2] {
    [tag, 0x80]
}

/// The end of this many such elements.
pub(super) fn end(elements: usize) -> Vec<u8> {
    vec![0; 2 * elements]
}

/// ContentInfo as far as the elements before the content.
pub(super) fn head(layer: Layer, elements: &[&[u8]]) -> Vec<u8> {
    let [content_info, explicit, body] =
        [tag::SEQUENCE, tag::CONTEXT_0_CONSTRUCTED, tag::SEQUENCE].map(begin);
    let kind = oid_only(layer.oid());
    [
        &content_info[..],
        &kind,
        &explicit,
        &body,
        &elements.concat(),
    ]
    .concat()
}

/// Octets on their way into segments.
#[derive(Debug)]
pub(super) struct Segments {
    head: Vec<u8>,
    held: Vec<u8>,
}

impl Segments {
    /// Segments behind these octets.
    pub(super) fn new(head: Vec<u8>) -> Self {
        Self {
            head,
            held: Vec::new(),
        }
    }

    /// Where content is appended.
    pub(super) fn content(&mut self) -> &mut Vec<u8> {
        &mut self.held
    }

    /// Writes all whole segments.
    pub(super) fn write(&mut self, out: &mut Buffer) {
        out.end().append(&mut self.head);
        let mut segments = self.held.chunks_exact(SEGMENT);
        for segment in &mut segments {
            write(segment, out);
        }
        let rest = segments.remainder().len();
        self.held.drain(..self.held.len() - rest);
    }

    /// Writes all that is left.
    pub(super) fn finish(&mut self, out: &mut Buffer) {
        self.write(out);
        if !self.held.is_empty() {
            write(&self.held, out);
            self.held.clear();
        }
    }

    /// How many octets are held.
    pub(super) fn held(&self) -> usize {
        self.head.capacity() + self.held.capacity()
    }
}

fn write(segment: &[u8], out: &mut Buffer) {
    let out = out.end();
    out.push(tag::OCTET_STRING);
    out.extend(asn1::length(segment.len()));
    out.extend_from_slice(segment);
}
