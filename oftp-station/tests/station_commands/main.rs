//! The commands by which people look at a station and steer it: real processes on a folder that is
//! made for each test. One file per theme.

mod common;

mod look;
mod order;
mod send;
mod shell;
mod steer;
