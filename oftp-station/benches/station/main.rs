//! The station as `oftp run` runs it: durable transfers, memory, start-up. Everything that is to
//! be on the disk is forced there, and what the disk itself can do is measured beside it, in the
//! same folder and the same run.
//!
//! The folder is `OFTP_BENCH_DIR`, or the system's temporary folder: one in memory (tmpfs) has no
//! disk to measure. Parts are chosen by name, as in `cargo bench --bench station -- files memory`:
//!
//! ```text
//! files   small files in one session and in 32: OFTP_BENCH_FILES (default 1000)
//! large   a large file: OFTP_BENCH_STATION_MIB (default 256)
//! memory  idle sessions: OFTP_BENCH_SESSIONS (default 10000)
//! start   start-up with an old journal: OFTP_BENCH_IDENTITIES (default 1000000)
//! ```
//!
//! `OFTP_BENCH_STRACE=1` runs both stations of `files` under strace, which must be installed, and
//! counts what they force to the disk; it makes them slow, so their rates are not shown then.

mod baseline;
mod files;
mod idle;
mod memory;
mod place;
mod start;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that it builds.
    if arguments.iter().any(|argument| argument == "--test") {
        return Ok(());
    }
    let parts: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let folder = std::env::var_os("OFTP_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("oftp-bench-station-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(&folder, |part| parts.is_empty() || parts.contains(&part));
    fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path, wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    if wanted("files") {
        files::small(folder, number("OFTP_BENCH_FILES", 1_000))?;
    }
    if wanted("large") {
        files::large(folder, number("OFTP_BENCH_STATION_MIB", 256))?;
    }
    if wanted("memory") {
        memory::measure(folder, number("OFTP_BENCH_SESSIONS", 10_000))?;
    }
    if wanted("start") {
        start::measure(folder, number("OFTP_BENCH_IDENTITIES", 1_000_000))?;
    }
    Ok(())
}

fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// What a station or its journal says has gone wrong.
fn fault(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}
