//! A process that runs a station.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a test waits for anything: an answer to a hang, not a measure of speed.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// How often it is looked whether what is waited for has happened.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until this gives something.
#[track_caller]
pub(crate) fn until<T>(what: impl Fn() -> String, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "after {LIMIT:?}: {}", what());
        std::thread::sleep(LOOK);
    }
}

/// The command `oftp` on a station.
pub(crate) fn oftp(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oftp"));
    command.args(arguments).arg("--station").arg(folder);
    command
}

/// A process that runs a station.
pub(crate) struct Running {
    child: Child,
    listening: Receiver<()>,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, listening) = channel();
        let out = BufReader::new(child.stdout.take().expect("piped"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if line.contains("\"listening\"") {
                    let _ = sender.send(());
                }
            }
        });
        let said = Arc::new(Mutex::new(String::new()));
        let err = BufReader::new(child.stderr.take().expect("piped"));
        let keep = said.clone();
        std::thread::spawn(move || {
            for line in err.lines().map_while(Result::ok) {
                let mut said = keep.lock().expect("said");
                said.push_str(&line);
                said.push('\n');
            }
        });
        Self {
            child,
            listening,
            said,
        }
    }

    /// Waits until it listens; false: it has ended before.
    pub(crate) fn listens(&self) -> bool {
        self.listening.recv_timeout(LIMIT).is_ok()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it has ended; 128 and the signal for a kill. `None`: it runs.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("a child")?;
        let killed = || 128 + status.signal().unwrap_or_default();
        Some(status.code().unwrap_or_else(killed))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        // Where it has ended by itself there is nobody to be told.
        let _ = kill_process(id.expect("an id"), signal);
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Asks it to end, and waits; gives how it ended.
    #[track_caller]
    pub(crate) fn stop(&mut self) -> i32 {
        self.signal(Signal::TERM);
        let said = self.said.clone();
        let said = || format!("it does not end: {}", said.lock().expect("said"));
        until(said, || self.ended())
    }

    /// What it has told people.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("said").clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
