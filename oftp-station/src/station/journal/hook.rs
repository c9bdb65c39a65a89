//! What hooks are still to be run for, and how it went.
//!
//! A row is made for each line of the history that a hook fits, and stays: it shows that the hook
//! was run. A command that is run when the process dies has an open row afterwards, and is run
//! again with the same delivery id.

use rusqlite::{Connection, params};

use super::file::FileKey;
use super::{JournalError, now};

/// The number of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HookKey(pub i64);

/// Who runs a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// It is told what has happened.
    Tell,
    /// It decides whether a file is delivered: the delivery asks it, and nobody else.
    Judge,
}

impl Duty {
    const fn open_state(self) -> &'static str {
        match self {
            Self::Tell => "waiting",
            Self::Judge => "judging",
        }
    }
}

/// What a hook is run for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookRow {
    /// Its number.
    pub key: HookKey,
    /// The line of the history.
    pub event: i64,
    /// The name of the hook.
    pub name: String,
    /// `waiting`, `judging`, `done`, `failed`.
    pub state: String,
    /// How often it was run.
    pub attempts: u32,
    /// The partner of the line.
    pub partner: Option<String>,
    /// The file of the line.
    pub file: Option<FileKey>,
    /// Why it failed last.
    pub trouble: Option<String>,
}

/// A hook is to be run for this line. Gives its row, and whether that is new.
///
/// # Errors
/// The journal cannot be written.
pub fn add(
    connection: &Connection,
    event: i64,
    name: &str,
    duty: Duty,
) -> Result<(HookRow, bool), JournalError> {
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO hook (event, name, state, open, changed) VALUES (?1, ?2, ?3, 1, ?4)",
    )?;
    let is_new = insert.execute(params![event, name, duty.open_state(), now()])? > 0;
    let rows = select(
        connection,
        "WHERE hook.event = ?1 AND hook.name = ?2",
        params![event, name],
    )?;
    let row = rows.into_iter().next();
    let row = row.ok_or_else(|| JournalError::NotThere(format!("no row of the hook {name}")))?;
    Ok((row, is_new))
}

/// What is still to be told, the oldest first.
///
/// # Errors
/// The journal cannot be read.
pub fn open(connection: &Connection) -> Result<Vec<HookRow>, JournalError> {
    select(
        connection,
        "WHERE hook.open = 1 AND hook.state = 'waiting' ORDER BY hook.event, hook.id",
        [],
    )
}

/// All rows of a hook, for people.
///
/// # Errors
/// The journal cannot be read.
pub fn of_name(connection: &Connection, name: &str) -> Result<Vec<HookRow>, JournalError> {
    select(connection, "WHERE hook.name = ?1 ORDER BY hook.id", [name])
}

/// A hook was run and has succeeded.
///
/// # Errors
/// The journal cannot be written.
pub fn done(connection: &Connection, key: HookKey) -> Result<(), JournalError> {
    let mut update = connection.prepare_cached(
        "UPDATE hook SET state = 'done', open = NULL, attempts = attempts + 1, retry_at = NULL, \
         trouble = NULL, changed = ?2 WHERE id = ?1",
    )?;
    update.execute(params![key.0, now()])?;
    Ok(())
}

/// A hook was run and has failed; it is run again at `retry_at`, ms since 1970, which is for people
/// to read. `counted`: this was one of its attempts.
///
/// # Errors
/// The journal cannot be written.
pub fn postponed(
    connection: &Connection,
    key: HookKey,
    trouble: &str,
    retry_at: i64,
    counted: bool,
) -> Result<(), JournalError> {
    let mut update = connection.prepare_cached(
        "UPDATE hook SET attempts = attempts + ?5, retry_at = ?4, trouble = ?3, changed = ?2 \
         WHERE id = ?1",
    )?;
    update.execute(params![key.0, now(), trouble, retry_at, counted])?;
    Ok(())
}

/// A hook has failed for good. Gives whether that is new.
///
/// # Errors
/// The journal cannot be written.
pub fn failed(connection: &Connection, key: HookKey, trouble: &str) -> Result<bool, JournalError> {
    let mut update = connection.prepare_cached(
        "UPDATE hook SET attempts = attempts + 1, trouble = ?3, changed = ?2 WHERE id = ?1",
    )?;
    update.execute(params![key.0, now(), trouble])?;
    let mut close = connection.prepare_cached(
        "UPDATE hook SET state = 'failed', open = NULL, retry_at = NULL \
         WHERE id = ?1 AND state <> 'failed'",
    )?;
    Ok(close.execute([key.0])? > 0)
}

fn select(
    connection: &Connection,
    rest: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<HookRow>, JournalError> {
    let sql = format!(
        "SELECT hook.id, hook.event, hook.name, hook.state, hook.attempts, hook.trouble, \
         event.partner, event.file FROM hook LEFT JOIN event ON event.id = hook.event {rest}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params, |row| {
        Ok(HookRow {
            key: HookKey(row.get(0)?),
            event: row.get(1)?,
            name: row.get(2)?,
            state: row.get(3)?,
            attempts: row.get(4)?,
            trouble: row.get(5)?,
            partner: row.get(6)?,
            file: row.get::<_, Option<i64>>(7)?.map(FileKey),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
