//! What a station is told: `oftp.toml`, read and checked as a whole.
//!
//! ```text
//! partner    a partner, and everything that is agreed with it
//! rule       which files go under which names, and how they are converted
//! schedule   when a partner is called, and when again
//! profiles   what partners with a known product need, as data
//! read       from the text to all that, with every fault at its line and key
//! fault      what is wrong with a configuration
//! template   the oftp.toml that `oftp init` writes
//! validity   how long certificates are valid
//! ```

pub mod fault;
pub mod partner;
pub mod profiles;
mod read;
pub mod rule;
pub mod schedule;
pub mod template;
pub mod validity;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox::{self, Identity};
use oftp_core::wire::IdentificationCode;

pub use fault::{ConfigErrors, ConfigWarnings, Fault};
pub use partner::{EndResponses, Group, PartnerConfig};
pub use rule::{Conversion, NamePattern, NameTemplate, ReceiveRule, SendRule};
pub use schedule::{Retry, Schedule};

use crate::security;

/// Everything that a station is told. It is read as a whole and replaced as a whole: sessions that
/// run keep the one that they began with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the station.
    pub folder: super::Folder,
    /// Who we are in SSID, unless a partner knows us by another code.
    pub own: Identity,
    /// Further codes of ours: files for them are for us (SFIDDEST).
    pub stations: Vec<IdentificationCode>,
    /// Where we listen.
    pub ports: Vec<PortConfig>,
    /// TLS for callers, where a port has it.
    pub tls: Option<security::CallersTls>,
    /// The partners.
    pub partners: Vec<Arc<PartnerConfig>>,
    /// Groups of stations: a file for one goes to all of its members.
    pub groups: Vec<Group>,
    /// Commands that are run when something happens.
    pub hooks: Vec<HookConfig>,
    /// The keys between us and our partners, and what is not taken.
    pub security: security::Settings,
    /// Answer a code that is not known as a password that is wrong (ESID 04), so that nobody learns
    /// who our partners are.
    pub hide_unknown: bool,
    /// Bounds.
    pub limits: Limits,
    /// How long what is kept.
    pub retention: Retention,
    /// How the log is written.
    pub log: LogConfig,
    /// Where metrics and health are served: a local address.
    pub metrics: Option<SocketAddr>,
    /// Timers and the like, the same for all partners.
    pub session: mailbox::Settings,
    /// How often outboxes are looked at.
    pub outbox_interval: Duration,
    /// How long a file in an outbox must have been left alone before it is taken.
    pub outbox_settle: Duration,
    /// What people should know of the configuration.
    pub warnings: ConfigWarnings,
}

/// A port that is listened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortConfig {
    /// The address, `[::]:3305` for every one.
    pub address: SocketAddr,
    /// TLS from the first octet on.
    pub tls: bool,
}

/// Bounds of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sessions that callers may have at a time; further callers are told to come back (ESID 08).
    pub incoming: usize,
    /// Sessions that we call for at a time.
    pub outgoing: usize,
    /// The largest file taken, in octets; a partner may have a lower one.
    pub file_size: Option<u64>,
    /// Octets that must stay free on the disk: a file that would need them is put off (SFNA 06).
    pub free_space: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            incoming: 256,
            outgoing: 32,
            file_size: None,
            free_space: 64 << 20,
        }
    }
}

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Identities of files, by which a duplicate is known; default 400 days.
    pub identities: Duration,
    /// Lines of the history that are about no file; default 30 days.
    pub history: Duration,
    /// Copies in `sent`; `None`: not kept at all.
    pub sent: Option<Duration>,
    /// What has come of a file whose transfer was cut, since it was offered last; default 30 days;
    /// `None`: for ever.
    pub unfinished: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            identities: 400 * DAY,
            history: 30 * DAY,
            sent: Some(30 * DAY),
            unfinished: Some(30 * DAY),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogConfig {
    /// To this file; `None`: to standard error.
    pub file: Option<PathBuf>,
    /// One object of JSON per line.
    pub json: bool,
    /// Every command and state row too.
    pub trace: bool,
}

/// A command that is run when something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookConfig {
    /// Its name in the journal and in messages.
    pub name: String,
    /// The kinds of events that it is run for.
    pub events: Vec<super::journal::event::Kind>,
    /// Only with these partners; empty: with all.
    pub partners: Vec<String>,
    /// Program and arguments; `{file}`, `{path}`, `{dsn}`, `{partner}`, `{event}`, `{id}` are
    /// replaced within an argument. Never a shell.
    pub command: Vec<String>,
    /// The longest time for one run.
    pub timeout: Duration,
    /// How often a run that failed is tried again.
    pub attempts: u32,
    /// For [`FileReceived`](super::journal::event::Kind::FileReceived): the file is delivered only
    /// when the hook has succeeded, and gets a NERP when it has failed for good.
    pub refuses: bool,
}

impl Config {
    /// Takes over from the configuration before it what must not begin anew with each reading:
    /// the failed authentications of partners, which would else be forgotten (threat model A5).
    #[must_use]
    pub fn succeeding(mut self, before: &Self) -> Self {
        self.security.attempts = before.security.attempts.clone();
        self
    }

    /// The partner of this name.
    #[must_use]
    pub fn partner(&self, name: &str) -> Option<&Arc<PartnerConfig>> {
        self.partners.iter().find(|partner| partner.name == name)
    }

    /// The partner with this code in SSID.
    #[must_use]
    pub fn partner_by_code(&self, code: &IdentificationCode) -> Option<&Arc<PartnerConfig>> {
        let mut partners = self.partners.iter();
        partners.find(|partner| partner.mailbox.code.trimmed() == code.trimmed())
    }

    /// Whether files for this station are for us (SFIDDEST).
    #[must_use]
    pub fn is_ours(&self, station: &IdentificationCode) -> bool {
        let special = self.partners.iter();
        let special = special.filter_map(|partner| partner.mailbox.identity.as_ref());
        let codes = special.map(|identity| &identity.code).chain(&self.stations);
        codes
            .chain([&self.own.code])
            .any(|code| code.trimmed() == station.trimmed())
    }

    /// The partner over whom files for this station go: its own, or the one it stands behind.
    #[must_use]
    pub fn route(&self, station: &IdentificationCode) -> Option<&Arc<PartnerConfig>> {
        self.partner_by_code(station).or_else(|| {
            let mut partners = self.partners.iter();
            partners.find(|partner| {
                let mut behind = partner.stations.iter();
                behind.any(|code| code.trimmed() == station.trimmed())
            })
        })
    }

    /// The group with this code.
    #[must_use]
    pub fn group(&self, station: &IdentificationCode) -> Option<&Group> {
        let mut groups = self.groups.iter();
        groups.find(|group| group.code.trimmed() == station.trimmed())
    }
}
