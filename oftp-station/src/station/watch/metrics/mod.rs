//! Figures of a running station, in the text format 0.0.4 of Prometheus.
//!
//! Counters begin with the process: they are fed by what is new in the history. The rest is read
//! when it is asked for. Partners are named as in the configuration, so that no peer can make a
//! name of a label.

mod figures;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus::{Encoder, Opts, Registry, TEXT_FORMAT, TextEncoder};

use super::super::Shared;
use super::super::hooks::Tally;
use super::super::journal::event::EventRow;
use super::super::journal::file;
use super::super::journal::follow::Follower;
use super::super::journal::{JournalError, now};
use super::health::free_space;
use figures::Family;

/// What could not be read is tried again after this time.
const AGAIN: Duration = Duration::from_secs(1);

/// The figures of a station. Clones share them.
#[derive(Debug, Clone)]
pub struct Metrics {
    shared: Shared,
    tally: Tally,
    registry: Registry,
    family: Arc<Family>,
    /// Figures of one moment are not mixed with those of another.
    asked: Arc<Mutex<()>>,
}

impl Metrics {
    /// The figures of this station; `tally` is that of its hooks.
    ///
    /// # Errors
    /// Two figures have one name: a mistake in this program.
    pub fn new(shared: Shared, tally: Tally) -> io::Result<Self> {
        let registry = Registry::new();
        let family = Family::new(&registry).map_err(io::Error::other)?;
        let (commits, last) = (family.commits.clone(), family.last_commit.clone());
        shared.journal().observe_commits(move |took| {
            commits.observe(took.as_secs_f64());
            last.set(seconds(now()));
        });
        Ok(Self {
            shared,
            tally,
            registry,
            family: Arc::new(family),
            asked: Arc::default(),
        })
    }

    /// Counts what is new in the history, until `stop` is done.
    ///
    /// # Errors
    /// The journal cannot be read at the beginning.
    pub async fn follow(self, stop: impl Future<Output = ()>) -> Result<(), JournalError> {
        let mut follower = Follower::from_now(self.shared.journal())?;
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return Ok(()),
                rows = follower.next() => match rows {
                    Ok(rows) => rows.iter().for_each(|row| self.count(row)),
                    Err(_) => tokio::time::sleep(AGAIN).await,
                },
            }
        }
    }

    fn count(&self, row: &EventRow) {
        let file = row.file.and_then(|key| {
            let found = self.shared.journal();
            found.read(|connection| file::get(connection, key)).ok()
        });
        self.family.count(row, file.as_ref());
    }

    /// The figures at this moment, and the type of their text. Reads the journal: within a task, on
    /// a thread that may block.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn text(&self) -> Result<(&'static str, Vec<u8>), JournalError> {
        let at = now();
        let figures = super::super::journal::figures::figures;
        let waiting = self
            .shared
            .journal()
            .read(|connection| figures(connection, at));
        let _alone = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let family = &self.family;
        family
            .broken
            .set(self.shared.journal().broken().is_some().into());
        family.waiting(&waiting?, at);
        family.sessions(&self.shared.all_sessions());
        family.hooks(&self.tally.runs());
        if let Ok(free) = free_space(&self.shared) {
            family.free.set(i64::try_from(free).unwrap_or(i64::MAX));
        }
        let mut text = Vec::new();
        let encoded = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        encoded.map_err(|error| JournalError::State(error.to_string()))?;
        Ok((TEXT_FORMAT, text))
    }
}

/// Milliseconds as seconds.
fn seconds(milliseconds: i64) -> f64 {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)).as_secs_f64()
}

fn named(name: &str, help: &str) -> Opts {
    Opts::new(format!("oftp_{name}"), help)
}

#[cfg(test)]
mod tests;
