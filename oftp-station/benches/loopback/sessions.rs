//! Empty sessions, one after the other, through the driver of the station.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Directory, Event, Identity, Mailbox, Partner, Settings};
use oftp_core::session::{Addresses, DataInd};
use oftp_core::wire::{
    DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use oftp_secure::tls::TlsError;
use oftp_station::driver::{self, Clock, Handler, Jobs, StoreFault};
use oftp_station::serve::{Peer, Port, ServeLimits, Station, serve};
use tokio::net::{TcpListener, TcpStream};

/// Takes no files and has none.
struct Nothing {
    good: bool,
}

impl Handler for Nothing {
    fn event(&mut self, _mailbox: &mut Mailbox, event: Event, _jobs: &mut Jobs<Self>) {
        if let Event::Ended(ended) = event {
            self.good = ended == oftp_core::mailbox::Ended::Normally;
        }
    }

    fn data(&mut self, _data: DataInd<'_>) -> Result<(), StoreFault> {
        Err(StoreFault("no file is expected".to_owned()))
    }
}

struct Called;

impl Station for Called {
    type Handler = Nothing;

    fn session(&self, _caller: &Peer, _busy: bool) -> (Mailbox, Nothing) {
        (called(), Nothing { good: false })
    }

    fn finished(&self, _caller: &Peer, _handler: Nothing) {}

    fn handshake_failed(&self, _caller: SocketAddr, _error: &TlsError) {}

    fn accept_failed(&self, _error: &io::Error) {}
}

/// So many sessions: connect, SSRM, SSID, CD, ESID, close.
pub(crate) async fn run(sessions: usize) -> io::Result<Duration> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let limits = ServeLimits {
        sessions: 64,
        connections: 128,
        total: Some(sessions),
        ..ServeLimits::default()
    };
    let port = Port {
        listener,
        tls: None,
    };
    let server = tokio::spawn(serve(
        vec![port],
        Arc::new(Called),
        limits,
        std::future::pending(),
    ));
    let clock = Clock::default();
    let start = Instant::now();
    for _ in 0..sessions {
        let stream = TcpStream::connect(address).await?;
        let mut mailbox = calling();
        mailbox.tick(clock.now());
        mailbox.n_con_cf();
        let mut handler = Nothing { good: false };
        driver::run(stream, &mut mailbox, &mut handler, clock).await?;
        assert!(handler.good, "a session failed");
    }
    let time = start.elapsed();
    server.await.expect("the server does not panic");
    Ok(time)
}

/// `OALPHA` calls `OBETA`.
pub(crate) fn calling() -> Mailbox {
    let partner = Partner::new(code("OBETA"));
    Mailbox::call(settings("OALPHA"), partner, Addresses::default())
        .expect("no authentication below level 2.0")
}

/// `OBETA` is called.
pub(crate) fn called() -> Mailbox {
    let directory = Directory {
        partners: vec![Partner::new(code("OALPHA"))],
        ..Directory::default()
    };
    Mailbox::answer(settings("OBETA"), directory)
}

/// A file from `OALPHA` to `OBETA`.
pub(crate) fn file() -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(b"FILE"),
        stamp: Stamp::new("20071130", "1200000001").expect("digits"),
        user: UserData::default(),
        dest: code("OBETA"),
        orig: code("OALPHA"),
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

fn settings(who: &str) -> Settings {
    Settings::new(Identity {
        code: code(who),
        password: Password::default(),
        user: UserData::default(),
    })
}

fn code(text: &str) -> IdentificationCode {
    IdentificationCode::from_octets(text.as_bytes())
}
