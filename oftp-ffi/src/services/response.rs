//! Signed EERP and NERP (RFC 5024 5.3.13, 5.3.14).

use std::time::SystemTime;

use oftp_secure::response::verify_nerp;
use oftp_secure::response::{Expected, ResponseError, sign_eerp, sign_nerp, verify_eerp};
use oftp_secure::{Certificate, Credential, Suite, Trust};
use zeroize::Zeroizing;

use super::keystore::oftp_keystore;
use super::octets::{give, oftp_octets};
use super::plan::{fingerprints, signers};
use super::trust::{oftp_trust, trust};
use super::{suite, time, yes_or_no};
use crate::guard::{check_out, guard, octets, read, set};
use crate::session::oftp_end_response;
use crate::status::{Fail, Outcome, oftp_code, oftp_status};

impl From<ResponseError> for Fail {
    fn from(error: ResponseError) -> Self {
        oftp_code::OFTP_E_CMS.because(error.to_string())
    }
}

/// What a signature of an end response needs.
struct Signing {
    suite: &'static Suite,
    signer: Credential,
    time: SystemTime,
}

impl Signing {
    /// # Safety
    /// `fingerprint` is NULL or valid for 32 octets.
    unsafe fn of(
        keystore: *const oftp_keystore,
        fingerprint: *const u8,
        suite: i32,
        time: i64,
    ) -> Outcome<Self> {
        let time = self::time(time, "time")?;
        // SAFETY: by the caller.
        let wanted = unsafe { fingerprints(fingerprint, (!fingerprint.is_null()).into()) }?;
        let mut signers = signers(keystore, wanted, time)?;
        Ok(Self {
            suite: self::suite(suite)?,
            // There is one, or an error.
            signer: signers.swap_remove(0),
            time,
        })
    }

    fn check_hash(&self, hash: &[u8], field: &str) -> Outcome {
        let needed = self.suite.hash.octets();
        if hash.len() == needed {
            return Ok(());
        }
        Err(oftp_code::OFTP_E_VALUE.because(format!(
            "hash_len is {}, {field} has {needed} octets in suite {}: use oftp_hash_memory or \
             oftp_hash_fd",
            hash.len(),
            self.suite
        )))
    }
}

/// Signs an EERP that is to be sent: its fields and the hash of the file as it was received.
///
/// \param response The EERP, with `hash` set (`oftp_hash_fd` over the file as transmitted).
/// \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
/// \param keystore Who signs: our private key with its certificate.
/// \param fingerprint Which certificate of it, the 32 octets of its SHA-256; NULL: the newest that
/// is valid.
/// \param time The time in the signature, in Unix seconds; 0: now.
/// \param signature Receives the signature; free it with `oftp_octets_free`. Give what
/// `oftp_octets_get` tells to `signature` and `signature_len` of the response, then call
/// `oftp_eerp_rq`.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the hash is not one of this suite;
/// `OFTP_E_KEY`: there is no such key, or it cannot sign. Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_response_sign_eerp(
    response: *const oftp_end_response,
    suite: i32,
    keystore: *const oftp_keystore,
    fingerprint: *const u8,
    time: i64,
    signature: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(signature, "signature")?;
        // SAFETY: by the caller.
        unsafe {
            let mut eerp = read(response)?.to_eerp()?;
            let signing = Signing::of(keystore, fingerprint, suite, time)?;
            let hash = std::mem::take(&mut eerp.hsh);
            signing.check_hash(&hash, "EERPHSH")?;
            sign_eerp(
                &mut eerp,
                &hash,
                signing.suite,
                &signing.signer,
                signing.time,
            )?;
            give(Zeroizing::new(eerp.sig), signature, "signature")?;
        }
        Ok(0)
    })
}

/// Signs a NERP that is to be sent, as `oftp_response_sign_eerp`. What the signature does not
/// cover: reason and text.
///
/// \param response The NERP; `hash` may be empty where no hash of the file is known.
/// \param suite As for `oftp_response_sign_eerp`.
/// \param keystore As for `oftp_response_sign_eerp`.
/// \param fingerprint As for `oftp_response_sign_eerp`.
/// \param time As for `oftp_response_sign_eerp`.
/// \param signature As for `oftp_response_sign_eerp`; then call `oftp_nerp_rq`.
/// \return As `oftp_response_sign_eerp`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_response_sign_nerp(
    response: *const oftp_end_response,
    suite: i32,
    keystore: *const oftp_keystore,
    fingerprint: *const u8,
    time: i64,
    signature: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(signature, "signature")?;
        // SAFETY: by the caller.
        unsafe {
            let mut nerp = read(response)?.to_nerp()?;
            let signing = Signing::of(keystore, fingerprint, suite, time)?;
            let hash = std::mem::take(&mut nerp.hsh);
            if !hash.is_empty() {
                signing.check_hash(&hash, "NERPHSH")?;
            }
            sign_nerp(
                &mut nerp,
                &hash,
                signing.suite,
                &signing.signer,
                signing.time,
            )?;
            give(Zeroizing::new(nerp.sig), signature, "signature")?;
        }
        Ok(0)
    })
}

