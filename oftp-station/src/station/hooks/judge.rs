//! Hooks that decide whether a file that came is delivered.
//!
//! ```text
//! exit code 0       it is delivered, unless the next judge says otherwise
//! exit code 75      not now (EX_TEMPFAIL): it is asked again, however often
//! anything else     it is asked again as often as the hook has attempts, then the file is refused
//!                   (NERP); a line `reason=NN` on its standard output chooses NERPREAS, else it
//!                   is 34, "file processing failed"
//! ```
//!
//! A command that cannot even be started says nothing about a file: people are told, and the file
//! waits.

use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use oftp_core::wire::NerpReason;
use serde_json::json;
use tokio::time::Instant;

use super::super::config::HookConfig;
use super::super::journal::event::{EventRow, Kind};
use super::super::journal::file::FileRow;
use super::super::journal::hook::{Duty, HookKey, HookRow};
use super::super::journal::{JournalError, event, hook, now};
use super::process::{self, End, Ended};
use super::subject::Subject;
use super::{Hooks, RunResult, is_for};

/// EX_TEMPFAIL of sysexits(3).
const TEMPORARY: i32 = 75;

/// What the judges say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The file is delivered.
    Deliver,
    /// It is refused, with this reason in the NERP. The words are for people here: they quote what
    /// a command of ours wrote, and are not for the partner.
    Refuse(NerpReason, String),
    /// It stays where it is, and they are asked again: after some seconds is soon enough, one that
    /// has failed is not run before its pause is over. In words why.
    Later(String),
}

impl Hooks {
    /// Whether a file that has come is delivered; asked before it is. `path` is where it lies.
    /// Without a hook that judges it is delivered.
    pub async fn judge(&self, file: &FileRow, path: &Path) -> Verdict {
        let config = self.shared.config();
        let judges = |hook: &&HookConfig| hook.refuses && hook.events.contains(&Kind::FileReceived);
        if !config.hooks.iter().any(|hook| judges(&hook)) {
            return Verdict::Deliver;
        }
        let lines = self.shared.journal().read(|connection| {
            let lines = event::of_file(connection, file.key)?;
            Ok(lines
                .into_iter()
                .rfind(|row| row.kind == Kind::FileReceived))
        });
        let row = match lines {
            Ok(Some(row)) => row,
            Ok(None) => return Verdict::Later("it has not been received".to_owned()),
            Err(error) => return Verdict::Later(error.to_string()),
        };
        let fitting = config.hooks.iter().filter(judges);
        for hook in fitting.filter(|hook| is_for(hook, &row)) {
            match self.ask(hook, &row, file, path).await {
                Ok(Verdict::Deliver) => {}
                Ok(other) => return other,
                Err(error) => return Verdict::Later(error.to_string()),
            }
        }
        Verdict::Deliver
    }

    async fn ask(
        &self,
        hook: &HookConfig,
        event: &EventRow,
        file: &FileRow,
        path: &Path,
    ) -> Result<Verdict, JournalError> {
        let (id, name) = (event.id, hook.name.clone());
        let journal = self.shared.journal();
        let (row, _) = journal
            .write_aside(move |connection| hook::add(connection, id, &name, Duty::Judge))
            .await?;
        if row.state == "done" {
            return Ok(Verdict::Deliver);
        }
        if !self.may_be_asked(row.key) {
            return Ok(Verdict::Later(row.trouble.unwrap_or_default()));
        }
        let subject = Subject {
            event,
            file: Some(file),
            path: Some(path),
        };
        let ended = match subject.run(hook, self.shared.folder()) {
            Ok(run) => {
                // It is never closed.
                let _one_of_them = self.judging.acquire().await;
                process::run(run).await
            }
            Err(why) => Ended::not_started(why),
        };
        self.tally.count(&hook.name, RunResult::of(&ended.end));
        self.weigh(hook, row, event, ended).await
    }

    /// What the end of a run means, once the journal has it.
    async fn weigh(
        &self,
        hook: &HookConfig,
        row: HookRow,
        event: &EventRow,
        ended: Ended,
    ) -> Result<Verdict, JournalError> {
        let key = row.key;
        let journal = self.shared.journal();
        let words = format!("hook {}: {}", hook.name, ended.words());
        let spent = row.attempts >= hook.attempts;
        let noted = words.clone();
        match ended.end {
            End::Exit(0) => {
                journal
                    .write_aside(move |connection| hook::done(connection, key))
                    .await?;
                Ok(Verdict::Deliver)
            }
            End::Exit(TEMPORARY) => {
                let pause = self.pauses.first;
                self.put_off(key, noted, pause, false).await?;
                Ok(Verdict::Later(words))
            }
            End::NotStarted(_) => {
                // It is told of once, and asked for ever.
                if row.attempts == hook.attempts {
                    let detail = json!({
                        "hook": hook.name, "event": event.id, "trouble": words,
                        "attempts": row.attempts + 1, "of": event.kind.name(),
                    });
                    let (partner, file) = (event.partner.clone(), event.file);
                    journal
                        .write_aside(move |connection| {
                            let partner = partner.as_deref();
                            event::note(connection, Kind::HookFailed, partner, file, &detail)
                        })
                        .await?;
                }
                let pause = self.pauses.after(row.attempts + 1);
                self.put_off(key, noted, pause, true).await?;
                Ok(Verdict::Later(words))
            }
            _ if spent => {
                journal
                    .write_aside(move |connection| {
                        hook::failed(connection, key, &noted).map(|_| ())
                    })
                    .await?;
                Ok(Verdict::Refuse(reason_in(&ended.output), words))
            }
            _ => {
                let pause = self.pauses.after(row.attempts + 1);
                self.put_off(key, noted, pause, true).await?;
                Ok(Verdict::Later(words))
            }
        }
    }

    async fn put_off(
        &self,
        key: HookKey,
        words: String,
        pause: Duration,
        counted: bool,
    ) -> Result<(), JournalError> {
        let at = now().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        let write = move |connection: &rusqlite::Connection| {
            hook::postponed(connection, key, &words, at, counted)
        };
        self.shared.journal().write_aside(write).await?;
        let mut again = self
            .asked_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        again.insert(key, Instant::now() + pause);
        Ok(())
    }

    fn may_be_asked(&self, key: HookKey) -> bool {
        let mut again = self
            .asked_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = again.get(&key).is_none_or(|at| *at <= Instant::now());
        if is_due {
            again.remove(&key);
        }
        is_due
    }
}

/// The reason that a judge chose in its last line `reason=NN`, if RFC 5024 section 5.3.14 has it.
fn reason_in(output: &[u8]) -> NerpReason {
    let mut lines = output.rsplit(|octet| *octet == b'\n');
    let code = lines.find_map(|line| {
        let digits = line.trim_ascii().strip_prefix(b"reason=")?;
        std::str::from_utf8(digits).ok()?.parse::<u8>().ok()
    });
    code.map(NerpReason::new)
        .filter(|reason| {
            let mut known = NerpReason::TABLE.iter();
            known.any(|row| row.code == reason.code())
        })
        .unwrap_or(NerpReason::FILE_PROCESSING_FAILURE)
}
