//! The challenges of secure authentication (RFC 5024 4.2.3, 4.2.4): made for the partner, and
//! answered for it.

use std::time::SystemTime;

use oftp_core::session::SealedChallenge;
use oftp_secure::challenge::{open_challenge, seal_challenge};
use oftp_secure::{Suite, suite};

use super::keys::{Keys, Use};

/// A challenge that only the partner can open.
///
/// # Errors
/// Why there is none, for the log of this side; the partner hears ESID 11 (ST-34).
pub fn challenge(keys: &Keys) -> Result<SealedChallenge, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("no challenge can be made: {error}");
    let certificate = keys.recipient(Use::Auth, SystemTime::now());
    let certificate = certificate.map_err(|error| wrong(&error))?;
    // No field says which cipher a challenge has: the one that every OFTP2 station has for long.
    let suite = Suite::of(suite::DEFAULT).ok_or("the default cipher suite is missing")?;
    seal_challenge(&certificate, suite).map_err(|error| wrong(&error))
}

/// The 20 octets in the partner's challenge.
///
/// # Errors
/// Why it cannot be opened, for the log of this side; the partner hears ESID 11 (ST-34).
pub fn answer(sealed: &[u8], keys: &Keys) -> Result<[u8; 20], String> {
    open_challenge(sealed, keys.own.all(Use::Auth)).map_err(|error| error.to_string())
}
