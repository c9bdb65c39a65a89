//! `oftp cms seal` and `oftp cms open`: envelopes without a session.

use crate::common::{ALPHA, BETA, Place, Process, Run, noise};

fn cms(place: &Place, arguments: &[&str]) -> Run {
    let mut command = place.oftp(&[&["cms"][..], arguments, &["--json"]].concat());
    Process::spawn(&mut command).finish()
}

fn seal(place: &Place, services: &[&str]) -> Run {
    let from = ["seal", "content", "-o", "sealed", "--force"];
    cms(place, &[&from[..], services, &ALPHA].concat())
}

fn open(place: &Place, options: &[&str]) -> Run {
    cms(
        place,
        &[&["open", "sealed", "-o", "opened"][..], options, &BETA].concat(),
    )
}

fn opened(place: &Place) -> Option<Vec<u8>> {
    std::fs::read(place.path("opened")).ok()
}

/// The place with a content of more than 1 MiB, so that progress is told.
fn with_content() -> (Place, Vec<u8>) {
    let place = Place::with_keys();
    let content = noise(1_500_000);
    place.write("content", &content);
    (place, content)
}

const LAYERS: [(&str, &str, &str); 3] = [
    ("--encrypt", "encrypt", "EnvelopedData"),
    ("--compress", "compress", "CompressedData"),
    ("--sign", "sign", "SignedData"),
];

#[test]
fn every_combination_of_layers_is_sealed_and_opened() {
    for bits in 1..8_u8 {
        let place = Place::with_keys();
        let content = noise(5_000);
        place.write("content", &content);
        let chosen: Vec<_> = (0..3)
            .filter(|bit| bits & (1 << bit) != 0)
            .map(|bit| LAYERS[bit])
            .collect();
        let services: Vec<_> = chosen.iter().map(|(service, ..)| *service).collect();
        let sealed = seal(&place, &services);
        let made = sealed.exits(0).one("envelope_made");
        let envelope = std::fs::read(place.path("sealed")).expect("an envelope");
        assert_eq!(made["octets"], envelope.len(), "{sealed}");
        let names: Vec<_> = chosen.iter().map(|(_, _, name)| *name).collect();
        let layers: Vec<_> = chosen.iter().map(|(_, layer, _)| *layer).collect();
        for options in [&[][..], &["--layers", &layers.join(",")]] {
            let run = open(&place, options);
            let event = run.exits(0).one("envelope_opened");
            assert_eq!(event["layers"], serde_json::json!(names), "{run}");
            assert_eq!(event["octets"], 5_000, "{run}");
            let signers = event["signed_by"].to_string();
            assert_eq!(
                signers.contains("CN=alpha"),
                layers.contains(&"sign"),
                "{run}"
            );
            assert!(opened(&place) == Some(content.clone()), "{services:?}");
            std::fs::remove_file(place.path("opened")).expect("it");
        }
    }
}

#[test]
fn progress_is_told() {
    let (place, content) = with_content();
    let sealed = seal(&place, &["--sign", "--encrypt", "--compress=1"]);
    let run = open(&place, &[]);
    for end in [&sealed, &run] {
        let progress = end.exits(0).all("envelope_progress");
        let first = progress.first().expect("progress");
        let octets = first["octets"].as_u64().expect("a number");
        let total = first["total"].as_u64().expect("a number");
        assert!((1 << 20..=total).contains(&octets), "{end}");
    }
    assert!(opened(&place) == Some(content));
}

