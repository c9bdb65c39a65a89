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
//! evidence  what end responses prove, for those who were not there
//! journal   files, responses, history
//! manage    what people and hosts do: look and steer
//! shared    what the parts of a running station share
//! hooks     commands that are run when something happens
//! watch     log, metrics, health
//! plan      what is to be done with a file of ours
//! intake    how files come into the queue
//! prepare   the envelope of a file of ours
//! session   one session with a partner
//! delivery  from `received` to `delivered`, and the answer
//! route     files for other stations
//! settle    end responses that came
//! caller    whom we call, and when
//! run       the running station
//! host      the station within a host program
//! recover   what an earlier process left undone
//! abandoned transfers to us that were cut for good
//! ```

mod abandoned;
pub mod caller;
pub mod config;
pub mod convert;
pub mod delivery;
pub mod doctor;
pub mod evidence;
#[cfg(test)]
mod fixture;
pub mod folder;
pub mod hooks;
pub mod host;
pub mod intake;
pub mod journal;
pub mod manage;
pub mod plan;
pub mod prepare;
pub mod recover;
pub mod route;
pub mod run;
pub mod session;
pub mod settle;
pub mod shared;
#[cfg(test)]
mod testing;
pub mod watch;

pub use folder::Folder;
pub use shared::Shared;
