//! RSA: signatures and key transport (RFC 8017, RFC 3370, RFC 4055).
//!
//! The only `unsafe` code of this crate. The safe interface of aws-lc-rs signs no SHA-1 and no
//! SHA3-512 and has no raw decryption, which RFC 3218 needs; one way through the library for all
//! suites is less code than two.

#![allow(unsafe_code, reason = "see the module's text")]

use std::ptr::NonNull;
use std::sync::Arc;

use aws_lc_sys as lc;
use zeroize::Zeroizing;

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
        Pkey::parse(der, lc::EVP_parse_public_key).map(|key| Self(Arc::new(key)))
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
        let Ok(context) = self.0.context(lc::EVP_PKEY_verify_init) else {
            return false;
        };
        // Any length of the salt: OpenSSL before 3.1 makes it as long as the key allows.
        if context.set_signature(scheme, hash, -2).is_err() {
            return false;
        }
        // SAFETY: the context is alive; both slices are valid for their lengths.
        let result = unsafe {
            lc::EVP_PKEY_verify(
                context.0.as_ptr(),
                signature.as_ptr(),
                signature.len(),
                digest.as_ptr(),
                digest.len(),
            )
        };
        ok(result).is_ok()
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
        let context = self.0.context(lc::EVP_PKEY_encrypt_init)?;
        match transport {
            KeyTransport::Pkcs1V15 => context.set_padding(lc::RSA_PKCS1_PADDING)?,
            KeyTransport::Oaep => context.set_oaep(hash, hash)?,
        }
        let mut out = vec![0; self.0.octets()];
        let mut length = out.len();
        // SAFETY: `out` has room for `length` octets, which is the most the key can give.
        ok(unsafe {
            lc::EVP_PKEY_encrypt(
                context.0.as_ptr(),
                out.as_mut_ptr(),
                &raw mut length,
                content_key.as_ptr(),
                content_key.len(),
            )
        })?;
        out.truncate(length);
        Ok(out)
    }
}

impl RsaPrivateKey {
    /// Reads a PKCS#8 PrivateKeyInfo (RFC 5208).
    ///
    /// # Errors
    /// It is no RSA key that aws-lc takes.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        Pkey::parse(der, lc::EVP_parse_private_key).map(|key| Self(Arc::new(key)))
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
        let context = self.0.context(lc::EVP_PKEY_sign_init)?;
        // -1: as long as the hash.
        context.set_signature(scheme, hash, -1)?;
        let mut out = vec![0; self.0.octets()];
        let mut length = out.len();
        // SAFETY: `out` has room for `length` octets, which is the most the key can give.
        ok(unsafe {
            lc::EVP_PKEY_sign(
                context.0.as_ptr(),
                out.as_mut_ptr(),
                &raw mut length,
                digest.as_ptr(),
                digest.len(),
            )
        })?;
        out.truncate(length);
        Ok(out)
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
        let context = self.0.context(lc::EVP_PKEY_decrypt_init)?;
        context.set_padding(lc::RSA_NO_PADDING)?;
        let block = self.decrypt(&context, wrapped)?;
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
        let context = self.0.context(lc::EVP_PKEY_decrypt_init)?;
        context.set_oaep(hash, mask)?;
        let key = self.decrypt(&context, wrapped)?;
        if key.len() == key_octets {
            Ok(key)
        } else {
            Err(CryptoError)
        }
    }

    fn decrypt(
        &self,
        context: &Context<'_>,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut out = Zeroizing::new(vec![0; self.0.octets()]);
        let mut length = out.len();
        // SAFETY: `out` has room for `length` octets, which is the most the key can give.
        ok(unsafe {
            lc::EVP_PKEY_decrypt(
                context.0.as_ptr(),
                out.as_mut_ptr(),
                &raw mut length,
                wrapped.as_ptr(),
                wrapped.len(),
            )
        })?;
        out.truncate(length);
        Ok(out)
    }
}

/// FF for 0, else 00, without a branch.
const fn is_zero(octet: u8) -> u8 {
    let octet = octet as u32;
    ((octet.wrapping_sub(1) & !octet) >> 24) as u8
}

/// An `EVP_PKEY` of our own.
#[derive(Debug)]
struct Pkey(NonNull<lc::EVP_PKEY>);

// SAFETY: aws-lc may use a key in several threads as long as nobody changes it, and nobody does.
unsafe impl Send for Pkey {}
// SAFETY: as above.
unsafe impl Sync for Pkey {}

impl Drop for Pkey {
    fn drop(&mut self) {
        // SAFETY: the pointer is ours, and freed once.
        unsafe { lc::EVP_PKEY_free(self.0.as_ptr()) }
    }
}

