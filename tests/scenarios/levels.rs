//! Every release level with every other: the lower one holds, a file arrives, and its response.

use oftp_core::mailbox::{Ended, Event};
use oftp_core::wire::{Level, RecordFormat};
use oftp_tests::lone::split;
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

const LEVELS: [Level; 4] = [Level::V1_2, Level::V1_3, Level::V1_4, Level::V2_0];

fn agreed(station: &Station) -> Level {
    let up = station.events.iter().find_map(|event| match event {
        Event::Up { agreed, .. } => Some(agreed.level),
        _ => None,
    });
    up.expect("the session was up")
}

#[test]
fn the_lower_level_holds() {
    for ours in LEVELS {
        for theirs in LEVELS {
            let mut link = Link::with(
                |side| side.capabilities().level = ours,
                |side| side.capabilities().level = theirs,
            );
            link.caller.send(SendFile {
                sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
                records: vec![b"data".to_vec()],
            });
            link.run();
            let what = format!("{ours} with {theirs}");
            assert_eq!(agreed(&link.caller), ours.min(theirs), "{what}");
            assert_eq!(agreed(&link.called), ours.min(theirs), "{what}");
            assert_eq!(link.called.inbox["FILE"].octets, b"data", "{what}");
            assert_eq!(link.caller.responses.len(), 1, "{what}");
            assert_eq!(link.caller.ended(), Some(&Ended::Normally), "{what}");
            // The layout tells the level: SFID of 1.2 to 1.4 has 128 octets.
            let commands = split(&link.caller.octets_sent);
            let sfid = commands.iter().find(|command| command[0] == b'H');
            let octets = if ours.min(theirs) == Level::V2_0 {
                165
            } else {
                128
            };
            assert_eq!(sfid.map(Vec::len), Some(octets), "{what}");
        }
    }
}

/// Nobody talks a partner down below its floor (threat model S9).
#[test]
fn a_partner_below_the_floor_is_turned_away() {
    let mut link = Link::with(
        |side| side.capabilities().level = Level::V1_3,
        |side| side.capabilities().min_level = Level::V1_4,
    );
    link.run();
    let Some(Ended::Failed(ind)) = link.caller.ended() else {
        panic!("{:?}", link.caller.ended());
    };
    assert_eq!(ind.reason.map(|reason| reason.code()), Some(10));
}
