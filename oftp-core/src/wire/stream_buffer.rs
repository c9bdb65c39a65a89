//! Exchange Buffers out of a stream of octets, in whatever segments they come (RFC 5024 section 8).

use std::ops::Range;

use super::error::WireError;
use super::sth::{self, Limits};

/// Room that is offered before anything has been received, in octets.
const FIRST_ROOM: usize = 2048;

/// Room for many small Exchange Buffers at a time, in octets.
const ROOM: usize = 64 * 1024;

/// From this length on an Exchange Buffer is read by itself: the read then ends with the header of
/// the next one, and nothing has to be moved.
const LARGE: usize = ROOM / 2;

/// What has been received and not been used yet.
///
/// Octets are read straight into [`space`](Self::space) and lent out as whole Exchange Buffers,
/// without a copy. The memory grows with what has arrived, to at most twice of it (and
/// 2,048 octets); what a header announces does not count.
#[derive(Debug, Default)]
pub struct StreamBuffer {
    octets: Vec<u8>,
    /// Position in the stream of `octets[0]`.
    base: u64,
    /// Start of the Exchange Buffer that was lent out last: nothing before it is needed.
    kept: usize,
    /// Start of what is not used yet.
    start: usize,
    /// End of what was received.
    end: usize,
    /// Octets of a refused Exchange Buffer that are still to be dropped.
    skip: usize,
    /// A header could not be trusted: there is no way to find the next one.
    lost: bool,
    arrived: u64,
}

impl StreamBuffer {
    /// An empty buffer, which has no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for octets from the connection, never empty; then tell their number by
    /// [`filled`](Self::filled).
    pub fn space(&mut self) -> &mut [u8] {
        let held = self.end - self.kept;
        let arrived = usize::try_from(self.arrived).unwrap_or(usize::MAX);
        // In steps of powers of two: a partner that only sends small commands does not make the
        // memory grow a few octets at a time. More than `arrived`, and so more than `held`.
        let twice = arrived.saturating_mul(2).max(FIRST_ROOM);
        let allowed = (1 << twice.ilog2()) - held;
        let room = self.wanted().min(allowed);
        self.make_room(room);
        &mut self.octets[self.end..self.end + room]
    }

    /// Takes the first `octets` of [`space`](Self::space) as received; more than fit count as all.
    pub fn filled(&mut self, octets: usize) {
        let octets = octets.min(self.octets.len() - self.end);
        self.arrived = self.arrived.saturating_add(octets as u64);
        if !self.lost {
            self.end += octets;
        }
    }

    /// Takes octets by copying them.
    pub fn push(&mut self, octets: &[u8]) {
        self.arrived = self.arrived.saturating_add(octets.len() as u64);
        if self.lost {
            return;
        }
        self.make_room(octets.len());
        self.octets[self.end..self.end + octets.len()].copy_from_slice(octets);
        self.end += octets.len();
    }

    /// The next whole Exchange Buffer, as its place in the stream for [`octets`](Self::octets).
    /// `None`: more has to arrive. What was lent out before is given back by this call.
    ///
    /// # Errors
    /// Reason 07 for a bad Stream Transmission Header: all that follows is dropped, because the
    /// stream cannot be followed any more. Reason 01 or 07 for an Exchange Buffer whose first
    /// octet and length cannot be right by `limits`; it is dropped, and the next one can follow.
    /// Both come as soon as the header, or the first octet, has arrived.
    pub fn next(&mut self, limits: &Limits) -> Result<Option<Range<u64>>, WireError> {
        self.kept = self.start;
        self.drop_skipped();
        let received = &self.octets[self.start..self.end];
        let Some((&header, content)) = received.split_first_chunk() else {
            return Ok(None);
        };
        let octets = match sth::exchange_buffer_octets(header) {
            Ok(octets) => octets,
            Err(error) => {
                self.lost = true;
                self.end = self.start;
                return Err(error);
            }
        };
        let Some(&first) = content.first() else {
            return Ok(None);
        };
        if let Err(error) = limits.check(first, octets) {
            self.skip = sth::OCTETS + octets;
            self.drop_skipped();
            return Err(error);
        }
        if content.len() < octets {
            return Ok(None);
        }
        let start = self.base + (self.start + sth::OCTETS) as u64;
        self.start += sth::OCTETS + octets;
        Ok(Some(start..start + octets as u64))
    }

