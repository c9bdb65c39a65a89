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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Level, Quirks};

    const LIMITS: Limits = Limits::agreed(Level::V2_0, 99_999, Quirks::STRICT);

    /// What a whole stream gives: the octets of a buffer, or the reason of a fault.
    type Seen = Result<Vec<u8>, u8>;

    fn drain(buffer: &mut StreamBuffer, limits: &Limits, seen: &mut Vec<Seen>) {
        loop {
            match buffer.next(limits) {
                Ok(Some(range)) => seen.push(Ok(buffer.octets(range).to_vec())),
                Ok(None) => return,
                Err(fault) => seen.push(Err(fault.reason.code())),
            }
        }
    }

    fn stream(exchange_buffers: &[&[u8]]) -> Vec<u8> {
        let framed = |octets: &&[u8]| [&sth::header(octets.len()), *octets].concat();
        exchange_buffers.iter().flat_map(framed).collect()
    }

    /// Reads like a socket: as much as there is space for, at most `most` octets at a time.
    fn read(
        buffer: &mut StreamBuffer,
        mut octets: &[u8],
        most: usize,
        seen: &mut Vec<Seen>,
    ) -> usize {
        let mut reads = 0;
        while !octets.is_empty() {
            let space = buffer.space();
            let count = space.len().min(octets.len()).min(most);
            assert!(count > 0, "no space");
            space[..count].copy_from_slice(&octets[..count]);
            octets = &octets[count..];
            buffer.filled(count);
            drain(buffer, &LIMITS, seen);
            reads += 1;
        }
        reads
    }

    #[test]
    fn what_is_announced_takes_no_memory() {
        let mut buffer = StreamBuffer::new();
        assert_eq!(buffer.capacity(), 0);
        buffer.push(&sth::header(99_999));
        buffer.push(b"D");
        assert_eq!(buffer.next(&LIMITS), Ok(None));
        for _ in 0..100 {
            let _ = buffer.space();
        }
        assert!(buffer.capacity() <= 2 * INITIAL, "{}", buffer.capacity());
    }

    #[test]
    fn memory_follows_what_has_arrived() {
        let whole = stream(&[&[b'D'; 99_999]]);
        for step in [1, 7, 1000, 50_000] {
            let (mut pushed, mut filled) = (StreamBuffer::new(), StreamBuffer::new());
            let mut received = 0;
            for chunk in whole.chunks(step) {
                pushed.push(chunk);
                let space = filled.space();
                let count = space.len().min(chunk.len());
                space[..count].copy_from_slice(&chunk[..count]);
                filled.filled(count);
                filled.push(&chunk[count..]);
                received += chunk.len();
                let bound = 2 * received + 2 * INITIAL;
                assert!(pushed.capacity() <= bound && filled.capacity() <= bound);
            }
            let mut seen = Vec::new();
            drain(&mut pushed, &LIMITS, &mut seen);
            drain(&mut filled, &LIMITS, &mut seen);
            assert_eq!(seen, [Ok(vec![b'D'; 99_999]), Ok(vec![b'D'; 99_999])]);
        }
    }

    #[test]
    fn a_read_brings_about_one_whole_large_buffer() {
        let mut buffer = StreamBuffer::new();
        let data = vec![b'D'; 99_999];
        let mut seen = Vec::new();
        read(
            &mut buffer,
            &stream(&[&data, &data, &data]),
            usize::MAX,
            &mut seen,
        );
        let reads = read(
            &mut buffer,
            &stream(&vec![&data[..]; 50]),
            usize::MAX,
            &mut seen,
        );
        assert!(seen.iter().all(|octets| octets.as_ref() == Ok(&data)) && seen.len() == 53);
        assert!(reads <= 51, "{reads} reads for 50 buffers");
        assert!(buffer.capacity() <= 2 * sth::MAX_STREAM_OCTETS + FEW);
    }

    #[test]
    fn small_buffers_come_many_at_a_time() {
        let mut buffer = StreamBuffer::new();
        let data = vec![b'D'; 2048];
        let mut seen = Vec::new();
        let reads = read(
            &mut buffer,
            &stream(&vec![&data[..]; 1000]),
            usize::MAX,
            &mut seen,
        );
        assert_eq!(seen.len(), 1000);
        assert!(reads < 45, "{reads} reads for 1000 buffers of 2 KiB");
    }

    #[test]
    fn a_lent_buffer_stays_while_more_comes_in() {
        let mut buffer = StreamBuffer::new();
        buffer.push(&stream(&[b"R", b"4Y"]));
        let first = buffer.next(&LIMITS).expect("no fault").expect("whole");
        buffer.push(&[0x10; 5000]);
        let _ = buffer.space();
        assert_eq!(buffer.octets(first.clone()), b"R");
        let second = buffer.next(&LIMITS).expect("no fault").expect("whole");
        assert_eq!(buffer.octets(second), b"4Y");
        assert_eq!(buffer.octets(first), b"", "given up by the second");
    }

    #[test]
    fn after_a_bad_header_everything_is_dropped() {
        let mut buffer = StreamBuffer::new();
        let mut seen = Vec::new();
        buffer.push(&stream(&[b"R"]));
        buffer.push(b"\x20\0\0\x05");
        buffer.push(&stream(&[b"R"]));
        drain(&mut buffer, &LIMITS, &mut seen);
        buffer.push(&stream(&[b"R"]));
        drain(&mut buffer, &LIMITS, &mut seen);
        assert_eq!(seen, [Ok(b"R".to_vec()), Err(7)]);
        assert!(buffer.is_poisoned());
        assert!(!buffer.space().is_empty());
    }

    #[test]
    fn a_refused_buffer_is_dropped_and_the_next_one_understood() {
        let mut buffer = StreamBuffer::new();
        let mut seen = Vec::new();
        let long = [b'R'; 3000];
        let unknown = [b'Z'; 3000];
        buffer.push(&stream(&[&long])[..HEAD]);
        drain(&mut buffer, &LIMITS, &mut seen);
        assert_eq!(seen, [Err(7)], "before the rest is there");
        buffer.push(&long[1..]);
        buffer.push(&stream(&[&unknown, b"R"]));
        drain(&mut buffer, &LIMITS, &mut seen);
        assert_eq!(seen, [Err(7), Err(1), Ok(b"R".to_vec())]);
    }

    #[test]
    fn before_ssid_little_is_collected() {
        let mut buffer = StreamBuffer::new();
        buffer.push(&sth::header(1007));
        assert_eq!(buffer.next(&Limits::before_ssid()), Ok(None));
        buffer.push(b"F");
        let fault = buffer
            .next(&Limits::before_ssid())
            .map_err(|fault| fault.reason.code());
        assert_eq!(fault, Err(7));
    }

    #[test]
    fn a_very_large_push_does_not_keep_its_memory() {
        let mut buffer = StreamBuffer::new();
        let data = vec![b'D'; 99_999];
        buffer.push(&stream(&vec![&data[..]; 20]));
        let mut seen = Vec::new();
        drain(&mut buffer, &LIMITS, &mut seen);
        assert_eq!(seen.len(), 20);
        assert!(buffer.capacity() <= KEPT);
    }

    /// A piece of a stream: mostly good buffers, now and then a refused one or noise.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            8 => (prop::sample::select(b"DRPZHF".to_vec()), 1usize..3000).prop_map(|(code, octets)| {
                stream(&[&vec![code; octets]])
            }),
            1 => prop::collection::vec(any::<u8>(), 0..8),
        ]
    }

    proptest! {
        #[test]
        fn every_segmentation_gives_the_same(
            pieces in prop::collection::vec(piece(), 0..12),
            cuts in prop::collection::vec(1usize..3000, 1..20),
        ) {
            let octets = pieces.concat();
            let mut whole = (StreamBuffer::new(), Vec::new());
            whole.0.push(&octets);
            drain(&mut whole.0, &LIMITS, &mut whole.1);

            let mut single = (StreamBuffer::new(), Vec::new());
            read(&mut single.0, &octets, 1, &mut single.1);
            prop_assert_eq!(&whole.1, &single.1);

            let mut cut = (StreamBuffer::new(), Vec::new());
            let mut rest = &octets[..];
            for most in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at(rest.len().min(*most));
                if most % 2 == 0 {
                    cut.0.push(now);
                    drain(&mut cut.0, &LIMITS, &mut cut.1);
                } else {
                    read(&mut cut.0, now, usize::MAX, &mut cut.1);
                }
                rest = later;
            }
            prop_assert_eq!(&whole.1, &cut.1);
        }
    }
}
