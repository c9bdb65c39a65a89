//! What changes files: each within the transaction of the caller, with a line in the history.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::{JournalError, event, now, virtual_file};
use super::row::layout_name;
use super::{Change, FileKey, FileRow, FileState, Way, find};
use crate::identity::Field;
use crate::names;
use crate::outbox::Stamp;
use crate::records::RecordLayout;

/// A file that is new in the journal.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Which partner it is for or from, by its name in the configuration.
    pub partner: String,
    /// As what it is offered.
    pub sfid: oftp_core::wire::Sfid,
    /// Its local name, for people.
    pub name: String,
    /// Its name in the spool.
    pub spool: String,
    /// How the records of a V file lie there.
    pub layout: RecordLayout,
    /// Where it comes from.
    pub path: Option<std::path::PathBuf>,
    /// What the configuration says of it, JSON.
    pub plan: String,
    /// 0 first, 9 last.
    pub priority: u8,
    /// A person is to let it go first.
    pub held: bool,
    /// The file that it forwards.
    pub parent: Option<FileKey>,
}

/// How the stamp of a file is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamping {
    /// It has one, given by its originator, and keeps it.
    Kept,
    /// It gets this one, or the next that no file of the same name between the same stations has.
    /// `seconds_only`: its partner may be at level 1.2 or 1.3, which drop the counter.
    Free {
        /// The first that is tried.
        first: Stamp,
        /// Stamps must differ in their seconds.
        seconds_only: bool,
    },
}

/// Queues a file to be sent, in the state [`FileState::Queued`] or, where its octets are not in
/// the spool yet, [`FileState::Taking`].
///
/// # Errors
/// [`JournalError::Duplicate`]: a file that keeps its stamp is there already.
pub fn enqueue(
    connection: &Connection,
    mut file: NewFile,
    stamping: Stamping,
    state: FileState,
) -> Result<FileRow, JournalError> {
    if let Stamping::Free {
        first,
        seconds_only,
    } = stamping
    {
        file.sfid.stamp = free_stamp(connection, &file.sfid, first, seconds_only)?;
    }
    let key = insert(connection, Way::Out, state, &file)?;
    event::note(
        connection,
        event::Kind::of_file(state),
        Some(&file.partner),
        Some(key),
        &serde_json::json!({ "name": file.name }),
    )?;
    find::get(connection, key)
}

/// A stamp from `first` on that no file of this name between these stations has had: the journal
/// makes a file unique, and not the clock. It is behind all that lie within a day from `first`; what
/// a clock that ran ahead once has stamped is left where it is.
fn free_stamp(
    connection: &Connection,
    sfid: &oftp_core::wire::Sfid,
    first: Stamp,
    seconds_only: bool,
) -> Result<oftp_core::wire::Stamp, JournalError> {
    let mut last = connection.prepare_cached(
        "SELECT date || time FROM file WHERE dsn = ?1 AND direction = 'out' AND orig = ?2 \
         AND dest = ?3 AND state <> 'refused' AND date IN (?4, ?6) \
         AND ((date = ?4 AND substr(time, 1, 6) >= ?5) OR (date = ?6 AND substr(time, 1, 6) < ?5)) \
         ORDER BY date DESC, time DESC LIMIT 1",
    )?;
    let [dsn, orig, dest] = [
        sfid.dsn.as_octets().as_slice(),
        sfid.orig.as_octets(),
        sfid.dest.as_octets(),
    ]
    .map(|octets| names::escape(Field::new(octets).as_octets()));
    let (today, second) = (first.date(), first.time());
    let second = second.get(..6).unwrap_or_default();
    let last: Option<String> = last
        .query_row(
            params![dsn, orig, dest, today, second, first.tomorrow().date()],
            |row| row.get(0),
        )
        .optional()?;
    let last: Option<Stamp> = last.and_then(|stamp| stamp.parse().ok());
    let stamp = match last {
        Some(last) => first.max(last.next(seconds_only)),
        None => first,
    };
    oftp_core::wire::Stamp::new(&stamp.date(), &stamp.time())
        .map_err(|error| JournalError::State(error.to_string()))
}

