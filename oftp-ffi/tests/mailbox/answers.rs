//! Questions to the host, and the runs in which nobody answers later.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::ptr::null;

use oftp::*;
use oftp_core::session::{
    Addresses, CloseFileCf, CloseFileRq, Config, ConnectRq, Event, Output, Session, StartFileCf,
};
use oftp_core::wire::{
    Capability, DatasetName, IdentificationCode, Password, RecordFormat, Security, Sfid, Stamp,
    Text, UserData, X,
};

use super::support::{Station, blocking, last_error, pair, run_alone, session, sized, sockets};

const PASS: i32 = oftp_code::OFTP_PASSTHROUGH as i32;

#[test]
fn a_session_that_is_given_up_asks_and_answers_nothing_more() {
    for at in ["offered", "complete"] {
        let (alpha, mut beta) = pair();
        // SAFETY: a handle.
        unsafe { oftp_mailbox_receive_into(beta.handle, null()) };
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            // SAFETY: a handle.
            unsafe {
                if event == at {
                    assert_eq!(oftp_mailbox_release(mailbox, 99, null()), 0);
                    let (late, text) = match at {
                        "offered" => (oftp_mailbox_accept_file(mailbox, 0, 0), "no file waits for"),
                        _ => (
                            oftp_mailbox_file_stored(mailbox, 0, 0, null()),
                            "no file waits to be stored",
                        ),
                    };
                    assert_eq!(late, oftp_code::OFTP_E_USER as i32);
                    assert!(last_error().contains(text), "{}", last_error());
                    return PASS;
                }
                if event == "offered" {
                    oftp_mailbox_accept_file(mailbox, 0, 0);
                }
            }
            0
        }));
        session(&alpha, &beta);
        assert_eq!(beta.result().reason, 99);
        let answered = |line: &String| line.contains("SFNA") || line.contains("EFNA");
        assert!(!beta.log.lines.iter().any(answered), "{:?}", beta.log.lines);
    }
}

#[test]
fn a_response_that_its_host_could_not_keep_comes_again() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    alpha.log.answer = Some(Box::new(|_, event| -i32::from(event == "response")));
    alpha.calls("OBETA");
    beta.answers();
    let (one, two) = sockets();
    beta.attach(two.as_raw_fd(), None);
    let thread = blocking(&alpha, one);
    run_alone(&beta, two);
    assert_eq!(thread.join().unwrap(), oftp_code::OFTP_E_CALLBACK as i32);
    let result = alpha.result();
    assert_eq!((result.files_delivered, result.files_open), (0, 1));
    alpha.log.answer = None;
    session(&alpha, &beta);
    let result = alpha.result();
    assert_eq!((result.files_delivered, result.files_open), (1, 0));
}

#[test]
fn data_that_nobody_stores_ends_the_session() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    beta.log.answer = Some(Box::new(|mailbox, event| {
        if event == "offered" {
            // SAFETY: a handle.
            return unsafe { oftp_mailbox_accept_file(mailbox, 0, 0) };
        }
        if event == "data" { PASS } else { 0 }
    }));
    session(&alpha, &beta);
    assert_eq!((alpha.result().reason, beta.result().reason), (8, 8));
    assert!(!beta.told("complete A"), "{:?}", beta.log.lines);
}

/// SFNA 13 with "retry later" says that another session is receiving the file; it was ours.
#[test]
fn a_file_that_was_sent_once_stays_sent_however_it_is_refused() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    // All of it comes, and EFPA never leaves.
    beta.log.answer = Some(Box::new(|mailbox, event| {
        // SAFETY: a handle.
        unsafe {
            match event {
                "offered" => oftp_mailbox_accept_file(mailbox, 0, 0),
                "complete" => oftp_mailbox_release(mailbox, 99, null()),
                _ => 0,
            }
        }
    }));
    session(&alpha, &beta);
    for retry in [oftp_choice::OFTP_YES as i32, oftp_choice::OFTP_NO as i32] {
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            if event == "offered" {
                // SAFETY: a handle.
                return unsafe { oftp_mailbox_refuse_file(mailbox, 13, retry, null()) };
            }
            0
        }));
        session(&alpha, &beta);
    }
    alpha.assert_told("refused 1 SFNA 13 1");
    alpha.assert_told("sent 1");
    assert_eq!(alpha.result().files_open, 1);
}

#[test]
fn a_file_is_forgotten_unless_it_is_being_sent() {
    let (mut alpha, beta) = pair();
    for name in ["A", "B"] {
        let file = alpha.file(name, "OBETA", oftp_format::OFTP_FORMAT_U, 0);
        alpha.send(&file, b"octets");
    }
    // SAFETY: a handle.
    let forget = |mailbox, id| unsafe { oftp_mailbox_forget(mailbox, id) };
    assert_eq!(forget(alpha.handle, 1), 0, "{}", last_error());
    assert_eq!(forget(alpha.handle, 1), oftp_code::OFTP_E_VALUE as i32);
    alpha.log.answer = Some(Box::new(move |mailbox, event| {
        if event == "up" {
            // It is queued, and not offered yet.
            assert_eq!(forget(mailbox, 2), 0, "{}", last_error());
        }
        0
    }));
    session(&alpha, &beta);
    assert!(beta.stored().is_empty());
    assert_eq!(alpha.result().files_waiting, 0);
}

