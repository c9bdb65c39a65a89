//! A secured transfer that is cut goes on with the same octets, and a station that is killed opens
//! and answers what it has, when it begins again.

use oftp_core::wire::CommandCode;

use crate::common::{ALPHA, BETA, Cut, Listener, Place, Process, Proxy, Run, noise};

const SECURED: [&str; 4] = ["file", "--sign", "--encrypt", "--signed-eerp"];

/// Small buffers, so that a cut falls within many of them.
const SMALL: [&str; 4] = ["--buffer", "1000", "--credit", "8"];

impl Place {
    fn send_over(&self, listener: &Listener, cut: Cut, arguments: &[&str]) -> Run {
        let line = Proxy::to(listener.address, cut);
        let run = self.send(line.address, &[arguments, &ALPHA].concat());
        line.finish();
        run
    }
}

/// Cuts a transfer, begins the listener again, and goes on: the file arrives, and its signed
/// response is for just these octets.
#[track_caller]
fn goes_on(services: &[&str], content: &[u8], envelopes: usize) {
    let place = Place::with_keys();
    place.write("file", content);
    let layout = ["--records", "length16"];
    let arguments = [services, &SMALL, &layout].concat();
    let mut listener = place.listen(&[&layout[..], &BETA].concat());
    let cut = place.send_over(&listener, Cut::Octets(30_000), &arguments);
    assert_ne!(cut.code, Some(0), "{cut}");
    listener.wait_for("session_ended");
    listener.terminate();
    let kept = place.envelopes();
    assert_eq!(kept.len(), envelopes, "{services:?}");

    let listener = place.listen(&[&["--once"][..], &layout, &BETA].concat());
    let run = place.send_over(&listener, Cut::Before(CommandCode::Eerp), &arguments);
    let resumed = run.one("file_started")["resumed_at"].as_u64();
    assert!(resumed >= Some(20_000), "{services:?} {run}");
    assert_eq!(run.all("response").len(), 0, "{run}");
    assert!(
        place.envelopes() == kept,
        "kept until its response has come"
    );
    listener.finish();

    let listener = place.listen(&[&["--once"][..], &layout, &BETA].concat());
    let run = place.send(listener.address, &[&arguments[..], &ALPHA].concat());
    run.exits(0);
    let signer = run.one("response")["signed_by"]
        .as_str()
        .unwrap_or_default();
    assert!(signer.contains("CN=beta"), "{services:?} {run}");
    listener.finish().exits(0);
    assert!(place.contents() == [content], "{services:?}");
    place.assert_nothing_left();
}

#[test]
fn a_secured_file_goes_on_with_the_same_octets() {
    goes_on(&SECURED, &noise(60_000), 1);
}

#[test]
fn a_plain_file_with_a_signed_response_goes_on() {
    goes_on(&["file", "--signed-eerp"], &noise(60_000), 0);
}

#[test]
fn a_plain_v_file_with_a_signed_response_goes_on() {
    let records = [&b"\x01\x2c"[..], &noise(300)].concat().repeat(200);
    goes_on(&["file", "--signed-eerp", "--format", "V"], &records, 0);
}

#[test]
fn a_signed_v_file_goes_on() {
    let records = [&b"\x01\x2c"[..], &noise(300)].concat().repeat(200);
    goes_on(
        &["file", "--sign", "--signed-eerp", "--format", "V"],
        &records,
        1,
    );
}

#[test]
fn without_its_envelope_a_transfer_cannot_go_on() {
    let place = Place::with_keys();
    place.write("file", noise(60_000));
    let listener = place.listen(&[&["--sessions", "2"][..], &BETA].concat());
    let arguments = [&SECURED[..], &SMALL].concat();
    place.send_over(&listener, Cut::Octets(30_000), &arguments);
    for (name, _) in place.envelopes() {
        std::fs::remove_file(place.path("state/envelopes").join(name)).expect("an envelope");
    }
    let arguments = [&arguments[..], &ALPHA].concat();
    let run = place.send(listener.address, &arguments);
    run.exits(11).says("--again sends it as a new file");
    assert_eq!(run.all("connected").len(), 0, "{run}");
    let again = [&arguments[..], &["--again"]].concat();
    place.send(listener.address, &again).exits(0);
    listener.finish();
    assert!(place.contents() == [noise(60_000)]);
}

