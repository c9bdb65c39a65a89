//! Any octets, cut into any segments, as a stream of Exchange Buffers.

use oftp_core::wire::{Limits, StreamBuffer, WireError, sth};

use super::script::Script;

/// The memory of a receive buffer besides twice what has arrived, in octets.
const FIRST_ROOM: usize = 2048;

/// The script says which lengths hold, then how long the segments are; the rest is the stream.
/// In one piece and in segments the Exchange Buffers and faults are those that the headers tell,
/// at the same places, and the memory is bounded by the octets received.
///
/// # Panics
/// When that does not hold.
pub fn stream(data: &[u8]) {
    let mut script = Script::new(data);
    let limits = limits(&mut script);
    let copied = script.flag();
    let lengths = script.octets();
    let octets = script.rest();

    let expected = by_headers(octets, &limits);
    let mut whole = Reader::new(limits);
    whole.take(octets, true);
    assert_eq!(whole.found, expected);

    let mut pieces = Reader::new(limits);
    let mut left = octets;
    let mut lengths = lengths.iter().cycle();
    while !left.is_empty() {
        let length = lengths.next().map_or(1, |length| usize::from(*length));
        let (piece, rest) = left.split_at(length.clamp(1, left.len()));
        pieces.take(piece, copied);
        left = rest;
    }
    assert_eq!(pieces.found, expected);
}

fn limits(script: &mut Script<'_>) -> Limits {
    if script.flag() {
        return Limits::before_ssid();
    }
    let capabilities = script.capabilities();
    let quirks = script.quirks();
    Limits::agreed(
        capabilities.level,
        capabilities.buffer_size as usize,
        quirks,
    )
}

/// An Exchange Buffer with its place in the stream, or a fault.
type Found = Result<(u64, Vec<u8>), WireError>;

/// The stream read from header to header (8.2): what is refused by its length is left out, and
/// after a header that is none nothing can be found.
fn by_headers(octets: &[u8], limits: &Limits) -> Vec<Found> {
    let mut found = Vec::new();
    let mut position = 0;
    while let Some((header, content)) = octets[position..].split_first_chunk() {
        let length = match sth::exchange_buffer_octets(*header) {
            Ok(length) => length,
            Err(error) => {
                found.push(Err(error));
                break;
            }
        };
        let Some(first) = content.first() else {
            break;
        };
        position += sth::OCTETS;
        match (limits.check(*first, length), content.get(..length)) {
            (Err(error), _) => found.push(Err(error)),
            (Ok(_), Some(whole)) => found.push(Ok((position as u64, whole.to_vec()))),
            (Ok(_), None) => break,
        }
        position += length;
        if position > octets.len() {
            break;
        }
    }
    found
}

struct Reader {
    limits: Limits,
    stream: StreamBuffer,
    received: usize,
    found: Vec<Found>,
}

impl Reader {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            stream: StreamBuffer::new(),
            received: 0,
            found: Vec::new(),
        }
    }

    fn take(&mut self, octets: &[u8], copied: bool) {
        self.received += octets.len();
        if copied {
            self.stream.push(octets);
            return self.read();
        }
        let mut left = octets;
        while !left.is_empty() {
            let space = self.stream.space();
            assert!(!space.is_empty(), "there is always room for one octet");
            let octets = space.len().min(left.len());
            space[..octets].copy_from_slice(&left[..octets]);
            left = &left[octets..];
            self.stream.filled(octets);
            self.read();
        }
    }

    /// Takes what is whole.
    fn read(&mut self) {
        assert!(self.stream.capacity() <= 2 * self.received + FIRST_ROOM);
        // Every round takes an Exchange Buffer of 5 octets or more, or ends.
        for _ in 0..=self.received / 5 + 2 {
            match self.stream.next(&self.limits) {
                Ok(None) => {
                    assert!(self.stream.pending() <= self.received);
                    return;
                }
                Ok(Some(range)) => {
                    let position = range.start;
                    let octets = self.stream.octets(range);
                    assert!(!octets.is_empty());
                    self.found.push(Ok((position, octets.to_vec())));
                }
                Err(error) => {
                    assert!(matches!(error.reason.code(), 1 | 7), "{error}");
                    self.found.push(Err(error));
                }
            }
        }
        panic!("the stream does not come to its end");
    }
}
