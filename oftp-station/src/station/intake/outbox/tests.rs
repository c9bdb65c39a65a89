//! Files in outboxes: taken once, whatever happens between the steps.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::super::config::{Conversion, NamePattern, NameTemplate, SendRule};
use super::super::super::fixture::{Place, SETTLE, old, partner, plain};
use super::super::super::journal::event::{self, Kind};
use super::super::super::journal::file::{FileRow, FileState};
use super::super::super::plan::Plan;
use super::super::spool;
use super::take::{self, Candidate};
use super::*;
use crate::records::{Format, RecordLayout};
use crate::security::Protection;

fn put(place: &Place, name: impl AsRef<Path>, octets: &[u8]) -> PathBuf {
    let path = place.folder().outbox("beta").join(name);
    fs::write(&path, octets).expect("file");
    path
}

fn outbox(place: &Place) -> Vec<String> {
    Place::names(&place.folder().outbox("beta"))
}

/// Looks now and when everything has settled.
fn looks(place: &Place) -> Look {
    let mut scanner = Scanner::default();
    let first = scanner.look(&place.journal, &place.config, Duration::ZERO);
    assert_eq!((first.queued, first.refused), (0, 0), "nothing has settled");
    scanner.look(&place.journal, &place.config, SETTLE)
}

fn content(place: &Place, row: &FileRow) -> Vec<u8> {
    fs::read(place.folder().spool_out().join(&row.spool)).expect("spool")
}

fn alarms(place: &Place) -> Vec<String> {
    // What was posted is written before this.
    place.journal.write(|_| Ok(())).expect("written");
    let events = place.journal.read(|db| event::after(db, 0, 1000));
    let events = events.expect("events").into_iter();
    let alarms = events.filter(|event| event.kind == Kind::Alarm);
    alarms
        .map(|event| event.detail["trouble"].as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn a_file_is_taken_when_it_has_been_left_alone() {
    let place = Place::new();
    let mut scanner = Scanner::default();
    let mut look = |seconds| {
        let now = Duration::from_secs(seconds);
        scanner.look(&place.journal, &place.config, now).queued
    };
    put(&place, "a", b"first");
    assert_eq!(look(100), 0);
    assert_eq!(look(101), 0, "two seconds have not passed");
    put(&place, "a", b"longer");
    assert_eq!(look(102), 0, "it has grown");
    assert_eq!(look(103), 0);
    assert_eq!(look(104), 1);
    assert_eq!(look(200), 0);
    let rows = place.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].state, rows[0].octets), (FileState::Queued, 6));
    assert_eq!(content(&place, &rows[0]), b"longer");
    assert_eq!(outbox(&place), [""; 0]);
    let plan = Plan::from_json(&rows[0].plan).expect("plan");
    assert_eq!(
        plan.to_json(),
        rows[0].plan,
        "nothing of the taking is left"
    );
}

#[test]
fn unfinished_and_hidden_files_and_folders_are_left() {
    let place = Place::new();
    let names = [".hidden", "a.tmp", "b.PART", "c.new", "d~"];
    for name in names {
        put(&place, name, b"x");
    }
    fs::create_dir(place.folder().outbox("beta").join("folder")).expect("folder");
    assert_eq!(looks(&place).queued, 0);
    assert_eq!(outbox(&place).len(), 6);
    assert_eq!(alarms(&place), [""; 0]);
}

#[test]
fn links_and_pipes_are_left_and_told_once() {
    let place = Place::new();
    let secret = place.temporary.path().join("secret");
    fs::write(&secret, b"secret").expect("file");
    symlink(&secret, place.folder().outbox("beta").join("link")).expect("link");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        place.folder().outbox("beta").join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .expect("pipe");
    let mut scanner = Scanner::default();
    for seconds in 0..5 {
        let look = scanner.look(&place.journal, &place.config, Duration::from_secs(seconds));
        assert_eq!(look.queued + look.refused, 0);
    }
    assert_eq!(outbox(&place), ["link", "pipe"]);
    let told = alarms(&place);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().any(|told| told.contains("symbolic link")),
        "{told:?}"
    );
}

#[test]
fn the_oldest_goes_first_and_each_gets_its_own_stamp() {
    let place = Place::new();
    for (name, age) in [("b.edi", 30), ("c.edi", 10), ("a.edi", 20)] {
        let path = put(&place, name, name.as_bytes());
        let time = std::time::SystemTime::now() - Duration::from_secs(age);
        let file = fs::File::options().append(true).open(path).expect("open");
        file.set_modified(time).expect("time");
    }
    assert_eq!(looks(&place).queued, 3);
    let names: Vec<_> = place.rows().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["b.edi", "a.edi", "c.edi"]);
}

