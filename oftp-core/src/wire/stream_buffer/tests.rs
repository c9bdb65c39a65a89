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
fn read(buffer: &mut StreamBuffer, mut octets: &[u8], most: usize, seen: &mut Vec<Seen>) -> usize {
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
