//! What one session tells the user: the reporter is shared by all sessions.

use std::sync::{Arc, Mutex};

use crate::report::{Event, Reporter};

/// The reporter, and the number of the session that speaks (0: the command itself).
#[derive(Debug, Clone)]
pub struct Voice {
    reporter: Arc<Mutex<Reporter>>,
    session: u64,
}

impl Voice {
    /// The voice of the command itself.
    #[must_use]
    pub fn new(reporter: Reporter) -> Self {
        Self {
            reporter: Arc::new(Mutex::new(reporter)),
            session: 0,
        }
    }

    /// The voice of a session of the same command.
    #[must_use]
    pub fn of_session(&self, session: u64) -> Self {
        Self {
            reporter: self.reporter.clone(),
            session,
        }
    }

    /// Tells an event. A reader that has gone is no reason to stop a transfer.
    pub fn tell(&self, event: &Event) {
        if let Ok(mut reporter) = self.reporter.lock() {
            let _ = reporter.report(self.session, event);
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
