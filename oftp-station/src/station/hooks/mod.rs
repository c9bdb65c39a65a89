//! Hooks: commands that are run when something happens (design chapter "Delivery"; field notes 1,
//! "post-processing hooks").
//!
//! For each line of the history that a hook fits the journal gets a row, in one transaction with
//! how far the history was read. Then the command is run, and the row is closed. So each line is
//! told at least once: a station that dies between the two runs the command again, with the same
//! delivery id. Some hooks judge: a file that has come is delivered only when they agree
//! ([`Hooks::judge`]).
//!
//! A command never goes through a shell; what it is told is in [`delivery_id`], in the placeholders
//! of [`HookConfig::command`](super::config::HookConfig::command), in variables `OFTP_FILE`,
//! `OFTP_PATH`, `OFTP_DSN`, `OFTP_PARTNER`, `OFTP_EVENT`, `OFTP_ID`, `OFTP_STATION`, and as JSON on
//! its standard input. Of our own environment it has PATH, HOME and LANG: no secret reaches it.
//!
//! ```text
//! queue     which one is next
//! subject   what a hook is told
//! process   one run: its group, its time, its words
//! judge     hooks that decide
//! tally     how many runs there were, for the metrics
//! ```

mod judge;
mod process;
mod queue;
mod subject;
mod tally;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::Shared;
use super::config::HookConfig;
use super::journal::event::{EventRow, Kind};
use super::journal::follow::Follower;
use super::journal::hook::{Duty, HookKey, HookRow};
use super::journal::{JournalError, event, fact, file, hook, now};

pub use judge::Verdict;
pub use subject::delivery_id;
pub use tally::{Result as RunResult, Tally};

use process::{End, Ended};
use queue::Queue;
use subject::Subject;

/// So many commands are run at a time; of one hook no more than its share, so that a slow one does
/// not stop the others.
pub const AT_A_TIME: usize = 8;
/// Where the journal says how far the history was read.
const PLACE: &str = "hooks_seen";
/// What could not be written is tried again after this time.
const AGAIN: Duration = Duration::from_secs(1);
/// How long commands may go on after the order to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pauses between runs that fail.
#[derive(Debug, Clone, Copy)]
struct Pauses {
    first: Duration,
    longest: Duration,
}

impl Pauses {
    /// Before the next run after so many failed.
    fn after(self, failed: u32) -> Duration {
        let doubled = failed.saturating_sub(1).min(16);
        self.first.saturating_mul(1 << doubled).min(self.longest)
    }
}

/// The hooks of a station. Clones share what runs.
#[derive(Debug, Clone)]
pub struct Hooks {
    shared: Shared,
    pauses: Pauses,
    tally: Tally,
    judging: Arc<Semaphore>,
    /// When a judge that failed may be asked again: by a clock that nobody sets.
    asked_again: Arc<Mutex<HashMap<HookKey, Instant>>>,
}

