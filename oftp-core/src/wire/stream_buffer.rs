//! stub
#![allow(missing_docs, clippy::all)]
use super::{Limits, WireError, sth};
use std::ops::Range;
#[derive(Debug)]
pub struct StreamBuffer {
    b: Vec<u8>,
    s: usize,
    e: usize,
    dead: bool,
}
impl StreamBuffer {
    pub fn new() -> Self {
        Self {
            b: Vec::new(),
            s: 0,
            e: 0,
            dead: false,
        }
    }
    pub fn space(&mut self) -> &mut [u8] {
        if self.s > 0 {
            self.b.copy_within(self.s..self.e, 0);
            self.e -= self.s;
            self.s = 0;
        }
        self.b.resize(self.e + 65536, 0);
        &mut self.b[self.e..]
    }
    pub fn filled(&mut self, n: usize) {
        self.e += n;
        if self.dead {
            self.e = self.s
        }
    }
    pub fn push(&mut self, o: &[u8]) {
        if self.dead {
            return;
        }
        self.b.truncate(self.e);
        self.b.extend_from_slice(o);
        self.e = self.b.len();
    }
    pub fn next(&mut self, l: &Limits) -> Result<Option<Range<usize>>, WireError> {
        let have = &self.b[self.s..self.e];
        if self.dead || have.len() < 4 {
            return Ok(None);
        }
        let n = match sth::exchange_buffer_octets(have[..4].try_into().unwrap()) {
            Ok(n) => n,
            Err(e) => {
                self.dead = true;
                return Err(e);
            }
        };
        if have.len() < 5 {
            return Ok(None);
        }
        if let Err(e) = l.check(have[4], n) {
            if have.len() >= 4 + n {
                self.s += 4 + n;
            } else {
                self.dead = true;
            }
            return Err(e);
        }
        if have.len() < 4 + n {
            return Ok(None);
        }
        let r = self.s + 4..self.s + 4 + n;
        self.s += 4 + n;
        Ok(Some(r))
    }
    pub fn octets(&self, r: Range<usize>) -> &[u8] {
        &self.b[r]
    }
    pub fn pending(&self) -> usize {
        self.e - self.s
    }
}
