//! What the tests that cross crates share: sessions and stations in memory, a session against
//! scripted octets, fuzz targets, and the data of the specifications.

pub mod fuzz;
pub mod lone;
pub mod pair;
pub mod pki;
pub mod replay;
pub mod spec;
pub mod stations;
pub mod tools;

/// The Rust code of the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
