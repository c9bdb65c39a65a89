//! Responses in the making: the turn is kept for them, and nothing else waits.

use std::time::Duration;

use oftp_core::mailbox::{Ended, Reply, Response, eerp_for};
use oftp_core::wire::RecordFormat;
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

const LONG: Duration = Duration::from_secs(60);

fn file(dsn: &str, from: &str, to: &str) -> SendFile {
    SendFile {
        sfid: sfid(dsn, from, to, RecordFormat::U, 0),
        records: vec![b"data".to_vec()],
    }
}

/// The codes of the commands that a station has sent.
fn commands(station: &Station) -> String {
    let buffers = oftp_tests::lone::split(&station.octets_sent);
    buffers.iter().map(|b| char::from(b[0])).collect()
}

#[test]
fn the_session_waits_for_a_response_in_the_making() {
    let mut link = Link::plain();
    link.caller.send(file("FILE", ALPHA, BETA));
    link.called.reply = Reply::Later;
    link.called.mailbox.hold_turn(Some(LONG));
    link.run();
    assert_eq!(link.called.stored, ["FILE"]);
    assert_eq!((link.caller.ended(), link.called.ended()), (None, None));
    // SSRM, SSID, SFPA, EFPA (credit aside); the turn has come and is kept.
    assert!(commands(&link.called).ends_with('4'));

    let offered = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    let eerp = Response::Eerp(Box::new(eerp_for(&offered)));
    link.called.mailbox.queue_response(eerp);
    link.run();
    assert_eq!(link.caller.responses.len(), 1);
    assert_eq!(link.called.ended(), None, "still held");
    link.called.mailbox.hold_turn(None);
    link.run();
    assert_eq!(link.called.ended(), Some(&Ended::Normally));
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
}

#[test]
fn files_go_out_while_the_turn_is_held() {
    let mut link = Link::plain();
    link.caller.mailbox.hold_turn(Some(LONG));
    link.run();
    assert_eq!(link.caller.ended(), None);
    assert!(!commands(&link.caller).contains('R'), "CD is not sent");
    let id = link.caller.send(file("LATER", ALPHA, BETA));
    link.run();
    assert_eq!(link.caller.sent, [id]);
    assert!(!commands(&link.caller).contains('R'), "CD is not sent");
    link.caller.mailbox.hold_turn(None);
    link.run();
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    assert_eq!(link.caller.responses.len(), 1);
}

#[test]
fn what_takes_too_long_does_not_keep_the_session_open() {
    let mut link = Link::plain();
    link.called.mailbox.hold_turn(Some(LONG));
    link.run();
    assert_eq!(link.called.ended(), None);
    link.called.mailbox.tick(LONG - Duration::from_nanos(1));
    link.run();
    assert_eq!(link.called.ended(), None);
    assert_eq!(link.called.mailbox.next_deadline(), Some(LONG));
    link.called.mailbox.tick(LONG);
    link.run();
    assert_eq!(link.called.ended(), Some(&Ended::Normally));
}
