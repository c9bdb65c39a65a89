//! Files that are received: staged, published before EFPA, kept when the session is cut.

use oftp_core::mailbox::{Mailbox, Reply, Response, eerp_for};
use oftp_core::session::{DataInd, FileFault};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EfnaReason, Sfid, SfnaReason};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;

use super::answering::{Work, not_kept};
use super::offer::{grown, most_announced, offer_of, sfna, words};
use super::owed::Unsigned;
use super::{Exchange, Voice, file_id, on_disk, reason};
use crate::driver::{Jobs, StoreFault};
use crate::inbox::{InboxError, Refusal, Slot};
use crate::report::{Direction, Event, FileId, PeerText};

/// As much is decoded at a time: the largest exchange buffer, so that it is written in one piece.
const SCRATCH: usize = 100 * 1024;

/// Progress is told each time so many octets have come.
pub(super) const PROGRESS: u64 = 1 << 20;

/// The file that is being received.
#[derive(Debug)]
pub(super) struct Incoming {
    slot: Slot,
    file: FileId,
    sfid: Sfid,
    /// The suite of a signed response, and the hash that it will name, computed on the way.
    suite: Option<&'static Suite>,
    digest: Option<Digest>,
    /// SFIDFSIZ in octets: an estimate.
    total: u64,
    told: u64,
    /// It must not be kept: it is larger than what is taken.
    worthless: bool,
}

impl Incoming {
    /// Keeps what has come, for a restart.
    pub(super) fn suspend(self, waits: bool, voice: &Voice) {
        if self.worthless {
            if let Err(error) = self.slot.discard_outgrown() {
                voice.warn(&error.to_string());
            }
            return;
        }
        match on_disk(waits, || self.slot.suspend()) {
            Ok(counts) => voice.tell(&Event::FileSuspended {
                file: self.file,
                direction: Direction::In,
                octets: counts.octets,
            }),
            Err(error) => voice.warn(&format!(
                "{} cannot be kept whole for a restart: {error}",
                self.file
            )),
        }
    }
}

impl Exchange {
    pub(super) fn offered(&mut self, mailbox: &mut Mailbox, sfid: &Sfid) {
        self.voice.tell(&Event::FileOffered {
            file: file_id(sfid),
            blocks: sfid.fsiz,
            description: PeerText::new(sfid.desc.as_octets()),
        });
        let Some(inbox) = &self.inbox else {
            let (reason, text) = (
                SfnaReason::FILE_DIRECTION_REFUSED,
                "this station takes no files",
            );
            self.refused(sfid, reason, false, text);
            let _ = mailbox.refuse_file(reason, false, text);
            return;
        };
        let offer = offer_of(sfid, mailbox);
        let suite = mailbox
            .partner()
            .map(|partner| partner.policy.suite_of(sfid));
        let suite = suite.and_then(Suite::of);
        let hashed = suite.filter(|_| sfid.sign);
        let mut digest = hashed.map(|suite| Digest::new(suite.hash));
        let accepted = on_disk(inbox.waits_for_disk(), || {
            let mut slot = inbox.offer(&offer)?;
            // Records that cannot be told apart cannot be hashed again.
            let position = if digest.is_some() && slot.is_ambiguous() {
                0
            } else {
                slot.answer(sfid.rest)
            };
            let counts = slot.start_at(position)?;
            if let Some(digest) = &mut digest {
                slot.replay(|octets| digest.update(octets))?;
            }
            Ok((slot, position, counts))
        });
        let (slot, position, counts) = match accepted {
            Ok(accepted) => accepted,
            Err(refusal) => {
                let (reason, retry) = sfna(&refusal);
                self.refused(sfid, reason, retry, &refusal.to_string());
                let _ = mailbox.refuse_file(reason, retry, words(&refusal));
                // Its sender may have missed our EFPA and what followed it.
                // A signed one names a hash: if it is still owed, it is on its way.
                if matches!(refusal, Refusal::Duplicate { .. })
                    && self.reply == Reply::Eerp
                    && !needs_time(sfid)
                {
                    self.owe(mailbox, Response::Eerp(Box::new(eerp_for(sfid))));
                }
                return;
            }
        };
        let file = file_id(sfid);
        let total = sfid.fsiz.saturating_mul(1024);
        self.voice.tell(&Event::FileStarted {
            file: file.clone(),
            direction: Direction::In,
            resumed_at: counts.octets,
            total,
        });
        self.incoming = Some(Incoming {
            slot,
            file,
            sfid: sfid.clone(),
            suite,
            digest,
            total,
            told: counts.octets,
            worthless: false,
        });
        // What is held lies on a disk, so that it fits into 64 bits.
        let start = RestartPosition::new(Structure::of(sfid), position, counts.octets)
            .unwrap_or(RestartPosition::START);
        // A session that does not wait for the answer any more has ended by itself.
        let _ = mailbox.accept_file(start);
    }

    pub(super) fn refused(&self, sfid: &Sfid, why: SfnaReason, retry: bool, text: &str) {
        self.voice.tell(&Event::FileRefused {
            file: file_id(sfid),
            direction: Direction::In,
            command: "SFNA",
            reason: reason(why.code(), why.meaning(), text),
            retry,
        });
    }

