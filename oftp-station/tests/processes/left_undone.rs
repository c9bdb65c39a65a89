//! Signed end responses that a station owed when it was killed or cut off.

use std::net::TcpListener;

use oftp_core::wire::{Cd, Command, CommandCode, Eerp, Efid, Efpa, Level, Rtr, Sfid, Sfpa, Ssrm};
use oftp_secure::cms::Layer;

use crate::common::{ALPHA, BETA, LIMIT, Peer, Place, code_of, data, noise, sfid, ssid};

const OCTETS: usize = 900;

/// A file without an envelope, whose originator wants a signed response.
fn wants_signature() -> Sfid {
    Sfid {
        ciph: 4,
        sign: true,
        ..sfid(b"PLAIN")
    }
}

/// Sends the file, to its EFPA.
fn send_file(peer: &mut Peer, sfid: Sfid) {
    peer.send(&Command::Sfid(sfid));
    assert_eq!(peer.expect_sfpa(), 0);
    peer.send(&Command::Data(&data(&noise(OCTETS))));
    peer.send(&Command::Efid(Efid {
        rcnt: 0,
        ucnt: OCTETS as u64,
    }));
    peer.expect(CommandCode::Efpa);
}

#[track_caller]
fn expect_signed(peer: &mut Peer) -> Eerp {
    let Command::Eerp(eerp) = peer.expect(CommandCode::Eerp) else {
        unreachable!("it was looked at");
    };
    assert_eq!(Layer::of_message(&eerp.sig), Some(Layer::Signature));
    eerp
}

/// The hash of what came is known when the last octet comes, and never again.
#[test]
fn a_response_is_signed_though_the_station_was_killed_when_the_file_had_come() {
    let place = Place::with_keys();
    let listener = place.listen(&BETA);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    send_file(&mut peer, wants_signature());
    listener.kill();
    assert_eq!(place.contents(), [noise(OCTETS)]);

    let listener = place.listen(&BETA);
    // It is signed while the station takes calls already: one that comes before is not told.
    let begun = std::time::Instant::now();
    let owed = loop {
        let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
        peer.send(&Command::Cd(Cd));
        if let Some(Command::Eerp(eerp)) = peer.receive() {
            peer.send(&Command::Rtr(Rtr));
            peer.expect(CommandCode::Cd);
            break eerp;
        }
        assert!(begun.elapsed() < LIMIT, "it never comes");
    };
    let hash = oftp_secure::crypto::Hash::Sha256.of(&noise(OCTETS));
    assert_eq!(owed.hsh, hash);
    assert_eq!(Layer::of_message(&owed.sig), Some(Layer::Signature));
    listener.terminate();
    assert_eq!(place.owed(), []);
}

/// A station that calls owes what it has received until that is confirmed, as one that listens.
#[test]
fn a_caller_sends_what_it_still_owes_in_its_next_call() {
    let place = Place::with_keys();
    place.write("file", noise(10));
    let folder = place.path("inbox-of-alpha");
    std::fs::create_dir(&folder).expect("a folder");
    let arguments = [
        &[
            "file",
            "--again",
            "--no-wait-eerp",
            "--directory",
            "inbox-of-alpha",
        ][..],
        &ALPHA,
    ]
    .concat();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let begin = move |port: &TcpListener| {
        let mut peer = Peer::accept(port, Level::V2_0);
        peer.send(&Command::Ssrm(Ssrm));
        peer.expect(CommandCode::Ssid);
        peer.send(&Command::Ssid(ssid("OBETA", Level::V2_0)));
        peer
    };
    let script = std::thread::spawn(move || {
        let mut peer = begin(&port);
        peer.expect_sfid();
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.receive_file();
        peer.send(&Command::Efpa(Efpa { cd: false }));
        peer.expect(CommandCode::Cd);
        let back = Sfid {
            orig: code_of("OBETA"),
            dest: code_of("OALPHA"),
            ..wants_signature()
        };
        send_file(&mut peer, back);
        peer.send(&Command::Cd(Cd));
        let first = expect_signed(&mut peer);
        // It is cut off before RTR.
        drop(peer);
        let mut peer = begin(&port);
        assert_eq!(expect_signed(&mut peer), first);
        peer.send(&Command::Rtr(Rtr));
        peer.expect_sfid();
    });
    place.send(address, &arguments);
    let owed = || {
        std::fs::read_dir(folder.join(".owed"))
            .expect("a folder")
            .count()
    };
    assert_eq!(owed(), 1);
    place.send(address, &arguments);
    script.join().expect("the partner");
    assert_eq!(owed(), 0);
}
