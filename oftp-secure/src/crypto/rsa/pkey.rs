//! RSA keys in aws-lc, and the operations on them: the only `unsafe` code of this crate.

#![allow(
    unsafe_code,
    reason = "the safe interface of aws-lc-rs lacks what RFC 5024 needs"
)]

use std::ptr::{NonNull, null_mut};

use aws_lc_sys as lc;
use zeroize::Zeroizing;

use super::SignatureScheme;
use crate::crypto::{CryptoError, Hash};

/// How a block is padded when it is encrypted or decrypted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Padding {
    /// Not at all: the block is as long as the modulus.
    None,
    /// PKCS#1 v1.5.
    Pkcs1,
    /// OAEP with this hash, and MGF1 of `mask`.
    Oaep { hash: Hash, mask: Hash },
}

/// An `EVP_PKEY` of our own that holds an RSA key.
#[derive(Debug)]
pub(super) struct Pkey(NonNull<lc::EVP_PKEY>);

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
    /// Reads a PrivateKeyInfo.
    pub(super) fn private(der: &[u8]) -> Result<Self, CryptoError> {
        Self::parse(der, lc::EVP_parse_private_key)
    }

    /// Reads a SubjectPublicKeyInfo.
    pub(super) fn public(der: &[u8]) -> Result<Self, CryptoError> {
        Self::parse(der, lc::EVP_parse_public_key)
    }

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
        let key = Self(NonNull::new(key).ok_or_else(failed)?);
        // SAFETY: the key is alive.
        if unsafe { lc::EVP_PKEY_id(key.0.as_ptr()) } == lc::EVP_PKEY_RSA {
            Ok(key)
        } else {
            Err(CryptoError)
        }
    }

    /// The length of the modulus in bits.
    pub(super) fn bits(&self) -> u32 {
        // SAFETY: the key is alive.
        let bits = unsafe { lc::EVP_PKEY_bits(self.0.as_ptr()) };
        bits.try_into().unwrap_or(0)
    }

    /// The length of the modulus in octets: the most that any operation gives.
    fn octets(&self) -> usize {
        // SAFETY: the key is alive.
        let octets = unsafe { lc::EVP_PKEY_size(self.0.as_ptr()) };
        octets.try_into().unwrap_or(0)
    }

    /// Signs a digest; the salt of PSS is as long as the hash.
    pub(super) fn sign(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        digest: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let context = self.context(lc::EVP_PKEY_sign_init)?;
        context.set_signature(scheme, hash, SALT_OF_HASH)?;
        context.run(lc::EVP_PKEY_sign, digest, vec![0; self.octets()])
    }

    /// Whether a signature is over this digest; the salt of PSS may have any length.
    pub(super) fn verify(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let context = self.context(lc::EVP_PKEY_verify_init)?;
        context.set_signature(scheme, hash, SALT_OF_SIGNATURE)?;
        // SAFETY: the context is alive; both slices are valid for their lengths.
        ok(unsafe {
            lc::EVP_PKEY_verify(
                context.context.as_ptr(),
                signature.as_ptr(),
                signature.len(),
                digest.as_ptr(),
                digest.len(),
            )
        })
    }

    /// Encrypts a block.
    pub(super) fn encrypt(&self, padding: Padding, block: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let context = self.context(lc::EVP_PKEY_encrypt_init)?;
        context.set_padding(padding)?;
        context.run(lc::EVP_PKEY_encrypt, block, vec![0; self.octets()])
    }

    /// Decrypts a block.
    pub(super) fn decrypt(
        &self,
        padding: Padding,
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let context = self.context(lc::EVP_PKEY_decrypt_init)?;
        context.set_padding(padding)?;
        let out = context.run(lc::EVP_PKEY_decrypt, block, vec![0; self.octets()]);
        out.map(Zeroizing::new)
    }

    fn context(
        &self,
        init: unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX) -> i32,
    ) -> Result<Context<'_>, CryptoError> {
        // SAFETY: the key is alive, and stays so as long as the context, which borrows it.
        let context = unsafe { lc::EVP_PKEY_CTX_new(self.0.as_ptr(), null_mut()) };
        let context = Context {
            context: NonNull::new(context).ok_or_else(failed)?,
            _key: self,
        };
        // SAFETY: the context is alive.
        ok(unsafe { init(context.context.as_ptr()) })?;
        Ok(context)
    }
}

