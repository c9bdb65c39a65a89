//! Stations in one process: journals, folders and sessions over loopback.

mod common;
mod exchange;
