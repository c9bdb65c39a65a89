//! Proofs of delivery as those check them who have no station: `oftp evidence`, and OpenSSL.

use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use oftp_core::mailbox::{Response, eerp_for};
use oftp_secure::certificate::hex;
use oftp_secure::response::sign_eerp;
use oftp_secure::{Suite, Trust};
use oftp_station::records::RecordLayout;
use oftp_station::station::evidence::{Proof, Times, write};
use oftp_station::station::journal::file::{FileKey, FileRow, FileState, Way};
use oftp_station::station::journal::now;

use crate::common::{Place, Process, Run, certificate, credential, sfid};

const CONTENT: &[u8] = b"what was sent";

/// Evidence in `evidence/` that beta has a file, and the file beside it.
fn evidence(place: &Place, suite: u8) -> PathBuf {
    let folder = place.path("evidence");
    std::fs::create_dir_all(&folder).expect("a folder");
    place.write("copy", CONTENT);
    let mut sfid = sfid(b"INVOICE");
    sfid.ciph = suite;
    sfid.sign = true;
    let suite = Suite::of(suite).expect("a suite");
    let hash = suite.hash.of(CONTENT);
    let mut eerp = eerp_for(&sfid);
    let signer = credential("beta");
    sign_eerp(&mut eerp, &hash, suite, &signer, SystemTime::now()).expect("a signature");
    let row = FileRow {
        key: FileKey(1),
        way: Way::Out,
        state: FileState::Sent,
        partner: "beta".to_owned(),
        sfid,
        name: "invoice".to_owned(),
        spool: "1".to_owned(),
        layout: RecordLayout::Lf,
        path: None,
        plan: "{}".to_owned(),
        sealed: false,
        hash: hex(&hash),
        octets: CONTENT.len() as u64,
        records: 0,
        position: 0,
        priority: 5,
        held: false,
        attempts: 1,
        retry_at: None,
        parent: None,
        trouble: None,
        created: now(),
        changed: now(),
        transferred: Some(now()),
        due: None,
    };
    let trust = Trust {
        pinned: vec![certificate("beta")],
        ..Trust::default()
    };
    let proof = Proof {
        file: &row,
        response: &Response::Eerp(Box::new(eerp)),
        hash: None,
        certificates: &[certificate("beta")],
        trust: &trust,
        times: Times::of(&row, &[], now()),
    };
    write(&folder, &proof).expect("evidence")
}

fn run(place: &Place, arguments: &[&str]) -> Run {
    let mut command = place.oftp(&[&["evidence"][..], arguments].concat());
    Process::spawn(&mut command).finish()
}

#[test]
fn a_proof_is_checked_without_a_station() {
    let place = Place::with_keys();
    let folder = evidence(&place, 4);
    let folder = folder.to_string_lossy();
    let checked = run(&place, &["verify", &folder, "--file", "copy", "--json"]);
    checked.exits(0);
    let verdict = checked.one("evidence");
    assert_eq!(
        (&verdict["good"], &verdict["proves"]),
        (&true.into(), &"delivery".into())
    );
    assert_eq!(verdict["file"]["dataset_name"], "INVOICE");
    let results = checked.all("evidence_checked");
    assert!(
        results.iter().all(|check| check["result"] != "bad"),
        "{checked}"
    );
    for (check, text) in [("hash", "SHA-256"), ("file", "copy"), ("trust", "CN=beta")] {
        let one = results.iter().find(|one| one["check"] == check);
        let why = one.and_then(|one| one["why"].as_str()).unwrap_or_default();
        assert!(why.contains(text), "{check}: {checked}");
    }
    // As text, and all that lies in the folder.
    let checked = run(&place, &["verify", "evidence", "--trust", "beta.pem"]);
    checked.exits(0);
    assert!(checked.out.contains(": proof of delivery\n"), "{checked}");
    assert!(
        checked.out.contains("trust was given by --trust"),
        "{checked}"
    );
    assert_eq!(
        run(&place, &["verify", "evidence", "--quiet"]).exits(0).out,
        ""
    );
    let listed = run(&place, &["list", "evidence", "--json"]);
    listed.exits(0);
    assert_eq!(listed.one("evidence_listed")["file"]["response"], "EERP");
    let listed = run(&place, &["list", "evidence"]);
    assert!(listed.exits(0).out.contains("CN=beta"), "{listed}");
}

