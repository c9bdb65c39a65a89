//! A station in a folder of its own, and the process that runs it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use oftp_station::station::Folder;
use oftp_station::station::config::Config;
use oftp_station::station::journal::Journal;
use rustix::process::{Pid, Signal, kill_process};

use crate::fault;

/// A station that listens on a port of this machine and knows one partner.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Place {
    /// The station `OWN`. `more` is put behind what every station here has in `oftp.toml`.
    pub(crate) fn new(folder: PathBuf, own: &str, tls: bool, more: &str) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        // A port that was free a moment ago.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let text = format!(
            "[station]\nid = \"{own}\"\n\
             [[listen]]\naddress = \"{address}\"\ntls = {tls}\n\
             [outbox]\ninterval = \"1h\"\n\
             [timers]\nsilence = \"1h\"\nstart = \"5m\"\n{more}"
        );
        fs::write(folder.join("oftp.toml"), text)?;
        Ok(Self { folder, address })
    }

    /// What it is told.
    pub(crate) fn config(&self) -> io::Result<Config> {
        let folder = Folder::new(&self.folder);
        let config = Config::load(&folder).map_err(fault)?;
        let names = config.partners.iter().map(|partner| partner.name.as_str());
        folder.make(names)?;
        Ok(config)
    }

    /// Its journal, beside the process that runs it.
    pub(crate) fn journal(&self) -> io::Result<Journal> {
        Journal::open(&Folder::new(&self.folder).journal()).map_err(fault)
    }

    /// Starts its process and waits until it listens.
    pub(crate) fn run(&self) -> io::Result<Running> {
        self.run_by(Command::new(env!("CARGO_BIN_EXE_oftp")))
    }

    /// The same under strace, which writes its table to this file at the end.
    pub(crate) fn run_traced(&self, table: &Path) -> io::Result<Running> {
        let mut command = Command::new("strace");
        command
            .args([
                "-f",
                "-c",
                "-e",
                "trace=fsync,fdatasync,sync_file_range",
                "-o",
            ])
            .arg(table)
            .arg(env!("CARGO_BIN_EXE_oftp"));
        self.run_by(command)
    }

    fn run_by(&self, mut command: Command) -> io::Result<Running> {
        let begin = Instant::now();
        let mut child = command
            .args(["--json", "run", "--station"])
            .arg(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            if lines.read_line(&mut line)? == 0 {
                let status = child.wait()?;
                let folder = self.folder.display();
                return Err(fault(format!("the station in {folder}: {status}")));
            }
        }
        let started = begin.elapsed();
        // The rest is read, so that the station never waits for us.
        thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        Ok(Running { child, started })
    }
}

/// A process that runs a station.
pub(crate) struct Running {
    child: Child,
    /// From its start until it listened.
    pub(crate) started: Duration,
}

impl Running {
    /// Octets of memory that it has resident.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib: Option<u64> = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        Ok(kib.ok_or_else(|| fault("no VmRSS"))? * 1024)
    }

    /// Ends it in good order. strace passes the signal on only to itself: its child is asked.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
        let first = children.unwrap_or_default();
        let first = first.split_whitespace().next();
        let process = first.and_then(|id| id.parse().ok()).unwrap_or(own);
        let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
        kill_process(pid.ok_or_else(|| fault("no process"))?, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    /// Where a measurement fails nothing is left running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