#[test]
fn what_cannot_be_sent_is_put_aside_with_the_reason() {
    let mut beta = old(partner("beta"));
    beta.protection = Protection {
        compress: Some(6),
        ..plain()
    };
    let place = Place::with(vec![beta]);
    let refused = place.folder().outbox("beta").join(".refused");
    for round in 0..2 {
        put(&place, "invoice", b"x");
        put(&place, OsStr::from_bytes(b"\xff"), b"y");
        let look = looks(&place);
        assert_eq!((look.queued, look.refused), (0, 2), "round {round}");
        assert_eq!(outbox(&place), [".refused"]);
    }
    let reason = fs::read_to_string(refused.join("invoice.txt")).expect("reason");
    assert!(reason.contains("has at most 1.3"), "{reason}");
    assert_eq!(fs::read(refused.join("invoice.1")).expect("file"), b"x");
    let other = fs::read_to_string(refused.join(OsStr::from_bytes(b"\xff.txt"))).expect("reason");
    assert!(other.contains("UTF-8"), "{other}");
    assert_eq!(alarms(&place).len(), 4);
    assert_eq!(place.rows(), []);
}

/// How far a file was taken before the process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Killed {
    BeforeAll,
    AfterNote,
    AfterFetch,
    AfterFinish,
    AfterAll,
}

const ALL: [Killed; 5] = [
    Killed::BeforeAll,
    Killed::AfterNote,
    Killed::AfterFetch,
    Killed::AfterFinish,
    Killed::AfterAll,
];

fn take_until(place: &Place, path: &Path, killed: Killed) {
    if killed == Killed::BeforeAll {
        return;
    }
    let candidate = Candidate::new(path).expect("a name");
    let fits = take::check(&place.config, place.partner(), candidate).expect("fits");
    let rows = take::note(&place.journal, vec![fits]).expect("noted");
    if killed == Killed::AfterNote {
        return;
    }
    take::fetch(place.folder(), &rows[0]).expect("fetched");
    if killed == Killed::AfterFetch {
        return;
    }
    take::finish(place.folder(), &rows[0]).expect("finished");
    if killed == Killed::AfterFinish {
        return;
    }
    take::finish_all(&place.journal, place.folder(), rows).expect("queued");
}

/// The file is in the queue once, and nowhere else.
fn assert_once(place: &Place, octets: &[u8], killed: Killed) {
    let rows = place.rows();
    assert_eq!(rows.len(), 1, "{killed:?}: {rows:?}");
    assert_eq!(rows[0].state, FileState::Queued, "{killed:?}");
    assert_eq!(content(place, &rows[0]), octets, "{killed:?}");
    assert_eq!(rows[0].octets, octets.len() as u64, "{killed:?}");
    assert_eq!(outbox(place), [""; 0], "{killed:?}");
    let spool = Place::names(&place.folder().spool_out());
    assert_eq!(spool, [rows[0].spool.clone()], "{killed:?}");
}

#[test]
fn wherever_the_process_is_killed_a_file_is_taken_once() {
    for killed in ALL {
        let place = Place::new();
        let path = put(&place, "a", b"octets");
        take_until(&place, &path, killed);
        let place = place.restarted();
        let recovered = recover_taking(&place.journal, place.folder()).expect("recovered");
        assert_eq!(recovered.troubles, [""; 0], "{killed:?}");
        let here = usize::from(matches!(killed, Killed::AfterFetch | Killed::AfterFinish));
        assert_eq!(recovered.queued, here, "{killed:?}");
        looks(&place);
        assert_once(&place, b"octets", killed);
    }
}

#[test]
fn a_new_file_of_the_same_name_is_another_file() {
    for killed in [Killed::AfterFetch, Killed::AfterFinish, Killed::AfterAll] {
        let place = Place::new();
        let path = put(&place, "a", b"old one");
        take_until(&place, &path, killed);
        put(&place, "a", b"new one");
        let place = place.restarted();
        recover_taking(&place.journal, place.folder()).expect("recovered");
        assert_eq!(looks(&place).queued, 1, "{killed:?}");
        let rows = place.rows();
        let all: Vec<_> = rows.iter().map(|row| content(&place, row)).collect();
        assert_eq!(all, [b"old one", b"new one"], "{killed:?}");
        assert_ne!(rows[0].identity(), rows[1].identity());
    }
}

