//! Two stations on loopback, one of them with work beside its session.

use std::sync::mpsc;
use std::time::Duration;

use oftp_core::mailbox::{
    Directory, Ended, Event, Identity, Mailbox, Partner, Reply, Response, Settings, Supply,
    eerp_for,
};
use oftp_core::session::{Addresses, DataInd};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp, Text, UserData,
};
use oftp_station::driver::{self, Clock, Handler, Jobs, StoreFault};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Longer than any step of a test takes: what comes later has got stuck.
pub(crate) const STUCK: Duration = Duration::from_secs(60);

/// Work that says when it has begun, and goes on when it is told to.
#[derive(Debug)]
pub(crate) struct Gate {
    begun: oneshot::Sender<()>,
    word: mpsc::Receiver<()>,
}

impl Gate {
    /// The gate, when it has begun, and the word to go on.
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (begun, has_begun) = oneshot::channel();
        let (say, word) = mpsc::channel();
        (Self { begun, word }, has_begun, say)
    }

    /// True when it was told to go on.
    fn pass(self) -> bool {
        self.begun.send(()).is_ok() && self.word.recv().is_ok()
    }
}

/// What is done when a file is complete.
#[derive(Debug)]
pub(crate) enum Work {
    /// EFPA and EERP at once.
    None,
    /// EFPA when the work is done, which waits for a word.
    BeforeEfpa(Gate),
    /// EFPA at once, and an EERP of which the work is a part.
    Response(Gate),
    /// A job that begins another.
    Two,
    /// A job that has a bug.
    Bug,
}

#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) work: Work,
    pub(crate) offered: Option<Box<Sfid>>,
    pub(crate) responses: usize,
    pub(crate) ended: Option<Ended>,
    /// What happened, in order.
    pub(crate) log: Vec<&'static str>,
}

impl Side {
    pub(crate) const fn new(work: Work) -> Self {
        Self {
            work,
            offered: None,
            responses: 0,
            ended: None,
            log: Vec::new(),
        }
    }

    fn complete(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        self.log.push("complete");
        match std::mem::replace(&mut self.work, Work::None) {
            Work::None => mailbox.file_stored(Reply::Eerp).expect("complete"),
            Work::BeforeEfpa(gate) => jobs.spawn(
                || gate.pass(),
                |side, mailbox, _, told| {
                    assert!(told);
                    let over = mailbox.session().is_over();
                    side.log.push(if over { "done late" } else { "done" });
                    // In a session that is over there is nobody to answer.
                    assert_eq!(mailbox.file_stored(Reply::Eerp).is_err(), over);
                },
            ),
            Work::Response(gate) => {
                mailbox.file_stored(Reply::Later).expect("complete");
                mailbox.hold_turn(Some(Duration::from_secs(60)));
                jobs.spawn(
                    || gate.pass(),
                    |side, mailbox, _, told| {
                        assert!(told);
                        side.log.push("done");
                        let sfid = side.offered.take().expect("a file");
                        let eerp = Box::new(eerp_for(&sfid));
                        mailbox.queue_response(Response::Eerp(eerp));
                        mailbox.hold_turn(None);
                    },
                );
            }
            Work::Two => jobs.spawn(
                || 20,
                |side, _, jobs, half: u32| {
                    side.log.push("done");
                    jobs.spawn(
                        move || half + half,
                        |side, mailbox, jobs, whole| {
                            assert_eq!((whole, jobs.running()), (40, 0));
                            side.log.push("done");
                            mailbox.file_stored(Reply::Eerp).expect("complete");
                        },
                    );
                },
            ),
            Work::Bug => jobs.spawn(|| panic!("a bug"), |_, _, _, ()| {}),
        }
    }
}

impl Handler for Side {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, jobs: &mut Jobs<Self>) {
        let answered = match event {
            Event::FileOffered { sfid } => {
                self.offered = Some(sfid);
                mailbox.accept_file(RestartPosition::START)
            }
            Event::FileComplete => {
                self.complete(mailbox, jobs);
                Ok(())
            }
            Event::FileWanted { .. } => mailbox.source_ready(RestartPosition::START),
            Event::DataWanted { .. } => mailbox.supply(|buffer| {
                let _ = buffer.write(b"data", true);
                Supply::End
            }),
            Event::ResponseReceived(_) => {
                self.responses += 1;
                mailbox.response_taken(true)
            }
            Event::Ended(ended) => {
                self.log.push("ended");
                self.ended = Some(ended);
                Ok(())
            }
            _ => Ok(()),
        };
        answered.expect("the event waits for this answer");
    }

    fn data(&mut self, _data: DataInd<'_>) -> Result<(), StoreFault> {
        Ok(())
    }
}

fn settings(who: &str) -> Settings {
    Settings::new(Identity {
        code: code(who),
        password: Password::default(),
        user: UserData::default(),
    })
}

pub(crate) fn code(text: &str) -> IdentificationCode {
    IdentificationCode::from_octets(text.as_bytes())
}

/// Both ends of a connection.
pub(crate) async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let caller = TcpStream::connect(address).await.expect("a connection");
    let (called, _) = listener.accept().await.expect("a caller");
    (caller, called)
}

/// `OALPHA` calls, and sends one file.
pub(crate) async fn calls(stream: TcpStream) -> Side {
    let partner = Partner::new(code("OBETA"));
    let mailbox = Mailbox::call(settings("OALPHA"), partner, Addresses::default());
    let mut mailbox = mailbox.expect("no authentication");
    mailbox.queue_file(Sfid {
        dsn: DatasetName::from_octets(b"FILE"),
        stamp: Stamp::new("20071130", "1200000001").expect("digits"),
        user: UserData::default(),
        dest: code("OBETA"),
        orig: code("OALPHA"),
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
    });
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    let mut side = Side::new(Work::None);
    let run = driver::run(stream, &mut mailbox, &mut side, clock);
    let run = tokio::time::timeout(STUCK, run).await;
    run.expect("stuck").expect("a connection");
    side
}

/// `OBETA` is called.
pub(crate) async fn is_called(stream: TcpStream, work: Work) -> Side {
    let directory = Directory {
        partners: vec![Partner::new(code("OALPHA"))],
        ..Directory::default()
    };
    let mut mailbox = Mailbox::answer(settings("OBETA"), directory);
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_ind(Addresses::default());
    let mut side = Side::new(work);
    let run = driver::run(stream, &mut mailbox, &mut side, clock);
    let run = tokio::time::timeout(STUCK, run).await;
    run.expect("stuck").expect("a connection");
    side
}