/// A file is offered and taken: state [`FileState::Receiving`]. One that was cut earlier keeps
/// its row.
///
/// # Errors
/// [`JournalError::Duplicate`]: it has been received.
pub fn receive(connection: &Connection, file: &NewFile) -> Result<FileKey, JournalError> {
    let identity = virtual_file::identity_of(&file.sfid);
    if let Some(known) = find::by_identity(connection, Way::In, &identity)? {
        if known.state != FileState::Receiving {
            return Err(JournalError::Duplicate);
        }
        // Another partner may bring it, or with other attributes: the row says what comes now.
        let mut rewrite = connection.prepare_cached(
            "UPDATE file SET sfid = ?2, partner = ?3, changed = ?4, attempts = attempts + 1 \
             WHERE id = ?1",
        )?;
        let json = virtual_file::to_json(&file.sfid);
        rewrite.execute(params![known.key.0, json, file.partner, now()])?;
        return Ok(known.key);
    }
    let key = insert(connection, Way::In, FileState::Receiving, file)?;
    event::note(
        connection,
        event::Kind::of_file(FileState::Receiving),
        Some(&file.partner),
        Some(key),
        &serde_json::json!({}),
    )?;
    Ok(key)
}

fn insert(
    connection: &Connection,
    way: Way,
    state: FileState,
    file: &NewFile,
) -> Result<FileKey, JournalError> {
    let identity = virtual_file::identity_of(&file.sfid);
    let [date, time, dsn, orig, dest] = identity
        .fields()
        .map(|field| names::escape(field.as_octets()));
    let path = file.path.as_ref().map(|path| path.to_string_lossy());
    let now = now();
    let mut insert = connection.prepare_cached(
        "INSERT INTO file (direction, state, open, partner, dsn, date, time, orig, dest, sfid, \
         name, spool, layout, path, plan, priority, held, parent, created, changed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?19)",
    )?;
    insert.execute(params![
        way.name(),
        state.name(),
        state.is_open().then_some(1),
        file.partner,
        dsn,
        date,
        time,
        orig,
        dest,
        virtual_file::to_json(&file.sfid),
        file.name,
        file.spool,
        layout_name(file.layout),
        path,
        file.plan,
        file.priority,
        file.held,
        file.parent.map(|parent| parent.0),
        now,
    ])?;
    Ok(FileKey(connection.last_insert_rowid()))
}

/// Leads a file into a state, and notes it in the history with `detail`.
///
/// # Errors
/// [`JournalError::NotThere`], [`JournalError::State`]: the state does not follow the one that the
/// file is in. What was done before a crash may be done again: the same state follows itself.
pub fn change(
    connection: &Connection,
    key: FileKey,
    state: FileState,
    what: Change,
    detail: &serde_json::Value,
) -> Result<FileRow, JournalError> {
    let before = find::get(connection, key)?;
    if before.state != state && !state.follows().contains(&before.state) {
        return Err(JournalError::State(format!(
            "file {key} is {}, which {state} does not follow",
            before.state
        )));
    }
    apply(connection, key, Some(state), what)?;
    event::note(
        connection,
        event::Kind::of_file(state),
        Some(&before.partner),
        Some(key),
        detail,
    )?;
    find::get(connection, key)
}

/// Changes what is known of a file, without a line in the history.
///
/// # Errors
/// The journal cannot be written.
pub fn update(connection: &Connection, key: FileKey, what: Change) -> Result<(), JournalError> {
    apply(connection, key, None, what)
}

