//! New keys with certificates that their owners sign themselves, requests to an authority, and
//! keystores as files.

use std::ffi::c_char;

use oftp_secure::keygen::{
    DEFAULT_BITS, DEFAULT_DAYS, KeygenError, Owner, certificate_pem, generate_rsa, key_pem,
    self_signed,
};
use oftp_secure::keystore::{write_new, write_secret};
use oftp_secure::{Certificate, Keystore, PrivateKey, request};
use zeroize::Zeroizing;

use super::certificate::at;
use super::keystore::{Keys, oftp_keystore, passphrase, path};
use super::octets::{give, oftp_octets};
use super::{time, versioned, wrong, yes_or_no};
use crate::guard::{check_out, guard, read, set};
use crate::handle::with;
use crate::status::{Fail, Outcome, oftp_code, oftp_status};
use crate::text::string;

/// Whom a certificate is for. Strings are UTF-8 and used during the call only. Initialise with
/// `OFTP_OWNER_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_owner {
    /// `sizeof(oftp_owner)`.
    pub struct_size: usize,
    /// The common name (CN): of the station, its host, or the company. Needed.
    pub name: *const c_char,
    /// The identification code (SSIDCODE), as serial number of the subject; NULL: none.
    pub identification: *const c_char,
    /// The company (O); NULL: none.
    pub organization: *const c_char,
    /// The country (C), two letters; NULL: none.
    pub country: *const c_char,
    /// Names of hosts that partners call, for TLS, with commas between them; NULL: none.
    pub hosts: *const c_char,
    /// `oftp_keystore_generate`: bits of the RSA key, 2048, 3072 or 4096; default 3072.
    pub bits: u32,
    /// `oftp_keystore_generate`: days of validity, 1 to 36,500; default 1,095.
    pub days: u32,
    /// `oftp_keystore_generate`: when it is made, in Unix seconds; 0: now. It is valid from an
    /// hour before on.
    pub time: i64,
}

versioned!(oftp_owner);

impl From<KeygenError> for Fail {
    fn from(error: KeygenError) -> Self {
        let code = match error {
            KeygenError::Bits(_) | KeygenError::Days(_) | KeygenError::Name { .. } => {
                oftp_code::OFTP_E_VALUE
            }
            KeygenError::Failed(_) => oftp_code::OFTP_E_KEY,
            // The engine's text names a command of a program.
            KeygenError::NotRsa => {
                return oftp_code::OFTP_E_KEY
                    .because("the key is not RSA, which the cipher suites need");
            }
        };
        code.because(error.to_string())
    }
}

impl oftp_owner {
    /// # Safety
    /// Pointers are NULL or strings.
    unsafe fn to_owner(self) -> Outcome<Owner> {
        check_out(self.name, "name")?;
        let optional = |pointer: *const c_char, name: &str| -> Outcome<Option<String>> {
            // SAFETY: by the caller.
            let text = unsafe { string(pointer, name) }?;
            Ok((!text.is_empty()).then(|| text.to_owned()))
        };
        let hosts = optional(self.hosts, "hosts")?.unwrap_or_default();
        let hosts = hosts.split(',').map(str::trim);
        Ok(Owner {
            name: optional(self.name, "name")?
                .ok_or_else(|| oftp_code::OFTP_E_VALUE.because("name is empty"))?,
            identification: optional(self.identification, "identification")?,
            organization: optional(self.organization, "organization")?,
            country: optional(self.country, "country")?,
            hosts: hosts
                .filter(|host| !host.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// The private key of a certificate.
fn key_at(keystore: *const oftp_keystore, index: usize) -> Outcome<PrivateKey> {
    with::<Keys, _>(keystore, |keys| {
        let certificate = at(keys, index)?;
        let own = keys.store.keys.iter().find(|key| key.is_of(&certificate));
        own.cloned().ok_or_else(|| {
            oftp_code::OFTP_E_KEY.because(format!(
                "the keystore has no private key for certificate {certificate}"
            ))
        })
    })
}

fn certificate_at(keystore: *const oftp_keystore, index: usize) -> Outcome<Certificate> {
    with::<Keys, _>(keystore, |keys| at(keys, index))
}

fn text(pem: String) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(pem.into_bytes())
}

/// Adds a new RSA key with a certificate that it signs itself, for everything that OFTP does:
/// signatures, encryption, authentication, TLS.
///
/// \param keystore The keystore.
/// \param owner Whom it is for, and how long.
/// \param index Receives the index of the certificate; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a length, the days or a name cannot be; `OFTP_E_NULL`,
/// `OFTP_E_STRUCT_SIZE`. Takes up to some seconds; other threads may use the keystore.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_generate(
    keystore: *mut oftp_keystore,
    owner: *const oftp_owner,
    index: *mut usize,
) -> oftp_status {
    guard(|| {
        with::<Keys, _>(keystore, |_| Ok(()))?;
        // SAFETY: by the caller.
        let (told, owner) = unsafe {
            let told = read(owner)?;
            (told, told.to_owner()?)
        };
        let now = time(told.time, "time")?;
        if told.time != 0 && told.time < 86_400 {
            return Err(wrong("time", told.time, "a day of 1970 or later"));
        }
        let or = |value, default| if value == 0 { default } else { value };
        let key = generate_rsa(or(told.bits, DEFAULT_BITS))?;
        let certificate = self_signed(&key, &owner, now, or(told.days, DEFAULT_DAYS))?;
        let place = with::<Keys, _>(keystore, |keys| {
            keys.store.add(Keystore {
                keys: vec![key],
                certificates: vec![certificate],
                crls: Vec::new(),
            });
            Ok(keys.store.certificates.len() - 1)
        })?;
        if !index.is_null() {
            // SAFETY: by the caller.
            unsafe { set(index, "index", place) }?;
        }
        Ok(0)
    })
}

/// The private key of a certificate as PEM (PKCS#8).
///
/// \param keystore The keystore.
/// \param index Which certificate.
/// \param passphrase Encrypts it (PBES2, AES-256), in UTF-8; NULL: not encrypted.
/// \param pem Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_KEY`: no private key.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_key_pem(
    keystore: *const oftp_keystore,
    index: usize,
    passphrase: *const c_char,
    pem: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(pem, "pem")?;
        let key = key_at(keystore, index)?;
        // SAFETY: by the caller.
        unsafe {
            let passphrase = self::passphrase(passphrase)?;
            let mut made = key_pem(&key, passphrase.as_ref())?;
            give(text(std::mem::take(&mut *made)), pem, "pem")?;
        }
        Ok(0)
    })
}

