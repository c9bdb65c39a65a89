//! EFID against what has arrived: EFNA 05, 10 and 11, and EFPA with a wish for the turn.

use oftp_core::mailbox::{Ended, Event};
use oftp_core::wire::{Cd, Command, Efid, Efpa, Level, RecordFormat, Sfpa};
use oftp_tests::lone::{Setup, Side};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

/// A file arrives in these buffers; what is answered to EFID, and whether it is stored.
fn answer(format: RecordFormat, lrecl: u32, data: &[&[u8]], rcnt: u64, ucnt: u64) -> String {
    let mut station: Station = Link::plain().called;
    station.called_by(Setup::new(Side::Responder).ssid());
    let level = Level::V2_0;
    let offer = sfid("FILE", ALPHA, BETA, format, lrecl);
    station.peer(level, &Command::Sfid(offer));
    for payload in data {
        station.peer(level, &Command::Data(payload));
    }
    let sent = station.peer(level, &Command::Efid(Efid { rcnt, ucnt }));
    let [answer] = &sent[..] else {
        panic!("{sent:?} {:?}", station.events);
    };
    let stored = station.inbox["FILE"].complete;
    let broken = station.events.iter();
    let broken = broken.filter(|event| matches!(event, Event::FileBroken { .. }));
    assert_eq!(broken.count(), usize::from(!stored));
    match answer[0] {
        b'4' => "stored".to_owned(),
        b'5' => String::from_utf8_lossy(&answer[1..3]).into_owned(),
        other => panic!("{other}"),
    }
}

/// (threat model E1)
#[test]
fn counts_must_agree() {
    use RecordFormat::{F, T, U, V};
    let two: &[&[u8]] = &[b"\x83abc\x02de", b"\x81f"];
    assert_eq!(answer(V, 10, two, 2, 6), "stored");
    assert_eq!(answer(V, 10, two, 3, 6), "10");
    assert_eq!(answer(V, 10, two, 2, 5), "11");
    assert_eq!(answer(V, 10, two, 1, 6), "10");
    assert_eq!(answer(F, 3, two, 2, 6), "stored");
    assert_eq!(answer(U, 0, &[b"\x83abc"], 0, 3), "stored");
    assert_eq!(answer(U, 0, &[b"\x83abc"], 0, 4), "11");
    assert_eq!(answer(T, 0, &[b"\x03abc"], 0, 3), "stored");
    assert_eq!(answer(U, 0, &[], 0, 0), "stored");
}

/// In a U or T file the flag ends nothing: EFID does, and its count must agree (threat model D9).
#[test]
fn a_stream_goes_on_behind_an_end_of_record() {
    use RecordFormat::{T, U};
    let three: &[&[u8]] = &[b"\x83abc\x02de", b"\x80\x01f", b"\x81g"];
    for format in [U, T] {
        assert_eq!(answer(format, 0, three, 0, 7), "stored");
        assert_eq!(answer(format, 0, three, 0, 3), "11");
    }
}

/// (threat model D8)
#[test]
fn records_must_have_their_length() {
    use RecordFormat::{F, V};
    assert_eq!(answer(F, 4, &[b"\x83abc"], 1, 3), "05");
    assert_eq!(answer(F, 2, &[b"\x83abc"], 1, 3), "05");
    assert_eq!(answer(V, 2, &[b"\x83abc"], 1, 3), "05");
    // An open record at the end was never counted.
    assert_eq!(answer(V, 9, &[b"\x03abc"], 1, 3), "10");
}

#[test]
fn a_station_that_asks_for_the_turn_answers_at_once() {
    let mut link = Link::with(|_| {}, |side| side.settings.ask_for_turn = true);
    for dsn in ["ONE", "TWO"] {
        link.caller.send(SendFile {
            sfid: sfid(dsn, ALPHA, BETA, RecordFormat::U, 0),
            records: vec![vec![1, 2, 3]],
        });
    }
    link.run();
    assert_eq!(link.caller.sent.len(), 2);
    assert_eq!(link.caller.responses.len(), 2);
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    let codes = oftp_tests::lone::split(&link.called.octets_sent);
    let codes: Vec<&[u8]> = codes
        .iter()
        .map(|buffer| &buffer[..2.min(buffer.len())])
        .collect();
    // The response to the first file leaves before the second file is taken.
    let asked = codes.iter().position(|code| *code == b"4Y");
    let answered = codes.iter().position(|code| code[0] == b'E');
    assert_eq!(answered, asked.map(|place| place + 1), "{codes:?}");
}

#[test]
fn the_speaker_gives_the_turn_when_efpa_asks_for_it() {
    let mut link = Link::plain();
    link.caller.send(SendFile {
        sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![vec![1, 2, 3]],
    });
    let station = &mut link.caller;
    let _ = station.work();
    station.mailbox.n_con_cf();
    let level = Level::V2_0;
    station.peer(level, &Command::Ssrm(oftp_core::wire::Ssrm));
    let ssid = Setup::new(Side::Initiator).ssid();
    assert_eq!(station.peer(level, &Command::Ssid(ssid))[0][0], b'H');
    let sent = station.peer(level, &Command::Sfpa(Sfpa { acnt: 0 }));
    assert_eq!(sent.iter().map(|b| b[0]).collect::<Vec<_>>(), b"DT");
    let sent = station.peer(level, &Command::Efpa(Efpa { cd: true }));
    assert_eq!(sent, [b"R"]);
    // The partner is done with it: its CD is unasked for, and now the session can end.
    let sent = station.peer(level, &Command::Cd(Cd));
    assert_eq!(sent, [b"F00000\r"]);
}
