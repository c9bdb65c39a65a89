//! One session and a partner made of commands by hand: brings a session into any state of
//! chapter 9 in either role, and says in the words of the state tables what it does then.

use std::time::Duration;

use oftp_core::session::{
    Addresses, Capabilities, CloseFileCf, CloseFileRq, CloseFileRs, Config, ConnectRq, ConnectRs,
    Event, Output, SealedChallenge, Session, StartFileCf, StartFileRs, Trace,
};
use oftp_core::state::{Origin, State};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{
    Auch, Aurp, Capability, Cd, Command, Eerp, Efid, Efpa, EsidReason, Level, Nerp, NerpReason,
    Quirks, RecordFormat, Rtr, Secd, Sfid, Sfpa, Ssid, Ssrm, Text, UserData, sth,
};

use crate::pair::{ALPHA, BETA, code, connect_rq, connect_rs, password};
use crate::stations;

/// The 20 octets of the challenge that the session under test sends.
pub const OWN_CHALLENGE: [u8; 20] = [7; 20];
/// The 20 octets of the partner's challenge.
pub const PEER_CHALLENGE: [u8; 20] = [9; 20];

/// Which side of the connection the session under test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It calls.
    Initiator,
    /// It is called.
    Responder,
}

/// What the session under test and its partner agree on.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The side of the session under test.
    pub side: Side,
    /// The level that the partner says.
    pub level: Level,
    /// What the session under test is told.
    pub config: Config,
    /// The partner's SSID; its code, level and authentication are filled in.
    pub buffer_size: u32,
    /// The partner's credit.
    pub credit: u16,
    /// The partner's SSIDSR.
    pub sr: Capability,
    /// The partner's SSIDREST.
    pub restart: bool,
    /// The partner's SSIDCMPR.
    pub compression: bool,
    /// Secure authentication on both sides.
    pub authentication: bool,
    /// SFIDREST of a file that either side offers.
    pub rest: u64,
    /// SFIDFMT of that file.
    pub format: RecordFormat,
    /// SFIDLRECL of that file.
    pub lrecl: u32,
}

impl Setup {
    /// Level 2.0, strict, credit 2, restart and compression.
    #[must_use]
    pub fn new(side: Side) -> Self {
        Self {
            side,
            level: Level::V2_0,
            config: Config {
                quirks: Quirks::STRICT,
                trace: true,
                ..Config::default()
            },
            buffer_size: 2048,
            credit: 2,
            sr: Capability::Both,
            restart: true,
            compression: true,
            authentication: false,
            rest: 0,
            format: RecordFormat::U,
            lrecl: 0,
        }
    }

    /// The partner's SSID.
    #[must_use]
    pub fn ssid(&self) -> Ssid {
        Ssid {
            lev: self.level.digit(),
            code: code(self.peer()),
            pswd: password("SECRET"),
            sdeb: self.buffer_size,
            sr: self.sr,
            cmpr: self.compression,
            rest: self.restart,
            spec: false,
            cred: self.credit,
            auth: self.authentication,
            user: UserData::default(),
        }
    }

    const fn peer(&self) -> &'static str {
        match self.side {
            Side::Initiator => BETA,
            Side::Responder => ALPHA,
        }
    }

    const fn own(&self) -> &'static str {
        match self.side {
            Side::Initiator => ALPHA,
            Side::Responder => BETA,
        }
    }

    /// F_CONNECT_RQ of the session under test.
    #[must_use]
    pub fn connect_rq(&self) -> ConnectRq {
        ConnectRq {
            authentication: self.authentication,
            ..connect_rq()
        }
    }

    /// F_CONNECT_RS of the session under test.
    #[must_use]
    pub fn connect_rs(&self) -> ConnectRs {
        ConnectRs {
            authentication: self.authentication,
            ..connect_rs()
        }
    }

    /// A file that the session under test offers.
    #[must_use]
    pub fn own_file(&self) -> Sfid {
        Sfid {
            rest: self.rest,
            ..stations::sfid("FILE", self.own(), self.peer(), self.format, self.lrecl)
        }
    }

    /// A file that the partner offers.
    #[must_use]
    pub fn peer_file(&self) -> Sfid {
        Sfid {
            rest: self.rest,
            ..stations::sfid("FILE", self.peer(), self.own(), self.format, self.lrecl)
        }
    }

    /// An EERP that the session under test sends.
    #[must_use]
    pub fn own_eerp(&self) -> Eerp {
        oftp_core::mailbox::eerp_for(&self.peer_file())
    }

    /// An EERP that the partner sends.
    #[must_use]
    pub fn peer_eerp(&self) -> Eerp {
        oftp_core::mailbox::eerp_for(&self.own_file())
    }

    /// A NERP that the session under test sends.
    #[must_use]
    pub fn own_nerp(&self) -> Nerp {
        nerp(&self.peer_file(), self.own())
    }

    /// A NERP that the partner sends.
    #[must_use]
    pub fn peer_nerp(&self) -> Nerp {
        nerp(&self.own_file(), self.peer())
    }
}

