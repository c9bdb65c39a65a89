//! No question to the journal walks through all that it has ever known: its files are kept for
//! years.

use std::sync::{Arc, Mutex};

use oftp_core::mailbox::{Response, eerp_for};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::*;
use crate::station::journal::file::{FileKey, Filter};
use crate::station::journal::hook::{self, Duty};
use crate::station::journal::{connect, fact, figures, now, partner, retention};
use crate::station::{Folder, manage};

/// Indexes of what is still to be dealt with, or is to be told to people: walking through all of
/// one is no more than that.
const SMALL: [&str; 7] = [
    "file_open",
    "file_failed",
    "file_refused",
    "file_due",
    "response_open",
    "hook_open",
    "event_overdue",
];

/// What does not grow with the years.
const FEW: [&str; 3] = ["partner", "orders", "fact"];

/// A connection, and all that it was asked.
struct Asked {
    connection: Connection,
    statements: Arc<Mutex<Vec<String>>>,
}

impl Asked {
    fn of(journal: &Journal) -> Self {
        let flags = rusqlite::OpenFlags::default();
        let mut connection = connect(&journal.0.path, flags).expect("open");
        let statements = Arc::new(Mutex::new(Vec::new()));
        let kept = statements.clone();
        let note = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                let sql = statement.sql().into_owned();
                kept.lock().expect("statements").push(sql);
            }
        };
        connection
            .trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note))
            .expect("traced");
        Self {
            connection,
            statements,
        }
    }
}

/// The steps of the plans of these statements that walk through a table or an index of all files.
fn walks(journal: &Journal, statements: &[String]) -> Vec<String> {
    let connection = connect(&journal.0.path, rusqlite::OpenFlags::default()).expect("open");
    let mut walks = Vec::new();
    for sql in statements {
        let is_question = ["SELECT", "UPDATE", "DELETE", "INSERT"]
            .iter()
            .any(|verb| sql.starts_with(verb));
        if !is_question {
            continue;
        }
        let plan = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = connection.prepare(&plan).expect("a plan");
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().expect("a step") {
            let step: String = row.get(3).expect("its text");
            // What is pruned is walked through from the oldest file to the first that stays.
            let ends_soon = sql.contains("WHERE created >= ?1 ORDER BY id LIMIT 1");
            if is_walk(&step) && !ends_soon {
                walks.push(format!("{step}: {sql}"));
            }
        }
    }
    walks
}

fn is_walk(step: &str) -> bool {
    let mut words = step.split_whitespace();
    if words.next() != Some("SCAN") {
        return false;
    }
    let table = words.next().unwrap_or_default();
    let index = words.next_back().unwrap_or_default();
    // Those in brackets are made by steps that are looked at themselves.
    let is_made = table.starts_with('(') || table == "CONSTANT";
    !(is_made || FEW.contains(&table) || SMALL.contains(&index))
}

/// A file that was received, answered and is over, with a hook that was run for it.
fn one_of_each(connection: &Connection) -> Result<FileKey, JournalError> {
    let none = serde_json::json!({});
    let key = file::receive(connection, &new_file("ORDERS"))?;
    for state in [FileState::Received, FileState::Delivered] {
        file::change(connection, key, state, Change::default(), &none)?;
    }
    let eerp = Response::Eerp(Box::new(eerp_for(&sfid("ORDERS"))));
    let queued = response::queue(connection, key, "beta", &eerp)?;
    response::owed(connection, "beta", 10)?;
    response::of_file(connection, key)?;
    response::close(connection, queued.expect("it can be said"))?;
    file::change(connection, key, FileState::Closed, Change::default(), &none)?;
    let line = event::of_file(connection, key)?.pop().expect("a line");
    let (row, _) = hook::add(connection, line.id, "import", Duty::Tell)?;
    hook::open(connection)?;
    hook::postponed(connection, row.key, "no", 0, true)?;
    hook::failed(connection, row.key, "no")?;
    hook::done(connection, row.key)?;
    Ok(key)
}

fn write_and_ask(connection: &Connection) -> Result<(), JournalError> {
    let first: Stamp = "20261126134501".parse().expect("stamp");
    let stamping = Stamping::Free {
        first,
        seconds_only: false,
    };
    let sent = file::enqueue(connection, new_file("INVOICE"), stamping, FileState::Queued)?;
    file::note_trouble(connection, sent.key, "busy")?;
    file::get(connection, sent.key)?;
    file::by_identity(connection, Way::Out, &sent.identity())?;
    for level in [Level::V2_0, Level::V1_2] {
        let stamp = sent.sfid.stamp.for_level(level);
        let found = file::by_name(connection, b"INVOICE", &stamp)?;
        assert_eq!(found.len(), 1, "{level}");
    }
    let odd = WireStamp::Short {
        date: *b"26112X",
        time: *b"134501",
    };
    assert_eq!(file::by_name(connection, b"INVOICE", &odd)?, []);
    file::children(connection, sent.key)?;
    file::open(connection, &[FileState::Queued, FileState::Received])?;
    file::sendable(connection, "beta", now(), 16)?;
    file::waiting_partners(connection, now())?;
    file::waiting(connection, now())?;
    file::has_far_retries(connection, now(), 1)?;
    file::forget_far_retries(connection, now(), 1)?;
    file::late(connection, now())?;
    let open = Filter {
        open: Some(true),
        partner: Some("beta".to_owned()),
        ..Filter::default()
    };
    file::history(connection, &open)?;
    figures::figures(connection, now())?;
    event::after(connection, 0, 10)?;
    event::reach(connection, 0, 10)?;
    event::alarms(connection, 0, 10)?;
    event::last(connection)?;
    event::get(connection, 1)?;
    partner::session_up(connection, "beta")?;
    partner::all(connection)?;
    order::take(connection)?;
    fact::get(connection, "clean")?;
    let key = one_of_each(connection)?;
    let loose = event::Kind::StationStarted;
    event::note(connection, loose, None, None, &serde_json::json!({}))?;
    assert_eq!(retention::remove_files(connection, i64::MAX, 10)?, 1);
    assert!(file::get(connection, key).is_err());
    assert_eq!(retention::remove_events(connection, i64::MAX, 10)?, 1);
    Ok(())
}

#[test]
fn nothing_walks_through_all_files() {
    let (folder, journal) = journal();
    let asked = Asked::of(&journal);
    write_and_ask(&asked.connection).expect("all of it");
    let statements = asked.statements.clone();
    // The next to read reads by it.
    let mut readers = journal.0.readers.lock().expect("readers");
    readers.push(asked.connection);
    drop(readers);
    manage::waiting(&journal).expect("read");
    let place = Folder::new(folder.path());
    manage::status(&journal, &place).expect("read");
    let statements = statements.lock().expect("statements").clone();
    assert!(statements.len() > 60, "{statements:#?}");
    let walks = walks(&journal, &statements);
    assert!(walks.is_empty(), "{walks:#?}");
}

#[test]
fn a_walk_is_seen() {
    let (_folder, journal) = journal();
    for sql in [
        "SELECT id FROM file WHERE spool = 'x'",
        "SELECT count(*) FROM event",
        "DELETE FROM response WHERE kind = 'EERP'",
        "SELECT state FROM file GROUP BY dsn",
    ] {
        assert_eq!(walks(&journal, &[sql.to_owned()]).len(), 1, "{sql}");
    }
}
