//! One session, with a User Monitor, a partner and a network that do what the script says.

use std::time::Duration;

use oftp_core::session::{
    Addresses, CloseFileRq, CloseFileRs, Config, ConnectRq, ConnectRs, Output, SealedChallenge,
    Session, StartFileRs, UserError,
};
use oftp_core::state::State;
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EfnaReason, EsidReason, Level, RecordFormat, SfnaReason, Text};

use super::peer::{self, PLAIN};
use super::script::Script;
use super::watch::Watch;
use crate::pair::{ALPHA, BETA, connect_rq, connect_rs};

/// More steps than this only repeat what was tried.
const STEPS: usize = 200;

/// The script configures a session and then gives one input after the other: primitives, whole,
/// damaged and raw commands of the partner, network events, time. Whatever they are:
///
/// * nothing panics, and every command of the partner gets a row (or the quirk that replaces it);
/// * after ESID or F_ABORT_IND nothing follows but the disconnect;
/// * before the session is up, and authenticated where that was agreed, no event of files, data,
///   turns or responses is told, and no primitive for them is taken;
/// * what waits in memory is bounded, and each input leads to a bounded number of outputs.
///
/// # Panics
/// When that does not hold.
pub fn session(data: &[u8]) {
    let mut script = Script::new(data);
    let mut run = Run::new(&mut script);
    for _ in 0..STEPS {
        if script.is_at_end() {
            break;
        }
        run.step(&mut script);
    }
    run.blocked = None;
    run.drain();
    run.disconnected(Session::n_disc_ind);
    run.drain();
    assert!(run.session.is_over() || run.session.state() == State::Idle);
    assert_eq!(run.session.transmit_pending(), 0);
}

struct Run {
    session: Session,
    watch: Watch,
    now: Duration,
    authentication: bool,
    /// The network takes this many octets and no more.
    blocked: Option<usize>,
    /// So many outputs are not too many.
    outputs_left: usize,
    /// Data are read in pieces of this many octets.
    piece: usize,
}

