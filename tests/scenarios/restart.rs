//! Restart, agreed and not agreed, in blocks and in records.

use oftp_core::mailbox::Event;
use oftp_core::wire::RecordFormat;
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, Received, SendFile, Side, sfid};

/// Offers to go on at `rest`; where the file went on, and what arrived.
fn position(agreed: bool, rest: u64, held: Received, format: RecordFormat) -> u64 {
    let lrecl = if format == RecordFormat::U { 0 } else { 10 };
    let restart = |side: &mut Side| side.capabilities().restart = agreed;
    let mut link = Link::with(|_| {}, restart);
    link.called.inbox.insert("FILE".to_owned(), held);
    let mut sfid = sfid("FILE", ALPHA, BETA, format, lrecl);
    sfid.rest = rest;
    let records = match format {
        RecordFormat::U => vec![vec![5; 5_000]],
        _ => vec![vec![5; 10]; 20],
    };
    let octets: usize = records.iter().map(Vec::len).sum();
    link.caller.send(SendFile { sfid, records });
    link.run();
    let file = &link.called.inbox["FILE"];
    assert!(file.complete);
    assert_eq!(file.octets.len(), octets);
    assert_eq!(link.caller.responses.len(), 1);
    let wanted = link.caller.events.iter().find_map(|event| match event {
        Event::FileWanted { position, .. } => Some(*position),
        _ => None,
    });
    wanted.expect("the file was taken")
}

fn octets(count: usize) -> Received {
    Received {
        octets: vec![5; count],
        ..Received::default()
    }
}

fn records(count: usize) -> Received {
    Received {
        octets: vec![5; count * 10],
        ends: (1..=count).map(|n| n * 10).collect(),
        complete: false,
    }
}

/// (threat model N13)
#[test]
fn blocks_at_the_lower_of_what_is_offered_and_held() {
    let u = RecordFormat::U;
    assert_eq!(position(true, 4, octets(2_100), u), 2);
    assert_eq!(position(true, 1, octets(4_999), u), 1);
    assert_eq!(position(true, 4, octets(1_023), u), 0);
    assert_eq!(position(true, 0, octets(4_000), u), 0);
}

/// (threat model N13)
#[test]
fn records_at_the_lower_of_what_is_offered_and_held() {
    for format in [RecordFormat::F, RecordFormat::V] {
        assert_eq!(position(true, 15, records(4), format), 4);
        assert_eq!(position(true, 3, records(15), format), 3);
    }
}

#[test]
fn not_agreed_means_from_the_start() {
    assert_eq!(position(false, 4, octets(4_999), RecordFormat::U), 0);
    assert_eq!(position(false, 9, records(9), RecordFormat::V), 0);
}
