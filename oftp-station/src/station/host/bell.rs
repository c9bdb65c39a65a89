//! What wakes those who wait for something of a station: threads without a runtime.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::locked;

/// What other processes write is noticed after this time at the latest.
const TICK: Duration = Duration::from_millis(250);

/// A bell that is rung when there may be something new.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<u64>,
    ring: Condvar,
}

impl Bell {
    /// How often it was rung: read before one looks, so that nothing between is missed.
    pub(super) fn rung(&self) -> u64 {
        *locked(&self.rung)
    }

    pub(super) fn ring(&self) {
        *locked(&self.rung) += 1;
        self.ring.notify_all();
    }

    /// Waits until it was rung after `seen`, for a moment at most, or until `until`, which is
    /// monotonic time. False: `until` has come.
    pub(super) fn wait(&self, seen: u64, until: Option<Instant>) -> bool {
        let patience = match until {
            Some(until) => until.saturating_duration_since(Instant::now()).min(TICK),
            None => TICK,
        };
        if patience.is_zero() {
            return false;
        }
        let rung = locked(&self.rung);
        let waited = self
            .ring
            .wait_timeout_while(rung, patience, |rung| *rung == seen);
        // It is only waited for; what is true is looked at by who waits.
        drop(waited);
        true
    }
}

/// The time that is so far away; `None`: for ever.
pub(super) fn until(wait: Option<Duration>) -> Option<Instant> {
    wait.and_then(|wait| Instant::now().checked_add(wait))
}
