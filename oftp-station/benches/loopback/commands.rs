//! Transfers by the command itself: two processes, as users run them.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// `oftp listen` ready for one session, and what `oftp send` needs to call it.
pub(crate) struct Transfer {
    listener: Child,
    address: String,
    inbox: PathBuf,
    state: PathBuf,
    options: [String; 4],
}

/// What a transfer took.
pub(crate) struct Done {
    /// From the start of `oftp send` to the end of both processes.
    pub(crate) time: Duration,
    /// The most memory that either process had resident, in KiB.
    pub(crate) resident_kib: usize,
}

impl Transfer {
    /// Starts the listener.
    pub(crate) fn new(folder: &Path, buffer: u32, credit: u16) -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let inbox = folder.join(format!("inbox-{number}"));
        let state = folder.join(format!("state-{number}"));
        fs::create_dir(&inbox)?;
        let options = [
            "--buffer".to_owned(),
            buffer.to_string(),
            "--credit".to_owned(),
            credit.to_string(),
        ];
        let mut listener = oftp()
            .args([
                "listen",
                "127.0.0.1:0",
                "--id",
                "OBETA",
                "--any-partner",
                "--once",
            ])
            .args(["--no-sync", "--json", "-d"])
            .arg(&inbox)
            .args(&options)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(listener.stdout.take().expect("piped"));
        let mut line = String::new();
        lines.read_line(&mut line)?;
        // The rest of the events is read, so that the listener never waits for us.
        thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        let event: serde_json::Value = serde_json::from_str(&line)?;
        let address = event["address"].as_str().expect("an address").to_owned();
        Ok(Self {
            listener,
            address,
            inbox,
            state,
            options,
        })
    }

    /// Sends the files; the received ones are looked at and removed.
    pub(crate) fn run(mut self, files: &[PathBuf]) -> io::Result<Done> {
        let start = Instant::now();
        let mut sender = oftp()
            .args([
                "send",
                &self.address,
                "--id",
                "OALPHA",
                "--partner",
                "OBETA",
            ])
            .args(["--no-sync", "-q", "--state"])
            .arg(&self.state)
            .args(&self.options)
            .args(files)
            .spawn()?;
        let memory = [watch(sender.id()), watch(self.listener.id())];
        assert!(sender.wait()?.success(), "oftp send failed");
        assert!(self.listener.wait()?.success(), "oftp listen failed");
        let time = start.elapsed();
        let received = fs::read_dir(&self.inbox)?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let octets: u64 = received
            .map(|file| file.metadata().map_or(0, |m| m.len()))
            .sum();
        let sent: u64 = files
            .iter()
            .map(|file| file.metadata().map_or(0, |m| m.len()))
            .sum();
        assert_eq!(octets, sent, "not everything has arrived");
        fs::remove_dir_all(&self.inbox)?;
        fs::remove_dir_all(&self.state)?;
        let resident_kib = memory
            .into_iter()
            .map(|memory| memory.join().unwrap_or(0))
            .max()
            .unwrap_or(0);
        Ok(Done { time, resident_kib })
    }
}

fn oftp() -> Command {
    Command::new(env!("CARGO_BIN_EXE_oftp"))
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
