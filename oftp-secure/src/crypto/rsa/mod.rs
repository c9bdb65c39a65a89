//! RSA: signatures and key transport (RFC 8017, RFC 3370, RFC 4055).
//!
//! The safe interface of aws-lc-rs signs no SHA-1 and no SHA3-512 and has no raw decryption, which
//! RFC 3218 needs; one way through the library for all suites is less code than two.

mod pkey;

use std::sync::Arc;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use self::pkey::{Padding, Pkey};

use super::{CryptoError, Hash};

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
pub struct RsaPrivateKey {
    pkey: Arc<Pkey>,
    /// As secret as the key: what stands for content keys that cannot be unwrapped follows from it.
    rejection: Arc<Zeroizing<Vec<u8>>>,
}

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
        let pkey = Arc::new(Pkey::private(der)?);
        let rejection = Arc::new(Zeroizing::new(Hash::Sha512.of(der)));
        Ok(Self { pkey, rejection })
    }

    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.pkey.bits()
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
        self.pkey.sign(scheme, hash, digest)
    }

    /// Decrypts a content key of this length that was encrypted by PKCS#1 v1.5.
    ///
    /// Where that fails the key is one that nobody can foresee: whoever sent it learns nothing about
    /// the padding, only that the content is wrong, as with any other wrong key (RFC 3218; threat
    /// model A5, E4). It is the same key whenever the same octets come: one wrong key in some 250
    /// leaves a content whose padding looks right, and who could have it drawn anew by sending the
    /// envelope again would learn which padding was good. The time does not depend on the padding
    /// either.
    ///
    /// # Errors
    /// Public facts only: the length is not that of this key.
    pub fn unwrap_pkcs1(
        &self,
        wrapped: &[u8],
        key_octets: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut key = self.rejected(wrapped, key_octets)?;
        let block = self.pkey.decrypt(Padding::None, wrapped)?;
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

    /// The key that stands for what cannot be unwrapped.
    fn rejected(
        &self,
        wrapped: &[u8],
        key_octets: usize,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let secret = hmac::Key::new(hmac::HMAC_SHA512, &self.rejection);
        let tag = hmac::sign(&secret, wrapped);
        let key = tag.as_ref().get(..key_octets).ok_or(CryptoError)?;
        Ok(Zeroizing::new(key.to_vec()))
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
        let key = self.pkey.decrypt(Padding::Oaep { hash, mask }, wrapped)?;
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

    /// Whether a key could be unwrapped is never told (threat model A5).
    #[test]
    fn wrong_padding_gives_a_wrong_key_and_no_error() {
        let (private, public) = keys();
        let mut wrapped = public
            .wrap(KeyTransport::Pkcs1V15, Hash::Sha1, &[9; 32])
            .expect("wraps");
        // A key of another length is a key at another place: the padding is wrong.
        let short = private.unwrap_pkcs1(&wrapped, 24).expect("no error");
        assert_eq!(short.len(), 24);
        assert_ne!(short[..8], [9; 8]);
        wrapped[255] ^= 1;
        let one = private.unwrap_pkcs1(&wrapped, 32).expect("no error");
        assert_ne!(**one, [9; 32]);
        // Sent again it is the same key: nothing is learnt by asking twice.
        assert_eq!(one, private.unwrap_pkcs1(&wrapped, 32).expect("no error"));
        wrapped[254] ^= 1;
        assert_ne!(one, private.unwrap_pkcs1(&wrapped, 32).expect("no error"));
        assert!(private.unwrap_pkcs1(&wrapped[1..], 32).is_err());
    }

    #[test]
    fn zero_is_told_from_all_others() {
        assert_eq!(is_zero(0), 0xFF);
        assert!((1..=255).all(|octet| is_zero(octet) == 0));
    }
}
