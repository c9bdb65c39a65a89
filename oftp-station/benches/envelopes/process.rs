//! What one process took.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What one process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// Seconds from its start to its end.
    pub(crate) wall: f64,
    /// Seconds of CPU, user and system.
    pub(crate) cpu: f64,
    /// The most memory that it had resident, in KiB.
    pub(crate) resident_kib: usize,
}

impl Run {
    /// The run in the middle, by time; the most memory of all.
    pub(crate) fn median(mut runs: Vec<Self>) -> Self {
        runs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
        let resident_kib = runs.iter().map(|run| run.resident_kib).max().unwrap_or(0);
        Self {
            resident_kib,
            ..runs[runs.len() / 2]
        }
    }
}

/// Runs a command to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> io::Result<Run> {
    let start = Instant::now();
    let before = children_cpu();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let memory = watch(child.id());
    let status = child.wait()?;
    let wall = start.elapsed().as_secs_f64();
    if !status.success() {
        let call = arguments.join(" ");
        return Err(io::Error::other(format!("{program} {call}: {status}")));
    }
    Ok(Run {
        wall,
        cpu: children_cpu() - before,
        resident_kib: memory.join().unwrap_or(0),
    })
}

/// Seconds of CPU that all children took that have ended: fields 16 and 17 of /proc/self/stat.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(13).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

/// Follows the peak of resident memory of a process until it ends.
fn watch(process: u32) -> thread::JoinHandle<usize> {
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
            let Some(kib) = kib else { break };
            peak = peak.max(kib);
            thread::sleep(Duration::from_millis(5));
        }
        peak
    })
}
