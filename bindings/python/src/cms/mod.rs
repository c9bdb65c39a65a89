//! Files in their envelopes, signed end responses, challenges, hashes (RFC 5024 chapter 6, 4.2.3,
//! 5.3.13, 5.3.14): what stands behind `oftp.cms`.
//!
//! All work with keys and octets is done while the interpreter is released. Files are read and
//! written, and progress is told, by `python/oftp/cms.py`.
//!
//! ```text
//! plan       what is to be done with a content, and what is known of a message
//! sealer     oftp.cms.Sealer
//! opener     oftp.cms.Opener
//! hash       oftp.cms.Hash
//! response   signed EERP and NERP
//! challenge  secure authentication
//! ```

mod challenge;
mod hash;
mod opener;
mod plan;
mod response;
mod sealer;

use std::sync::{Mutex, TryLockError};

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::Suite;
use oftp_secure::cms::{Layer, OpenError, SealError};
use pyo3::prelude::*;

pub(crate) use challenge::{challenge_open, challenge_seal};
pub(crate) use hash::Hash;
pub(crate) use opener::Opener;
pub(crate) use response::{response_check, response_sign};
pub(crate) use sealer::Sealer;

use crate::error::{Error, Outcome};

/// As much is pulled at once; a caller that asks for more gets the rest by the next call.
const PIECE: usize = 1 << 20;

/// Does something with a state that one thread at a time may use. Nothing of Python's may be called
/// inside.
fn with<S, T>(state: &Mutex<S>, name: &str, body: impl FnOnce(&mut S) -> Outcome<T>) -> Outcome<T> {
    match state.try_lock() {
        Ok(mut state) => body(&mut state),
        Err(TryLockError::WouldBlock) => Err(Error::value(format!(
            "the {name} is used by another thread: one thread at a time"
        ))),
        Err(TryLockError::Poisoned(_)) => {
            Err(Error::Internal(format!("the {name} has failed before")))
        }
    }
}

/// The cipher suite with this code.
fn suite(code: i64) -> Outcome<&'static Suite> {
    let suite = u8::try_from(code).ok().and_then(Suite::of);
    suite.ok_or_else(|| {
        Error::value(format!(
            "suite is {code}, must be 1 to 10 (RFC 5024 10.2 SFIDCIPH)"
        ))
    })
}

/// What failed, as much as a partner may know of it.
fn kind(reason: NerpReason) -> &'static str {
    match reason {
        NerpReason::FILE_DECRYPTION_FAILURE => "decrypt",
        NerpReason::FILE_DECOMPRESSION_FAILURE => "decompress",
        NerpReason::FILE_SIZE_TOO_BIG => "size",
        NerpReason::INVALID_RECORD_FORMAT => "records",
        _ => "signature",
    }
}

fn unopened(text: String, nerp: NerpReason, efna: EfnaReason) -> Error {
    Error::Cms {
        text,
        kind: kind(nerp),
        reason: nerp.code(),
        file_reason: efna.code(),
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        unopened(error.to_string(), error.nerp_reason(), error.efna_reason())
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Signer { .. } | SealError::Recipient { .. } | SealError::Crypto => {
                Self::Key(error.to_string())
            }
            _ => Self::value(error.to_string()),
        }
    }
}

/// The service whose message begins with these octets.
#[pyfunction]
pub(crate) fn cms_layer(head: &[u8]) -> Option<String> {
    Layer::of_message(head).map(|layer| layer.to_string())
}
