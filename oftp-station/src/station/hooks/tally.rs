//! How many runs of hooks there were since the start, for the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::process::End;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Result {
    /// Exit code 0.
    Done,
    /// Another exit code, or a signal.
    Failed,
    /// Its time was over.
    TimedOut,
    /// It could not begin.
    NotStarted,
}

impl Result {
    pub(super) const fn of(end: &End) -> Self {
        match end {
            End::Exit(0) => Self::Done,
            End::Exit(_) | End::Signal(_) => Self::Failed,
            End::TimedOut(_) => Self::TimedOut,
            End::NotStarted(_) => Self::NotStarted,
        }
    }

    /// As the metrics write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::NotStarted => "not_started",
        }
    }
}

/// How many runs of hooks there were. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<BTreeMap<(String, Result), u64>>>);

impl Tally {
    pub(super) fn count(&self, hook: &str, result: Result) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((hook.to_owned(), result)).or_default() += 1;
    }

    /// The runs of each hook, by how they ended.
    #[must_use]
    pub fn runs(&self) -> BTreeMap<(String, Result), u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }
}
