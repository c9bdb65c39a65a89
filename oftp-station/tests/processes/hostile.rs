//! Partners that mean harm: memory stays small, and good partners are served.

use std::io::Write;
use std::net::TcpStream;

use oftp_core::wire::{Command, CommandCode, Level, Ssid, sth};

use crate::common::{LIMIT, Listener, Peer, Place, code, data, noise, sfid};

/// What a listener may need besides the sessions that a test opens.
const PROGRAM_KIB: u64 = 8 * 1024;

#[track_caller]
fn is_small(listener: &Listener, limit: u64) {
    let Some(peak) = listener.peak_kib() else {
        return eprintln!("SKIPPED: this system does not tell the memory of a process");
    };
    assert!(peak < limit, "{peak} KiB, more than {limit}");
}

#[test]
fn announcing_much_and_sending_little_costs_little() {
    let place = Place::new();
    let listener = place.listen(&["--max-sessions", "200"]);
    let mut peers: Vec<Peer> = (0..100)
        .map(|_| Peer::dial(listener.address, Level::V2_0))
        .collect();
    for peer in &mut peers {
        peer.expect(CommandCode::Ssrm);
        peer.raw(&sth::header(1006));
        peer.raw(&[code(CommandCode::Esid)]);
    }
    let mut session = Peer::call(listener.address, "OALPHA", Level::V2_0);
    session.send(&Command::Sfid(sfid(b"FILE")));
    session.expect_sfpa();
    session.raw(&sth::header(99_999));
    for octet in [&[code(CommandCode::Data)][..], &data(&noise(20_000))].concat() {
        session.raw(&[octet]);
    }
    is_small(&listener, PROGRAM_KIB);
    drop((peers, session));
    listener.terminate();
}

#[test]
fn a_flood_is_held_back_and_stopped_at_the_limit() {
    let place = Place::new();
    let limits = [
        "--credit",
        "999",
        "--max-file-size",
        "50000000",
        "--timeout",
        "1",
    ];
    let mut listener = place.listen(&limits);
    let mut peer = Peer::dial(listener.address, Level::V2_0);
    peer.expect(CommandCode::Ssrm);
    // Credit for more than the limit: beyond it the flood would be another fault.
    peer.send(&Command::Ssid(Ssid {
        cred: 999,
        ..crate::common::ssid("OALPHA", Level::V2_0)
    }));
    peer.expect(CommandCode::Ssid);
    peer.send(&Command::Sfid(sfid(b"FILE")));
    peer.expect_sfpa();
    let mut buffer = Vec::new();
    let payload = data(&noise(90_000));
    Command::Data(&payload)
        .encode(Level::V2_0, &mut buffer)
        .expect("a command");
    let frame = [&sth::header(buffer.len())[..], &buffer].concat();
    let mut writer = peer.stream.try_clone().expect("a handle");
    writer.set_write_timeout(Some(LIMIT)).expect("an option");
    // Until the listener has had enough of it.
    let flood = std::thread::spawn(move || while writer.write_all(&frame).is_ok() {});
    let ended = listener.wait_for("session_ended");
    assert_eq!(ended["reason"]["code"], 8, "{ended}");
    flood.join().expect("a thread");
    assert_eq!((place.received(), place.partial()), (vec![], vec![]));
    is_small(&listener, PROGRAM_KIB);
    listener
        .terminate()
        .exits(0)
        .says("exceeds the limit of 50000000 octets");
}

/// (threat model D6)
#[test]
fn compression_is_not_a_bomb() {
    let place = Place::new();
    let listener = place.listen(&["--once", "--compression"]);
    let mut peer = Peer::dial(listener.address, Level::V2_0);
    peer.expect(CommandCode::Ssrm);
    let ssid = crate::common::ssid("OALPHA", Level::V2_0);
    peer.send(&Command::Ssid(Ssid { cmpr: true, ..ssid }));
    peer.expect(CommandCode::Ssid);
    peer.send(&Command::Sfid(sfid(b"FILE")));
    peer.expect_sfpa();
    // Each pair of octets stands for 63.
    let bomb = [0x40 | 63, 0].repeat(49_999);
    for _ in 0..9 {
        peer.send(&Command::Data(&bomb));
    }
    let ucnt = 9 * 49_999 * 63;
    peer.send(&Command::Efid(oftp_core::wire::Efid { rcnt: 0, ucnt }));
    peer.expect(CommandCode::Efpa);
    is_small(&listener, PROGRAM_KIB);
    drop(peer);
    listener.finish();
    assert_eq!(place.contents()[0].len() as u64, ucnt);
}

/// (threat model T5)
#[test]
fn junk_after_the_end_of_a_session_is_ignored() {
    let place = Place::new();
    let listener = place.listen(&["--once", "--timeout", "1"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    // DATA without a file: ESID 02, and then the connection ends, whatever comes.
    peer.send(&Command::Data(&data(b"?")));
    assert_eq!(peer.expect_esid().0, 2);
    let junk = noise(64 * 1024);
    for _ in 0..8 {
        if peer.stream.write_all(&junk).is_err() {
            break;
        }
    }
    assert!(peer.is_closed());
    let run = listener.finish();
    run.exits(8).says("partner sent DATA in state");
    assert_eq!(run.all("error").len(), 1, "{run}");
}

/// (threat model T5)
#[test]
fn a_peer_that_never_closes_is_left() {
    let place = Place::new();
    let listener = place.listen(&["--once", "--timeout", "1"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Data(&data(b"?")));
    assert_eq!(peer.expect_esid().0, 2);
    // Its end of the connection stays open until the listener has ended.
    listener.finish().exits(8);
    drop(peer);
}

#[test]
fn a_thousand_silent_connections_keep_nobody_out() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut files = getrlimit(Resource::Nofile);
    if files.maximum.is_some_and(|most| most < 4096) {
        return eprintln!("SKIPPED: this user may not open 4,096 files");
    }
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).expect("as many files as are allowed");
    let place = Place::new();
    place.write("file", "content");
    // With room for all of them, and with room for few (threat model S1).
    for (number, sessions) in ["2000", "2"].into_iter().enumerate() {
        let listener = place.listen(&["--max-sessions", sessions]);
        let silent: Vec<TcpStream> = (0..1000)
            .map(|_| TcpStream::connect(listener.address).expect("a connection"))
            .collect();
        let dsn = format!("FILE{number}");
        place
            .send(listener.address, &["file", "--dsn", &dsn])
            .exits(0);
        is_small(&listener, PROGRAM_KIB + 8 * 1024);
        drop(silent);
        listener.terminate();
    }
    assert_eq!(place.contents(), [b"content", b"content"]);
}

#[test]
fn what_the_state_does_not_allow_ends_the_session() {
    use oftp_core::wire::{Cdt, Efid, Rtr};
    let place = Place::new();
    let listener = place.listen(&["--sessions", "4"]);
    for command in [
        Command::Efid(Efid { rcnt: 0, ucnt: 0 }),
        Command::Rtr(Rtr),
        Command::Cdt(Cdt),
        Command::Aurp(oftp_core::wire::Aurp { rsp: [0; 20] }),
    ] {
        let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
        peer.send(&command);
        assert_eq!(peer.expect_esid().0, 2, "{command:?}");
    }
    listener.finish().exits(8);
}
