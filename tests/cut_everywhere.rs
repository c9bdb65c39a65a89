//! The connection breaks after every single octet of a session, of either side; the next session
//! of the same stations delivers each file once and whole.

use std::collections::BTreeSet;

use oftp_core::mailbox::{Directory, Ended, Event, Mailbox, Response, Settings};
use oftp_core::session::Addresses;
use oftp_core::wire::{Level, RecordFormat};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, partner, settings, sfid};

/// A stream of 2.5 blocks and a file of records, some of them empty.
fn files() -> [SendFile; 2] {
    let stream: Vec<u8> = (0..2_500_u32).map(|n| (n * 31 % 253) as u8).collect();
    let records = (0..12_u8).map(|n| (0..n % 5 * 45).map(|octet| octet ^ n).collect());
    [
        SendFile {
            sfid: sfid("STREAM", ALPHA, BETA, RecordFormat::U, 0),
            records: vec![stream],
        },
        SendFile {
            sfid: sfid("RECORDS", ALPHA, BETA, RecordFormat::V, 200),
            records: records.collect(),
        },
    ]
}

/// A file for the way back.
fn reply() -> SendFile {
    SendFile {
        sfid: sfid("REPLY", BETA, ALPHA, RecordFormat::F, 7),
        records: (0..9_u8).map(|n| vec![n; 7]).collect(),
    }
}

/// Small buffers, so that there are many of them and credit is short.
fn settings_of(who: &str, level: Level) -> Settings {
    let mut settings = settings(who);
    let capabilities = &mut settings.config.capabilities;
    capabilities.level = level;
    capabilities.buffer_size = 200;
    capabilities.window = 3;
    settings
}

fn link(level: Level) -> Link {
    let mut link = Link::new(
        Station::calling(settings_of(ALPHA, level), partner(BETA)),
        Station::called(settings_of(BETA, level), vec![partner(ALPHA)]),
    );
    for file in files() {
        link.caller.send(file);
    }
    link.called.send(reply());
    link
}

/// The next session of the same stations.
fn run_again(link: &mut Link, level: Level) {
    let caller = Mailbox::call(
        settings_of(ALPHA, level),
        partner(BETA),
        Addresses::default(),
    );
    link.caller.resume(caller.expect("no authentication"));
    let directory = Directory {
        partners: vec![partner(ALPHA)],
        ..Directory::default()
    };
    let called = Mailbox::answer(settings_of(BETA, level), directory);
    link.called.resume(called);
    link.cut_after = None;
    link.cut_called_after = None;
    link.run();
}

/// Everything has arrived once, whole, and is answered.
fn check(link: &Link, what: &str) {
    for (file, station) in files()
        .iter()
        .map(|file| (file, &link.called))
        .chain([(&reply(), &link.caller)])
    {
        let name = String::from_utf8_lossy(file.sfid.dsn.trimmed()).into_owned();
        let received = &station.inbox[&name];
        assert!(received.complete, "{what}: {name}");
        assert!(received.octets == file.records.concat(), "{what}: {name}");
        if file.sfid.fmt != RecordFormat::U {
            let mut ends = 0;
            let ends: Vec<usize> = file
                .records
                .iter()
                .map(|record| {
                    ends += record.len();
                    ends
                })
                .collect();
            assert_eq!(received.ends, ends, "{what}: {name}");
        }
        let stored = station.stored.iter().filter(|stored| **stored == name);
        assert_eq!(stored.count(), 1, "{what}: {name}");
    }
    for (station, files) in [(&link.caller, 2), (&link.called, 1)] {
        assert_eq!(station.sent.len(), station.outbox.len(), "{what}");
        let mut answered: Vec<_> = station
            .responses
            .iter()
            .map(|response| match response {
                Response::Eerp(eerp) => eerp.dsn.to_string(),
                Response::Nerp(nerp) => panic!("{what}: {nerp:?}"),
            })
            .collect();
        answered.dedup();
        assert_eq!(answered.len(), files, "{what}: {answered:?}");
        assert_eq!(station.ended(), Some(&Ended::Normally), "{what}");
        assert!(station.mailbox.session().is_over(), "{what}");
    }
}

/// Cuts after each octet of one side; gives back the restart positions that were answered.
fn cut_everywhere(level: Level, from_caller: bool) -> BTreeSet<u64> {
    let mut whole = link(level);
    whole.run();
    check(&whole, "without a cut");
    let flights = whole
        .flights
        .iter()
        .filter(|(from, _)| *from == from_caller);
    let octets: usize = flights.map(|(_, octets)| octets.len()).sum();
    let mut positions = BTreeSet::new();
    for cut in 0..octets {
        let what = format!("{level}, caller {from_caller}, cut after {cut} of {octets}");
        let mut link = link(level);
        if from_caller {
            link.cut_after = Some(cut);
        } else {
            link.cut_called_after = Some(cut);
        }
        link.run();
        for station in [&link.caller, &link.called] {
            assert!(station.mailbox.session().is_over(), "{what}");
            assert_ne!(station.ended(), None, "{what}");
        }
        run_again(&mut link, level);
        check(&link, &what);
        positions.extend(link.caller.events.iter().filter_map(|event| match event {
            Event::FileWanted { position, .. } => Some(*position),
            _ => None,
        }));
    }
    positions
}

#[test]
fn cut_after_every_octet_of_the_caller() {
    let positions = cut_everywhere(Level::V2_0, true);
    // Blocks of the stream and records in the middle of the other file were places to go on from.
    assert!(
        (0..=2).all(|place| positions.contains(&place)),
        "{positions:?}"
    );
    assert!(positions.range(3..12).count() >= 3, "{positions:?}");
}

#[test]
fn cut_after_every_octet_of_the_station_that_is_called() {
    let positions = cut_everywhere(Level::V2_0, false);
    assert!(positions.contains(&1), "{positions:?}");
}

#[test]
fn cut_after_every_octet_at_level_1_3() {
    let positions = cut_everywhere(Level::V1_3, true);
    assert!(positions.contains(&1), "{positions:?}");
    cut_everywhere(Level::V1_3, false);
}
