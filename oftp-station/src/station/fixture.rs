//! A station for tests: a folder, a journal, and a partner or two.

use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox::{self, Identity};
use oftp_core::session::Capabilities;
use oftp_core::wire::{IdentificationCode, Level, Password, UserData};
use tempfile::TempDir;

use super::config::{
    Config, ConfigWarnings, EndResponses, Limits, LogConfig, PartnerConfig, Retention, Retry,
    Schedule,
};
use super::journal::Journal;
use super::journal::file::{self, FileRow, Filter};
use super::{Folder, Shared};
use crate::inbox::{Inbox, InboxOptions};
use crate::records::RecordLayout;
use crate::security::{self, Protection};
use crate::serve::Needs;

/// Files that wait in an outbox for so long are taken.
pub(super) const SETTLE: Duration = Duration::from_secs(2);

pub(super) fn code(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("code")
}

/// No protection at all.
pub(super) fn plain() -> Protection {
    Protection {
        sign: false,
        encrypt: false,
        compress: None,
        signed_response: false,
        suite: oftp_secure::Suite::of(oftp_secure::suite::DEFAULT).expect("suite"),
    }
}

/// A partner with nothing special.
pub(super) fn partner(name: &str) -> PartnerConfig {
    PartnerConfig {
        name: name.to_owned(),
        mailbox: mailbox::Partner::new(code(&format!("O{}", name.to_uppercase()))),
        stations: Vec::new(),
        addresses: vec!["127.0.0.1:1".parse().expect("address")],
        tls: None,
        needs: Needs::Nothing,
        protection: plain(),
        send: Vec::new(),
        receive: Vec::new(),
        schedule: Schedule::default(),
        retry: Retry::default(),
        sessions: 1,
        responses: EndResponses::default(),
        seconds_only: false,
        file_size: None,
        quota: None,
        restart_records: true,
        profile: None,
        timers: None,
    }
}

/// The same at no more than level 1.3.
pub(super) fn old(mut partner: PartnerConfig) -> PartnerConfig {
    partner.mailbox.capabilities = Some(Capabilities {
        level: Level::V1_3,
        ..Capabilities::default()
    });
    partner
}

/// A station in a folder of its own.
pub(super) struct Place {
    pub(super) temporary: TempDir,
    pub(super) config: Config,
    pub(super) journal: Journal,
}

impl Place {
    /// A station with these partners.
    pub(super) fn with(partners: Vec<PartnerConfig>) -> Self {
        let temporary = tempfile::tempdir().expect("folder");
        let folder = Folder::new(temporary.path());
        let names: Vec<_> = partners.iter().map(|one| one.name.clone()).collect();
        folder
            .make(names.iter().map(String::as_str))
            .expect("folders");
        let own = Identity {
            code: code("OSELF"),
            password: Password::default(),
            user: UserData::default(),
        };
        let config = Config {
            own: own.clone(),
            stations: Vec::new(),
            ports: Vec::new(),
            tls: None,
            warnings: ConfigWarnings::default(),
            partners: partners.into_iter().map(Arc::new).collect(),
            groups: Vec::new(),
            hooks: Vec::new(),
            security: security::Settings::default(),
            hide_unknown: false,
            limits: Limits::default(),
            retention: Retention::default(),
            log: LogConfig::default(),
            metrics: None,
            session: mailbox::Settings::new(own),
            outbox_interval: Duration::from_millis(10),
            outbox_settle: SETTLE,
            folder: folder.clone(),
        };
        let journal = Journal::open(&folder.journal()).expect("journal");
        Self {
            temporary,
            config,
            journal,
        }
    }

    /// A station with the partner `beta`.
    pub(super) fn new() -> Self {
        Self::with(vec![partner("beta")])
    }

    /// As another process finds it after the end of this one.
    pub(super) fn restarted(self) -> Self {
        let Self {
            temporary,
            config,
            journal,
        } = self;
        drop(journal);
        let journal = Journal::open(&config.folder.journal()).expect("journal");
        Self {
            temporary,
            config,
            journal,
        }
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.config.folder
    }

    pub(super) fn partner(&self) -> &PartnerConfig {
        self.config.partners.first().expect("a partner")
    }

    /// All files of the journal, the first first.
    pub(super) fn rows(&self) -> Vec<FileRow> {
        let all = Filter::default();
        let rows = self.journal.read(|db| file::history(db, &all));
        let mut rows = rows.expect("rows");
        rows.reverse();
        rows
    }

    /// What the parts of a running station share.
    pub(super) fn shared(&self) -> Shared {
        let options = InboxOptions {
            layout: RecordLayout::Length32,
            ..InboxOptions::default()
        };
        let staging = Inbox::open(&self.folder().spool_in(), options).expect("inbox");
        Shared::new(self.config.clone(), self.journal.clone(), staging)
    }

    /// The names in a folder, sorted.
    pub(super) fn names(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("folder");
        let names = entries.map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}
