//! Numbers and words of the journal that are single.

use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;

/// What is known under this name.
///
/// # Errors
/// The journal cannot be read.
pub fn get(connection: &Connection, name: &str) -> Result<Option<String>, JournalError> {
    let mut select = connection.prepare_cached("SELECT value FROM fact WHERE name = ?1")?;
    Ok(select.query_row([name], |row| row.get(0)).optional()?)
}

/// Puts this in the place of what is known under the name.
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
