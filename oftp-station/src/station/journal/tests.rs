//! The journal through its public functions.

use oftp_core::wire::{
    DatasetName, IdentificationCode, Level, RecordFormat, Security, Sfid, Stamp as WireStamp, Text,
    UserData,
};

use super::file::{Change, FileState, NewFile, Stamping, Way};
use super::{Journal, JournalError, event, file, order, response};
use crate::outbox::Stamp;
use crate::records::RecordLayout;

mod plans;

fn sfid(dsn: &str) -> Sfid {
    Sfid {
        dsn: DatasetName::new(dsn).expect("name"),
        stamp: WireStamp::new("20261126", "1345010001").expect("stamp"),
        user: UserData::default(),
        dest: IdentificationCode::new("OBETA").expect("code"),
        orig: IdentificationCode::new("OALPHA").expect("code"),
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: 1,
        osiz: 1,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    }
}

fn new_file(dsn: &str) -> NewFile {
    NewFile {
        partner: "beta".to_owned(),
        sfid: sfid(dsn),
        name: dsn.to_lowercase(),
        spool: format!("{dsn}.spool"),
        layout: RecordLayout::Length32,
        path: None,
        plan: "{}".to_owned(),
        priority: 5,
        held: false,
        parent: None,
    }
}

fn journal() -> (tempfile::TempDir, Journal) {
    let folder = tempfile::tempdir().expect("folder");
    let journal = Journal::open(&folder.path().join("journal.db")).expect("open");
    (folder, journal)
}

fn queue(journal: &Journal, dsn: &'static str, seconds_only: bool) -> file::FileRow {
    let first: Stamp = "20261126134501".parse().expect("stamp");
    let stamping = Stamping::Free {
        first,
        seconds_only,
    };
    let queued = journal.write(move |connection| {
        file::enqueue(connection, new_file(dsn), stamping, FileState::Queued)
    });
    queued.expect("queued")
}

fn change(journal: &Journal, key: file::FileKey, state: FileState) -> Result<(), JournalError> {
    journal.write(move |connection| {
        let none = serde_json::json!({});
        file::change(connection, key, state, Change::default(), &none).map(drop)
    })
}

#[test]
fn what_was_written_is_there_when_it_is_opened_again() {
    let (folder, journal) = journal();
    let row = queue(&journal, "INVOICE", false);
    drop(journal);
    let again = Journal::open(&folder.path().join("journal.db")).expect("open");
    again.check().expect("sound");
    let found = again.read(|connection| file::get(connection, row.key));
    assert_eq!(found.expect("there"), row);
}

#[test]
fn the_journal_makes_files_unique_and_not_the_clock() {
    let (_folder, journal) = journal();
    let stamps: Vec<String> = (0..3)
        .map(|_| queue(&journal, "INVOICE", false).sfid.stamp.to_string())
        .collect();
    assert_eq!(
        stamps,
        [
            "20261126 1345010001",
            "20261126 1345010002",
            "20261126 1345010003"
        ]
    );
    let many: Vec<_> = (0..50)
        .map(|_| queue(&journal, "MANY", true).sfid.stamp)
        .collect();
    assert!(many.is_sorted_by(|a, b| a.short() < b.short()), "{many:?}");
    let old = queue(&journal, "INVOICE", true).sfid.stamp;
    assert_eq!(old.to_string(), "20261126 1345020001");
    let other = queue(&journal, "ORDER", false).sfid.stamp;
    assert_eq!(other.to_string(), "20261126 1345010001");
    let next = queue(&journal, "INVOICE", true)
        .sfid
        .stamp
        .for_level(Level::V1_3);
    assert_eq!(next.to_string(), "261126 134503");
}

