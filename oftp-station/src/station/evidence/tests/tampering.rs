//! Whatever is changed in a folder is noticed; and where the sums are counted again, what the
//! partner has signed is noticed none the less.

use serde_json::Value;

use super::super::write::sum;
use super::*;

/// SHA256SUMS as somebody makes it who has changed something.
pub(super) fn count_again(folder: &Path) {
    let mut sums = String::new();
    for name in NAMES.into_iter().filter(|name| *name != SUMS) {
        if let Ok(octets) = std::fs::read(folder.join(name)) {
            sums.push_str(&sum(name, &octets));
        }
    }
    std::fs::write(folder.join(SUMS), sums).expect("a file");
}

/// The places of all values in it that are no objects or lists.
fn leaves(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, &format!("{at}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), all);
            }
        }
        _ => all.push(at.to_owned()),
    }
}

fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(is) => Value::Bool(!is),
        Value::Number(number) => Value::from(number.as_u64().unwrap_or(0) + 1),
        Value::String(text) => {
            let mut octets = text.clone().into_bytes();
            match octets.first_mut() {
                Some(first) => *first = if *first == b'1' { b'2' } else { b'1' },
                None => octets.push(b'X'),
            }
            Value::String(String::from_utf8(octets).expect("text"))
        }
        _ => Value::from("1"),
    }
}

#[test]
fn every_field_of_the_record_is_guarded() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    let path = folder.join(RECORD);
    let record: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
    let mut all = Vec::new();
    leaves(&record, "", &mut all);
    assert!(all.len() > 40, "{all:?}");
    let mut own_word = Vec::new();
    for at in &all {
        let mut other = record.clone();
        let value = other.pointer_mut(at).expect("a value");
        *value = changed(value);
        std::fs::write(&path, serde_json::to_vec_pretty(&other).expect("JSON")).expect("a file");
        let report = verified(&folder);
        assert!(!report.is_good(), "{at}: {report:?}");
        let sums = std::fs::read(folder.join(SUMS)).expect("a file");
        count_again(&folder);
        if verified(&folder).is_good() {
            own_word.push(at.as_str());
        }
        std::fs::write(folder.join(SUMS), sums).expect("a file");
    }
    // The station's own word, which nobody has signed. All else the signature gives away.
    own_word.sort_unstable();
    assert_eq!(
        own_word,
        [
            "/name",
            "/partner",
            "/sfid/SFIDCOMP",
            "/sfid/SFIDDESC",
            "/sfid/SFIDENV",
            "/sfid/SFIDFMT",
            "/sfid/SFIDFSIZ",
            "/sfid/SFIDLRECL",
            "/sfid/SFIDOSIZ",
            "/sfid/SFIDSEC",
            "/sfid/SFIDSIGN",
            "/sfid/SFIDUSER",
            "/software",
            "/times/begun",
            "/times/efpa",
            "/transmitted/octets",
            "/trust/sha1",
        ]
    );
}

#[test]
fn every_octet_of_the_response_is_guarded() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    for name in [RESPONSE, SIGNATURE] {
        let path = folder.join(name);
        let right = std::fs::read(&path).expect("a file");
        // All of the fields, and some of the signature: it is one value.
        let places = (0..right.len()).filter(|at| *at < 150 || at % 61 == 0);
        for at in places {
            let mut other = right.clone();
            other[at] ^= 1;
            std::fs::write(&path, &other).expect("a file");
            count_again(&folder);
            assert!(!verified(&folder).is_good(), "octet {at} of {name}");
        }
        for other in [
            &right[..right.len() - 1],
            &[],
            &[&right[..], b"X"].concat()[..],
        ] {
            std::fs::write(&path, other).expect("a file");
            count_again(&folder);
            assert!(!verified(&folder).is_good(), "another length of {name}");
        }
        std::fs::write(&path, &right).expect("a file");
    }
    count_again(&folder);
    assert!(verified(&folder).is_good());
}

#[test]
fn another_certificate_is_noticed() {
    for name in [CERTIFICATES, TRUST] {
        for others in [&["gamma"][..], &["alpha", "beta"], &[]] {
            let place = tempfile::tempdir().expect("folder");
            let row = file(4);
            let folder = written(place.path(), &row, &eerp(&row));
            let pem = others
                .iter()
                .map(|name| oftp_secure::keygen::certificate_pem(&certificate(name)).expect("PEM"));
            std::fs::write(folder.join(name), pem.collect::<String>()).expect("a file");
            assert!(!verified(&folder).is_good(), "{name}: {others:?}");
            count_again(&folder);
            let is_more = name == CERTIFICATES && others.len() == 2;
            // More certificates than are needed prove nothing and harm nothing.
            assert_eq!(verified(&folder).is_good(), is_more, "{name}: {others:?}");
        }
    }
}

#[test]
fn a_signature_of_somebody_whom_the_folder_is_made_to_trust_convinces_nobody_who_asks() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let mut forged = eerp_for(&row.sfid);
    let suite = Suite::of(4).expect("a suite");
    let signer = credential("gamma", "gamma");
    let hash = suite.hash.of(CONTENT);
    sign_eerp(&mut forged, &hash, suite, &signer, signing_time()).expect("a signature");
    let response = Response::Eerp(Box::new(forged));
    let trust = pinned("gamma");
    let proof = Proof {
        file: &row,
        response: &response,
        hash: None,
        certificates: &[certificate("gamma")],
        trust: &trust,
        times: Times::of(&row, &[], 1_795_700_003_000),
    };
    let folder = write(place.path(), &proof).expect("evidence");
    let report = verified(&folder);
    assert!(report.is_good());
    let gamma = certificate("gamma").fingerprint_hex();
    says(&report, "worth", Finding::Note, &gamma);
    let beta = load("beta.pem");
    let against = Against {
        trust: Some(&beta),
        ..Against::default()
    };
    assert!(!verify(&folder, against).expect("a folder")[0].is_good());
}

#[test]
fn missing_and_added_files_are_noticed() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    for name in NAMES.into_iter().filter(|name| folder.join(name).exists()) {
        let path = folder.join(name);
        let octets = std::fs::read(&path).expect("a file");
        std::fs::remove_file(&path).expect("a file");
        let report = verified(&folder);
        says(
            &report,
            "files",
            Finding::Bad,
            &format!("{name} is missing"),
        );
        if name != SUMS {
            let sums = std::fs::read(folder.join(SUMS)).expect("a file");
            count_again(&folder);
            assert!(!verified(&folder).is_good(), "{name}");
            std::fs::write(folder.join(SUMS), sums).expect("a file");
        }
        std::fs::write(&path, octets).expect("a file");
    }
    for name in ["note.txt", ".hidden", "3x", "02", "100", CRLS] {
        let path = folder.join(name);
        std::fs::write(&path, b"x").expect("a file");
        let report = verified(&folder);
        says(&report, "files", Finding::Bad, name);
        std::fs::remove_file(&path).expect("a file");
    }
    std::fs::create_dir(folder.join("2")).expect("a folder");
    let reports = verify(&folder, Against::default()).expect("a folder");
    assert_eq!(reports.len(), 2);
    assert!(!reports[1].is_good(), "{reports:?}");
}
