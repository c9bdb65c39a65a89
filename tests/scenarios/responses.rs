//! Which file a response is for, and how its addresses stand.

use oftp_core::mailbox::{Response, eerp_for, nerp_for};
use oftp_core::state::State;
use oftp_core::wire::{Command, Eerp, Level, NerpReason, RecordFormat, Sfid, Stamp, Text, sth};
use oftp_tests::lone::{Lone, Setup, Side};
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

/// Hash and signature may each have 65,535 octets by their length fields: more than a command can
/// have together (threat model R6).
#[test]
fn lengths_that_no_command_can_have_are_not_sent_and_not_taken() {
    let file = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    let mut eerp = eerp_for(&file);
    let reason = NerpReason::UNSPECIFIED;
    let mut nerp = nerp_for(&file, code(BETA), reason, Text::default());
    let mut good = Vec::new();
    let encoded = Command::Eerp(eerp.clone()).encode(Level::V2_0, &mut good);
    encoded.expect("without both it is short");
    (eerp.hsh, eerp.sig) = (vec![1; 0xFFFF], vec![1; 0xFFFF]);
    (nerp.hsh, nerp.sig) = (eerp.hsh.clone(), eerp.sig.clone());
    for response in [Command::Eerp(eerp), Command::Nerp(nerp)] {
        let mut out = Vec::new();
        let refused = response.encode(Level::V2_0, &mut out).expect_err("long");
        assert!(refused.to_string().contains("exceeds 99999"), "{refused}");
        assert!(out.is_empty());
    }
    // A partner that sends all of it, and one that stops where a buffer ends.
    let head = &good[..good.len() - 4];
    let whole = [
        head,
        &[0xFF, 0xFF],
        &[1; 0xFFFF],
        &[0xFF, 0xFF],
        &[1; 0xFFFF],
    ]
    .concat();
    assert_eq!(whole.len(), 131_180);
    for octets in [&whole[..], &whole[..99_999]] {
        let setup = Setup::new(Side::Responder);
        let mut lone = Lone::in_state(setup, State::IdleLi).expect("Listener");
        lone.stream(&[&sth::header(octets.len())[..], octets].concat());
        assert_eq!(lone.outputs(), ["ESID(R=07)", "F_ABORT_IND(R=07,AO=L)"]);
    }
}
