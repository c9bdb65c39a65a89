//! What is remembered of each partner between sessions: only in memory, and by a clock that never
//! jumps. A station that is started again tries everything at once.

use std::time::Duration;

use super::super::config::Retry;
use super::CallResult;

/// Why a session failed: each kind has its own pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// It has no room for us: it lives, and is asked again sooner.
    Busy,
    /// It cannot be reached, or the session broke off.
    Network,
    /// Somebody must change something first, there or here. Too many attempts may lock us out.
    Refused,
}

impl Trouble {
    fn of(result: &CallResult) -> Option<Self> {
        match result {
            CallResult::Done { .. } => None,
            CallResult::Busy => Some(Self::Busy),
            CallResult::Tls(_) | CallResult::Refused(_) => Some(Self::Refused),
            CallResult::NoConnection(_) | CallResult::Lost(_) | CallResult::TimedOut => {
                Some(Self::Network)
            }
        }
    }

    /// The pause after so many failures in a row.
    fn pause(self, retry: &Retry, failures: u32, jitter: f64) -> Duration {
        match self {
            Self::Busy => {
                let longest = (retry.longest / 4).max(retry.first).min(retry.longest);
                Retry { longest, ..*retry }.pause(failures, jitter)
            }
            Self::Network => retry.pause(failures, jitter),
            Self::Refused => retry.pause(failures.saturating_add(2), jitter),
        }
    }
}

/// What is remembered of a partner.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Sessions that we called for and that run.
    pub(super) running: usize,
    /// A person wants it to be called, whatever its schedule says.
    pub(super) ordered: bool,
    /// When the last session was begun.
    pub(super) last: Option<Duration>,
    /// How often others were called in its place, because there was no room for both.
    pub(super) passed: u32,
    /// What was waiting last, by its [`newest`](super::Waiting::newest).
    pub(super) newest: (i64, i64),
    failures: u32,
    /// Not called before this moment.
    until: Duration,
    /// So many sessions are its limit, as it told us (ESID 08) while others ran.
    room: Option<(usize, Duration)>,
    idle: Option<Idle>,
    retry: Retry,
}

/// Sessions went well and moved nothing, although something waited.
#[derive(Debug)]
struct Idle {
    count: u32,
    until: Duration,
    newest: (i64, i64),
    /// Nobody has looked yet whether something still waits.
    fresh: bool,
}

impl Memory {
    /// A session is begun.
    pub(super) fn start(&mut self, now: Duration, retry: &Retry, newest: Option<(i64, i64)>) {
        self.running += 1;
        self.ordered = false;
        self.last = Some(now);
        self.passed = 0;
        self.retry = *retry;
        self.newest = newest.unwrap_or(self.newest);
    }

    /// A session has ended.
    pub(super) fn end(&mut self, result: &CallResult, now: Duration, jitter: f64) {
        self.running = self.running.saturating_sub(1);
        match (Trouble::of(result), result) {
            (None, CallResult::Done { files: 0 }) => {
                self.well();
                let count = self.idle.as_ref().map_or(0, |idle| idle.count) + 1;
                self.idle = Some(Idle {
                    count,
                    until: now + self.retry.pause(count, jitter),
                    newest: self.newest,
                    fresh: true,
                });
            }
            (None, _) => {
                self.well();
                self.idle = None;
            }
            (Some(Trouble::Busy), _) if self.running > 0 => {
                self.room = Some((self.running, now + self.retry.longest));
            }
            // Sessions that were begun together fail together, and count once.
            (Some(_), _) if now < self.until => {}
            (Some(trouble), _) => {
                self.failures = self.failures.saturating_add(1);
                self.until = now + trouble.pause(&self.retry, self.failures, jitter);
            }
        }
    }

    fn well(&mut self) {
        self.failures = 0;
        self.until = Duration::ZERO;
    }

    /// Whether trouble keeps us from calling it at this moment. After trouble a single session
    /// tries whether it has passed.
    pub(super) fn in_trouble(&self, now: Duration) -> bool {
        now < self.until || (self.failures > 0 && self.running > 0)
    }

    /// How many sessions it may have with us at a time.
    pub(super) fn room(&mut self, configured: usize, now: Duration) -> usize {
        self.room = self.room.filter(|(_, until)| now < *until);
        let configured = configured.max(1);
        self.room
            .map_or(configured, |(room, _)| configured.min(room))
    }

    /// Something waits, or nothing.
    pub(super) fn look(&mut self, newest: Option<(i64, i64)>) {
        if let Some(idle) = &mut self.idle {
            let is_over = newest.is_none_or(|newest| newest != idle.newest);
            if idle.fresh && newest.is_none() || is_over && newest.is_some() {
                // What waits now has come since: the last sessions say nothing of it.
                self.idle = None;
            } else {
                idle.fresh = false;
            }
        }
    }

    /// Whether the last session has shown that calling again is of no use yet.
    pub(super) fn is_idle(&self, now: Duration) -> bool {
        self.idle.as_ref().is_some_and(|idle| now < idle.until)
    }

    /// Whether there is nothing to be remembered.
    pub(super) fn is_over(&self) -> bool {
        self.running == 0
    }
}
