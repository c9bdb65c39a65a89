//! DATA that cannot have waited for CDT is a protocol violation (9.12 I, threat model D1).

use oftp_core::mailbox::Ended;
use oftp_core::session::AbortCause;
use oftp_core::wire::{CommandCode, EsidReason, RecordFormat};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, partner, settings, sfid};

fn framed(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len() + 4)
        .expect("short")
        .to_be_bytes();
    [&[0x10, length[1], length[2], length[3]][..], octets].concat()
}

/// A called station with an open file and a credit of 2, and what arrives in one piece.
fn received_at_once(buffers: usize) -> Option<Ended> {
    let mut offering = settings(ALPHA);
    offering.config.capabilities.window = 2;
    offering.config.capabilities.buffer_size = 128;
    let mut link = Link::new(
        Station::calling(offering, partner(BETA)),
        Station::called(settings(BETA), vec![partner(ALPHA)]),
    );
    link.caller.send(SendFile {
        sfid: sfid("DATA", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![vec![7; 10_000]],
    });
    link.called.mailbox.tick(link.now);
    // Everything up to SFPA by the honest partner; then its octets are replaced by ours.
    while link.called.inbox.is_empty() {
        assert!(link.step(), "the file is offered");
    }
    link.called.work();
    link.called
        .mailbox
        .n_data_ind(&framed(b"D\x02AB").repeat(buffers));
    link.called.work();
    link.called.ended().cloned()
}

#[test]
fn as_many_buffers_as_there_is_credit() {
    assert_eq!(received_at_once(2), None);
}

/// (threat model D1)
#[test]
fn one_more_than_there_is_credit() {
    let Some(Ended::Failed(abort)) = received_at_once(3) else {
        panic!("the session goes on");
    };
    assert_eq!(abort.reason, Some(EsidReason::PROTOCOL_VIOLATION));
    assert!(matches!(
        abort.cause,
        AbortCause::Violation {
            command: CommandCode::Data,
            ..
        }
    ));
}