/// What a signature that was received is compared with.
struct Comparing {
    trust: Trust,
    now: SystemTime,
    refuse_legacy: bool,
}

impl Comparing {
    fn of(trust: *const oftp_trust, time: i64, refuse_legacy: i32) -> Outcome<Self> {
        Ok(Self {
            trust: self::trust(trust)?,
            now: self::time(time, "time")?,
            refuse_legacy: yes_or_no(refuse_legacy, "refuse_legacy")?,
        })
    }

    const fn with<'a>(&'a self, hash: Option<&'a [u8]>) -> Expected<'a> {
        Expected {
            hash,
            trust: &self.trust,
            now: self.now,
            refuse_legacy: self.refuse_legacy,
        }
    }
}

/// # Safety
/// `out` is NULL or valid for 32 octets.
unsafe fn tell_signer(signers: &[Certificate], out: *mut u8) -> Outcome {
    if out.is_null() {
        return Ok(());
    }
    let signer = signers.first().map(|signer| *signer.fingerprint());
    // SAFETY: by the caller.
    unsafe { set(out.cast::<[u8; 32]>(), "signer", signer.unwrap_or_default()) }
}

/// Whether a signed EERP proves that the partner received what was sent.
///
/// \param response The EERP that `eerp_ind` told.
/// \param trust Whose signature counts: the partner's.
/// \param hash The hash of the file as it was sent, by the suite of the file.
/// \param hash_len Its octets.
/// \param time At which time the signer's certificate must be valid, in Unix seconds; 0: now.
/// \param refuse_legacy 1: refuse SHA-1; 0: take it, as suites 01 and 02 need it.
/// \param signer Receives the SHA-256 of the certificate that signed, 32 octets; NULL: not wanted.
/// \return `OFTP_OK`: it does; `OFTP_E_CMS`: it does not, and the error text says why: it is not
/// signed, not by the partner, not for this response, or for another file; `OFTP_E_VALUE`: a field
/// is wrong, or there is no hash, without which it proves nothing. Thread safe. Allowed inside
/// callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_response_verify_eerp(
    response: *const oftp_end_response,
    trust: *const oftp_trust,
    hash: *const u8,
    hash_len: usize,
    time: i64,
    refuse_legacy: i32,
    signer: *mut u8,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        unsafe {
            let eerp = read(response)?.to_eerp()?;
            let hash = octets(hash, hash_len, "hash")?;
            if hash.is_empty() {
                return Err(oftp_code::OFTP_E_VALUE.because(
                    "hash_len is 0: an EERP proves nothing without the hash of what was sent",
                ));
            }
            let comparing = Comparing::of(trust, time, refuse_legacy)?;
            let signers = verify_eerp(&eerp, comparing.with(Some(hash)))?;
            tell_signer(&signers, signer)?;
        }
        Ok(0)
    })
}

/// Whether a signed NERP proves that the file was not delivered, as `oftp_response_verify_eerp`.
///
/// \param response The NERP that `nerp_ind` told.
/// \param trust As for `oftp_response_verify_eerp`.
/// \param hash The hash of the file as it was sent; NULL, 0: not known, and not compared.
/// \param hash_len Its octets.
/// \param time As for `oftp_response_verify_eerp`.
/// \param refuse_legacy As for `oftp_response_verify_eerp`.
/// \param signer As for `oftp_response_verify_eerp`.
/// \return As `oftp_response_verify_eerp`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_response_verify_nerp(
    response: *const oftp_end_response,
    trust: *const oftp_trust,
    hash: *const u8,
    hash_len: usize,
    time: i64,
    refuse_legacy: i32,
    signer: *mut u8,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        unsafe {
            let nerp = read(response)?.to_nerp()?;
            let hash = octets(hash, hash_len, "hash")?;
            let comparing = Comparing::of(trust, time, refuse_legacy)?;
            let known = (!hash.is_empty()).then_some(hash);
            let signers = verify_nerp(&nerp, comparing.with(known))?;
            tell_signer(&signers, signer)?;
        }
        Ok(0)
    })
}
