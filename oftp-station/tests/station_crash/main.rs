//! Stations that are killed, and that the system lets down, at any moment: real processes, which
//! are started again, and then everything is delivered, once (design chapter "Delivery").
//!
//! A sample of all moments is tried; `OFTP_SEED` has the same one again. `OFTP_SWEEP=full` tries all
//! moments in random order, as many as go into `OFTP_SWEEP_MINUTES` (10) for each test.
//! `OFTP_POINT="alpha kill write 123"` tries this one alone. Needs Linux, `cc`, and the right to
//! trace processes; where something is missing the tests say what they leave out, and fail with
//! `OFTP_TOOLS=required`.
#![cfg(target_os = "linux")]

#[path = "../station/chance.rs"]
#[allow(dead_code, reason = "the other tests draw more")]
mod chance;
mod clock;
mod faults;
mod kills;
mod line;
mod many;
mod pair;
mod point;
mod restart;
mod running;
mod settled;
mod signals;
mod strike;
mod sweep;
