//! Failures, counted by who fails (threat model A5, S3): each answer to a challenge uses the private
//! key, and each password that is looked at may be a guess.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So many failures within the window are enough.
const MOST: usize = 10;

/// How long a failed authentication counts.
const WINDOW: Duration = Duration::from_secs(3600);

/// Strangers may call themselves whatever they like: no more names than this are remembered.
const CODES: usize = 10_000;

/// The failures of all, shared by the sessions of a process. Who fails is an identification code
/// without its padding, or what else tells one from another.
#[derive(Debug, Clone)]
pub struct Attempts {
    window: Duration,
    failures: Arc<Mutex<HashMap<Vec<u8>, VecDeque<Instant>>>>,
}

impl Default for Attempts {
    /// Ten within an hour.
    fn default() -> Self {
        Self::within(WINDOW)
    }
}

impl Attempts {
    /// Ten within this time are enough.
    #[must_use]
    pub fn within(window: Duration) -> Self {
        Self {
            window,
            failures: Arc::default(),
        }
    }

    /// This one has failed.
    pub fn failed(&self, who: &[u8], now: Instant) {
        if let Ok(mut failures) = self.failures.lock() {
            if failures.len() >= CODES && !failures.contains_key(who) {
                let counts = |at: &Instant| now.duration_since(*at) < self.window;
                failures.retain(|_, own| own.iter().any(counts));
                // Who has failed most is not forgotten for others who fail once.
                let least = failures
                    .iter()
                    .min_by_key(|(_, own)| (own.len(), own.back()));
                let least = least.map(|(code, _)| code.clone());
                if let Some(least) = least.filter(|_| failures.len() >= CODES) {
                    failures.remove(&least);
                }
            }
            let own = failures.entry(who.to_vec()).or_default();
            own.push_back(now);
            if own.len() > MOST {
                own.pop_front();
            }
        }
    }

    /// What was counted as [failed](Self::failed) in advance has succeeded.
    pub fn succeeded(&self, who: &[u8]) {
        if let Ok(mut failures) = self.failures.lock()
            && let Some(own) = failures.get_mut(who)
        {
            own.pop_back();
            if own.is_empty() {
                failures.remove(who);
            }
        }
    }

    /// Whether nobody has failed.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.failures
            .lock()
            .is_ok_and(|failures| failures.is_empty())
    }

    /// Whether this one has failed too often. It is then answered as if it had failed once more: it
    /// learns nothing from this either.
    #[must_use]
    pub fn are_used_up(&self, who: &[u8], now: Instant) -> bool {
        let Ok(failures) = self.failures.lock() else {
            return true;
        };
        let counts = |at: &Instant| now.duration_since(*at) < self.window;
        let own = failures.get(who);
        own.is_some_and(|own| own.len() >= MOST && own.iter().all(counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By partner: others are not kept out (threat model A5).
    #[test]
    fn ten_failures_within_an_hour_are_enough() {
        let attempts = Attempts::default();
        let (alpha, beta) = (b"OALPHA", b"OBETA");
        let begin = Instant::now();
        for minute in 0..10_u64 {
            assert!(!attempts.are_used_up(alpha, begin));
            attempts.failed(alpha, begin + Duration::from_secs(60 * minute));
        }
        let after = |minutes: u64| begin + Duration::from_secs(60 * minutes);
        assert!(attempts.are_used_up(alpha, after(10)));
        assert!(!attempts.are_used_up(beta, after(10)), "others go on");
        assert!(!attempts.are_used_up(alpha, after(61)), "an hour later");
    }

    #[test]
    fn what_succeeds_does_not_count() {
        let attempts = Attempts::default();
        let alpha = b"OALPHA";
        let now = Instant::now();
        for _ in 0..100 {
            attempts.failed(alpha, now);
            attempts.succeeded(alpha);
        }
        assert!(!attempts.are_used_up(alpha, now));
        assert!(attempts.failures.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let attempts = Attempts::default();
        let begin = Instant::now();
        let code = |n: usize| format!("O{n}").into_bytes();
        for _ in 0..MOST {
            attempts.failed(&code(0), begin);
        }
        for n in 1..CODES + 10 {
            attempts.failed(&code(n), begin + Duration::from_secs(1));
        }
        let known = || attempts.failures.lock().expect("failures").len();
        assert_eq!(known(), CODES);
        assert!(attempts.are_used_up(&code(0), begin), "who failed most");
        attempts.failed(&code(CODES + 10), begin + WINDOW * 2);
        assert_eq!(known(), 1, "an hour later all others are forgotten");
    }
}
