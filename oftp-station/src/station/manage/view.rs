//! Files and lines of the history, as they are shown: what a partner has said is escaped, and times
//! are local.

use serde::Serialize;
use serde_json::Value;

use super::time::rfc3339;
use crate::report::{FileId, visible};
use crate::station::journal::event::EventRow;
use crate::station::journal::file::{FileRow, FileState, Way};
use crate::station::journal::{Journal, JournalError, now, partner};

/// What a file that is not at its end waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// A person is to let it go: it or its partner is held, or it failed.
    Person,
    /// It is on its way into the spool.
    Spool,
    /// A session in which it is sent.
    Session,
    /// The time of its next try.
    Retry,
    /// The answer to its end (EFPA).
    Efpa,
    /// The end response of its destination (EERP, NERP).
    Response,
    /// The rest of its data.
    Data,
    /// Its place in the inbox, or its way to the next station.
    Delivery,
    /// The confirmation of its end response (RTR).
    Rtr,
}

impl WaitsFor {
    /// For programs, as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Spool => "spool",
            Self::Session => "session",
            Self::Retry => "retry",
            Self::Efpa => "efpa",
            Self::Response => "response",
            Self::Data => "data",
            Self::Delivery => "delivery",
            Self::Rtr => "rtr",
        }
    }

    /// For people, in a table.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::Spool => "its place in the spool",
            Self::Session => "a session",
            Self::Retry => "its next try",
            Self::Efpa => "EFPA",
            Self::Response => "its end response",
            Self::Data => "its data",
            Self::Delivery => "its delivery",
            Self::Rtr => "RTR",
        }
    }
}

/// What a file waits for; `now`: ms since 1970; `partner_held`: a person has stopped its partner.
/// `None`: for nothing any more.
#[must_use]
pub fn waits_for(row: &FileRow, partner_held: bool, now: i64) -> Option<WaitsFor> {
    let stopped = row.held || partner_held;
    Some(match (row.way, row.state) {
        (_, FileState::Failed) => WaitsFor::Person,
        (Way::Out, FileState::Queued | FileState::Taking) if stopped => WaitsFor::Person,
        (_, FileState::Taking) => WaitsFor::Spool,
        (_, FileState::Queued) if row.retry_at.is_some_and(|at| at > now) => WaitsFor::Retry,
        (_, FileState::Queued) => WaitsFor::Session,
        (_, FileState::EfidSent) => WaitsFor::Efpa,
        (_, FileState::Sent) => WaitsFor::Response,
        (_, FileState::Receiving) => WaitsFor::Data,
        (_, FileState::Received) => WaitsFor::Delivery,
        (_, FileState::Delivered) => WaitsFor::Rtr,
        _ => return None,
    })
}

/// A file as it is shown: one object of `oftp queue --json` and `oftp history --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Its number in this station.
    pub id: i64,
    /// `in` or `out`.
    pub direction: &'static str,
    /// How far it has come.
    pub state: &'static str,
    /// From or to which partner.
    pub partner: String,
    /// SFIDDSN, SFIDDATE, SFIDTIME, SFIDORIG, SFIDDEST.
    #[serde(flatten)]
    pub file: FileId,
    /// Its local name.
    pub name: String,
    /// What it waits for; `null`: nothing.
    pub waits_for: Option<WaitsFor>,
    /// Octets of what is transmitted; 0: not known yet.
    pub octets: u64,
    /// Where an interrupted transfer may go on (SFIDREST), in its units.
    pub position: u64,
    /// 0 first, 9 last.
    pub priority: u8,
    /// A person has stopped it.
    pub held: bool,
    /// Sessions in which it was tried.
    pub attempts: u32,
    /// When it is tried again at the earliest.
    pub retry_at: Option<String>,
    /// The file that came and is forwarded by this one.
    pub parent: Option<i64>,
    /// The last trouble with it.
    pub trouble: Option<String>,
    /// When it was queued or offered.
    pub created: String,
    /// When its state changed last.
    pub changed: String,
    /// When EFPA came or left.
    pub transferred: Option<String>,
    /// When its end response is overdue.
    pub due: Option<String>,
    /// Out: from where it was taken. In: where it was delivered.
    pub path: Option<String>,
}

impl FileView {
    /// A file of the journal as it is now.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn now(journal: &Journal, row: &FileRow) -> Result<Self, JournalError> {
        let known = journal.read(partner::all)?;
        let held = known.get(&row.partner).is_some_and(|known| known.held);
        Ok(Self::new(row, held, now()))
    }

    /// A file of the journal; `partner_held` and `now` as for [`waits_for`].
    #[must_use]
    pub fn new(row: &FileRow, partner_held: bool, now: i64) -> Self {
        let path = row.path.as_ref();
        Self {
            id: row.key.0,
            direction: row.way.name(),
            state: row.state.name(),
            partner: row.partner.clone(),
            file: (&row.identity()).into(),
            name: visible(&row.name),
            waits_for: waits_for(row, partner_held, now),
            octets: row.octets,
            position: row.position,
            priority: row.priority,
            held: row.held,
            attempts: row.attempts,
            retry_at: row.retry_at.map(rfc3339),
            parent: row.parent.map(|parent| parent.0),
            trouble: row.trouble.as_deref().map(visible),
            created: rfc3339(row.created),
            changed: rfc3339(row.changed),
            transferred: row.transferred.map(rfc3339),
            due: row.due.map(rfc3339),
            path: path.map(|path| visible(&path.to_string_lossy())),
        }
    }
}

/// A line of the history as it is shown: one object of `oftp events --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventView {
    /// Its number: larger than those of all lines before it.
    pub id: i64,
    /// When.
    pub at: String,
    /// What.
    pub event: &'static str,
    /// With which partner.
    pub partner: Option<String>,
    /// With which file.
    pub file: Option<i64>,
    /// What else is to be said: an object.
    pub detail: Value,
}

impl EventView {
    /// A line of the journal.
    #[must_use]
    pub fn new(row: &EventRow) -> Self {
        Self {
            id: row.id,
            at: rfc3339(row.at),
            event: row.kind.name(),
            partner: row.partner.clone(),
            file: row.file.map(|file| file.0),
            detail: escaped(&row.detail),
        }
    }

    /// What else is to be said, on one line: `key: value, key: value`.
    #[must_use]
    pub fn words(&self) -> String {
        let Some(object) = self.detail.as_object() else {
            return text(&self.detail);
        };
        let words = object
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| format!("{key}: {}", text(value)));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// What is in it may be the words of a partner.
fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) => visible(text).into(),
        Value::Array(values) => values.iter().map(escaped).collect(),
        Value::Object(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| (visible(key), escaped(value)));
            Value::Object(entries.collect())
        }
        other => other.clone(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
