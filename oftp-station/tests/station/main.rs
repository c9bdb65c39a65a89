//! Stations against each other and against partners that say what a test wants, in one process.
//!
//! `OFTP_SEED=n` plays chance again; `OFTP_SWEEP=full` tries everything and not a sample.

mod chance;
mod chaos;
mod common;
mod crashes;
mod cuts;
mod exchange;
mod full_journal;
mod line;
mod many;
mod refusals;
mod routing;
mod secured;
mod settled;

/// The scripted partner of the tests with processes.
#[path = "../processes/common/peer.rs"]
#[allow(dead_code, reason = "those tests need more of it")]
mod peer;

mod process {
    /// Longer than any step of a test takes: what comes later has got stuck.
    pub(crate) const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);
}
