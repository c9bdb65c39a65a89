//! Files that are sent: offered one after the other, remembered until they are delivered.

mod delivery;
mod moving;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use oftp_core::mailbox::{self, Mailbox};
use oftp_core::session::{UserError, UserProblem};
use oftp_core::wire::{IdentificationCode, Sfid};
use oftp_secure::Suite;

use super::feed::Feed;
use super::prepare::{FileSpec, Ready};
use super::{Outcome, Voice, file_id, on_disk, reason};
use crate::exit_code::ExitCode;
use crate::outbox::{Outbox, Phase, Subject, Transfer};
use crate::report::{Direction, Event};

/// What is remembered of files until they are delivered, shared by the sessions of a process.
pub type Notes = Arc<Mutex<Outbox>>;

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

    /// What is to be prepared now that it is known who calls.
    pub(super) fn take_specs(&mut self) -> Vec<FileSpec> {
        std::mem::take(&mut self.specs)
    }

    /// A file is prepared.
    pub(super) fn prepared(&mut self, file: Ready) {
        if !file.is_sent() {
            self.ready.push_back(file);
        }
    }

    /// What is remembered of files.
    pub(super) const fn notes(&self) -> Option<&Notes> {
        self.notes.as_ref()
    }

    /// Our code.
    pub(super) const fn own(&self) -> IdentificationCode {
        self.own
    }

    /// The next file is queued.
    pub(super) fn next(&mut self, mailbox: &mut Mailbox, voice: &Voice) {
        if self.current.is_some() {
            return;
        }
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
        // The hash of an envelope is known already.
        let protected = &transfer.protected;
        let hashed = protected.signed_response && !protected.sealed;
        let hash = Suite::of(protected.suite).filter(|_| hashed);
        let scratch = std::mem::take(&mut self.scratch);
        self.current = Some(Current {
            sfid,
            spec,
            feed: Feed::new(source, hash.map(|suite| suite.hash), scratch),
            transfer,
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
                    let path = current.spec.path.display();
                    voice.error(&format!("{path}: {error}{}", remedy(error)));
                }
                if self.keep_going {
                    self.next(mailbox, voice);
                }
            }
            _ => {}
        }
    }
}

/// What to do about a file that the session cannot carry.
fn remedy(error: &UserError) -> &'static str {
    match error.problem {
        UserProblem::Level { .. } => {
            "; nothing of it was sent: what it is to be secured by needs level 2.0, ask the \
             partner for that"
        }
        _ => "",
    }
}

fn save(notes: &Option<Notes>, transfer: &Transfer, voice: &Voice) {
    if let Some(Ok(mut notes)) = notes.as_ref().map(|notes| notes.lock())
        && let Err(error) = on_disk(notes.waits_for_disk(), || notes.save(transfer))
    {
        voice.warn(&format!("a restart may have to begin earlier: {error}"));
    }
}
