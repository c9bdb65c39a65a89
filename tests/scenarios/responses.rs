//! Which file a response is for, and how its addresses stand.

use oftp_core::mailbox::{Response, eerp_for};
use oftp_core::wire::{Eerp, Level, RecordFormat, Sfid, Stamp};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::stations::{Link, SendFile, sfid};

#[test]
fn the_addresses_change_places_on_the_way_back() {
    for level in [Level::V1_3, Level::V2_0] {
        let mut link = Link::with(|_| {}, |side| side.capabilities().level = level);
        let id = link.caller.send(SendFile {
            sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
            records: vec![b"data".to_vec()],
        });
        link.run();
        let [Response::Eerp(eerp)] = &link.caller.responses[..] else {
            panic!("{:?}", link.caller.responses);
        };
        assert_eq!((eerp.dest, eerp.orig), (code(ALPHA), code(BETA)));
        let file = &link.caller.outbox[&id].sfid;
        assert!(file.stamp.matches(&eerp.stamp), "{level}");
        assert_eq!(eerp.dsn, file.dsn);
    }
}

/// The names of the files that a response is for.
fn found(files: &[Sfid], eerp: Eerp) -> Option<String> {
    let response = Response::Eerp(Box::new(eerp));
    let sfid = response.find(files.iter())?;
    Some(sfid.dsn.to_string())
}

#[test]
fn a_response_finds_its_file_and_no_other() {
    let one = sfid("ONE", ALPHA, BETA, RecordFormat::U, 0);
    let two = sfid("TWO", ALPHA, BETA, RecordFormat::U, 0);
    let later = Sfid {
        stamp: Stamp::new("20071130", "1200000002").expect("digits"),
        ..one.clone()
    };
    let files = [one.clone(), two.clone()];
    assert_eq!(found(&files, eerp_for(&two)).as_deref(), Some("TWO"));
    assert_eq!(found(&files, eerp_for(&later)), None);
    let straight = Eerp {
        dest: one.dest,
        orig: one.orig,
        ..eerp_for(&one)
    };
    assert_eq!(found(&files, straight.clone()).as_deref(), Some("ONE"));
    let stranger = Eerp {
        orig: code("O0999NOBODY"),
        ..eerp_for(&one)
    };
    assert_eq!(found(&files, stranger), None);
    // Short stamps do not tell the two apart: neither is taken.
    let short = Eerp {
        stamp: one.stamp.for_level(Level::V1_3),
        ..eerp_for(&one)
    };
    assert_eq!(found(&files, short.clone()).as_deref(), Some("ONE"));
    assert_eq!(found(&[one, later], short), None);
}
