//! Someone who follows the history: hooks, the log, the metrics. How far one has come is a fact of
//! the journal, so that nothing is passed over while the station is down.

use std::time::Duration;

use tokio::time::Instant;

use super::event::{self, EventRow};
use super::{Journal, JournalError, fact};

/// At most so many lines at a time.
const MOST: u32 = 500;
/// What other processes write is noticed after this time.
const TICK: Duration = Duration::from_secs(2);
/// How far the one who follows has come is written after so many lines, or after this time: what is
/// read twice after a crash does no harm, and a write for each line would.
const LINES: i64 = 256;
const PAUSE: Duration = Duration::from_secs(5);

/// Someone who follows the history.
#[derive(Debug)]
pub struct Follower {
    journal: Journal,
    /// The fact that says how far; `None`: nobody needs to know later.
    name: Option<&'static str>,
    seen: i64,
    kept: i64,
    since: Instant,
    version: u64,
}

impl Follower {
    /// One whose place is the fact `name`; from the first line on where there is none.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn named(journal: &Journal, name: &'static str) -> Result<Self, JournalError> {
        let seen = journal.read(|connection| fact::number(connection, name))?;
        Ok(Self::at(journal, Some(name), seen.unwrap_or(0)))
    }

    /// One that follows what is written from now on.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn from_now(journal: &Journal) -> Result<Self, JournalError> {
        let last = journal.read(event::last)?;
        Ok(Self::at(journal, None, last))
    }

    fn at(journal: &Journal, name: Option<&'static str>, seen: i64) -> Self {
        Self {
            journal: journal.clone(),
            name,
            seen,
            kept: seen,
            since: Instant::now(),
            version: 0,
        }
    }

    /// The number of the last line that [`next`](Self::next) gave.
    #[must_use]
    pub const fn seen(&self) -> i64 {
        self.seen
    }

    /// The next lines, as soon as there are some. Those of the last call count as dealt with. May
    /// be dropped while it waits.
    ///
    /// # Errors
    /// The journal cannot be read. It can be tried again.
    pub async fn next(&mut self) -> Result<Vec<EventRow>, JournalError> {
        loop {
            if self.seen - self.kept >= LINES || self.since.elapsed() >= PAUSE {
                self.keep();
            }
            let rows = self.read()?;
            if !rows.is_empty() {
                return Ok(rows);
            }
            tokio::select! {
                version = self.journal.changed(self.version) => self.version = version,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// The next lines that are there already.
    ///
    /// # Errors
    /// The journal cannot be read. It can be tried again.
    pub fn read(&mut self) -> Result<Vec<EventRow>, JournalError> {
        loop {
            let seen = self.seen;
            let (rows, reach) = self.journal.read(|connection| {
                // In this order: what is written between the two is given, and not passed over.
                let reach = event::reach(connection, seen, MOST)?;
                Ok((event::after(connection, seen, MOST)?, reach))
            })?;
            self.seen = rows.last().map_or(reach, |last| last.id.max(reach));
            // Lines of a newer version alone: what is behind them may be known.
            if !rows.is_empty() || reach == seen {
                return Ok(rows);
            }
        }
    }

    /// Who follows has written its place itself, in the transaction of what it did.
    pub fn kept(&mut self) {
        self.kept = self.seen;
        self.since = Instant::now();
    }

    /// Writes its place: all lines so far are dealt with.
    pub fn keep(&mut self) {
        if let Some(name) = self.name
            && self.seen > self.kept
        {
            let seen = self.seen.to_string();
            self.journal
                .post(move |connection| fact::set(connection, name, &seen));
        }
        self.kept();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::event::Kind;
    use super::*;

    fn note(journal: &Journal, kinds: &'static [&str], times: usize) {
        let write = move |connection: &rusqlite::Connection| {
            for kind in kinds.iter().cycle().take(times) {
                event::note(connection, Kind::Alarm, None, None, &json!({}))?;
                let id = connection.last_insert_rowid();
                connection.execute("UPDATE event SET kind = ?1 WHERE id = ?2", (kind, id))?;
            }
            Ok(())
        };
        journal.write(write).expect("written");
    }

    #[tokio::test]
    async fn lines_of_a_newer_version_hide_nothing_behind_them() {
        let folder = tempfile::tempdir().expect("folder");
        let journal = Journal::open(&folder.path().join("journal.db")).expect("open");
        note(&journal, &["of_tomorrow"], 3 * MOST as usize);
        note(&journal, &["alarm"], 1);
        let mut follower = Follower::named(&journal, "test").expect("a place");
        assert_eq!(follower.read().expect("read").len(), 1);
        assert_eq!(follower.read().expect("read"), []);
        follower.keep();
        journal
            .write(|_| Ok(()))
            .expect("what is posted is written before");
        let mut again = Follower::named(&journal, "test").expect("a place");
        assert_eq!(again.read().expect("read"), []);
        note(&journal, &["of_tomorrow", "alarm"], 4);
        assert_eq!(again.next().await.expect("read").len(), 2);
        let mut late = Follower::from_now(&journal).expect("a place");
        assert_eq!(late.read().expect("read"), []);
    }

    #[tokio::test]
    async fn what_was_not_dealt_with_is_read_again() {
        let folder = tempfile::tempdir().expect("folder");
        let journal = Journal::open(&folder.path().join("journal.db")).expect("open");
        note(&journal, &["alarm"], LINES as usize);
        let mut follower = Follower::named(&journal, "test").expect("a place");
        let first = follower.next().await.expect("read");
        drop(follower);
        let mut follower = Follower::named(&journal, "test").expect("a place");
        assert_eq!(follower.next().await.expect("read"), first);
        // Who asks for the next ones has dealt with these.
        note(&journal, &["alarm"], 1);
        assert_eq!(follower.next().await.expect("read").len(), 1);
        journal
            .write(|_| Ok(()))
            .expect("what is posted is written before");
        let mut follower = Follower::named(&journal, "test").expect("a place");
        assert_eq!(follower.next().await.expect("read").len(), 1);
    }
}