#[test]
fn a_file_that_was_not_opened_is_opened_and_answered_when_the_station_begins_again() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    // As after kill -9 between EFPA and the opening: envelope and note lie there, and the partner
    // has heard nothing. They come from a listener that has other keys, and puts them aside.
    let silent = ["--once", "--no-eerp"];
    let gamma = ["--own-key", "gamma.key", "--own-cert", "gamma.pem"];
    let trust = ["--partner-cert", "alpha.pem"];
    let listener = place.listen(&[&silent[..], &gamma, &trust].concat());
    let arguments = [&SECURED[..], &ALPHA].concat();
    place.send(listener.address, &arguments).exits(7);
    listener.finish();
    assert_eq!(place.received(), []);
    for (name, _) in place.set_aside() {
        let (from, to) = (
            place.inbox().join(".refused"),
            place.inbox().join(".sealed"),
        );
        std::fs::rename(from.join(&name), to.join(&name)).expect("a file");
    }
    assert_eq!(place.sealed().len(), 2, "the envelope and its note");

    let mut listener = place.listen(&[&["--once"][..], &BETA].concat());
    let opened = listener.wait_for("file_opened");
    assert_eq!(opened["session"], 0, "before any session: {opened}");
    let run = place.send(listener.address, &arguments);
    run.exits(0);
    assert_eq!(run.all("file_started").len(), 0, "{run}");
    let signer = run.one("response")["signed_by"]
        .as_str()
        .unwrap_or_default();
    assert!(signer.contains("CN=beta"), "{run}");
    listener.finish().exits(0);
    assert!(place.contents() == [noise(3_000)]);
    place.assert_nothing_left();
}

#[test]
fn a_station_that_is_killed_after_efpa_opens_and_answers_once() {
    for _ in 0..3 {
        let place = Place::with_keys();
        place.write("file", noise(300_000));
        let mut listener = place.listen(&BETA);
        let arguments = [&SECURED[..], &ALPHA].concat();
        let sender = Process::spawn(&mut place.sender(listener.address, &arguments));
        listener.wait_for("file_done");
        // Before, while or after the file is opened, as it happens.
        listener.kill();
        sender.finish();
        let waits = !place.sealed().is_empty();
        let mut listener = place.listen(&[&["--once"][..], &BETA].concat());
        if waits {
            listener.wait_for("file_opened");
        }
        let run = place.send(listener.address, &arguments);
        listener.finish().exits(0);
        // The response may have come before the end: then it is a new file, and a second one.
        run.exits(0);
        assert!(
            place
                .contents()
                .iter()
                .all(|octets| *octets == noise(300_000))
        );
        place.assert_nothing_left();
    }
}

#[test]
fn a_signed_response_outlives_its_station() {
    for cut in [CommandCode::Eerp, CommandCode::Rtr] {
        let place = Place::with_keys();
        place.write("file", noise(3_000));
        let mut listener = place.listen(&BETA);
        place.send_over(&listener, Cut::Before(cut), &SECURED);
        listener.wait_for("session_ended");
        listener.kill();
        assert_eq!(place.owed().len(), 1, "until it is confirmed");
        place.write("other", "x");
        let mut listener = place.listen(&[&["--once"][..], &BETA].concat());
        let file = if cut == CommandCode::Rtr {
            "other"
        } else {
            "file"
        };
        let run = place.send(
            listener.address,
            &[&[file][..], &SECURED[1..], &ALPHA].concat(),
        );
        run.exits(0);
        let ended = listener.wait_for("session_ended");
        assert_eq!(ended["reason"]["code"], 0);
        listener.finish().exits(0);
        place.assert_nothing_left();
    }
}
