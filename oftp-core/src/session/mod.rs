//! One OFTP session as a sans-IO state machine (RFC 5024 chapters 2 to 4, on the tables of 9).
//!
//! A [`Session`] is the File Transfer Service of chapter 3 over the network service of chapter 2.
//! Three kinds of calls go in, and one ordered queue comes out:
//!
//! * service primitives of the User Monitor: [`connect_rq`](Session::connect_rq),
//!   [`start_file_rq`](Session::start_file_rq), [`data_rq`](Session::data_rq) ... The name is the
//!   RFC's without `F_`, in lower case;
//! * events of the network: [`n_con_cf`](Session::n_con_cf), [`n_data_ind`](Session::n_data_ind),
//!   [`n_disc_ind`](Session::n_disc_ind) ...;
//! * the time, as a duration since any fixed moment: [`tick`](Session::tick), before each input.
//!
//! **After every call, drain [`poll_output`](Session::poll_output) until it says
//! [`Output::Wait`].** What has been received is decoded one Exchange Buffer at a time while the
//! queue is drained, so a User Monitor that stops draining stops the partner by the credit
//! window, and nothing piles up.
//!
//! ```
//! # use oftp_core::session::{Config, ConnectRq, Output, Session};
//! # use oftp_core::wire::{Capability, IdentificationCode, Password, UserData, X};
//! let mut session = Session::new(Config::default());
//! session.connect_rq(ConnectRq {
//!     code: IdentificationCode::new("O0177ALPHA-MOTORS  HUB001")?,
//!     password: Password::new(X::new("SECRET")?),
//!     user: UserData::default(),
//!     mode: Capability::Both,
//!     restart: true,
//!     authentication: false,
//!     addresses: Default::default(),
//! })?;
//! loop {
//!     match session.poll_output() {
//!         Output::NConRq => { /* open a connection, then session.n_con_cf() */ }
//!         Output::NDataRq(pending) => {
//!             let written = pending.len(); // write the slices to the connection
//!             session.sent(written);
//!         }
//!         Output::Wait(_deadline) => break, // wait for input or for the deadline
//!         _ => { /* indications and confirmations */ }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authentication;
mod clock;
mod config;
mod data;
mod event;
mod fault;
mod input;
mod negotiation;
mod network;
mod outputs;
mod perform;
mod predicates;
mod primitive;
mod receive;
mod trace;
mod transmit;
mod user;

use std::collections::VecDeque;
use std::time::Duration;

pub use crate::state::Origin;
pub use config::{Capabilities, Config, ConfigError, Role, Timers};
pub use data::DataInd;
pub use event::{
    AbortCause, AbortInd, Agreed, CloseFileCf, CloseFileInd, ConnectCf, ConnectInd, Event,
    FileFault, Output, StartFileCf,
};
pub use primitive::{
    Addresses, CloseFileRq, CloseFileRs, ConnectRq, ConnectRs, SealedChallenge, StartFileRs,
    UserError, UserProblem,
};
pub use trace::Trace;
pub use transmit::Pending;

use authentication::Local;
use clock::Clock;
use input::Stored;
use negotiation::Misfit;
use outputs::Item;
use transmit::Transmit;

use crate::state::State;
use crate::virtual_file::RecordState;
use crate::wire::{EsidReason, Level, Quirks, Sfid, Ssid, StreamBuffer};

/// One session, in either role. See the [module](self) for the contract.
#[derive(Debug)]
pub struct Session {
    config: Config,
    /// What holds for this partner; the Responder learns who it is by the SSID.
    capabilities: Capabilities,
    quirks: Quirks,
    state: State,
    vars: Variables,
    clock: Clock,
    receive: StreamBuffer,
    transmit: Transmit,
    queue: VecDeque<Item>,
    /// A local primitive that the User Monitor owes; nothing is decoded until then.
    local: Option<Local>,
    /// The Responder's SSID while the User Monitor looks at it: its row is taken when the queue
    /// has been drained.
    held: Option<Box<Ssid>>,
    /// The network connection of this session has ended.
    over: bool,
}

/// The local variables of 9.6.
#[derive(Debug, Default)]
struct Variables {
    /// V.Caller.
    caller: bool,
    /// V.Called-addr and V.Calling-addr.
    addresses: Addresses,
    /// Our SSID as sent: V.Id, V.Pswd and what we offered.
    own_ssid: Option<Ssid>,
    /// The partner's SSID as received.
    peer_ssid: Option<Ssid>,
    /// V.Buf-size, V.Window, V.Compression, V.Restart, V.Mode, V.Authentication.
    agreed: Option<Agreed>,
    /// Why the negotiation failed (P2 of 9.8).
    misfit: Option<Misfit>,
    /// The reason of the ESID that we sent.
    sent_reason: Option<EsidReason>,
    /// V.Credit_S.
    credit_s: u32,
    /// V.Credit_L.
    credit_l: u32,
    /// What had arrived when credit was last given: DATA from before it was sent without.
    credit_line: u64,
    /// V.Restart-pos.
    restart_pos: u64,
    /// V.Req-buf.
    stored: Option<Stored>,
    /// V.Challenge.
    challenge: Option<[u8; 20]>,
    /// The file being received: counts, and whether it travels as a stream.
    incoming: Option<Incoming>,
}

/// A Virtual File that is being received.
#[derive(Debug)]
struct Incoming {
    stream: bool,
    /// Kept from SFID until the User Monitor says where the file starts.
    offer: Option<Box<Sfid>>,
    record: Option<RecordState>,
}