/// Notes a trouble that leaves a file in its state.
///
/// # Errors
/// [`JournalError::NotThere`].
pub fn note_trouble(
    connection: &Connection,
    key: FileKey,
    trouble: &str,
) -> Result<(), JournalError> {
    let row = find::get(connection, key)?;
    let what = Change {
        trouble: Some(Some(trouble.to_owned())),
        ..Change::default()
    };
    apply(connection, key, None, what)?;
    event::note(
        connection,
        event::Kind::FileTrouble,
        Some(&row.partner),
        Some(key),
        &serde_json::json!({ "trouble": trouble }),
    )
}

/// A file that was not what its sender said (EFNA) starts afresh: nothing of it is known any more.
///
/// # Errors
/// The journal cannot be written.
pub fn drop_reception(connection: &Connection, key: FileKey) -> Result<(), JournalError> {
    let mut delete =
        connection.prepare_cached("DELETE FROM file WHERE id = ?1 AND state = 'receiving'")?;
    delete.execute([key.0])?;
    Ok(())
}

/// A file that was to be taken out of an outbox still lies there, or is not fit to be sent: nothing
/// of it is known any more.
///
/// # Errors
/// The journal cannot be written.
pub fn drop_taking(connection: &Connection, key: FileKey) -> Result<(), JournalError> {
    let mut delete =
        connection.prepare_cached("DELETE FROM file WHERE id = ?1 AND state = 'taking'")?;
    delete.execute([key.0])?;
    Ok(())
}

/// Lets files go at once that wait for a time further away than any pause (`longest`, ms).
///
/// # Errors
/// The journal cannot be written.
pub fn forget_far_retries(
    connection: &Connection,
    now: i64,
    longest: i64,
) -> Result<(), JournalError> {
    let mut update = connection
        .prepare_cached("UPDATE file SET retry_at = NULL WHERE open = 1 AND retry_at > ?1")?;
    update.execute([now.saturating_add(longest)])?;
    Ok(())
}

fn apply(
    connection: &Connection,
    key: FileKey,
    state: Option<FileState>,
    what: Change,
) -> Result<(), JournalError> {
    let mut sets = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut set = |column: &str, value: Value| {
        sets.push(format!("{column} = ?"));
        values.push(value);
    };
    let count = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let optional = |value: Option<Value>| value.unwrap_or(Value::Null);
    if let Some(state) = state {
        set("state", state.name().to_owned().into());
        set("open", optional(state.is_open().then(|| 1.into())));
    }
    if let Some(sfid) = &what.sfid {
        set("sfid", virtual_file::to_json(sfid).into());
    }
    if let Some(path) = &what.path {
        set("path", path.to_string_lossy().into_owned().into());
    }
    if let Some(sealed) = what.sealed {
        set("sealed", i64::from(sealed).into());
    }
    if let Some(hash) = what.hash {
        set("hash", hash.into());
    }
    if let Some(octets) = what.octets {
        set("octets", count(octets));
    }
    if let Some(records) = what.records {
        set("records", count(records));
    }
    if let Some(position) = what.position {
        set("position", count(position));
    }
    if let Some(priority) = what.priority {
        set("priority", i64::from(priority).into());
    }
    if let Some(held) = what.held {
        set("held", i64::from(held).into());
    }
    if let Some(attempts) = what.attempts {
        set("attempts", i64::from(attempts).into());
    }
    if let Some(retry_at) = what.retry_at {
        set("retry_at", optional(retry_at.map(Value::from)));
    }
    if let Some(trouble) = what.trouble {
        set("trouble", optional(trouble.map(Value::from)));
    }
    if let Some(transferred) = what.transferred {
        set("transferred", transferred.into());
    }
    if let Some(due) = what.due {
        set("due", optional(due.map(Value::from)));
    }
    if let Some(plan) = what.plan {
        set("plan", plan.into());
    }
    set("changed", now().into());
    let sql = format!("UPDATE file SET {} WHERE id = ?", sets.join(", "));
    values.push(key.0.into());
    let mut statement = connection.prepare_cached(&sql)?;
    statement.execute(rusqlite::params_from_iter(values))?;
    Ok(())
}
