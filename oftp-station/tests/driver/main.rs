//! The driver on loopback: work beside a session, and the ends that only a network has.

mod common;
mod ends;
mod jobs;
