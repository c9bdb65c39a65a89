//! How much waits: figures for the metrics, each found by an index however old the journal is.

use rusqlite::Connection;

use super::JournalError;

/// How much waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Files with which something is still to happen: direction, state, how many.
    pub files: Vec<(String, String, u64)>,
    /// When the oldest file that waits to be sent, and is not held, was queued; ms since 1970.
    pub oldest: Option<i64>,
    /// Files that were sent, and whose end response should have come.
    pub overdue: u64,
    /// End responses that are ours to send.
    pub owed: u64,
    /// Runs of hooks that are still to come.
    pub hooks: u64,
}

/// The figures at this time, ms since 1970.
///
/// # Errors
/// The journal cannot be read.
pub fn figures(connection: &Connection, now: i64) -> Result<Figures, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT direction, state, count(*) FROM file WHERE open = 1 GROUP BY direction, state",
    )?;
    let files = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, unsigned(row.get(2)?)))
    })?;
    let oldest = connection.query_row(
        "SELECT min(created) FROM file WHERE open = 1 AND direction = 'out' \
         AND state IN ('taking', 'queued', 'efid_sent') AND held = 0",
        [],
        |row| row.get(0),
    )?;
    // `due` is NULL once that it is overdue was told.
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<u64, JournalError> {
        let mut statement = connection.prepare_cached(sql)?;
        Ok(unsigned(statement.query_row(params, |row| row.get(0))?))
    };
    Ok(Figures {
        files: files.collect::<Result<_, _>>()?,
        oldest,
        overdue: count(
            "SELECT count(*) FROM file WHERE open = 1 AND direction = 'out' AND state = 'sent' \
             AND (due IS NULL OR due <= ?1)",
            &[&now],
        )?,
        owed: count("SELECT count(*) FROM response WHERE open = 1", &[])?,
        hooks: count("SELECT count(*) FROM hook WHERE open = 1", &[])?,
    })
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
