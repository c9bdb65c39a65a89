//! The history: everything that happened, one line each, in the order in which it became true.
//!
//! A line is written in the transaction of what it tells, so that it is there exactly when that is.
//! Hooks, hosts of the library, the log and people read the lines behind the last one that they
//! know ([`after`]); none is lost and none comes twice by itself.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::file::{FileKey, FileState};
use super::{JournalError, now};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As the journal, hooks and hosts write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// A file is being taken from an outbox.
    FileTaking = "file_taking",
    /// A file is queued to be sent.
    FileQueued = "file_queued",
    /// All of a file was sent; EFPA is to come.
    FileEfidSent = "file_efid_sent",
    /// The partner has a file (EFPA).
    FileSent = "file_sent",
    /// A file has reached its destination (EERP).
    FileDone = "file_done",
    /// A file did not reach its destination (NERP).
    FileRejected = "file_rejected",
    /// A file cannot be sent, or is not taken: a person is to decide.
    FileFailed = "file_failed",
    /// A person took a file back.
    FileCancelled = "file_cancelled",
    /// The transfer of a file to us has begun.
    FileReceiving = "file_receiving",
    /// A file has come whole.
    FileReceived = "file_received",
    /// A file is in the inbox, or queued for the next station.
    FileDelivered = "file_delivered",
    /// The end response of a file that came is confirmed.
    FileClosed = "file_closed",
    /// A file came whole and is not what it should be (NERP).
    FileRefused = "file_refused",
    /// A file that was offered is not taken (SFNA).
    FileTurnedAway = "file_turned_away",
    /// Something is wrong with a file, which stays where it is.
    FileTrouble = "file_trouble",
    /// A person has stopped a file, or lets it go on.
    FileHeld = "file_held",
    /// A file was queued anew: `as` is the number of the new one, `of` that of the old one.
    FileResent = "file_resent",
    /// The end response of a file is overdue.
    ResponseOverdue = "response_overdue",
    /// An end response came that proves nothing, or belongs to no file of ours.
    ResponseDoubtful = "response_doubtful",
    /// A session is up.
    SessionStarted = "session_started",
    /// A session, or the attempt at one, is over.
    SessionEnded = "session_ended",
    /// A partner cannot be reached, or refuses us, again and again.
    PartnerTrouble = "partner_trouble",
    /// A partner is well again.
    PartnerWell = "partner_well",
    /// A person has stopped a partner, or lets it go on.
    PartnerHeld = "partner_held",
    /// A hook failed.
    HookFailed = "hook_failed",
    /// The station has begun its work.
    StationStarted = "station_started",
    /// The station has ended its work.
    StationStopped = "station_stopped",
    /// The configuration was read again, or could not be.
    ConfigReloaded = "config_reloaded",
    /// Something that people should know.
    Alarm = "alarm",
}

impl Kind {
    /// The line for a file that has come into this state.
    #[must_use]
    pub const fn of_file(state: FileState) -> Self {
        match state {
            FileState::Taking => Self::FileTaking,
            FileState::Queued => Self::FileQueued,
            FileState::EfidSent => Self::FileEfidSent,
            FileState::Sent => Self::FileSent,
            FileState::Done => Self::FileDone,
            FileState::Rejected => Self::FileRejected,
            FileState::Failed => Self::FileFailed,
            FileState::Cancelled => Self::FileCancelled,
            FileState::Receiving => Self::FileReceiving,
            FileState::Received => Self::FileReceived,
            FileState::Delivered => Self::FileDelivered,
            FileState::Closed => Self::FileClosed,
            FileState::Refused => Self::FileRefused,
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.name() == name)
    }

