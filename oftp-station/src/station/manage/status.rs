//! The station as a whole: whether it runs, what waits, what people should look at.

use serde::Serialize;

use super::{EventView, FileView, ManageError};
use crate::station::Folder;
use crate::station::journal::file;
use crate::station::journal::{Journal, event, now, partner};

/// A day, in ms.
pub const DAY: i64 = 86_400_000;

/// The station as a whole: the object of `oftp status --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// A process runs it.
    pub running: bool,
    /// Which one.
    pub process: Option<u32>,
    /// Files that are not at their end, and those that failed and wait for a person, by state.
    pub files: Vec<StateCount>,
    /// End responses that we owe.
    pub responses: u64,
    /// The file of ours that has waited to be sent for the longest time.
    pub oldest_waiting: Option<FileView>,
    /// Files whose end response is overdue, the first ones at most a hundred.
    pub overdue: Vec<FileView>,
    /// Lines of the history of the last 24 hours that people should know, the last ones at most a
    /// hundred.
    pub alarms: Vec<EventView>,
    /// Octets that are free on the disk of the folder.
    pub free: u64,
}

/// How many files are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateCount {
    /// `in` or `out`.
    pub direction: String,
    /// The state.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// The station in this folder, now.
///
/// # Errors
/// The journal cannot be read, or the system does not tell the free space.
pub fn status(journal: &Journal, folder: &Folder) -> Result<Status, ManageError> {
    let process = folder.running();
    let now = now();
    let disk = rustix::fs::statvfs(folder.path())
        .map_err(|error| ManageError::io(folder.path())(error.into()))?;
    let (files, responses, oldest, overdue, alarms) = journal.read(|connection| {
        let mut states = connection.prepare_cached(
            "SELECT direction, state, count(*) FROM file WHERE open = 1 GROUP BY 1, 2 \
             UNION ALL \
             SELECT direction, state, count(*) FROM file WHERE state = 'failed' GROUP BY 1, 2",
        )?;
        let files = states.query_map([], |row| {
            Ok(StateCount {
                direction: row.get(0)?,
                state: row.get(1)?,
                count: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
            })
        })?;
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let responses: i64 =
            connection.query_row("SELECT count(*) FROM response WHERE open = 1", [], |row| {
                row.get(0)
            })?;
        let partners = partner::all(connection)?;
        let view = |row: &file::FileRow| {
            let held = partners.get(&row.partner).is_some_and(|known| known.held);
            FileView::new(row, held, now)
        };
        let oldest = file::find(
            connection,
            "WHERE open = 1 AND direction = 'out' AND state IN ('taking', 'queued', 'efid_sent') \
             ORDER BY id LIMIT 1",
            [],
        )?;
        // Once it was told, `due` is empty: the history knows.
        let overdue = file::find(
            connection,
            "WHERE open = 1 AND direction = 'out' AND state = 'sent' AND (due <= ?1 OR id IN \
             (SELECT file FROM event WHERE kind = 'response_overdue' AND file IS NOT NULL)) \
             ORDER BY id LIMIT 100",
            [now],
        )?;
        Ok((
            files,
            u64::try_from(responses).unwrap_or(0),
            oldest.first().map(view),
            overdue.iter().map(view).collect(),
            event::alarms(connection, now.saturating_sub(DAY), 100)?,
        ))
    })?;
    Ok(Status {
        running: process.is_some(),
        // 0: its number is not known.
        process: process.filter(|id| *id > 0),
        files,
        responses,
        oldest_waiting: oldest,
        overdue,
        alarms: alarms.iter().map(EventView::new).collect(),
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
    })
}