    /// Stores the octets of one exchange buffer.
    pub(super) fn store(&mut self, mut data: DataInd<'_>) -> Result<(), StoreFault> {
        let waits_for_disk = self.waits_for_disk();
        let Some(incoming) = &mut self.incoming else {
            return Err(StoreFault("no file is open".to_owned()));
        };
        if self.scratch.is_empty() {
            self.scratch = vec![0; SCRATCH];
        }
        let before = incoming.slot.counts().octets;
        while let Some(chunk) = data.read(&mut self.scratch) {
            let octets = &self.scratch[..chunk.octets];
            if let Some(digest) = &mut incoming.digest {
                digest.update(octets);
            }
            let slot = &mut incoming.slot;
            let waits = waits_for_disk && slot.checkpoint_is_due(octets.len());
            let written = on_disk(waits, || slot.write(octets, chunk.end_of_record));
            if let Err(error) = written {
                let so_far = slot.counts().octets.saturating_add(octets.len() as u64);
                // What is larger than it announced does not get the room of others to wait in.
                incoming.worthless = matches!(error, InboxError::TooBig { .. })
                    || so_far > most_announced(&incoming.sfid);
                let text = format!("{}: {error}", incoming.file);
                self.outcome.local_fault();
                self.voice.error(&text);
                // The partner is told this, and nothing of our folders and disks.
                return Err(StoreFault("the file cannot be stored now".to_owned()));
            }
        }
        let octets = incoming.slot.counts().octets;
        if let Some(text) = grown(&incoming.sfid, before, octets) {
            self.voice.warn(&text);
        }
        if octets - incoming.told >= PROGRESS {
            incoming.told = octets;
            self.voice.tell(&Event::FileProgress {
                file: incoming.file.clone(),
                direction: Direction::In,
                octets,
                total: incoming.total.max(octets),
            });
        }
        Ok(())
    }

    /// All of the file is here and its counts agree.
    pub(super) fn complete(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        let Some(incoming) = self.incoming.take() else {
            let _ = mailbox.file_failed(EfnaReason::ACCESS_METHOD_FAILURE, "no file is open");
            return;
        };
        let counts = incoming.slot.counts();
        let Incoming {
            slot,
            file,
            sfid,
            suite,
            digest,
            ..
        } = incoming;
        if slot.is_ambiguous() {
            self.voice.warn(&format!(
                "{file}: a record holds a line end, so that the stored lines are not its records; \
                 --records length32 keeps them apart"
            ));
        }
        let is_enveloped = Structure::of(&sfid).is_enveloped();
        let partner = mailbox.partner().map(|p| p.code).unwrap_or_default();
        let hash = digest.map(Digest::finish);
        // The hash of an envelope can be computed again.
        let unsigned = match (&hash, suite) {
            (Some(hash), Some(suite)) if !is_enveloped && self.reply == Reply::Eerp => {
                let mut eerp = eerp_for(&sfid);
                hash.clone_into(&mut eerp.hsh);
                Some(Unsigned {
                    partner,
                    response: Response::Eerp(Box::new(eerp)),
                    suite: suite.code,
                })
            }
            _ => None,
        };
        let stored = on_disk(self.waits_for_disk(), || {
            if is_enveloped {
                slot.keep_sealed().map(|sealed| (Some(sealed), None))
            } else {
                if let Some(Err(error)) = unsigned.as_ref().map(|one| self.owed.keep_unsigned(one))
                {
                    self.voice.warn(&not_kept(&error));
                }
                slot.publish().map(|path| (None, Some(path)))
            }
        });
        match stored {
            Ok((sealed, path)) => {
                self.voice.tell(&Event::FileDone {
                    file,
                    direction: Direction::In,
                    octets: counts.octets,
                    records: counts.records,
                    path,
                });
                if needs_time(&sfid) {
                    let _ = mailbox.file_stored(Reply::Later);
                    let work = Work {
                        sealed,
                        partner,
                        own: mailbox.identity().code,
                        hash,
                        suite,
                        keys: self.keys_of(&sfid.orig, mailbox),
                        reply: self.reply.clone(),
                        settings: self.settings.clone(),
                        limit: None,
                        owed: self.owed.clone(),
                        sfid,
                    };
                    return self.answer_later(mailbox, work, jobs);
                }
                if self.reply == Reply::Eerp {
                    let response = Response::Eerp(Box::new(eerp_for(&sfid)));
                    self.unconfirmed.push_back(response);
                }
                let _ = mailbox.file_stored(self.reply.clone());
            }
            Err(error) => {
                if let Some(unsigned) = unsigned {
                    self.owed.confirmed(&unsigned.response);
                }
                let (reason, words) = match error {
                    InboxError::AlreadyThere { .. } => {
                        (EfnaReason::DUPLICATE_FILE, "the file is there already")
                    }
                    InboxError::TooBig { .. } => (EfnaReason::FILE_SIZE_TOO_BIG, "file too big"),
                    _ => (EfnaReason::ACCESS_METHOD_FAILURE, "file cannot be stored"),
                };
                self.outcome.local_fault();
                self.voice.error(&format!("{file}: {error}"));
                let _ = mailbox.file_failed(reason, words);
            }
        }
    }

    /// What came is not what its sender says; it was refused (EFNA) and starts afresh.
    pub(super) fn broken(&mut self, fault: &FileFault) {
        let Some(incoming) = self.incoming.take() else {
            return;
        };
        self.voice.tell(&Event::FileRefused {
            file: incoming.file,
            direction: Direction::In,
            command: "EFNA",
            reason: reason(fault.reason.code(), fault.reason.meaning(), &fault.text),
            retry: false,
        });
        if let Err(error) = incoming.slot.discard() {
            self.voice.warn(&error.to_string());
        }
    }
}

/// Whether the response of a file takes keys: it is opened first, or its response is signed.
fn needs_time(sfid: &Sfid) -> bool {
    sfid.sign || Structure::of(sfid).is_enveloped()
}
