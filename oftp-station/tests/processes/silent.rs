//! Partners that say nothing, too little, or stop: time runs out, and nothing is lost.

use std::net::TcpListener;

use oftp_core::wire::{Command, CommandCode, Level, Sfpa, sth};

use crate::common::{LIMIT, Peer, Place, code, data, noise, sfid};

const SOON: [&str; 2] = ["--timeout", "1"];

#[test]
fn a_peer_that_accepts_and_never_answers() {
    let place = Place::new();
    place.write("file", "x");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let run = place.send(address, &[&["file"][..], &SOON].concat());
    run.exits(9).says("--timeout says how long to wait");
}

#[test]
fn a_peer_that_never_answers_an_offer() {
    let place = Place::new();
    place.write("file", "x");
    let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&partner, "OBETA", Level::V2_0);
        peer.expect_sfid();
        peer.expect_esid()
    });
    let run = place.send(address, &[&["file"][..], &SOON].concat());
    run.exits(9);
    assert_eq!(script.join().expect("the partner").0, 9);
    assert_eq!(place.notes(), 1, "to be sent again under the same stamps");
}

#[test]
fn a_peer_that_grants_no_credit() {
    let place = Place::new();
    place.write("file", noise(3_000_000));
    let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&partner, "OBETA", Level::V2_0);
        peer.expect_sfid();
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        for _ in 0..10 {
            peer.expect(CommandCode::Data);
        }
        peer.expect_esid()
    });
    let run = place.send(address, &[&["file"][..], &SOON].concat());
    run.exits(9);
    assert_eq!(script.join().expect("the partner").0, 9);
    let kept = run.one("file_suspended")["octets"]
        .as_u64()
        .expect("a number");
    assert!(kept > 0 && kept <= 11 * 99_999 + 32_000, "{run}");
}

#[test]
fn a_peer_that_reads_nothing() {
    let place = Place::new();
    place.write("file", noise(1 << 20).repeat(40));
    let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&partner, "OBETA", Level::V2_0);
        peer.expect_sfid();
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        let _ = wait.recv_timeout(LIMIT);
    });
    let run = place.send(address, &[&["file", "--credit", "999"][..], &SOON].concat());
    drop(done);
    script.join().expect("the partner");
    run.exits(9);
}

/// With ESID 09, where it can be written (threat model F4, S1).
#[test]
fn callers_that_say_nothing_or_too_little() {
    let place = Place::new();
    let listener = place.listen(&[&["--sessions", "3"][..], &SOON].concat());
    let mut nothing = Peer::dial(listener.address, Level::V2_0);
    let mut halfway = Peer::dial(listener.address, Level::V2_0);
    halfway.raw(&sth::header(61)[..3]);
    let mut idle = Peer::call(listener.address, "OALPHA", Level::V2_0);
    for peer in [&mut nothing, &mut halfway] {
        peer.expect(CommandCode::Ssrm);
    }
    for peer in [&mut nothing, &mut halfway, &mut idle] {
        assert_eq!(peer.expect_esid().0, 9);
        assert!(peer.is_closed());
    }
    listener.finish().exits(9).says("(ESID 09)");
}

/// A buffer that never becomes whole (threat model F4).
#[test]
fn single_octets_do_not_stop_the_clock() {
    let place = Place::new();
    let listener = place.listen(&[&["--once"][..], &SOON].concat());
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(sfid(b"FILE")));
    peer.expect_sfpa();
    peer.raw(&sth::header(99_999));
    peer.raw(&[code(CommandCode::Data)]);
    let reader = peer.stream.try_clone().expect("a handle");
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let trickle = std::thread::spawn(move || {
        use std::io::Write;
        let pause = std::time::Duration::from_millis(100);
        // An octet now and then, until the other side has ended the session.
        while stopped.recv_timeout(pause) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            if (&reader).write_all(b"?").is_err() {
                return;
            }
        }
    });
    assert_eq!(peer.expect_esid().0, 9);
    drop(stop);
    trickle.join().expect("a thread");
    drop(peer);
    listener.finish().exits(9);
}

#[test]
fn a_peer_that_stops_in_the_middle_of_a_file() {
    let place = Place::new();
    let listener = place.listen(&[&["--max-sessions", "100"][..], &SOON].concat());
    // It leaves ...
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(sfid(b"FILE")));
    assert_eq!(peer.expect_sfpa(), 0);
    peer.send(&Command::Data(&data(&noise(5_000))));
    drop(peer);
    // ... or falls asleep: what it sent is kept, once its session is noticed to be over.
    let mut again = oftp_core::wire::Sfid {
        rest: 4,
        ..sfid(b"FILE")
    };
    let mut peer = loop {
        let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
        peer.send(&Command::Sfid(again.clone()));
        match peer.receive().expect("an answer") {
            Command::Sfpa(sfpa) => {
                assert_eq!(sfpa.acnt, 4);
                break peer;
            }
            Command::Sfna(sfna) => assert!(sfna.rrtr),
            other => panic!("{other:?} came"),
        }
    };
    peer.send(&Command::Data(&data(&noise(9_000)[4096..])));
    assert_eq!(peer.expect_esid().0, 9);
    drop(peer);
    listener.terminate().exits(0);
    assert_eq!(place.received(), []);
    let listener = place.listen(&["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    again.rest = 100;
    peer.send(&Command::Sfid(again));
    assert_eq!(peer.expect_sfpa(), 8);
}
