//! A partner that says exactly what a test wants it to say.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use oftp_core::wire::{
    Capability, Cd, Cdt, Command, CommandCode, DatasetName, IdentificationCode, Level, Password,
    Quirks, RecordFormat, Security, Sfid, Ssid, Ssrm, Stamp, Text, UserData, X, decode, sth,
};

use super::process::LIMIT;

/// The other end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) level: Level,
}

impl Peer {
    /// Calls; nothing is said yet.
    pub(crate) fn dial(address: SocketAddr, level: Level) -> Self {
        Self::new(TcpStream::connect(address).expect("a listener"), level)
    }

    /// Takes a call; nothing is said yet.
    pub(crate) fn accept(listener: &TcpListener, level: Level) -> Self {
        Self::new(listener.accept().expect("a caller").0, level)
    }

    fn new(stream: TcpStream, level: Level) -> Self {
        stream.set_read_timeout(Some(LIMIT)).expect("an option");
        stream.set_write_timeout(Some(LIMIT)).expect("an option");
        stream.set_nodelay(true).expect("an option");
        Self { stream, level }
    }

    /// Calls as this station and says all that is needed for a session; then we are the Speaker.
    pub(crate) fn call(address: SocketAddr, own: &str, level: Level) -> Self {
        let mut peer = Self::dial(address, level);
        peer.expect(CommandCode::Ssrm);
        peer.send(&Command::Ssid(ssid(own, level)));
        peer.expect(CommandCode::Ssid);
        peer
    }

    /// Takes a call as this station; then we are the Listener.
    pub(crate) fn answer(listener: &TcpListener, own: &str, level: Level) -> Self {
        let mut peer = Self::accept(listener, level);
        peer.send(&Command::Ssrm(Ssrm));
        peer.expect(CommandCode::Ssid);
        peer.send(&Command::Ssid(Ssid {
            sr: Capability::ReceiverOnly,
            ..ssid(own, level)
        }));
        peer
    }

    pub(crate) fn send(&mut self, command: &Command<'_>) {
        let mut octets = Vec::new();
        command.encode(self.level, &mut octets).expect("a command");
        self.send_buffer(&octets);
    }

    /// Sends octets as one Exchange Buffer.
    pub(crate) fn send_buffer(&mut self, octets: &[u8]) {
        let framed = [&sth::header(octets.len())[..], octets].concat();
        self.raw(&framed);
    }

