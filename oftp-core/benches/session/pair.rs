//! Two sessions with the User Monitors that one file needs.

use std::fmt;

use oftp_core::session::{
    Addresses, Capabilities, CloseFileRq, CloseFileRs, Config, ConnectRq, ConnectRs, Event, Output,
    Session, StartFileRs,
};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Capability, Eerp, EsidReason, IdentificationCode, Password, RecordFormat, Security, Sfid,
    Stamp, Text, UserData, X,
};

/// As much is encoded ahead of the connection, in octets.
const AHEAD: usize = 64 * 1024;

/// What both sides offer.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    pub(crate) buffer_size: u32,
    pub(crate) window: u16,
    pub(crate) compression: bool,
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.compression {
            "compressing"
        } else {
            "plain"
        };
        write!(f, "{} x {} {kind}", self.buffer_size, self.window)
    }
}

impl Offer {
    fn session(self) -> Session {
        Session::new(Config {
            capabilities: Capabilities {
                buffer_size: self.buffer_size,
                window: self.window,
                compression: self.compression,
                ..Capabilities::default()
            },
            ..Config::default()
        })
    }
}

/// The Initiator sends a file, the Responder stores it and answers.
pub(crate) struct Pair<'a> {
    initiator: Initiator<'a>,
    responder: Responder<'a>,
}

struct Initiator<'a> {
    session: Session,
    file: &'a [u8],
    /// Octets that were given to the session.
    given: usize,
    buffers: u64,
    open: bool,
}

struct Responder<'a> {
    session: Session,
    stored: &'a mut [u8],
    octets: usize,
    eerp: Option<Eerp>,
}

impl<'a> Pair<'a> {
    pub(crate) fn new(offer: Offer, file: &'a [u8], stored: &'a mut [u8]) -> Self {
        let mut initiator = offer.session();
        let connect = ConnectRq {
            code: code(),
            password: Password::new(X::default()),
            user: UserData::default(),
            mode: Capability::Both,
            restart: true,
            authentication: false,
            addresses: Addresses::default(),
        };
        initiator.connect_rq(connect).expect("it is idle");
        Self {
            initiator: Initiator {
                session: initiator,
                file,
                given: 0,
                buffers: 0,
                open: false,
            },
            responder: Responder {
                session: offer.session(),
                stored,
                octets: 0,
                eerp: None,
            },
        }
    }

    pub(crate) fn run(&mut self) {
        self.run_until(Self::is_over);
        assert_eq!(self.responder.octets, self.initiator.file.len());
    }

    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let moved = self.initiator.work(&mut self.responder.session)
                | self.responder.work(&mut self.initiator.session);
            assert!(moved, "stuck in {:?}", self.initiator.session.state());
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.initiator.session.is_over() && self.responder.session.is_over()
    }

    pub(crate) fn stored_octets(&self) -> usize {
        self.responder.octets
    }

    pub(crate) fn buffers(&self) -> u64 {
        self.initiator.buffers
    }
}

impl Initiator<'_> {
    /// Does what there is to do, and one write to the connection.
    fn work(&mut self, to: &mut Session) -> bool {
        let mut moved = self.supply();
        loop {
            match self.session.poll_output() {
                Output::NDataRq(_) => return write(&mut self.session, to),
                Output::NConRq => {
                    to.n_con_ind(Addresses::default());
                    self.session.n_con_cf();
                }
                Output::Event(event) => self.event(event),
                Output::Wait(_) => return moved,
                _ => {}
            }
            moved = true;
        }
    }

    fn supply(&mut self) -> bool {
        let before = self.buffers;
        while self.open && self.session.can_send_data() && self.session.transmit_pending() < AHEAD {
            let rest = &self.file[self.given..];
            let written = self.session.data_rq(|buffer| buffer.write(rest, true));
            let written = written.expect("there is credit");
            self.given += written.octets;
            self.buffers += 1;
            if written.ended {
                self.open = false;
            }
        }
        if !self.open && self.given == self.file.len() && self.session.can_send_data() {
            let counts = CloseFileRq {
                records: 0,
                octets: self.given as u64,
            };
            self.session.close_file_rq(counts).expect("a file is open");
            return true;
        }
        self.buffers > before
    }

    fn event(&mut self, event: Event) {
        let session = &mut self.session;
        let done = match event {
            Event::ConnectCf(_) => session.start_file_rq(sfid()),
            Event::StartFileCf(_) => {
                self.open = true;
                Ok(())
            }
            Event::CloseFileCf(_) => session.cd_rq(),
            Event::EerpInd(_) => session.rtr_rs(),
            Event::CdInd => session.release_rq(EsidReason::NORMAL, Text::default()),
            Event::DataCf => Ok(()),
            other => panic!("not expected: {other:?}"),
        };
        done.expect("it is its turn");
    }
}

impl Responder<'_> {
    fn work(&mut self, to: &mut Session) -> bool {
        let mut moved = false;
        loop {
            match self.session.poll_output() {
                Output::NDataRq(_) => return write(&mut self.session, to),
                Output::DataInd(mut data) => {
                    while let Some(chunk) = data.read(&mut self.stored[self.octets..]) {
                        self.octets += chunk.octets;
                    }
                }
                Output::NDiscRq => to.n_disc_ind(),
                Output::Event(event) => self.event(event),
                Output::Wait(_) => return moved,
                _ => {}
            }
            moved = true;
        }
    }

    fn event(&mut self, event: Event) {
        let session = &mut self.session;
        let done = match event {
            Event::ConnectInd(_) => session.connect_rs(connect_rs()),
            Event::StartFileInd(sfid) => {
                self.eerp = Some(eerp(&sfid));
                session.start_file_rs(StartFileRs::Positive(RestartPosition::START))
            }
            Event::CloseFileInd(ind) => {
                ind.verdict.expect("the counts are right");
                session.close_file_rs(CloseFileRs::Positive { speaker: false })
            }
            Event::CdInd => session.eerp_rq(self.eerp.take().expect("a file has come")),
            Event::RtrCf => session.cd_rq(),
            Event::ReleaseInd { .. } => Ok(()),
            other => panic!("not expected: {other:?}"),
        };
        done.expect("it is its turn");
    }
}

/// What a write to a socket and a read from it do: as much as fits is copied once.
fn write(from: &mut Session, to: &mut Session) -> bool {
    let Output::NDataRq(pending) = from.poll_output() else {
        return false;
    };
    let space = to.receive_space();
    let mut copied = 0;
    for slice in pending.slices() {
        let octets = slice.len().min(space.len() - copied);
        space[copied..copied + octets].copy_from_slice(&slice[..octets]);
        copied += octets;
    }
    to.received(copied);
    from.sent(copied);
    copied > 0
}

fn code() -> IdentificationCode {
    IdentificationCode::from_octets(b"O0177BETA PARTS    000002")
}

fn connect_rs() -> ConnectRs {
    ConnectRs {
        code: code(),
        password: Password::new(X::default()),
        user: UserData::default(),
        mode: Capability::Both,
        restart: true,
        authentication: false,
        capabilities: None,
        quirks: None,
    }
}

fn sfid() -> Sfid {
    Sfid {
        dsn: X::from_octets(b"DRAWING"),
        stamp: Stamp::new("20071130", "1200000001").expect("digits"),
        user: UserData::default(),
        dest: code(),
        orig: code(),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 0,
        osiz: 0,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    }
}

fn eerp(file: &Sfid) -> Eerp {
    Eerp {
        dsn: file.dsn,
        stamp: file.stamp,
        user: file.user,
        dest: file.orig,
        orig: file.dest,
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}
