//! What has become of files: taken, refused, answered by an end response, or cut.

use std::path::Path;

use oftp_core::mailbox::Response;
use oftp_core::wire::{IdentificationCode, Sfid, SfnaReason};

use super::{Current, Outgoing, save};
use crate::driver::aside;
use crate::exchange::prepare::{FileSpec, sfid_of};
use crate::exchange::{Outcome, Voice, file_id, on_disk, reason};
use crate::exit_code::ExitCode;
use crate::identity::Field;
use crate::outbox::{Phase, Transfer};
use crate::report::{Direction, Event};

impl Outgoing {
    /// The partner has stored the file (EFPA).
    pub(super) fn sent(&mut self, voice: &Voice) {
        if let Some(current) = self.current.take() {
            let (octets, records) = (current.feed.source.octets(), current.feed.source.records());
            self.taken(current, octets, records, voice);
        }
    }

    pub(super) fn taken(&mut self, current: Current, octets: u64, records: u64, voice: &Voice) {
        voice.tell(&Event::FileDone {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            octets,
            records,
            path: None,
        });
        let mut transfer = current.transfer;
        self.scratch = current.feed.into_scratch();
        // A signed response is to be checked whenever it comes, by what was sent.
        if self.wait_for_responses || transfer.protected.signed_response {
            // Noted at the end of the session if the response has not come by then. Until then
            // the note says EFID_SENT, by which a duplicate counts as sent as well.
            transfer.phase = Phase::Sent;
            self.unanswered.insert(transfer.subject.clone(), transfer);
        } else {
            self.forget(&transfer, voice);
        }
    }

    /// The partner does not take the file (SFNA). True when that means that it has it already.
    pub(super) fn refused(
        &mut self,
        why: SfnaReason,
        retry: bool,
        text: &[u8],
        voice: &Voice,
        outcome: &mut Outcome,
    ) -> bool {
        let Some(current) = self.current.take() else {
            return false;
        };
        let facts = *current.feed.source.facts();
        // EFID was sent and EFPA got lost: the partner has all of it.
        // With retry, another session is still receiving it: it may yet come to nothing.
        let has_it = why == SfnaReason::DUPLICATE_FILE && !retry;
        if has_it && current.transfer.phase == Phase::EfidSent {
            self.taken(current, facts.octets, facts.records, voice);
            return true;
        }
        outcome.note(ExitCode::FileRefused);
        voice.tell(&Event::FileRefused {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            command: "SFNA",
            reason: reason(why.code(), why.meaning(), text),
            retry,
        });
        if has_it {
            voice.warn(
                "the partner has a file of this name and time, which may be another one: \
                 nothing was sent; --again sends this one under a new time",
            );
        }
        // What may be tried again keeps its stamps.
        if !retry {
            self.forget(&current.transfer, voice);
        }
        false
    }

    /// The file that an end response of `partner` is for, if that file went to this partner, or
    /// was for it.
    pub(in crate::exchange) fn file_of(
        &self,
        response: &Response,
        partner: &IdentificationCode,
    ) -> Option<(Sfid, Transfer)> {
        let notes = self.notes.as_ref()?;
        let partner = Field::new(partner.trimmed());
        let dsn = Field::new(response.dsn().as_octets());
        let files: Vec<(Sfid, Transfer)> = match notes.lock() {
            // Most notes are of other files: they are passed over without a copy.
            Ok(notes) => notes
                .transfers()
                .filter(|transfer| transfer.subject.dsn == dsn)
                // Nobody else may say that a file has arrived (threat model R1).
                .filter(|Transfer { subject, .. }| {
                    subject.partner == partner || subject.destination == partner
                })
                .filter_map(|transfer| Some((sfid_of(transfer)?, transfer.clone())))
                .collect(),
            Err(_) => Vec::new(),
        };
        // A file that nobody waits for any more was finished with its EFPA.
        let sfid = response.find(files.iter().map(|(sfid, _)| sfid))?;
        files.iter().find(|(file, _)| file == sfid).cloned()
    }

    /// A file has its end response. `keep`: where its envelope goes.
    pub(in crate::exchange) fn close(
        &mut self,
        transfer: &Transfer,
        response: &Response,
        keep: Option<&Path>,
        voice: &Voice,
        outcome: &mut Outcome,
    ) {
        let notes = self.notes.as_ref().and_then(|notes| notes.lock().ok());
        let envelopes = notes.map(|notes| notes.envelopes().clone());
        if let (Some(folder), Some(envelopes), true) = (keep, envelopes, transfer.protected.sealed)
            && let Err(error) = aside(|| envelopes.copy_to(transfer, folder))
        {
            voice.warn(&format!(
                "an envelope cannot be kept (--keep-sealed): {error}"
            ));
        }
        if let Response::Nerp(_) = response {
            outcome.note(ExitCode::FileRejected);
        }
        self.unanswered.remove(&transfer.subject);
        self.forget(transfer, voice);
    }

    /// The session is at its end: what was sent of an open file is noted.
    pub(in crate::exchange) fn interrupted(&mut self, voice: &Voice) {
        let Some(current) = &mut self.current else {
            return;
        };
        if current.transfer.phase == Phase::Offered && current.feed.source.octets() > 0 {
            current.transfer.sent = current.feed.source.position();
            save(&self.notes, &current.transfer, voice);
        }
        voice.tell(&Event::FileSuspended {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            octets: current.feed.source.octets(),
        });
    }

    /// The files that were not sent, and what to say of those without an end response.
    pub(in crate::exchange) fn finish(
        &mut self,
        voice: &Voice,
        outcome: &mut Outcome,
    ) -> Vec<FileSpec> {
        let mut left = std::mem::take(&mut self.specs);
        left.extend(self.current.take().map(|current| current.spec));
        left.extend(self.ready.drain(..).map(|file| file.spec));
        if !left.is_empty() {
            outcome.note(ExitCode::SessionLost);
        }
        for transfer in self.unanswered.values() {
            self.note(transfer, voice);
            if !self.wait_for_responses {
                continue;
            }
            outcome.note(ExitCode::NoResponse);
            if let Some(sfid) = sfid_of(transfer) {
                voice.warn(&format!(
                    "no End to End Response yet for {}; run the command again to ask for it",
                    file_id(&sfid)
                ));
            }
        }
        left
    }

    pub(super) fn note(&self, transfer: &Transfer, voice: &Voice) {
        save(&self.notes, transfer, voice);
    }

    pub(super) fn forget(&self, transfer: &Transfer, voice: &Voice) {
        if let Some(Ok(mut notes)) = self.notes.as_ref().map(|notes| notes.lock())
            && let Err(error) = on_disk(notes.waits_for_disk(), || notes.finish(transfer))
        {
            voice.warn(&error.to_string());
        }
    }
}
