//! What an earlier process left undone when it was killed, and what waits to be delivered.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Shared;
use super::delivery::{self, Fault};
use super::journal::file::{self, FileKey, FileRow, FileState, Way};
use super::journal::{JournalError, now};
use crate::exchange::Voice;
use crate::names;

/// So many files are opened and delivered at a time beside the sessions.
const AT_A_TIME: usize = 4;

/// How often files are looked for whose time has come.
const LOOK: Duration = Duration::from_secs(5);

/// And where nothing happens.
const LONGEST: Duration = Duration::from_secs(60);

/// Clears away what a kill left in the spool: what is delivered or refused and still lies there.
/// Cut transfers stay, and so does everything that the journal does not know.
///
/// # Errors
/// The spool or the journal cannot be read.
pub fn clear_spool(shared: &Shared) -> Result<(), JournalError> {
    let spool = shared.folder().spool_in();
    let disk = |error: std::io::Error| JournalError::State(format!("{}: {error}", spool.display()));
    let mut names = HashSet::new();
    for folder in [spool.clone(), shared.staging().staged_path("")] {
        for entry in fs::read_dir(&folder).map_err(disk)? {
            let name = entry.map_err(disk)?.file_name();
            names.insert(base(&name.to_string_lossy()));
        }
    }
    for name in names {
        let Some(identity) = names::identity_of(&name) else {
            continue;
        };
        let row = find(shared, &name, &identity)?;
        let Some(row) = row else { continue };
        let cleared = match row.state {
            FileState::Refused => delivery::put_rest_aside(shared, &row),
            FileState::Delivered | FileState::Closed => delivery::remove_rest(shared, &row),
            _ => Ok(()),
        };
        cleared.map_err(|fault: Fault| JournalError::State(fault.to_string()))?;
    }
    Ok(())
}

/// The name of a file by that of any of its places: a stored name has five fields.
fn base(name: &str) -> String {
    let fields: Vec<&str> = name.split('.').take(5).collect();
    fields.join(".")
}

/// The row of a file in the spool: the one that counts, or the last that was refused.
fn find(
    shared: &Shared,
    name: &str,
    identity: &crate::identity::Identity,
) -> Result<Option<FileRow>, JournalError> {
    let name = name.to_owned();
    shared.journal().read(|connection| {
        if let Some(row) = file::by_identity(connection, Way::In, identity)? {
            return Ok(Some(row));
        }
        let rest = "WHERE direction = 'in' AND spool = ?1 AND dsn = ?2 ORDER BY id DESC LIMIT 1";
        let dsn = names::escape(identity.dsn.as_octets());
        Ok(file::find(connection, rest, [name, dsn])?
            .into_iter()
            .next())
    })
}

/// Delivers what is received and in nobody's hands: after a kill, after trouble, and when a hook
/// wanted to be asked later. Until `stop` is done.
pub async fn courier(shared: Shared, voice: Voice, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let mut work = JoinSet::new();
    let mut seen = 0;
    // What was put off a moment ago, whether the journal could be told of that or not: without
    // this a full disk would be tried without a pause.
    let mut put_off: HashMap<FileKey, Instant> = HashMap::new();
    loop {
        let now = Instant::now();
        put_off.retain(|_, until| *until > now);
        match waiting(&shared, &put_off) {
            Ok(rows) => {
                for row in rows {
                    if work.len() >= AT_A_TIME || !shared.claim_file(row.key) {
                        continue;
                    }
                    let (shared, voice) = (shared.clone(), voice.clone());
                    work.spawn_blocking(move || {
                        let delivered = delivery::deliver(&shared, row.key, &voice);
                        shared.release_file(row.key);
                        if delivered == delivery::Delivered::Answered {
                            shared.wake();
                        }
                        (row.key, delivered)
                    });
                }
            }
            Err(error) => voice.error(&error.to_string()),
        }
        tokio::select! {
            () = &mut stop => break,
            Some(done) = work.join_next(), if !work.is_empty() => {
                if let Ok((key, delivery::Delivered::Later)) = done {
                    put_off.insert(key, Instant::now() + LOOK);
                }
            }
            // Sessions deliver what they receive: this is for what they leave. What was put off
            // changes nothing when its time comes.
            () = async {
                tokio::time::sleep(LOOK).await;
                let changed = shared.journal().changed(seen);
                if let Ok(number) = tokio::time::timeout(LONGEST, changed).await {
                    seen = number;
                }
            } => {}
        }
    }
    while work.join_next().await.is_some() {}
}

fn waiting(
    shared: &Shared,
    put_off: &HashMap<FileKey, Instant>,
) -> Result<Vec<FileRow>, JournalError> {
    let rows = shared
        .journal()
        .read(|connection| file::open(connection, &[FileState::Received]))?;
    let now = now();
    let free = |row: &FileRow| !put_off.contains_key(&row.key) && !shared.is_claimed(row.key);
    Ok(rows
        .into_iter()
        .filter(|row| row.is_due(now) && free(row))
        .collect())
}
