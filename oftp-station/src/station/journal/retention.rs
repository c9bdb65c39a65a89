//! What the journal keeps no longer, removed in small steps so that nobody waits long.

use rusqlite::{Connection, params};

use super::JournalError;

/// Removes at most `most` files that were over before this time (ms since 1970), with their
/// responses, their history and their runs of hooks; gives how many. A file that is forwarded stays
/// as long as those that forward it, and one that came behind a younger one as long as that: it was
/// written by a clock that was wrong, and must be known as a duplicate none the less.
///
/// # Errors
/// The journal cannot be written.
pub fn remove_files(connection: &Connection, before: i64, most: u32) -> Result<u32, JournalError> {
    let ids: Vec<i64> = {
        let mut select = connection.prepare_cached(
            "SELECT id FROM file WHERE open IS NULL AND changed < ?1 \
             AND id <= coalesce( \
               (SELECT id FROM file WHERE created >= ?1 ORDER BY id LIMIT 1), id) \
             AND NOT EXISTS (SELECT 1 FROM file AS child WHERE child.parent = file.id) \
             AND NOT EXISTS (SELECT 1 FROM response WHERE response.file = file.id AND response.open = 1) \
             ORDER BY changed LIMIT ?2",
        )?;
        let rows = select.query_map(params![before, most], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for sql in [
        "DELETE FROM response WHERE file = ?1",
        "DELETE FROM hook WHERE event IN (SELECT id FROM event WHERE file = ?1)",
        "DELETE FROM event WHERE file = ?1",
        "DELETE FROM file WHERE id = ?1",
    ] {
        let mut delete = connection.prepare_cached(sql)?;
        for id in &ids {
            delete.execute([id])?;
        }
    }
    Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
}

/// Removes at most `most` lines of the history about no file that are older than this time (ms
/// since 1970); gives how many. Those for which a hook has still to run stay.
///
/// # Errors
/// The journal cannot be written.
pub fn remove_events(connection: &Connection, before: i64, most: u32) -> Result<u32, JournalError> {
    let ids: Vec<i64> = {
        let mut select = connection.prepare_cached(
            "SELECT id FROM event WHERE file IS NULL AND at < ?1 \
             AND NOT EXISTS (SELECT 1 FROM hook WHERE hook.event = event.id AND hook.open = 1) \
             ORDER BY at LIMIT ?2",
        )?;
        let rows = select.query_map(params![before, most], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    for sql in [
        "DELETE FROM hook WHERE event = ?1",
        "DELETE FROM event WHERE id = ?1",
    ] {
        let mut delete = connection.prepare_cached(sql)?;
        for id in &ids {
            delete.execute([id])?;
        }
    }
    Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
}
