//! A ready User Monitor: sends what is queued, takes files by policy, answers with EERP or NERP,
//! passes the turn and ends the session (RFC 5024 3.3 to 3.5, 4.3 to 4.6).
//!
//! A [`Mailbox`] owns a [`Session`] and is as free of I/O as that: its driver moves octets, opens
//! and stores files, and tells the time. One ordered output says what to do next, [`Mail`]; the
//! events marked "answer" wait for one call each, now or a minute later.
//!
//! ```text
//! loop {
//!     match mailbox.poll() {
//!         Mail::NDataRq(octets)              => write them, mailbox.sent(n)
//!         Mail::Event(Event::FileOffered {}) => mailbox.accept_file(position)
//!         Mail::Data(data)                   => store it
//!         Mail::Event(Event::FileComplete)   => fsync, then mailbox.file_stored(Reply::Eerp)
//!         Mail::Event(Event::DataWanted {})  => mailbox.supply(|buffer| ...)
//!         Mail::Wait(deadline)               => wait for octets or for the deadline
//!         ...
//!     }
//! }
//! ```
//!
//! The end of a session: who has nothing to send passes the turn with CD; who has nothing to send
//! and has just been given the turn ends with ESID 00. Both therefore send all they have, and wait
//! for what is in the making with [`Mailbox::hold_turn`].

mod directory;
mod incoming;
mod limits;
mod mail;
mod outgoing;
mod policy;
mod response;
mod turns;

use std::collections::VecDeque;
use std::time::Duration;

pub use directory::{Denial, Directory, Identity, Partner};
pub use incoming::Reply;
pub use limits::Limits;
pub use mail::{Ended, Event, FileId, Mail, Response};
pub use outgoing::{SendBuffer, Supply};
pub use policy::{FilePolicy, Origins, Refusal, Rule};
pub use response::{eerp_for, nerp_for};

use limits::Counters;
use outgoing::Outgoing;

use crate::session::{
    Addresses, Config, ConnectRq, Output, SealedChallenge, Session, UserError, UserProblem,
};
use crate::wire::{IdentificationCode, Sfid};

/// What a mailbox is told before it begins.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The session's own settings.
    pub config: Config,
    /// What we say of ourselves.
    pub identity: Identity,
    /// Bounds for what a partner can make us do.
    pub limits: Limits,
    /// Ask for the turn with EFPA as soon as there is something to send back (EFPACD).
    pub ask_for_turn: bool,
    /// Turn callers away with ESID 08: too many sessions are open.
    pub busy: bool,
}

impl Settings {
    /// The defaults for this identity.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        Self {
            config: Config::default(),
            identity,
            limits: Limits::default(),
            ask_for_turn: false,
            busy: false,
        }
    }
}

/// A session with its User Monitor. See the [module](self) for the contract.
#[derive(Debug)]
pub struct Mailbox {
    session: Session,
    settings: Settings,
    directory: Directory,
    /// Who the other end is, once that is known.
    partner: Option<Partner>,
    /// Whose password a caller did not know.
    wrong_password: Option<IdentificationCode>,
    /// The SSIDs, and where wanted the authentication, are done.
    up: bool,
    ended: bool,
    told: VecDeque<Event>,
    outgoing: Outgoing,
    incoming: Option<Box<Sfid>>,
    wants_data: bool,
    counters: Counters,
    next_id: u64,
    now: Duration,
    expires: Option<Duration>,
}

impl Mailbox {
    /// A mailbox that calls this partner: the first output is [`Mail::NConRq`].
    ///
    /// # Errors
    /// [`UserError`] when authentication is wanted below level 2.0.
    pub fn call(
        settings: Settings,
        partner: Partner,
        addresses: Addresses,
    ) -> Result<Self, UserError> {
        let mut settings = settings;
        if let Some(capabilities) = partner.capabilities.clone() {
            settings.config.capabilities = capabilities;
        }
        if let Some(quirks) = partner.quirks {
            settings.config.quirks = quirks;
        }
        if let Some(identity) = partner.identity.clone() {
            settings.identity = identity;
        }
        let rq = ConnectRq {
            code: settings.identity.code,
            password: settings.identity.password,
            user: settings.identity.user,
            mode: settings.config.capabilities.mode,
            restart: settings.config.capabilities.restart,
            authentication: partner.authentication,
            addresses,
        };
        let mut mailbox = Self::with(settings, Directory::default());
        mailbox.partner = Some(partner);
        mailbox.session.connect_rq(rq)?;
        Ok(mailbox)
    }

    /// A mailbox that is called by one of these: hand it the connection with
    /// [`n_con_ind`](Self::n_con_ind).
    #[must_use]
    pub fn answer(settings: Settings, directory: Directory) -> Self {
        Self::with(settings, directory)
    }

    fn with(settings: Settings, directory: Directory) -> Self {
        Self {
            session: Session::new(settings.config.clone()),
            settings,
            directory,
            partner: None,
            wrong_password: None,
            up: false,
            ended: false,
            told: VecDeque::new(),
            outgoing: Outgoing::default(),
            incoming: None,
            wants_data: false,
            counters: Counters::default(),
            next_id: 0,
            now: Duration::ZERO,
            expires: None,
        }
    }

