//! The files that a session sends next: taken out of the queue, so that no other session has them,
//! made ready, and handed to the mailbox.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use oftp_core::mailbox::Mailbox;
use serde_json::json;

use super::Visit;
use crate::driver::Jobs;
use crate::outbox::Source;
use crate::station::Shared;
use crate::station::config::PartnerConfig;
use crate::station::journal::file::{Change, FileRow, FileState};
use crate::station::journal::{JournalError, file, now, partner};
use crate::station::prepare::{self, PrepareFault};
use crate::station::route;

/// At most so many small files are taken at once; of large ones each by itself, so that other
/// sessions with the same partner can help.
const MOST: usize = 16;

/// A file of more octets is a large one.
const LARGE: u64 = 256 << 10;

/// How long a file that could not be made ready is left alone, in milliseconds.
const PAUSE: i64 = 60_000;

/// A file that can be offered.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) row: FileRow,
    pub(super) source: Source,
}

impl Visit {
    /// Takes the next files out of the queue, unless that is under way.
    pub(super) fn take_files(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        let Some(partner) = self.partner.clone() else {
            return;
        };
        if self.outgoing.picking || self.ended {
            return;
        }
        self.outgoing.picking = true;
        self.hold(mailbox);
        let shared = self.shared.clone();
        let refused = self.outgoing.refused.clone();
        jobs.spawn(
            move || pick(&shared, &partner, &refused),
            |visit, mailbox, jobs, picked| {
                visit.outgoing.picking = false;
                match picked {
                    Ok(files) if visit.ended => {
                        for ready in files {
                            visit.shared.release_file(ready.row.key);
                        }
                    }
                    Ok(files) => {
                        visit.outgoing.ready.extend(files);
                        visit.offer_next(mailbox, jobs);
                    }
                    Err(error) => visit.error(&error.to_string()),
                }
                visit.let_go(mailbox);
            },
        );
    }
}

/// Takes files for this partner, but none that it has `refused` in this session: it asked to be
/// tried later (field notes 72).
fn pick(
    shared: &Shared,
    to: &Arc<PartnerConfig>,
    refused: &HashSet<file::FileKey>,
) -> Result<VecDeque<Ready>, JournalError> {
    let mut ready = VecDeque::new();
    // Beyond those that others have there must be some that are free.
    let others = shared.sessions(&to.name);
    let others = others.outgoing + others.incoming + 1;
    let most = u32::try_from(MOST * others + refused.len()).unwrap_or(u32::MAX);
    let journal = shared.journal();
    if journal
        .read(partner::all)?
        .get(&to.name)
        .is_some_and(|known| known.held)
    {
        return Ok(ready);
    }
    let rows = journal.read(|connection| file::sendable(connection, &to.name, now(), most))?;
    for row in rows {
        let passed = refused.contains(&row.key) || ready.len() == MOST;
        if passed || !shared.claim_file(row.key) {
            continue;
        }
        match make_ready(shared, to, row.key) {
            Ok(Some(one)) => {
                let large = one.row.octets > LARGE;
                ready.push_back(one);
                if large {
                    break;
                }
            }
            Ok(None) => shared.release_file(row.key),
            Err(error) => {
                shared.release_file(row.key);
                // Nobody else would give back what is in our hands already.
                for taken in ready {
                    shared.release_file(taken.row.key);
                }
                return Err(error);
            }
        }
    }
    Ok(ready)
}

/// Makes a file that is in our hands ready; `None`: it is not to be sent now.
fn make_ready(
    shared: &Shared,
    partner: &PartnerConfig,
    key: file::FileKey,
) -> Result<Option<Ready>, JournalError> {
    let journal = shared.journal();
    // Another session may have had it since it was looked up.
    let row = journal.read(|connection| file::get(connection, key))?;
    if !matches!(row.state, FileState::Queued | FileState::EfidSent)
        || row.held
        || !row.is_due(now())
    {
        return Ok(None);
    }
    let prepared = prepare::prepare(shared, &row, partner);
    let opened = prepared.and_then(|row| {
        let source = prepare::source(shared, &row)?;
        Ok(Ready { row, source })
    });
    match opened {
        Ok(ready) => Ok(Some(ready)),
        Err(PrepareFault::Later(why)) => {
            journal.write(move |connection| {
                let what = Change {
                    retry_at: Some(Some(now() + PAUSE)),
                    ..Change::default()
                };
                file::update(connection, key, what)?;
                file::note_trouble(connection, key, &why)
            })?;
            Ok(None)
        }
        Err(PrepareFault::Permanent(why)) => {
            give_up(shared, &row, why)?;
            Ok(None)
        }
    }
}

/// A file cannot be sent: people are told, and where it is forwarded its originator is, too.
pub(super) fn give_up(shared: &Shared, row: &FileRow, why: String) -> Result<(), JournalError> {
    let key = row.key;
    let config = shared.config();
    let row = row.clone();
    shared.journal().write(move |connection| {
        let detail = json!({ "trouble": why });
        let what = Change {
            trouble: Some(Some(why)),
            ..Change::default()
        };
        file::change(connection, key, FileState::Failed, what, &detail)?;
        let reason = oftp_core::wire::NerpReason::UNSPECIFIED;
        route::not_forwarded(connection, &config, &row, reason)
    })
}
