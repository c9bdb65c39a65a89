//! Whose certificate counts for what (RFC 5024 chapter 11).

use std::ffi::c_char;
use std::time::Duration;

use oftp_secure::trust::{Revocation, Rules, Unknown};
use oftp_secure::{Distrust, Keystore, Trust};
use zeroize::Zeroizing;

use super::certificate::from_der;
use super::keystore::{keystore, oftp_keystore};
use super::octets::{give, oftp_octets};
use super::{choice, purpose, time, versioned};
use crate::guard::{check_out, guard, octets, read, set};
use crate::handle::{Object, create, remove, with};
use crate::status::{Fail, Outcome, oftp_code, oftp_status};
use crate::text::string;

/// What is known of the certificates of one partner. A valid certificate of somebody else is worth
/// nothing. Several threads may use one at the same time.
pub enum oftp_trust {}

struct Trusted(Trust);

impl Object for Trusted {
    type Handle = oftp_trust;
    const NAME: &'static str = "trust";
    const WAITS: bool = true;
}

/// What is asked of certificates. Every field may be 0: that is its default. Initialise with
/// `OFTP_TRUST_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_trust_options {
    /// `sizeof(oftp_trust_options)`.
    pub struct_size: usize,
    /// The shortest RSA key in bits; default 2048. Authorities never have less than 2048.
    pub min_rsa_bits: u32,
    /// Take certificates whose issuer signed with SHA-1, an `oftp_choice`; default no. A pinned
    /// certificate is trusted by its SHA-256 and not by its signature.
    pub sha1: i32,
    /// Take certificates of which no list says whether they are revoked, an `oftp_choice`; default
    /// yes. What is revoked is never taken; what signed itself is revoked by not being pinned.
    pub unknown_revocation: i32,
    /// How old a list of revoked certificates may be, in seconds; 0: as old as its issuer allows.
    pub max_crl_age: u64,
}

versioned!(oftp_trust_options);

impl From<Distrust> for Fail {
    fn from(distrust: Distrust) -> Self {
        oftp_code::OFTP_E_DISTRUST.because(distrust.to_string())
    }
}

/// A copy of what a trust holds.
pub(crate) fn trust(handle: *const oftp_trust) -> Outcome<Trust> {
    with::<Trusted, _>(handle, |trusted| Ok(trusted.0.clone()))
}

fn add(
    trust: *mut oftp_trust,
    from: *const oftp_keystore,
    take: impl FnOnce(&mut Trust, Keystore),
) -> oftp_status {
    guard(|| {
        let store = keystore(from)?;
        with::<Trusted, _>(trust, |trusted| {
            take(&mut trusted.0, store);
            Ok(0)
        })
    })
}

/// Makes a trust that trusts nobody.
///
/// \param out Receives the handle; free it with `oftp_trust_free`.
/// \param options What is asked of certificates; NULL: the defaults. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_NULL`, `OFTP_E_MEMORY`.
///
/// Thread safe. Allowed inside callbacks, as all functions of a trust.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_new(
    out: *mut *mut oftp_trust,
    options: *const oftp_trust_options,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        let mut trust = Trust::default();
        if !options.is_null() {
            // SAFETY: by the caller.
            let options = unsafe { read(options) }?;
            let standard = Rules::default();
            trust.rules = Rules {
                min_rsa_bits: match options.min_rsa_bits {
                    0 => standard.min_rsa_bits,
                    bits => bits,
                },
                sha1: choice(options.sha1, "sha1", standard.sha1)?,
            };
            let unknown = choice(options.unknown_revocation, "unknown_revocation", true)?;
            trust.revocation = Revocation {
                unknown: if unknown {
                    Unknown::Allow
                } else {
                    Unknown::Refuse
                },
                max_age: match options.max_crl_age {
                    0 => None,
                    seconds => Some(Duration::from_secs(seconds)),
                },
            };
        }
        let handle = create(Trusted(trust))?;
        // SAFETY: by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a trust. Openers that were made with it go on.
///
/// \param trust The trust; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_free(trust: *mut oftp_trust) -> oftp_status {
    guard(|| {
        if !trust.is_null() {
            remove::<Trusted>(trust)?;
        }
        Ok(0)
    })
}

