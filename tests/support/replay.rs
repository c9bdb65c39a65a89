//! A recorded session played again by one of our sessions: the partner's octets go in as they
//! were recorded, and every recorded command of our own side is the primitive that leads to it.

use oftp_core::session::{
    Addresses, Capabilities, CloseFileRq, CloseFileRs, Config, ConnectRq, ConnectRs,
    SealedChallenge, StartFileRs,
};
use oftp_core::virtual_file::{DataCursor, RestartPosition, Structure};
use oftp_core::wire::{Command, Level, Quirks, Sfid, Ssid, decode};

use crate::lone::{Lone, Setup, Side, split};
use crate::spec::{Recorded, level, octets};

/// One command of a recording.
#[derive(Debug, Clone)]
pub struct Step {
    /// Whose command it is.
    pub from: Side,
    /// The Stream Transmission Buffer.
    pub stream: Vec<u8>,
}

impl Step {
    /// The Exchange Buffer.
    #[must_use]
    pub fn buffer(&self) -> Vec<u8> {
        split(&self.stream).remove(0)
    }
}

/// The steps of a recording in the order in which `side` sees them.
///
/// # Panics
/// When the recording has another form.
#[must_use]
pub fn steps(recorded: &Recorded, side: Side) -> Vec<Step> {
    let mut steps: Vec<Step> = recorded
        .steps
        .iter()
        .map(|[direction, _, hex]| Step {
            from: match direction.as_str() {
                "I>" => Side::Initiator,
                "R>" => Side::Responder,
                other => panic!("{other} is no direction"),
            },
            stream: octets(hex),
        })
        .collect();
    // Two commands that cross each other: each side sends its own before it gets the other's.
    if let Some(crossing) = recorded.params.get("crossing") {
        let pair = crossing.as_array().expect("two steps");
        let at = |index: usize| {
            let number = pair[index].as_integer().expect("a step");
            usize::try_from(number).expect("small")
        };
        if steps[at(1)].from == side {
            steps.swap(at(0), at(1));
        }
    }
    steps
}

/// Plays one side of a recording.
#[derive(Debug)]
pub struct Replay {
    /// The session under test.
    pub lone: Lone,
    side: Side,
    level: Level,
    /// What it has sent and what is not compared yet.
    unread: Vec<u8>,
    /// The file offered by the partner.
    file: Option<Sfid>,
}

impl Replay {
    /// A session that is set up as this side was.
    ///
    /// # Panics
    /// When the recording has no SSID of this side.
    #[must_use]
    pub fn new(recorded: &Recorded, side: Side) -> Self {
        let steps = steps(recorded, side);
        let own = steps
            .iter()
            .filter(|step| step.from == side)
            .find_map(|step| ssid(&step.buffer()));
        // A Responder that turns the caller away has sent none: its capabilities do not matter.
        let capabilities = own
            .as_ref()
            .map_or_else(Capabilities::default, |own| Capabilities {
                level: Level::from_digit(own.lev).expect("a level"),
                buffer_size: own.sdeb,
                window: own.cred,
                compression: own.cmpr,
                restart: own.rest,
                mode: own.sr,
                ..Capabilities::default()
            });
        let mut setup = Setup::new(side);
        setup.config = Config {
            capabilities,
            quirks: Quirks::STRICT,
            ..setup.config
        };
        let mut replay = Self {
            lone: Lone::new(setup),
            side,
            level: level(&recorded.level),
            unread: Vec::new(),
            file: None,
        };
        match (side, own) {
            (Side::Initiator, Some(own)) => {
                let rq = replay.connect_rq(&own);
                replay.lone.session.connect_rq(rq).expect("idle");
                replay.lone.session.n_con_cf();
            }
            _ => replay.lone.session.n_con_ind(Addresses::default()),
        }
        replay
    }

    fn connect_rq(&self, own: &Ssid) -> ConnectRq {
        ConnectRq {
            code: own.code,
            password: own.pswd,
            user: own.user,
            mode: own.sr,
            restart: own.rest,
            authentication: own.auth,
            ..self.lone.setup.connect_rq()
        }
    }

    /// Plays all steps; fails the test where anything else is sent than was recorded.
    ///
    /// # Panics
    /// See above.
    pub fn play(&mut self, recorded: &Recorded) {
        let steps = steps(recorded, self.side);
        for (number, step) in steps.iter().enumerate() {
            let what = format!("{} step {number}, {:?}", recorded.id, self.side);
            if step.from != self.side {
                self.drain();
                self.arrives(&step.buffer());
                self.lone.stream(&step.stream);
                continue;
            }
            self.drain();
            if self.unread.is_empty() {
                self.request(&step.buffer(), &steps[number..], &what);
                self.drain();
            }
            assert!(
                self.unread.len() >= step.stream.len(),
                "{what}: sent {:02x?}, not {:02x?}",
                self.unread,
                step.stream
            );
            let rest = self.unread.split_off(step.stream.len());
            assert_eq!(self.unread, step.stream, "{what}");
            self.unread = rest;
        }
        self.drain();
        assert!(
            self.unread.is_empty(),
            "{}: {:02x?}",
            recorded.id,
            self.unread
        );
    }

