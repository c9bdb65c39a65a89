//! Faults of the session: who we are, what is agreed, keys, files.

use std::net::TcpListener;

use oftp_core::mailbox::eerp_for;
use oftp_core::wire::{Command, CommandCode, Level};

use super::{PLAIN, TLS, examine, fails_at, verdict, with_listener};
use crate::common::{BETA, Peer, Place, sfid};

#[test]
fn a_file_that_is_refused() {
    let of_listener = ["--require", "sign"];
    let of_listener = [&of_listener[..], &BETA].concat();
    let (_, run) = with_listener(&[PLAIN], &of_listener, &["--test-file"]);
    fails_at(&run, "file", 5, &["SFNA 20", "sign = true"]);
    assert_eq!(verdict(&run, "end"), "ok", "{run}");
    // We sign with a key that the partner does not know.
    let protect = "[partner.beta.protect]\nsign = true";
    let other = [
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "gamma.pem",
    ];
    let (_, run) = with_listener(&[PLAIN, protect], &other, &["--test-file"]);
    fails_at(&run, "response", 6, &["NERP", "compare the certificates"]);
}

#[test]
fn our_code_is_not_known() {
    let (_, run) = with_listener(&[PLAIN], &["--partner", "OGAMMA"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["ESID 03", "`OALPHA`", "own_id", "SSIDCODE=OALPHA"],
    );
}

#[test]
fn another_station_answers() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        Peer::answer(&listener, "OOTHER", Level::V2_0)
            .expect_esid()
            .0
    });
    let run = examine(&place, address, &[PLAIN], &[]);
    assert_eq!(script.join().expect("the station"), 3);
    let words = [
        "OOTHER answered instead of OBETA",
        "SSIDCODE=OOTHER",
        "`stations`",
    ];
    fails_at(&run, "ssid", 4, &words);
}

#[test]
fn passwords_on_both_sides() {
    let ours = "password = { file = \"wrong\" }";
    let (_, run) = with_listener(&[PLAIN, ours], &["--partner", "OALPHA:right"], &[]);
    fails_at(&run, "ssid", 4, &["ESID 04", "does not take our password"]);
    let theirs = "their_password = { file = \"right\" }";
    let (_, run) = with_listener(&[PLAIN, theirs], &["--password-file", "wrong"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["wrong password from OBETA", "their_password"],
    );
}

#[test]
fn keys_of_authentication_that_do_not_fit() {
    let auth = "authentication = true";
    // The partner has somebody else's certificate for ours: we cannot open its challenge.
    let for_gamma = [
        "--auth",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "gamma.pem",
    ];
    let (_, run) = with_listener(&[PLAIN, TLS, auth], &for_gamma, &[]);
    let words = [
        "encrypted for",
        "CN=gamma",
        "we can open those for",
        "CN=alpha",
        "serial",
        "present certificate",
    ];
    fails_at(&run, "authentication", 4, &words);
    // We have somebody else's for the partner's: it cannot open ours.
    let other = "certificates = \"gamma.pem\"";
    let (_, run) = with_listener(
        &[PLAIN, other, auth],
        &[&["--auth"][..], &BETA].concat(),
        &[],
    );
    let words = [
        "ESID 11",
        "our challenge was for",
        "CN=gamma",
        "could not open our challenge",
    ];
    fails_at(&run, "authentication", 4, &words);
}

#[test]
fn authentication_on_one_side_alone() {
    let (_, run) = with_listener(&[PLAIN], &[&["--auth"][..], &BETA].concat(), &[]);
    fails_at(&run, "ssid", 4, &["SSIDAUTH", "authentication = true"]);
}

#[test]
fn levels_that_do_not_fit() {
    let lowest = "lowest_level = \"2.0\"";
    let (_, run) = with_listener(&[PLAIN, lowest], &["--level", "1.4"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["2.0 down to 2.0", "lowest_level", "SSIDLEV=4"],
    );
}

#[test]
fn responses_for_the_station_stay_with_the_partner() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&listener, "OBETA", Level::V2_0);
        peer.expect(CommandCode::Cd);
        // An end response to a file that the station sent some time ago.
        peer.send(&Command::Eerp(eerp_for(&sfid(b"REAL-FILE"))));
        peer.expect_esid()
    });
    let run = examine(&place, address, &[PLAIN], &[]);
    let (reason, text) = script.join().expect("the partner");
    // No RTR: it has to send it again.
    assert_eq!(reason, 99);
    assert!(text.contains("keep the response"), "{text}");
    run.exits(0);
    assert!(run.out.contains("the check left them there"), "{run}");
}
