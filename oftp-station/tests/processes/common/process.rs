//! A process whose lines are read as they come, and that never runs for ever.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::keys::assert_no_secret;

/// How long a test waits for anything: an answer to a hang, not a measure of speed.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A running `oftp`.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    events: Vec<Value>,
    out: String,
    err: Option<JoinHandle<String>>,
}

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None`: it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) events: Vec<Value>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let mut err = child.stderr.take().expect("piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let err = std::thread::spawn(move || {
            let mut octets = Vec::new();
            let _ = err.read_to_end(&mut octets);
            String::from_utf8_lossy(&octets).into_owned()
        });
        Self {
            child,
            lines,
            events: Vec::new(),
            out: String::new(),
            err: Some(err),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the next event of this name, and returns it.
    pub(crate) fn wait_for(&mut self, name: &str) -> Value {
        self.wait_until(name, |event| event["event"] == name)
    }

    /// Waits for the next event that `is_it`.
    pub(crate) fn wait_until(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + LIMIT;
        while let Some(event) = self.next(end) {
            if is_it(&event) {
                return event;
            }
        }
        panic!("ended without {what}; it said {}", self.out);
    }

    /// Reads to the end of its output and waits for its exit. Nothing secret may be in it.
    pub(crate) fn finish(mut self) -> Run {
        let end = Instant::now() + LIMIT;
        while self.next(end).is_some() {}
        let code = self.child.wait().expect("a child").code();
        let err = self.err.take().expect("taken once only");
        let run = Run {
            code,
            events: std::mem::take(&mut self.events),
            out: std::mem::take(&mut self.out),
            err: err.join().expect("a thread that reads"),
        };
        for text in [&run.out, &run.err] {
            assert_no_secret(text);
        }
        run
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) -> Run {
        self.child.kill().expect("a child");
        self.finish()
    }

    /// Asks it to end, as the system does when it goes down.
    pub(crate) fn terminate(self) -> Run {
        let id = i32::try_from(self.id()).ok();
        let id = id.and_then(rustix::process::Pid::from_raw).expect("an id");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a child");
        self.finish()
    }

    /// The most memory it has had resident so far, in KiB, without what is mapped from its own file:
    /// most of a program built for tests is that. `None` where the system does not say.
    pub(crate) fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let kib = |name: &str| -> Option<u64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Some(kib("VmHWM:")?.saturating_sub(kib("RssFile:")?))
    }

    fn next(&mut self, end: Instant) -> Option<Value> {
        let left = end.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => {
                self.out.push_str(&line);
                self.out.push('\n');
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                self.events.push(event.clone());
                Some(event)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                let _ = self.child.kill();
                panic!("nothing happened for {LIMIT:?}; it said {}", self.out);
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Run {
    /// All events of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Value> {
        let named = |event: &&Value| event["event"] == name;
        self.events.iter().filter(named).collect()
    }

    /// The only event of this name.
    #[track_caller]
    pub(crate) fn one(&self, name: &str) -> &Value {
        match self.all(name)[..] {
            [event] => event,
            ref events => panic!("{} of {name} in {self}", events.len()),
        }
    }

    /// The texts of all errors, and what clap and the shell say.
    pub(crate) fn errors(&self) -> String {
        let errors = self.all("error").into_iter();
        let texts = errors.filter_map(|event| event["text"].as_str());
        texts
            .chain([self.err.as_str()])
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub(crate) fn warnings(&self) -> String {
        let warnings = self.all("warning").into_iter();
        let texts = warnings.filter_map(|event| event["text"].as_str());
        texts.collect::<Vec<_>>().join("\n")
    }

    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails unless the errors hold this text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.errors().contains(text), "no `{text}` in {self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {:?}\n{}\n{}", self.code, self.out, self.err)
    }
}
