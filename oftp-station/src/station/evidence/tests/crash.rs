//! Ended between any two steps and done again: the same evidence, whole.

use std::io;

use super::super::write::{contents, in_steps};
use super::*;

/// Writes, and ends before this step as a crash does; true: there was such a step.
fn crash_before(evidence: &Path, file: &FileRow, response: &Response, at: usize) -> bool {
    let trust = pinned("beta");
    with_proof(file, response, &trust, |proof| {
        let files = contents(proof).expect("files");
        let mut step = 0;
        in_steps(evidence, proof, &files, &mut None, |_| {
            step += 1;
            if step > at {
                return Err(io::Error::other("crash"));
            }
            Ok(())
        })
    })
    .is_err()
}

fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path
                .file_name()
                .expect("name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("file"))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_crash_between_any_two_steps_is_made_good_by_doing_it_again() {
    let row = file(4);
    let response = eerp(&row);
    let place = tempfile::tempdir().expect("folder");
    let right = files_in(&written(place.path(), &row, &response));
    let mut crashes = 0;
    for at in 0.. {
        let place = tempfile::tempdir().expect("folder");
        if !crash_before(place.path(), &row, &response, at) {
            break;
        }
        crashes += 1;
        // Nothing that is not whole passes for evidence.
        for folder in folders(place.path()).expect("a folder") {
            assert!(verified(&folder).is_good(), "before step {at}");
        }
        // A torn file among what was left.
        for entry in std::fs::read_dir(place.path()).expect("a folder") {
            let torn = entry.expect("an entry").path().join(RESPONSE);
            if torn.exists() && folders(place.path()).expect("a folder").is_empty() {
                std::fs::write(torn, b"E").expect("a file");
            }
        }
        let folder = written(place.path(), &row, &response);
        assert_eq!(files_in(&folder), right, "before step {at}");
        assert!(verified(&folder).is_good());
        let left = std::fs::read_dir(place.path()).expect("a folder").count();
        assert_eq!(left, 1, "nothing else stays behind");
    }
    assert!(crashes > 8, "{crashes}");
}

#[test]
fn the_same_response_changes_nothing_and_another_one_lies_beside_it() {
    let row = file(4);
    let place = tempfile::tempdir().expect("folder");
    let response = eerp(&row);
    let first = written(place.path(), &row, &response);
    let right = files_in(&first);
    assert_eq!(written(place.path(), &row, &response), first);
    for at in 0.. {
        if !crash_before(place.path(), &row, &nerp(&row), at) {
            break;
        }
    }
    let second = written(place.path(), &row, &nerp(&row));
    assert_eq!(second, first.join("2"));
    assert_eq!(written(place.path(), &row, &nerp(&row)), second);
    assert_eq!(files_in(&first), right, "never overwritten");
    let reports = verify(&first, Against::default()).expect("a folder");
    let proves: Vec<_> = reports.iter().map(|report| report.proves).collect();
    assert_eq!(proves, [Proves::Delivery, Proves::NonDelivery]);
    says(
        &reports[0],
        "other responses",
        Finding::Note,
        "both are proven",
    );
    assert_eq!(list(place.path()).expect("a folder").len(), 2);
}

#[test]
fn evidence_that_was_damaged_is_not_overwritten() {
    let row = file(4);
    let place = tempfile::tempdir().expect("folder");
    let first = written(place.path(), &row, &eerp(&row));
    std::fs::remove_file(first.join(RESPONSE)).expect("a file");
    let left = files_in(&first);
    let second = written(place.path(), &row, &eerp(&row));
    assert_eq!(second, first.join("2"));
    assert_eq!(files_in(&first), left);
}

#[test]
fn a_file_that_came_and_one_of_ours_have_different_folders() {
    let place = tempfile::tempdir().expect("folder");
    let ours = file(4);
    let came = FileRow {
        way: Way::In,
        ..file(4)
    };
    let folders = [&ours, &came].map(|row| written(place.path(), row, &eerp(row)));
    assert_ne!(folders[0], folders[1]);
    says(
        &verified(&folders[1]),
        "direction",
        Finding::Note,
        "signed itself",
    );
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let nowhere = place.path().join("nowhere");
    let trust = pinned("beta");
    let response = eerp(&row);
    let result = with_proof(&row, &response, &trust, |proof| write(&nowhere, proof));
    assert!(result.is_err());
    // The name is taken by what is no folder.
    std::fs::write(place.path().join(folder_name(&row)), b"").expect("a file");
    let result = with_proof(&row, &response, &trust, |proof| write(place.path(), proof));
    assert!(result.is_err());
    assert_eq!(
        std::fs::read_dir(place.path()).expect("a folder").count(),
        1
    );
}
