//! Files of the journal, found.

use oftp_core::wire::Stamp;
use rusqlite::{Connection, Params, params};

use super::super::JournalError;
use super::{FileKey, FileRow, FileState, Way};
use crate::identity::{Field, Identity};
use crate::names;

/// The file with this number.
///
/// # Errors
/// [`JournalError::NotThere`].
pub fn get(connection: &Connection, key: FileKey) -> Result<FileRow, JournalError> {
    let rows = select(connection, "WHERE id = ?1", [key.0])?;
    let row = rows.into_iter().next();
    row.ok_or_else(|| {
        JournalError::NotThere(format!(
            "no file {key} in the journal; `oftp history` lists them"
        ))
    })
}

/// The file of this identity, unless it was refused.
///
/// # Errors
/// The journal cannot be read.
pub fn by_identity(
    connection: &Connection,
    way: Way,
    identity: &Identity,
) -> Result<Option<FileRow>, JournalError> {
    let [date, time, dsn, orig, dest] = identity
        .fields()
        .map(|field| names::escape(field.as_octets()));
    let rows = select(
        connection,
        "WHERE dsn = ?1 AND date = ?2 AND time = ?3 AND orig = ?4 AND dest = ?5 \
         AND direction = ?6 AND state <> 'refused'",
        params![dsn, date, time, orig, dest, way.name()],
    )?;
    Ok(rows.into_iter().next())
}

/// The files of ours of this dataset name whose end response may still come, as far as their stamps
/// may be this one: some partners give all of their files one name, and no response is to read years
/// of them.
///
/// # Errors
/// The journal cannot be read.
pub fn by_name(
    connection: &Connection,
    dsn: &[u8],
    stamp: &Stamp,
) -> Result<Vec<FileRow>, JournalError> {
    let dsn = names::escape(Field::new(dsn).as_octets());
    // What levels 1.2 and 1.3 carry of it, which is all that two stamps may have in common. Where
    // that is no digits the table has it in other words, and all are read.
    let (date, time) = stamp.short();
    let is_digits = date.iter().chain(&time).all(u8::is_ascii_digit);
    let [date, time] = [date, time].map(|octets| match is_digits {
        true => String::from_utf8_lossy(&octets).into_owned(),
        false => String::new(),
    });
    // What is done stays for a response that comes twice, which belongs to it and says nothing new.
    select(
        connection,
        "WHERE dsn = ?1 AND direction = 'out' AND state <> 'refused' \
         AND (?2 = '' OR (substr(date, -6) = ?2 AND substr(time, 1, 6) = ?3)) AND state IN \
         ('queued', 'efid_sent', 'sent', 'done', 'rejected')",
        params![dsn, date, time],
    )
}

/// The files that forward this one.
///
/// # Errors
/// The journal cannot be read.
pub fn children(connection: &Connection, parent: FileKey) -> Result<Vec<FileRow>, JournalError> {
    select(connection, "WHERE parent = ?1 ORDER BY id", [parent.0])
}

/// All files in one of these open states.
///
/// # Errors
/// The journal cannot be read.
pub fn open(connection: &Connection, states: &[FileState]) -> Result<Vec<FileRow>, JournalError> {
    let names: Vec<String> = states.iter().map(|s| format!("'{}'", s.name())).collect();
    let list = names.join(", ");
    select(
        connection,
        &format!("WHERE open = 1 AND state IN ({list}) ORDER BY id"),
        [],
    )
}

/// The files to be sent to a partner now, at most `most`, the first first.
///
/// # Errors
/// The journal cannot be read.
pub fn sendable(
    connection: &Connection,
    partner: &str,
    now: i64,
    most: u32,
) -> Result<Vec<FileRow>, JournalError> {
    select(
        connection,
        "WHERE open = 1 AND direction = 'out' AND partner = ?1 \
         AND state IN ('queued', 'efid_sent') AND held = 0 \
         AND (retry_at IS NULL OR retry_at <= ?2 OR changed > ?2) ORDER BY priority, id LIMIT ?3",
        params![partner, now, most],
    )
}

/// The partners for whom something waits, and the best priority of it: files that may be sent now,
/// and responses (priority 0).
///
/// # Errors
/// The journal cannot be read.
pub fn waiting_partners(
    connection: &Connection,
    now: i64,
) -> Result<Vec<(String, u8)>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT partner, min(priority) FROM ( \
           SELECT partner, priority FROM file WHERE open = 1 AND direction = 'out' \
             AND state IN ('queued', 'efid_sent') AND held = 0 \
             AND (retry_at IS NULL OR retry_at <= ?1 OR changed > ?1) \
           UNION ALL \
           SELECT partner, 0 FROM response WHERE open = 1 AND state = 'ready') \
         GROUP BY partner ORDER BY min(priority)",
    )?;
    let rows = statement.query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What waits for one partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// Which, by its name in the configuration.
    pub partner: String,
    /// The best priority of it; that of responses is 0.
    pub priority: u8,
    /// Files that may be sent now.
    pub files: u32,
    /// The largest numbers of a file and of a response among it; 0 for none.
    pub newest: (i64, i64),
}

