//! What the tests that cross crates share: two sessions on one table, and the data of the
//! specifications.

pub mod fuzz;
pub mod pair;
pub mod stations;