impl Hooks {
    /// The hooks of this station, as its configuration says at the time of each run.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self {
            shared,
            pauses: Pauses {
                first: Duration::from_secs(5),
                longest: Duration::from_secs(600),
            },
            tally: Tally::default(),
            judging: Arc::new(Semaphore::new(AT_A_TIME)),
            asked_again: Arc::default(),
        }
    }

    /// Other pauses after a run that failed: the first, doubled each time up to the longest.
    #[must_use]
    pub const fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = Pauses { first, longest };
        self
    }

    /// How many runs there were since the start.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Runs hooks until `stop` is done. Those that run then may go on for a while; what has not
    /// ended is run again after the next start.
    ///
    /// # Errors
    /// The journal cannot be read at the beginning.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), JournalError> {
        let mut follower = Follower::named(self.shared.journal(), PLACE)?;
        let mut queue = Queue::default();
        let open = self.shared.journal().read(hook::open)?;
        open.into_iter().for_each(|row| queue.push(row));
        // What fits and is not in the journal yet.
        let mut fitting = Vec::new();
        let mut running = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let share = (AT_A_TIME / self.shared.config().hooks.len().max(1)).max(1);
            while running.len() < AT_A_TIME
                && let Some(row) = queue.take(Instant::now(), share)
            {
                running.spawn(self.clone().tell(row));
            }
            let due = queue.due();
            let pause = if fitting.is_empty() {
                due.filter(|_| running.len() < AT_A_TIME)
            } else {
                Some(Instant::now() + AGAIN)
            };
            tokio::select! {
                () = &mut stop => break,
                Some(told) = running.join_next() => self.told(&mut queue, told),
                rows = follower.next(), if fitting.is_empty() => match rows {
                    Ok(rows) => fitting = self.fitting(&rows),
                    Err(_) => sleep(AGAIN).await,
                },
                () = wait_for(pause), if pause.is_some() => {}
            }
            if !fitting.is_empty() {
                // A full disk: it is tried again.
                if let Ok(rows) = self.keep(fitting.clone(), follower.seen()).await {
                    fitting.clear();
                    follower.kept();
                    rows.into_iter().for_each(|row| queue.push(row));
                }
            }
        }
        if fitting.is_empty() {
            follower.keep();
        }
        let rest = async { while running.join_next().await.is_some() {} };
        // The rest is ended where its tasks are dropped.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
        Ok(())
    }

    /// Which hooks are to be run for these lines.
    fn fitting(&self, rows: &[EventRow]) -> Vec<(i64, String)> {
        let config = self.shared.config();
        let pairs = rows.iter().flat_map(|row| {
            let hooks = config.hooks.iter().filter(|hook| is_told(hook, row));
            hooks.map(|hook| (row.id, hook.name.clone()))
        });
        pairs.collect()
    }

    /// Writes what is to be run, and how far the history was read.
    async fn keep(
        &self,
        fitting: Vec<(i64, String)>,
        seen: i64,
    ) -> Result<Vec<HookRow>, JournalError> {
        let write = move |connection: &rusqlite::Connection| {
            fact::set(connection, PLACE, &seen.to_string())?;
            let mut rows = Vec::new();
            for (event, name) in &fitting {
                // A line that is read twice, after a crash, is done already or in the queue.
                if let (row, true) = hook::add(connection, *event, name, Duty::Tell)? {
                    rows.push(row);
                }
            }
            Ok(rows)
        };
        self.shared.journal().write_aside(write).await
    }

    /// Runs the hook of a row, and writes how it went. Gives the row where it is to be run again.
    async fn tell(self, row: HookRow) -> (HookRow, Option<Duration>) {
        let (ended, hook, event) = self.run_for(&row).await;
        let failed = row.attempts + 1;
        let again = hook
            .as_ref()
            .is_some_and(|hook| ended.end != End::Exit(0) && row.attempts < hook.attempts);
        let pause = again.then(|| self.pauses.after(failed));
        self.tally.count(&row.name, RunResult::of(&ended.end));
        let (key, words) = (row.key, ended.words());
        let is_good = ended.end == End::Exit(0);
        let detail = json!({
            "hook": row.name, "event": row.event, "trouble": words, "attempts": failed,
            "of": event.as_ref().map(|event| event.kind.name()),
        });
        let (partner, file) = (row.partner.clone(), row.file);
        let write = move |connection: &rusqlite::Connection| {
            if is_good {
                return hook::done(connection, key);
            }
            if let Some(pause) = pause {
                let at = now().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
                return hook::postponed(connection, key, &words, at, true);
            }
            if hook::failed(connection, key, &words)? {
                event::note(
                    connection,
                    Kind::HookFailed,
                    partner.as_deref(),
                    file,
                    &detail,
                )?;
            }
            Ok(())
        };
        self.write_surely(write).await;
        let row = HookRow {
            attempts: failed,
            ..row
        };
        (row, pause)
    }

    /// Writes, again and again while the disk is full. A journal that takes nothing any more keeps
    /// the open row, and the next start runs the hook again.
    async fn write_surely(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<(), JournalError> + Clone + Send + 'static,
    ) {
        while let Err(error) = self.shared.journal().write_aside(work.clone()).await
            && error.may_pass()
        {
            sleep(AGAIN).await;
        }
    }

    async fn run_for(&self, row: &HookRow) -> (Ended, Option<HookConfig>, Option<EventRow>) {
        let config = self.shared.config();
        let hook = config.hooks.iter().find(|hook| hook.name == row.name);
        let found = self.shared.journal().read(|connection| {
            let event = event::get(connection, row.event)?;
            let file = match row.file.map(|file| file::get(connection, file)) {
                Some(Err(JournalError::NotThere(_))) | None => None,
                Some(found) => Some(found?),
            };
            Ok((event, file))
        });
        let (hook, event, file) = match (hook, found) {
            (_, Err(error)) => {
                return (Ended::not_started(error.to_string()), hook.cloned(), None);
            }
            (None, _) => {
                let why = "it is not configured any more".to_owned();
                return (Ended::not_started(why), None, None);
            }
            (_, Ok((None, _))) => {
                let why = "the history does not go back to it any more".to_owned();
                return (Ended::not_started(why), None, None);
            }
            (Some(hook), Ok((Some(event), file))) => (hook, event, file),
        };
        let subject = Subject {
            event: &event,
            file: file.as_ref(),
            path: None,
        };
        let ended = match subject.run(hook, self.shared.folder()) {
            Ok(run) => process::run(run).await,
            Err(why) => Ended::not_started(why),
        };
        (ended, Some(hook.clone()), Some(event))
    }

    fn told(
        &self,
        queue: &mut Queue,
        told: Result<(HookRow, Option<Duration>), tokio::task::JoinError>,
    ) {
        // A task of ours neither panics nor is it cancelled: there is nothing to do for one.
        if let Ok((row, pause)) = told {
            match pause {
                Some(pause) => queue.postpone(row, Instant::now() + pause),
                None => queue.ended(&row),
            }
        }
    }
}

async fn wait_for(at: Option<Instant>) {
    if let Some(at) = at {
        sleep_until(at).await;
    }
}

/// Whether a hook is told of a line.
fn is_told(hook: &HookConfig, row: &EventRow) -> bool {
    // The delivery asks judges itself.
    let is_asked = hook.refuses && row.kind == Kind::FileReceived;
    // A hook that fails when it is told of a hook that failed is told of no more: it would be so
    // for ever.
    let goes_round =
        row.kind == Kind::HookFailed && row.detail["of"] == json!(Kind::HookFailed.name());
    !is_asked && !goes_round && hook.events.contains(&row.kind) && is_for(hook, row)
}

fn is_for(hook: &HookConfig, row: &EventRow) -> bool {
    let of_row = row.partner.as_deref();
    hook.partners.is_empty() || hook.partners.iter().any(|one| Some(one.as_str()) == of_row)
}

#[cfg(test)]
mod tests;