#[test]
fn what_is_wrong_leaves_no_file() {
    let place = Place::with_keys();
    place.write("content", noise(5_000));
    seal(&place, &["--sign"]).exits(0);
    let good = std::fs::read(place.path("sealed")).expect("an envelope");
    let mut changed = good.clone();
    changed[2_500] ^= 1;
    for (octets, text) in [
        (changed, "no signature counts"),
        (good[..good.len() - 1].to_vec(), "cut off after"),
        ([&good[..], b"x"].concat(), "octets follow its end"),
    ] {
        place.write("sealed", octets);
        open(&place, &[]).exits(12).says(text);
        assert_eq!(opened(&place), None);
    }
    place.write("sealed", &good);
    let wrong = cms(
        &place,
        &[
            "open",
            "sealed",
            "-o",
            "opened",
            "--partner-cert",
            "gamma.pem",
        ],
    );
    wrong.exits(12).says("no signature counts");
    open(&place, &["--layers", "sign,encrypt"])
        .exits(12)
        .says("announced (SFIDSEC, SFIDCOMP)");
    assert_eq!(opened(&place), None);
    seal(&place, &["--sign", "--suite", "02"]).exits(0);
    open(&place, &["--no-legacy"])
        .exits(12)
        .says("is refused by policy");
    place.write("sealed", "ISA*00*no envelope at all");
    open(&place, &[]).exits(12).says("is no envelope");
    assert_eq!(opened(&place), None);
    let left = std::fs::read_dir(place.path("")).expect("a folder");
    let left = left.map(|entry| entry.expect("an entry").file_name());
    let left: Vec<_> = left
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert_eq!(left, [""; 0], "nothing half stays behind");
}

#[test]
fn a_file_that_is_there_is_replaced_by_force_alone() {
    let place = Place::with_keys();
    place.write("content", "new");
    place.write("opened", "precious");
    seal(&place, &["--sign"]).exits(0);
    open(&place, &[])
        .exits(2)
        .says("opened is there already; --force replaces it");
    assert_eq!(opened(&place).as_deref(), Some(&b"precious"[..]));
    // Not even by force for what is not right.
    let envelope = std::fs::read(place.path("sealed")).expect("an envelope");
    place.write("sealed", &envelope[..envelope.len() - 1]);
    open(&place, &["--force"]).exits(12);
    assert_eq!(opened(&place).as_deref(), Some(&b"precious"[..]));
    place.write("sealed", &envelope);
    open(&place, &["--force"]).exits(0);
    assert_eq!(opened(&place).as_deref(), Some(&b"new"[..]));
}

#[test]
fn a_request_for_nothing_or_without_keys() {
    let place = Place::with_keys();
    place.write("content", "x");
    seal(&place, &[])
        .exits(2)
        .says("--sign, --compress or --encrypt says what");
    let from = ["seal", "content", "-o", "sealed"];
    cms(&place, &[&from[..], &["--sign"]].concat())
        .exits(2)
        .says("to sign files");
    cms(&place, &[&from[..], &["--encrypt"]].concat())
        .exits(2)
        .says("--partner-cert names one");
    cms(&place, &["seal", "missing", "-o", "sealed", "--compress"]).exits(11);
    cms(&place, &["open", "missing", "-o", "opened"]).exits(11);
    assert!(!place.path("sealed").exists());
}

#[test]
fn the_records_of_a_v_file_get_their_lengths() {
    let place = Place::with_keys();
    place.write("content", "abc\n\nde\n");
    seal(&place, &["--sign", "--format", "V"]).exits(0);
    open(&place, &[]).exits(0);
    assert_eq!(
        opened(&place).as_deref(),
        Some(&b"\0\x03abc\0\0\0\x02de"[..])
    );
}

#[test]
fn openssl_reads_what_was_sealed_and_the_reverse() {
    let place = Place::with_keys();
    place.write("content", noise(5_000));
    seal(&place, &["--sign"]).exits(0);
    let verify = "cms -verify -binary -inform DER -in sealed -certfile alpha.pem -CAfile alpha.pem \
                  -purpose any -out by-openssl";
    if place.openssl(verify).is_none() {
        return;
    }
    let read = std::fs::read(place.path("by-openssl")).expect("it");
    assert!(read == noise(5_000));
    place.openssl(
        "cms -encrypt -binary -aes256 -stream -outform DER -in content -out sealed beta.pem",
    );
    open(&place, &["--layers", "encrypt"]).exits(0);
    assert!(opened(&place) == Some(noise(5_000)));
}