impl Run {
    fn new(script: &mut Script<'_>) -> Self {
        let config = Config {
            capabilities: script.capabilities(),
            quirks: script.quirks(),
            trace: true,
            ..Config::default()
        };
        Self {
            session: Session::new(config),
            watch: Watch::default(),
            now: Duration::ZERO,
            authentication: script.flag(),
            blocked: None,
            outputs_left: 0,
            piece: script.pick(&[4096, 1, 7, 64]),
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.octet() % 8 {
            0 | 1 => self.primitive(script),
            2 | 3 => {
                let octets = peer::well_formed(script, self.level());
                self.receive(&octets);
            }
            4 => {
                let octets = peer::damaged(script, self.level());
                self.receive(&octets);
            }
            5 => {
                let octets = script.octets();
                if script.flag() {
                    self.receive(octets);
                } else {
                    self.receive(&peer::framed(octets));
                }
            }
            6 => self.network(script),
            _ => {
                self.now += Duration::from_secs(script.octet().into());
                self.session.tick(self.now);
            }
        }
        self.drain();
    }

    fn level(&self) -> Level {
        self.session
            .agreed()
            .map_or(Level::V2_0, |agreed| agreed.level)
    }

    fn receive(&mut self, octets: &[u8]) {
        if self.can_receive() {
            self.watch.heard(octets);
            self.session.n_data_ind(octets);
        }
    }

    /// There is a connection, and a driver that cannot send does not read either.
    fn can_receive(&self) -> bool {
        self.blocked.is_none() && !matches!(self.session.state(), State::Idle | State::IWfNc)
    }

    fn network(&mut self, script: &mut Script<'_>) {
        match script.octet() % 7 {
            0 => self.session.n_con_ind(Addresses::default()),
            1 => self.session.n_con_cf(),
            2 => self.blocked = Some(script.octet().into()),
            3 => self.blocked = None,
            4 => self.disconnected(Session::n_disc_ind),
            5 => self.disconnected(Session::n_rst_ind),
            _ => {
                let octets = script.octets();
                if self.can_receive() {
                    let space = self.session.receive_space();
                    let taken = octets.len().min(space.len());
                    space[..taken].copy_from_slice(&octets[..taken]);
                    self.watch.heard(&octets[..taken]);
                    self.session.received(taken);
                }
            }
        }
    }

    /// What was not sent is lost, and nothing more is to be sent.
    fn disconnected(&mut self, how: fn(&mut Session)) {
        self.watch.disconnected |= self.session.state() != State::Idle;
        how(&mut self.session);
    }

    fn primitive(&mut self, script: &mut Script<'_>) {
        let choice = script.octet() % 20;
        // A refusal is an answer; what matters is that nothing else happens.
        let _ = match choice {
            0 => self.session.connect_rq(ConnectRq {
                authentication: self.authentication,
                ..connect_rq()
            }),
            1 => self.connect_rs(),
            2 => self.session.abort_rq(),
            3 => self.session.release_rq(EsidReason::NORMAL, Text::default()),
            4 => {
                let reason = EsidReason::new(script.octet() % 100);
                self.session.release_rq(reason, Text::new("fuzz"))
            }
            5 => self.session.seal_challenge_rs(Some(SealedChallenge {
                plain: PLAIN,
                sealed: script.octets().to_vec(),
            })),
            6 => self.session.seal_challenge_rs(None),
            7 => self.session.open_challenge_rs(Some(PLAIN)),
            8 => self.session.open_challenge_rs(None),
            _ => self.file_primitive(choice, script),
        };
    }

    fn connect_rs(&mut self) -> Result<(), UserError> {
        let answered = self.session.connect_rs(ConnectRs {
            authentication: self.authentication,
            ..connect_rs()
        });
        if self.session.state() == State::IdleLi {
            let agreed = self.session.agreed().expect("the state says so");
            assert!(!agreed.authentication || self.watch.up, "not authenticated");
            self.watch.up = true;
        }
        answered
    }

    /// The primitives of a session that is up.
    fn file_primitive(&mut self, choice: u8, script: &mut Script<'_>) -> Result<(), UserError> {
        let session = &mut self.session;
        // F_DATA_RQ is swallowed there (9.10 S), also while the end is still to be told.
        let ending = session.state() == State::WfNdisc;
        let done = match choice {
            9 => session.start_file_rq(peer::file(script, BETA, ALPHA)),
            10 => session.start_file_rs(StartFileRs::Positive(position(script))),
            11 => session.start_file_rs(StartFileRs::Negative {
                reason: SfnaReason::new(script.octet() % 100),
                retry: script.flag(),
                text: Text::new("fuzz"),
            }),
            12 => data_rq(session, script),
            13 => session.close_file_rq(CloseFileRq {
                records: script.octet().into(),
                octets: script.number() as u64,
            }),
            14 => session.close_file_rs(CloseFileRs::Positive {
                speaker: script.flag(),
            }),
            15 => session.close_file_rs(CloseFileRs::Negative {
                reason: EfnaReason::new(script.octet() % 100),
                text: Text::new("fuzz"),
            }),
            16 => session.eerp_rq(peer::eerp(script, BETA, ALPHA)),
            17 => session.nerp_rq(peer::nerp(script, BETA, ALPHA)),
            18 => session.rtr_rs(),
            _ => session.cd_rq(),
        };
        assert!(
            self.watch.up || self.watch.ended || ending || done.is_err(),
            "primitive {choice} was taken before authentication ended"
        );
        done
    }

    /// Takes all outputs, or those before octets that the network does not take.
    fn drain(&mut self) {
        // What is held back by a blocked network comes later, with what it is then.
        self.outputs_left += 32 + 4 * self.session.receive_pending();
        while self.outputs_left > 0 {
            self.outputs_left -= 1;
            match self.session.poll_output() {
                Output::NConRq | Output::NConRs => assert!(!self.watch.ended),
                Output::NDataRq(pending) => {
                    assert!(!self.watch.disconnected, "octets after the disconnect");
                    assert_eq!(pending.to_vec().len(), pending.len());
                    let taken = self
                        .blocked
                        .map_or(pending.len(), |most| most.min(pending.len()));
                    if taken == 0 {
                        return;
                    }
                    if let Some(most) = &mut self.blocked {
                        *most -= taken;
                    }
                    self.session.sent(taken);
                }
                Output::NDiscRq => self.watch.disconnected = true,
                Output::DataInd(mut data) => {
                    self.watch.data_or_file(&"F_DATA_IND");
                    let mut out = vec![0; self.piece];
                    let mut octets = 0;
                    while let Some(chunk) = data.read(&mut out) {
                        octets += chunk.octets as u64;
                    }
                    assert_eq!(octets, data.octets());
                }
                Output::Event(event) => self.watch.event(&event),
                Output::Trace(trace) => self.watch.trace(&trace),
                Output::Wait(_) => return self.rests(),
            }
        }
        panic!("more than 32 outputs for an input, and 4 for an octet");
    }

    fn rests(&self) {
        self.watch.rests();
        assert_eq!(self.session.transmit_pending(), 0);
        // One Exchange Buffer that is not whole, or what came while a challenge is sealed.
        assert!(self.session.receive_pending() <= 100_003 + STEPS * 1000);
    }
}

fn position(script: &mut Script<'_>) -> RestartPosition {
    let structure = Structure::new(RecordFormat::U, 0, false);
    RestartPosition::new(structure, script.octet().into(), 0).unwrap_or(RestartPosition::START)
}

fn data_rq(session: &mut Session, script: &mut Script<'_>) -> Result<(), UserError> {
    let octets = script.octets();
    let ends = script.flag();
    let room = session.can_send_data();
    let done = session.data_rq(|buffer| {
        // What does not fit is not sent.
        let _ = buffer.write(octets, ends);
    });
    assert!(!room || done.is_ok());
    done
}
