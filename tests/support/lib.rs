//! What the tests that cross crates share: two sessions on one table, and the data of the
//! specifications.

pub mod lone;
pub mod pair;
pub mod replay;
pub mod spec;
pub mod stations;
