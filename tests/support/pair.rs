//! Two sessions in memory, a network between them that can do what real ones do, and a clock that
//! only moves when it is told to.

use std::collections::VecDeque;
use std::time::Duration;

use oftp_core::session::{
    Addresses, Config, ConnectInd, ConnectRq, ConnectRs, Event, Output, Session, Trace,
};
use oftp_core::state::State;
use oftp_core::wire::{Capability, IdentificationCode, Password, UserData, X};

/// The two identification codes of all tests.
pub const ALPHA: &str = "O0177ALPHA-MOTORS  HUB001";
/// See [`ALPHA`].
pub const BETA: &str = "O0177BETA PARTS    000002";

/// An identification code from text that is one.
#[must_use]
pub fn code(text: &str) -> IdentificationCode {
    IdentificationCode::from_octets(text.as_bytes())
}

/// A password from text.
#[must_use]
pub fn password(text: &str) -> Password {
    Password::new(X::from_octets(text.as_bytes()))
}

/// What a session has told its User Monitor.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Any indication or confirmation but F_DATA_IND.
    Event(Event),
    /// F_DATA_IND: the octets, and the offsets in them where records end.
    Data(Vec<u8>, Vec<usize>),
}

/// One end of a [`Pair`].
#[derive(Debug)]
pub struct Side {
    /// The session.
    pub session: Session,
    /// What it has told, in order, since it was last taken.
    pub heard: VecDeque<Heard>,
    /// Every octet that it has sent.
    pub sent: Vec<u8>,
    /// Octets on their way to it.
    pub inbox: VecDeque<u8>,
    /// Every line of its trace.
    pub trace: Vec<String>,
    /// It has asked for a connection that it does not have yet.
    pub wants_connection: bool,
    /// It has closed its end.
    pub closed: bool,
}

impl Side {
    /// A session by itself; its trace is on.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            session: Session::new(Config {
                trace: true,
                ..config
            }),
            heard: VecDeque::new(),
            sent: Vec::new(),
            inbox: VecDeque::new(),
            trace: Vec::new(),
            wants_connection: false,
            closed: false,
        }
    }

    /// Drains the output queue; the octets to be sent are returned.
    pub fn drain(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            match self.session.poll_output() {
                Output::NConRq => self.wants_connection = true,
                Output::NConRs => {}
                Output::NDataRq(pending) => {
                    let octets = pending.to_vec();
                    self.session.sent(octets.len());
                    out.extend_from_slice(&octets);
                }
                Output::NDiscRq => self.closed = true,
                Output::DataInd(mut data) => {
                    let (mut octets, mut ends) = (Vec::new(), Vec::new());
                    let mut piece = [0; 100];
                    while let Some(chunk) = data.read(&mut piece) {
                        octets.extend_from_slice(&piece[..chunk.octets]);
                        if chunk.end_of_record {
                            ends.push(octets.len());
                        }
                    }
                    assert_eq!(octets.len() as u64, data.octets());
                    self.heard.push_back(Heard::Data(octets, ends));
                }
                Output::Event(event) => self.heard.push_back(Heard::Event(event)),
                Output::Trace(trace) => {
                    if let Trace::Step(_) = &trace {
                        self.trace.push(trace.to_string());
                    }
                }
                Output::Wait(_) => break,
            }
        }
        self.sent.extend_from_slice(&out);
        out
    }

    /// The next event; fails the test when there is none, or when it is data.
    ///
    /// # Panics
    /// See above.
    pub fn event(&mut self) -> Event {
        match self.heard.pop_front() {
            Some(Heard::Event(event)) => event,
            other => panic!("an event was expected, not {other:?}"),
        }
    }

    /// All data that were told and not taken yet: octets and record ends.
    pub fn take_data(&mut self) -> (Vec<u8>, Vec<usize>) {
        let (mut octets, mut ends) = (Vec::new(), Vec::new());
        self.heard.retain(|heard| match heard {
            Heard::Data(piece, piece_ends) => {
                ends.extend(piece_ends.iter().map(|end| end + octets.len()));
                octets.extend_from_slice(piece);
                false
            }
            Heard::Event(_) => true,
        });
        (octets, ends)
    }

    /// The state of chapter 9.
    #[must_use]
    pub fn state(&self) -> State {
        self.session.state()
    }
}

/// How many octets the network delivers at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segments {
    /// Everything that is there.
    Whole,
    /// So many octets.
    Of(usize),
}

