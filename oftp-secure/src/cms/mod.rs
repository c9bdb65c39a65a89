//! Files in their envelopes (RFC 5024 chapter 6): signed, compressed, encrypted, in this order,
//! each of them or not, and back again.
//!
//! [`Sealer`] and [`Opener`] take octets and give octets, like zlib: they read no file, call nobody
//! back, and hold a few buffers of 64 KiB however long the file is. [`Writer`] and [`Reader`] put
//! them behind [`std::io`], [`seal()`] and [`open()`] do a whole file.
//!
//! Written is BER with indefinite lengths, as whoever writes before it knows the length must. Read
//! is BER and DER as RFC 5652 and RFC 3274 have it, in any segmentation.
//!
//! **What an [`Opener`] gives is provisional until [`is_done`](Transform::is_done)**: signatures
//! stand behind the content, and what is encrypted shows only at its end that it was not damaged.
//! Whoever uses a file before that uses what an attacker may have written. On an error, delete it.

mod adapters;
mod algorithm;
mod ber;
mod error;
mod identifier;
mod name;
mod open;
mod pipeline;
mod read;
mod seal;
mod shell;
mod transform;
mod write;

pub use adapters::{Reader, Writer, open, open_error, seal, seal_error};
pub(crate) use ber::check_ber;
pub use error::{Layer, OpenError, OpenProblem, SealError};
pub use open::{OpenPlan, Opened, Opener};
pub use seal::{SealPlan, Sealer};
pub use transform::{Transform, transform};
