//! The challenges of secure authentication (RFC 5024 4.2.3, 5.3.17, 5.3.18).

use oftp_secure::Purpose;
use oftp_secure::challenge::{open_challenge, seal_challenge};
use zeroize::Zeroizing;

use super::keystore::{credentials, oftp_keystore};
use super::octets::{give, oftp_octets};
use super::trust::{oftp_trust, trust};
use super::{suite, time};
use crate::guard::{check_out, guard, octets, set};
use crate::status::{oftp_code, oftp_status};

/// A challenge for a partner: new random octets, and the same encrypted for the partner's newest
/// certificate that is good for it. For `seal_challenge_ind`: give both to
/// `oftp_seal_challenge_rs`.
///
/// \param partner The trust of the partner.
/// \param suite The cipher suite, 1 to 10; 0: 4.
/// \param time At which time the certificate must be valid, in Unix seconds; 0: now.
/// \param plain Receives the 20 octets.
/// \param sealed Receives them as CMS EnvelopedData; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_DISTRUST`: there is no good certificate, and the text says why;
/// `OFTP_E_KEY`: nothing can be encrypted for it; `OFTP_E_VALUE`, `OFTP_E_NULL`. On failure answer
/// with NULL: ESID 11 ends the session. Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are, `plain` for 20 octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_challenge_seal(
    partner: *const oftp_trust,
    suite: i32,
    time: i64,
    plain: *mut u8,
    sealed: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(plain, "plain")?;
        check_out(sealed, "sealed")?;
        let (suite, time) = (self::suite(suite)?, self::time(time, "time")?);
        let trust = trust(partner)?;
        let newest = trust.newest(Purpose::Authenticate, time)?;
        let made = seal_challenge(newest, suite)?;
        // SAFETY: by the caller.
        unsafe {
            give(Zeroizing::new(made.sealed), sealed, "sealed")?;
            set(plain.cast::<[u8; 20]>(), "plain", made.plain)?;
        }
        Ok(0)
    })
}

/// Opens a challenge of the partner. For `open_challenge_ind`: give the octets to
/// `oftp_open_challenge_rs`.
///
/// \param keystore Our private keys with their certificates, old and new.
/// \param sealed The challenge (AUCHCHAL).
/// \param len Its octets.
/// \param plain Receives the 20 octets.
/// \return `OFTP_OK`; `OFTP_E_CMS`: it cannot be opened; `OFTP_E_KEY`: the keystore has no key. On
/// failure answer with NULL: ESID 11 ends the session. The error text says why, for our log and
/// for nobody else. Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are, `plain` for 20 octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_challenge_open(
    keystore: *const oftp_keystore,
    sealed: *const u8,
    len: usize,
    plain: *mut u8,
) -> oftp_status {
    guard(|| {
        check_out(plain, "plain")?;
        // SAFETY: by the caller.
        let sealed = unsafe { octets(sealed, len, "sealed") }?;
        let keys = credentials(keystore)?;
        let opened = open_challenge(sealed, &keys)
            .map_err(|error| oftp_code::OFTP_E_CMS.because(error.to_string()))?;
        // SAFETY: by the caller.
        unsafe { set(plain.cast::<[u8; 20]>(), "plain", opened) }?;
        Ok(0)
    })
}
