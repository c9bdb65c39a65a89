//! ODETTE File Transfer Protocol: the engine.
#![forbid(unsafe_code)]

pub mod mailbox;
pub mod session;
pub mod state;
pub mod virtual_file;
pub mod wire;
