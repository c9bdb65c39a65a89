//! What the journals of two stations say, and what must be so when all is quiet: nothing is lost,
//! nothing is there twice, and nothing is left lying about.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oftp_station::station::Folder;
use rusqlite::Connection;

use crate::pair::{Pair, Side};
use crate::running::{Running, until};

/// The journal of a station, as another process sees it.
pub(crate) fn journal(pair: &Pair, side: Side) -> Connection {
    let path = Folder::new(&pair.folder(side)).journal();
    let journal = Connection::open(path).expect("a journal");
    journal
        .busy_timeout(Duration::from_secs(30))
        .expect("patience");
    journal
}

fn number(journal: &Connection, query: &str) -> u64 {
    let number: i64 = journal
        .query_row(query, [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    u64::try_from(number).expect("not negative")
}

/// The number of these rows.
pub(crate) fn count(journal: &Connection, rows: &str) -> u64 {
    number(journal, &format!("SELECT count(*) FROM {rows}"))
}

/// The number of the newest line of the history.
pub(crate) fn last_line(journal: &Connection) -> u64 {
    number(journal, "SELECT coalesce(max(id), 0) FROM event")
}

/// Whether all files of both ways have come to their end, as this one sees it.
pub(crate) fn is_settled(pair: &Pair, journal: &Connection) -> bool {
    let files = pair.sent.iter().map(Vec::len).sum::<usize>() as u64;
    let over = "SELECT count(*) FROM file WHERE state IN ('done', 'closed')";
    let open = "SELECT (SELECT count(*) FROM file WHERE open = 1) \
                + (SELECT count(*) FROM response WHERE open = 1)";
    number(journal, over) >= files && number(journal, open) == 0
}

/// All that a journal says of its files, for people.
pub(crate) fn words(journal: &Connection) -> String {
    let query = "SELECT format('%s %s %s %s %s', id, direction, name, state, \
                 coalesce(trouble, '')) FROM file ORDER BY id";
    let mut statement = journal.prepare(query).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<Vec<String>, _>>()
        .expect("rows")
        .join("\n")
}

/// What is waited for is waited for no longer; while nothing runs.
pub(crate) fn all_is_due(pair: &Pair, side: Side) {
    journal(pair, side)
        .execute("UPDATE file SET retry_at = NULL WHERE open = 1", [])
        .expect("due");
}

/// Waits until all is settled at both.
pub(crate) fn wait(pair: &Pair, stations: [&Running; 2], of: &str) {
    let journals = Side::BOTH.map(|side| journal(pair, side));
    let what = || {
        let [alpha, beta] = &journals;
        format!(
            "{of}: never settled\n{}\n{}\n{}\n{}",
            words(alpha),
            words(beta),
            stations[0].said(),
            stations[1].said()
        )
    };
    until(what, || {
        let settled = journals.iter().all(|journal| is_settled(pair, journal));
        settled.then_some(())
    });
}

/// All that must be so of a station that has ended.
#[track_caller]
pub(crate) fn check(pair: &Pair, side: Side, of: &str) {
    let journal = journal(pair, side);
    let of = format!("{of}: {}\n{}", side.name(), words(&journal));
    let (out, came) = (
        pair.sent[side as usize].len() as u64,
        &pair.sent[side.other() as usize],
    );
    let verdict: String = journal
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a verdict");
    assert_eq!(verdict, "ok", "{of}");
    assert!(is_settled(pair, &journal), "{of}");
    let count = |rows: &str| count(&journal, rows);
    assert_eq!(count("file WHERE direction = 'out'"), out, "{of}");
    assert_eq!(
        count("file WHERE direction = 'out' AND state = 'done'"),
        out
    );
    assert_eq!(count("file WHERE direction = 'in'"), came.len() as u64);
    for kind in ["file_delivered", "file_received"] {
        let lines = count(&format!("event WHERE kind = '{kind}'"));
        assert_eq!(lines, came.len() as u64, "{kind}: {of}");
    }
    let folder = Folder::new(&pair.folder(side));
    let partner = side.other().name();
    let inbox = folder.inbox(partner);
    let mut there: Vec<Vec<u8>> = files(&inbox)
        .iter()
        .map(|path| fs::read(path).expect("octets"))
        .collect();
    there.sort();
    assert!(there == *came, "{} in the inbox: {of}", there.len());
    assert_eq!(files(&folder.sent(partner)).len() as u64, out, "{of}");
    for empty in [
        folder.spool_in(),
        folder.spool_out(),
        folder.refused(),
        folder.outbox(partner),
    ] {
        let left = files(&empty);
        assert!(left.is_empty(), "{left:?}: {of}");
    }
}

/// All files in a folder, and in the folders in it.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}