/// The partner hears EFPA, and this process is killed before its EERP is confirmed.
#[test]
fn a_response_to_a_plain_file_is_on_the_disk_before_efpa() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    alpha.log.answer = Some(Box::new(|mailbox, event| {
        if event == "sent" {
            // SAFETY: a handle.
            return unsafe { oftp_mailbox_release(mailbox, 99, null()) };
        }
        0
    }));
    session(&alpha, &beta);
    alpha.log.answer = None;
    let mut other = Station::new("OBETA", |_| {});
    other.knows("OALPHA", |_| {});
    let mut beta = beta;
    std::mem::swap(&mut other.folder, &mut beta.folder);
    drop(beta);
    other.receive_into();
    session(&other, &alpha);
    alpha.assert_told("response 1 A 0 0 0");
}

/// A partner that sends a whole file at once: its last event must be told before the blocking run
/// takes the host for one that does not answer, however many steps that takes.
#[test]
fn a_blocking_run_tells_everything_before_it_answers_for_its_host() {
    let wide = oftp_config {
        window: 999,
        ..sized()
    };
    let mut beta = Station::new("OBETA", |config| config.session = &raw const wide);
    beta.knows("OALPHA", |_| {});
    // SAFETY: a handle.
    unsafe { oftp_mailbox_receive_into(beta.handle, null()) };
    beta.log.answer = Some(Box::new(|mailbox, event| {
        // SAFETY: a handle.
        unsafe {
            match event {
                "offered" => oftp_mailbox_accept_file(mailbox, 0, 0),
                "complete" => oftp_mailbox_file_stored(mailbox, 0, 0, null()),
                _ => 0,
            }
        }
    }));
    beta.answers();
    let (one, two) = sockets();
    let thread = blocking(&beta, two);
    let mut partner = Partner::call(one);
    // Around one turn of the run and two.
    for buffers in (245..=265).chain(500..=520) {
        assert!(partner.sends_at_once(buffers), "{buffers} buffers");
    }
    drop(partner);
    assert_eq!(thread.join().unwrap(), 0, "{}", last_error());
}

/// The engine's own session as a partner that waits for nothing.
struct Partner {
    session: Session,
    stream: UnixStream,
}

impl Partner {
    fn call(stream: UnixStream) -> Self {
        let mut config = Config::default();
        config.capabilities.window = 999;
        let mut session = Session::new(config);
        let rq = ConnectRq {
            code: IdentificationCode::new("OALPHA").unwrap(),
            password: Password::new(X::new("SECRET").unwrap()),
            user: UserData::default(),
            mode: Capability::Both,
            restart: true,
            authentication: false,
            addresses: Addresses::default(),
        };
        session.connect_rq(rq).unwrap();
        session.n_con_cf();
        let mut partner = Self { session, stream };
        assert!(matches!(partner.next(), Event::ConnectCf(_)));
        partner
    }

    /// Whether a file of so many Data Exchange Buffers, written in one piece, is accepted.
    fn sends_at_once(&mut self, buffers: u64) -> bool {
        let sfid = Sfid {
            dsn: DatasetName::new("FILE").unwrap(),
            stamp: Stamp::new("20261126", &format!("120000{buffers:04}")).unwrap(),
            user: UserData::default(),
            dest: IdentificationCode::new("OBETA").unwrap(),
            orig: IdentificationCode::new("OALPHA").unwrap(),
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
        };
        self.session.start_file_rq(sfid).unwrap();
        let answer = self.next();
        let taken = matches!(&answer, Event::StartFileCf(StartFileCf::Positive { .. }));
        assert!(taken, "{answer:?}");
        for buffer in 1..=buffers {
            let data = self
                .session
                .data_rq(|encoder| encoder.write(b"x", buffer == buffers));
            assert_eq!(data.unwrap().octets, 1);
        }
        let (records, octets) = (0, buffers);
        self.session
            .close_file_rq(CloseFileRq { records, octets })
            .unwrap();
        matches!(
            self.next(),
            Event::CloseFileCf(CloseFileCf::Positive { .. })
        )
    }

    /// The next event but confirmations of data.
    fn next(&mut self) -> Event {
        loop {
            match self.session.poll_output() {
                Output::NDataRq(pending) => {
                    let octets = pending.to_vec();
                    self.stream.write_all(&octets).unwrap();
                    self.session.sent(octets.len());
                }
                Output::Event(Event::DataCf) => {}
                Output::Event(event) => return event,
                Output::Wait(_) => {
                    let octets = self.stream.read(self.session.receive_space()).unwrap();
                    assert!(octets > 0, "the mailbox has closed");
                    self.session.received(octets);
                }
                _ => {}
            }
        }
    }
}
