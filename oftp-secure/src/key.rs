//! Private keys, and the certificates that belong to them.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::certificate::Certificate;
use crate::crypto::{CryptoError, RsaPrivateKey};

/// A private key. Wiped when the last copy is dropped, and never shown.
#[derive(Clone)]
pub struct PrivateKey(Arc<Inner>);

struct Inner {
    pkcs8: Zeroizing<Vec<u8>>,
    rsa: Option<RsaPrivateKey>,
}

impl PrivateKey {
    /// Reads a PKCS#8 PrivateKeyInfo in DER. Keys that are not RSA serve TLS alone.
    #[must_use]
    pub fn from_pkcs8(der: Zeroizing<Vec<u8>>) -> Self {
        let rsa = RsaPrivateKey::from_pkcs8(&der).ok();
        Self(Arc::new(Inner { pkcs8: der, rsa }))
    }

    /// The key as PKCS#8 PrivateKeyInfo in DER.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.0.pkcs8
    }

    /// The RSA key that the cipher suites need.
    ///
    /// # Errors
    /// The key is not an RSA key.
    pub fn rsa(&self) -> Result<&RsaPrivateKey, CryptoError> {
        self.0.rsa.as_ref().ok_or(CryptoError)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.rsa {
            Some(rsa) => write!(f, "PrivateKey(RSA, {} bits)", rsa.bits()),
            None => f.write_str("PrivateKey(not RSA)"),
        }
    }
}

/// A private key with its certificate: what one side owns.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The key.
    pub key: PrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
    /// The certificates between it and its root, for TLS, nearest first.
    pub chain: Vec<Certificate>,
}
