//! Files that go (design chapter "Delivery", send): `efid_sent` is in the journal before EFID
//! leaves, and EFPA gives `sent`.

use std::collections::{HashSet, VecDeque};

use oftp_core::mailbox::{Mailbox, Supply};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EsidReason, Sfid};
use oftp_secure::Suite;
use oftp_secure::certificate::hex;
use serde_json::{Value, json};

use super::Visit;
use super::next::Ready;
use crate::driver::{Jobs, aside};
use crate::exchange::Feed;
use crate::station::journal::file::{Change, FileKey, FileRow, FileState};
use crate::station::journal::{JournalError, event, file, now};
use crate::station::{intake, route};

/// How far a transfer is noted while it runs, for the case that this process is killed.
const CHECKPOINT: u64 = 16 << 20;

/// The files that a session has in its hands.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// More are being taken out of the queue.
    pub(super) picking: bool,
    pub(super) ready: VecDeque<Ready>,
    /// What the partner did not take in this session.
    pub(super) refused: HashSet<FileKey>,
    current: Option<Box<Current>>,
    /// Where files are read to: one room for all.
    scratch: Vec<u8>,
}

impl Outgoing {
    /// Whether EFID may have left for the file that is offered or sent.
    pub(super) fn has_finished(&self) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.finished)
    }
}

/// The file that is offered or sent.
#[derive(Debug)]
struct Current {
    row: FileRow,
    feed: Feed,
    noted: u64,
    /// EFID may have left.
    finished: bool,
}

impl Visit {
    /// Offers the next file. Where there is none in hand, more are taken.
    pub(super) fn offer_next(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        if self.outgoing.current.is_some() || self.ended {
            return;
        }
        let Some(Ready { row, source }) = self.next_ready() else {
            return;
        };
        let mut sfid = row.sfid.clone();
        // All of it, where EFID was sent: the partner says how much it has (field notes 73).
        sfid.rest = if self.restarts(&sfid) {
            row.position
        } else {
            0
        };
        // The hash of an envelope is known already.
        let hashed = sfid.sign && row.hash.is_empty();
        let hash = Suite::of(sfid.ciph).filter(|_| hashed);
        let scratch = std::mem::take(&mut self.outgoing.scratch);
        let feed = Feed::new(source, hash.map(|suite| suite.hash), scratch);
        mailbox.queue_file(sfid);
        self.outgoing.current = Some(Box::new(Current {
            finished: row.state == FileState::EfidSent,
            row,
            feed,
            noted: 0,
        }));
        if self.outgoing.ready.is_empty() {
            self.take_files(mailbox, jobs);
        }
    }

    /// Whether a restart position is offered: some partners can go on with octets alone, and get
    /// records and envelopes wrong (field notes 3.11).
    fn restarts(&self, sfid: &Sfid) -> bool {
        let structure = Structure::of(sfid);
        let is_plain = !structure.is_enveloped() && !sfid.fmt.has_records();
        let partner = self.partner.as_ref();
        is_plain || partner.is_none_or(|partner| partner.restart_records)
    }

    /// The next file in hand that is still to be sent: a person may have stopped it or taken it back
    /// since.
    fn next_ready(&mut self) -> Option<Ready> {
        loop {
            let ready = self.outgoing.ready.pop_front()?;
            let key = ready.row.key;
            let fresh = self
                .shared
                .journal()
                .read(|connection| file::get(connection, key));
            // It may have been taken out of the queue while it was being refused.
            let passed = self.outgoing.refused.contains(&key);
            match fresh {
                Ok(row) if row.state == ready.row.state && !row.held && !passed => {
                    return Some(ready);
                }
                Ok(_) => {}
                Err(error) => self.error(&error.to_string()),
            }
            self.shared.release_file(key);
        }
    }

    /// The partner takes the file (SFPA), from this position on.
    pub(super) fn open(&mut self, mailbox: &mut Mailbox, position: u64, _: &mut Jobs<Self>) {
        let Some(current) = &mut self.outgoing.current else {
            return;
        };
        let sought = if position > 0 {
            aside(|| current.feed.seek(position))
        } else {
            current.feed.seek(0)
        };
        if let Err(error) = sought {
            self.error(&error.to_string());
            return mailbox.release(EsidReason::UNSPECIFIED, "the file cannot be read");
        }
        let octets = current.feed.source.octets();
        current.noted = octets;
        // The position lies in the file, so that it fits into 64 bits.
        let start = RestartPosition::new(Structure::of(&current.row.sfid), position, octets)
            .unwrap_or(RestartPosition::START);
        let _ = mailbox.source_ready(start);
    }

