//! Whom the station calls, and when (RFC 5024 2.2.1: we are the Initiator).
//!
//! Files and responses that wait are the reason; schedules, limits, pauses after trouble, and what
//! people ordered decide. A partner who calls us takes what waits for it in its own session.
//!
//! ```text
//! scheduler   the decision: no clock, no journal, no network
//! memory      what is remembered of each partner between sessions
//! gather      what the journal, the configuration and the clock on the wall say at a moment
//! run         the loop around it
//! ```

mod gather;
mod memory;
mod run;
mod scheduler;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use run::run;
pub use scheduler::{Facts, PartnerFacts, Scheduler, Start, Waiting, Why};

use super::Shared;
use super::config::PartnerConfig;

/// How a session that we called for went, for the decision when to call again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallResult {
    /// No address of the partner answered.
    NoConnection(String),
    /// TLS did not come about.
    Tls(String),
    /// The partner has no room for us now (ESID 08).
    Busy,
    /// One of us refuses the other: code, password, mode, authentication (ESID 03, 04, 10, 11,
    /// 12).
    Refused(String),
    /// The session ended before its work was done.
    Lost(String),
    /// The partner did not answer in time (ESID 09).
    TimedOut,
    /// The session ended well.
    Done {
        /// Files that went and came in it.
        files: u32,
    },
}

/// Who makes a call and holds the session, to its end.
pub trait Call: Send + Sync + 'static {
    /// Calls this partner.
    fn call(
        &self,
        shared: &Shared,
        partner: Arc<PartnerConfig>,
    ) -> impl Future<Output = CallResult> + Send;
}