    /// The octets at a place that [`next`](Self::next) gave last, or a part of it. What was given
    /// back is empty.
    #[must_use]
    pub fn octets(&self, place: Range<u64>) -> &[u8] {
        let index = |position: u64| usize::try_from(position.checked_sub(self.base)?).ok();
        match (index(place.start), index(place.end)) {
            (Some(start), Some(end)) => self.octets[..self.end].get(start..end).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The position in the stream up to which octets have arrived.
    #[must_use]
    pub const fn arrived_to(&self) -> u64 {
        self.base + self.end as u64
    }

    /// Octets that have arrived and are not part of an Exchange Buffer that was lent out.
    #[must_use]
    pub const fn pending(&self) -> usize {
        self.end - self.start
    }

    /// Octets of memory in use.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.octets.capacity()
    }

    fn drop_skipped(&mut self) {
        let dropped = self.skip.min(self.end - self.start);
        self.skip -= dropped;
        self.start += dropped;
        if dropped > 0 {
            self.kept = self.start;
        }
    }

    /// How much would be good to read: the rest of a large Exchange Buffer and the header of the
    /// next one, or as much as there is of small ones.
    fn wanted(&self) -> usize {
        let received = &self.octets[self.start..self.end];
        let announced = received
            .first_chunk()
            .and_then(|&header| sth::exchange_buffer_octets(header).ok());
        match announced {
            Some(octets) if octets >= LARGE && self.skip == 0 => {
                // More than announced can be here while nothing is being decoded.
                (2 * sth::OCTETS + octets)
                    .saturating_sub(received.len())
                    .max(ROOM / 16)
            }
            _ => ROOM,
        }
    }

    fn make_room(&mut self, room: usize) {
        if self.octets.len() - self.end >= room {
            return;
        }
        if self.kept > 0 {
            self.octets.copy_within(self.kept..self.end, 0);
            self.base += self.kept as u64;
            self.start -= self.kept;
            self.end -= self.kept;
            self.kept = 0;
        }
        let needed = self.end + room;
        if self.octets.len() < needed {
            self.octets.reserve_exact(needed - self.octets.len());
            self.octets.resize(needed, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{EsidReason, Level, Quirks};

    fn limits() -> Limits {
        Limits::agreed(Level::V2_0, 99_999, Quirks::STRICT)
    }

    fn framed(content: &[u8]) -> Vec<u8> {
        [&sth::header(content.len())[..], content].concat()
    }

    /// Everything that comes out when `stream` goes in by segments of `step` octets.
    fn decoded(stream: &[u8], step: usize) -> Vec<Result<Vec<u8>, EsidReason>> {
        let mut buffer = StreamBuffer::new();
        let mut out = Vec::new();
        for segment in stream.chunks(step) {
            buffer.push(segment);
            loop {
                match buffer.next(&limits()) {
                    Ok(Some(place)) => out.push(Ok(buffer.octets(place).to_vec())),
                    Ok(None) => break,
                    Err(error) => out.push(Err(error.reason)),
                }
            }
        }
        out
    }

    #[test]
    fn every_segmentation_gives_the_same() {
        let mut stream = framed(b"R");
        stream.extend(framed(b"P"));
        stream.extend(framed(b"z of no command"));
        stream.extend(framed(b"4N and more than its length"));
        stream.extend(framed(&[b'D'; 70_000]));
        stream.extend(framed(b"C  "));
        stream.extend([0x20, 0, 0, 5, b'R', 0x10, 0, 0, 5, b'R']);
        let whole = decoded(&stream, stream.len());
        assert_eq!(whole.len(), 7);
        assert_eq!(whole[2], Err(EsidReason::COMMAND_NOT_RECOGNISED));
        assert_eq!(whole[3], Err(EsidReason::SIZE_ERROR));
        assert_eq!(whole[5], Ok(b"C  ".to_vec()));
        assert_eq!(whole[6], Err(EsidReason::SIZE_ERROR));
        for step in [1, 2, 3, 4, 5, 7, 1000, 65_536] {
            assert!(decoded(&stream, step) == whole, "segments of {step}");
        }
    }

    #[test]
    fn memory_follows_what_arrives() {
        let mut buffer = StreamBuffer::new();
        assert_eq!(buffer.capacity(), 0);
        let stream = framed(&[b'D'; 99_999]);
        for (arrived, octet) in stream[..50_000].iter().enumerate() {
            buffer.space()[0] = *octet;
            buffer.filled(1);
            assert_eq!(buffer.next(&limits()), Ok(None));
            assert!(buffer.capacity() <= 2 * (arrived + 1) + FIRST_ROOM);
        }
    }

    #[test]
    fn large_buffers_flow_without_being_moved() {
        let stream = framed(&[b'D'; 99_999]).repeat(20);
        let mut buffer = StreamBuffer::new();
        let mut sent = 0;
        let mut out = 0;
        while sent < stream.len() {
            let space = buffer.space();
            let octets = space.len().min(stream.len() - sent);
            space[..octets].copy_from_slice(&stream[sent..sent + octets]);
            buffer.filled(octets);
            sent += octets;
            while let Ok(Some(place)) = buffer.next(&limits()) {
                assert!(buffer.octets(place).iter().all(|&octet| octet == b'D'));
                out += 1;
                // The read ended with the header of the next one.
                assert!(out < 3 || buffer.pending() <= sth::OCTETS);
            }
        }
        assert_eq!(out, 20);
        assert!(buffer.capacity() < 250_000);
    }

    #[test]
    fn what_is_lent_out_stays_until_the_next_is_asked_for() {
        let mut buffer = StreamBuffer::new();
        buffer.push(&framed(b"448"));
        buffer.push(&framed(b"R"));
        let place = buffer.next(&limits()).unwrap_or(None);
        assert_eq!(place, None, "4 with 3 octets is refused");
        let place = buffer.next(&limits()).ok().flatten().expect("CD is whole");
        buffer.push(&[0; 100_000]);
        buffer.space()[0] = 1;
        buffer.filled(1);
        assert_eq!(buffer.octets(place), b"R");
    }

    #[test]
    fn many_small_commands_make_the_memory_grow_in_few_steps() {
        let mut stream = StreamBuffer::new();
        let command = framed(b"C");
        let mut capacities = Vec::new();
        for _ in 0..10_000 {
            stream.space()[..command.len()].copy_from_slice(&command);
            stream.filled(command.len());
            assert!(matches!(stream.next(&limits()), Ok(Some(_))));
            capacities.push(stream.capacity());
        }
        capacities.dedup();
        assert!(capacities.len() <= 8, "{capacities:?}");
    }
}