impl Session {
    /// A session in state IDLE, for one connection, in either role.
    ///
    /// Values of `config` that are out of their ranges ([`Capabilities::check`]) are cut to them.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut capabilities = config.capabilities.clone();
        capabilities.buffer_size = capabilities.buffer_size.clamp(128, 99_999);
        capabilities.window = capabilities.window.clamp(1, 999);
        Self {
            quirks: config.quirks,
            capabilities,
            config,
            state: State::Idle,
            vars: Variables::default(),
            clock: Clock::default(),
            receive: StreamBuffer::new(),
            transmit: Transmit::default(),
            queue: VecDeque::new(),
            local: None,
            held: None,
            over: false,
        }
    }

    /// The next item of the ordered output queue. Drain it after every other call.
    ///
    /// [`Output::NDataRq`] stays at the front until [`sent`](Self::sent) has taken all of it, and
    /// what follows it waits: the order of events and octets is the RFC's.
    pub fn poll_output(&mut self) -> Output<'_> {
        self.transmit.forget_dropped();
        if self.has_output() {
            self.next_output()
        } else {
            Output::Wait(self.next_deadline())
        }
    }

    /// Whether [`poll_output`](Self::poll_output) has something else than [`Output::Wait`].
    /// Decodes what has been received until there is.
    pub fn has_output(&mut self) -> bool {
        while self.queue.is_empty() {
            if !self.receive_next() {
                return false;
            }
        }
        true
    }

    /// The octets of [`Output::NDataRq`], where they are what comes next; nothing is taken from
    /// the queue. Their addresses hold until all of them are [`sent`](Self::sent) or the queue is
    /// polled again, whatever else is called.
    #[must_use]
    pub fn octets_to_send(&self) -> Option<Pending<'_>> {
        match self.queue.front() {
            Some(&Item::NDataRq(octets)) => Some(self.transmit.slices(octets)),
            _ => None,
        }
    }

    /// Tells that this many octets of [`Output::NDataRq`] are sent. More than were given count
    /// as all of them.
    pub fn sent(&mut self, octets: usize) {
        if let Some(Item::NDataRq(left)) = self.queue.front_mut() {
            let octets = octets.min(*left);
            *left -= octets;
            let done = *left == 0;
            self.transmit.advance(octets);
            if done {
                self.queue.pop_front();
            }
        }
    }

    /// Octets that are encoded and not yet sent. A User Monitor with much to send stops asking
    /// for room ([`data_rq`](Self::data_rq)) when as much waits as it wants to hold in memory.
    #[must_use]
    pub fn transmit_pending(&self) -> usize {
        self.transmit.pending()
    }

    /// Octets that are received and not decoded yet.
    #[must_use]
    pub fn receive_pending(&self) -> usize {
        self.receive.pending()
    }

    /// Whether this side has sent ESID: the last octets of the connection must not get lost.
    #[must_use]
    pub const fn has_sent_esid(&self) -> bool {
        self.vars.sent_reason.is_some()
    }

    /// The state of chapter 9.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What both sides agreed on; `None` before the SSIDs are exchanged.
    #[must_use]
    pub const fn agreed(&self) -> Option<&Agreed> {
        self.vars.agreed.as_ref()
    }

    /// Whether this side opened the connection (V.Caller).
    #[must_use]
    pub const fn is_initiator(&self) -> bool {
        self.vars.caller
    }

    /// Whether the connection has come and gone. Such a session does nothing more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Data Exchange Buffers in a row of the file being received that brought neither an octet nor
    /// a record; flags without octets are nothing in a stream.
    #[must_use]
    pub fn buffers_without_progress(&self) -> u32 {
        let file = self.vars.incoming.as_ref();
        let record = file.and_then(|file| file.record.as_ref());
        record.map_or(0, RecordState::buffers_without_progress)
    }

    /// Whether the session has ended and the User Monitor is not told by any event: a caller's
    /// directions do not fit (9.8 E), or nobody may call (9.8 B).
    pub(crate) fn ends_silently(&self) -> bool {
        let ends = self.state == State::WfNdisc || self.over;
        let told = |item: &Item| {
            matches!(
                item,
                Item::Event(Event::AbortInd(_) | Event::ReleaseInd { .. })
            )
        };
        ends && !self.queue.iter().any(told)
    }

    /// Why the negotiation failed, where it did.
    pub(crate) fn misfit(&self) -> Option<(EsidReason, &str)> {
        let misfit = self.vars.misfit.as_ref();
        misfit.map(|misfit| (misfit.reason, misfit.text.as_str()))
    }

    /// Whether a Data Exchange Buffer may be sent now: a file is open and there is credit.
    #[must_use]
    pub fn can_send_data(&self) -> bool {
        self.state == State::Opo
    }

    /// The release level of the session, or the own one until it is agreed.
    fn level(&self) -> Level {
        self.vars
            .agreed
            .map_or(self.capabilities.level, |agreed| agreed.level)
    }

    /// Whether the next output borrows a buffer of the session.
    pub(crate) fn front_borrows(&self) -> bool {
        matches!(
            self.queue.front(),
            Some(Item::NDataRq(_) | Item::DataInd(_))
        )
    }

    /// When [`tick`](Self::tick) is due without any input; `None`: no timer runs. A time that
    /// has passed means at once: a timer was started, and counts from that tick.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        // After the end only octets that cannot be sent have a limit.
        let waits = !self.over || self.transmit.pending() > 0;
        waits.then(|| self.clock.deadline()).flatten()
    }
}
