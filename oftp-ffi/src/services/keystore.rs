//! Private keys, certificates and lists of revoked certificates, from memory, files and
//! descriptors.

use std::ffi::{CString, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use oftp_secure::keystore::{KeystoreProblem, LARGEST_FILE};
use oftp_secure::{Credential, Keystore, KeystoreError, Passphrase};
use zeroize::Zeroizing;

use super::stream::{Input, Progress};
use crate::guard::{check_out, guard, octets, set};
use crate::handle::{Object, create, remove, with};
use crate::status::{Fail, Outcome, oftp_code, oftp_status};
use crate::text::string;

/// Private keys, certificates, and lists of revoked certificates (CRLs). Several threads may use
/// one at the same time. Private keys are overwritten with zeros when the last user is gone.
pub enum oftp_keystore {}

/// What stands behind an `oftp_keystore`.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) store: Keystore,
    /// Strings of certificates that were asked for, by index.
    pub(super) texts: Vec<Option<Box<[CString; 4]>>>,
}

impl Object for Keys {
    type Handle = oftp_keystore;
    const NAME: &'static str = "keystore";
    // Nothing long is done while it is held: files are read and keys used outside.
    const WAITS: bool = true;
}

impl From<KeystoreError> for Fail {
    fn from(error: KeystoreError) -> Self {
        match &error.problem {
            KeystoreProblem::Unreadable(_) => oftp_code::OFTP_E_IO.because(error.to_string()),
            // The engine's texts name options and commands of a program here.
            KeystoreProblem::NeedsPassphrase { what } => {
                let file = error.file.as_ref().map(|file| format!("{file}: "));
                oftp_code::OFTP_E_KEY.because(format!(
                    "{}{what} is encrypted, and passphrase is NULL",
                    file.unwrap_or_default()
                ))
            }
            KeystoreProblem::NoCertificate { others } => oftp_code::OFTP_E_KEY.because(format!(
                "a private key of the keystore has no certificate in it (there: {}): add it, or \
                 keep the key in a keystore of its own",
                if others.is_empty() {
                    "none".to_owned()
                } else {
                    others.join(", ")
                }
            )),
            _ => oftp_code::OFTP_E_KEY.because(error.to_string()),
        }
    }
}

/// A copy of a keystore, which shares its keys and certificates.
pub(crate) fn keystore(handle: *const oftp_keystore) -> Outcome<Keystore> {
    with::<Keys, _>(handle, |keys| Ok(keys.store.clone()))
}

/// The pairs of key and certificate of a keystore, newest first.
pub(crate) fn credentials(handle: *const oftp_keystore) -> Outcome<Vec<Credential>> {
    let store = with::<Keys, _>(handle, |keys| {
        Ok(Keystore {
            keys: keys.store.keys.clone(),
            certificates: keys.store.certificates.clone(),
            crls: Vec::new(),
        })
    })?;
    Ok(store.credentials()?)
}

/// # Safety
/// `pointer` is NULL or a string.
pub(super) unsafe fn passphrase(pointer: *const c_char) -> Outcome<Option<Passphrase>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: by the caller.
    unsafe { string(pointer, "passphrase") }.map(|text| Some(Passphrase::new(text)))
}

/// The name of a file, in any encoding.
///
/// # Safety
/// `pointer` is NULL or a string that lives as long as the result.
pub(super) unsafe fn path<'a>(pointer: *const c_char) -> Outcome<&'a Path> {
    check_out(pointer, "path")?;
    // SAFETY: by the caller.
    let octets = unsafe { std::ffi::CStr::from_ptr(pointer) }.to_bytes();
    Ok(Path::new(OsStr::from_bytes(octets)))
}

fn add(keystore: *mut oftp_keystore, store: Keystore) -> Outcome<oftp_status> {
    with::<Keys, _>(keystore, |keys| {
        keys.store.add(store);
        Ok(0)
    })
}

/// Whether a handle is good, before long work is done for it.
fn check(keystore: *const oftp_keystore) -> Outcome {
    with::<Keys, _>(keystore, |_| Ok(()))
}

/// Makes an empty keystore.
///
/// \param out Receives the handle; free it with `oftp_keystore_free`.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_MEMORY`.
///
/// Thread safe. Allowed inside callbacks, as all functions of keystores.
///
/// # Safety
/// `out` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_new(out: *mut *mut oftp_keystore) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        let handle = create(Keys::default())?;
        // SAFETY: by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a keystore. What was made from it, such as a sealer or a trust, goes on.
