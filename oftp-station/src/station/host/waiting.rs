//! What is waited for: lines of the history, and ends of files.

use std::time::{Duration, Instant};

use super::super::journal::event::{self, EventRow};
use super::super::journal::file::{self, FileKey, FileRow};
use super::super::journal::{Journal, JournalError};
use super::bell::until;
use super::{Host, HostError, Inside};

impl Host {
    /// The lines of the history behind number `after` (0: from the first on), in their order, at
    /// most `most` and at least one of them. While there is none it waits for one, for so long at
    /// most (`None`: as long as the station runs). None: the time is over, or the station does not
    /// run and all of its history is read.
    ///
    /// Lines are kept for a time (`retention` in `oftp.toml`), and read as often as one likes: the
    /// number of the last line that was dealt with is all that a reader must remember.
    ///
    /// # Errors
    /// [`HostError::Forked`]; the journal cannot be read.
    pub fn events(
        &self,
        after: i64,
        most: u32,
        wait: Option<Duration>,
    ) -> Result<Vec<EventRow>, HostError> {
        let inside = self.inside()?;
        let mut after = after;
        inside
            .wait(until(wait), |journal| {
                let rows = lines(journal, &mut after, most.max(1))?;
                Ok((!rows.is_empty()).then_some(rows))
            })
            .map(|(rows, _)| rows.unwrap_or_default())
    }

    /// The number of the last line of the history; 0: there is none. Who reads from there on hears
    /// only of what is new.
    ///
    /// # Errors
    /// [`HostError::Forked`]; the journal cannot be read.
    pub fn last_event(&self) -> Result<i64, HostError> {
        Ok(self.inside()?.journal().read(event::last)?)
    }

    /// Waits until nothing is to happen any more with a file: its end response has come (`done`,
    /// `rejected`), it `failed` or was `cancelled`; one that came is `closed` or `refused`. Where
    /// the time is over before (`None`: for ever), its state
    /// [is open](super::super::journal::file::FileState::is_open).
    ///
    /// # Errors
    /// [`HostError::NotRunning`]: no process runs the station, or not any more, and the file is not
    /// at its end; there is no such file; the journal cannot be read; [`HostError::Forked`].
    pub fn settled(&self, key: FileKey, wait: Option<Duration>) -> Result<FileRow, HostError> {
        let inside = self.inside()?;
        let get = |journal: &Journal| journal.read(|connection| file::get(connection, key));
        let (found, runs) = inside.wait(until(wait), |journal| {
            let row = get(journal)?;
            Ok((!row.state.is_open()).then_some(row))
        })?;
        match found {
            Some(row) => Ok(row),
            None if runs => Ok(get(&inside.journal())?),
            None => Err(HostError::NotRunning(inside.folder.path().to_owned())),
        }
    }
}

impl Inside {
    /// Looks until there is something, the time is over, or nobody runs the station; gives whether
    /// it ran at the last look.
    fn wait<T>(
        &self,
        until: Option<Instant>,
        mut look: impl FnMut(&Journal) -> Result<Option<T>, JournalError>,
    ) -> Result<(Option<T>, bool), HostError> {
        loop {
            let seen = self.bell.rung();
            // Before the look: what it wrote last is seen by this look.
            let runs = self.is_run();
            // A start brings another journal, of the same file.
            let found = look(&self.journal())?;
            if found.is_some() || !runs || !self.bell.wait(seen, until) {
                return Ok((found, runs));
            }
        }
    }
}

fn lines(journal: &Journal, after: &mut i64, most: u32) -> Result<Vec<EventRow>, JournalError> {
    loop {
        let (rows, reach) = journal.read(|connection| {
            // In this order: what is written between the two is given, and not passed over.
            let reach = event::reach(connection, *after, most)?;
            Ok((event::after(connection, *after, most)?, reach))
        })?;
        // Lines of a newer version alone: what is behind them may be known.
        if !rows.is_empty() || reach == *after {
            return Ok(rows);
        }
        *after = reach;
    }
}
