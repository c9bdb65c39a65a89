//! The file services through the functions of the header.

mod challenges;
mod common;
mod descriptors;
mod envelopes;
mod hashes;
mod keystores;
mod misuse;
mod openssl;
mod records;
mod responses;
mod streaming;
mod threads;
#[allow(unreachable_pub, reason = "other tests have it in a library")]
#[path = "../../../tests/support/tools.rs"]
mod tools;
mod trust;
