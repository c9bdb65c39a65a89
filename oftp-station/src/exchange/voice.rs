//! What one session tells the user: the reporter is shared by all sessions.

use std::sync::{Arc, Mutex};

use crate::report::{Event, Reporter};
use crate::station::watch::Log;

/// So many lines are kept for who reads them, the last ones.
pub const MOST_KEPT: usize = 1000;

/// The reporter, and the number of the session that speaks (0: the command itself).
#[derive(Debug, Clone)]
pub struct Voice {
    ear: Ear,
    session: u64,
}

/// Who hears it.
#[derive(Debug, Clone)]
enum Ear {
    Reporter(Arc<Mutex<Reporter>>),
    /// Warnings and errors alone: a library has no streams to write to.
    Kept(Arc<Mutex<Vec<String>>>),
    /// What the history does not tell: a station's sessions.
    Log(Log),
}

impl Voice {
    /// The voice of the command itself.
    #[must_use]
    pub fn new(reporter: Reporter) -> Self {
        Self {
            ear: Ear::Reporter(Arc::new(Mutex::new(reporter))),
            session: 0,
        }
    }

    /// A voice of which only warnings and errors are heard, by who reads these lines, the last
    /// [`MOST_KEPT`] of them.
    #[must_use]
    pub fn kept(lines: Arc<Mutex<Vec<String>>>) -> Self {
        Self {
            ear: Ear::Kept(lines),
            session: 0,
        }
    }

    /// A voice that is heard in the log of a station.
    #[must_use]
    pub const fn logging(log: Log) -> Self {
        Self {
            ear: Ear::Log(log),
            session: 0,
        }
    }

    /// The voice of a session of the same command.
    #[must_use]
    pub fn of_session(&self, session: u64) -> Self {
        Self {
            ear: self.ear.clone(),
            session,
        }
    }

    /// Tells an event. A reader that has gone is no reason to stop a transfer.
    pub fn tell(&self, event: &Event) {
        match &self.ear {
            Ear::Reporter(reporter) => {
                if let Ok(mut reporter) = reporter.lock() {
                    let _ = reporter.report(self.session, event);
                }
            }
            Ear::Log(log) => log.hear(self.session, event),
            Ear::Kept(lines) => {
                if let (Ok(mut lines), Event::Warning { text } | Event::Error { text }) =
                    (lines.lock(), event)
                {
                    // Nobody may ever read them.
                    if lines.len() >= MOST_KEPT {
                        lines.remove(0);
                    }
                    lines.push(text.clone());
                }
            }
        }
    }

    /// Tells a warning.
    pub fn warn(&self, text: &str) {
        self.tell(&Event::Warning {
            text: text.to_owned(),
        });
    }

    /// Tells an error.
    pub fn error(&self, text: &str) {
        self.tell(&Event::Error {
            text: text.to_owned(),
        });
    }
}