    /// There is room for data of the file.
    pub(super) fn supply(&mut self, mailbox: &mut Mailbox) {
        let Some(current) = &mut self.outgoing.current else {
            return;
        };
        let mut fault = None;
        let journal = self.shared.journal();
        let Current {
            row,
            feed,
            finished,
            ..
        } = &mut **current;
        let supplied = mailbox.supply(|buffer| match feed.fill(buffer) {
            Ok(Supply::End) => {
                // Before EFID can leave: only then SFNA 13 may count as delivered.
                if let Err(error) = aside(|| efid_sent(journal, row, feed)) {
                    fault = Some(error.to_string());
                    return Supply::More;
                }
                *finished = true;
                Supply::End
            }
            Ok(Supply::More) => Supply::More,
            Err(error) => {
                fault = Some(error.to_string());
                Supply::More
            }
        });
        if let Some(fault) = fault {
            self.error(&fault);
            return mailbox.release(
                EsidReason::UNSPECIFIED,
                "the file cannot be read to its end",
            );
        }
        if supplied.is_err() {
            return;
        }
        let octets = current.feed.source.octets();
        if octets - current.noted >= CHECKPOINT && !current.finished {
            current.noted = octets;
            let (key, position) = (current.row.key, current.feed.source.position());
            self.note_position(key, position);
        }
    }

    fn note_position(&self, key: FileKey, position: u64) {
        self.shared.journal().post(move |connection| {
            let what = Change {
                position: Some(position),
                ..Change::default()
            };
            file::update(connection, key, what)
        });
    }

    pub(super) fn take_current(&mut self) -> Option<FileRow> {
        let current = *self.outgoing.current.take()?;
        self.outgoing.scratch = current.feed.into_scratch();
        Some(current.row)
    }

    /// The partner has stored the file (EFPA).
    pub(super) fn sent(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        if let Some(row) = self.take_current() {
            self.moved += 1;
            self.is_sent(row, json!({}), jobs);
        }
        self.offer_next(mailbox, jobs);
        if self.outgoing.current.is_none() {
            self.take_files(mailbox, jobs);
        }
    }

    /// The partner has the file. Whether the journal knows that in time makes no difference: if
    /// not, the file is offered again, and the partner says that it has it.
    pub(super) fn is_sent(&self, row: FileRow, detail: Value, jobs: &mut Jobs<Self>) {
        let responses = self.partner.as_ref().map(|partner| partner.responses);
        let responses = responses.unwrap_or_default();
        let (state, due) = if responses.expected {
            let alarm = i64::try_from(responses.alarm.as_millis()).unwrap_or(i64::MAX);
            (FileState::Sent, Some(now().saturating_add(alarm)))
        } else {
            (FileState::Done, None)
        };
        let shared = self.shared.clone();
        let key = row.key;
        jobs.spawn(
            move || {
                let config = shared.config();
                let changed = shared.journal().write(move |connection| {
                    let what = Change {
                        transferred: Some(now()),
                        due: Some(due),
                        trouble: Some(None),
                        retry_at: Some(None),
                        ..Change::default()
                    };
                    let row = file::change(connection, key, state, what, &detail)?;
                    if state == FileState::Done {
                        route::taken_without_response(connection, &config, &row)?;
                    }
                    Ok(row)
                });
                shared.release_file(key);
                match changed {
                    Ok(row) if row.state == FileState::Done => {
                        Ok(intake::dispose(&shared, &row).err())
                    }
                    // Its end response was faster.
                    Ok(_) | Err(JournalError::State(_)) => Ok(None),
                    Err(error) => Err(error),
                }
            },
            |visit, mailbox, _, noted| match noted {
                Ok(None) => {}
                Ok(Some(trouble)) => visit.error(&trouble),
                Err(error) => visit.cannot_note(mailbox, &error),
            },
        );
    }

    /// What has become of a file is not in the journal. It would be offered again at once, and
    /// again, so that nothing more is offered in this session.
    pub(super) fn cannot_note(&self, mailbox: &mut Mailbox, error: &JournalError) {
        self.error(&error.to_string());
        let reason = EsidReason::RESOURCES_NOT_AVAILABLE;
        mailbox.release(reason, "what became of a file cannot be noted now");
    }

    /// The session is at its end: how far an open file has come is noted, and all are given back.
    pub(super) fn interrupted(&mut self) {
        if let Some(current) = self.outgoing.current.take() {
            let key = current.row.key;
            let position = current.feed.source.position();
            let octets = current.feed.source.octets();
            if !current.finished && octets > 0 {
                let detail = json!({ "interrupted_at": octets });
                let name = current.row.partner.clone();
                self.shared.journal().post(move |connection| {
                    let what = Change {
                        position: Some(position),
                        ..Change::default()
                    };
                    file::update(connection, key, what)?;
                    let kind = event::Kind::FileTrouble;
                    event::note(connection, kind, Some(&name), Some(key), &detail)
                });
            }
            self.shared.release_file(key);
        }
        for ready in std::mem::take(&mut self.outgoing.ready) {
            self.shared.release_file(ready.row.key);
        }
    }
}

fn efid_sent(
    journal: &crate::station::journal::Journal,
    row: &FileRow,
    feed: &Feed,
) -> Result<(), JournalError> {
    let key = row.key;
    let what = Change {
        hash: feed.hash().map(|hash| hex(&hash)),
        position: Some(feed.source.position()),
        octets: Some(feed.source.octets()),
        records: Some(feed.source.records()),
        ..Change::default()
    };
    let state = FileState::EfidSent;
    journal
        .write(move |connection| file::change(connection, key, state, what, &json!({})).map(drop))
}
