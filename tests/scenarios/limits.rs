//! What one partner can make a station do in one session: refusals, turns, responses, empty
//! buffers, and the length of the session. The one that is too many ends it with ESID 99.

use std::time::Duration;

use oftp_core::mailbox::{Ended, eerp_for};
use oftp_core::wire::{Cd, Command, EsidReason, Level, RecordFormat, Sfna, SfnaReason, Text};
use oftp_tests::lone::{Setup, Side as Role};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

const LEVEL: Level = Level::V2_0;

fn called() -> Station {
    let mut station = Link::plain().called;
    station.called_by(Setup::new(Role::Responder).ssid());
    station
}

/// Repeats until ESID; how often that went well, and the reason.
fn repeat(station: &mut Station, mut once: impl FnMut(&mut Station) -> Vec<Vec<u8>>) -> usize {
    for count in 0..20_000 {
        let sent = once(station);
        if let Some(esid) = sent.iter().find(|buffer| buffer[0] == b'F') {
            assert_eq!(&esid[1..3], b"99");
            let Some(Ended::ByUs { reason, why }) = station.ended() else {
                panic!("{:?}", station.ended());
            };
            assert_eq!(*reason, EsidReason::UNSPECIFIED);
            assert!(!why.is_empty());
            return count;
        }
    }
    panic!("it never ends");
}

/// (threat model N18)
#[test]
fn a_hundred_refusals_in_a_row() {
    let mut station = called();
    let mut offer = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    offer.dest = code(ALPHA);
    let refused = repeat(&mut station, |station| {
        station.peer(LEVEL, &Command::Sfid(offer.clone()))
    });
    assert_eq!(refused, 100);
}

#[test]
fn a_file_between_them_starts_the_count_again() {
    let mut station = called();
    let mut bad = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    bad.dest = code(ALPHA);
    for round in 0..3 {
        for _ in 0..99 {
            let sent = station.peer(LEVEL, &Command::Sfid(bad.clone()));
            assert_eq!(sent[0][0], b'3', "{round}");
        }
        let good = sfid(&format!("GOOD{round}"), ALPHA, BETA, RecordFormat::U, 0);
        station.peer(LEVEL, &Command::Sfid(good));
        let efid = Command::Efid(oftp_core::wire::Efid { rcnt: 0, ucnt: 0 });
        assert_eq!(station.peer(LEVEL, &efid), [b"4N"]);
    }
}

#[test]
fn duplicates_are_refusals_too() {
    let mut station = called();
    let offer = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    station.peer(LEVEL, &Command::Sfid(offer.clone()));
    station.peer(
        LEVEL,
        &Command::Efid(oftp_core::wire::Efid { rcnt: 0, ucnt: 0 }),
    );
    let refused = repeat(&mut station, |station| {
        station.peer(LEVEL, &Command::Sfid(offer.clone()))
    });
    assert_eq!(refused, 100);
}

/// Turns that go to and fro with responses to nothing between them (threat model T2).
#[test]
fn sixty_four_turns_without_progress() {
    let mut station = called();
    let mut turns = 0;
    repeat(&mut station, |station| {
        station.send(SendFile {
            sfid: sfid("FILE", BETA, ALPHA, RecordFormat::U, 0),
            records: vec![vec![1]],
        });
        let sent = station.peer(LEVEL, &Command::Cd(Cd));
        if sent.first().is_some_and(|buffer| buffer[0] == b'F') {
            return sent;
        }
        assert_eq!(sent[0][0], b'H');
        turns += 1;
        // The file is refused, so the station gives the turn back.
        let sent = station.peer(
            LEVEL,
            &Command::Sfna(Sfna {
                reas: SfnaReason::UNSPECIFIED,
                rrtr: true,
                reast: Text::default(),
            }),
        );
        if sent == [b"R"] {
            turns += 1;
            // Only after a command in between may the turn come again.
            let eerp = eerp_for(&sfid("NONE", BETA, ALPHA, RecordFormat::U, 0));
            assert_eq!(station.peer(LEVEL, &Command::Eerp(eerp)), [b"P"]);
        }
        sent
    });
    assert_eq!(turns, 64);
}

#[test]
fn a_response_to_a_file_of_ours_is_progress() {
    let mut station = called();
    let known = sfid("KNOWN", BETA, ALPHA, RecordFormat::U, 0);
    let file = |sfid: &oftp_core::wire::Sfid| SendFile {
        sfid: sfid.clone(),
        records: vec![vec![1]],
    };
    station.send(file(&known));
    for turn in 0..100 {
        let sent = station.peer(LEVEL, &Command::Cd(Cd));
        assert_eq!(sent[0][0], b'H', "turn {turn}");
        let refused = Command::Sfna(Sfna {
            reas: SfnaReason::UNSPECIFIED,
            rrtr: true,
            reast: Text::default(),
        });
        assert_eq!(station.peer(LEVEL, &refused), [b"R"], "turn {turn}");
        let eerp = Command::Eerp(eerp_for(&known));
        assert_eq!(station.peer(LEVEL, &eerp), [b"P"], "turn {turn}");
        station.send(file(&sfid("OTHER", BETA, ALPHA, RecordFormat::U, 0)));
    }
    assert_eq!(station.ended(), None);
}

/// Each is confirmed, and at last they are too many (threat model R3).
#[test]
fn a_thousand_responses_to_no_file_of_ours() {
    let mut station = called();
    let eerp = eerp_for(&sfid("NONE", BETA, ALPHA, RecordFormat::U, 0));
    let taken = repeat(&mut station, |station| {
        station.peer(LEVEL, &Command::Eerp(eerp.clone()))
    });
    assert_eq!(taken, 1000);
    assert_eq!(station.responses.len(), 1001);
}

/// (threat model D7)
#[test]
fn ten_thousand_buffers_that_carry_nothing() {
    for empty in [&b"\x00"[..], b"\x00\x00\x40A", b""] {
        let mut station = called();
        let offer = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
        station.peer(LEVEL, &Command::Sfid(offer));
        let taken = repeat(&mut station, |station| {
            station.peer(LEVEL, &Command::Data(empty))
        });
        assert_eq!(taken, 10_000);
    }
}

#[test]
fn one_octet_starts_the_count_of_empty_buffers_again() {
    let mut station = called();
    let offer = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    station.peer(LEVEL, &Command::Sfid(offer));
    for _ in 0..3 {
        for _ in 0..9_999 {
            station.peer(LEVEL, &Command::Data(b"\x00"));
        }
        station.peer(LEVEL, &Command::Data(b"\x01A"));
    }
    assert_eq!(station.ended(), None);
}

/// However busy a session is, it has an end (threat model T2).
#[test]
fn twelve_hours() {
    let mut station = called();
    let eerp = eerp_for(&sfid("NONE", BETA, ALPHA, RecordFormat::U, 0));
    let step = Duration::from_secs(100);
    let mut now = Duration::ZERO;
    while station.ended().is_none() {
        now += step;
        station.mailbox.tick(now);
        if station.work().is_empty() {
            station.peer(LEVEL, &Command::Eerp(eerp.clone()));
        }
    }
    assert_eq!(now, Duration::from_secs(12 * 3600));
    assert!(matches!(station.ended(), Some(Ended::ByUs { .. })));
}
