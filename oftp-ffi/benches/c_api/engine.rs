//! The Rust side: what transfer.c does, with the engine's session.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use oftp_core::session::{
    Addresses, CloseFileRq, CloseFileRs, Config, ConnectRq, ConnectRs, Event, Output, Session,
    StartFileRs,
};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Capability, DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp,
    Text, UserData,
};

/// As much waits for the network before more data are encoded, as in the C library.
const AHEAD: usize = 64 * 1024;

struct End {
    session: Session,
    len: u64,
    given: u64,
    open: bool,
    closing: bool,
    received: u64,
    buffers: u64,
    content: Vec<u8>,
    /// Where a sender reads into before it encodes, and a receiver decodes to.
    scratch: Vec<u8>,
    waiting: std::ops::Range<usize>,
    over: bool,
}

fn code(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("a code")
}

impl End {
    fn new(buffer_size: u32, len: u64) -> Self {
        let mut config = Config::default();
        config.capabilities.compression = false;
        if buffer_size > 0 {
            config.capabilities.buffer_size = buffer_size;
        }
        Self {
            session: Session::new(config),
            len,
            given: 0,
            open: false,
            closing: false,
            received: 0,
            buffers: 0,
            content: (0..1_u32 << 20)
                .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect(),
            scratch: vec![0; 200_000],
            waiting: 0..0,
            over: false,
        }
    }

    fn call(&mut self) {
        let rq = ConnectRq {
            code: code("O0177CALLER"),
            password: Password::default(),
            user: UserData::default(),
            mode: Capability::Both,
            restart: true,
            authentication: false,
            addresses: Addresses::default(),
        };
        self.session.connect_rq(rq).expect("idle");
        assert!(matches!(self.session.poll_output(), Output::NConRq));
        self.session.n_con_cf();
    }

    /// Goes on until the session waits or has octets to send. Whether it has.
    fn step(&mut self) -> bool {
        loop {
            let has_octets = match self.session.poll_output() {
                Output::NDataRq(_) => true,
                Output::Wait(_) => false,
                Output::DataInd(mut data) => {
                    while let Some(chunk) = data.read(&mut self.scratch) {
                        self.received += chunk.octets as u64;
                    }
                    self.buffers += 1;
                    continue;
                }
                Output::Event(event) => {
                    self.event(event);
                    continue;
                }
                _ => continue,
            };
            if !self.supply() {
                return has_octets;
            }
        }
    }

    fn supply(&mut self) -> bool {
        let room = self.session.transmit_pending() < AHEAD;
        if !self.open || self.closing || !self.session.can_send_data() || !room {
            return false;
        }
        if self.waiting.is_empty() && self.given < self.len {
            let at = (self.given % self.content.len() as u64) as usize;
            let most = (self.len - self.given).min(self.scratch.len() as u64) as usize;
            let now = &self.content[at..(at + most).min(self.content.len())];
            self.scratch[..now.len()].copy_from_slice(now);
            self.waiting = 0..now.len();
            self.given += now.len() as u64;
        }
        let ends = self.given == self.len;
        let octets = &self.scratch[self.waiting.clone()];
        let written = self
            .session
            .data_rq(|encoder| encoder.write(octets, ends))
            .expect("open");
        self.waiting.start += written.octets;
        self.closing = written.ended;
        self.close();
        true
    }

    /// EFID, once there is credit for it (9.11 note 1).
    fn close(&mut self) {
        if self.closing && self.session.can_send_data() {
            self.closing = false;
            self.open = false;
            let (records, octets) = (0, self.len);
            let rq = CloseFileRq { records, octets };
            self.session.close_file_rq(rq).expect("open, with credit");
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::ConnectInd(_) => self
                .session
                .connect_rs(ConnectRs {
                    code: code("O0177CALLED"),
                    password: Password::default(),
                    user: UserData::default(),
                    mode: Capability::Both,
                    restart: true,
                    authentication: false,
                    capabilities: None,
                    quirks: None,
                })
                .expect("a caller"),
            Event::ConnectCf(_) => self.session.start_file_rq(self.sfid()).expect("idle"),
            Event::StartFileInd(_) => {
                let rs = StartFileRs::Positive(RestartPosition::START);
                self.session.start_file_rs(rs).expect("a file");
            }
            Event::StartFileCf(_) => self.open = true,
            Event::DataCf => self.close(),
            Event::CloseFileInd(ind) => {
                assert!(ind.verdict.is_ok());
                self.over = true;
                let rs = CloseFileRs::Positive { speaker: false };
                self.session.close_file_rs(rs).expect("a file");
            }
            Event::CloseFileCf(_) => self.over = true,
            _ => {}
        }
    }

    fn sfid(&self) -> Sfid {
        Sfid {
            dsn: DatasetName::new("DRAWING").expect("a name"),
            stamp: Stamp::new("20261126", "1200000001").expect("a stamp"),
            user: UserData::default(),
            dest: code("O0177CALLED"),
            orig: code("O0177CALLER"),
            fmt: RecordFormat::U,
            lrecl: 0,
            fsiz: self.len / 1024 + 1,
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

    fn over_socket(&mut self, mut socket: &TcpStream) {
        while !self.over {
            if self.step() {
                self.send(socket);
            } else if !self.over {
                let got = socket.read(self.session.receive_space()).expect("octets");
                self.session.received(got);
            }
        }
        while self.step() {
            self.send(socket);
        }
    }

    fn send(&mut self, mut socket: &TcpStream) {
        let first = self
            .session
            .octets_to_send()
            .and_then(|pending| pending.slices().next());
        let sent = socket.write(first.unwrap_or_default()).expect("sent");
        self.session.sent(sent);
    }
}

pub(crate) fn run(arguments: &[String]) {
    let len: u64 = arguments[1].parse().expect("octets");
    if arguments[0] == "loopback" {
        let (mut caller, mut called) = (End::new(0, len), End::new(0, 0));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let there = TcpStream::connect(listener.local_addr().expect("bound")).expect("up");
        let (here, _) = listener.accept().expect("a caller");
        for socket in [&there, &here] {
            socket.set_nodelay(true).expect("a socket");
        }
        let start = Instant::now();
        caller.call();
        called.session.n_con_ind(Addresses::default());
        std::thread::scope(|scope| {
            scope.spawn(|| called.over_socket(&here));
            caller.over_socket(&there);
        });
        assert_eq!(called.received, len);
        println!("{:.6}", start.elapsed().as_secs_f64());
    } else {
        let mut ends = [End::new(128, len), End::new(128, 0)];
        ends[0].call();
        ends[1].session.n_con_ind(Addresses::default());
        let start = Instant::now();
        let mut moved = true;
        while moved {
            moved = false;
            for at in 0..2 {
                while ends[at].step() {
                    let [one, other] = &mut ends;
                    let (from, to) = if at == 0 { (one, other) } else { (other, one) };
                    while let Some(pending) = from.session.octets_to_send() {
                        let first = pending.slices().next().unwrap_or_default();
                        let octets = first.len();
                        to.session.n_data_ind(first);
                        from.session.sent(octets);
                        moved = true;
                    }
                }
            }
        }
        assert_eq!(ends[1].received, len);
        println!(
            "{:.2}",
            start.elapsed().as_secs_f64() / ends[1].buffers as f64 * 1e9
        );
    }
}
