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

/// Scripts that no corpus holds: every decision is made, whatever the octets.
#[test]
fn any_octets_are_a_script() {
    for (_, target) in TARGETS {
        for octet in 0..=255 {
            target(&[octet; 40]);
        }
    }
}
