//! What a running station shows of itself: its log, its metrics, whether it is well. All of it is
//! for people and programs on this machine, and none of it can change anything.
//!
//! ```text
//! log       the history and what else is to be told, as text or as lines of JSON
//! health    whether the station does its work
//! metrics   figures in the text format of Prometheus
//! http      GET /metrics and GET /health, on a local address
//! ```

pub mod health;
pub mod http;
pub mod log;
pub mod metrics;

pub use health::{Health, Pulse};
pub use log::Log;
pub use metrics::Metrics;
