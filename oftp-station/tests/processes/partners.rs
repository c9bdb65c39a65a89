//! Who may talk to whom: every refusal at the start of a session has its exit code and its words,
//! and the file that could not be sent goes later.

use std::net::TcpListener;

use oftp_core::wire::{Command, CommandCode, Level, Password, Ssid, Ssrm, X};

use crate::common::{Peer, Place, Run, ssid};

const FILE: &str = "invoice.edi";

/// Sends with these options to a listener with those, then without any options to one that
/// takes it: nothing is lost.
#[track_caller]
fn refused(of_sender: &[&str], of_listener: &[&str]) -> (Run, Run) {
    let place = Place::new();
    place.write(FILE, "content");
    for (name, password) in [("right", "SECRET1"), ("wrong", "SECRET2")] {
        place.write(name, password);
    }
    let listener = place.listen(&[&["--once"][..], of_listener].concat());
    let run = place.send(listener.address, &[&[FILE][..], of_sender].concat());
    let listened = listener.finish();
    assert_eq!(place.received(), []);
    for text in [&run, &listened] {
        let shown = format!("{text}");
        assert!(!shown.contains("SECRET"), "a password is shown: {shown}");
    }
    let listener = place.listen(&["--once"]);
    place.send(listener.address, &[FILE]).exits(0);
    listener.finish().exits(0);
    assert_eq!(place.contents(), [b"content"]);
    (run, listened)
}

#[test]
fn the_listener_does_not_take_our_password() {
    let (sent, listened) = refused(
        &["--password-file", "wrong", "--trace"],
        &["--partner", "OALPHA:right", "--trace"],
    );
    sent.exits(4)
        .says("it does not take our password: check --password-file with the partner");
    listened
        .exits(4)
        .says("wrong password from OALPHA")
        .says("--partner-password-file");
}

#[test]
fn we_do_not_take_the_password_of_the_listener() {
    let (sent, listened) = refused(
        &["--partner-password-file", "right", "--trace"],
        &["--password-file", "wrong", "--trace"],
    );
    sent.exits(4)
        .says("wrong password from OBETA")
        .says("--partner-password-file");
    listened.exits(4).says("it does not take our password");
}

#[test]
fn right_passwords_on_both_sides() {
    let place = Place::new();
    place.write(FILE, "content");
    place.write("alpha", "ALPHA-1\n");
    place.write("beta", "BETA-2\r\n");
    let both = [
        "--once",
        "--partner",
        "OALPHA:alpha",
        "--password-file",
        "beta",
    ];
    let listener = place.listen(&both);
    let mut sender = place.sender(
        listener.address,
        &[
            FILE,
            "--password-env",
            "MINE",
            "--partner-password-file",
            "beta",
            "--trace",
        ],
    );
    let run = crate::common::Process::spawn(sender.env("MINE", "ALPHA-1")).finish();
    run.exits(0);
    let listened = listener.finish();
    for text in [format!("{run}"), format!("{}", listened.exits(0))] {
        assert!(
            !text.contains("ALPHA-1") && !text.contains("BETA-2"),
            "{text}"
        );
    }
}

#[test]
fn a_station_that_the_listener_does_not_know() {
    let (sent, listened) = refused(&[], &["--partner", "OGAMMA"]);
    sent.exits(4).says("it does not know our --id");
    listened
        .exits(4)
        .says("caller OALPHA is not known")
        .says("--partner");
}

#[test]
fn a_station_that_is_not_the_one_we_called() {
    let (sent, _) = refused(&["--partner", "OGAMMA"], &[]);
    sent.exits(4)
        .says("OBETA answered instead of OGAMMA")
        .says("--partner");
}

/// Also where any partner may call (threat model S14).
#[test]
fn a_caller_with_the_code_of_the_listener() {
    let place = Place::new();
    let listener = place.listen(&["--once", "--any-partner"]);
    let mut peer = Peer::dial(listener.address, Level::V2_0);
    peer.expect(CommandCode::Ssrm);
    peer.send(&Command::Ssid(ssid("OBETA", Level::V2_0)));
    assert_eq!(peer.expect_esid(), (3, String::new()));
    drop(peer);
    listener
        .finish()
        .exits(4)
        .says("caller uses our own code OBETA");
}

#[test]
fn a_caller_learns_the_reason_but_nothing_more() {
    let place = Place::new();
    place.write("right", "SECRET1");
    let listener = place.listen(&["--sessions", "2", "--partner", "OALPHA:right"]);
    for (name, reason) in [("OALPHA", 4), ("OGAMMA", 3)] {
        let mut peer = Peer::dial(listener.address, Level::V2_0);
        peer.expect(CommandCode::Ssrm);
        peer.send(&Command::Ssid(ssid(name, Level::V2_0)));
        assert_eq!(peer.expect_esid(), (reason, String::new()));
    }
    listener.finish().exits(4);
}

#[test]
fn levels_that_do_not_meet() {
    let (sent, _) = refused(&["--level", "1.3"], &["--min-level", "2.0"]);
    sent.exits(4).says("compare --level");
}

#[test]
fn a_partner_that_only_sends_cannot_be_sent_to() {
    let place = Place::new();
    place.write(FILE, "content");
    let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::accept(&partner, Level::V2_0);
        peer.send(&Command::Ssrm(Ssrm));
        peer.expect(CommandCode::Ssid);
        let sr = oftp_core::wire::Capability::SenderOnly;
        let ssid = ssid("OBETA", Level::V2_0);
        peer.send(&Command::Ssid(Ssid { sr, ..ssid }));
        assert_eq!(peer.expect_esid().0, 10);
    });
    place.send(address, &[FILE]).exits(4);
    script.join().expect("the partner");
}

