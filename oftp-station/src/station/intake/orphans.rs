//! What a crash left in the spool.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::super::Folder;
use super::super::config::Retention;
use super::super::journal::file::{self, FileRow, FileState};
use super::super::journal::{Journal, JournalError};
use super::dispose::put_away;
use super::spool::{COPIED, ENVELOPE, NEW, TAKEN, is_forwarded, name_of, remove};

/// What is being written is older than this only where its process is gone.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Another process has a file in the spool for a moment before its row is in the journal.
const MOMENT: Duration = Duration::from_secs(60);

/// What was found in the spool beside the files of the queue.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Orphans {
    /// So many remains of ours were removed.
    pub removed: usize,
    /// Files without a row: whoever wanted them queued was told of a failure, or was killed before
    /// he heard of success. They stay for a person to look at.
    pub unknown: Vec<PathBuf>,
}

/// Looks through `spool/out` after a start: removes what was being written when its process was
/// killed, finishes what [`dispose`](super::dispose()) began, and gives what belongs to no file.
/// `now` is the time of the clock on the wall, as files have it.
///
/// # Errors
/// The journal or the folder cannot be read.
pub fn remove_orphans(
    journal: &Journal,
    folder: &Folder,
    retention: &Retention,
    now: SystemTime,
) -> Result<Orphans, JournalError> {
    let spool = folder.spool_out();
    let fault = |error: io::Error| JournalError::State(format!("{}: {error}", spool.display()));
    let mut entries: HashMap<String, Vec<(PathBuf, String)>> = HashMap::new();
    let mut orphans = Orphans::default();
    for entry in fs::read_dir(&spool).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let (path, entry) = (entry.path(), entry.file_name());
        let known = entry
            .to_str()
            .and_then(|entry| Some((name_of(entry)?, entry)));
        match known {
            Some((name, entry)) => {
                let ending = entry[name.len()..].trim_start_matches('.').to_owned();
                let group = entries.entry(name.to_owned()).or_default();
                group.push((path, ending));
            }
            None => orphans.unknown.push(path),
        }
    }
    let rows = rows(journal, &entries)?;
    for (name, group) in entries {
        let row = rows.get(&name);
        if let Some(row) = row {
            let before = orphans.removed;
            orphans.removed +=
                usize::from(put_away(folder, retention, row).is_ok() && is_over(row));
            if orphans.removed > before {
                continue;
            }
        }
        for (path, ending) in group {
            match what_is(row, &name, &ending) {
                What::Kept => {}
                What::Remains if is_older(&path, now, DAY) => {
                    orphans.removed += usize::from(remove(&path).is_ok());
                }
                What::Remains => {}
                What::Unknown if is_older(&path, now, MOMENT) => orphans.unknown.push(path),
                What::Unknown => {}
            }
        }
    }
    orphans.unknown.sort();
    Ok(orphans)
}

enum What {
    Kept,
    Remains,
    Unknown,
}

fn what_is(row: Option<&FileRow>, name: &str, ending: &str) -> What {
    match (row, ending) {
        (_, NEW) => What::Remains,
        (_, ending) if ending.starts_with(ENVELOPE) && ending.ends_with(NEW) => What::Remains,
        (None, ENVELOPE) => What::Remains,
        (None, "") if is_forwarded(name) => What::Kept,
        (None, _) => What::Unknown,
        (Some(row), TAKEN | COPIED) if row.state != FileState::Taking => What::Remains,
        (Some(_), _) => What::Kept,
    }
}

fn is_over(row: &FileRow) -> bool {
    matches!(
        row.state,
        FileState::Done | FileState::Rejected | FileState::Cancelled
    )
}

/// The rows of these names. There is no index of them: one walk through all files, and only where
/// something lies here that belongs to none of the queue.
fn rows(
    journal: &Journal,
    entries: &HashMap<String, Vec<(PathBuf, String)>>,
) -> Result<HashMap<String, FileRow>, JournalError> {
    use FileState::{EfidSent, Queued, Sent, Taking};
    journal.read(|connection| {
        let open = file::open(connection, &[Taking, Queued, EfidSent, Sent])?;
        let mut rows: HashMap<String, FileRow> = open
            .into_iter()
            .map(|row| (row.spool.clone(), row))
            .collect();
        let others: Vec<&String> = entries
            .keys()
            .filter(|name| !rows.contains_key(*name))
            .collect();
        for names in others.chunks(500) {
            // Names of ours are digits, letters and hyphens: nothing to escape.
            let list: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            let query = format!("WHERE direction = 'out' AND spool IN ({})", list.join(", "));
            for row in file::find(connection, &query, [])? {
                rows.insert(row.spool.clone(), row);
            }
        }
        Ok(rows)
    })
}

fn is_older(path: &Path, now: SystemTime, age: Duration) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|old| old >= age))
}
