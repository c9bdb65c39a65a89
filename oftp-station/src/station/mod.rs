//! The station: unattended exchange that loses nothing and delivers once (design chapter
//! "Delivery"; RFC 5024 chapters 1.5, 3.3 and 4 as far as they are about more than one session).
//!
//! A station is a folder ([`Folder`]): what it is told ([`config`]), what it knows ([`journal`]),
//! and the files between. One process runs it; any other may queue files, ask, and give orders,
//! through the journal.
//!
//! ```text
//!  outbox/PARTNER ─┐                                          ┌─> inbox/PARTNER
//!  oftp send, API ─┴> spool/out ─> session ─> partner ─> session ─> spool/in ─> another station
//!                        │            │                    │           │
//!                     [queued .. efid_sent .. sent .. done] journal [received .. delivered .. closed]
//! ```
//!
//! ```text
//! folder    where everything lies, and the lock
//! config    oftp.toml, checked
//! journal   files, responses, history
//! manage    what people and hosts do: look and steer
//! shared    what the parts of a running station share
//! plan      what is to be done with a file of ours
//! intake    how files come into the queue
//! prepare   the envelope of a file of ours
//! ```

pub mod config;
pub mod folder;
pub mod intake;
pub mod journal;
pub mod manage;
pub mod plan;
pub mod prepare;
pub mod shared;

#[cfg(test)]
mod fixture;

pub use folder::Folder;
pub use shared::Shared;