#[test]
fn a_state_follows_only_what_leads_to_it() {
    let (_folder, journal) = journal();
    let key = queue(&journal, "INVOICE", false).key;
    let error = change(&journal, key, FileState::Sent).expect_err("not sent yet");
    assert!(matches!(error, JournalError::State(_)), "{error}");
    for state in [FileState::EfidSent, FileState::Sent, FileState::Sent] {
        change(&journal, key, state).expect("in order, and again after a crash");
    }
    change(&journal, key, FileState::Done).expect("EERP");
    change(&journal, key, FileState::Cancelled).expect_err("it is done");
    let kinds = journal.read(|connection| {
        let events = event::of_file(connection, key)?;
        Ok(events
            .iter()
            .map(|event| event.kind.name())
            .collect::<Vec<_>>())
    });
    let expected = [
        "file_queued",
        "file_efid_sent",
        "file_sent",
        "file_sent",
        "file_done",
    ];
    assert_eq!(kinds.expect("history"), expected);
}

#[test]
fn what_fails_is_undone_alone() {
    let (_folder, journal) = journal();
    let key = queue(&journal, "INVOICE", false).key;
    let failed: Result<(), _> = journal.write(move |connection| {
        file::note_trouble(connection, key, "half done")?;
        Err(JournalError::NotThere("something".to_owned()))
    });
    failed.expect_err("it failed");
    let row = journal.read(|connection| file::get(connection, key));
    assert_eq!(row.expect("there").trouble, None);
}

#[test]
fn a_file_is_received_once() {
    let (_folder, journal) = journal();
    let receive = || journal.write(|connection| file::receive(connection, &new_file("INVOICE")));
    let key = receive().expect("new");
    assert_eq!(receive().expect("cut and offered again"), key);
    change(&journal, key, FileState::Received).expect("received");
    assert!(matches!(receive(), Err(JournalError::Duplicate)));
    change(&journal, key, FileState::Refused).expect("refused");
    let again = receive().expect("a file that was refused may come again");
    assert_ne!(again, key, "a number is never used twice");
    let identity = super::virtual_file::identity_of(&sfid("INVOICE"));
    let found = journal.read(move |c| file::by_identity(c, Way::In, &identity));
    assert_eq!(found.expect("read").map(|row| row.key), Some(again));
}

#[test]
fn files_go_by_priority_and_not_before_their_time() {
    let (_folder, journal) = journal();
    let keys = ["A", "B", "C", "D"].map(|dsn| queue(&journal, dsn, false).key);
    let [first, urgent, later, held] = keys;
    let due = super::now() + 100_000;
    journal
        .write(move |connection| {
            let priority = Change {
                priority: Some(0),
                ..Change::default()
            };
            file::update(connection, urgent, priority)?;
            let retry = Change {
                retry_at: Some(Some(due)),
                ..Change::default()
            };
            file::update(connection, later, retry)?;
            let hold = Change {
                held: Some(true),
                ..Change::default()
            };
            file::update(connection, held, hold)
        })
        .expect("changed");
    let sendable = |now: i64| -> Vec<file::FileKey> {
        let rows = journal.read(move |connection| file::sendable(connection, "beta", now, 10));
        rows.expect("read").iter().map(|row| row.key).collect()
    };
    assert_eq!(sendable(due - 1), [urgent, first]);
    assert_eq!(sendable(due), [urgent, first, later]);
    assert_eq!(
        sendable(0),
        [urgent, first, later],
        "the clock was set back"
    );
    let waiting = journal.read(move |connection| file::waiting_partners(connection, due - 1));
    assert_eq!(waiting.expect("read"), [("beta".to_owned(), 0)]);
}

#[test]
fn a_response_is_owed_until_it_is_confirmed() {
    let (_folder, journal) = journal();
    let key = journal
        .write(|connection| file::receive(connection, &new_file("INVOICE")))
        .expect("received");
    let eerp = oftp_core::mailbox::Response::Eerp(Box::new(oftp_core::mailbox::eerp_for(&sfid(
        "INVOICE",
    ))));
    let queued = eerp.clone();
    let response_key = journal
        .write(move |connection| {
            response::queue(connection, key, "beta", &queued)?;
            // After a crash it is made again.
            response::queue(connection, key, "beta", &queued)
        })
        .expect("queued");
    let owed = || journal.read(|connection| response::owed(connection, "beta", 10));
    let rows = owed().expect("read");
    assert_eq!(rows.len(), 1, "once");
    assert_eq!(
        (Some(rows[0].key), &rows[0].response),
        (response_key, &eerp)
    );
    let response_key = response_key.expect("it can be said");
    let closed = journal.write(move |connection| response::close(connection, response_key));
    assert_eq!(closed.expect("closed"), key);
    assert_eq!(owed().expect("read"), []);
}

