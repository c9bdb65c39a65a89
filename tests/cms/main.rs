//! Files in their envelopes (RFC 5024 chapter 6), through the public interface of `oftp_secure`.

mod adapters;
mod attacks;
mod bounds;
mod challenges;
mod common;
mod craft;
mod plans;
mod reading;
mod responses;
mod round_trips;
mod signers;
