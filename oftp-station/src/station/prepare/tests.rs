//! Envelopes of files of ours.

use super::super::fixture::{Place, plain};
use super::super::intake::{Content, Submission, Wishes, submit};
use super::super::journal::file::FileState;
use super::*;

const TEXT: &[u8] = &[b'x'; 5000];

fn queued(place: &Place, protection: Protection) -> FileRow {
    let file = Submission {
        content: Content::Reader(Box::new(TEXT)),
        name: "invoice".to_owned(),
        wishes: Wishes {
            protection: Some(protection),
            ..Wishes::default()
        },
    };
    submit(&place.journal, &place.config, place.partner(), file).expect("queued")
}

fn compressed() -> Protection {
    Protection {
        compress: Some(6),
        ..plain()
    }
}

#[test]
fn an_envelope_is_made_once() {
    let place = Place::new();
    let shared = place.shared();
    let row = queued(&place, compressed());
    let sealed = prepare(&shared, &row, place.partner()).expect("prepared");
    assert!(sealed.sealed && sealed.octets < 5000);
    assert_eq!(
        sealed.octets,
        fs::metadata(envelope(&shared, &row)).expect("there").len()
    );
    let sfid = &sealed.sfid;
    assert_eq!((sfid.fsiz, sfid.osiz), (sealed.octets.div_ceil(1024), 5));
    assert_eq!((sfid.comp, sfid.env, sfid.stamp), (1, 1, row.sfid.stamp));
    let octets = fs::read(envelope(&shared, &row)).expect("envelope");
    let again = prepare(&shared, &sealed, place.partner()).expect("prepared");
    assert_eq!(again, sealed);
    assert_eq!(fs::read(envelope(&shared, &row)).expect("envelope"), octets);
    let source = source(&shared, &again).expect("source");
    assert_eq!(source.facts().octets, sealed.octets);
    assert_eq!(source.facts().format, Format::Unstructured);
}

#[test]
fn killed_before_the_journal_knows_it_the_envelope_is_made_anew() {
    let place = Place::new();
    let row = queued(&place, compressed());
    let shared = place.shared();
    fs::write(envelope(&shared, &row), b"whole or not").expect("left");
    let sealed = prepare(&shared, &row, place.partner()).expect("prepared");
    let octets = fs::read(envelope(&shared, &row)).expect("envelope");
    let mut digest = Digest::new(plain().suite.hash);
    digest.update(&octets);
    assert_eq!(sealed.hash, hex(&digest.finish()));
}

#[test]
fn an_envelope_that_is_gone_cannot_be_replaced() {
    let place = Place::new();
    let shared = place.shared();
    let sealed = prepare(&shared, &queued(&place, compressed()), place.partner());
    let sealed = sealed.expect("prepared");
    fs::write(envelope(&shared, &sealed), b"other").expect("changed");
    let fault = prepare(&shared, &sealed, place.partner()).expect_err("changed");
    assert!(matches!(fault, PrepareFault::Permanent(_)), "{fault}");
    fs::remove_file(envelope(&shared, &sealed)).expect("removed");
    let fault = prepare(&shared, &sealed, place.partner()).expect_err("gone");
    assert!(matches!(fault, PrepareFault::Permanent(_)), "{fault}");
    assert!(fault.to_string().contains("oftp resend"), "{fault}");
}

#[test]
fn a_signed_response_needs_the_hash_of_what_is_sent() {
    let place = Place::new();
    let shared = place.shared();
    let asked = Protection {
        signed_response: true,
        ..plain()
    };
    let row = prepare(&shared, &queued(&place, asked), place.partner()).expect("prepared");
    let mut digest = Digest::new(plain().suite.hash);
    digest.update(TEXT);
    assert_eq!(row.hash, hex(&digest.finish()));
    assert!(row.sfid.sign && !row.sealed);
    assert_eq!(source(&shared, &row).expect("source").facts().octets, 5000);
}

#[test]
fn a_key_that_is_missing_now_may_come() {
    let place = Place::new();
    let shared = place.shared();
    let row = queued(&place, compressed());
    let mut plan = Plan::from_json(&row.plan).expect("plan");
    plan.sign = true;
    let row = FileRow {
        plan: plan.to_json(),
        ..row
    };
    let fault = prepare(&shared, &row, place.partner()).expect_err("no key");
    assert!(matches!(fault, PrepareFault::Later(_)), "{fault}");
    assert_eq!(Place::names(&place.folder().spool_out()), [row.spool]);
}

#[test]
fn a_file_that_was_taken_back_meanwhile_stays_so() {
    let place = Place::new();
    let row = queued(&place, compressed());
    let key = row.key;
    let cancelled = place.journal.write(move |db| {
        let none = serde_json::json!({});
        file::change(db, key, FileState::Cancelled, Change::default(), &none)
    });
    cancelled.expect("cancelled");
    let shared = place.shared();
    prepare(&shared, &row, place.partner()).expect_err("cancelled");
    assert!(!place.rows()[0].sealed);
}