/// Trusts the certificates of a keystore as they are: those that the partner has given to us,
/// self-signed or not. Of these, the newest that is valid is encrypted for.
///
/// \param trust The trust.
/// \param certificates A keystore. Copied.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_pin(
    trust: *mut oftp_trust,
    certificates: *const oftp_keystore,
) -> oftp_status {
    add(trust, certificates, |trust, store| {
        trust.pinned.extend(store.certificates);
    })
}

/// Trusts what these authorities certify, where it bears one of the names of `oftp_trust_add_name`.
///
/// \param trust The trust.
/// \param authorities A keystore with their certificates. Copied.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_add_authorities(
    trust: *mut oftp_trust,
    authorities: *const oftp_keystore,
) -> oftp_status {
    add(trust, authorities, |trust, store| {
        trust.anchors.extend(store.certificates);
    })
}

/// Adds certificates between the authorities and the partner's. They are not trusted for that.
///
/// \param trust The trust.
/// \param intermediates A keystore. Copied.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_add_intermediates(
    trust: *mut oftp_trust,
    intermediates: *const oftp_keystore,
) -> oftp_status {
    add(trust, intermediates, |trust, store| {
        trust.intermediates.extend(store.certificates);
    })
}

/// Adds the lists of revoked certificates of a keystore. A list counts where an authority or a
/// certificate above signed it.
///
/// \param trust The trust.
/// \param crls A keystore. Copied.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_add_crls(
    trust: *mut oftp_trust,
    crls: *const oftp_keystore,
) -> oftp_status {
    add(trust, crls, |trust, store| trust.revoked.extend(store.crls))
}

/// Adds a name that an authority's certificate for this partner bears: a host name, a common name,
/// or an identification code as serial number of the subject. Without any name, the authorities
/// certify nobody but this partner.
///
/// \param trust The trust.
/// \param name The name in UTF-8. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: it is empty or not UTF-8.
///
/// # Safety
/// `name` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_add_name(
    trust: *mut oftp_trust,
    name: *const c_char,
) -> oftp_status {
    guard(|| {
        check_out(name, "name")?;
        // SAFETY: by the caller.
        let name = unsafe { string(name, "name") }?;
        if name.is_empty() {
            return Err(oftp_code::OFTP_E_VALUE.because("name is empty"));
        }
        with::<Trusted, _>(trust, |trusted| {
            trusted.0.names.push(name.to_owned());
            Ok(0)
        })
    })
}

/// Whether a certificate is the partner's and may be used so at this time.
///
/// \param trust The trust.
/// \param der The certificate in DER.
/// \param len Its octets.
/// \param purpose What for, an `oftp_purpose`.
/// \param time When, in Unix seconds; 0: now.
/// \return `OFTP_OK`: yes; `OFTP_E_DISTRUST`: no, and the error text says why and what to do;
/// `OFTP_E_KEY`: it is no certificate; `OFTP_E_VALUE`.
///
/// # Safety
/// `der` is NULL or valid for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_check(
    trust: *const oftp_trust,
    der: *const u8,
    len: usize,
    purpose: i32,
    time: i64,
) -> oftp_status {
    guard(|| {
        let purpose = self::purpose(purpose)?;
        let time = self::time(time, "time")?;
        // SAFETY: by the caller.
        let certificate = from_der(unsafe { octets(der, len, "der") }?)?;
        with::<Trusted, _>(trust, |trusted| {
            trusted.0.check(&certificate, &[], purpose, time)?;
            Ok(0)
        })
    })
}

/// The partner's certificate to encrypt for at this time: of the pinned ones that
/// `oftp_trust_check` takes, the one that became valid last.
///
/// \param trust The trust.
/// \param purpose What for, an `oftp_purpose`.
/// \param time When, in Unix seconds; 0: now.
/// \param der Receives the certificate in DER; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_DISTRUST`: there is none, and the error text says why.
///
/// # Safety
/// `der` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_trust_newest(
    trust: *const oftp_trust,
    purpose: i32,
    time: i64,
    der: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(der, "der")?;
        let (purpose, time) = (self::purpose(purpose)?, self::time(time, "time")?);
        let found = with::<Trusted, _>(trust, |trusted| {
            Ok(trusted.0.newest(purpose, time)?.der().to_vec())
        })?;
        // SAFETY: by the caller.
        unsafe { give(Zeroizing::new(found), der, "der") }?;
        Ok(0)
    })
}
