//! One file as the journal has it.

use std::path::PathBuf;

use oftp_core::wire::Sfid;
use rusqlite::Row;

use super::super::{JournalError, virtual_file};
use super::{FileKey, FileState, Way};
use crate::identity::Identity;
use crate::records::RecordLayout;

/// One file as the journal has it.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRow {
    /// Its number.
    pub key: FileKey,
    /// Which way it goes.
    pub way: Way,
    /// How far it has come.
    pub state: FileState,
    /// From or to which partner, by its name in the configuration.
    pub partner: String,
    /// As what it is offered; SFIDREST is 0.
    pub sfid: Sfid,
    /// Its local name, for people.
    pub name: String,
    /// Its name in the spool.
    pub spool: String,
    /// How the records of a V file lie there.
    pub layout: RecordLayout,
    /// Out: from where it was taken. In: where it was delivered.
    pub path: Option<PathBuf>,
    /// What the configuration said of it when it was queued, JSON (see `station::plan`).
    pub plan: String,
    /// Out: it is in its envelope.
    pub sealed: bool,
    /// The hash of what is transmitted, by its cipher suite, hexadecimal; empty: not known.
    pub hash: String,
    /// Octets of what is transmitted.
    pub octets: u64,
    /// Records of it (F, V), else 0.
    pub records: u64,
    /// Where an interrupted transfer may go on (SFIDREST), in its units.
    pub position: u64,
    /// 0 first, 9 last.
    pub priority: u8,
    /// A person has stopped it.
    pub held: bool,
    /// Sessions in which it was tried.
    pub attempts: u32,
    /// When it is tried again at the earliest, ms since 1970.
    pub retry_at: Option<i64>,
    /// The file that came and is forwarded by this one.
    pub parent: Option<FileKey>,
    /// The last trouble with it.
    pub trouble: Option<String>,
    /// When it was queued or offered, ms since 1970.
    pub created: i64,
    /// When its row was changed last, ms since 1970.
    pub changed: i64,
    /// When EFPA came or left, ms since 1970.
    pub transferred: Option<i64>,
    /// When its end response is overdue, ms since 1970.
    pub due: Option<i64>,
}

impl FileRow {
    /// The columns that [`read`](Self::read) takes, in its order.
    pub(super) const COLUMNS: &str = "id, direction, state, partner, sfid, name, spool, layout, \
        path, plan, sealed, hash, octets, records, position, priority, held, attempts, retry_at, \
        parent, trouble, created, changed, transferred, due";

    pub(super) fn read(row: &Row<'_>) -> Result<Self, JournalError> {
        let way = match row.get_ref(1)?.as_str().unwrap_or_default() {
            "in" => Way::In,
            _ => Way::Out,
        };
        let state: String = row.get(2)?;
        let sfid: String = row.get(4)?;
        let layout: String = row.get(7)?;
        let path: Option<String> = row.get(8)?;
        Ok(Self {
            key: FileKey(row.get(0)?),
            way,
            state: state.parse()?,
            partner: row.get(3)?,
            sfid: virtual_file::from_json(&sfid)?,
            name: row.get(5)?,
            spool: row.get(6)?,
            layout: layout_of(&layout)?,
            path: path.map(PathBuf::from),
            plan: row.get(9)?,
            sealed: row.get(10)?,
            hash: row.get(11)?,
            octets: number(row, 12)?,
            records: number(row, 13)?,
            position: number(row, 14)?,
            priority: row.get(15)?,
            held: row.get(16)?,
            attempts: row.get(17)?,
            retry_at: row.get(18)?,
            parent: row.get::<_, Option<i64>>(19)?.map(FileKey),
            trouble: row.get(20)?,
            created: row.get(21)?,
            changed: row.get(22)?,
            transferred: row.get(23)?,
            due: row.get(24)?,
        })
    }

    /// Whether its time has come, at this time of the clock on the wall. A row that was changed in
    /// the future was so by a clock that has jumped since: it does not wait for that.
    #[must_use]
    pub fn is_due(&self, now: i64) -> bool {
        self.retry_at.is_none_or(|at| at <= now) || self.changed > now
    }

    /// What makes it unique.
    #[must_use]
    pub fn identity(&self) -> Identity {
        virtual_file::identity_of(&self.sfid)
    }
}

fn number(row: &Row<'_>, column: usize) -> Result<u64, JournalError> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| JournalError::Content(format!("a count of {number}")))
}

/// The word for a layout.
pub(super) fn layout_name(layout: RecordLayout) -> &'static str {
    match layout {
        RecordLayout::Lf => "lf",
        RecordLayout::Crlf => "crlf",
        RecordLayout::Length16 => "length16",
        RecordLayout::Length32 => "length32",
    }
}

fn layout_of(name: &str) -> Result<RecordLayout, JournalError> {
    use RecordLayout::{Crlf, Length16, Length32, Lf};
    let mut all = [Lf, Crlf, Length16, Length32].into_iter();
    all.find(|layout| layout_name(*layout) == name)
        .ok_or_else(|| JournalError::Content(format!("a record layout {name}")))
}

/// What changes with the state of a file; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// As what it is offered.
    pub sfid: Option<Sfid>,
    /// Where it lies.
    pub path: Option<PathBuf>,
    /// It is in its envelope.
    pub sealed: Option<bool>,
    /// The hash of what is transmitted.
    pub hash: Option<String>,
    /// Octets of what is transmitted.
    pub octets: Option<u64>,
    /// Records of it.
    pub records: Option<u64>,
    /// Where an interrupted transfer may go on.
    pub position: Option<u64>,
    /// Its priority.
    pub priority: Option<u8>,
    /// A person has stopped it, or lets it go on.
    pub held: Option<bool>,
    /// Sessions in which it was tried.
    pub attempts: Option<u32>,
    /// When it is tried again; `Some(None)`: at once.
    pub retry_at: Option<Option<i64>>,
    /// The last trouble; `Some(None)`: it has passed.
    pub trouble: Option<Option<String>>,
    /// When EFPA came or left.
    pub transferred: Option<i64>,
    /// When its end response is overdue; `Some(None)`: never any more.
    pub due: Option<Option<i64>>,
    /// What the configuration says of it.
    pub plan: Option<String>,
}
