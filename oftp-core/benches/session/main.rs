//! Whole sessions in memory, between two sessions on one core: no sockets, no files.
//!
//! A file is copied three times at least: into the transmit block, to the other side, to where it
//! is stored. It stands beside one memcpy and three of the same octets in the same run.

mod allocations;
mod pair;

use std::hint::black_box;
use std::time::Duration;

use allocations::{Counting, allocations};
use criterion::{Criterion, Throughput};
use pair::{Offer, Pair};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LARGE_FILE: usize = 64 * 1024 * 1024;
const SMALL_FILE: usize = 4 * 1024;

/// SSIDSDEB and SSIDCRED: the most that there is, and the usual of older partners.
const SIZES: [(u32, u16); 2] = [(99_999, 999), (4_096, 64)];

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let file = text(LARGE_FILE);
    for offer in offers() {
        allocations_per_buffer(offer, &file);
    }
    large_file(&mut criterion, &file);
    small_sessions(&mut criterion, &file[..SMALL_FILE]);
    criterion.final_summary();
}

fn offers() -> impl Iterator<Item = Offer> {
    SIZES.into_iter().flat_map(|(buffer_size, window)| {
        [false, true].map(|compression| Offer {
            buffer_size,
            window,
            compression,
        })
    })
}

/// Once buffers have their size, a file needs no memory however long it is.
fn allocations_per_buffer(offer: Offer, file: &[u8]) {
    let mut stored = vec![0; file.len()];
    let mut pair = Pair::new(offer, file, &mut stored);
    pair.run_until(|pair| pair.stored_octets() >= LARGE_FILE / 4);
    let (buffers, before) = (pair.buffers(), allocations());
    pair.run_until(|pair| pair.stored_octets() >= LARGE_FILE / 4 * 3);
    let (buffers, after) = (pair.buffers() - buffers, allocations());
    println!(
        "session/{offer}: {} allocations in {buffers} Data Exchange Buffers",
        after - before
    );
    assert_eq!(after, before, "a running transfer allocates");
    pair.run_until(Pair::is_over);
    assert!(stored == file, "what is measured must be right");
}

/// From F_CONNECT_RQ to N_DISC_IND: one file, its EERP, and the end.
fn large_file(criterion: &mut Criterion, file: &[u8]) {
    let mut group = criterion.benchmark_group("session/64 MiB");
    group.throughput(Throughput::Bytes(file.len() as u64));
    let mut stored = vec![0; file.len()];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut stored[..]).copy_from_slice(black_box(file)));
    });
    group.bench_function("3 x memcpy in pieces of 64 KiB", |bencher| {
        let (mut sent, mut received) = (vec![0; 65_536], vec![0; 65_536]);
        bencher.iter(|| {
            for (from, to) in file.chunks(65_536).zip(stored.chunks_mut(65_536)) {
                black_box(&mut sent[..from.len()]).copy_from_slice(black_box(from));
                black_box(&mut received[..]).copy_from_slice(black_box(&sent));
                to.copy_from_slice(black_box(&received[..from.len()]));
            }
            black_box(&mut stored);
        });
    });
    for offer in offers() {
        group.bench_function(offer.to_string(), |bencher| {
            bencher.iter(|| Pair::new(offer, black_box(file), &mut stored).run());
        });
    }
    group.finish();
}

/// The same with a small file: sessions per second.
fn small_sessions(criterion: &mut Criterion, file: &[u8]) {
    let mut group = criterion.benchmark_group("session/4 KiB");
    group.throughput(Throughput::Elements(1));
    let mut stored = vec![0; file.len()];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut stored[..]).copy_from_slice(black_box(file)));
    });
    for offer in offers().filter(|offer| offer.compression) {
        group.bench_function(offer.to_string(), |bencher| {
            bencher.iter(|| Pair::new(offer, black_box(file), &mut stored).run());
        });
    }
    group.finish();
}

/// A delivery forecast of fixed records: text, with a run in every few dozen octets.
fn text(octets: usize) -> Vec<u8> {
    let record = format!(
        "5130200123456789  {:<22}{:<22}{:08}{:<12}{:010}{:<36}",
        "7700123456", "7700123456 B", 42, "ST", 1250, "TOR 3"
    );
    record.bytes().cycle().take(octets).collect()
}