/// What `EVP_PKEY_CTX_set_rsa_pss_saltlen` takes beside a length.
const SALT_OF_HASH: i32 = -1;
const SALT_OF_SIGNATURE: i32 = -2;

/// An operation of aws-lc that takes octets and gives octets.
type Operation =
    unsafe extern "C" fn(*mut lc::EVP_PKEY_CTX, *mut u8, *mut usize, *const u8, usize) -> i32;

/// An operation with a key.
struct Context<'a> {
    context: NonNull<lc::EVP_PKEY_CTX>,
    /// Keeps the key alive.
    _key: &'a Pkey,
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer is ours, and freed once.
        unsafe { lc::EVP_PKEY_CTX_free(self.context.as_ptr()) }
    }
}

impl Context<'_> {
    /// `out` has room for as many octets as the modulus has.
    fn run(
        &self,
        operation: Operation,
        input: &[u8],
        mut out: Vec<u8>,
    ) -> Result<Vec<u8>, CryptoError> {
        let mut length = out.len();
        // SAFETY: the context is alive; `out` has room for `length` octets, which is the most the
        // key can give; `input` is valid for its length.
        ok(unsafe {
            operation(
                self.context.as_ptr(),
                out.as_mut_ptr(),
                &raw mut length,
                input.as_ptr(),
                input.len(),
            )
        })?;
        out.truncate(length);
        Ok(out)
    }

    fn set_padding(&self, padding: Padding) -> Result<(), CryptoError> {
        let code = match padding {
            Padding::None => lc::RSA_NO_PADDING,
            Padding::Pkcs1 => lc::RSA_PKCS1_PADDING,
            Padding::Oaep { .. } => lc::RSA_PKCS1_OAEP_PADDING,
        };
        self.set_code(code)?;
        if let Padding::Oaep { hash, mask } = padding {
            // SAFETY: the context is alive, and hash descriptions are for ever.
            unsafe {
                ok(lc::EVP_PKEY_CTX_set_rsa_oaep_md(
                    self.context.as_ptr(),
                    md(hash),
                ))?;
                ok(lc::EVP_PKEY_CTX_set_rsa_mgf1_md(
                    self.context.as_ptr(),
                    md(mask),
                ))?;
            }
        }
        Ok(())
    }

    fn set_signature(
        &self,
        scheme: SignatureScheme,
        hash: Hash,
        salt: i32,
    ) -> Result<(), CryptoError> {
        self.set_code(match scheme {
            SignatureScheme::Pkcs1 => lc::RSA_PKCS1_PADDING,
            SignatureScheme::Pss => lc::RSA_PKCS1_PSS_PADDING,
        })?;
        // SAFETY: the context is alive, and hash descriptions are for ever.
        unsafe {
            ok(lc::EVP_PKEY_CTX_set_signature_md(
                self.context.as_ptr(),
                md(hash),
            ))?;
            if scheme == SignatureScheme::Pss {
                // MGF1 takes the same hash unless told otherwise.
                ok(lc::EVP_PKEY_CTX_set_rsa_pss_saltlen(
                    self.context.as_ptr(),
                    salt,
                ))?;
            }
        }
        Ok(())
    }

    fn set_code(&self, padding: i32) -> Result<(), CryptoError> {
        // SAFETY: the context is alive.
        ok(unsafe { lc::EVP_PKEY_CTX_set_rsa_padding(self.context.as_ptr(), padding) })
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
