//! Two User Monitors that talk to each other without a network.

mod common;
mod family;
mod files;
mod left;
