//! The mailbox of liboftp, by its C functions alone: two of them on the ends of a socket, driven
//! by one loop of poll(2) as an event loop would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod cuts;
mod files;
mod host;
mod misuse;
mod policy;
mod secured;
mod station;
mod support;
mod tls;
