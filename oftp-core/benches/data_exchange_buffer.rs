//! Data Exchange Buffers, encoded and decoded on one core, over octets that stay in the cache.
//!
//! Each group stands beside a memcpy of the same octets in the same run: the ratio says more than
//! the figure, which depends on the machine.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use oftp_core::virtual_file::{
    DataBuffer, DataCursor, Encoder, RecordState, RestartPosition, Structure,
};
use oftp_core::wire::RecordFormat;

const FILE_OCTETS: usize = 64 * 1024;

/// A usual SSIDSDEB of level 2.0.
const BUFFER_OCTETS: usize = 16 * 1024;

criterion_group!(benches, data_exchange_buffer);
criterion_main!(benches);

fn data_exchange_buffer(criterion: &mut Criterion) {
    for (name, file) in [
        ("random", random()),
        ("text", text()),
        ("padded", padded()),
        ("zero", vec![0; FILE_OCTETS]),
    ] {
        let mut group = criterion.benchmark_group(format!("data_exchange_buffer/{name}"));
        group.throughput(Throughput::Bytes(file.len() as u64));
        memcpy(&mut group, &file);
        for compression in [false, true] {
            let kind = if compression { "compressing" } else { "plain" };
            encode(&mut group, kind, &file, compression);
            decode(&mut group, kind, &file, compression);
        }
        group.finish();
    }
}

fn memcpy(group: &mut BenchmarkGroup<'_, WallTime>, file: &[u8]) {
    let mut out = vec![0; file.len()];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut out[..]).copy_from_slice(black_box(file)));
    });
}

fn encode(group: &mut BenchmarkGroup<'_, WallTime>, kind: &str, file: &[u8], compression: bool) {
    let mut buffer = Vec::with_capacity(BUFFER_OCTETS);
    group.bench_function(format!("encode {kind}"), |bencher| {
        bencher.iter(|| {
            let mut rest = black_box(file);
            while !rest.is_empty() {
                buffer.clear();
                let mut encoder = Encoder::new(&mut buffer, BUFFER_OCTETS, compression);
                let written = encoder.write(rest, true);
                rest = &rest[written.octets..];
                black_box(&buffer);
            }
        });
    });
}

/// Checking and reading, as a receiver does both.
fn decode(group: &mut BenchmarkGroup<'_, WallTime>, kind: &str, file: &[u8], compression: bool) {
    let payloads = payloads(file, compression);
    let mut out = vec![0; file.len()];
    decode_file(&payloads, compression, &mut out);
    assert!(out == file, "what is measured must be right");
    group.bench_function(format!("decode {kind}"), |bencher| {
        bencher.iter(|| {
            decode_file(black_box(&payloads), compression, &mut out);
            black_box(&out);
        });
    });
}

fn decode_file(payloads: &[Vec<u8>], compression: bool, out: &mut [u8]) {
    let structure = Structure::new(RecordFormat::U, 0, false);
    let mut record = RecordState::new(structure, RestartPosition::START);
    let mut octets = 0;
    for payload in payloads {
        let checked = DataBuffer::check(payload, compression, &mut record);
        assert!(checked.is_ok());
        octets += DataCursor::new().read_stream(payload, &mut out[octets..]);
    }
    assert_eq!(octets, out.len());
}

fn payloads(file: &[u8], compression: bool) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let mut buffer = Vec::new();
        let written = Encoder::new(&mut buffer, BUFFER_OCTETS, compression).write(rest, true);
        rest = &rest[written.octets..];
        buffer.remove(0);
        payloads.push(buffer);
    }
    payloads
}

/// Octets without runs to speak of, the same in every run (xorshift).
fn random() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(FILE_OCTETS).collect()
}

/// An EDIFACT delivery forecast: text with hardly a run.
fn text() -> Vec<u8> {
    repeat(
        "UNH+1+DELFOR:D:96A:UN:A09041'BGM+241+20240001+5'DTM+137:20240102:102'\
         NAD+BY+4300175::92++ALPHA WERKE+HAUPTSTR. 15+KOELN++50667+DE'\
         LIN+1++7700123456:IN'PIA+1+A:EC'LOC+11+TOR 3'RFF+ON:45001234'\
         QTY+113:1250:PCE'SCC+1++W'DTM+2:20240115:102'\r\n",
    )
}

/// Fixed records of 128 octets as VDA 4905 has them: a run in every few dozen octets.
fn padded() -> Vec<u8> {
    repeat(&format!(
        "5130200123456789  {:<22}{:<22}{:08}{:<12}{:010}{:<36}",
        "7700123456", "7700123456 B", 42, "ST", 1250, "TOR 3"
    ))
}

fn repeat(record: &str) -> Vec<u8> {
    record.bytes().cycle().take(FILE_OCTETS).collect()
}
