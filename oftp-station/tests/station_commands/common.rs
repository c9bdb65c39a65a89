//! A station in a folder of its own, and the command `oftp` on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use oftp_station::records::RecordLayout;
use oftp_station::station::Folder;
use oftp_station::station::journal::file::{
    self, Change, FileKey, FileRow, FileState, NewFile, Stamping,
};
use oftp_station::station::journal::{Journal, JournalError};
use rusqlite::Connection;
use serde_json::{Value, json};

const CONFIG: &str = r#"
[station]
id = "OALPHA"

[partner.beta]
id = "OBETA"
address = ["127.0.0.1:1"]
tls = "off"

[partner.gamma]
id = "OGAMMA"
level = "1.3"
tls = "off"
"#;

/// A station with the partners `beta`, whom we call, and `gamma`, who calls us.
pub(crate) struct Station {
    place: tempfile::TempDir,
    pub(crate) folder: Folder,
    pub(crate) journal: Journal,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Station {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().expect("folder");
        let folder = Folder::new(&place.path().join("station"));
        folder.make(["beta", "gamma"].into_iter()).expect("folders");
        std::fs::write(folder.config(), CONFIG).expect("oftp.toml");
        let journal = Journal::open(&folder.journal()).expect("journal");
        Self {
            place,
            folder,
            journal,
        }
    }

    /// A path beside the station.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// A local file.
    pub(crate) fn file(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, "content").expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// The command, which is told of the station by `OFTP_STATION`.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oftp"));
        command
            .args(arguments)
            .env("OFTP_STATION", self.folder.path())
            .env("TZ", "UTC")
            .current_dir(self.place.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn oftp(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("oftp"))
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> T {
        self.journal.write(work).expect("written")
    }

    /// A file of ours that waits to be sent, with its octets in the spool.
    pub(crate) fn queue(&self, dsn: &str) -> FileKey {
        let new = new_file(dsn);
        std::fs::write(self.folder.spool_out().join(&new.spool), "content").expect("spool");
        self.write(move |connection| {
            let row = file::enqueue(connection, new, Stamping::Kept, FileState::Queued)?;
            let octets = Change {
                octets: Some(7),
                ..Change::default()
            };
            file::update(connection, row.key, octets)?;
            Ok(row.key)
        })
    }

    pub(crate) fn receive(&self, dsn: &str) -> FileKey {
        let new = new_file(dsn);
        self.write(move |connection| file::receive(connection, &new))
    }

    pub(crate) fn lead(&self, key: FileKey, states: &[FileState]) {
        lead(&self.journal, key, states);
    }

    pub(crate) fn row(&self, key: FileKey) -> FileRow {
        let row = self.journal.read(|connection| file::get(connection, key));
        row.expect("there")
    }

    /// The names in `spool/out`.
    pub(crate) fn spooled(&self) -> usize {
        entries(&self.folder.spool_out())
    }
}

pub(crate) fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("folder").count()
}

pub(crate) fn lead(journal: &Journal, key: FileKey, states: &[FileState]) {
    for state in states.iter().copied() {
        let change = move |connection: &Connection| {
            file::change(connection, key, state, Change::default(), &json!({})).map(drop)
        };
        journal.write(change).expect("changed");
    }
}

fn new_file(dsn: &str) -> NewFile {
    NewFile {
        partner: "beta".to_owned(),
        sfid: Sfid {
            dsn: DatasetName::from_octets(dsn.as_bytes()),
            stamp: Stamp::new("20261126", "1345010001").expect("stamp"),
            user: UserData::default(),
            dest: IdentificationCode::new("OBETA").expect("code"),
            orig: IdentificationCode::new("OALPHA").expect("code"),
            fmt: RecordFormat::U,
            lrecl: 0,
            fsiz: 1,
            osiz: 1,
            rest: 0,
            sec: Security::None,
            ciph: 0,
            comp: 0,
            env: 0,
            sign: false,
            desc: Text::default(),
        },
        name: dsn.to_lowercase(),
        spool: oftp_station::names::escape(dsn.as_bytes()),
        layout: RecordLayout::Length32,
        path: None,
        plan: json!({ "format": "Unstructured" }).to_string(),
        priority: 5,
        held: false,
        parent: None,
    }
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails unless the errors and warnings hold this text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no `{text}` in {self}");
        self
    }

    /// The lines of the standard output.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    /// Objects of JSON, one on each line.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).expect("JSON");
        self.out.lines().map(parse).collect()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, out, err } = self;
        write!(f, "exit code {code:?}\n{out}\n{err}")
    }
}
