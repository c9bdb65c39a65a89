//! Folders for one test: files, what the sender remembers, and the inbox of the listener.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oftp_station::outbox::Outbox;
use tempfile::TempDir;

use super::process::{Process, Run};

/// The stations of a test: OALPHA sends, OBETA listens.
pub(crate) struct Place {
    folder: TempDir,
}

/// A listener and where it listens.
pub(crate) struct Listener {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let place = Self { folder };
        std::fs::create_dir(place.inbox()).expect("an inbox");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.path("inbox")
    }

    pub(crate) fn write(&self, name: &str, octets: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, octets).expect("a file");
        path
    }

    /// Names and contents of what was received, in the order of the names.
    pub(crate) fn received(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.inbox())
    }

    /// The contents of what was received.
    pub(crate) fn contents(&self) -> Vec<Vec<u8>> {
        self.received()
            .into_iter()
            .map(|(_, octets)| octets)
            .collect()
    }

    /// What waits for the rest of a cut transfer, or should not.
    pub(crate) fn partial(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.inbox().join(".partial"))
    }

    /// What was received and is not opened yet, with its note.
    pub(crate) fn sealed(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.inbox().join(".sealed"))
    }

    /// What was received and cannot be opened, with its note.
    pub(crate) fn set_aside(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.inbox().join(".refused"))
    }

    /// The responses that the listener still owes.
    pub(crate) fn owed(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.inbox().join(".owed"))
    }

    /// The envelopes that the sender keeps until their end responses have come.
    pub(crate) fn envelopes(&self) -> Vec<(String, Vec<u8>)> {
        files_in(&self.path("state/envelopes"))
    }

    /// Fails where anything is left of files that are delivered, on either side.
    #[track_caller]
    pub(crate) fn assert_nothing_left(&self) {
        for left in [self.sealed(), self.partial(), self.owed(), self.envelopes()] {
            let names: Vec<_> = left.into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [""; 0], "nothing stays behind");
        }
        assert_eq!(self.notes(), 0, "what is delivered is forgotten");
    }

    /// How many transfers the sender remembers.
    pub(crate) fn notes(&self) -> usize {
        match Outbox::open(&self.path("state"), false) {
            Ok(outbox) => outbox.transfers().count(),
            Err(error) => panic!("{error}"),
        }
    }

    /// `oftp` with nothing but these arguments; whatever it remembers stays in this place.
    pub(crate) fn oftp(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oftp"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_STATE_HOME", self.path("state-home"));
        command
    }

    /// What `openssl` says of the files of this place; `None`, and loudly, where it is not installed.
    pub(crate) fn openssl(&self, line: &str) -> Option<String> {
        let output = Command::new("openssl")
            .args(line.split(' '))
            .current_dir(self.path(""))
            .stdin(Stdio::null())
            .output();
        match output {
            Ok(output) => {
                let text = [output.stdout, output.stderr].concat();
                let text = String::from_utf8_lossy(&text).into_owned();
                assert!(output.status.success(), "openssl {line}: {text}");
                Some(text)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("SKIPPED: openssl is not installed, so it does not read what oftp wrote");
                None
            }
            Err(error) => panic!("openssl {line}: {error}"),
        }
    }

    /// `oftp send` from OALPHA to OBETA.
    pub(crate) fn sender(&self, to: SocketAddr, arguments: &[&str]) -> Command {
        let to = to.to_string();
        let mut command = self.oftp(&["send", &to, "--id", "OALPHA", "--json"]);
        command.args(["--state", "state"]).args(arguments);
        if !arguments.contains(&"--partner") {
            command.args(["--partner", "OBETA"]);
        }
        command
    }

    /// Sends, and waits for the end.
    pub(crate) fn send(&self, to: SocketAddr, arguments: &[&str]) -> Run {
        Process::spawn(&mut self.sender(to, arguments)).finish()
    }

    /// `oftp listen` as OBETA for OALPHA, and for whom else the arguments name.
    pub(crate) fn listen(&self, arguments: &[&str]) -> Listener {
        Listener::spawn(&mut self.listener(arguments))
    }

    pub(crate) fn listener(&self, arguments: &[&str]) -> Command {
        let mut command = self.oftp(&["listen", "127.0.0.1:0", "--id", "OBETA", "--json"]);
        command.args(["--directory", "inbox"]).args(arguments);
        if !arguments.contains(&"--partner") {
            command.args(["--partner", "OALPHA"]);
        }
        command
    }
}

impl Listener {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut process = Process::spawn(command);
        let event = process.wait_for("listening");
        let address = event["address"].as_str().and_then(|text| text.parse().ok());
        Self {
            address: address.expect("an address"),
            process,
        }
    }

    pub(crate) fn finish(self) -> Run {
        self.process.finish()
    }

    pub(crate) fn terminate(self) -> Run {
        self.process.terminate()
    }

    pub(crate) fn kill(self) -> Run {
        self.process.kill()
    }
}

impl Deref for Listener {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Listener {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}