/// A certificate as PEM, for a partner.
///
/// \param keystore The keystore.
/// \param index Which certificate.
/// \param pem Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate.
///
/// # Safety
/// `pem` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_certificate_pem(
    keystore: *const oftp_keystore,
    index: usize,
    pem: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(pem, "pem")?;
        let certificate = certificate_at(keystore, index)?;
        // SAFETY: by the caller.
        unsafe { give(text(certificate_pem(&certificate)?), pem, "pem") }?;
        Ok(0)
    })
}

/// A request that an authority certify the key of a certificate (PKCS#10), as PEM.
///
/// \param keystore The keystore.
/// \param index Which certificate, whose private key is there.
/// \param owner Whom the new certificate is for; bits, days and time are not looked at.
/// \param pem Receives the text; free it with `oftp_octets_free`.
/// \return As `oftp_keystore_key_pem`; `OFTP_E_VALUE`: a name cannot stand in a certificate.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_request_pem(
    keystore: *const oftp_keystore,
    index: usize,
    owner: *const oftp_owner,
    pem: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(pem, "pem")?;
        let key = key_at(keystore, index)?;
        // SAFETY: by the caller.
        unsafe {
            let owner = read(owner)?.to_owner()?;
            give(text(request::request(&key, &owner)?), pem, "pem")?;
        }
        Ok(0)
    })
}

/// Writes the private key of a certificate to a new file that only its owner may read, as
/// `oftp_keystore_key_pem` makes it.
///
/// \param keystore The keystore.
/// \param index Which certificate.
/// \param path The file.
/// \param passphrase As for `oftp_keystore_key_pem`.
/// \param replace 1: a file that is there is replaced, at once or not at all; 0: it is an error.
/// \return As `oftp_keystore_key_pem`; `OFTP_E_IO`: the file exists, or cannot be written.
///
/// # Safety
/// Pointers are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_write_key(
    keystore: *const oftp_keystore,
    index: usize,
    path: *const c_char,
    passphrase: *const c_char,
    replace: i32,
) -> oftp_status {
    guard(|| {
        let replace = yes_or_no(replace, "replace")?;
        // SAFETY: by the caller.
        let (path, passphrase) = unsafe { (self::path(path)?, self::passphrase(passphrase)?) };
        let pem = key_pem(&key_at(keystore, index)?, passphrase.as_ref())?;
        let written = write_secret(path, pem.as_bytes(), replace);
        written.map_err(|error| not_written(path, &error))?;
        Ok(0)
    })
}

/// Writes a certificate to a new file, in PEM.
///
/// \param keystore The keystore.
/// \param index Which certificate.
/// \param path The file.
/// \param replace As for `oftp_keystore_write_key`.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_IO`: the file exists,
/// or cannot be written.
///
/// # Safety
/// `path` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_write_certificate(
    keystore: *const oftp_keystore,
    index: usize,
    path: *const c_char,
    replace: i32,
) -> oftp_status {
    guard(|| {
        let replace = yes_or_no(replace, "replace")?;
        // SAFETY: by the caller.
        let path = unsafe { self::path(path) }?;
        let pem = certificate_pem(&certificate_at(keystore, index)?)?;
        let written = write_new(path, pem.as_bytes(), replace);
        written.map_err(|error| not_written(path, &error))?;
        Ok(0)
    })
}

fn not_written(path: &std::path::Path, error: &std::io::Error) -> Fail {
    oftp_code::OFTP_E_IO.because(format!("{}: {error}", path.display()))
}