    /// Whether people should be told at once.
    #[must_use]
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::FileRejected
                | Self::FileFailed
                | Self::FileRefused
                | Self::ResponseOverdue
                | Self::ResponseDoubtful
                | Self::PartnerTrouble
                | Self::HookFailed
                | Self::Alarm
        )
    }
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// Its number: larger than those of all lines before it.
    pub id: i64,
    /// When, ms since 1970.
    pub at: i64,
    /// What.
    pub kind: Kind,
    /// With which partner, by its name in the configuration.
    pub partner: Option<String>,
    /// With which file.
    pub file: Option<FileKey>,
    /// What else is to be said: an object.
    pub detail: Value,
}

/// Writes a line.
///
/// # Errors
/// The journal cannot be written.
pub fn note(
    connection: &Connection,
    kind: Kind,
    partner: Option<&str>,
    file: Option<FileKey>,
    detail: &Value,
) -> Result<(), JournalError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (at, kind, partner, file, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    insert.execute(params![
        now(),
        kind.name(),
        partner,
        file.map(|file| file.0),
        detail.to_string(),
    ])?;
    Ok(())
}

/// The lines behind number `id`, at most `most`, in their order.
///
/// # Errors
/// The journal cannot be read.
pub fn after(connection: &Connection, id: i64, most: u32) -> Result<Vec<EventRow>, JournalError> {
    select(
        connection,
        "WHERE id > ?1 ORDER BY id LIMIT ?2",
        params![id, most],
    )
}

/// The lines of a file.
///
/// # Errors
/// The journal cannot be read.
pub fn of_file(connection: &Connection, file: FileKey) -> Result<Vec<EventRow>, JournalError> {
    select(connection, "WHERE file = ?1 ORDER BY id", [file.0])
}

/// The last lines since `since` (ms since 1970) that people should know, at most `most`, in their
/// order.
///
/// # Errors
/// The journal cannot be read.
pub fn alarms(
    connection: &Connection,
    since: i64,
    most: u32,
) -> Result<Vec<EventRow>, JournalError> {
    let alarms = Kind::ALL.iter().filter(|kind| kind.is_alarm());
    let names: Vec<String> = alarms.map(|kind| format!("'{}'", kind.name())).collect();
    let list = names.join(", ");
    let mut rows = select(
        connection,
        // By time, of which there is an index: by number all of the history might be looked at.
        &format!("WHERE at >= ?1 AND kind IN ({list}) ORDER BY at DESC, id DESC LIMIT ?2"),
        params![since, most],
    )?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// The number of the last line; 0: there is none.
///
/// # Errors
/// The journal cannot be read.
pub fn last(connection: &Connection) -> Result<i64, JournalError> {
    let sql = "SELECT coalesce(max(id), 0) FROM event";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// The line of this number.
///
/// # Errors
/// The journal cannot be read.
pub fn get(connection: &Connection, id: i64) -> Result<Option<EventRow>, JournalError> {
    Ok(select(connection, "WHERE id = ?1", [id])?.pop())
}

/// How far [`after`] reaches with the same numbers, lines that it passes over included; `id` where
/// nothing is behind it.
///
/// # Errors
/// The journal cannot be read.
pub fn reach(connection: &Connection, id: i64, most: u32) -> Result<i64, JournalError> {
    let mut select = connection.prepare_cached(
        "SELECT coalesce(max(id), ?1) FROM (SELECT id FROM event WHERE id > ?1 ORDER BY id LIMIT ?2)",
    )?;
    Ok(select.query_row(params![id, most], |row| row.get(0))?)
}

fn select(
    connection: &Connection,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<EventRow>, JournalError> {
    let sql = format!("SELECT id, at, kind, partner, file, detail FROM event {rest}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        let detail: String = row.get(5)?;
        // A newer version may know more kinds: its lines are passed over.
        let Some(kind) = Kind::from_name(&kind) else {
            continue;
        };
        events.push(EventRow {
            id: row.get(0)?,
            at: row.get(1)?,
            kind,
            partner: row.get(3)?,
            file: row.get::<_, Option<i64>>(4)?.map(FileKey),
            detail: serde_json::from_str(&detail)
                .map_err(|error| JournalError::Content(format!("event: {error}")))?,
        });
    }
    Ok(events)
}