#[test]
fn orders_are_taken_once_and_in_their_order() {
    let (_folder, journal) = journal();
    let orders = [order::Order::Call("beta".to_owned()), order::Order::Reload];
    for one in orders.clone() {
        journal
            .write(move |connection| order::leave(connection, &one))
            .expect("left");
    }
    let take = || journal.write(order::take).expect("taken");
    assert_eq!(take(), orders);
    assert_eq!(take(), []);
}

#[test]
fn a_newer_journal_is_not_touched() {
    let (folder, journal) = journal();
    drop(journal);
    let path = folder.path().join("journal.db");
    let connection = rusqlite::Connection::open(&path).expect("open");
    connection
        .pragma_update(None, "user_version", 99)
        .expect("version");
    drop(connection);
    let error = Journal::open(&path).expect_err("newer");
    assert!(
        matches!(error, JournalError::Newer { found: 99, .. }),
        "{error}"
    );
}

#[test]
fn other_processes_are_noticed() {
    let (folder, journal) = journal();
    let mut watch = journal.watch().expect("watch");
    assert!(!watch.has_changed().expect("read"));
    let other = Journal::open(&folder.path().join("journal.db")).expect("open");
    queue(&other, "INVOICE", false);
    assert!(watch.has_changed().expect("read"));
    assert!(!watch.has_changed().expect("read"));
}

#[test]
fn a_stamp_that_only_old_levels_have_gets_its_response() {
    let (_folder, journal) = journal();
    let mut odd = new_file("ODD");
    odd.sfid.stamp = WireStamp::Short {
        date: *b"26-NOV",
        time: *b"noon  ",
    };
    let eerp = oftp_core::mailbox::eerp_for(&odd.sfid);
    let eerp = oftp_core::mailbox::Response::Eerp(Box::new(eerp));
    let octets = response::octets_of(&eerp).expect("for the evidence, too");
    assert_eq!(response::response_of(&octets).expect("read back"), eerp);
    let queued = eerp.clone();
    journal
        .write(move |connection| {
            let key = file::receive(connection, &odd)?;
            response::queue(connection, key, "beta", &queued)
        })
        .expect("queued")
        .expect("it can be said");
    let owed = journal.read(|connection| response::owed(connection, "beta", 10));
    assert_eq!(owed.expect("read")[0].response, eerp);
}

#[test]
fn a_response_reads_the_files_that_it_may_be_for_and_no_others() {
    let (_folder, journal) = journal();
    let files: Vec<_> = (0..3).map(|_| queue(&journal, "ORDERS", true)).collect();
    queue(&journal, "OTHER", true);
    let found = |stamp: oftp_core::wire::Stamp| {
        let rows = journal.read(|connection| file::by_name(connection, b"ORDERS", &stamp));
        let keys = rows.expect("read").into_iter().map(|row| row.key);
        keys.collect::<Vec<_>>()
    };
    for row in &files {
        assert_eq!(found(row.sfid.stamp), [row.key]);
        let (date, time) = row.sfid.stamp.short();
        let short = oftp_core::wire::Stamp::Short { date, time };
        assert_eq!(found(short), [row.key], "levels 1.2 and 1.3 send no more");
    }
    let odd = oftp_core::wire::Stamp::Short {
        date: *b"      ",
        time: *b"NOTIME",
    };
    assert_eq!(
        found(odd),
        [],
        "what is no digits is no part of a longer one"
    );
}
