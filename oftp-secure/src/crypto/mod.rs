//! The primitives of the cipher suites on aws-lc (RFC 5024 10.2). Which library computes them is
//! known here and nowhere else.

mod content_cipher;
mod hash;
mod rsa;

pub use content_cipher::{ContentCipher, Decryptor, Encryptor};
pub use hash::{Digest, Hash};
pub use rsa::{KeyTransport, RsaPrivateKey, RsaPublicKey, SignatureScheme};

/// A primitive refused its work. What exactly went wrong is never told: it could help an attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cryptographic operation failed")]
pub struct CryptoError;

/// Fills `out` from the system's generator.
///
/// # Errors
/// The system has no random octets.
pub fn random(out: &mut [u8]) -> Result<(), CryptoError> {
    aws_lc_rs::rand::fill(out).map_err(|_| CryptoError)
}

/// Compares in a time that does not depend on where the octets differ.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}
