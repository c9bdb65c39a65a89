//! The timer of 9.8 to 9.12, and the deadlines of the start phase.

use std::time::Duration;

/// Time as it was told last, and what runs.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Duration,
    /// The inactivity timer; after the end of the session, how long unsent octets may wait.
    pub(super) inactivity: Option<Limit>,
    /// The deadline of the start phase, or of authentication.
    pub(super) phase: Option<Limit>,
}

/// A time limit. What a step starts counts from the next time that is told: before the step a
/// file may have been stored or opened for minutes, and that is not the partner's time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// Started since the time was told.
    For(Duration),
    /// Runs until then.
    Until(Duration),
}

impl Limit {
    /// A limit that lies beyond all time is none.
    fn counted_from(self, now: Duration) -> Option<Self> {
        match self {
            Self::For(limit) => now.checked_add(limit).map(Self::Until),
            Self::Until(_) => Some(self),
        }
    }
}

impl Clock {
    /// Moves the time on; true when a limit has passed. Nothing runs any more then.
    pub(super) fn tick(&mut self, now: Duration) -> bool {
        self.now = self.now.max(now);
        for limit in [&mut self.inactivity, &mut self.phase] {
            *limit = limit.and_then(|limit| limit.counted_from(self.now));
        }
        let due = self.deadline().is_some_and(|due| due <= self.now);
        if due {
            self.inactivity = None;
            self.phase = None;
        }
        due
    }

    /// When the next tick is due: at once where a limit waits for it.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let limits = [self.inactivity, self.phase].into_iter().flatten();
        let deadlines = limits.map(|limit| match limit {
            Limit::For(_) => self.now,
            Limit::Until(deadline) => deadline,
        });
        deadlines.min()
    }
}