/// From another file system: the copy is there, the original too, when the process is killed.
#[test]
fn a_copied_file_is_taken_once_too() {
    for (replaced, queued) in [(false, 1), (true, 2)] {
        let place = Place::new();
        let path = put(&place, "a", b"octets");
        take_until(&place, &path, Killed::AfterNote);
        let row = place.rows().remove(0);
        take::copy_over(&place.folder().spool_out(), &path, &row.spool).expect("copied");
        assert!(path.exists());
        if replaced {
            put(&place, "a", b"another file");
        }
        let place = place.restarted();
        recover_taking(&place.journal, place.folder()).expect("recovered");
        looks(&place);
        let rows = place.rows();
        assert_eq!(rows.len(), queued);
        assert_eq!(content(&place, &rows[0]), b"octets");
        assert_eq!(outbox(&place), [""; 0]);
    }
}

#[test]
fn a_link_that_takes_the_place_of_a_file_is_not_followed() {
    let place = Place::new();
    let path = put(&place, "a", b"octets");
    take_until(&place, &path, Killed::AfterNote);
    let secret = place.temporary.path().join("secret");
    fs::write(&secret, b"secret").expect("file");
    fs::remove_file(&path).expect("removed");
    symlink(&secret, &path).expect("link");
    let rows = place.rows();
    take::fetch(place.folder(), &rows[0]).expect("fetched");
    let recovered = recover_taking(&place.journal, place.folder()).expect("recovered");
    assert_eq!((recovered.queued, recovered.refused), (0, 1));
    assert_eq!(place.rows(), []);
    assert_eq!(Place::names(&place.folder().spool_out()), [""; 0]);
    assert_eq!(fs::read(&secret).expect("untouched"), b"secret");
}

#[test]
fn a_file_that_was_removed_before_it_was_taken_leaves_no_row() {
    let place = Place::new();
    let path = put(&place, "a", b"octets");
    take_until(&place, &path, Killed::AfterNote);
    fs::remove_file(path).expect("removed");
    let recovered = recover_taking(&place.journal, place.folder()).expect("recovered");
    assert_eq!((recovered.queued, recovered.left), (0, 1));
    assert_eq!(place.rows(), []);
}

#[test]
fn many_files_go_together() {
    let place = Place::new();
    for number in 0..150 {
        put(
            &place,
            format!("file-{number:03}"),
            format!("{number}").as_bytes(),
        );
    }
    assert_eq!(looks(&place).queued, 150);
    let rows = place.rows();
    for row in &rows {
        let number: u32 = row.name[5..].parse().expect("number");
        assert_eq!(content(&place, row), number.to_string().as_bytes());
    }
    assert_eq!(rows.len(), 150);
    assert!(spool::name_of(&rows[0].spool).is_some());
}

/// `*.txt` as text in the code page of a mainframe, in records.
fn mainframe() -> Place {
    let mut beta = partner("beta");
    beta.send = vec![SendRule {
        files: NamePattern("*.txt".to_owned()),
        dsn: NameTemplate("NIGHT.{stem}".to_owned()),
        format: Format::Variable(0),
        layout: RecordLayout::Lf,
        conversion: Conversion::CodePage("273"),
        priority: 2,
        ..SendRule::default()
    }];
    Place::with(vec![beta])
}

#[test]
fn a_file_is_converted_as_its_rule_says_wherever_the_process_is_killed() {
    for killed in ALL {
        let place = mainframe();
        let path = put(&place, "orders.txt", "Köln\nA\n".as_bytes());
        take_until(&place, &path, killed);
        let place = place.restarted();
        recover_taking(&place.journal, place.folder()).expect("recovered");
        looks(&place);
        let rows = place.rows();
        assert_eq!(rows.len(), 1, "{killed:?}");
        let row = &rows[0];
        assert_eq!(
            content(&place, row),
            b"\0\0\0\x04\xd2\x6a\x93\x95\0\0\0\x01\xc1"
        );
        assert_eq!(row.sfid.dsn.trimmed(), b"NIGHT.ORDERS");
        assert_eq!((row.sfid.lrecl, row.octets, row.records), (4, 5, 2));
        assert_eq!((row.state, row.priority), (FileState::Queued, 2));
        assert_eq!(outbox(&place), [""; 0], "{killed:?}");
    }
}

#[test]
fn a_character_that_the_partner_does_not_have_is_told() {
    let place = mainframe();
    put(&place, "orders.txt", "5 €\n".as_bytes());
    let look = looks(&place);
    assert_eq!((look.queued, look.refused), (0, 1), "{:?}", look.troubles);
    assert_eq!(place.rows(), []);
    assert_eq!(Place::names(&place.folder().spool_out()), [""; 0]);
    let refused = place.folder().outbox("beta").join(".refused");
    let kept = fs::read_to_string(refused.join("orders.txt")).expect("as it was");
    assert_eq!(kept, "5 €\n");
    let reason = fs::read_to_string(refused.join("orders.txt.txt")).expect("reason");
    assert!(reason.contains("record 1"), "{reason}");
    assert_eq!(alarms(&place).len(), 1);
}
