//! What a station does with files in one session: stores what comes, sends what waits, keeps what
//! a cut leaves behind, and tells the user all of it.

mod feed;
mod incoming;
mod outcome;
mod outgoing;
mod owed;
mod prepare;
mod voice;

use std::collections::VecDeque;

use oftp_core::mailbox::{Ended, Event, Mailbox, Reply, Response};
use oftp_core::session::{Agreed, DataInd, Trace};
use oftp_core::wire::{IdentificationCode, Sfid};

pub use outcome::Outcome;
pub use outgoing::{Notes, Outgoing};
pub use owed::Owed;
pub use prepare::{FileSpec, PrepareError, Ready, prepare};
pub use voice::Voice;

use crate::driver::{Handler, Jobs, StoreFault};
use crate::identity::{Field, Identity};
use crate::inbox::Inbox;
use crate::report::{self, Direction, FileId, Negotiated, PeerText};
use crate::trace;
use incoming::Incoming;

/// The handler of one session.
#[derive(Debug)]
pub struct Exchange {
    voice: Voice,
    inbox: Option<Inbox>,
    reply: Reply,
    /// Responses that this session is to send, until the partner confirms them.
    unconfirmed: VecDeque<Response>,
    owed: Owed,
    outgoing: Outgoing,
    incoming: Option<Incoming>,
    outcome: Outcome,
    /// Where received octets are decoded to.
    scratch: Vec<u8>,
}

impl Exchange {
    /// A handler that stores files in `inbox` (`None`: takes none), answers stored files with
    /// `reply`, and sends what is in `outgoing`.
    #[must_use]
    pub fn new(voice: Voice, inbox: Option<Inbox>, reply: Reply, outgoing: Outgoing) -> Self {
        Self {
            voice,
            inbox,
            reply,
            unconfirmed: VecDeque::new(),
            owed: Owed::default(),
            outgoing,
            incoming: None,
            outcome: Outcome::default(),
            scratch: Vec::new(),
        }
    }

    /// Sends the responses that earlier sessions left, and leaves its own when it is cut.
    #[must_use]
    pub fn with_owed(self, owed: Owed) -> Self {
        Self { owed, ..self }
    }

    /// How it went, and the files that were not sent.
    #[must_use]
    pub fn finish(mut self) -> (Outcome, Vec<FileSpec>) {
        let left = self.outgoing.finish(&self.voice, &mut self.outcome);
        (self.outcome, left)
    }

    fn up(&mut self, mailbox: &mut Mailbox, partner: &IdentificationCode, agreed: &Agreed) {
        self.voice.tell(&report::Event::SessionStarted(Negotiated {
            partner: PeerText::new(partner.trimmed()),
            level: agreed.level.to_string(),
            buffer: agreed.buffer_size,
            credit: agreed.window,
            compression: agreed.compression,
            restart: agreed.restart,
            authentication: agreed.authentication,
        }));
        self.outcome.up = true;
        for response in self.owed.take(partner) {
            self.owe(mailbox, response);
        }
        self.outgoing
            .begin(mailbox, partner, agreed, &self.voice, &mut self.outcome);
    }

    /// Queues a response, unless it is on its way.
    fn owe(&mut self, mailbox: &mut Mailbox, response: Response) {
        if !self.unconfirmed.contains(&response) {
            self.unconfirmed.push_back(response.clone());
            mailbox.queue_response(response);
        }
    }

    fn response(&mut self, mailbox: &mut Mailbox, response: &Response) {
        let partner = mailbox.partner().map(|partner| partner.code);
        let partner = partner.unwrap_or_default();
        let file = self
            .outgoing
            .answered(response, &partner, &self.voice, &mut self.outcome);
        let known = file.is_some();
        // At levels 1.2 and 1.3 a response has shorter stamps than the file has here.
        self.voice
            .tell(&response_event(response, Direction::In, file.as_ref()));
        if !known {
            self.voice.warn(
                "this response belongs to no file that was sent from here; confirmed all the same",
            );
        }
        // A response that cannot be confirmed any more comes again in another session.
        let _ = mailbox.response_taken(known);
    }

    fn waits_for_disk(&self) -> bool {
        self.inbox.as_ref().is_some_and(Inbox::waits_for_disk)
    }

    fn ended(&mut self, mailbox: &Mailbox, ended: &Ended) {
        let by_us = mailbox.session().has_sent_esid();
        if let Some(partner) = mailbox.partner() {
            let left = std::mem::take(&mut self.unconfirmed);
            self.owed.leave(partner.code, left);
        }
        if let Some(incoming) = self.incoming.take() {
            let waits = self.waits_for_disk();
            incoming.suspend(waits, &self.voice);
        }
        self.outgoing.interrupted(&self.voice);
        self.outcome.ended(ended, by_us, &self.voice);
    }
}