/// Two sessions and the network between them.
#[derive(Debug)]
pub struct Pair {
    /// The side that calls.
    pub initiator: Side,
    /// The side that is called.
    pub responder: Side,
    /// The time of both.
    pub now: Duration,
    /// How octets arrive.
    pub segments: Segments,
}

impl Pair {
    /// Two sessions in state IDLE.
    #[must_use]
    pub fn new(initiator: Config, responder: Config) -> Self {
        Self {
            initiator: Side::new(initiator),
            responder: Side::new(responder),
            now: Duration::ZERO,
            segments: Segments::Whole,
        }
    }

    /// Two sessions that are up, without authentication, with the Initiator as Speaker.
    #[must_use]
    pub fn up(initiator: Config, responder: Config) -> Self {
        let mut pair = Self::new(initiator, responder);
        pair.connect(&connect_rq());
        let caller = pair.responder_connect_ind();
        assert_eq!(caller.ssid.code, code(ALPHA));
        pair.responder
            .session
            .connect_rs(connect_rs())
            .expect("a caller waits");
        pair.settle();
        assert!(matches!(pair.initiator.event(), Event::ConnectCf(_)));
        pair
    }

    /// F_CONNECT_RQ, and the connection that it asks for.
    pub fn connect(&mut self, rq: &ConnectRq) {
        self.initiator
            .session
            .connect_rq(rq.clone())
            .expect("the session is idle");
        self.settle();
    }

    /// The F_CONNECT_IND that has come.
    ///
    /// # Panics
    /// When none has.
    pub fn responder_connect_ind(&mut self) -> ConnectInd {
        match self.responder.event() {
            Event::ConnectInd(ind) => *ind,
            other => panic!("F_CONNECT_IND was expected, not {other:?}"),
        }
    }

    /// Lets everything happen that can happen without a User Monitor or the clock.
    pub fn settle(&mut self) {
        while self.step() {}
    }

    /// One exchange in both directions; false when nothing moved.
    pub fn step(&mut self) -> bool {
        if std::mem::take(&mut self.initiator.wants_connection) {
            self.responder.session.n_con_ind(Addresses::default());
            self.initiator.session.n_con_cf();
            return true;
        }
        let out = self.initiator.drain();
        self.responder.inbox.extend(out);
        let out = self.responder.drain();
        self.initiator.inbox.extend(out);
        if std::mem::take(&mut self.initiator.wants_connection) {
            self.initiator.wants_connection = true;
            return true;
        }
        let moved = Self::deliver(&mut self.initiator, self.segments)
            | Self::deliver(&mut self.responder, self.segments);
        moved
            | Self::close(&mut self.initiator, &self.responder)
            | Self::close(&mut self.responder, &self.initiator)
    }

    fn deliver(side: &mut Side, segments: Segments) -> bool {
        if side.inbox.is_empty() {
            return false;
        }
        let octets = match segments {
            Segments::Whole => side.inbox.len(),
            Segments::Of(octets) => octets.min(side.inbox.len()),
        };
        let segment: Vec<u8> = side.inbox.drain(..octets).collect();
        side.session.n_data_ind(&segment);
        true
    }

    /// Both sides close (2.2.3): what is on its way arrives first.
    fn close(side: &mut Side, other: &Side) -> bool {
        if other.closed && side.inbox.is_empty() && !side.session.is_over() {
            side.session.n_disc_ind();
            return true;
        }
        false
    }

    /// Moves the clock of both sides.
    pub fn advance(&mut self, by: Duration) {
        // Timers that were started count from the next tick.
        self.initiator.session.tick(self.now);
        self.responder.session.tick(self.now);
        self.now += by;
        self.initiator.session.tick(self.now);
        self.responder.session.tick(self.now);
        self.settle();
    }
}

/// F_CONNECT_RQ of [`ALPHA`].
#[must_use]
pub fn connect_rq() -> ConnectRq {
    ConnectRq {
        code: code(ALPHA),
        password: password("SECRET"),
        user: UserData::default(),
        mode: Capability::Both,
        restart: true,
        authentication: false,
        addresses: Addresses::default(),
    }
}

/// F_CONNECT_RS of [`BETA`].
#[must_use]
pub fn connect_rs() -> ConnectRs {
    ConnectRs {
        code: code(BETA),
        password: password("SECRET"),
        user: UserData::default(),
        mode: Capability::Both,
        restart: true,
        authentication: false,
        capabilities: None,
        quirks: None,
    }
}
