//! End responses that the receiver signs: what they prove, and what proves nothing.

use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::SystemTime;

use oftp_core::mailbox::eerp_for;
use oftp_core::wire::{Cd, Command, CommandCode, Eerp, Efpa, Level, Sfid, Sfpa, Stamp};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;
use oftp_secure::response::sign_eerp;

use crate::common::{ALPHA, BETA, Peer, Place, Run, credential, noise};

const SIGNED: [&str; 2] = ["file", "--signed-eerp"];

/// A station that takes one file and answers it with what `answer` makes of its SFID and the hash
/// of what came; it ends when the caller has confirmed that.
fn partner(
    answer: impl FnOnce(&Sfid, &[u8]) -> Eerp + Send + 'static,
) -> (std::net::SocketAddr, JoinHandle<(Sfid, Vec<u8>)>) {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&port, "OBETA", Level::V2_0);
        let sfid = peer.expect_sfid();
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        let hash = Suite::of(sfid.ciph).expect("a suite").hash;
        let mut digest = Digest::new(hash);
        for octets in peer.receive_file() {
            digest.update(&octets);
        }
        peer.send(&Command::Efpa(Efpa { cd: false }));
        peer.expect(CommandCode::Cd);
        let hash = digest.finish();
        respond(&mut peer, answer(&sfid, &hash));
        (sfid, hash)
    });
    (address, script)
}

/// Answers, is confirmed, and is left by the other side.
fn respond(peer: &mut Peer, eerp: Eerp) {
    peer.send(&Command::Eerp(eerp));
    // Whatever it is worth: it would come again and again.
    peer.expect(CommandCode::Rtr);
    peer.send(&Command::Cd(Cd));
    assert_eq!(peer.expect_esid().0, 0);
}

fn signed(mut eerp: Eerp, hash: &[u8], sfid: &Sfid, signer: &str) -> Eerp {
    let suite = Suite::of(sfid.ciph).expect("a suite");
    let signer = credential(signer);
    sign_eerp(&mut eerp, hash, suite, &signer, SystemTime::now()).expect("a signature");
    eerp
}

/// Sends a file to a partner that answers like this: the file stays open.
#[track_caller]
fn proves_nothing(answer: impl FnOnce(&Sfid, &[u8]) -> Eerp + Send + 'static) -> Run {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let (address, script) = partner(answer);
    let run = place.send(address, &[&SIGNED[..], &ALPHA].concat());
    let (sfid, hash) = script.join().expect("the partner");
    run.exits(7)
        .says("the end response proves nothing, the file stays open");
    assert_eq!(run.one("response")["signed_by"], serde_json::Value::Null);
    assert_eq!(place.notes(), 1, "{run}");
    // The right one closes it, in a later session.
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&port, "OBETA", Level::V2_0);
        peer.expect(CommandCode::Cd);
        respond(&mut peer, signed(eerp_for(&sfid), &hash, &sfid, "beta"));
    });
    let later = place.send(address, &[&SIGNED[..], &ALPHA].concat());
    later.exits(0);
    script.join().expect("the partner");
    assert_eq!(place.notes(), 0, "{later}");
    run
}

#[test]
fn a_signed_response_is_a_proof_that_is_kept() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    std::fs::create_dir(place.path("receipts")).expect("a folder");
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let keep = ["--receipts", "receipts"];
    let run = place.send(listener.address, &[&SIGNED[..], &keep, &ALPHA].concat());
    run.exits(0);
    listener.finish().exits(0);
    place.assert_nothing_left();
    let response = run.one("response");
    let receipt = response["receipt"].as_str().expect("a receipt");
    let name = &place.received()[0].0;
    assert_eq!(receipt, format!("receipts/{name}.p7m"));
    // What is signed is what the file was, and the hash of what came (RFC 5024 5.3.13).
    let proof = |octets: &[u8]| {
        let text = String::from_utf8_lossy(octets).into_owned();
        assert!(text.starts_with("FILE  "), "{text}");
        assert!(text.contains("OBETA") && text.contains("OALPHA"), "{text}");
        let hash = Suite::of(4).expect("a suite").hash.of(&noise(3_000));
        assert!(octets.ends_with(&hash), "{text}");
    };
    let open = ["cms", "open", receipt, "-o", "proof"];
    let certificate = ["--partner-cert", "beta.pem"];
    let opened = place.oftp(&[&open[..], &certificate].concat()).output();
    assert!(opened.expect("oftp").status.success());
    proof(&std::fs::read(place.path("proof")).expect("a proof"));
    let verify = format!(
        "cms -verify -binary -inform DER -in {receipt} -certfile beta.pem -CAfile beta.pem \
         -purpose any -out proof-of-openssl"
    );
    if place.openssl(&verify).is_some() {
        proof(&std::fs::read(place.path("proof-of-openssl")).expect("a proof"));
    }
}

