//! The session of a monitor: its beginning and its end.

use std::collections::VecDeque;
use std::time::Duration;

use oftp_core::mailbox::{Directory, FileId, Mailbox, Response};
use oftp_core::session::Addresses;
use oftp_core::wire::{EsidReason, IdentificationCode, Sfid};

use super::incoming::Incoming;
use super::responses::Job;
use super::{Ending, Monitor, MonitorError, Summary, Tell};
use crate::exchange::Work;

/// The session that runs.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) mailbox: Mailbox,
    pub(super) answers: bool,
    pub(super) stage: Stage,
    pub(super) up: bool,
    /// The file that is offered or sent.
    pub(super) current: Option<u64>,
    /// The name that the engine gave to it.
    pub(super) queued: Option<FileId>,
    /// The file that waits for an answer of the host.
    pub(super) offered: Option<Box<Sfid>>,
    pub(super) incoming: Option<Incoming>,
    /// All of it is here, and the host has not said yet that it is safe.
    pub(super) complete: bool,
    /// What takes keys before the session can go on.
    pub(super) urgent: VecDeque<Job>,
    /// Files to be opened and answered, when nothing else is to be done.
    pub(super) todo: VecDeque<Work>,
    pub(super) unconfirmed: Vec<Response>,
    pub(super) attempt_counted: bool,
    pub(super) scratch: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// Why the connection failed, beside what the engine knows.
    pub(super) fault: Option<String>,
    /// The connection was reset, and the engine does not know it yet.
    pub(super) reset: bool,
}

/// How far the connection of a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is not there yet.
    Connecting,
    Up,
    /// There will be none, and it is still to be closed.
    Failed,
    /// It is over, and the rest is told. `session`: there was one.
    Gone {
        session: bool,
    },
}

impl Run {
    /// The partner hears no answer any more: the session has ended, or is given up.
    pub(super) fn close_questions(&mut self) {
        self.offered = None;
        self.complete = false;
    }
}

impl Monitor {
    /// Begins a session by calling this partner: we are the Initiator. The host opens the
    /// connection and then says [`connected`](Self::connected).
    ///
    /// # Errors
    /// [`MonitorError::SessionRuns`], [`MonitorError::UnknownPartner`], [`MonitorError::User`]:
    /// authentication is wanted below level 2.0.
    pub fn call(&mut self, partner: &IdentificationCode) -> Result<(), MonitorError> {
        self.check_free()?;
        let row = self.partner(partner);
        let row = row.ok_or(MonitorError::UnknownPartner(*partner))?;
        let (partner, settings) = (row.partner.clone(), self.settings.clone());
        let mailbox = Mailbox::call(settings, partner, Addresses::default())?;
        self.begin(mailbox, false);
        Ok(())
    }

    /// Begins a session by answering a call of any partner: we are the Responder. The host has
    /// accepted the connection, and says [`connected`](Self::connected) when it is ready for the
    /// session, which is after the handshake of TLS.
    ///
    /// # Errors
    /// [`MonitorError::SessionRuns`].
    pub fn answer(&mut self) -> Result<(), MonitorError> {
        self.check_free()?;
        let mailbox = Mailbox::answer(self.settings.clone(), self.directory());
        self.begin(mailbox, true);
        Ok(())
    }

    pub(super) fn check_free(&self) -> Result<(), MonitorError> {
        match self.run {
            Some(_) => Err(MonitorError::SessionRuns),
            None => Ok(()),
        }
    }

    fn begin(&mut self, mailbox: Mailbox, answers: bool) {
        self.score = Summary::default();
        self.told = None;
        self.posts.iter_mut().for_each(|post| post.tried = false);
        self.kick = true;
        self.run = Some(Box::new(Run {
            mailbox,
            answers,
            stage: Stage::Connecting,
            up: false,
            current: None,
            queued: None,
            offered: None,
            incoming: None,
            complete: false,
            urgent: VecDeque::new(),
            todo: VecDeque::new(),
            unconfirmed: Vec::new(),
            attempt_counted: false,
            scratch: Vec::new(),
            ends: Vec::new(),
            fault: None,
            reset: false,
        }));
    }

