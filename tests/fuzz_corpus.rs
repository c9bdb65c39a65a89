//! Replays the corpora of the fuzz targets: seeds, and every input that once found a fault.

use std::fs;
use std::path::Path;

use oftp_tests::fuzz::TARGETS;

#[test]
fn every_corpus_holds() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, target) in TARGETS {
        let files = fs::read_dir(corpora.join(name)).expect("every target has a corpus");
        let mut replayed = 0;
        for file in files {
            let path = file.expect("the folder can be read").path();
            let octets = fs::read(&path).expect("the file can be read");
            // The test shows its output only where it fails: the last name is the cause.
            println!("{}", path.display());
            target(&octets);
            replayed += 1;
        }
        assert!(replayed > 0, "the corpus of {name} is empty");
    }
}

/// Without these every envelope could be refused, and no fault ever be found behind that.
#[test]
fn envelopes_of_the_corpus_are_right_until_they_are_changed() {
    use oftp_tests::fuzz::envelope::{BETA, CONTENT, opens};
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let seeds = |target: &str| {
        let files = fs::read_dir(corpora.join(target)).expect("a corpus");
        let files = files.map(|file| file.expect("a file").path());
        let seeds = files.filter(|path| path.to_string_lossy().contains("suite"));
        seeds
            .map(|path| fs::read(path).expect("a seed"))
            .collect::<Vec<_>>()
    };
    let envelopes = seeds("cms");
    assert!(envelopes.len() >= 35);
    for octets in envelopes {
        assert_eq!(opens(&octets).expect("right"), CONTENT);
    }
    for octets in seeds("challenge") {
        let answer = oftp_secure::challenge::open_challenge(&octets, std::slice::from_ref(&BETA));
        assert!(answer.is_ok(), "{answer:?}");
    }
}

/// Scripts that no corpus holds: every decision is made, whatever the octets.
#[test]
fn any_octets_are_a_script() {
    for (_, target) in TARGETS {
        for octet in 0..=255 {
            target(&[octet; 40]);
        }
    }
}
