//! When a partner is called, and when again after trouble.
//!
//! ```text
//! window    a time of the week, as text
//! opening   whether it is time to call, and when it will be
//! retry     the pauses between attempts
//! ```

mod opening;
mod retry;
#[cfg(test)]
mod tests;
mod window;

use std::time::Duration;

use jiff::civil::{Time, Weekday};

pub use window::WindowError;

/// When a partner is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// Called only within these, local time; empty: always.
    pub windows: Vec<Window>,
    /// Called this often even where nothing waits, to fetch what it has for us; `None`: never.
    pub poll: Option<Duration>,
}

/// A time of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// On these days; empty: on all.
    pub days: Vec<Weekday>,
    /// From this time on.
    pub from: Time,
    /// Until just before this time; not after `from`: of the next day.
    pub until: Time,
}

/// When a partner is called again after trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The first pause; doubled each time.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
    /// A file that was refused so often with "retry" is given up, and people are told; `None`:
    /// never.
    pub attempts: Option<u32>,
}

impl Default for Retry {
    /// 1 minute, at most 1 hour; 10 refusals.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(60),
            longest: Duration::from_secs(3600),
            attempts: Some(10),
        }
    }
}