    /// The connection is there (N_CON_CF, N_CON_IND), and TLS on it if it is wanted. `now` is the
    /// first [`tick`](Self::tick). Where we answer, `callers` are those who may call on this
    /// connection ([`callers`](Self::callers)); `None`: all partners.
    pub fn connected(&mut self, now: Duration, callers: Option<Directory>) {
        let Some(run) = &mut self.run else {
            return;
        };
        if run.stage != Stage::Connecting {
            return;
        }
        run.stage = Stage::Up;
        if let Some(callers) = callers.filter(|_| run.answers) {
            run.mailbox = Mailbox::answer(self.settings.clone(), callers);
        }
        run.mailbox.tick(now);
        if run.answers {
            run.mailbox.n_con_ind(Addresses::default());
        }
    }

    /// There is no connection, or its TLS cannot be agreed on: no session either.
    pub fn connection_failed(&mut self, why: impl Into<String>) {
        if let Some(run) = self
            .run
            .as_mut()
            .filter(|run| run.stage == Stage::Connecting)
        {
            run.stage = Stage::Failed;
            (self.score.ending, self.score.text) = (Ending::NoConnection, why.into());
        }
    }

    /// The connection is closed, as [`Step::Disconnect`](super::Step::Disconnect) wanted it.
    pub fn disconnected(&mut self) {
        if let Some(run) = &mut self.run {
            run.stage = match run.stage {
                Stage::Gone { session } => Stage::Gone { session },
                stage => Stage::Gone {
                    session: stage == Stage::Up,
                },
            };
        }
    }

    /// Writing has failed: the partner has closed the connection. What it said before, and what
    /// could still be read, says why: tell it by [`n_data_ind`](Self::n_data_ind) first. Nothing
    /// is to be closed in an orderly way any more.
    pub fn write_failed(&mut self) {
        self.disconnected();
        if let Some(run) = &mut self.run {
            run.reset = true;
        }
    }

    /// Why the connection fails, for the text of the session's end, such as what TLS says. Tell it
    /// before [`n_rst_ind`](Self::n_rst_ind) or [`write_failed`](Self::write_failed).
    pub fn fault(&mut self, why: impl Into<String>) {
        if let Some(run) = &mut self.run {
            run.fault = Some(why.into());
        }
    }

    /// Ends the session that runs abnormally (ESID). What is unfinished goes on in the next one.
    /// `why` are words for the partner, at most 999 octets of them, sent at level 2.0.
    ///
    /// # Errors
    /// [`MonitorError::NoSession`].
    pub fn release(&mut self, reason: EsidReason, why: &str) -> Result<(), MonitorError> {
        let run = self.run.as_mut().ok_or(MonitorError::NoSession)?;
        run.mailbox.release(reason, why);
        run.close_questions();
        self.kick = true;
        Ok(())
    }

    /// Keeps the session open when nothing is left to send, for `longest` from now or until this is
    /// called again; `None`: lets it go on. For what the host is still making; partners wait 180
    /// seconds at most (RFC 5024 4.3.6).
    pub fn hold_turn(&mut self, longest: Option<Duration>) {
        if let Some(run) = &mut self.run {
            run.mailbox.hold_turn(longest);
            self.kick = true;
        }
    }

    /// Gives the session up without a word to the partner, as when the program ends: what has come
    /// of a file is kept for a restart, and so is what this side owes and sends. Nobody is asked
    /// anything more of it.
    pub fn suspend(&mut self) {
        self.suspend_incoming();
        self.interrupted();
        self.leave_responses();
        if let Some(run) = self.run.take() {
            self.left.extend(run.todo);
        }
        self.tells.retain(|tell| {
            !matches!(
                tell,
                Tell::Up { .. }
                    | Tell::Offered(_)
                    | Tell::Complete(_)
                    | Tell::Response { .. }
                    | Tell::Ended
            )
        });
    }

    /// What the partner has not confirmed is its next session's.
    pub(super) fn leave_responses(&mut self) {
        let partner = self.session_partner();
        if let Some(run) = &mut self.run {
            self.owed
                .leave(partner, std::mem::take(&mut run.unconfirmed));
        }
    }

    /// Whether a session has begun and not all of its end was told.
    #[must_use]
    pub const fn has_session(&self) -> bool {
        self.run.is_some()
    }

    /// The partner of the session that runs; blank before it is known.
    #[must_use]
    pub fn session_partner(&self) -> IdentificationCode {
        let partner = self.run.as_ref().and_then(|run| run.mailbox.partner());
        partner.map(|partner| partner.code).unwrap_or_default()
    }
}
