//! The tables of the journal, and how those of older versions become these.

use std::path::Path;

use rusqlite::Connection;

use super::JournalError;

/// Each entry leads from the version that is its index to the next one. What has been released is
/// never changed: a journal out there was made by it.
const STEPS: &[&str] = &[V1];

/// Files, responses, history, partners, orders, hooks. Times are milliseconds since 1970, octets of
/// the protocol are escaped as in file names.
const V1: &str = r"
CREATE TABLE file (
    -- Never used again: the delivery id of hooks and hosts.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    direction   TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    state       TEXT NOT NULL,
    -- 1 until nothing more is to happen, then NULL.
    open        INTEGER,
    partner     TEXT NOT NULL,
    dsn         TEXT NOT NULL,
    date        TEXT NOT NULL,
    time        TEXT NOT NULL,
    orig        TEXT NOT NULL,
    dest        TEXT NOT NULL,
    -- The Virtual File as it is offered, JSON.
    sfid        TEXT NOT NULL,
    -- The local name, for people.
    name        TEXT NOT NULL,
    -- Out: what is sent lies in the spool under this name. In: where it is staged.
    spool       TEXT NOT NULL,
    -- How the records of a V file lie there.
    layout      TEXT NOT NULL,
    -- Out: from where it was taken. In: where it was delivered.
    path        TEXT,
    -- What the configuration says of it, JSON.
    plan        TEXT NOT NULL DEFAULT '{}',
    -- Out: it is in its envelope, and lies beside `spool`.
    sealed      INTEGER NOT NULL DEFAULT 0,
    -- Of what is transmitted, by the cipher suite, hexadecimal.
    hash        TEXT NOT NULL DEFAULT '',
    octets      INTEGER NOT NULL DEFAULT 0,
    records     INTEGER NOT NULL DEFAULT 0,
    -- Where an interrupted transfer may go on (SFIDREST).
    position    INTEGER NOT NULL DEFAULT 0,
    priority    INTEGER NOT NULL DEFAULT 5,
    held        INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    retry_at    INTEGER,
    -- The file that came and is forwarded by this one.
    parent      INTEGER REFERENCES file (id),
    trouble     TEXT,
    created     INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    -- When EFPA came or left.
    transferred INTEGER,
    -- When its end response is overdue; NULL once that was told.
    due         INTEGER
);
-- A file that was refused counts as not received: it may come again.
CREATE UNIQUE INDEX file_identity ON file (dsn, date, time, orig, dest, direction)
    WHERE state <> 'refused';
CREATE INDEX file_open ON file (open, direction, partner, priority, id) WHERE open = 1;
CREATE INDEX file_due ON file (due) WHERE due IS NOT NULL;
-- What failed waits for a person, who is told how much there is.
CREATE INDEX file_failed ON file (partner) WHERE state = 'failed';
-- What was refused is known by its name alone.
CREATE INDEX file_refused ON file (dsn) WHERE state = 'refused';
-- What may be removed one day.
CREATE INDEX file_over ON file (changed) WHERE open IS NULL;
CREATE INDEX file_parent ON file (parent) WHERE parent IS NOT NULL;

CREATE TABLE response (
    id        INTEGER PRIMARY KEY,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    -- out: ready, closed; in: taken
    state     TEXT NOT NULL,
    open      INTEGER,
    -- The file that it is for.
    file      INTEGER NOT NULL REFERENCES file (id),
    partner   TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (kind IN ('EERP', 'NERP')),
    -- The command, as it is sent at this level (SSIDLEV).
    level     INTEGER NOT NULL,
    command   BLOB NOT NULL,
    created   INTEGER NOT NULL,
    changed   INTEGER NOT NULL
);
CREATE INDEX response_open ON response (open, partner) WHERE open = 1;
CREATE INDEX response_file ON response (file);

CREATE TABLE event (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    partner TEXT,
    file    INTEGER,
    detail  TEXT NOT NULL
);
CREATE INDEX event_file ON event (file) WHERE file IS NOT NULL;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_overdue ON event (file) WHERE kind = 'response_overdue';
CREATE INDEX event_loose ON event (at) WHERE file IS NULL;

CREATE TABLE partner (
    name         TEXT PRIMARY KEY,
    held         INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    last_session INTEGER,
    last_failure INTEGER,
    trouble      TEXT
);

CREATE TABLE orders (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    partner TEXT
);

CREATE TABLE hook (
    id       INTEGER PRIMARY KEY,
    event    INTEGER NOT NULL,
    name     TEXT NOT NULL,
    state    TEXT NOT NULL,
    open     INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER,
    trouble  TEXT,
    changed  INTEGER NOT NULL,
    UNIQUE (event, name)
);
CREATE INDEX hook_open ON hook (open) WHERE open = 1;

-- Numbers and words that are single.
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
";

/// Brings the tables to what this version knows.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let run = |connection: &mut Connection| -> Result<i64, rusqlite::Error> {
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let done = usize::try_from(found).unwrap_or(usize::MAX);
        for step in STEPS.iter().skip(done) {
            transaction.execute_batch(step)?;
        }
        if found < known {
            transaction.pragma_update(None, "user_version", known)?;
        }
        transaction.commit()?;
        Ok(found)
    };
    let found = run(connection).map_err(|error| JournalError::open(path, error))?;
    if found > known {
        return Err(JournalError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    Ok(())
}
