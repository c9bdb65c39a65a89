//! What a process leaves in the folder when it is killed behind EFPA.

use std::path::Path;

use oftp_core::wire::Security;
use oftp_station::monitor::{Monitor, Sending, Source, Tell};

use super::common::{Side, file, monitor, session};

/// A station that was killed before it opened a file of 1 MiB, which is small on the way.
fn killed(folder: &Path) -> Side {
    let mut alpha = Side::new(monitor("OALPHA", "alpha", "OBETA", "beta", None));
    let mut sfid = file("SECRET", "OALPHA", "OBETA");
    (sfid.sec, sfid.comp) = (Security::EncryptedAndSigned, 1);
    let sending = Sending {
        partner: None,
        sfid,
        source: Source::memory(vec![b' '; 1 << 20]),
    };
    alpha.monitor.send(sending).expect("sealed");
    let mut beta = Side::new(monitor("OBETA", "beta", "OALPHA", "alpha", None));
    beta.idle = true;
    beta.monitor.receive_into(Some(folder)).expect("a folder");
    session(&mut alpha, &mut beta, |_, _| {});
    assert_eq!(stored(folder), 0);
    alpha.monitor.suspend();
    alpha
}

fn again(folder: &Path, blocks: Option<u64>) -> Monitor {
    let mut beta = monitor("OBETA", "beta", "OALPHA", "alpha", blocks);
    beta.receive_into(Some(folder)).expect("a folder");
    beta
}

fn stored(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .filter(|name| !name.as_encoded_bytes().starts_with(b"."))
        .count()
}

#[test]
fn the_size_that_is_taken_is_that_of_what_was_left_too() {
    for (blocks, arrives) in [(Some(200), 0), (Some(2000), 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        drop(killed(folder.path()));
        again(folder.path(), blocks).open_what_was_left();
        assert_eq!(stored(folder.path()), arrives, "{blocks:?}");
    }
}

#[test]
fn what_cannot_be_opened_for_a_fault_of_this_side_is_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut alpha = killed(folder.path());
    let mut beta = Side::new(again(folder.path(), None));
    // A folder where files are expected cannot be read as one.
    let stray = folder.path().join(".sealed/stray");
    std::fs::create_dir(&stray).expect("made");
    beta.monitor.open_what_was_left();
    assert_eq!(stored(folder.path()), 0);
    std::fs::remove_dir(&stray).expect("removed");
    beta.monitor.open_what_was_left();
    assert_eq!(stored(folder.path()), 1);
    session(&mut beta, &mut alpha, |_, _| {});
    assert_eq!(alpha.monitor.result().delivered, 1);
    let warned = |tell: &Tell| matches!(tell, Tell::Warning(_));
    assert!(beta.told.iter().any(warned));
}

/// A session in which beta takes a file, and is given up before its response is sent.
fn give_up_behind_efpa(alpha: &mut Side, beta: &mut Side) {
    let sending = Sending {
        partner: None,
        sfid: file("PLAIN", "OALPHA", "OBETA"),
        source: Source::memory(vec![1; 10]),
    };
    alpha.monitor.send(sending).expect("sent");
    beta.takes = true;
    session(alpha, beta, |alpha, beta| {
        let stored = |tell: &Tell| matches!(tell, Tell::Complete(_));
        // EFPA is written, and the turn is not beta's.
        if !beta.monitor.has_session() {
            alpha.monitor.n_disc_ind();
        } else if beta.told.iter().any(stored) {
            beta.monitor.suspend();
        }
    });
    assert_eq!(alpha.monitor.result().open, 1);
}

#[test]
fn a_response_that_waits_outlives_a_session_that_is_given_up() {
    let mut alpha = Side::new(monitor("OALPHA", "alpha", "OBETA", "beta", None));
    let mut beta = Side::new(monitor("OBETA", "beta", "OALPHA", "alpha", None));
    give_up_behind_efpa(&mut alpha, &mut beta);
    let (mut alpha, mut beta) = (Side::new(alpha.monitor), Side::new(beta.monitor));
    session(&mut alpha, &mut beta, |_, _| {});
    assert_eq!(alpha.monitor.result().delivered, 1);
}

#[test]
fn a_file_that_is_not_opened_outlives_a_session_that_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut alpha = Side::new(monitor("OALPHA", "alpha", "OBETA", "beta", None));
    let mut beta = Side::new(again(folder.path(), None));
    for (name, security) in [("SEALED", Security::Encrypted), ("PLAIN", Security::None)] {
        let mut sfid = file(name, "OALPHA", "OBETA");
        (sfid.sec, sfid.sign) = (security, true);
        let sending = Sending {
            partner: None,
            sfid,
            source: Source::memory(vec![1; 10]),
        };
        alpha.monitor.send(sending).expect("sent");
    }
    beta.monitor.open_what_was_left();
    for _ in 0..2 {
        session(&mut alpha, &mut beta, |alpha, beta| {
            // EFPA is written, and the file is neither opened nor answered.
            if beta.monitor.result().received > 0 && beta.monitor.has_session() {
                beta.monitor.suspend();
                alpha.monitor.n_disc_ind();
            }
        });
        assert_eq!(beta.monitor.result().received, 1);
        (alpha, beta) = (Side::new(alpha.monitor), Side::new(beta.monitor));
    }
    beta.monitor.open_what_was_left();
    session(&mut alpha, &mut beta, |_, _| {});
    let result = alpha.monitor.result();
    assert_eq!((result.delivered, result.open), (2, 0));
}
