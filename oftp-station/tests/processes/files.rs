//! Files of every format, at every level, in both directions, arrive as they were sent.

use crate::common::{Place, every_format, layout, noise};

const LEVELS: [&str; 4] = ["1.2", "1.3", "1.4", "2.0"];

/// Sends every format once, with these options on both sides.
#[track_caller]
fn exchange_every_format(of_sender: &[&str], of_listener: &[&str]) {
    let place = Place::new();
    for (name, options, octets) in every_format(&place, 99_999) {
        let listener = place.listen(&[&["--once"][..], &layout(&options), of_listener].concat());
        let run = place.send(
            listener.address,
            &[&[name][..], &options, of_sender].concat(),
        );
        run.exits(0);
        let received = listener.finish();
        received.exits(0);
        let done = received.one("file_done");
        let path = done["path"].as_str().expect("a path");
        let stored = std::fs::read(place.path(path)).expect("a stored file");
        assert!(stored == octets, "{name} {of_sender:?} {of_listener:?}");
        for count in ["octets", "records"] {
            assert_eq!(done[count], run.one("file_done")[count], "{name} {run}");
        }
        assert_eq!(run.one("response")["command"], "EERP", "{name} {run}");
    }
    assert_eq!(place.notes(), 0, "what is delivered is forgotten");
    assert_eq!(place.partial(), [], "nothing stays behind");
}

#[test]
fn every_format_at_level_2_0() {
    exchange_every_format(&[], &[]);
}

#[test]
fn every_format_at_level_1_3() {
    exchange_every_format(&["--level", "1.3"], &[]);
}

#[test]
fn every_format_with_the_smallest_buffer_and_credit() {
    exchange_every_format(&["--buffer", "128", "--credit", "1"], &["--level", "1.2"]);
}

#[test]
fn every_format_compressed() {
    exchange_every_format(&["--compression"], &["--compression", "--level", "1.4"]);
}

#[test]
fn the_lower_level_holds_whichever_side_has_it() {
    for caller in LEVELS {
        for called in LEVELS {
            let place = Place::new();
            place.write("invoice.edi", b"UNH+1'\r\n");
            let listener = place.listen(&["--once", "--level", called]);
            let level = ["--level", caller];
            let options = [&["invoice.edi", "--format", "T"][..], &level].concat();
            let run = place.send(listener.address, &options);
            run.exits(0);
            let agreed = run.one("session_started")["level"].clone();
            // SSIDLEV 1 stands for 1.2 and 1.3 where they are written alike.
            assert_eq!(agreed, *caller.min(called), "{caller} calls {called}");
            listener.finish().exits(0);
            assert_eq!(place.contents(), [b"UNH+1'\r\n"]);
        }
    }
}

#[test]
fn several_files_in_one_session_and_their_names() {
    let place = Place::new();
    place.write("a.edi", "first");
    place.write("Bremsscheibe groß.CATPart", "second");
    let listener = place.listen(&["--once"]);
    let files = ["a.edi", "Bremsscheibe groß.CATPart"];
    let run = place.send(listener.address, &files);
    run.exits(0);
    assert_eq!(run.all("response").len(), 2, "{run}");
    let names = place.received();
    assert!(names[0].0.contains(".A_2EEDI.OALPHA.OBETA"), "{names:?}");
    assert!(
        names[1].0.contains(".BREMSSCHEIBE-GROSS_2ECATPART."),
        "{names:?}"
    );
    assert_eq!(place.contents(), [b"first".to_vec(), b"second".to_vec()]);
    listener.finish().exits(0);
}

#[test]
fn what_the_other_station_is_told_of_a_file() {
    let place = Place::new();
    place.write("a", "x");
    let listener = place.listen(&["--once", "--accept-destination", "OGAMMA"]);
    let told = [
        "a",
        "--dsn",
        "DRAWING-1",
        "--stamp",
        "20260131120455",
        "--destination",
        "OGAMMA",
        "--description",
        "Bremsscheibe, grün",
        "--file-user-data",
        "USR",
    ];
    place.send(listener.address, &told).exits(0);
    let received = listener.finish();
    let offered = received.one("file_offered");
    assert_eq!(offered["description"], "Bremsscheibe, grün");
    assert_eq!(offered["file"]["dsn"], "DRAWING-1");
    assert_eq!(
        place.received()[0].0,
        "20260131.1204550001.DRAWING-1.OALPHA.OGAMMA"
    );
}

#[test]
fn the_listener_sends_files_when_it_gets_the_turn() {
    let place = Place::new();
    let back = place.write("answer.dat", noise(40_000));
    let other = Place::new();
    // A listener that calls nobody sends when somebody calls: here a listener's own sender.
    for level in LEVELS {
        let file = back.to_str().expect("a path");
        let listener = place.listen(&["--once", "--send-file", file, "--level", level]);
        let mut peer =
            crate::common::Peer::call(listener.address, "OALPHA", crate::common::level_of(level));
        let received = take_one_file(&mut peer);
        assert!(received == noise(40_000), "{level}");
        let run = listener.finish();
        run.exits(0);
        assert_eq!(run.one("file_done")["direction"], "out", "{run}");
    }
    assert_eq!(other.notes(), 0);
}

/// Gives the turn, takes a plain file, and ends the session.
fn take_one_file(peer: &mut crate::common::Peer) -> Vec<u8> {
    use oftp_core::wire::{Cd, Command, CommandCode, Efpa, Esid, EsidReason, Sfpa, Text};
    peer.send(&Command::Cd(Cd));
    peer.expect_sfid();
    peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
    let octets = peer.receive_file().concat();
    peer.send(&Command::Efpa(Efpa { cd: false }));
    // The turn comes back: nothing more to send.
    peer.expect(CommandCode::Cd);
    let (reas, reast) = (EsidReason::NORMAL, Text::default());
    peer.send(&Command::Esid(Esid { reas, reast }));
    octets
}

#[test]
fn a_sender_that_does_not_wait_is_content_with_efpa() {
    let place = Place::new();
    place.write("a", "x");
    let listener = place.listen(&["--sessions", "2", "--no-eerp"]);
    let run = place.send(listener.address, &["a", "--no-wait-eerp"]);
    run.exits(0);
    assert_eq!((run.all("response").len(), place.notes()), (0, 0), "{run}");
    let run = place.send(listener.address, &["a", "--wait-eerp"]);
    run.exits(7);
    assert!(
        run.warnings().contains("no End to End Response yet"),
        "{run}"
    );
    assert_eq!(place.notes(), 1, "it may still come");
    listener.finish().exits(0);
    assert_eq!(place.contents().len(), 2);
}

#[test]
fn people_get_lines_and_no_json() {
    let place = Place::new();
    place.write("a.txt", "x");
    let listener = place.listen(&["--once"]);
    let address = listener.address.to_string();
    let options = ["--id", "OALPHA", "--partner", "OBETA", "--state", "state"];
    let arguments = [&["send", &address, "a.txt"][..], &options].concat();
    let run = crate::common::Process::spawn(&mut place.oftp(&arguments)).finish();
    run.exits(0);
    for text in [
        "a.txt is sent as A.TXT of 2",
        "A.TXT of",
        "sent, 1 octets",
        "EERP received",
    ] {
        assert!(run.out.contains(text), "no `{text}` in {run}");
    }
    assert!(!run.out.contains('{') && run.err.is_empty(), "{run}");
}
