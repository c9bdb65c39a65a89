//! Files that are sent: offered one after the other, remembered until they are delivered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use oftp_core::mailbox::{self, Mailbox, Response, Supply};
use oftp_core::session::Agreed;
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{Capability, EsidReason, IdentificationCode, Sfid, SfnaReason};

use super::feed::Feed;
use super::incoming::PROGRESS;
use super::prepare::{FileSpec, Ready, prepare, sfid_of};
use super::{Outcome, Voice, file_id, on_disk, reason};
use crate::exit_code::ExitCode;
use crate::identity::Field;
use crate::outbox::{Outbox, Phase, Subject, Transfer};
use crate::report::{Direction, Event};

/// What is remembered of files until they are delivered, shared by the sessions of a process.
pub type Notes = Arc<Mutex<Outbox>>;

/// How far a transfer is noted while it runs, for the case that this process is killed.
const CHECKPOINT: u64 = 64 << 20;

/// Files to be sent in one session.
#[derive(Debug)]
pub struct Outgoing {
    own: IdentificationCode,
    notes: Option<Notes>,
    /// Not prepared before it is known who calls.
    specs: Vec<FileSpec>,
    ready: VecDeque<Ready>,
    current: Option<Current>,
    /// Taken by the partner in this or an earlier session, without an end response.
    unanswered: HashMap<Subject, Transfer>,
    wait_for_responses: bool,
    keep_going: bool,
    /// Where files are read to: one room for all.
    scratch: Vec<u8>,
}

/// The file that is offered or sent.
#[derive(Debug)]
struct Current {
    sfid: Sfid,
    spec: FileSpec,
    transfer: Transfer,
    feed: Feed,
    told: u64,
    noted: u64,
}

impl Outgoing {
    /// Nothing to send.
    #[must_use]
    pub fn nothing(own: IdentificationCode) -> Self {
        Self {
            own,
            notes: None,
            specs: Vec::new(),
            ready: VecDeque::new(),
            current: None,
            unanswered: HashMap::new(),
            wait_for_responses: false,
            keep_going: true,
            scratch: Vec::new(),
        }
    }

    /// Files that are prepared, for a partner that we call.
    #[must_use]
    pub fn files(
        own: IdentificationCode,
        notes: Notes,
        files: Vec<Ready>,
        wait_for_responses: bool,
        keep_going: bool,
    ) -> Self {
        let (sent, ready): (Vec<_>, Vec<_>) = files.into_iter().partition(Ready::is_sent);
        Self {
            notes: Some(notes),
            ready: ready.into(),
            unanswered: sent
                .into_iter()
                .map(|file| (file.transfer.subject.clone(), file.transfer))
                .collect(),
            wait_for_responses,
            keep_going,
            ..Self::nothing(own)
        }
    }

    /// Files for whoever calls.
    #[must_use]
    pub fn for_caller(own: IdentificationCode, notes: Notes, specs: Vec<FileSpec>) -> Self {
        Self {
            notes: Some(notes),
            specs,
            ..Self::nothing(own)
        }
    }

    /// The session is up: the first file is queued.
    pub(super) fn begin(
        &mut self,
        mailbox: &mut Mailbox,
        partner: &IdentificationCode,
        agreed: &Agreed,
        voice: &Voice,
        outcome: &mut Outcome,
    ) {
        // A partner that only sends gets nothing; the files wait for another session.
        if agreed.mode == Capability::ReceiverOnly {
            return;
        }
        for spec in std::mem::take(&mut self.specs) {
            let Some(notes) = &self.notes else { break };
            let Ok(mut notes) = notes.lock() else { break };
            match on_disk(true, || prepare(spec, &self.own, partner, &mut notes)) {
                Ok(file) if file.is_sent() => {}
                Ok(file) => self.ready.push_back(file),
                Err(error) => {
                    outcome.local_fault();
                    voice.error(&error.to_string());
                }
            }
        }
        self.next(mailbox, voice);
    }

