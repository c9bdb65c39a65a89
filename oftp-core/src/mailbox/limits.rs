//! What one partner can make this side do in one session (RFC 5024 4.3.2 note, 3.3.4.2; the
//! protocol itself sets no bounds to these).

use std::time::Duration;

/// Bounds for one session; one that is reached ends the session with ESID 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files in a row that we refuse, default 100.
    pub refusals: u32,
    /// Changes of direction in a row without a file or a response, default 64.
    pub idle_turns: u32,
    /// Responses that belong to no file of ours, default 1,000.
    pub unknown_responses: u32,
    /// Data Exchange Buffers in a row that carry nothing, default 10,000.
    pub empty_buffers: u32,
    /// Length of a session, default 12 hours.
    pub session: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            refusals: 100,
            idle_turns: 64,
            unknown_responses: 1_000,
            empty_buffers: 10_000,
            session: Duration::from_secs(12 * 3600),
        }
    }
}

/// The counters beside the [`Limits`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) refusals: u32,
    pub(super) idle_turns: u32,
    pub(super) unknown_responses: u32,
}

/// Counts one more; true when the limit is passed.
pub(super) const fn passes(counter: &mut u32, limit: u32) -> bool {
    *counter = counter.saturating_add(1);
    *counter > limit
}
