//! Exchange Buffers from a stream of octets, however the stream is cut (RFC 5024 section 8.2).

use std::ops::Range;

use super::error::WireError;
use super::sth::{self, Limits};

/// The receive buffer of a session on a stream transport.
///
/// Octets come in by [`StreamBuffer::space`] and [`StreamBuffer::filled`], straight from a socket,
/// or by [`StreamBuffer::push`]; [`StreamBuffer::next`] finds one Exchange Buffer after the other,
/// and [`StreamBuffer::octets`] lends it without a copy. How the stream was cut makes no
/// difference.
///
/// Memory follows what has arrived, never what is announced: at most twice the octets received
/// plus a constant, and about two of the largest buffers once data flows.
#[derive(Debug, Default)]
pub struct StreamBuffer {
    /// All of it is space; what is used is `start..end`.
    store: Vec<u8>,
    /// First octet of the buffer that was last returned, or of the header that comes next.
    start: usize,
    /// After the last octet received.
    end: usize,
    /// Stream position of `store[0]`; wraps, because only differences count.
    base: usize,
    /// Octets from `start` that the buffer last returned takes.
    held: usize,
    /// Octets of a refused buffer that are still to be dropped.
    skip: usize,
    /// Octets received so far.
    received: usize,
    poisoned: bool,
}

/// Space before anything has arrived.
const INITIAL: usize = 2 * 1024;

/// Wanted space once data flows, so that small buffers come many at a time.
const BATCH: usize = 64 * 1024;

/// Memory that is kept when nothing is buffered.
const KEPT: usize = 2 * sth::MAX_STREAM_OCTETS + BATCH;

/// Octets that are moved to the front at once, because that costs nothing.
const FEW: usize = 64;

/// A header and the first octet of its Exchange Buffer: enough to judge an announced length.
const HEAD: usize = sth::OCTETS + 1;

impl StreamBuffer {
    /// An empty buffer, which holds no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Space for the next octets, never empty; tell by [`StreamBuffer::filled`] how many came.
    ///
    /// Where a large buffer is on its way, the space ends with the header after it, so that each
    /// read brings about one whole buffer and nothing has to be moved.
    pub fn space(&mut self) -> &mut [u8] {
        let wanted = self.wanted();
        self.make_space(wanted);
        let until = self.end.saturating_add(wanted).min(self.store.len());
        self.store.get_mut(self.end..until).unwrap_or_default()
    }

    /// Takes the first `octets` octets of the last [`StreamBuffer::space`] as received.
    pub fn filled(&mut self, octets: usize) {
        let octets = octets.min(self.store.len() - self.end);
        self.end += octets;
        self.received = self.received.saturating_add(octets);
        self.drop_refused();
    }

    /// Takes octets that were received elsewhere, all of them.
    pub fn push(&mut self, octets: &[u8]) {
        let skipped = self.skip.min(octets.len());
        self.skip -= skipped;
        let octets = octets.get(skipped..).unwrap_or_default();
        if self.poisoned || octets.is_empty() {
            return;
        }
        self.make_room(octets.len());
        let until = self.end + octets.len();
        if let Some(space) = self.store.get_mut(self.end..until) {
            space.copy_from_slice(octets);
            self.filled(octets.len());
        }
    }

    /// The next whole Exchange Buffer, as a range for [`StreamBuffer::octets`]; `None` while it has
    /// not arrived in full. The buffer that was returned before is given up.
    ///
    /// # Errors
    /// A header that is none (07), after which everything is dropped; or, as soon as header and
    /// first octet are there, what `limits` refuse (01, 07), after which that buffer is dropped.
    /// Every fault is reported once.
    pub fn next(&mut self, limits: &Limits) -> Result<Option<Range<usize>>, WireError> {
        self.release();
        let Some(&[h0, h1, h2, h3, first]) = self.pending().first_chunk::<HEAD>() else {
            return self.check_header();
        };
        let octets = self.announced([h0, h1, h2, h3])?;
        if let Err(fault) = limits.check(first, octets) {
            self.skip = sth::OCTETS + octets;
            self.drop_refused();
            return Err(fault);
        }
        if self.pending().len() - sth::OCTETS < octets {
            return Ok(None);
        }
        self.start += sth::OCTETS;
        self.held = octets;
        let start = self.base.wrapping_add(self.start);
        Ok(Some(start..start.wrapping_add(octets)))
    }