/// What waits, by partner: files that may be sent now, and responses.
///
/// # Errors
/// The journal cannot be read.
pub fn waiting(connection: &Connection, now: i64) -> Result<Vec<WaitingRow>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT partner, min(priority), sum(files), max(file), max(response) FROM ( \
           SELECT partner, priority, 1 AS files, id AS file, 0 AS response FROM file \
             WHERE open = 1 AND direction = 'out' \
             AND state IN ('queued', 'efid_sent') AND held = 0 \
             AND (retry_at IS NULL OR retry_at <= ?1 OR changed > ?1) \
           UNION ALL \
           SELECT partner, 0, 0, 0, id FROM response WHERE open = 1 AND state = 'ready') \
         GROUP BY partner",
    )?;
    let rows = statement.query_map([now], |row| {
        Ok(WaitingRow {
            partner: row.get(0)?,
            priority: row.get(1)?,
            files: row.get(2)?,
            newest: (row.get(3)?, row.get(4)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a file waits for a time that is further away than any pause (`longest`, ms): it was
/// written by a clock that was wrong, or is read by one.
///
/// # Errors
/// The journal cannot be read.
pub fn has_far_retries(
    connection: &Connection,
    now: i64,
    longest: i64,
) -> Result<bool, JournalError> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM file WHERE open = 1 AND retry_at > ?1)")?;
    Ok(statement.query_row([now.saturating_add(longest)], |row| row.get(0))?)
}

/// The files whose end response is overdue.
///
/// # Errors
/// The journal cannot be read.
pub fn late(connection: &Connection, now: i64) -> Result<Vec<FileRow>, JournalError> {
    select(
        connection,
        "WHERE due IS NOT NULL AND due <= ?1 ORDER BY due LIMIT 1000",
        [now],
    )
}

/// Which files are listed; `None` takes all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One way.
    pub way: Option<Way>,
    /// One partner.
    pub partner: Option<String>,
    /// One state.
    pub state: Option<FileState>,
    /// Whether something is still to happen with them.
    pub open: Option<bool>,
    /// A part of the dataset name, of the local name or of the description, letters in either
    /// case.
    pub text: Option<String>,
    /// Changed at this time or later, ms since 1970.
    pub since: Option<i64>,
    /// Numbers below this one: the next page.
    pub before: Option<FileKey>,
    /// At most so many; 0: all.
    pub limit: u32,
}

/// Files by what is known of them, the last first.
///
/// # Errors
/// The journal cannot be read.
pub fn history(connection: &Connection, filter: &Filter) -> Result<Vec<FileRow>, JournalError> {
    use rusqlite::types::Value;
    let mut terms = vec!["1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut term = |text: &str, value: Value| {
        values.push(value);
        terms.push(text.replace('?', &format!("?{}", values.len())));
    };
    if let Some(way) = filter.way {
        term("direction = ?", way.name().to_owned().into());
    }
    if let Some(partner) = &filter.partner {
        term("partner = ?", partner.clone().into());
    }
    if let Some(state) = filter.state {
        term("state = ?", state.name().to_owned().into());
    }
    if let Some(since) = filter.since {
        term("changed >= ?", since.into());
    }
    if let Some(before) = filter.before {
        term("id < ?", before.0.into());
    }
    match filter.open {
        Some(true) => terms.push("open = 1".to_owned()),
        Some(false) => terms.push("open IS NULL".to_owned()),
        None => {}
    }
    let sql = format!(
        "SELECT {} FROM file WHERE {} ORDER BY id DESC",
        FileRow::COLUMNS,
        terms.join(" AND ")
    );
    let most = match filter.limit {
        0 => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let text = filter.text.as_deref().map(str::to_lowercase);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut files = Vec::new();
    while files.len() < most {
        let Some(row) = rows.next()? else { break };
        let row = FileRow::read(row)?;
        if text.as_deref().is_none_or(|text| has_text(&row, text)) {
            files.push(row);
        }
    }
    Ok(files)
}

/// Whether a text in lower case is part of what people know a file by. The escaped octets of the
/// table would hide what they look for.
fn has_text(row: &FileRow, text: &str) -> bool {
    let dsn = Field::new(row.sfid.dsn.as_octets()).to_string();
    let description = row.sfid.desc.to_string();
    let mut all = [dsn.as_str(), row.name.as_str(), description.as_str()].into_iter();
    all.any(|known| known.to_lowercase().contains(text))
}

/// The files that `rest` of a query gives.
///
/// # Errors
/// The journal cannot be read.
pub fn find(
    connection: &Connection,
    rest: &str,
    params: impl Params,
) -> Result<Vec<FileRow>, JournalError> {
    select(connection, rest, params)
}

fn select(
    connection: &Connection,
    rest: &str,
    params: impl Params,
) -> Result<Vec<FileRow>, JournalError> {
    let sql = format!("SELECT {} FROM file {rest}", FileRow::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params)?;
    let mut files = Vec::new();
    while let Some(row) = rows.next()? {
        files.push(FileRow::read(row)?);
    }
    Ok(files)
}
