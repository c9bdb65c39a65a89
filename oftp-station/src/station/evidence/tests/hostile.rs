//! A folder that somebody has made to harm who checks it.

use proptest::prelude::*;

use super::*;

#[test]
fn nothing_in_a_folder_leads_out_of_it() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    let secret = place.path().join("secret");
    std::fs::write(&secret, b"the secret").expect("a file");
    // A name in the sums.
    let sums = std::fs::read_to_string(folder.join(SUMS)).expect("a file");
    let added = format!("{sums}{}", write::sum("../secret", b"the secret"));
    std::fs::write(folder.join(SUMS), added).expect("a file");
    says(
        &verified(&folder),
        "files",
        Finding::Bad,
        "a line that it cannot have",
    );
    std::fs::write(folder.join(SUMS), &sums).expect("a file");
    // A field of the record: there is none for a path, and none is taken.
    let path = folder.join(RECORD);
    let right = std::fs::read_to_string(&path).expect("a file");
    let with_path = right.replacen('{', "{\"file\": \"../secret\",", 1);
    std::fs::write(&path, with_path).expect("a file");
    says(&verified(&folder), "record", Finding::Bad, "unknown field");
    std::fs::write(&path, &right).expect("a file");
    // Links, a pipe, a folder.
    for name in [RECORD, CERTIFICATES, SUMS] {
        let path = folder.join(name);
        let octets = std::fs::read(&path).expect("a file");
        let outside = place.path().join("outside");
        std::fs::write(&outside, &octets).expect("a file");
        std::fs::remove_file(&path).expect("a file");
        std::os::unix::fs::symlink(&outside, &path).expect("a link");
        says(&verified(&folder), "files", Finding::Bad, "cannot be read");
        std::fs::remove_file(&path).expect("a link");
        std::fs::create_dir(&path).expect("a folder");
        says(&verified(&folder), "files", Finding::Bad, "no regular file");
        std::fs::remove_dir(&path).expect("a folder");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &path, fifo, mode, 0).expect("a pipe");
        says(&verified(&folder), "files", Finding::Bad, "no regular file");
        std::fs::remove_file(&path).expect("a pipe");
        std::fs::write(&path, octets).expect("a file");
    }
    std::os::unix::fs::symlink(place.path(), folder.join("2")).expect("a link");
    says(
        &verified(&folder),
        "files",
        Finding::Bad,
        "2 does not belong here",
    );
    std::fs::remove_file(folder.join("2")).expect("a link");
    assert!(verified(&folder).is_good());
}

#[test]
fn a_file_without_end_is_not_read_to_its_end() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    let large = std::fs::File::create(folder.join(RESPONSE)).expect("a file");
    large.set_len(1 << 40).expect("a length");
    says(
        &verified(&folder),
        "files",
        Finding::Bad,
        "more than 1048576 octets",
    );
}

#[test]
fn what_a_record_says_is_shown_without_harm() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &eerp(&row));
    let path = folder.join(RECORD);
    let right = std::fs::read_to_string(&path).expect("a file");
    let evil = right.replace("INVOICE/1", "A\\u001b[2J\\u202eB");
    std::fs::write(&path, evil).expect("a file");
    let report = verified(&folder);
    let shown = format!(
        "{:?}",
        report.entry.as_ref().map(|entry| &entry.dataset_name)
    );
    for text in report.checks.iter().map(|check| &check.why).chain([&shown]) {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

fn any_octets() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_octets_in_any_file_are_no_proof_and_no_panic(
        octets in any_octets(),
        which in 0..NAMES.len(),
        at in any::<proptest::sample::Index>(),
        keep in any::<bool>(),
    ) {
        let place = tempfile::tempdir().expect("folder");
        let row = file(4);
        let folder = written(place.path(), &row, &eerp(&row));
        let path = folder.join(NAMES[which]);
        let right = std::fs::read(&path).unwrap_or_default();
        // In the place of the file, or of its end.
        let other = if keep {
            [&right[..at.index(right.len() + 1)], &octets].concat()
        } else {
            octets
        };
        std::fs::write(&path, &other).expect("a file");
        let is_good = verified(&folder).is_good();
        prop_assert_eq!(is_good, other == right && path.exists() && !right.is_empty());
        if NAMES[which] != SUMS {
            tampering::count_again(&folder);
        }
        let _ = verified(&folder);
        let _ = list(place.path()).expect("a folder");
    }
}
