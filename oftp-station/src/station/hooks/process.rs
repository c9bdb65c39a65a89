//! One run of a command: a process group of its own, a time limit, and what it says.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::report::PeerText;

/// So much of an output is kept: its end.
const CAPTURED: usize = 64 << 10;
/// How long a command has after SIGTERM before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
/// How long outputs are read after the command is gone: one that has left its group may hold them.
const DRAIN: Duration = Duration::from_millis(500);
/// So many lines of an output are told to people.
const LINES: usize = 5;

/// A command to be run.
#[derive(Debug)]
pub(super) struct Run {
    /// The program.
    pub(super) program: PathBuf,
    /// Its arguments.
    pub(super) arguments: Vec<OsString>,
    /// All of its environment.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// Where it is run.
    pub(super) folder: PathBuf,
    /// Its standard input.
    pub(super) input: Vec<u8>,
    /// The longest time.
    pub(super) limit: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// With this code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// It was ended after its time.
    TimedOut(Duration),
    /// It did not begin: that is a mistake of the configuration, and nothing that a file is to
    /// blame for.
    NotStarted(String),
}

/// What is left of a command.
#[derive(Debug)]
pub(super) struct Ended {
    /// How it ended.
    pub(super) end: End,
    /// The end of its standard output.
    pub(super) output: Vec<u8>,
    /// The end of its standard error.
    pub(super) errors: Vec<u8>,
}

impl Ended {
    /// One that did not begin.
    pub(super) const fn not_started(why: String) -> Self {
        Self {
            end: End::NotStarted(why),
            output: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// What people are told: how it ended, and its last lines.
    pub(super) fn words(&self) -> String {
        let how = match &self.end {
            End::Exit(code) => format!("exit code {code}"),
            End::Signal(number) => format!("ended by signal {number}"),
            End::TimedOut(limit) => {
                format!("not done after {} s, and ended", limit.as_secs_f64())
            }
            End::NotStarted(why) => return format!("cannot be run: {why}"),
        };
        let told = if self.errors.iter().any(|octet| !octet.is_ascii_whitespace()) {
            &self.errors
        } else {
            &self.output
        };
        match last_lines(told) {
            lines if lines.is_empty() => how,
            lines => format!("{how}: {lines}"),
        }
    }
}

/// The last lines of an output, in one line.
pub(super) fn last_lines(output: &[u8]) -> String {
    let lines: Vec<&[u8]> = output
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    let shown: Vec<String> = last
        .iter()
        .map(|line| PeerText::new(line).to_string())
        .collect();
    shown.join(" | ")
}

/// The process, and its group: none of it is left when this is dropped.
struct Group {
    child: Child,
    id: Option<Pid>,
}

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            // One that is gone already needs none.
            let _ = kill_process_group(id, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Runs a command to its end, or to that of its time.
pub(super) async fn run(run: Run) -> Ended {
    let mut command = Command::new(&run.program);
    command
        .args(&run.arguments)
        .env_clear()
        .envs(run.environment)
        .current_dir(&run.folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return Ended::not_started(format!("{}: {error}", run.program.display()));
        }
    };
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let mut group = Group {
        child,
        id: id.and_then(Pid::from_raw),
    };
    let input = tokio::spawn(async move {
        if let Some(mut stdin) = stdin {
            // A command that does not read its input is free not to.
            let _ = stdin.write_all(&run.input).await;
        }
    });
    let (output, errors) = (Tail::of(stdout), Tail::of(stderr));
    let in_time = watch_over(&mut group, run.limit).await;
    // What it has left behind in its group ends with it. The process itself is not waited for
    // before that: until then no other one can have its number.
    group.signal(Signal::KILL);
    let status = group.child.wait().await;
    group.id = None;
    input.abort();
    let end = match status {
        _ if !in_time => End::TimedOut(run.limit),
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => End::Exit(code),
            (None, signal) => End::Signal(signal.unwrap_or_default()),
        },
        Err(error) => End::NotStarted(error.to_string()),
    };
    Ended {
        end,
        output: output.end().await,
        errors: errors.end().await,
    }
}

/// Until the command has ended; false: its time was over, and it was told to end.
async fn watch_over(group: &mut Group, limit: Duration) -> bool {
    let Some(id) = group.id else {
        return true;
    };
    let mut gone = gone(id);
    if timeout(limit, &mut gone).await.is_ok() {
        return true;
    }
    group.signal(Signal::TERM);
    if timeout(GRACE, &mut gone).await.is_err() {
        group.signal(Signal::KILL);
        let _ = gone.await;
    }
    false
}

/// Is done when the process has ended. A thread of its own waits for it, and none of the runtime's:
/// those may all be taken by files that wait for what hooks say of them, and then no hook would
/// ever end.
fn gone(id: Pid) -> oneshot::Receiver<()> {
    let (sender, gone) = oneshot::channel();
    let wait = move || {
        ended(id);
        let _ = sender.send(());
    };
    let thread = std::thread::Builder::new().name("hook".to_owned());
    if thread.spawn(wait).is_ok() {
        return gone;
    }
    // The system has no more of them: one of the runtime's may come free.
    let (sender, gone) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        ended(id);
        let _ = sender.send(());
    });
    gone
}

/// Blocks until the process has ended, and leaves it to be waited for.
fn ended(id: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(id), options) {}
}

/// The end of an output, while it is read.
struct Tail {
    octets: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Tail {
    fn of(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let octets = Arc::new(Mutex::new(Vec::new()));
        let kept = octets.clone();
        let task = tokio::spawn(async move {
            let Some(mut pipe) = pipe else { return };
            let mut buffer = vec![0; 16 << 10];
            while let Ok(len) = pipe.read(&mut buffer).await
                && len > 0
            {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..len]);
                let over = kept.len().saturating_sub(CAPTURED);
                kept.drain(..over);
            }
        });
        Self { octets, task }
    }

    async fn end(mut self) -> Vec<u8> {
        if timeout(DRAIN, &mut self.task).await.is_err() {
            self.task.abort();
        }
        let mut octets = self.octets.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *octets)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.task.abort();
    }
}
