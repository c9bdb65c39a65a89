//! What is told of files, partners and the station.

use std::fs;

use oftp_core::mailbox::{Response, eerp_for};
use serde_json::json;

use super::super::{Waiting, WaitsFor, details, octets, status, waiting, waits_for};
use super::{Station, new_file};
use crate::station::journal::event::{self, Kind};
use crate::station::journal::file::{self, Change, FileState, Filter, Stamping};
use crate::station::journal::response;

#[test]
fn everything_about_a_file_is_told_and_escaped() {
    let station = Station::new();
    let hell = "\u{1b}[2J\u{7}/../A\n";
    let key = station.queue(hell).key;
    station.write(move |connection| {
        file::note_trouble(connection, key, "it said \u{1b}[31mno\u{202e}")
    });
    let child = {
        let mut new = new_file("CHILD", true);
        new.parent = Some(key);
        station.write(move |connection| {
            file::enqueue(connection, new, Stamping::Kept, FileState::Queued)
        })
    };
    let eerp = Response::Eerp(Box::new(eerp_for(&station.row(key).sfid)));
    station.write(move |connection| response::keep(connection, key, "beta", &eerp));
    let told = details(&station.journal, &station.folder, key).expect("there");
    let json = serde_json::to_string(&told).expect("JSON");
    assert!(
        !json.contains("\\u001b") && !json.contains('\u{202e}'),
        "{json}"
    );
    assert!(json.chars().all(|letter| !letter.is_control()), "{json}");
    assert_eq!(told.file.file.dsn.as_str(), "\\u{1b}[2J\\u{7}/../A\\u{a}");
    let names: Vec<&str> = told.fields.iter().map(|field| field.name).collect();
    for name in [
        "SFIDDSN", "SFIDDATE", "SFIDTIME", "SFIDORIG", "SFIDDEST", "SFIDFMT",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    let events: Vec<&str> = told.events.iter().map(|event| event.event).collect();
    assert_eq!(events, ["file_queued", "file_trouble"]);
    assert_eq!(told.responses[0].response, "EERP");
    assert_eq!(told.forwarded_by[0].id, child.key.0);
    let child = details(&station.journal, &station.folder, child.key).expect("there");
    assert_eq!(child.forwards.map(|file| file.id), Some(key.0));
}

#[test]
fn where_a_file_lies_is_told() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    let told = details(&station.journal, &station.folder, key).expect("there");
    let places: Vec<(String, u64)> = told
        .places
        .into_iter()
        .map(|place| (place.path, place.octets))
        .collect();
    let path = station.folder.spool_out().join("INVOICE-spool");
    assert_eq!(places, [(path.display().to_string(), 7)]);
    assert_eq!(told.evidence, None);
    let evidence = octets::evidence(&station.folder, &station.row(key));
    fs::create_dir_all(&evidence).expect("folder");
    let told = details(&station.journal, &station.folder, key).expect("there");
    assert_eq!(told.evidence, Some(evidence.display().to_string()));
}

#[test]
fn the_state_of_the_station_is_told() {
    let station = Station::new();
    let oldest = station.queue("A").key;
    let late = station.queue("B").key;
    let failed = station.queue("C").key;
    let closed = station.queue("D").key;
    station.lead(late, &[FileState::EfidSent, FileState::Sent]);
    station.lead(failed, &[FileState::Failed]);
    station.lead(closed, &[FileState::Done]);
    station.receive("E");
    let due = Change {
        due: Some(Some(1)),
        ..Change::default()
    };
    station.write(move |connection| file::update(connection, late, due));
    let told = status(&station.journal, &station.folder).expect("status");
    assert_eq!((told.running, told.process), (false, None));
    let counts: Vec<(&str, &str, u64)> = told
        .files
        .iter()
        .map(|count| (count.direction.as_str(), count.state.as_str(), count.count))
        .collect();
    let mut counts = counts;
    counts.sort_unstable();
    let expected = [
        ("in", "receiving", 1),
        ("out", "failed", 1),
        ("out", "queued", 1),
        ("out", "sent", 1),
    ];
    assert_eq!(counts, expected);
    assert_eq!(told.oldest_waiting.map(|file| file.id), Some(oldest.0));
    let overdue: Vec<i64> = told.overdue.iter().map(|file| file.id).collect();
    assert_eq!(overdue, [late.0]);
    let alarms: Vec<&str> = told.alarms.iter().map(|event| event.event).collect();
    assert_eq!(alarms, ["file_failed"]);
    assert!(told.free > 0);
    let _lock = station.folder.lock().expect("lock");
    let told = status(&station.journal, &station.folder).expect("status");
    assert_eq!(
        (told.running, told.process),
        (true, Some(std::process::id()))
    );
}

