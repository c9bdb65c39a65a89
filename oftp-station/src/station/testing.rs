//! A station for tests: its folder, its journal, files in it.

use std::path::Path;
use std::time::Duration;

use oftp_core::mailbox::{self, Identity};
use oftp_core::wire::{
    DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp, Text, UserData,
    X,
};

use super::config::{Config, Limits, LogConfig, Retention};
use super::journal::file::{Change, FileRow, FileState, NewFile};
use super::journal::{Journal, file};
use super::{Folder, Shared};
use crate::inbox::{Inbox, InboxOptions};
use crate::records::RecordLayout;
use crate::security;

/// A configuration in which nothing is told.
pub(crate) fn config(folder: &Path) -> Config {
    let own = Identity {
        code: IdentificationCode::new("OALPHA").expect("code"),
        password: Password::new(X::new("SECRET12").expect("password")),
        user: UserData::default(),
    };
    Config {
        folder: Folder::new(folder),
        own: own.clone(),
        stations: Vec::new(),
        ports: Vec::new(),
        partners: Vec::new(),
        groups: Vec::new(),
        hooks: Vec::new(),
        security: security::Settings::default(),
        hide_unknown: false,
        limits: Limits::default(),
        retention: Retention::default(),
        log: LogConfig::default(),
        metrics: None,
        tls: None,
        warnings: crate::station::config::ConfigWarnings::default(),
        session: mailbox::Settings::new(own),
        outbox_interval: Duration::from_secs(1),
        outbox_settle: Duration::from_secs(1),
    }
}

/// A station in this folder, with what `change` makes of its configuration.
pub(crate) fn station(folder: &Path, change: impl FnOnce(&mut Config)) -> Shared {
    let mut config = config(folder);
    change(&mut config);
    let names = ["beta"];
    config.folder.make(names.into_iter()).expect("folders");
    let journal = Journal::open(&config.folder.journal()).expect("journal");
    let staging = Inbox::open(&config.folder.spool_in(), InboxOptions::default()).expect("staging");
    Shared::new(config, journal, staging)
}

/// A file as its sender describes it.
pub(crate) fn sfid(dsn: &[u8]) -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(dsn),
        stamp: Stamp::new("20261126", "1345010001").expect("stamp"),
        user: UserData::default(),
        dest: IdentificationCode::new("OALPHA").expect("code"),
        orig: IdentificationCode::new("OBETA").expect("code"),
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
    }
}

/// A file that has come from `beta`.
pub(crate) fn received(journal: &Journal, sfid: Sfid) -> FileRow {
    let new = NewFile {
        partner: "beta".to_owned(),
        sfid,
        name: "name".to_owned(),
        spool: "spool".to_owned(),
        layout: RecordLayout::default(),
        path: None,
        plan: "{}".to_owned(),
        priority: 5,
        held: false,
        parent: None,
    };
    let key = journal.write(move |connection| file::receive(connection, &new));
    lead(journal, key.expect("new").0, FileState::Received, None)
}

/// Leads a file into a state.
pub(crate) fn lead(journal: &Journal, key: i64, state: FileState, path: Option<&Path>) -> FileRow {
    let change = Change {
        path: path.map(Path::to_owned),
        octets: Some(1000),
        ..Change::default()
    };
    let none = serde_json::json!({});
    let led = journal.write(move |connection| {
        file::change(connection, file::FileKey(key), state, change, &none)
    });
    led.expect("it follows")
}
