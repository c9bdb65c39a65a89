//! A file is sent, the turn is given away, the EERP comes back, and the session ends (TR-1).

use oftp_core::mailbox::{Ended, Response};
use oftp_core::wire::RecordFormat;
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, sfid};

#[test]
fn a_stream_arrives_and_is_answered() {
    let mut link = Link::plain();
    let octets: Vec<u8> = (0..300_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let id = link.caller.send(SendFile {
        sfid: sfid("DRAWING", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![octets.clone()],
    });
    link.run();
    let file = &link.called.inbox["DRAWING"];
    assert!(file.complete);
    assert!(file.octets == octets);
    assert_eq!(link.caller.sent, [id]);
    assert!(matches!(link.caller.responses[..], [Response::Eerp(_)]));
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    assert_eq!(link.called.ended(), Some(&Ended::Normally));
    assert!(link.caller.mailbox.session().is_over());
    assert!(link.called.mailbox.session().is_over());
}
