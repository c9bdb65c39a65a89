//! Stations against each other, in one process.

mod chance;
mod chaos;
mod common;
mod cuts;
mod exchange;
mod line;
mod settled;
