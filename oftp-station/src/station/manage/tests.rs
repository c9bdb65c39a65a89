//! What people do with a station, on a journal in a folder of its own.

mod look;
mod steer;

use std::fs;

use oftp_core::wire::{
    DatasetName, IdentificationCode, RecordFormat, Security, Sfid, Stamp as WireStamp, Text,
    UserData,
};
use serde_json::json;

use super::{ManageError, cancel, resend};
use crate::names;
use crate::outbox::Stamp;
use crate::records::{Format, RecordLayout};
use crate::station::Folder;
use crate::station::config::Retention;
use crate::station::fixture;
use crate::station::journal::event::{self, Kind};
use crate::station::journal::file::{self, Change, FileKey, FileRow, FileState, NewFile, Stamping};
use crate::station::journal::{Journal, JournalError};
use crate::station::plan::Plan;

struct Station {
    _place: tempfile::TempDir,
    folder: Folder,
    journal: Journal,
}

impl Station {
    fn new() -> Self {
        let place = tempfile::tempdir().expect("folder");
        let folder = Folder::new(place.path());
        folder.make(["beta"].into_iter()).expect("folders");
        let journal = Journal::open(&folder.journal()).expect("journal");
        Self {
            _place: place,
            folder,
            journal,
        }
    }

    /// Queues a file whose octets lie in the spool.
    fn queue(&self, dsn: &str) -> FileRow {
        self.queue_plan(dsn, false)
    }

    fn queue_plan(&self, dsn: &str, forward: bool) -> FileRow {
        let new = new_file(dsn, forward);
        fs::write(self.folder.spool_out().join(&new.spool), "content").expect("spool");
        let stamping = Stamping::Free {
            first: first(),
            seconds_only: false,
        };
        self.write(move |connection| file::enqueue(connection, new, stamping, FileState::Queued))
    }

    fn receive(&self, dsn: &str) -> FileKey {
        let new = new_file(dsn, false);
        self.write(move |connection| file::receive(connection, &new))
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> T {
        self.journal.write(work).expect("written")
    }

    fn lead(&self, key: FileKey, states: &[FileState]) {
        for state in states.iter().copied() {
            self.write(move |connection| {
                file::change(connection, key, state, Change::default(), &json!({})).map(drop)
            });
        }
    }

    fn row(&self, key: FileKey) -> FileRow {
        self.journal
            .read(|connection| file::get(connection, key))
            .expect("there")
    }

    fn kinds(&self, key: FileKey) -> Vec<Kind> {
        let rows = self
            .journal
            .read(|connection| event::of_file(connection, key));
        rows.expect("read").iter().map(|row| row.kind).collect()
    }

    fn spooled(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.spool_out()).expect("spool");
        let names = entries.map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<String> = names
            .map(|name| name.into_string().expect("UTF-8"))
            .collect();
        names.sort();
        names
    }

    fn resend(&self, key: FileKey, force: bool) -> Result<FileRow, ManageError> {
        resend(&self.journal, &self.folder, key, first(), false, force)
    }

    fn cancel(&self, key: FileKey, force: bool) -> Result<FileRow, ManageError> {
        let none = Retention {
            sent: None,
            ..Retention::default()
        };
        cancel(&self.journal, &self.folder, &none, None, key, force)
    }
}

fn first() -> Stamp {
    "20261126134501".parse().expect("stamp")
}

fn new_file(dsn: &str, forward: bool) -> NewFile {
    let plan = Plan {
        forward,
        ..Plan::new(Format::Unstructured, &fixture::plain())
    };
    NewFile {
        partner: "beta".to_owned(),
        sfid: Sfid {
            dsn: DatasetName::from_octets(dsn.as_bytes()),
            stamp: WireStamp::new("20261126", "1345010001").expect("stamp"),
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
        spool: format!("{}-spool", names::escape(dsn.as_bytes())),
        layout: RecordLayout::Length32,
        path: None,
        plan: plan.to_json(),
        priority: 5,
        held: false,
        parent: None,
    }
}