    fn drain(&mut self) {
        self.lone.drain();
        self.unread.append(&mut self.lone.octets);
    }

    fn arrives(&mut self, buffer: &[u8]) {
        let decoded = decode(buffer, self.level, Quirks::STRICT);
        if let Ok(Command::Sfid(sfid)) = decoded.map(|decoded| decoded.command) {
            self.file = Some(sfid);
        }
    }

    /// The primitive that leads to this command.
    fn request(&mut self, buffer: &[u8], later: &[Step], what: &str) {
        let decoded = decode(buffer, self.level, Quirks::STRICT).expect(what);
        let session = &mut self.lone.session;
        let done = match decoded.command {
            Command::Ssid(own) => session.connect_rs(ConnectRs {
                code: own.code,
                password: own.pswd,
                user: own.user,
                mode: own.sr,
                restart: own.rest,
                authentication: own.auth,
                capabilities: None,
                quirks: None,
            }),
            Command::Auch(auch) => session.seal_challenge_rs(Some(SealedChallenge {
                plain: answer_to_come(later, self.side),
                sealed: auch.chal,
            })),
            Command::Aurp(aurp) => session.open_challenge_rs(Some(aurp.rsp)),
            Command::Sfid(sfid) => session.start_file_rq(sfid),
            Command::Sfpa(sfpa) => {
                let structure = Structure::of(self.file.as_ref().expect("a file is offered"));
                let position = RestartPosition::new(structure, sfpa.acnt, 0).expect("small");
                session.start_file_rs(StartFileRs::Positive(position))
            }
            Command::Sfna(sfna) => session.start_file_rs(StartFileRs::Negative {
                reason: sfna.reas,
                retry: sfna.rrtr,
                text: sfna.reast,
            }),
            Command::Data(payload) => {
                let pieces = pieces(payload);
                session.data_rq(|encoder| {
                    for (octets, end) in &pieces {
                        let written = encoder.write(octets, *end);
                        assert_eq!(written.octets, octets.len(), "{what}");
                    }
                })
            }
            Command::Efid(efid) => session.close_file_rq(CloseFileRq {
                records: efid.rcnt,
                octets: efid.ucnt,
            }),
            Command::Efpa(efpa) => {
                session.close_file_rs(CloseFileRs::Positive { speaker: efpa.cd })
            }
            Command::Efna(efna) => session.close_file_rs(CloseFileRs::Negative {
                reason: efna.reas,
                text: efna.reast,
            }),
            Command::Esid(esid) => session.release_rq(esid.reas, esid.reast),
            Command::Cd(_) => session.cd_rq(),
            Command::Eerp(eerp) => session.eerp_rq(eerp),
            Command::Nerp(nerp) => session.nerp_rq(nerp),
            Command::Rtr(_) => session.rtr_rs(),
            Command::Ssrm(_) | Command::Cdt(_) | Command::Secd(_) => {
                panic!("{what}: the session sends this by itself")
            }
        };
        done.expect(what);
    }
}

fn ssid(buffer: &[u8]) -> Option<Ssid> {
    match decode(buffer, Level::V2_0, Quirks::STRICT).ok()?.command {
        Command::Ssid(ssid) => Some(ssid),
        _ => None,
    }
}

/// What the partner will answer to the challenge that is sent now.
fn answer_to_come(later: &[Step], side: Side) -> [u8; 20] {
    let answer = later
        .iter()
        .filter(|step| step.from != side)
        .find_map(
            |step| match decode(&step.buffer(), Level::V2_0, Quirks::STRICT) {
                Ok(decoded) => match decoded.command {
                    Command::Aurp(aurp) => Some(aurp.rsp),
                    _ => None,
                },
                Err(_) => None,
            },
        );
    answer.expect("a response follows")
}

/// The octets of a Data Exchange Buffer, each piece with whether a record ends after it.
fn pieces(payload: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut cursor = DataCursor::new();
    let mut pieces: Vec<(Vec<u8>, bool)> = vec![(Vec::new(), false)];
    let mut piece = [0; 64];
    while !cursor.is_at_end(payload) {
        let chunk = cursor.read(payload, &mut piece);
        let last = pieces.last_mut().expect("never empty");
        last.0.extend_from_slice(&piece[..chunk.octets]);
        last.1 = chunk.end_of_record;
        if chunk.end_of_record {
            pieces.push((Vec::new(), false));
        }
    }
    pieces.retain(|(octets, end)| *end || !octets.is_empty());
    pieces
}
