//! CompressedData (RFC 3274): a zlib stream (RFC 1950), decompressed only as fast as it is taken.

use flate2::{Decompress, FlushDecompress, Status};

use crate::asn1::{oid, tag};
use crate::cms::algorithm;
use crate::cms::error::{Layer, OpenProblem};
use crate::cms::pipeline::{Buffer, Stage};
use crate::cms::shell::{Part, Shell};

/// Octets that are decompressed at once.
const SCRATCH: usize = 32 << 10;

/// Opens CompressedData.
#[derive(Debug)]
pub(in crate::cms) struct CompressedReader {
    shell: Shell,
    inflate: Decompress,
    scratch: Vec<u8>,
    /// The window may hold octets for which there was no room.
    more: bool,
    finished: bool,
    limit: u64,
}

impl CompressedReader {
    /// At most `limit` octets come out.
    pub(in crate::cms) fn new(limit: u64) -> Self {
        Self {
            shell: Shell::new(Layer::Compression),
            inflate: Decompress::new(true),
            scratch: vec![0; SCRATCH],
            more: false,
            finished: false,
            limit,
        }
    }

    fn begin(&self) -> Result<(), OpenProblem> {
        let mut head = self.shell.head();
        head.expect(tag::INTEGER, "version")?;
        let algorithm = head.expect(tag::SEQUENCE, "compression algorithm")?;
        match algorithm::split(&algorithm)?.0 {
            oid::ZLIB => Ok(()),
            other => Err(OpenProblem::Algorithm {
                algorithm: oid::dotted(other),
            }),
        }
    }

    /// Decompresses the beginning of `octets`, as much as there is room for; how many were taken.
    fn inflate(&mut self, octets: &[u8], out: &mut Buffer) -> Result<usize, OpenProblem> {
        if self.finished && !octets.is_empty() {
            return Err(self.error("octets follow its end"));
        }
        let mut taken = 0;
        while (taken < octets.len() || self.more) && !out.is_full() {
            let (before, made) = (self.inflate.total_in(), self.inflate.total_out());
            let input = octets.get(taken..).unwrap_or_default();
            let status = self
                .inflate
                .decompress(input, &mut self.scratch, FlushDecompress::None)
                .map_err(|_| self.error("damaged, or not compressed by zlib"))?;
            let made = (self.inflate.total_out() - made) as usize;
            self.more = made == SCRATCH;
            out.end()
                .extend_from_slice(self.scratch.get(..made).unwrap_or_default());
            let step = (self.inflate.total_in() - before) as usize;
            taken += step;
            if self.inflate.total_out() > self.limit {
                return Err(OpenProblem::TooLong { limit: self.limit });
            }
            match status {
                Status::StreamEnd => {
                    self.finished = true;
                    self.more = false;
                    if taken < octets.len() {
                        return Err(self.error("octets follow its end"));
                    }
                }
                Status::BufError if step == 0 && !self.more && !input.is_empty() => {
                    return Err(self.error("it does not go on"));
                }
                Status::Ok | Status::BufError => {}
            }
        }
        Ok(taken)
    }

    fn error(&self, what: &'static str) -> OpenProblem {
        OpenProblem::Zlib {
            what,
            at: self.inflate.total_out(),
        }
    }
}

impl Stage for CompressedReader {
    type Problem = OpenProblem;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, OpenProblem> {
        let mut rest = input;
        loop {
            if self.more {
                self.inflate(&[], out)?;
            }
            if out.is_full() {
                break;
            }
            let at = rest;
            match self.shell.next(&mut rest)? {
                None => break,
                Some(Part::Begin) => self.begin()?,
                Some(Part::Content(octets)) => {
                    let left = octets.len() - self.inflate(octets, out)?;
                    if left > 0 {
                        self.shell.unread(left);
                        let taken = at.len() - rest.len() - left;
                        rest = at.get(taken..).unwrap_or_default();
                    }
                }
                Some(Part::End) if self.finished => {}
                Some(Part::End) => return Err(self.error("cut off")),
            }
        }
        Ok(input.len() - rest.len())
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, OpenProblem> {
        if self.more {
            self.inflate(&[], out)?;
        }
        if out.is_full() && self.more {
            return Ok(false);
        }
        self.shell.end().map(|()| true)
    }

    fn held(&self) -> usize {
        self.shell.held() + self.scratch.capacity()
    }
}