impl Pkey {
    fn parse(
        der: &[u8],
        parser: unsafe extern "C" fn(*mut lc::CBS) -> *mut lc::EVP_PKEY,
    ) -> Result<Self, CryptoError> {
        let mut octets = std::mem::MaybeUninit::<lc::CBS>::uninit();
        // SAFETY: CBS_init fills the structure, which refers to `der` until the parser returns.
        let key = unsafe {
            lc::CBS_init(octets.as_mut_ptr(), der.as_ptr(), der.len());
            parser(octets.as_mut_ptr())
        };
        let Some(key) = NonNull::new(key) else {
            return Err(failed());
        };
        let key = Self(key);
        // SAFETY: the key is alive.
        if unsafe { lc::EVP_PKEY_id(key.0.as_ptr()) } == lc::EVP_PKEY_RSA {
            Ok(key)
        } else {
            Err(CryptoError)
        }
    }

    fn bits(&self) -> u32 {
        // SAFETY: the key is alive.
        unsafe { lc::EVP_PKEY_bits(self.0.as_ptr()) }
            .try_into()
            .unwrap_or(0)
    }

    fn octets(&self) -> usize {
        // SAFETY: the key is alive.
        unsafe { lc::EVP_PKEY_size(self.0.as_ptr()) }
            .try_into()
            .unwrap_or(0)
    }

    fn context(
        &self,
        init: unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX) -> i32,
    ) -> Result<Context<'_>, CryptoError> {
        // SAFETY: the key is alive, and stays so as long as the context, which borrows it.
        let context = unsafe { lc::EVP_PKEY_CTX_new(self.0.as_ptr(), std::ptr::null_mut()) };
        let context = Context(NonNull::new(context).ok_or_else(failed)?, self);
        // SAFETY: the context is alive.
        ok(unsafe { init(context.0.as_ptr()) })?;
        Ok(context)
    }
}

/// An operation with a key.
struct Context<'a>(
    NonNull<lc::EVP_PKEY_CTX>,
    #[allow(dead_code, reason = "keeps the key alive")] &'a Pkey,
);

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer is ours, and freed once.
        unsafe { lc::EVP_PKEY_CTX_free(self.0.as_ptr()) }
    }
}

impl Context<'_> {
    fn set_padding(&self, padding: i32) -> Result<(), CryptoError> {
        // SAFETY: the context is alive.
        ok(unsafe { lc::EVP_PKEY_CTX_set_rsa_padding(self.0.as_ptr(), padding) })
    }

    fn set_signature(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        salt: i32,
    ) -> Result<(), CryptoError> {
        self.set_padding(match scheme {
            SignatureScheme::Pkcs1 => lc::RSA_PKCS1_PADDING,
            SignatureScheme::Pss => lc::RSA_PKCS1_PSS_PADDING,
        })?;
        // SAFETY: the context is alive, and hash descriptions are for ever.
        unsafe {
            ok(lc::EVP_PKEY_CTX_set_signature_md(self.0.as_ptr(), md(hash)))?;
            if scheme == SignatureScheme::Pss {
                // MGF1 takes the same hash unless told otherwise.
                ok(lc::EVP_PKEY_CTX_set_rsa_pss_saltlen(self.0.as_ptr(), salt))?;
            }
        }
        Ok(())
    }

    fn set_oaep(&self, hash: Hash, mask: Hash) -> Result<(), CryptoError> {
        self.set_padding(lc::RSA_PKCS1_OAEP_PADDING)?;
        // SAFETY: the context is alive, and hash descriptions are for ever.
        unsafe {
            ok(lc::EVP_PKEY_CTX_set_rsa_oaep_md(self.0.as_ptr(), md(hash)))?;
            ok(lc::EVP_PKEY_CTX_set_rsa_mgf1_md(self.0.as_ptr(), md(mask)))
        }
    }
}

fn md(hash: Hash) -> *const lc::EVP_MD {
    // SAFETY: these functions have no conditions.
    unsafe {
        match hash {
            Hash::Sha1 => lc::EVP_sha1(),
            Hash::Sha256 => lc::EVP_sha256(),
            Hash::Sha384 => lc::EVP_sha384(),
            Hash::Sha512 => lc::EVP_sha512(),
            Hash::Sha3_512 => lc::EVP_sha3_512(),
        }
    }
}

fn ok(result: i32) -> Result<(), CryptoError> {
    if result == 1 { Ok(()) } else { Err(failed()) }
}

/// The queue of errors belongs to the thread, and others look at it.
fn failed() -> CryptoError {
    // SAFETY: no conditions.
    unsafe { lc::ERR_clear_error() };
    CryptoError
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
