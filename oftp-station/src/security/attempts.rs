//! Failed authentications, counted by partner (threat model A5): each answer to a challenge uses
//! the private key, and who fails all the time may be after just that.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use oftp_core::wire::IdentificationCode;

/// So many failures within [`WINDOW`], and no challenge of the partner is opened any more.
const MOST: usize = 10;

/// How long a failure counts.
const WINDOW: Duration = Duration::from_secs(3600);

/// Strangers may call themselves whatever they like: no more codes than this are remembered.
const CODES: usize = 10_000;

/// The failures of all partners, shared by the sessions of a process.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Mutex<HashMap<Vec<u8>, VecDeque<Instant>>>>);

impl Attempts {
    /// An authentication with this partner failed.
    pub fn failed(&self, partner: &IdentificationCode, now: Instant) {
        if let Ok(mut failures) = self.0.lock() {
            if failures.len() >= CODES && !failures.contains_key(partner.trimmed()) {
                failures.retain(|_, own| own.iter().any(|at| now.duration_since(*at) < WINDOW));
                // Who has failed most is not forgotten for others who fail once.
                let least = failures
                    .iter()
                    .min_by_key(|(_, own)| (own.len(), own.back()));
                let least = least.map(|(code, _)| code.clone());
                if let Some(least) = least.filter(|_| failures.len() >= CODES) {
                    failures.remove(&least);
                }
            }
            let own = failures.entry(partner.trimmed().to_vec()).or_default();
            own.push_back(now);
            if own.len() > MOST {
                own.pop_front();
            }
        }
    }

    /// An authentication that was counted as [failed](Self::failed) in advance has succeeded.
    pub fn succeeded(&self, partner: &IdentificationCode) {
        if let Ok(mut failures) = self.0.lock()
            && let Some(own) = failures.get_mut(partner.trimmed())
        {
            own.pop_back();
            if own.is_empty() {
                failures.remove(partner.trimmed());
            }
        }
    }

    /// Whether this partner has failed too often. It is then answered as if the challenge could
    /// not be opened: it learns nothing from this either.
    #[must_use]
    pub fn are_used_up(&self, partner: &IdentificationCode, now: Instant) -> bool {
        let Ok(failures) = self.0.lock() else {
            return true;
        };
        let own = failures.get(partner.trimmed());
        own.is_some_and(|own| {
            own.len() >= MOST && own.iter().all(|at| now.duration_since(*at) < WINDOW)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By partner: others are not kept out (threat model A5).
    #[test]
    fn ten_failures_within_an_hour_are_enough() {
        let attempts = Attempts::default();
        let code = |text| IdentificationCode::new(text).expect("code");
        let (alpha, beta) = (code("OALPHA"), code("OBETA"));
        let begin = Instant::now();
        for minute in 0..10_u64 {
            assert!(!attempts.are_used_up(&alpha, begin));
            attempts.failed(&alpha, begin + Duration::from_secs(60 * minute));
        }
        let after = |minutes: u64| begin + Duration::from_secs(60 * minutes);
        assert!(attempts.are_used_up(&alpha, after(10)));
        assert!(!attempts.are_used_up(&beta, after(10)), "others go on");
        assert!(!attempts.are_used_up(&alpha, after(61)), "an hour later");
    }

    #[test]
    fn what_succeeds_does_not_count() {
        let attempts = Attempts::default();
        let alpha = IdentificationCode::new("OALPHA").expect("code");
        let now = Instant::now();
        for _ in 0..100 {
            attempts.failed(&alpha, now);
            attempts.succeeded(&alpha);
        }
        assert!(!attempts.are_used_up(&alpha, now));
        assert!(attempts.0.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn strangers_do_not_fill_the_memory() {
        let attempts = Attempts::default();
        let begin = Instant::now();
        let code = |n: usize| IdentificationCode::new(&format!("O{n}")).expect("code");
        for _ in 0..MOST {
            attempts.failed(&code(0), begin);
        }
        for n in 1..CODES + 10 {
            attempts.failed(&code(n), begin + Duration::from_secs(1));
        }
        let known = || attempts.0.lock().expect("failures").len();
        assert_eq!(known(), CODES);
        assert!(attempts.are_used_up(&code(0), begin), "who failed most");
        attempts.failed(&code(CODES + 10), begin + WINDOW * 2);
        assert_eq!(known(), 1, "an hour later all others are forgotten");
    }
}
