//! Waiting for what the station does: the journal tells.

use std::time::{Duration, Instant};

use super::events::PAUSE;
use super::{Desk, UsageError};
use crate::exit_code::ExitCode;

/// What comes of waiting.
pub(super) enum Waited<T> {
    /// What was waited for.
    Came(T),
    /// The time was over before.
    Late,
    /// Nobody runs the station any more.
    Stopped,
}

/// Looks with `look`, now and whenever the journal has changed, until it finds something.
pub(super) fn wait<T>(
    desk: &Desk,
    patience: Option<Duration>,
    mut look: impl FnMut() -> Result<Option<T>, UsageError>,
) -> Result<Waited<T>, UsageError> {
    let begin = Instant::now();
    let mut watch = desk.journal.watch()?;
    loop {
        // Before the look: what it wrote last is seen by this look.
        let runs = desk.folder.running().is_some();
        if let Some(found) = look()? {
            return Ok(Waited::Came(found));
        }
        if !runs {
            return Ok(Waited::Stopped);
        }
        loop {
            if patience.is_some_and(|patience| begin.elapsed() >= patience) {
                return Ok(Waited::Late);
            }
            std::thread::sleep(PAUSE);
            if watch.has_changed()? || desk.folder.running().is_none() {
                break;
            }
        }
    }
}

/// The exit code of a session that is over, by the line of the history about it.
pub(super) fn session_exit(detail: &serde_json::Value) -> ExitCode {
    match detail["result"].as_str() {
        Some("done") => ExitCode::Done,
        Some("no_connection") => ExitCode::Connection,
        Some("refused" | "tls") => ExitCode::SessionRefused,
        Some("timed_out") => ExitCode::TimeOut,
        _ => ExitCode::SessionLost,
    }
}