    pub(crate) fn raw(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).expect("an open connection");
    }

    /// The next command; `None` where the connection is closed.
    pub(crate) fn receive(&mut self) -> Option<Command<'static>> {
        let mut header = [0; sth::OCTETS];
        self.stream.read_exact(&mut header).ok()?;
        let octets = sth::exchange_buffer_octets(header).expect("a header");
        let mut buffer = vec![0; octets];
        self.stream.read_exact(&mut buffer).ok()?;
        // A few octets per test are no loss.
        let buffer: &'static [u8] = buffer.leak();
        let decoded = decode(buffer, self.level, Quirks::STRICT).expect("a command");
        Some(decoded.command)
    }

    /// The next command, which must be this one.
    #[track_caller]
    pub(crate) fn expect(&mut self, wanted: CommandCode) -> Command<'static> {
        match self.receive() {
            Some(command) if command.code() == wanted => command,
            other => panic!("{other:?} came instead of {}", wanted.name()),
        }
    }

    /// This command; until it comes the turn is given back as often as it is given.
    #[track_caller]
    pub(crate) fn expect_after_turns(&mut self, wanted: CommandCode) -> Command<'static> {
        loop {
            match self.receive() {
                Some(Command::Cd(_)) => self.send(&Command::Cd(Cd)),
                Some(command) if command.code() == wanted => return command,
                other => panic!("{other:?} came instead of {}", wanted.name()),
            }
        }
    }

    /// The reason of the ESID that comes next, and its text.
    #[track_caller]
    pub(crate) fn expect_esid(&mut self) -> (u8, String) {
        match self.expect(CommandCode::Esid) {
            Command::Esid(esid) => (esid.reas.code(), esid.reast.to_string()),
            _ => unreachable!("it was looked at"),
        }
    }

    /// The reason of the SFNA that comes next, and whether to try again.
    #[track_caller]
    pub(crate) fn expect_sfna(&mut self) -> (u8, bool) {
        match self.expect(CommandCode::Sfna) {
            Command::Sfna(sfna) => (sfna.reas.code(), sfna.rrtr),
            _ => unreachable!("it was looked at"),
        }
    }

    /// The restart position of the SFPA that comes next.
    #[track_caller]
    pub(crate) fn expect_sfpa(&mut self) -> u64 {
        match self.expect(CommandCode::Sfpa) {
            Command::Sfpa(sfpa) => sfpa.acnt,
            _ => unreachable!("it was looked at"),
        }
    }

    /// The SFID that comes next.
    #[track_caller]
    pub(crate) fn expect_sfid(&mut self) -> Sfid {
        match self.expect(CommandCode::Sfid) {
            Command::Sfid(sfid) => sfid,
            _ => unreachable!("it was looked at"),
        }
    }

    /// The octets of a file that comes, up to EFID, piece by piece; credit is 10.
    pub(crate) fn receive_file(&mut self) -> Vec<Vec<u8>> {
        let mut pieces = Vec::new();
        let mut credit = 10;
        loop {
            match self.receive().expect("an open session") {
                Command::Data(mut rest) => {
                    while let Some((header, after)) = rest.split_first() {
                        let (content, next) = after.split_at(usize::from(header & 63));
                        pieces.push(content.to_vec());
                        rest = next;
                    }
                    credit -= 1;
                    if credit == 0 {
                        credit = 10;
                        self.send(&Command::Cdt(Cdt));
                    }
                }
                Command::Efid(efid) => {
                    assert_eq!(efid.ucnt, pieces.concat().len() as u64);
                    return pieces;
                }
                other => panic!("{other:?} came"),
            }
        }
    }

    /// Whether the other side closes without another command.
    pub(crate) fn is_closed(&mut self) -> bool {
        !matches!(self.stream.read(&mut [0]), Ok(1))
    }
}

pub(crate) fn code_of(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("an identification code")
}

/// The level of `--level`.
pub(crate) fn level_of(text: &str) -> Level {
    match text {
        "1.2" => Level::V1_2,
        "1.3" => Level::V1_3,
        "1.4" => Level::V1_4,
        _ => Level::V2_0,
    }
}

/// An octet that begins a command, for junk.
pub(crate) fn code(command: CommandCode) -> u8 {
    command.octet()
}

/// An SSID with credit 10, everything else on, and the password PASSWORD.
pub(crate) fn ssid(own: &str, level: Level) -> Ssid {
    Ssid {
        lev: level.digit(),
        code: code_of(own),
        pswd: Password::new(X::from_octets(b"PASSWORD")),
        sdeb: 99_999,
        sr: Capability::Both,
        cmpr: false,
        rest: true,
        spec: false,
        cred: 10,
        auth: false,
        user: UserData::default(),
    }
}

/// An SFID of OALPHA for OBETA: a U file of one block.
pub(crate) fn sfid(dsn: &[u8]) -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(dsn),
        stamp: Stamp::new("20260131", "1204550001").expect("a stamp"),
        user: UserData::default(),
        dest: code_of("OBETA"),
        orig: code_of("OALPHA"),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 1,
        osiz: 1,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    }
}

/// The subrecords of a DATA command for these octets; the last one ends a record.
pub(crate) fn data(octets: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    let mut chunks = octets.chunks(63).peekable();
    while let Some(chunk) = chunks.next() {
        let last = if chunks.peek().is_none() { 0x80 } else { 0 };
        payload.push(last | u8::try_from(chunk.len()).expect("at most 63"));
        payload.extend_from_slice(chunk);
    }
    payload
}