    /// The octets of the Exchange Buffer that [`StreamBuffer::next`] returned last.
    ///
    /// The range stays good while more octets come in, until `next` is called again; an older one
    /// gives nothing.
    pub fn octets(&self, range: Range<usize>) -> &[u8] {
        let held = self.start..self.start + self.held;
        let start = range.start.wrapping_sub(self.base);
        let end = range.end.wrapping_sub(self.base);
        if start < held.start || end > held.end {
            return &[];
        }
        self.store.get(start..end).unwrap_or_default()
    }

    /// Whether the place of the next header is lost, so that everything that comes is dropped.
    pub const fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Octets that have arrived and belong to no buffer that was returned.
    pub const fn buffered(&self) -> usize {
        self.end - self.start - self.held
    }

    /// Octets of memory in use.
    pub const fn capacity(&self) -> usize {
        self.store.capacity()
    }

    fn pending(&self) -> &[u8] {
        self.store.get(self.start..self.end).unwrap_or_default()
    }

    /// Judges a header that came without the octet after it.
    fn check_header(&mut self) -> Result<Option<Range<usize>>, WireError> {
        match self.pending().first_chunk() {
            Some(&header) => self.announced(header).map(|_| None),
            None => Ok(None),
        }
    }

    fn announced(&mut self, header: [u8; sth::OCTETS]) -> Result<usize, WireError> {
        let octets = sth::exchange_buffer_octets(header);
        if octets.is_err() {
            self.poisoned = true;
            self.drop_refused();
        }
        octets
    }

    /// Gives up the buffer that was returned last.
    fn release(&mut self) {
        self.start += self.held;
        self.held = 0;
        match self.end - self.start {
            0 => self.restart(),
            1..=FEW if self.start > 0 => self.move_to_front(),
            _ => {}
        }
    }

    /// Drops what belongs to no buffer that can be returned.
    fn drop_refused(&mut self) {
        let free = self.end - self.start - self.held;
        if self.poisoned {
            self.end -= free;
        } else {
            let dropped = self.skip.min(free);
            self.skip -= dropped;
            // Nothing is held while octets are skipped: both end with a call of `next`.
            self.start += dropped;
        }
        if self.held == 0 && self.start == self.end {
            self.restart();
        }
    }

    /// Starts over at the front of an empty store.
    fn restart(&mut self) {
        self.base = self.base.wrapping_add(self.start);
        (self.start, self.end) = (0, 0);
        if self.store.len() > KEPT {
            // One very large push must not hold its memory for the rest of the session.
            self.store = Vec::new();
        }
    }

    /// Space that suits what is on its way.
    fn wanted(&self) -> usize {
        let waiting = self.pending().get(self.held..).unwrap_or_default();
        let announced = waiting
            .first_chunk()
            .map(|&header| sth::exchange_buffer_octets(header));
        let Some(Ok(octets)) = announced else {
            return BATCH;
        };
        let whole = octets + sth::OCTETS;
        let rest = whole.saturating_sub(waiting.len());
        // Buffers of a file are mostly of one length: end a batch where a buffer ends.
        let more = BATCH.saturating_sub(rest).div_ceil(whole) * whole;
        rest + more + sth::OCTETS
    }

    /// Sees to `wanted` octets after `end`, or to fewer that what has arrived entitles to.
    fn make_space(&mut self, wanted: usize) {
        let used = self.end - self.start;
        let entitled = INITIAL.saturating_add(self.received.saturating_mul(2));
        let room = wanted.min(entitled.saturating_sub(used)).max(1);
        let free = self.store.len() - self.end;
        if free < room && self.start > 0 && self.store.len() - used >= room {
            self.move_to_front();
        } else if free < room.div_ceil(2) {
            // Waiting until half is used up keeps the cost of growing proportional to what came.
            self.grow(used + room);
        }
    }

    /// Sees to `room` octets after `end`, which are there to be taken.
    fn make_room(&mut self, room: usize) {
        let used = self.end - self.start;
        if self.store.len() - self.end >= room {
            return;
        }
        if self.store.len() - used >= room {
            return self.move_to_front();
        }
        let arrived = self.received.saturating_add(room);
        let doubled = self.store.len().min(arrived).saturating_mul(2);
        self.grow(doubled.max(used + room));
    }

    fn grow(&mut self, length: usize) {
        self.move_to_front();
        let more = length.saturating_sub(self.store.len());
        self.store.reserve_exact(more);
        self.store.resize(self.store.len() + more, 0);
    }

    fn move_to_front(&mut self) {
        self.store.copy_within(self.start..self.end, 0);
        self.base = self.base.wrapping_add(self.start);
        self.end -= self.start;
        self.start = 0;
    }
}

#[cfg(test)]
mod tests;