impl Handler for Exchange {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, _jobs: &mut Jobs<Self>) {
        match &event {
            Event::Up { partner, agreed } => self.up(mailbox, partner, agreed),
            Event::FileOffered { sfid } => self.offered(mailbox, sfid),
            Event::FileTurnedAway { sfid, reason, text } => {
                self.refused(sfid, *reason, false, text);
            }
            Event::FileComplete => self.complete(mailbox),
            Event::FileBroken { fault } => self.broken(fault),
            Event::FileWanted { .. }
            | Event::DataWanted { .. }
            | Event::FileSent { .. }
            | Event::FileRefused { .. }
            | Event::FileNotAccepted { .. }
            | Event::FileUnsendable { .. } => {
                self.outgoing
                    .event(mailbox, &event, &self.voice, &mut self.outcome);
            }
            Event::ResponseReceived(response) => self.response(mailbox, response),
            Event::ResponseSent(response) => {
                // They are confirmed in the order in which they were queued.
                self.unconfirmed.pop_front_if(|waiting| waiting == response);
                self.voice
                    .tell(&response_event(response, Direction::Out, None));
            }
            Event::ResponseUnsendable { error, .. } => self.voice.warn(&format!(
                "a response cannot be sent in this session: {error}"
            )),
            // The command never agrees to secure authentication: nobody has a key to ask for.
            Event::SealChallenge { .. } => {
                let _ = mailbox.seal_challenge_rs(None);
            }
            Event::OpenChallenge { .. } => {
                let _ = mailbox.open_challenge_rs(None);
            }
            Event::Quirk { quirk, command } => self.voice.tell(&report::Event::QuirkUsed {
                name: format!("{quirk} ({})", command.name()),
            }),
            Event::Ended(ended) => self.ended(mailbox, ended),
        }
    }

    fn data(&mut self, data: DataInd<'_>) -> Result<(), StoreFault> {
        self.store(data)
    }

    fn trace(&mut self, trace: Trace) {
        for line in trace::lines(&trace) {
            let line = report::visible(&line);
            self.voice.tell(&report::Event::Trace { line });
        }
    }

    fn network_fault(&mut self, fault: &str) {
        self.voice.error(fault);
    }
}

/// The five fields that make a Virtual File unique.
fn identity_of(sfid: &Sfid) -> Identity {
    Identity {
        date: Field::new(sfid.stamp.date()),
        time: Field::new(sfid.stamp.time()),
        dsn: Field::new(sfid.dsn.as_octets()),
        originator: Field::new(sfid.orig.as_octets()),
        destination: Field::new(sfid.dest.as_octets()),
    }
}

/// How a file is named in reports.
fn file_id(sfid: &Sfid) -> FileId {
    FileId::from(&identity_of(sfid))
}

fn reason(code: u8, meaning: &str, text: impl AsRef<[u8]>) -> report::Reason {
    report::Reason {
        code,
        meaning: meaning.to_owned(),
        text: PeerText::new(text),
    }
}

fn response_event(response: &Response, direction: Direction, file: Option<&Sfid>) -> report::Event {
    // Originator and destination are those of the file: they change places in its response.
    let (identity, command, why) = match response {
        Response::Eerp(r) => ((r.dsn, r.stamp, r.dest, r.orig), "EERP", None),
        Response::Nerp(r) => (
            (r.dsn, r.stamp, r.dest, r.orig),
            "NERP",
            Some(reason(r.reas.code(), r.reas.meaning(), r.reast.as_octets())),
        ),
    };
    let (dsn, stamp, originator, destination) = identity;
    report::Event::Response {
        command,
        direction,
        file: file.map_or_else(
            || {
                FileId::from(&Identity {
                    date: Field::new(stamp.date()),
                    time: Field::new(stamp.time()),
                    dsn: Field::new(dsn.as_octets()),
                    originator: Field::new(originator.as_octets()),
                    destination: Field::new(destination.as_octets()),
                })
            },
            file_id,
        ),
        reason: why,
    }
}

/// Runs work on files; where it `waits` for the disk, the other sessions of this thread go on
/// meanwhile. What only reaches the page cache is sooner done than handed over.
fn on_disk<T>(waits: bool, work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) if waits => tokio::task::block_in_place(work),
        _ => work(),
    }
}