    fn next(&mut self, mailbox: &mut Mailbox, voice: &Voice) {
        let Some(file) = self.ready.pop_front() else {
            return;
        };
        let Ready {
            spec,
            sfid,
            source,
            transfer,
            resumes,
        } = file;
        voice.tell(&Event::FilePrepared {
            file: file_id(&sfid),
            path: spec.path.clone(),
            resumes,
        });
        mailbox.queue_file(sfid.clone());
        self.current = Some(Current {
            sfid,
            spec,
            transfer,
            feed: Feed::new(source, std::mem::take(&mut self.scratch)),
            told: 0,
            noted: 0,
        });
    }

    pub(super) fn event(
        &mut self,
        mailbox: &mut Mailbox,
        event: &mailbox::Event,
        voice: &Voice,
        outcome: &mut Outcome,
    ) {
        use mailbox::Event as In;
        match event {
            In::FileWanted { position, .. } => self.open(mailbox, *position, voice, outcome),
            In::DataWanted { .. } => self.supply(mailbox, voice, outcome),
            In::FileSent { .. } => {
                self.sent(voice);
                self.next(mailbox, voice);
            }
            In::FileRefused {
                reason,
                retry,
                text,
                ..
            } => {
                let go_on = self.refused(*reason, *retry, text.as_octets(), voice, outcome);
                if go_on || self.keep_going {
                    self.next(mailbox, voice);
                }
            }
            In::FileNotAccepted {
                reason: why, text, ..
            } => {
                if let Some(mut current) = self.current.take() {
                    outcome.note(ExitCode::FileRejected);
                    current.transfer.phase = Phase::Offered;
                    current.transfer.sent = 0;
                    self.note(&current.transfer, voice);
                    voice.tell(&Event::FileRefused {
                        file: file_id(&current.sfid),
                        direction: Direction::Out,
                        command: "EFNA",
                        reason: reason(why.code(), why.meaning(), text.as_octets()),
                        retry: false,
                    });
                }
                if self.keep_going {
                    self.next(mailbox, voice);
                }
            }
            In::FileUnsendable { error, .. } => {
                if let Some(current) = self.current.take() {
                    outcome.note(ExitCode::FileRefused);
                    self.forget(&current.transfer, voice);
                    voice.error(&format!("{}: {error}", current.spec.path.display()));
                }
                if self.keep_going {
                    self.next(mailbox, voice);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, mailbox: &mut Mailbox, position: u64, voice: &Voice, outcome: &mut Outcome) {
        let Some(current) = &mut self.current else {
            return;
        };
        if let Err(error) = on_disk(position > 0, || current.feed.source.seek(position)) {
            outcome.local_fault();
            voice.error(&error.to_string());
            return mailbox.release(EsidReason::UNSPECIFIED, "the file cannot be read");
        }
        let octets = current.feed.source.octets();
        current.told = octets;
        current.noted = octets;
        voice.tell(&Event::FileStarted {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            resumed_at: octets,
            total: current.feed.source.facts().octets,
        });
        // The position lies in the file, so that it fits into 64 bits.
        let start = RestartPosition::new(Structure::of(&current.sfid), position, octets)
            .unwrap_or(RestartPosition::START);
        let _ = mailbox.source_ready(start);
    }

    fn supply(&mut self, mailbox: &mut Mailbox, voice: &Voice, outcome: &mut Outcome) {
        let Some(current) = &mut self.current else {
            return;
        };
        let mut fault = None;
        let (feed, transfer, notes) = (&mut current.feed, &mut current.transfer, &self.notes);
        let supplied = mailbox.supply(|buffer| match feed.fill(buffer) {
            Ok(Supply::End) => {
                // Before EFID can leave: only then SFNA 13 may count as delivered.
                transfer.phase = Phase::EfidSent;
                transfer.sent = feed.source.position();
                save(notes, transfer, voice);
                Supply::End
            }
            Ok(Supply::More) => Supply::More,
            Err(error) => {
                fault = Some(error);
                Supply::More
            }
        });
        if let Some(error) = fault {
            outcome.local_fault();
            voice.error(&error.to_string());
            return mailbox.release(
                EsidReason::UNSPECIFIED,
                "the file cannot be read to its end",
            );
        }
        if supplied.is_err() {
            return;
        }
        let octets = current.feed.source.octets();
        if octets - current.told >= PROGRESS {
            current.told = octets;
            voice.tell(&Event::FileProgress {
                file: file_id(&current.sfid),
                direction: Direction::Out,
                octets,
                total: current.feed.source.facts().octets,
            });
        }
        if octets - current.noted >= CHECKPOINT && current.transfer.phase == Phase::Offered {
            current.noted = octets;
            current.transfer.sent = current.feed.source.position();
            save(&self.notes, &current.transfer, voice);
        }
    }

    /// The partner has stored the file (EFPA).
    fn sent(&mut self, voice: &Voice) {
        if let Some(current) = self.current.take() {
            let (octets, records) = (current.feed.source.octets(), current.feed.source.records());
            self.taken(current, octets, records, voice);
        }
    }

    fn taken(&mut self, current: Current, octets: u64, records: u64, voice: &Voice) {
        voice.tell(&Event::FileDone {
            file: file_id(&current.sfid),
            direction: Direction::Out,
            octets,
            records,
            path: None,
        });
        let mut transfer = current.transfer;
        self.scratch = current.feed.into_scratch();
        if self.wait_for_responses {
            // Noted at the end of the session if the response has not come by then. Until then
            // the note says EFID_SENT, by which a duplicate counts as sent as well.
            transfer.phase = Phase::Sent;
            self.unanswered.insert(transfer.subject.clone(), transfer);
        } else {
            self.forget(&transfer, voice);
        }
    }

    /// The partner does not take the file (SFNA). True when that means that it has it already.
    fn refused(
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

    /// An end response of `partner`: the SFID of the file that it is for, if that file went to
    /// this partner, or was for it.
    pub(super) fn answered(
        &mut self,
        response: &Response,
        partner: &IdentificationCode,
        voice: &Voice,
        outcome: &mut Outcome,
    ) -> Option<Sfid> {
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
        let (sfid, transfer) = files.iter().find(|(file, _)| file == sfid).cloned()?;
        if let Response::Nerp(_) = response {
            outcome.note(ExitCode::FileRejected);
        }
        self.unanswered.remove(&transfer.subject);
        self.forget(&transfer, voice);
        Some(sfid)
    }

    /// The session is at its end: what was sent of an open file is noted.
    pub(super) fn interrupted(&mut self, voice: &Voice) {
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
    pub(super) fn finish(&mut self, voice: &Voice, outcome: &mut Outcome) -> Vec<FileSpec> {
        let mut left = std::mem::take(&mut self.specs);
        left.extend(self.current.take().map(|current| current.spec));
        left.extend(self.ready.drain(..).map(|file| file.spec));
        if !left.is_empty() {
            outcome.note(ExitCode::SessionLost);
        }
        if self.wait_for_responses {
            for transfer in self.unanswered.values() {
                self.note(transfer, voice);
                outcome.note(ExitCode::NoResponse);
                if let Some(sfid) = sfid_of(transfer) {
                    voice.warn(&format!(
                        "no End to End Response yet for {}; run the command again to ask for it",
                        file_id(&sfid)
                    ));
                }
            }
        }
        left
    }

    fn note(&self, transfer: &Transfer, voice: &Voice) {
        save(&self.notes, transfer, voice);
    }

    fn forget(&self, transfer: &Transfer, voice: &Voice) {
        if let Some(Ok(mut notes)) = self.notes.as_ref().map(|notes| notes.lock())
            && let Err(error) = on_disk(notes.waits_for_disk(), || notes.finish(transfer))
        {
            voice.warn(&error.to_string());
        }
    }
}

fn save(notes: &Option<Notes>, transfer: &Transfer, voice: &Voice) {
    if let Some(Ok(mut notes)) = notes.as_ref().map(|notes| notes.lock())
        && let Err(error) = on_disk(notes.waits_for_disk(), || notes.save(transfer))
    {
        voice.warn(&format!("a restart may have to begin earlier: {error}"));
    }
}