///
/// \param keystore The keystore; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_free(keystore: *mut oftp_keystore) -> oftp_status {
    guard(|| {
        if !keystore.is_null() {
            remove::<Keys>(keystore)?;
        }
        Ok(0)
    })
}

/// Adds what these octets hold: keys, certificates and CRLs in PEM (several blocks in any order)
/// or DER, keys as PKCS#8, PKCS#1 or SEC 1, encrypted or not, PKCS#12, bundles in PKCS#7. A
/// certificate that is there already does not come twice.
///
/// \param keystore The keystore.
/// \param data The octets. Copied.
/// \param len How many.
/// \param passphrase Opens what is encrypted, in UTF-8; NULL: nothing is. Copies are overwritten
/// with zeros.
/// \return `OFTP_OK`; `OFTP_E_KEY`: there is nothing, it is damaged, or the passphrase is missing
/// or wrong; `OFTP_E_VALUE`: the passphrase is not UTF-8.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_add_memory(
    keystore: *mut oftp_keystore,
    data: *const u8,
    len: usize,
    passphrase: *const c_char,
) -> oftp_status {
    guard(|| {
        check(keystore)?;
        // SAFETY: by the caller.
        let (data, passphrase) =
            unsafe { (octets(data, len, "data")?, self::passphrase(passphrase)?) };
        add(keystore, Keystore::read(data, passphrase.as_ref())?)
    })
}

/// Adds what a file holds, as `oftp_keystore_add_memory`.
///
/// \param keystore The keystore.
/// \param path The file, of at most 64 MiB.
/// \param passphrase As for `oftp_keystore_add_memory`.
/// \return As `oftp_keystore_add_memory`; `OFTP_E_IO`: the file cannot be read.
///
/// # Safety
/// Pointers are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_add_file(
    keystore: *mut oftp_keystore,
    path: *const c_char,
    passphrase: *const c_char,
) -> oftp_status {
    guard(|| {
        check(keystore)?;
        // SAFETY: by the caller.
        let (path, passphrase) = unsafe { (self::path(path)?, self::passphrase(passphrase)?) };
        add(keystore, Keystore::load(path, passphrase.as_ref())?)
    })
}

/// Adds what can be read from a descriptor up to its end, as `oftp_keystore_add_memory`.
///
/// \param keystore The keystore.
/// \param fd The descriptor, which gives at most 64 MiB. Borrowed during the call, not closed.
/// \param passphrase As for `oftp_keystore_add_memory`.
/// \return As `oftp_keystore_add_memory`; `OFTP_E_IO`: it cannot be read.
///
/// # Safety
/// `passphrase` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_add_fd(
    keystore: *mut oftp_keystore,
    fd: i32,
    passphrase: *const c_char,
) -> oftp_status {
    guard(|| {
        check(keystore)?;
        // SAFETY: by the caller.
        let passphrase = unsafe { self::passphrase(passphrase) }?;
        let mut all = Zeroizing::new(Vec::new());
        let nobody = Progress {
            call: None,
            user_data: std::ptr::null_mut(),
        };
        Input::descriptor(fd, "fd")?.each(nobody, |piece| {
            if (all.len() + piece.len()) as u64 > LARGEST_FILE {
                return Err(KeystoreError::from(KeystoreProblem::TooLarge).into());
            }
            let none = |_| oftp_code::OFTP_E_MEMORY.because("no memory for the keystore");
            all.try_reserve(piece.len()).map_err(none)?;
            all.extend_from_slice(piece);
            Ok(())
        })?;
        add(keystore, Keystore::read(&all, passphrase.as_ref())?)
    })
}

/// How much a keystore holds.
///
/// \param keystore The keystore.
/// \param keys Receives the number of private keys; NULL: not wanted.
/// \param certificates Receives the number of certificates; NULL: not wanted.
/// \param crls Receives the number of lists of revoked certificates; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// Pointers are NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_counts(
    keystore: *const oftp_keystore,
    keys: *mut usize,
    certificates: *mut usize,
    crls: *mut usize,
) -> oftp_status {
    guard(|| {
        let counts = with::<Keys, _>(keystore, |held| {
            let Keystore {
                keys,
                certificates,
                crls,
            } = &held.store;
            Ok([keys.len(), certificates.len(), crls.len()])
        })?;
        for (out, count) in [keys, certificates, crls].into_iter().zip(counts) {
            if !out.is_null() {
                // SAFETY: by the caller.
                unsafe { set(out, "count", count) }?;
            }
        }
        Ok(0)
    })
}