#[test]
fn a_response_whose_delay_was_told_stays_overdue() {
    let station = Station::new();
    let key = station.queue("A").key;
    station.lead(key, &[FileState::EfidSent, FileState::Sent]);
    let overdue = || {
        let told = status(&station.journal, &station.folder).expect("status");
        told.overdue.len()
    };
    assert_eq!(overdue(), 0);
    station.write(move |connection| {
        event::note(
            connection,
            Kind::ResponseOverdue,
            Some("beta"),
            Some(key),
            &json!({}),
        )
    });
    assert_eq!(overdue(), 1);
    station.lead(key, &[FileState::Done]);
    assert_eq!(overdue(), 0);
}

#[test]
fn what_waits_is_counted_by_partner() {
    let station = Station::new();
    station.queue("A");
    let sent = station.queue("B").key;
    station.lead(sent, &[FileState::EfidSent, FileState::Sent]);
    let failed = station.queue("C").key;
    station.lead(failed, &[FileState::Failed]);
    let incoming = station.receive("D");
    let eerp = Response::Eerp(Box::new(eerp_for(&station.row(incoming).sfid)));
    station.write(move |connection| response::queue(connection, incoming, "beta", &eerp));
    let all = waiting(&station.journal).expect("read");
    let expected = Waiting {
        to_send: 1,
        unanswered: 1,
        incoming: 1,
        responses: 1,
        failed: 1,
    };
    assert_eq!(all.get("beta"), Some(&expected));
}

#[test]
fn what_a_file_waits_for() {
    let station = Station::new();
    let row = station.queue("A");
    let after = |states: &[FileState], held: bool| {
        let mut row = row.clone();
        row.state = *states.last().unwrap_or(&row.state);
        waits_for(&row, held, 1_000)
    };
    assert_eq!(after(&[], false), Some(WaitsFor::Session));
    assert_eq!(
        after(&[], true),
        Some(WaitsFor::Person),
        "its partner is held"
    );
    assert_eq!(after(&[FileState::EfidSent], true), Some(WaitsFor::Efpa));
    assert_eq!(after(&[FileState::Done], false), None);
    let mut later = row.clone();
    later.retry_at = Some(1_001);
    assert_eq!(waits_for(&later, false, 1_000), Some(WaitsFor::Retry));
    assert_eq!(waits_for(&later, false, 1_001), Some(WaitsFor::Session));
}

#[test]
fn files_are_found_by_what_people_know_of_them() {
    let station = Station::new();
    let key = station.queue("INVOICE.4711").key;
    station.queue("ORDER");
    let found = |text: &str| -> Vec<i64> {
        let filter = Filter {
            text: Some(text.to_owned()),
            ..Filter::default()
        };
        let rows = station.journal.read(|c| file::history(c, &filter));
        rows.expect("read").iter().map(|row| row.key.0).collect()
    };
    assert_eq!(found("voice.47"), [key.0], "a name that the table escapes");
    assert_eq!(found("e"), [2, 1]);
    assert_eq!(found("nothing"), [0; 0]);
}
