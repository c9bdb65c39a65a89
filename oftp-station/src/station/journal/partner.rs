//! What the journal knows of partners beside the configuration: whether a person has stopped one,
//! and how the last sessions went.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::{JournalError, event, now};

/// What is known of a partner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerRow {
    /// A person has stopped it: it is not called, and nothing is sent to it.
    pub held: bool,
    /// Attempts at a session that failed in a row.
    pub failures: u32,
    /// When the last session was up, ms since 1970.
    pub last_session: Option<i64>,
    /// When an attempt failed last, ms since 1970.
    pub last_failure: Option<i64>,
    /// Why it failed.
    pub trouble: Option<String>,
}

/// What is known of all partners, by their names in the configuration.
///
/// # Errors
/// The journal cannot be read.
pub fn all(connection: &Connection) -> Result<HashMap<String, PartnerRow>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT name, held, failures, last_session, last_failure, trouble FROM partner",
    )?;
    let rows = statement.query_map([], |row| {
        let known = PartnerRow {
            held: row.get(1)?,
            failures: row.get(2)?,
            last_session: row.get(3)?,
            last_failure: row.get(4)?,
            trouble: row.get(5)?,
        };
        Ok((row.get(0)?, known))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Stops a partner, or lets it go on.
///
/// # Errors
/// The journal cannot be written.
pub fn hold(connection: &Connection, name: &str, held: bool) -> Result<(), JournalError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO partner (name, held) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET held = ?2",
    )?;
    upsert.execute(params![name, held])?;
    Ok(())
}

/// A session is up.
///
/// # Errors
/// The journal cannot be written.
pub fn session_up(connection: &Connection, name: &str) -> Result<(), JournalError> {
    let failures: Option<u32> = {
        let mut before =
            connection.prepare_cached("SELECT failures FROM partner WHERE name = ?1")?;
        let mut rows = before.query([name])?;
        match rows.next()? {
            Some(row) => Some(row.get(0)?),
            None => None,
        }
    };
    let mut upsert = connection.prepare_cached(
        "INSERT INTO partner (name, last_session) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET last_session = ?2, failures = 0, trouble = NULL",
    )?;
    upsert.execute(params![name, now()])?;
    if failures.unwrap_or(0) >= TROUBLE {
        let none = serde_json::json!({});
        event::note(
            connection,
            event::Kind::PartnerWell,
            Some(name),
            None,
            &none,
        )?;
    }
    Ok(())
}

/// After so many failures in a row people are told.
pub const TROUBLE: u32 = 3;

/// An attempt at a session failed. Gives how many have by now.
///
/// # Errors
/// The journal cannot be written.
pub fn session_failed(connection: &Connection, name: &str, why: &str) -> Result<u32, JournalError> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO partner (name, failures, last_failure, trouble) VALUES (?1, 1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET failures = failures + 1, last_failure = ?2, trouble = ?3 \
         RETURNING failures",
    )?;
    let failures = upsert.query_row(params![name, now(), why], |row| row.get(0))?;
    if failures == TROUBLE {
        let detail = serde_json::json!({ "trouble": why, "failures": failures });
        event::note(
            connection,
            event::Kind::PartnerTrouble,
            Some(name),
            None,
            &detail,
        )?;
    }
    Ok(failures)
}