fn nerp(sfid: &Sfid, creator: &str) -> Nerp {
    oftp_core::mailbox::nerp_for(sfid, code(creator), NerpReason::new(3), Text::default())
}

/// What a session has done, in the words of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// An indication, a confirmation, a network request or a command: `ESID(R=02)`, `N_DISC_RQ`.
    Output(String),
    /// A local event that no table has: a quirk, a challenge.
    Local(String),
    /// A row: `9.10 K`, and the state after it.
    Row(String, State),
}

/// A session without a second one.
#[derive(Debug)]
pub struct Lone {
    /// What was agreed on.
    pub setup: Setup,
    /// The session under test.
    pub session: Session,
    /// What it did since that was last taken.
    pub did: Vec<Did>,
    /// The Exchange Buffers that it sent, without headers.
    pub sent: Vec<Vec<u8>>,
    /// Everything that it sent.
    pub octets: Vec<u8>,
    /// Every event that it gave.
    pub events: Vec<Event>,
    /// Octets of files, and where records end in them.
    pub data: (Vec<u8>, Vec<usize>),
    /// The time.
    pub now: Duration,
}

impl Lone {
    /// A session in state IDLE.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            session: Session::new(setup.config.clone()),
            setup,
            did: Vec::new(),
            sent: Vec::new(),
            octets: Vec::new(),
            events: Vec::new(),
            data: (Vec::new(), Vec::new()),
            now: Duration::ZERO,
        }
    }

    /// A session in this state; `None` where its side never comes there.
    ///
    /// # Panics
    /// When the session does not go where the tables say.
    #[must_use]
    pub fn in_state(setup: Setup, state: State) -> Option<Self> {
        let mut lone = Self::new(setup);
        if !lone.go(state) {
            return None;
        }
        assert_eq!(lone.session.state(), state, "{:?}", lone.did);
        lone.forget();
        Some(lone)
    }

    /// Forgets what it did.
    pub fn forget(&mut self) {
        self.did.clear();
        self.sent.clear();
        self.octets.clear();
        self.events.clear();
    }

    /// A whole Exchange Buffer arrives.
    pub fn buffer(&mut self, octets: &[u8]) {
        let mut stream = sth::header(octets.len()).to_vec();
        stream.extend_from_slice(octets);
        self.stream(&stream);
    }

    /// Octets arrive.
    pub fn stream(&mut self, octets: &[u8]) {
        self.session.n_data_ind(octets);
        self.drain();
    }

    /// A command arrives.
    ///
    /// # Panics
    /// When it cannot be written at the level of the setup.
    pub fn peer(&mut self, command: &Command<'_>) {
        let mut octets = Vec::new();
        command
            .encode(self.setup.level, &mut octets)
            .expect("fits the level");
        self.buffer(&octets);
    }

    /// Moves the clock by so many seconds.
    pub fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.session.tick(self.now);
        self.drain();
    }

    /// The names of its outputs since it was last told to forget.
    #[must_use]
    pub fn outputs(&self) -> Vec<&str> {
        let outputs = self.did.iter().filter_map(|did| match did {
            Did::Output(name) => Some(name.as_str()),
            _ => None,
        });
        outputs.collect()
    }

    /// The names of the quirks that were used.
    #[must_use]
    pub fn quirks(&self) -> Vec<&'static str> {
        let quirks = self.events.iter().filter_map(|event| match event {
            Event::QuirkInd { quirk, .. } => Some(*quirk),
            _ => None,
        });
        quirks.collect()
    }

    /// Takes everything out of the output queue.
    pub fn drain(&mut self) {
        loop {
            match self.session.poll_output() {
                Output::NConRq => self.output("N_CON_RQ"),
                Output::NConRs => self.output("N_CON_RS"),
                Output::NDiscRq => self.output("N_DISC_RQ"),
                Output::NDataRq(pending) => {
                    let octets = pending.to_vec();
                    self.session.sent(octets.len());
                    self.octets.extend_from_slice(&octets);
                    for buffer in split(&octets) {
                        self.output(&command_name(&buffer));
                        self.sent.push(buffer);
                    }
                }
                Output::DataInd(mut data) => {
                    let mut piece = [0; 50];
                    while let Some(chunk) = data.read(&mut piece) {
                        self.data.0.extend_from_slice(&piece[..chunk.octets]);
                        if chunk.end_of_record {
                            self.data.1.push(self.data.0.len());
                        }
                    }
                    self.output("F_DATA_IND");
                }
                Output::Event(event) => {
                    self.did.push(said(&event));
                    self.events.push(event);
                }
                Output::Trace(Trace::Step(step)) => {
                    self.did.push(Did::Row(step.row.to_string(), step.next));
                }
                Output::Trace(_) => {}
                // A timer that was started counts from the next tick.
                Output::Wait(Some(due)) if due <= self.now => self.session.tick(self.now),
                Output::Wait(_) => return,
            }
        }
    }

    fn output(&mut self, name: &str) {
        self.did.push(Did::Output(name.to_owned()));
    }

    /// The start phase up to this state; false when this side never comes there.
    fn go(&mut self, state: State) -> bool {
        match self.setup.side {
            Side::Initiator => self.go_initiator(state),
            Side::Responder => self.go_responder(state),
        }
    }

    fn go_initiator(&mut self, state: State) -> bool {
        use State as S;
        match state {
            S::ANcOnly | S::AWfConrs => return false,
            S::Idle => return true,
            _ => {}
        }
        let rq = self.setup.connect_rq();
        self.session.connect_rq(rq).expect("idle");
        self.drain();
        if state == S::IWfNc {
            return true;
        }
        self.session.n_con_cf();
        self.drain();
        if state == S::IWfRm {
            return true;
        }
        self.peer(&Command::Ssrm(Ssrm));
        if state == S::IWfSsid {
            return true;
        }
        self.setup.authentication |= is_authentication(state);
        if self.setup.authentication && self.session.state() == S::IWfSsid {
            *self = Self::new(self.setup.clone());
            let rq = self.setup.connect_rq();
            self.session.connect_rq(rq).expect("idle");
            self.session.n_con_cf();
            self.peer(&Command::Ssrm(Ssrm));
        }
        let ssid = self.setup.ssid();
        self.peer(&Command::Ssid(ssid));
        if self.setup.authentication {
            for (at, step) in [
                (S::WfAuch, Self::answer_auch as fn(&mut Self)),
                (S::WfSecd, Self::answer_secd),
                (S::WfAurp, Self::answer_aurp),
            ] {
                if state == at {
                    return true;
                }
                step(self);
            }
        }
        self.go_on(state)
    }

    fn go_responder(&mut self, state: State) -> bool {
        use State as S;
        match state {
            S::IWfNc | S::IWfRm | S::IWfSsid => return false,
            S::Idle => return true,
            _ => {}
        }
        self.setup.authentication |= is_authentication(state);
        self.session.n_con_ind(Addresses::default());
        self.drain();
        if state == S::ANcOnly {
            return true;
        }
        let ssid = self.setup.ssid();
        self.peer(&Command::Ssid(ssid));
        if state == S::AWfConrs {
            return true;
        }
        let rs = self.setup.connect_rs();
        self.session.connect_rs(rs).expect("a caller waits");
        self.drain();
        if self.setup.authentication {
            for (at, step) in [
                (S::WfSecd, Self::answer_secd as fn(&mut Self)),
                (S::WfAurp, Self::answer_aurp),
                (S::WfAuch, Self::answer_auch),
            ] {
                if state == at {
                    return true;
                }
                step(self);
            }
        }
        self.go_on(state)
    }

    /// SECD arrives, and the User Monitor seals a challenge.
    pub fn answer_secd(&mut self) {
        self.peer(&Command::Secd(Secd));
        self.session
            .seal_challenge_rs(Some(SealedChallenge {
                plain: OWN_CHALLENGE,
                sealed: vec![0x30, 1],
            }))
            .expect("a challenge is wanted");
        self.drain();
    }

    /// AUCH arrives, and the User Monitor opens it.
    pub fn answer_auch(&mut self) {
        self.peer(&Command::Auch(Auch {
            chal: vec![0x30, 2],
        }));
        self.session
            .open_challenge_rs(Some(PEER_CHALLENGE))
            .expect("a challenge is to be opened");
        self.drain();
    }

    /// AURP arrives.
    pub fn answer_aurp(&mut self) {
        self.peer(&Command::Aurp(Aurp { rsp: OWN_CHALLENGE }));
    }

    /// From the end of the start phase, as Speaker or Listener.
    fn go_on(&mut self, state: State) -> bool {
        use State as S;
        match state {
            S::WfNdisc => {
                self.session
                    .release_rq(EsidReason::RESOURCES_NOT_AVAILABLE, Text::default())
                    .expect("always allowed");
                self.drain();
                true
            }
            S::IdleSp | S::Opop | S::Opo | S::OpoWfc | S::Clop | S::WfRtr | S::IdleLiCd => {
                self.become_speaker();
                self.speak(state);
                true
            }
            S::IdleSpCd => {
                self.become_listener();
                self.peer(&Command::Cd(Cd));
                true
            }
            S::IdleLi | S::Opip | S::Opi | S::Clip | S::Rtrp => {
                self.become_listener();
                self.listen(state);
                true
            }
            S::WfCd | S::ErStWfCd | S::NrStWfCd | S::SfStWfCd | S::CdStWfCd => {
                self.become_listener();
                self.listen(S::Clip);
                self.ask_for_turn(state);
                true
            }
            _ => false,
        }
    }

    /// IDLESP: the Initiator is there, the Responder after an EERP of its own.
    fn become_speaker(&mut self) {
        if self.session.state() == State::IdleLi {
            self.peer(&Command::Cd(Cd));
            let eerp = self.setup.own_eerp();
            self.session.eerp_rq(eerp).expect("the turn is ours");
            self.drain();
            self.peer(&Command::Rtr(Rtr));
        }
    }

    /// IDLELI: the Responder is there, the Initiator after an EERP of the partner.
    fn become_listener(&mut self) {
        if self.session.state() == State::IdleSp {
            self.session.cd_rq().expect("the turn is ours");
            self.drain();
            let eerp = self.setup.peer_eerp();
            self.peer(&Command::Eerp(eerp));
            self.session.rtr_rs().expect("an EERP waits");
            self.drain();
        }
    }

    fn speak(&mut self, state: State) {
        use State as S;
        match state {
            S::IdleSp => return,
            S::IdleLiCd => {
                self.session.cd_rq().expect("the turn is ours");
                return self.drain();
            }
            S::WfRtr => {
                let eerp = self.setup.own_eerp();
                self.session.eerp_rq(eerp).expect("the turn is ours");
                return self.drain();
            }
            _ => {}
        }
        let sfid = self.setup.own_file();
        self.session.start_file_rq(sfid).expect("the turn is ours");
        self.drain();
        if state == S::Opop {
            return;
        }
        let acnt = self.setup.rest;
        self.peer(&Command::Sfpa(Sfpa { acnt }));
        match state {
            S::OpoWfc => {
                for _ in 0..self.setup.credit {
                    self.session
                        .data_rq(|buffer| {
                            let _ = buffer.write(b"A", false);
                        })
                        .expect("there is credit");
                }
            }
            S::Clop => {
                let rq = CloseFileRq {
                    records: 0,
                    octets: 0,
                };
                self.session.close_file_rq(rq).expect("a file is open");
            }
            _ => {}
        }
        self.drain();
    }

    fn listen(&mut self, state: State) {
        use State as S;
        match state {
            S::IdleLi => return,
            S::Rtrp => {
                let eerp = self.setup.peer_eerp();
                return self.peer(&Command::Eerp(eerp));
            }
            _ => {}
        }
        let sfid = self.setup.peer_file();
        self.peer(&Command::Sfid(sfid.clone()));
        if state == S::Opip {
            return;
        }
        let position = RestartPosition::new(Structure::of(&sfid), self.setup.rest, 0);
        self.session
            .start_file_rs(StartFileRs::Positive(position.expect("small")))
            .expect("a file is offered");
        self.drain();
        if state == S::Clip {
            let ucnt = position.expect("small").octets();
            self.peer(&Command::Efid(Efid { rcnt: 0, ucnt }));
        }
    }

    fn ask_for_turn(&mut self, state: State) {
        use State as S;
        self.session
            .close_file_rs(CloseFileRs::Positive { speaker: true })
            .expect("a file is complete");
        let setup = self.setup.clone();
        let done = match state {
            S::ErStWfCd => self.session.eerp_rq(setup.own_eerp()),
            S::NrStWfCd => self.session.nerp_rq(setup.own_nerp()),
            S::SfStWfCd => self.session.start_file_rq(setup.own_file()),
            S::CdStWfCd => self.session.cd_rq(),
            _ => Ok(()),
        };
        done.expect("WF_CD holds one request");
        self.drain();
    }
}