    /// The next item of the ordered output. Poll until [`Mail::Wait`] after every other call.
    pub fn poll(&mut self) -> Mail<'_> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Mail::Event(event);
            }
            let empty_buffers = self.session.buffers_without_progress();
            if !self.ended && empty_buffers > self.settings.limits.empty_buffers {
                self.give_up("too many data buffers in a row carry nothing");
                continue;
            }
            if !self.ended && self.session.ends_silently() {
                self.end_untold();
                continue;
            }
            // What the partner has said comes before more data for it: it may be the end.
            let heard_all = self.session.receive_pending() == 0 || !self.session.has_output();
            if heard_all && let Some(id) = self.data_wanted() {
                self.wants_data = false;
                return Mail::Event(Event::DataWanted { id });
            }
            if !self.session.has_output() {
                if self.has_to_speak() {
                    self.speak();
                    continue;
                }
                return Mail::Wait(self.next_deadline());
            }
            if self.session.front_borrows() {
                break;
            }
            match self.session.poll_output() {
                Output::NConRq => return Mail::NConRq,
                Output::NConRs => return Mail::NConRs,
                Output::NDiscRq => return Mail::NDiscRq,
                Output::Trace(trace) => return Mail::Trace(trace),
                Output::Event(event) => self.handle(event),
                Output::NDataRq(_) | Output::DataInd(_) | Output::Wait(_) => {}
            }
        }
        self.pass_octets()
    }

    /// The outputs that borrow the session's buffers.
    fn pass_octets(&mut self) -> Mail<'_> {
        let deadline = earlier(self.expires, self.outgoing.turn_held_until);
        match self.session.poll_output() {
            Output::NDataRq(pending) => Mail::NDataRq(pending),
            Output::DataInd(data) => Mail::Data(data),
            _ => Mail::Wait(deadline),
        }
    }

    /// When [`tick`](Self::tick) is due without any input; `None`: no timer runs.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let own = earlier(self.expires, self.outgoing.turn_held_until);
        earlier(self.session.next_deadline(), own)
    }

    /// The session below, to look at.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Who the other end is; `None` before a caller is known and admitted.
    #[must_use]
    pub const fn partner(&self) -> Option<&Partner> {
        self.partner.as_ref()
    }

    /// The partner that a caller says it is, by the code in its row, whose password it does not
    /// know; `None`: there is no such caller. Who counts these keeps guessers out by
    /// [`deny`](Self::deny).
    #[must_use]
    pub const fn wrong_password(&self) -> Option<&IdentificationCode> {
        self.wrong_password.as_ref()
    }

    /// [Denies](Directory::deny) partners to the caller that is awaited.
    pub fn deny(&mut self, why: impl FnMut(&Partner) -> Option<Denial>) {
        self.directory.deny(why);
    }

    /// What we say of ourselves to this partner.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        let special = self.partner.as_ref().and_then(|p| p.identity.as_ref());
        special.unwrap_or(&self.settings.identity)
    }

    /// Tells the time: since any fixed moment, never backwards. Call it before each input, and
    /// when the deadline of [`Mail::Wait`] has come.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        self.session.tick(now);
        if self.outgoing.turn_held_until.is_some_and(|end| end <= now) {
            self.outgoing.turn_held_until = None;
        }
        if self.expires.is_some_and(|end| end <= now) {
            self.expires = None;
            self.give_up("the session has reached its longest time");
        }
    }

    /// N_CON_IND: a connection has come in.
    pub fn n_con_ind(&mut self, addresses: Addresses) {
        self.session.n_con_ind(addresses);
    }

    /// N_CON_CF: the connection asked for is up.
    pub fn n_con_cf(&mut self) {
        self.session.n_con_cf();
    }

    /// N_DATA_IND: octets have come; they are copied.
    pub fn n_data_ind(&mut self, octets: &[u8]) {
        self.session.n_data_ind(octets);
    }

    /// Room for received octets; tell their number by [`received`](Self::received).
    pub fn receive_space(&mut self) -> &mut [u8] {
        self.session.receive_space()
    }

    /// N_DATA_IND for octets that were read into [`receive_space`](Self::receive_space).
    pub fn received(&mut self, octets: usize) {
        self.session.received(octets);
    }

    /// N_DISC_IND: the connection was closed by the partner or the network.
    pub fn n_disc_ind(&mut self) {
        self.session.n_disc_ind();
    }

    /// N_RST_IND: the connection was reset, or could not be opened.
    pub fn n_rst_ind(&mut self) {
        self.session.n_rst_ind();
    }

    /// This many octets of [`Mail::NDataRq`] are sent.
    pub fn sent(&mut self, octets: usize) {
        self.session.sent(octets);
    }

    /// Answers [`Event::SealChallenge`].
    ///
    /// # Errors
    /// See [`Session::seal_challenge_rs`].
    pub fn seal_challenge_rs(&mut self, answer: Option<SealedChallenge>) -> Result<(), UserError> {
        self.session.seal_challenge_rs(answer)
    }

    /// Answers [`Event::OpenChallenge`].
    ///
    /// # Errors
    /// See [`Session::open_challenge_rs`].
    pub fn open_challenge_rs(&mut self, answer: Option<[u8; 20]>) -> Result<(), UserError> {
        self.session.open_challenge_rs(answer)
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.told.push_back(event);
    }

    fn misuse(&self, call: &'static str, problem: &'static str) -> UserError {
        UserError {
            primitive: call,
            state: self.session.state(),
            problem: UserProblem::Value(problem),
        }
    }
}

fn earlier(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