#[test]
fn what_is_not_as_it_must_be_ends_with_12() {
    let place = Place::with_keys();
    let folder = evidence(&place, 4);
    let shown = folder.to_string_lossy();
    place.write("other", "other");
    let other = run(&place, &["verify", &shown, "--file", "other"]);
    other.exits(12);
    assert!(
        other.out.contains(": no proof\n") && other.out.contains("BAD   file"),
        "{other}"
    );
    run(&place, &["verify", &shown, "--trust", "gamma.pem"]).exits(12);
    std::fs::write(folder.join("response.p7m"), b"x").expect("a file");
    let damaged = run(&place, &["verify", &shown, "--json"]);
    damaged.exits(12);
    assert_eq!(damaged.one("evidence")["proves"], "nothing");
}

#[test]
fn what_cannot_be_asked_ends_with_2() {
    let place = Place::with_keys();
    let folder = evidence(&place, 4);
    let shown = folder.to_string_lossy();
    run(&place, &["verify"]).exits(2);
    run(&place, &["verify", "nowhere"]).exits(2);
    run(&place, &["verify", "inbox"])
        .exits(2)
        .says("there is no evidence in it");
    run(&place, &["verify", &shown, "--trust", "nowhere"]).exits(2);
    run(&place, &["verify", &shown, "--trust", "beta.key"]).exits(2);
    run(&place, &["verify", &shown, "--file", "nowhere"]).exits(2);
    run(&place, &["verify", &shown, &shown, "--file", "copy"])
        .exits(2)
        .says("can belong to one proof only");
    run(&place, &["list"]).exits(2).says("there is no station");
}

#[test]
fn other_programs_read_what_lies_there() {
    let place = Place::with_keys();
    // OpenSSL takes neither the digest of suite 07 with this padding in every release, nor any
    // objection to the old ones.
    for suite in [1, 2, 3, 4, 5, 6, 8, 9] {
        let _ = std::fs::remove_dir_all(place.path("evidence"));
        let folder = evidence(&place, suite);
        let folder = folder.to_string_lossy();
        let verify = format!(
            "cms -verify -binary -inform DER -in {folder}/response.p7m -certfile \
             {folder}/certificates.pem -CAfile {folder}/trust.pem -purpose any -out signed"
        );
        if place.openssl(&verify).is_none() {
            return;
        }
        let signed = std::fs::read(place.path("signed")).expect("what was signed");
        let hash = Suite::of(suite).expect("a suite").hash.of(CONTENT);
        assert!(
            signed.starts_with(b"INVOICE ") && signed.ends_with(&hash),
            "{suite}"
        );
    }
}

#[test]
fn the_sums_are_those_of_sha256sum() {
    let place = Place::with_keys();
    let folder = evidence(&place, 4);
    let check = || {
        Command::new("sha256sum")
            .args(["--check", "--strict", "SHA256SUMS"])
            .current_dir(&folder)
            .output()
    };
    let Ok(good) = check() else {
        let required = std::env::var("OFTP_TOOLS").is_ok_and(|value| value == "required");
        assert!(
            !required,
            "sha256sum is not installed, and OFTP_TOOLS=required"
        );
        eprintln!("SKIPPED: sha256sum is not installed, so it does not check what oftp wrote");
        return;
    };
    assert!(good.status.success(), "{good:?}");
    std::fs::write(folder.join("response.bin"), b"x").expect("a file");
    assert!(!check().expect("it ran before").status.success());
}
