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
//! doctor    a check of a partner, step by step
//! folder    where everything lies, and the lock
//! config    oftp.toml, checked
//! convert   records and characters between the local file and the Virtual File
//! journal   files, responses, history
//! shared    what the parts of a running station share
//! plan      what is to be done with a file of ours
//! ```

pub mod config;
pub mod convert;
pub mod doctor;
pub mod folder;
pub mod journal;
pub mod plan;
pub mod shared;

pub use folder::Folder;
pub use shared::Shared;