#[test]
fn nobody_listens() {
    let place = Place::new();
    place.write(FILE, "content");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let run = place.send(address, &[FILE]);
    run.exits(3)
        .says("cannot connect to 127.0.0.1")
        .says("is the station listening there?");
    let mut nowhere = place.oftp(&["send", "no-such-host.invalid", FILE, "--id", "OA"]);
    nowhere.args(["--partner", "OB", "--state", "state", "--json"]);
    let run = crate::common::Process::spawn(&mut nowhere).finish();
    run.exits(3)
        .says("cannot connect to no-such-host.invalid:3305");
}

#[test]
fn an_address_that_is_taken() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let options = [
        "listen",
        &address,
        "--id",
        "OBETA",
        "--any-partner",
        "--json",
    ];
    let run = crate::common::Process::spawn(&mut place.oftp(&options)).finish();
    run.exits(3)
        .says("cannot listen on 127.0.0.1")
        .says("choose another port");
}

/// Once it has said who it is, ESID 08 (threat model S17).
/// Whether the password is right then is no more to be found out (threat model S3).
#[test]
fn ten_wrong_passwords_are_enough() {
    let place = Place::new();
    place.write(FILE, "content");
    place.write("password", "SECRET");
    let listener = place.listen(&["--partner-password-file", "password"]);
    let call = |code: &str, password: &str| {
        let mut peer = Peer::dial(listener.address, Level::V2_0);
        peer.expect(CommandCode::Ssrm);
        peer.send(&Command::Ssid(Ssid {
            pswd: Password::new(X::new(password).expect("a password")),
            ..ssid(code, Level::V2_0)
        }));
        peer.receive().expect("an answer")
    };
    let is_04 =
        |answer: &Command<'_>| matches!(answer, Command::Esid(esid) if esid.reas.code() == 4);
    assert!(matches!(call("OALPHA", "SECRET"), Command::Ssid(_)));
    for _ in 0..10 {
        assert!(is_04(&call("OALPHA", "WRONG")));
    }
    // One counts when its connection is closed, a moment later.
    let refused = (0..1000).any(|_| is_04(&call("OALPHA", "SECRET")));
    assert!(refused, "the right one does not count any more");
    listener
        .terminate()
        .says("wrong password from OALPHA")
        .says("ten wrong passwords have come from 127.0.0.1");
}

#[test]
fn one_session_too_many_is_told_to_come_back() {
    let place = Place::new();
    place.write(FILE, "content");
    let mut listener = place.listen(&["--max-sessions", "1"]);
    let first = Peer::call(listener.address, "OALPHA", Level::V2_0);
    let run = place.send(listener.address, &[FILE]);
    run.exits(10)
        .says("it is busy or out of room: try again later");
    listener.wait_until("the end of the second session", |event| {
        event["event"] == "session_ended" && event["session"] == 2
    });
    drop(first);
    listener.wait_until("the end of the first session", |event| {
        event["event"] == "session_ended" && event["session"] == 1
    });
    // The place of the first session is free when its connection is closed, a moment later.
    let mut run = place.send(listener.address, &[FILE]);
    while run.code == Some(10) {
        run = place.send(listener.address, &[FILE]);
    }
    run.exits(0);
    let listened = listener.terminate();
    listened
        .says("too many sessions are open")
        .says("--max-sessions");
    assert_eq!(place.contents(), [b"content"]);
}

/// (threat model R1)
#[test]
fn a_response_from_a_station_that_did_not_get_the_file_counts_for_nothing() {
    use oftp_core::mailbox::eerp_for;
    use oftp_core::wire::{Cd, Esid, EsidReason, Text};
    let place = Place::new();
    place.write(FILE, "content");
    place.write("other", "for the one who calls");
    let stamp = ["--stamp", "20260131120455", "--dsn", "INVOICE"];
    let listener = place.listen(&["--once", "--no-eerp"]);
    place
        .send(listener.address, &[&[FILE][..], &stamp].concat())
        .exits(7);
    listener.finish().exits(0);
    assert_eq!(place.notes(), 1);
    // The same user listens, with the same notes.
    let mut command = place.oftp(&["listen", "127.0.0.1:0", "--id", "OALPHA", "--json"]);
    command.args(["--any-partner", "--once", "--send-file", "other"]);
    std::fs::create_dir_all(place.path("state-home")).expect("a folder");
    std::fs::rename(place.path("state"), place.path("state-home/oftp")).expect("notes");
    let listener = crate::common::Listener::spawn(&mut command);
    let mut peer = Peer::call(listener.address, "OGAMMA", Level::V2_0);
    let eerp = eerp_for(&crate::common::sfid(b"INVOICE"));
    peer.send(&Command::Eerp(Box::new(eerp).as_ref().clone()));
    peer.expect(CommandCode::Rtr);
    peer.send(&Command::Cd(Cd));
    peer.expect_sfid();
    let (reas, reast) = (EsidReason::NORMAL, Text::default());
    peer.send(&Command::Esid(Esid { reas, reast }));
    drop(peer);
    let run = listener.finish();
    assert!(
        run.warnings().contains("belongs to no file that was sent"),
        "{run}"
    );
    std::fs::rename(place.path("state-home/oftp"), place.path("state")).expect("notes");
    let listener = place.listen(&["--once"]);
    let run = place.send(listener.address, &[&[FILE][..], &stamp].concat());
    run.exits(7);
    assert!(
        run.warnings().contains("the partner has it already"),
        "{run}"
    );
    listener.finish();
}
