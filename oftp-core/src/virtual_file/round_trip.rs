//! What holds for any file, any buffer size and any way to cut reads and writes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::wire::{Quirks, RecordFormat};

/// Records with runs of all lengths, long ones among them.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        3 => vec(any::<u8>(), 0..100),
        2 => (0u8..3, 0..200usize).prop_map(|(octet, len)| vec![octet; len]),
        2 => vec(0u8..2, 0..40),
    ];
    vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(record(), 0..12)
}

/// Encodes in writes of the lengths that `cuts` gives in turn, and checks every buffer.
fn encode(records: &[Vec<u8>], limit: usize, compression: bool, cuts: &[usize]) -> Vec<Vec<u8>> {
    const BEFORE: &[u8] = &[0x10, 0, 0, 0];
    let mut cuts = cuts.iter().cycle();
    let mut buffers = Vec::new();
    let mut out = BEFORE.to_vec();
    let mut fill = Encoder::new(&mut out, limit, compression).pause();
    for record in records {
        let mut rest = &record[..];
        loop {
            let cut = cuts.next().map_or(rest.len(), |&cut| cut.min(rest.len()));
            let mut encoder = Encoder::resume(&mut out, fill);
            let written = encoder.write(&rest[..cut], cut == rest.len());
            fill = encoder.pause();
            rest = &rest[written.octets..];
            if written.ended {
                break;
            }
            if written.octets < cut || rest.is_empty() {
                assert!(
                    out.len() > BEFORE.len() + 1,
                    "an empty buffer takes something"
                );
                buffers.push(std::mem::replace(&mut out, BEFORE.to_vec()));
                fill = Encoder::new(&mut out, limit, compression).pause();
            }
        }
    }
    if out.len() > BEFORE.len() + 1 {
        buffers.push(out);
    }
    for buffer in &buffers {
        assert_eq!(&buffer[..5], b"\x10\0\0\0D");
        assert!(buffer.len() - BEFORE.len() <= limit);
    }
    buffers
        .iter()
        .map(|buffer| buffer[BEFORE.len() + 1..].to_vec())
        .collect()
}

fn decode(payloads: &[Vec<u8>], compression: bool, out_octets: usize) -> Vec<Vec<u8>> {
    let structure = Structure::new(RecordFormat::V, 99_999, false);
    let mut state = RecordState::new(structure, RestartPosition::START);
    let mut out = vec![0; out_octets];
    let (mut records, mut open) = (Vec::new(), Vec::new());
    for payload in payloads {
        let before = state.octets();
        let checked = DataBuffer::check(payload, compression, &mut state).expect("our own buffer");
        assert_eq!(before + checked.octets(), state.octets());
        let mut cursor = DataCursor::new();
        while !cursor.is_at_end(payload) {
            let chunk = cursor.read(payload, &mut out);
            assert!(chunk.octets > 0 || chunk.end_of_record, "a read moves on");
            open.extend_from_slice(&out[..chunk.octets]);
            if chunk.end_of_record {
                records.push(std::mem::take(&mut open));
            }
        }
    }
    assert!(open.is_empty());
    let octets = records.iter().map(Vec::len).sum::<usize>() as u64;
    assert_eq!(
        state.verdict(records.len() as u64, octets, Quirks::STRICT),
        Ok(Quirks::STRICT)
    );
    records
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        records in records(),
        limit in prop_oneof![3..8usize, 60..70usize, 126..131usize, Just(2048)],
        compression: bool,
        cuts in vec(0..150usize, 0..5),
        out_octets in 1..200usize,
    ) {
        // A cut of 0 alone would never come to an end.
        let cuts = if cuts.iter().all(|&cut| cut == 0) { vec![] } else { cuts };
        let payloads = encode(&records, limit, compression, &cuts);
        prop_assert_eq!(decode(&payloads, compression, out_octets), records);
    }

    #[test]
    fn a_stream_is_read_the_same(
        file in record(),
        limit in 3..200usize,
        compression: bool,
        outs in vec(1..150usize, 1..5),
    ) {
        let mut read = Vec::new();
        let mut outs = outs.iter().cycle();
        for payload in encode(std::slice::from_ref(&file), limit, compression, &[]) {
            let mut cursor = DataCursor::new();
            while !cursor.is_at_end(&payload) {
                let mut out = vec![0; outs.next().copied().unwrap_or(1)];
                let octets = cursor.read_stream(&payload, &mut out);
                read.extend_from_slice(&out[..octets]);
            }
        }
        prop_assert_eq!(read, file);
    }

    #[test]
    fn plain_octets_do_not_depend_on_the_writes(
        records in records(),
        limit in 3..200usize,
        cuts in vec(1..150usize, 1..5),
    ) {
        let whole = encode(&records, limit, false, &[]);
        let cut = encode(&records, limit, false, &cuts);
        // An end that no longer fits is the one difference: it may come in a buffer of its own.
        prop_assert_eq!(whole.concat().len(), cut.concat().len());
        prop_assert_eq!(whole, cut);
    }

    #[test]
    fn compression_never_makes_a_record_longer(record in record()) {
        let plain = encode(std::slice::from_ref(&record), 99_999, false, &[]).concat();
        let compressed = encode(std::slice::from_ref(&record), 99_999, true, &[]).concat();
        prop_assert!(compressed.len() <= plain.len());
    }

    #[test]
    fn any_octets_are_judged_without_panic(
        payload in vec(any::<u8>(), 0..300),
        other in vec(any::<u8>(), 0..10),
        compression: bool,
        out_octets in 0..70usize,
    ) {
        let structure = Structure::new(RecordFormat::F, 80, false);
        let mut state = RecordState::new(structure, RestartPosition::START);
        let checked = DataBuffer::check(&payload, compression, &mut state);
        let walked: usize = Subrecords::new(&payload).map(|s| s.header.count()).sum();
        if let Ok(checked) = checked {
            prop_assert_eq!(checked.octets(), walked as u64);
        }
        let mut out = vec![0; out_octets];
        let mut cursor = DataCursor::new();
        for _ in 0..300 {
            cursor.read(&payload, &mut out);
            cursor.read_stream(&payload, &mut out);
        }
        cursor.read(&other, &mut out);
        cursor.read_stream(&other, &mut out);
    }
}
