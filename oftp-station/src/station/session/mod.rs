//! One session of the station with one partner, called or calling: files and responses between
//! the journal and the wire (RFC 5024 3.3 to 3.5, 4.3 to 4.6).
//!
//! A [`Visit`] is the handler of the session's driver. Whatever waits for a disk or a key is a job
//! beside the session; the session goes on when the journal has it.
//!
//! ```text
//! call, answer    how a session comes about, on either side
//! take, room      whether a file that is offered is taken, and where it goes
//! incoming        files that come: staged, `received` before EFPA, then delivered
//! outgoing, next  files that go: the next ones taken from the queue, `efid_sent` before EFID
//! not_taken       files that the partner refuses
//! responses       end responses, both ways
//! authentication  challenges
//! ended           how it went, for the caller and the journal
//! ```

mod answer;
mod authentication;
mod call;
mod ended;
mod incoming;
mod next;
mod not_taken;
mod outgoing;
mod responses;
mod room;
mod take;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Mailbox};
use oftp_core::session::{Agreed, DataInd, Trace};
use oftp_core::wire::IdentificationCode;
use serde_json::json;

pub use answer::Answering;
pub use call::call;

use super::config::{Config, PartnerConfig};
use super::journal::file::FileKey;
use super::journal::response::{ResponseKey, ResponseRow};
use super::journal::{event, partner};
use super::{Shared, caller::CallResult};
use crate::driver::{Handler, Jobs, StoreFault};
use crate::exchange::Voice;
use crate::report;
use crate::trace;
use incoming::Incoming;
use outgoing::Outgoing;

/// How long a session is kept open for what is in the making, such as a signed response: less than
/// partners wait (field practice is 180 s).
const PATIENCE: Duration = Duration::from_secs(60);

/// The handler of one session.
#[derive(Debug)]
pub struct Visit {
    shared: Shared,
    /// What the station was told when the session began.
    config: Arc<Config>,
    voice: Voice,
    /// Who the other end is, once that is known.
    partner: Option<Arc<PartnerConfig>>,
    /// From where it called; `None`: we have called.
    caller: Option<SocketAddr>,
    up: bool,
    ended: bool,
    /// Rare beside sessions in which nothing happens, as what goes is.
    incoming: Option<Box<Incoming>>,
    outgoing: Outgoing,
    /// Responses that this session is to send, until the partner confirms them.
    unconfirmed: VecDeque<ResponseRow>,
    /// Responses that this session cannot send.
    unsendable: Vec<ResponseKey>,
    /// Things in the making that this session should still send.
    held: usize,
    attempt_counted: bool,
    /// Files that went and came.
    moved: u32,
    result: Option<CallResult>,
    network_fault: Option<String>,
    /// Where received octets are decoded to.
    scratch: Vec<u8>,
}

impl Visit {
    /// A session with this partner, whom we have called.
    fn calling(shared: Shared, voice: Voice, partner: Arc<PartnerConfig>) -> Self {
        Self {
            partner: Some(partner),
            ..Self::new(shared, voice)
        }
    }

    /// A session with whoever has called from this address.
    fn called(shared: Shared, voice: Voice, caller: SocketAddr) -> Self {
        Self {
            caller: Some(caller),
            ..Self::new(shared, voice)
        }
    }

    fn new(shared: Shared, voice: Voice) -> Self {
        Self {
            config: shared.config(),
            shared,
            voice,
            partner: None,
            caller: None,
            up: false,
            ended: false,
            incoming: None,
            outgoing: Outgoing::default(),
            unconfirmed: VecDeque::new(),
            unsendable: Vec::new(),
            held: 0,
            attempt_counted: false,
            moved: 0,
            result: None,
            network_fault: None,
            scratch: Vec::new(),
        }
    }

    /// The partner's name in the configuration, once that is known.
    fn partner_name(&self) -> Option<&str> {
        self.partner.as_ref().map(|partner| partner.name.as_str())
    }

    /// Whether the partner has called, and not we.
    const fn is_called(&self) -> bool {
        self.caller.is_some()
    }

    /// Who it is about, for people.
    fn about(&self, text: &str) -> String {
        match (self.partner_name(), self.caller) {
            (Some(name), _) => format!("{name}: {text}"),
            (None, Some(address)) => format!("{address}: {text}"),
            (None, None) => text.to_owned(),
        }
    }

