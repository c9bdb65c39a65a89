//! What a station does with files in one session: stores what comes, sends what waits, keeps what
//! a cut leaves behind, and tells the user all of it.

mod answering;
mod authentication;
mod feed;
mod incoming;
mod left;
mod offer;
mod outcome;
mod outgoing;
mod owed;
mod prepare;
mod responses;
mod voice;

use std::collections::VecDeque;
use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Mailbox, Reply, Response};
use oftp_core::session::{Agreed, DataInd, Trace};
use oftp_core::wire::{IdentificationCode, Sfid};

pub use answering::{Done, Work};
pub(crate) use feed::Feed;
pub use left::open_what_was_left;
pub(crate) use offer::{grown, most_announced};
pub use offer::{offer_from, offer_of, sfna, words};
pub use outcome::Outcome;
pub(crate) use outcome::{exit_code_of, words_of};
pub use outgoing::{Notes, Outgoing};
pub use owed::{Owed, Unsigned};
pub use prepare::{FileSpec, PrepareError, Ready, prepare};
pub use voice::{MOST_KEPT, Voice};

use crate::driver::{Handler, Jobs, StoreFault, aside};
use crate::exit_code::ExitCode;
use crate::identity::{Field, Identity};
use crate::inbox::Inbox;
use crate::report::{self, Direction, FileId, Negotiated, PeerText};
use crate::security;
use crate::trace;
use incoming::Incoming;

/// How long a session is kept open for what is in the making: less than partners wait (field
/// practice is 180 s). A response that takes longer goes out in the next session.
const PATIENCE: Duration = Duration::from_secs(60);

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
    settings: security::Settings,
    /// Things in the making that this session should still send.
    held: usize,
    /// An authentication counts as failed until it has succeeded.
    attempt_counted: bool,
    ended: bool,
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
            settings: security::Settings::default(),
            held: 0,
            attempt_counted: false,
            ended: false,
        }
    }

    /// Uses these keys.
    #[must_use]
    pub fn with_security(self, settings: security::Settings) -> Self {
        Self { settings, ..self }
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

    fn up(
        &mut self,
        mailbox: &mut Mailbox,
        partner: &IdentificationCode,
        agreed: &Agreed,
        jobs: &mut Jobs<Self>,
    ) {
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
        self.note_authentication(partner);
        for response in self.owed.take(partner) {
            self.owe(mailbox, response);
        }
        self.begin(mailbox, partner, agreed, jobs);
    }

    /// Keeps the session open for something in the making.
    fn hold(&mut self, mailbox: &mut Mailbox) {
        self.held += 1;
        mailbox.hold_turn(Some(PATIENCE));
    }

    /// It is made.
    fn let_go(&mut self, mailbox: &mut Mailbox) {
        self.held = self.held.saturating_sub(1);
        mailbox.hold_turn(Some(PATIENCE).filter(|_| self.held > 0));
    }

    /// Whose signature a response of ours bears.
    fn own_signature(&self, response: &Response) -> Option<String> {
        if responses::signature(response).is_empty() {
            return None;
        }
        let own = self.settings.ring.own();
        let own = own.valid(security::Use::Eerp, std::time::SystemTime::now());
        Some(own.map_or_else(
            |_| "this station".to_owned(),
            |own| own.certificate.to_string(),
        ))
    }

    /// The keys between us and the station that a file or a response is from or for.
    fn keys_of(&self, station: &IdentificationCode, mailbox: &Mailbox) -> security::Keys {
        let partner = mailbox.partner().map(|partner| partner.code);
        let ring = &self.settings.ring;
        ring.of_station(station, &partner.unwrap_or_default())
    }

    /// Queues a response, unless it is on its way.
    fn owe(&mut self, mailbox: &mut Mailbox, response: Response) {
        if !self.unconfirmed.contains(&response) {
            self.unconfirmed.push_back(response.clone());
            mailbox.queue_response(response);
        }
    }

    fn waits_for_disk(&self) -> bool {
        self.inbox.as_ref().is_some_and(Inbox::waits_for_disk)
    }

    fn ended(&mut self, mailbox: &Mailbox, ended: &Ended) {
        self.ended = true;
        self.note_failed_authentication(mailbox, ended);
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
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, jobs: &mut Jobs<Self>) {
        match &event {
            Event::Up { partner, agreed } => self.up(mailbox, partner, agreed, jobs),
            Event::FileOffered { sfid } => self.offered(mailbox, sfid),
            Event::FileTurnedAway { sfid, reason, text } => {
                self.refused(sfid, *reason, false, text);
            }
            Event::FileComplete => self.complete(mailbox, jobs),
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
            Event::ResponseReceived(response) => self.response(mailbox, response, jobs),
            Event::ResponseSent(response) => {
                // Most often the first: one that this session cannot send stays before it.
                let mut waiting = self.unconfirmed.iter();
                if let Some(place) = waiting.position(|waiting| waiting == response) {
                    self.unconfirmed.remove(place);
                }
                self.owed.confirmed(response);
                let mut event = response_event(response, Direction::Out, None);
                if let report::Event::Response { signed_by, .. } = &mut event {
                    *signed_by = self.own_signature(response);
                }
                self.voice.tell(&event);
            }
            Event::ResponseUnsendable { error, .. } => self.voice.warn(&format!(
                "a response cannot be sent in this session: {error}"
            )),
            Event::SealChallenge { partner } => self.seal_challenge(partner, jobs),
            Event::OpenChallenge { sealed } => self.open_challenge(mailbox, sealed, jobs),
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
        // In TLS 1.3 a client hears only now that its certificate was refused.
        if !self.outcome.up {
            self.outcome.note(ExitCode::SessionRefused);
        }
    }
}

/// Work on files that `waits` for the disk is done aside. What only reaches the page cache is
/// sooner done than handed over.
fn on_disk<T>(waits: bool, work: impl FnOnce() -> T) -> T {
    if waits { aside(work) } else { work() }
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
        signed_by: None,
        receipt: None,
    }
}
