//! The time of sessions.

use std::time::Duration;

use tokio::time::Instant;

/// The clock of all sessions of this process.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock {
    /// The time since the clock was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.elapsed()
    }

    /// The moment at which [`now`](Self::now) will be so much.
    pub(super) fn at(&self, time: Duration) -> Instant {
        // A time beyond what the system can tell is one that never comes.
        self.0
            .checked_add(time)
            .unwrap_or_else(|| self.0 + Duration::from_secs(365 * 24 * 3600))
    }
}
