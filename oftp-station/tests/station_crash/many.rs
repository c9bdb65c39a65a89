//! A night's work: many small files are queued by one process, and delivered in one run.

use std::time::Instant;

use crate::chance::is_full;
use crate::pair::{Pair, Side};
use crate::running::{LIMIT, Running};
use crate::settled::{self, is_settled, journal};

/// The most memory of a station, however many files wait, in KiB.
const MOST: u64 = 64 * 1024;

#[test]
fn many_files_are_delivered_once_and_take_no_more_memory_than_few() {
    let many = if is_full() { 10_000 } else { 500 };
    let mut pair = Pair::new();
    let files: Vec<_> = (0..many)
        .map(|number: u64| (format!("file{number}"), number.to_string().into_bytes()))
        .collect();
    pair.submit(Side::Alpha, &files);
    let mut stations = Side::BOTH.map(|side| pair.run(side));
    for station in &stations {
        assert!(station.listens(), "{}", station.said());
    }
    let journal = journal(&pair, Side::Alpha);
    let (mut last, mut since) = (0, Instant::now());
    // It may take as long as it does: but not stand still. The responses come when all is sent.
    while !is_settled(&pair, &journal) {
        let lines = settled::last_line(&journal);
        if lines > last {
            (last, since) = (lines, Instant::now());
        }
        assert!(since.elapsed() < LIMIT, "{lines}: {}", stations[0].said());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(journal);
    let peaks: Vec<_> = stations.iter().filter_map(peak_kib).collect();
    eprintln!("{many} files: at most {peaks:?} KiB");
    for station in &mut stations {
        assert_eq!(station.stop(), 0, "{}", station.said());
    }
    for side in Side::BOTH {
        settled::check(&pair, side, "many files");
    }
    assert!(peaks.iter().all(|peak| *peak < MOST), "{peaks:?} KiB");
}

/// The most memory it has had resident so far, without what is mapped from its own file: most of a
/// program built for tests is that.
fn peak_kib(station: &Running) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", station.id())).ok()?;
    let kib = |name: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some(kib("VmHWM:")?.saturating_sub(kib("RssFile:")?))
}
