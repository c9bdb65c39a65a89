//! Files and sessions over loopback TCP, each beside what the machine does without OFTP in the
//! same run. Nothing is forced to the disk, on either side.
//!
//! The folder of the files is `OFTP_BENCH_DIR`, or the system's temporary folder. `OFTP_BENCH_MIB`
//! sets the size of the large file (default 1024), `OFTP_BENCH_ROUNDS` how often each is measured
//! (default 3, the median counts).

mod baseline;
mod commands;
mod sessions;
mod tls;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use commands::Transfer;

const SMALL_FILES: usize = 2_000;
const SMALL_OCTETS: usize = 4 * 1024;
const SESSIONS: usize = 3_000;

/// Round trips of a small file: SFID, the data with EFID, the turn, EERP, the turn back.
const TRIPS_PER_FILE: usize = 5;
/// Round trips of a session: the connection aside, SSRM, SSID, CD and ESID.
const TRIPS_PER_SESSION: usize = 4;

fn main() -> io::Result<()> {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let folder = std::env::var_os("OFTP_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("oftp-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path) -> io::Result<()> {
    let rounds = number("OFTP_BENCH_ROUNDS", 3);
    large_file(folder, number("OFTP_BENCH_MIB", 1024), rounds)?;
    over_tls(number("OFTP_BENCH_MIB", 1024), rounds)?;
    small_files(folder, rounds)?;
    many_sessions(rounds)
}

fn large_file(folder: &Path, mib: usize, rounds: usize) -> io::Result<()> {
    let from = folder.join("large");
    write_file(&from, mib << 20)?;
    println!("a file of {mib} MiB, {rounds} rounds, median");
    let mut raw = Vec::new();
    let mut ours = [Vec::new(), Vec::new()];
    let mut memory = [0, 0];
    for _ in 0..rounds {
        let to = folder.join("copy");
        raw.push(baseline::raw_copy(&from, &to)?);
        fs::remove_file(&to)?;
        for (index, (buffer, credit)) in [(99_999, 999), (4_096, 64)].into_iter().enumerate() {
            let transfer = Transfer::new(folder, buffer, credit)?;
            let done = transfer.run(std::slice::from_ref(&from))?;
            ours[index].push(done.time);
            memory[index] = memory[index].max(done.resident_kib);
        }
    }
    let raw = median(&mut raw);
    let rate = |time: Duration| mib as f64 * 1.048_576 / time.as_secs_f64();
    println!(
        "  raw copy, blocks of 100 KB            {:8.0} MB/s",
        rate(raw)
    );
    for (index, name) in ["99,999 / 999", "4,096 / 64"].into_iter().enumerate() {
        let time = median(&mut ours[index]);
        println!(
            "  oftp, buffer / credit {name:<15} {:8.0} MB/s   ratio {:.2}   resident {:.1} MiB",
            rate(time),
            raw.as_secs_f64() / time.as_secs_f64(),
            memory[index] as f64 / 1024.0
        );
    }
    Ok(())
}

fn over_tls(mib: usize, rounds: usize) -> io::Result<()> {
    println!("{mib} MiB from memory to memory, {rounds} rounds, median");
    let runtime = runtime()?;
    let configs = tls::Configs::new();
    let octets = mib << 20;
    let (mut bare, mut ours, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(tls::bare_copy(&configs, octets)?);
        ours.push(runtime.block_on(tls::transfer(Some(&configs), octets))?);
        plain.push(runtime.block_on(tls::transfer(None, octets))?);
    }
    let (bare, ours, plain) = (median(&mut bare), median(&mut ours), median(&mut plain));
    let rate = |time: Duration| mib as f64 * 1.048_576 / time.as_secs_f64();
    println!(
        "  bare copy through rustls              {:8.0} MB/s",
        rate(bare)
    );
    println!(
        "  oftp over TLS                         {:8.0} MB/s   ratio {:.2}",
        rate(ours),
        bare.as_secs_f64() / ours.as_secs_f64()
    );
    println!(
        "  oftp over TCP                         {:8.0} MB/s",
        rate(plain)
    );
    Ok(())
}

fn small_files(folder: &Path, rounds: usize) -> io::Result<()> {
    let mut files = Vec::new();
    for index in 0..SMALL_FILES {
        let file = folder.join(format!("small-{index:04}"));
        write_file(&file, SMALL_OCTETS)?;
        files.push(file);
    }
    println!(
        "{SMALL_FILES} files of 4 KiB in one session, with their EERPs, {rounds} rounds, median"
    );
    let runtime = runtime()?;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(runtime.block_on(async {
            let server = baseline::echo_server().await?;
            baseline::round_trips(server, SMALL_FILES * TRIPS_PER_FILE).await
        })?);
        ours.push(Transfer::new(folder, 99_999, 64)?.run(&files)?.time);
    }
    compare("files", SMALL_FILES, TRIPS_PER_FILE, &mut bare, &mut ours);
    Ok(())
}

fn many_sessions(rounds: usize) -> io::Result<()> {
    println!("{SESSIONS} sessions, one after the other, {rounds} rounds, median");
    let runtime = runtime()?;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(runtime.block_on(async {
            let server = baseline::echo_server().await?;
            baseline::connections(server, SESSIONS, TRIPS_PER_SESSION).await
        })?);
        ours.push(runtime.block_on(sessions::run(SESSIONS))?);
    }
    compare(
        "sessions",
        SESSIONS,
        TRIPS_PER_SESSION,
        &mut bare,
        &mut ours,
    );
    Ok(())
}

fn compare(what: &str, count: usize, trips: usize, bare: &mut [Duration], ours: &mut [Duration]) {
    let (bare, ours) = (median(bare), median(ours));
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    println!(
        "  bare echo, {trips} round trips each          {:8.0} {what}/s",
        rate(bare)
    );
    println!(
        "  oftp                                  {:8.0} {what}/s   ratio {:.2}",
        rate(ours),
        bare.as_secs_f64() / ours.as_secs_f64()
    );
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
}

fn write_file(path: &Path, octets: usize) -> io::Result<()> {
    let block: Vec<u8> = noise().take(octets.min(1 << 20)).collect();
    let mut file = fs::File::create(path)?;
    let mut left = octets;
    while left > 0 {
        let piece = left.min(block.len());
        file.write_all(&block[..piece])?;
        left -= piece;
    }
    Ok(())
}

/// Octets that look random, from a generator that needs no crate.
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}
