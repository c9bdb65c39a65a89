//! What is kept no longer: identities, lines of the history, sent copies.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use super::super::config::Config;
use super::super::journal::{Journal, JournalError, fact, retention};

/// The fact that says up to when was pruned last.
const FACT: &str = "pruned";

/// So much goes in one transaction.
const BATCH: u32 = 500;

/// So many batches at a time; the rest follows the next time.
const BATCHES: usize = 40;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Files of the journal, with their responses and history.
    pub files: u64,
    /// Lines of the history that are about no file.
    pub events: u64,
    /// Copies in `sent`.
    pub copies: u64,
}

/// Removes what is older than [`Retention`](super::super::config::Retention) says. `now` is the
/// time of the clock on the wall, ms since 1970. A clock that jumps forward makes nothing old at
/// once: from one call to the next no more than a day counts.
///
/// # Errors
/// The journal cannot be read or written.
pub fn prune(journal: &Journal, config: &Config, now: i64) -> Result<Pruned, JournalError> {
    let now = believed(journal, now)?;
    let mut pruned = Pruned::default();
    let before = |age: Duration| now.saturating_sub(millis(age));
    let (identities, history) = (
        before(config.retention.identities),
        before(config.retention.history),
    );
    for _ in 0..BATCHES {
        let files = journal.write(move |db| retention::remove_files(db, identities, BATCH))?;
        pruned.files += u64::from(files);
        if files < BATCH {
            break;
        }
    }
    for _ in 0..BATCHES {
        let events = journal.write(move |db| retention::remove_events(db, history, BATCH))?;
        pruned.events += u64::from(events);
        if events < BATCH {
            break;
        }
    }
    if let Some(sent) = config.retention.sent {
        pruned.copies = remove_copies(config, before(sent));
    }
    Ok(pruned)
}

/// How far the clock was believed when [`prune`] was called last, ms since 1970; `None`: never yet.
///
/// # Errors
/// The journal cannot be read.
pub fn believed_last(journal: &Journal) -> Result<Option<i64>, JournalError> {
    let last = journal.read(|connection| fact::get(connection, FACT))?;
    Ok(last.and_then(|last| last.parse().ok()))
}

/// How far the clock is believed.
fn believed(journal: &Journal, now: i64) -> Result<i64, JournalError> {
    let last = believed_last(journal)?;
    let day = millis(Duration::from_secs(24 * 3600));
    let believed = last.map_or(now, |last| now.min(last.saturating_add(day)));
    journal.write(move |connection| fact::set(connection, FACT, &believed.to_string()))?;
    Ok(believed)
}

/// Removes copies that came to `sent` before this time: a file that is moved has that time as its
/// last change of status. Only what has a name of ours is touched.
fn remove_copies(config: &Config, before: i64) -> u64 {
    let mut removed = 0;
    for partner in &config.partners {
        let Ok(folder) = fs::read_dir(config.folder.sent(&partner.name)) else {
            continue;
        };
        for entry in folder.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let changed = metadata
                .ctime()
                .saturating_mul(1000)
                .saturating_add(metadata.ctime_nsec() / 1_000_000);
            let name = entry.file_name();
            let is_ours = name
                .to_string_lossy()
                .split_once('-')
                .is_some_and(|(key, _)| {
                    !key.is_empty() && key.bytes().all(|octet| octet.is_ascii_digit())
                });
            if is_ours && metadata.is_file() && changed < before {
                removed += u64::from(fs::remove_file(entry.path()).is_ok());
            }
        }
    }
    removed
}

fn millis(age: Duration) -> i64 {
    i64::try_from(age.as_millis()).unwrap_or(i64::MAX)
}
