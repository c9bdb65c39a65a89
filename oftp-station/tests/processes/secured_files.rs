//! Files that are signed, compressed and encrypted, each or none, arrive as they were sent.

use serde_json::Value;

use crate::common::{ALPHA, BETA, Place, Process, every_format, layout, noise};

/// Sends every format once with these services, and looks at what the listener made of it.
#[track_caller]
fn exchange_every_format(services: &[&str]) {
    let place = Place::with_keys();
    for (name, options, octets) in every_format(&place, 65_535) {
        let listener =
            place.listen(&[&["--once", "--no-sync"][..], &layout(&options), &BETA].concat());
        let arguments = [
            &[name, "--signed-eerp", "--no-sync"][..],
            &options,
            &ALPHA,
            services,
        ]
        .concat();
        let run = place.send(listener.address, &arguments);
        run.exits(0);
        let received = listener.finish();
        received.exits(0);
        let what = format!("{name} {services:?}");
        let done = received.one("file_done");
        let content = match services {
            [] => done,
            _ => {
                // The octets of the line are an envelope, and are published nowhere.
                assert_eq!(done["path"], Value::Null, "{what} {received}");
                let opened = received.one("file_opened");
                let has = |service| Value::Bool(services.contains(&service));
                assert_eq!(opened["encrypted"], has("--encrypt"), "{what}");
                assert_eq!(opened["compressed"], has("--compress"), "{what}");
                let signers = opened["signed_by"].as_array().map_or(0, Vec::len);
                assert_eq!(signers, usize::from(services.contains(&"--sign")), "{what}");
                opened
            }
        };
        let path = content["path"].as_str().expect("a path");
        let stored = std::fs::read(place.path(path)).expect("a stored file");
        assert!(stored == octets, "{what}");
        let response = run.one("response");
        assert_eq!(response["command"], "EERP", "{what} {run}");
        let signer = response["signed_by"].as_str().expect("a signature");
        assert!(signer.contains("CN=beta"), "{what} {run}");
    }
    place.assert_nothing_left();
}

#[test]
fn every_format_with_a_signed_response_only() {
    exchange_every_format(&[]);
}

#[test]
fn every_format_signed() {
    exchange_every_format(&["--sign"]);
}

#[test]
fn every_format_compressed() {
    exchange_every_format(&["--compress"]);
}

#[test]
fn every_format_encrypted() {
    exchange_every_format(&["--encrypt"]);
}

#[test]
fn every_format_signed_and_compressed() {
    exchange_every_format(&["--sign", "--compress"]);
}

#[test]
fn every_format_signed_and_encrypted() {
    exchange_every_format(&["--sign", "--encrypt"]);
}

#[test]
fn every_format_compressed_and_encrypted() {
    exchange_every_format(&["--compress", "--encrypt"]);
}

#[test]
fn every_format_signed_compressed_and_encrypted() {
    exchange_every_format(&["--sign", "--compress", "--encrypt"]);
}

#[test]
fn every_suite_in_both_directions_of_a_session() {
    const SERVICES: [&str; 4] = ["--sign", "--compress", "--encrypt", "--signed-eerp"];
    for code in 1..=10 {
        let place = Place::with_keys();
        let (there, back) = (noise(5_000), noise(7_000));
        place.write("there", &there);
        place.write("back", &back);
        std::fs::create_dir(place.path("inbox-of-alpha")).expect("a folder");
        let code = format!("{code:02}");
        let suite = ["--suite", &code, "--accept-suite", &code];
        let answer = ["--once", "--send-file", "back"];
        let mut listener = place.listen(&[&answer[..], &BETA, &SERVICES, &suite].concat());
        let call = ["there", "--directory", "inbox-of-alpha"];
        let run = place.send(
            listener.address,
            &[&call[..], &ALPHA, &SERVICES, &suite].concat(),
        );
        run.exits(0);
        listener.wait_for("session_ended");
        let answered = listener.finish();
        answered.exits(0);
        assert!(place.contents() == [there], "{code} {answered}");
        let opened = run.one("file_opened")["path"].as_str().expect("a path");
        let stored = std::fs::read(place.path(opened)).expect("a stored file");
        assert!(stored == back, "{code} {run}");
        for (end, own) in [(&run, "CN=beta"), (&answered, "CN=alpha")] {
            let responses = end.all("response").into_iter();
            let came: Vec<_> = responses.filter(|one| one["direction"] == "in").collect();
            let [response] = came[..] else {
                panic!("{code} {end}");
            };
            let signer = response["signed_by"]
                .as_str()
                .unwrap_or_else(|| panic!("{code} {end} {run}"));
            assert!(signer.contains(own), "{code} {end}");
        }
        place.assert_nothing_left();
    }
}

#[test]
fn a_record_that_has_no_room_for_its_length_is_told_before_the_call() {
    let place = Place::with_keys();
    let record = [&65_536_u32.to_be_bytes()[..], &noise(65_536)].concat();
    place.write("long", record);
    let listener = place.listen(&BETA);
    let format = ["long", "--format", "V", "--records", "length32", "--sign"];
    let run = place.send(listener.address, &[&format[..], &ALPHA].concat());
    run.exits(11)
        .says("a record of 65536 octets cannot be secured, 65535 is the longest");
    assert_eq!(run.all("connected").len(), 0, "{run}");
    // It was never begun: the same stamps are not to be used for an envelope that is not there.
    assert_eq!(place.envelopes(), []);
    listener.terminate();
}

#[test]
fn envelopes_are_kept_where_that_is_asked_for() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    std::fs::create_dir(place.path("proofs")).expect("a folder");
    let keep = ["--once", "--keep-sealed", "proofs"];
    let listener = place.listen(&[&keep[..], &BETA].concat());
    let sign = ["file", "--sign", "--compress"];
    place
        .send(listener.address, &[&sign[..], &ALPHA].concat())
        .exits(0);
    listener.finish().exits(0);
    let name = &place.received()[0].0;
    let kept = format!("proofs/{name}.p7m");
    let open = [
        "cms",
        "open",
        &kept,
        "-o",
        "opened",
        "--layers",
        "sign,compress",
    ];
    let opened = Process::spawn(&mut place.oftp(&[&open[..], &BETA].concat()));
    opened.finish().exits(0);
    assert!(std::fs::read(place.path("opened")).expect("it") == noise(3_000));
}

/// What cannot be kept is not published either: it is tried again when the station begins again.
#[test]
fn a_file_whose_envelope_cannot_be_kept_stays_in_it() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let keep = ["--once", "--keep-sealed", "proofs"];
    std::fs::create_dir(place.path("proofs")).expect("a folder");
    let listener = place.listen(&[&keep[..], &BETA].concat());
    std::fs::remove_dir(place.path("proofs")).expect("it is empty");
    let sign = ["file", "--sign"];
    place
        .send(listener.address, &[&sign[..], &ALPHA].concat())
        .exits(7);
    assert!(listener.finish().errors().contains("proofs"));
    assert_eq!(place.contents().len(), 0);
    std::fs::create_dir(place.path("proofs")).expect("a folder");
    let mut listener = place.listen(&[&keep[..], &BETA].concat());
    // It opens what was left beside its sessions: a caller may come too early for the response.
    listener.wait_for("file_opened");
    place
        .send(listener.address, &[&sign[..], &ALPHA].concat())
        .exits(0);
    listener.finish().exits(0);
    assert!(place.contents() == [noise(3_000)]);
    place.assert_nothing_left();
}