/// (threat model R2)
#[test]
fn an_unsigned_response_is_no_proof_where_a_signed_one_was_asked_for() {
    proves_nothing(|sfid, _| eerp_for(sfid)).says("it is not signed, though SFIDSIGN asked for it");
}

#[test]
fn a_response_that_somebody_else_signed_is_no_proof() {
    proves_nothing(|sfid, hash| signed(eerp_for(sfid), hash, sfid, "gamma"))
        .says("no signature counts")
        .says("CN=gamma");
}

/// (threat model R2)
#[test]
fn a_response_for_other_octets_is_no_proof() {
    proves_nothing(|sfid, _| {
        let hash = Suite::of(sfid.ciph).expect("a suite").hash.of(b"other");
        signed(eerp_for(sfid), &hash, sfid, "beta")
    })
    .says("the file was sent with hash")
    .says("the response is for");
}

#[test]
fn a_response_whose_hash_was_changed_is_no_proof() {
    proves_nothing(|sfid, hash| {
        let other = Suite::of(sfid.ciph).expect("a suite").hash.of(b"other");
        let eerp = signed(eerp_for(sfid), &other, sfid, "beta");
        // What was sent, but that is not what was signed.
        Eerp {
            hsh: hash.to_vec(),
            ..eerp
        }
    })
    .says("the response has EERPHSH");
}

#[test]
fn a_response_with_a_signature_for_another_file_is_no_proof() {
    proves_nothing(|sfid, hash| {
        let stamp = Stamp::new("20200101", "0000000001").expect("a stamp");
        let other = Eerp {
            stamp,
            ..eerp_for(sfid)
        };
        let eerp = signed(other, hash, sfid, "beta");
        Eerp {
            stamp: sfid.stamp,
            ..eerp
        }
    })
    .says("the response has EERPDATE");
}

/// (threat model R2)
#[test]
fn a_response_with_a_damaged_signature_is_no_proof() {
    proves_nothing(|sfid, hash| {
        let mut eerp = signed(eerp_for(sfid), hash, sfid, "beta");
        if let Some(last) = eerp.sig.last_mut() {
            *last ^= 1;
        }
        eerp
    })
    .says("the signature of the response");
}

#[test]
fn a_response_with_sha_1_is_no_proof_where_that_is_refused() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let suite = ["--suite", "02", "--no-legacy"];
    let run = place.send(listener.address, &[&SIGNED[..], &suite, &ALPHA].concat());
    run.exits(7).says("is refused by policy");
    assert_eq!(place.notes(), 1, "{run}");
    listener.finish().exits(0);
}

#[test]
fn a_station_without_a_key_answers_unsigned_and_says_so() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&["--once"]);
    let run = place.send(listener.address, &[&SIGNED[..], &ALPHA].concat());
    run.exits(7)
        .says("it is not signed, though SFIDSIGN asked for it");
    let received = listener.finish();
    assert!(
        received
            .warnings()
            .contains("the End to End Response is not signed, though that was asked for"),
        "{received}"
    );
    assert_eq!((place.contents().len(), place.notes()), (1, 1));
}

#[test]
fn a_signed_response_is_not_asked_for_where_nothing_could_check_it() {
    let place = Place::with_keys();
    place.write("file", "x");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    place
        .send(nowhere, &SIGNED)
        .exits(2)
        .says("--signed-eerp: nothing is known to check the partner's signature by");
}

#[test]
fn the_envelope_that_a_receipt_names_is_kept_on_request() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let arguments = [
        &SIGNED[..],
        &[
            "--sign",
            "--receipts",
            "receipts",
            "--keep-sealed",
            "sealed",
        ],
        &ALPHA,
    ]
    .concat();
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    place
        .send(nowhere, &arguments)
        .exits(11)
        .says("receipts is no folder; make it first");
    for folder in ["receipts", "sealed"] {
        std::fs::create_dir(place.path(folder)).expect("a folder");
    }
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let run = place.send(listener.address, &arguments);
    run.exits(0);
    listener.finish().exits(0);
    let name = &place.received()[0].0;
    let sealed = std::fs::read(place.path(&format!("sealed/{name}.cms"))).expect("an envelope");
    let receipt = std::fs::read(place.path(&format!("receipts/{name}.p7m"))).expect("a receipt");
    let hash = Suite::of(4).expect("a suite").hash.of(&sealed);
    let named = receipt.windows(hash.len()).any(|octets| octets == hash);
    assert!(named, "the receipt is for another file");
    assert_eq!(place.envelopes(), []);
}
