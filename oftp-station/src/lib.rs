//! A station: everything of oftp that touches the world.
//!
//! The protocol itself lives in [`oftp_core`], which does no I/O. This crate gives it files,
//! sockets, a clock and a user: the command `oftp` is a thin layer over it.
#![forbid(unsafe_code)]

pub mod args;
pub mod chance;
pub mod command;
pub mod decode;
pub mod driver;
mod durable;
pub mod exchange;
pub mod exit_code;
pub mod identity;
pub mod inbox;
pub mod monitor;
pub mod names;
pub mod outbox;
pub mod records;
pub mod report;
mod room;
pub mod secret;
pub mod security;
pub mod serve;
pub mod station;
pub mod trace;