    fn up(
        &mut self,
        mailbox: &mut Mailbox,
        code: &IdentificationCode,
        agreed: &Agreed,
        jobs: &mut Jobs<Self>,
    ) {
        self.up = true;
        self.note_authentication(code);
        if self.partner.is_none() {
            self.partner = self.config.partner_by_code(code).cloned();
        }
        let Some(partner) = self.partner.clone() else {
            // The directory knows no others.
            let reason = oftp_core::wire::EsidReason::USER_CODE_NOT_KNOWN;
            return mailbox.release(reason, "this partner is not in the configuration any more");
        };
        if self.is_called() {
            self.shared
                .count_session(&partner.name, |count| count.incoming += 1);
        }
        let detail = json!({
            "by": if self.is_called() { "partner" } else { "us" },
            "level": agreed.level.to_string(),
            "buffer": agreed.buffer_size,
            "credit": agreed.window,
            "compression": agreed.compression,
            "restart": agreed.restart,
            "authentication": agreed.authentication,
        });
        let name = partner.name.clone();
        self.shared.journal().post(move |connection| {
            partner::session_up(connection, &name)?;
            let kind = event::Kind::SessionStarted;
            event::note(connection, kind, Some(&name), None, &detail)
        });
        self.take_responses(mailbox, jobs);
        self.take_files(mailbox, jobs);
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

    fn warn(&self, text: &str) {
        self.voice.warn(&self.about(text));
    }

    fn error(&self, text: &str) {
        self.voice.error(&self.about(text));
    }

    /// A line of the history about a file that changes nothing with it.
    fn note(&self, kind: event::Kind, file: Option<FileKey>, detail: serde_json::Value) {
        let name = self.partner_name().map(str::to_owned);
        self.shared
            .journal()
            .post(move |connection| event::note(connection, kind, name.as_deref(), file, &detail));
    }

    fn ended(&mut self, mailbox: &Mailbox, ended: &Ended) {
        self.ended = true;
        self.note_failed_authentication(mailbox, ended);
        self.suspend_incoming();
        self.interrupted();
        for row in std::mem::take(&mut self.unconfirmed) {
            self.shared.release_response(row.key);
        }
        for key in std::mem::take(&mut self.unsendable) {
            self.shared.release_response(key);
        }
        self.tell_end(mailbox, ended);
    }
}

impl Handler for Visit {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, jobs: &mut Jobs<Self>) {
        match event {
            Event::Up { partner, agreed } => self.up(mailbox, &partner, &agreed, jobs),
            Event::FileOffered { sfid } => self.offered(mailbox, sfid, jobs),
            Event::FileTurnedAway { sfid, reason, text } => {
                self.turned_away(&sfid, reason, false, &text);
            }
            Event::FileComplete => self.complete(mailbox, jobs),
            Event::FileBroken { fault } => self.broken(&fault),
            Event::FileWanted { position, .. } => self.open(mailbox, position, jobs),
            Event::DataWanted { .. } => self.supply(mailbox),
            Event::FileSent { .. } => self.sent(mailbox, jobs),
            Event::FileRefused {
                reason,
                retry,
                text,
                ..
            } => self.refused(mailbox, reason, retry, &text, jobs),
            Event::FileNotAccepted { reason, text, .. } => {
                self.not_accepted(mailbox, reason, &text, jobs);
            }
            Event::FileUnsendable { error, .. } => self.unsendable(mailbox, &error, jobs),
            Event::ResponseReceived(response) => self.response_came(mailbox, response, jobs),
            Event::ResponseSent(response) => self.response_sent(mailbox, &response, jobs),
            Event::ResponseUnsendable { response, error } => {
                self.response_unsendable(mailbox, &response, &error, jobs);
            }
            Event::SealChallenge { partner } => self.seal_challenge(&partner, jobs),
            Event::OpenChallenge { sealed } => self.open_challenge(mailbox, sealed, jobs),
            Event::Quirk { quirk, command } => self.voice.tell(&report::Event::QuirkUsed {
                name: format!("{quirk} ({})", command.name()),
            }),
            Event::Ended(ended) => self.ended(mailbox, &ended),
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
        self.error(fault);
        self.network_fault = Some(fault.to_owned());
    }
}
