//! CompressedData (RFC 3274) around a zlib stream.

use flate2::{Compress, Compression, FlushCompress, Status};

use super::segments::{Segments, begin, end, head};
use crate::asn1::{constructed, integer, oid, oid_only, tag};
use crate::cms::error::{Layer, SealError};
use crate::cms::pipeline::{Buffer, Stage};

/// Octets that are taken from zlib at once.
const SCRATCH: usize = 32 << 10;

/// Makes CompressedData.
#[derive(Debug)]
pub(in crate::cms) struct CompressedWriter {
    segments: Segments,
    deflate: Compress,
    scratch: Vec<u8>,
}

impl CompressedWriter {
    pub(in crate::cms) fn new(level: u32) -> Result<Self, SealError> {
        if level > 9 {
            return Err(SealError::Level { level });
        }
        let algorithm = constructed(tag::SEQUENCE, &[&oid_only(oid::ZLIB)]);
        let mut head = head(Layer::Compression, &[&integer(0), &algorithm]);
        head.extend(begin(tag::SEQUENCE));
        head.extend(oid_only(oid::DATA));
        head.extend(begin(tag::CONTEXT_0_CONSTRUCTED));
        head.extend(begin(tag::OCTET_STRING_CONSTRUCTED));
        Ok(Self {
            segments: Segments::new(head),
            deflate: Compress::new(Compression::new(level), true),
            scratch: vec![0; SCRATCH],
        })
    }

    fn deflate(&mut self, input: &[u8], flush: FlushCompress) -> Result<Status, SealError> {
        let made = self.deflate.total_out();
        let status = self.deflate.compress(input, &mut self.scratch, flush);
        let status = status.map_err(|_| SealError::Crypto)?;
        let made = (self.deflate.total_out() - made) as usize;
        let made = self.scratch.get(..made).unwrap_or_default();
        self.segments.content().extend_from_slice(made);
        Ok(status)
    }
}

impl Stage for CompressedWriter {
    type Problem = SealError;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, SealError> {
        let start = self.deflate.total_in();
        let mut taken = 0;
        while let Some(rest @ [_, ..]) = input.get(taken..) {
            self.deflate(rest, FlushCompress::None)?;
            taken = (self.deflate.total_in() - start) as usize;
        }
        self.segments.write(out);
        Ok(input.len())
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, SealError> {
        while self.deflate(&[], FlushCompress::Finish)? != Status::StreamEnd {}
        self.segments.finish(out);
        out.end().extend(end(6));
        Ok(true)
    }

    fn held(&self) -> usize {
        self.segments.held() + self.scratch.capacity()
    }
}
