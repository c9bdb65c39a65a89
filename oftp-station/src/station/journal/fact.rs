//! Numbers and words that are single: how far someone has read the history, and the like.

use rusqlite::{Connection, params};

use super::JournalError;

/// What stands under this name.
///
/// # Errors
/// The journal cannot be read.
pub fn get(connection: &Connection, name: &str) -> Result<Option<String>, JournalError> {
    let mut select = connection.prepare_cached("SELECT value FROM fact WHERE name = ?1")?;
    let mut rows = select.query([name])?;
    match rows.next()? {
        Some(row) => Ok(Some(row.get(0)?)),
        None => Ok(None),
    }
}

/// The number under this name.
///
/// # Errors
/// The journal cannot be read; [`JournalError::Content`]: it is no number.
pub fn number(connection: &Connection, name: &str) -> Result<Option<i64>, JournalError> {
    let value = get(connection, name)?;
    let number = value.map(|value| {
        let number = value.parse();
        number.map_err(|_| JournalError::Content(format!("fact {name}: {value} is no number")))
    });
    number.transpose()
}

/// Puts this under a name, in the place of what stood there.
///
/// # Errors
/// The journal cannot be written.
pub fn set(connection: &Connection, name: &str, value: &str) -> Result<(), JournalError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO fact (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = ?2",
    )?;
    upsert.execute(params![name, value])?;
    Ok(())
}