const fn is_authentication(state: State) -> bool {
    matches!(state, State::WfSecd | State::WfAuch | State::WfAurp)
}

/// The Exchange Buffers in a stream that holds whole ones.
///
/// # Panics
/// When it does not.
#[must_use]
pub fn split(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut buffers = Vec::new();
    let mut rest = stream;
    while let Some((header, after)) = rest.split_first_chunk() {
        let octets = sth::exchange_buffer_octets(*header).expect("a header");
        buffers.push(after[..octets].to_vec());
        rest = &after[octets..];
    }
    assert!(rest.is_empty(), "half a header");
    buffers
}

/// A command as the tables print it as an output.
#[must_use]
pub fn command_name(buffer: &[u8]) -> String {
    match buffer {
        [b'F', a, b, ..] => format!("ESID(R={}{})", char::from(*a), char::from(*b)),
        [b'4', b'Y'] => "EFPA(CD-Req)".to_owned(),
        [b'4', ..] => "EFPA(no CD)".to_owned(),
        [first, ..] => oftp_core::wire::CommandCode::from_octet(*first)
            .map_or_else(|| "?".to_owned(), |code| code.name().to_owned()),
        [] => "?".to_owned(),
    }
}

/// An event as the tables print it as an output.
fn said(event: &Event) -> Did {
    let name = match event {
        Event::ConnectInd(_) => "F_CONNECT_IND",
        Event::ConnectCf(_) => "F_CONNECT_CF",
        Event::StartFileInd(_) => "F_START_FILE_IND",
        Event::StartFileCf(StartFileCf::Positive { .. }) => "F_START_FILE_CF(+)",
        Event::StartFileCf(StartFileCf::Negative { .. }) => "F_START_FILE_CF(-)",
        Event::DataCf => "F_DATA_CF",
        Event::CloseFileInd(_) => "F_CLOSE_FILE_IND",
        Event::CloseFileCf(CloseFileCf::Positive { speaker: true }) => "F_CLOSE_FILE_CF(+,SP=Yes)",
        Event::CloseFileCf(CloseFileCf::Positive { speaker: false }) => "F_CLOSE_FILE_CF(+,SP=No)",
        Event::CloseFileCf(CloseFileCf::Negative { .. }) => "F_CLOSE_FILE_CF(-)",
        Event::CdInd => "F_CD_IND",
        Event::EerpInd(_) => "F_EERP_IND",
        Event::NerpInd(_) => "F_NERP_IND",
        Event::RtrCf => "F_RTR_CF",
        Event::ReleaseInd { .. } => "F_RELEASE_IND",
        Event::AbortInd(ind) => {
            let origin = match ind.origin {
                Origin::Local => "L",
                Origin::Distant => "D",
            };
            let reason = ind
                .reason
                .map_or_else(|| "-".to_owned(), |reason| format!("{:02}", reason.code()));
            return Did::Output(format!("F_ABORT_IND(R={reason},AO={origin})"));
        }
        Event::PartnerInd(_) => return Did::Local("partner".to_owned()),
        Event::SealChallengeInd { .. } => return Did::Local("seal".to_owned()),
        Event::OpenChallengeInd { .. } => return Did::Local("open".to_owned()),
        Event::AuthenticationInd => return Did::Local("authenticated".to_owned()),
        Event::QuirkInd { quirk, .. } => return Did::Local((*quirk).to_owned()),
    };
    Did::Output(name.to_owned())
}

/// The default capabilities with this highest level.
#[must_use]
pub fn up_to(level: Level) -> Capabilities {
    Capabilities {
        level,
        ..Capabilities::default()
    }
}

/// EFPA without a wish for the turn.
#[must_use]
pub const fn efpa() -> Command<'static> {
    Command::Efpa(Efpa { cd: false })
}
