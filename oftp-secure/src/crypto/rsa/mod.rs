//! RSA: signatures and key transport (RFC 8017, RFC 3370, RFC 4055).
//!
//! The safe interface of aws-lc-rs signs no SHA-1 and no SHA3-512 and has no raw decryption, which
//! RFC 3218 needs; one way through the library for all suites is less code than two.

mod pkey;

use std::sync::Arc;

use zeroize::Zeroizing;

use self::pkey::{Padding, Pkey};

use super::{CryptoError, Hash, random};

/// How a signature is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with MGF1 of the same hash, and a salt as long as the hash.
    Pss,
}

/// How a content key is encrypted for its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyTransport {
    /// RSAES-PKCS1-v1_5.
    Pkcs1V15,
    /// RSAES-OAEP with MGF1 of the same hash.
    Oaep,
}

/// An RSA public key.
#[derive(Debug, Clone)]
pub struct RsaPublicKey(Arc<Pkey>);

/// An RSA private key. aws-lc wipes it when the last copy is dropped.
#[derive(Clone)]
pub struct RsaPrivateKey(Arc<Pkey>);

impl std::fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RsaPrivateKey({} bits)", self.bits())
    }
}

impl RsaPublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 4.1).
    ///
    /// # Errors
    /// It is no RSA key that aws-lc takes.
    pub fn from_spki(der: &[u8]) -> Result<Self, CryptoError> {
        Pkey::public(der).map(|key| Self(Arc::new(key)))
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// Whether `signature` is this key's over what has this `digest`.
    #[must_use]
    pub fn verifies(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        self.0.verify(scheme, hash, digest, signature).is_ok()
    }

    /// Encrypts a content key for the owner of this key; `hash` is for OAEP.
    ///
    /// # Errors
    /// The key is too short for that.
    pub fn wrap(
        &self,
        transport: KeyTransport,
        hash: Hash,
        content_key: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let padding = match transport {
            KeyTransport::Pkcs1V15 => Padding::Pkcs1,
            KeyTransport::Oaep => Padding::Oaep { hash, mask: hash },
        };
        self.0.encrypt(padding, content_key)
    }
}

impl RsaPrivateKey {
    /// Reads a PKCS#8 PrivateKeyInfo (RFC 5208).
    ///
    /// # Errors
    /// It is no RSA key that aws-lc takes.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        Pkey::private(der).map(|key| Self(Arc::new(key)))
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.0.bits()
    }

    /// Signs what has this `digest`.
    ///
    /// # Errors
    /// The key is too short for the hash.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        digest: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.0.sign(scheme, hash, digest)
    }

    /// Decrypts a content key of this length that was encrypted by PKCS#1 v1.5.
    ///
    /// Where that fails the key is random: whoever sent it learns nothing about the padding, only
    /// that the content is wrong, as with any other wrong key (RFC 3218; threat model A5, E4). The
    /// time does not depend on the padding either.
    ///
    /// # Errors
    /// Public facts only: the length is not that of this key, or the system has no random octets.
    pub fn unwrap_pkcs1(
        &self,
        wrapped: &[u8],
        key_octets: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut key = Zeroizing::new(vec![0; key_octets]);
        random(&mut key)?;
        let block = self.0.decrypt(Padding::None, wrapped)?;
        // 00 02, at least eight nonzero octets, 00, and the key: its place follows from its length.
        let Some(start) = block
            .len()
            .checked_sub(key_octets)
            .filter(|start| *start >= 11)
        else {
            return Err(CryptoError);
        };
        let (padding, content) = block.split_at(start);
        let mut wrong = padding[0] | (padding[1] ^ 2) | padding[start - 1];
        for octet in &padding[2..start - 1] {
            wrong |= is_zero(*octet);
        }
        let take = is_zero(std::hint::black_box(wrong));
        for (out, octet) in key.iter_mut().zip(content) {
            *out = (*octet & take) | (*out & !take);
        }
        Ok(key)
    }

    /// Decrypts a content key that was encrypted by OAEP with this hash, and MGF1 of `mask`: Java
    /// takes SHA-1 for the latter unless told otherwise.
    ///
    /// # Errors
    /// It was not, or it has another length. OAEP was made so that this may be known.
    pub fn unwrap_oaep(
        &self,
        wrapped: &[u8],
        hash: Hash,
        mask: Hash,
        key_octets: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let key = self.0.decrypt(Padding::Oaep { hash, mask }, wrapped)?;
        if key.len() == key_octets {
            Ok(key)
        } else {
            Err(CryptoError)
        }
    }
}

/// FF for 0, else 00, without a branch.
const fn is_zero(octet: u8) -> u8 {
    let octet = octet as u32;
    ((octet.wrapping_sub(1) & !octet) >> 24) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};

    fn keys() -> (RsaPrivateKey, RsaPublicKey) {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("key");
        let private: Pkcs8V1Der<'_> = key.as_der().expect("PKCS#8");
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("SPKI");
        (
            RsaPrivateKey::from_pkcs8(private.as_ref()).expect("private"),
            RsaPublicKey::from_spki(public.as_ref()).expect("public"),
        )
    }

    #[test]
    fn every_scheme_signs_with_every_hash() {
        let (private, public) = keys();
        for scheme in [SignatureScheme::Pkcs1, SignatureScheme::Pss] {
            for hash in Hash::ALL {
                let digest = hash.of(b"content");
                let signature = private.sign(scheme, hash, &digest).expect("signs");
                assert!(
                    public.verifies(scheme, hash, &digest, &signature),
                    "{scheme:?} {hash}"
                );
                assert!(!public.verifies(scheme, hash, &hash.of(b"other"), &signature));
                let mut broken = signature.clone();
                broken[100] ^= 1;
                assert!(!public.verifies(scheme, hash, &digest, &broken));
            }
        }
    }

    #[test]
    fn content_keys_come_back() {
        let (private, public) = keys();
        let key = [9; 32];
        let wrap = |transport, hash| public.wrap(transport, hash, &key).expect("wraps");
        let wrapped = wrap(KeyTransport::Pkcs1V15, Hash::Sha256);
        let opened = private.unwrap_pkcs1(&wrapped, 32).expect("unwraps");
        assert_eq!(**opened, key);
        for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512, Hash::Sha3_512] {
            let wrapped = wrap(KeyTransport::Oaep, hash);
            let opened = private
                .unwrap_oaep(&wrapped, hash, hash, 32)
                .expect("unwraps");
            assert_eq!(**opened, key, "{hash}");
        }
    }

    #[test]
    fn wrong_padding_gives_a_random_key_and_no_error() {
        let (private, public) = keys();
        let mut wrapped = public
            .wrap(KeyTransport::Pkcs1V15, Hash::Sha1, &[9; 32])
            .expect("wraps");
        // A key of another length is a key at another place: the padding is wrong.
        let one = private.unwrap_pkcs1(&wrapped, 24).expect("no error");
        let two = private.unwrap_pkcs1(&wrapped, 24).expect("no error");
        assert_ne!(one, two);
        wrapped[255] ^= 1;
        let one = private.unwrap_pkcs1(&wrapped, 32).expect("no error");
        assert_ne!(**one, [9; 32]);
        assert!(private.unwrap_pkcs1(&wrapped[1..], 32).is_err());
    }

    #[test]
    fn zero_is_told_from_all_others() {
        assert_eq!(is_zero(0), 0xFF);
        assert!((1..=255).all(|octet| is_zero(octet) == 0));
    }
}
