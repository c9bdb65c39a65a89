//! What must be secured is not sent otherwise, and what is not wanted is refused by name.

use std::net::TcpListener;

use oftp_core::wire::{Command, Level, Security, Sfid};

use crate::common::{ALPHA, BETA, Peer, Place, Process, level_of, noise, sfid};

#[test]
fn a_file_that_must_be_secured_is_not_sent_at_a_lower_level() {
    for service in ["--sign", "--compress", "--encrypt", "--signed-eerp"] {
        let place = Place::with_keys();
        place.write("file", noise(3_000));
        let listener = place.listen(&[&["--once", "--level", "1.4"][..], &BETA].concat());
        let run = place.send(listener.address, &[&["file", service][..], &ALPHA].concat());
        run.exits(5)
            .says("nothing of it was sent: what it is to be secured by needs level 2.0");
        let received = listener.finish();
        assert_eq!(received.all("file_offered").len(), 0, "{received}");
        place.assert_nothing_left();
    }
}

#[test]
fn nothing_of_a_file_that_must_be_secured_is_said_to_an_old_station() {
    for level in ["1.2", "1.3", "1.4"] {
        let place = Place::with_keys();
        place.write("file", noise(3_000));
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = port.local_addr().expect("an address");
        let script = std::thread::spawn(move || {
            let mut peer = Peer::answer(&port, "OBETA", level_of(level));
            match peer.receive().expect("a command") {
                // The turn, because there is nothing else to say; or the end.
                Command::Cd(cd) => {
                    peer.send(&Command::Cd(cd));
                    peer.expect_esid().0
                }
                Command::Esid(esid) => esid.reas.code(),
                other => panic!("{other:?} came"),
            }
        });
        let run = place.send(address, &[&["file", "--sign"][..], &ALPHA].concat());
        assert_eq!(script.join().expect("the partner"), 0, "{level} {run}");
        run.exits(5)
            .says("nothing of it was sent: what it is to be secured by needs level 2.0");
    }
}

/// Sends with these services to a listener with this policy, which refuses the file.
#[track_caller]
fn is_refused(policy: &[&str], services: &[&str], code: u8, text: &str) {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&[&["--once"][..], policy].concat());
    let run = place.send(
        listener.address,
        &[&["file"][..], services, &ALPHA].concat(),
    );
    run.exits(5);
    let refused = run.one("file_refused");
    assert_eq!(refused["command"], "SFNA", "{run}");
    assert_eq!(refused["reason"]["code"], code, "{policy:?} {run}");
    assert_eq!(refused["reason"]["text"], text, "{policy:?} {run}");
    assert_eq!(refused["retry"], false, "{run}");
    listener.finish().exits(0);
    assert_eq!(place.received(), []);
    place.assert_nothing_left();
}

/// (threat model N17)
#[test]
fn what_a_policy_does_not_take_is_refused_by_its_own_code() {
    for (policy, services, code, text) in [
        (
            &["--require", "encrypt"][..],
            &[][..],
            17,
            "files must be encrypted",
        ),
        (
            &["--forbid", "encrypt"],
            &["--encrypt"],
            16,
            "encrypted files are not taken",
        ),
        (
            &["--forbid", "compress"],
            &["--compress"],
            18,
            "this kind of compression is not taken here",
        ),
        (
            &["--forbid", "sign"],
            &["--sign"],
            19,
            "signed files are not taken",
        ),
        (&["--require", "sign"], &[], 20, "files must be signed"),
        (
            &["--require", "sign,encrypt"],
            &["--sign"],
            17,
            "files must be encrypted",
        ),
        (
            &["--require", "compress"],
            &["--sign"],
            99,
            "files must be compressed",
        ),
        (
            &["--require", "signed-eerp"],
            &["--sign"],
            99,
            "a signed end response must be asked for",
        ),
        (
            &["--forbid", "signed-eerp"],
            &["--signed-eerp"],
            99,
            "end responses are not signed here",
        ),
        (
            &["--accept-suite", "04,06"],
            &["--sign", "--suite", "02"],
            15,
            "cipher suite 02 is not taken here",
        ),
        (
            &[],
            &["--sign", "--suite", "08"],
            15,
            "cipher suite 08 is not taken here",
        ),
        (
            &["--no-legacy"],
            &["--encrypt", "--suite", "03"],
            15,
            "cipher suite 03 is not taken here",
        ),
        (
            &["--no-legacy"],
            &["--signed-eerp", "--suite", "02"],
            15,
            "cipher suite 02 is not taken here",
        ),
    ] {
        is_refused(&[&BETA[..], policy].concat(), services, code, text);
    }
}

#[test]
fn a_station_without_keys_takes_nothing_that_needs_them() {
    is_refused(&[], &["--sign"], 19, "signed files are not taken");
    is_refused(&[], &["--encrypt"], 16, "encrypted files are not taken");
}

#[test]
fn what_is_required_is_taken() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let policy = [
        "--once",
        "--no-legacy",
        "--require",
        "sign,encrypt,compress,signed-eerp",
    ];
    let listener = place.listen(&[&policy[..], &BETA].concat());
    let services = ["file", "--sign", "--encrypt", "--compress", "--signed-eerp"];
    place
        .send(listener.address, &[&services[..], &ALPHA].concat())
        .exits(0);
    listener.finish().exits(0);
    place.assert_nothing_left();
}

#[test]
fn a_policy_that_needs_keys_is_told_so_at_once() {
    let place = Place::with_keys();
    for (policy, text) in [
        (
            "sign",
            "signatures cannot be checked without --partner-cert",
        ),
        ("encrypt", "nothing can be decrypted without --own-key"),
    ] {
        let mut command = place.listener(&["--require", policy]);
        let run = Process::spawn(&mut command).finish();
        run.exits(2).says(text);
    }
    let both = ["--require", "sign", "--forbid", "sign"];
    let mut command = place.listener(&[&BETA[..], &both].concat());
    let run = Process::spawn(&mut command).finish();
    run.exits(2).says("both in --require and in --forbid");
}

/// (threat model N17)
#[test]
fn fields_that_contradict_each_other_are_refused() {
    let place = Place::with_keys();
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    let signed = Sfid {
        sec: Security::Signed,
        ciph: 4,
        env: 1,
        ..sfid(b"FILE")
    };
    for (wrong, code) in [
        (
            Sfid {
                env: 0,
                ..signed.clone()
            },
            99,
        ),
        (
            Sfid {
                ciph: 0,
                ..signed.clone()
            },
            99,
        ),
        (
            Sfid {
                env: 2,
                ..signed.clone()
            },
            99,
        ),
        (
            Sfid {
                ciph: 11,
                ..signed.clone()
            },
            15,
        ),
        (
            Sfid {
                comp: 2,
                ..signed.clone()
            },
            18,
        ),
        (
            Sfid {
                sign: true,
                ..sfid(b"FILE")
            },
            15,
        ),
    ] {
        peer.send(&Command::Sfid(wrong.clone()));
        assert_eq!(peer.expect_sfna(), (code, false), "{wrong:?}");
    }
    // It is the fields, and not the file.
    peer.send(&Command::Sfid(signed));
    assert_eq!(peer.expect_sfpa(), 0);
    drop(peer);
    listener.finish();
}
