//! What a certificate of a keystore says.

use std::ffi::c_char;

use oftp_secure::Certificate;

use super::keystore::{Keys, oftp_keystore};
use super::{seconds, versioned};
use crate::guard::{check_out, guard, set, write};
use crate::handle::with;
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::text::for_c;

/// What a certificate says. Strings are never NULL, and borrowed until the keystore is freed; what
/// could forge a line of a log is escaped in them. Initialise with `OFTP_CERTIFICATE_INFO_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_certificate_info {
    /// `sizeof(oftp_certificate_info)`.
    pub struct_size: usize,
    /// The owner's name (RFC 4514).
    pub subject: *const c_char,
    /// The issuer's name (RFC 4514).
    pub issuer: *const c_char,
    /// The serial number in hexadecimal.
    pub serial: *const c_char,
    /// The kind of the key, such as "RSA, 3072 bits".
    pub key: *const c_char,
    /// Valid from this time on, in Unix seconds.
    pub not_before: i64,
    /// Valid to this time, in Unix seconds.
    pub not_after: i64,
    /// SHA-256 of the certificate: what partners compare, and what it is named by here.
    pub fingerprint: [u8; 32],
    /// 1: the keystore has its private key.
    pub has_key: i32,
    /// 1: it may sign other certificates.
    pub is_authority: i32,
    /// The certificate in DER; borrowed until the keystore is freed.
    pub der: *const u8,
    /// Octets of `der`.
    pub der_len: usize,
}

versioned!(oftp_certificate_info);

/// The certificate of a keystore with this index.
pub(super) fn at(keys: &Keys, index: usize) -> Outcome<Certificate> {
    let all = &keys.store.certificates;
    all.get(index).cloned().ok_or_else(|| {
        oftp_code::OFTP_E_VALUE.because(format!(
            "index is {index}, but the keystore has {} certificates, counted from 0",
            all.len()
        ))
    })
}

/// Octets of a certificate in DER.
pub(super) fn from_der(der: &[u8]) -> Outcome<Certificate> {
    Certificate::from_der(der).map_err(|error| {
        oftp_code::OFTP_E_KEY.because(format!("der is no certificate in DER: {error}"))
    })
}

/// A certificate of a keystore. Indexes count from 0 in the order in which certificates were added
/// and stay as they are.
///
/// \param keystore The keystore.
/// \param index Which certificate, less than the number of `oftp_keystore_counts`.
/// \param info Receives what it says.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_STRUCT_SIZE`.
///
/// # Safety
/// `info` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_certificate(
    keystore: *mut oftp_keystore,
    index: usize,
    info: *mut oftp_certificate_info,
) -> oftp_status {
    guard(|| {
        check_out(info, "info")?;
        let found = with::<Keys, _>(keystore, |keys| {
            let certificate = at(keys, index)?;
            if keys.texts.len() <= index {
                keys.texts.resize_with(index + 1, || None);
            }
            // They stay where they are: neither is changed before the keystore is freed.
            let texts = keys.texts[index].get_or_insert_with(|| {
                Box::new([
                    for_c(certificate.subject()),
                    for_c(certificate.issuer()),
                    for_c(certificate.serial_hex()),
                    for_c(certificate.key_kind().to_string()),
                ])
            });
            let [subject, issuer, serial, key] = texts.each_ref().map(|text| text.as_ptr());
            let has_key = keys.store.keys.iter().any(|key| key.is_of(&certificate));
            Ok(oftp_certificate_info {
                struct_size: size_of::<oftp_certificate_info>(),
                subject,
                issuer,
                serial,
                key,
                not_before: seconds(certificate.not_before()),
                not_after: seconds(certificate.not_after()),
                fingerprint: *certificate.fingerprint(),
                has_key: has_key.into(),
                is_authority: certificate.is_authority().into(),
                der: certificate.der().as_ptr(),
                der_len: certificate.der().len(),
            })
        })?;
        // SAFETY: by the caller.
        unsafe { write(info, &found) }?;
        Ok(0)
    })
}

/// Where in a keystore the certificate with this SHA-256 is.
///
/// \param keystore The keystore.
/// \param fingerprint 32 octets.
/// \param index Receives the index.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: it is not there.
///
/// # Safety
/// `fingerprint` is NULL or valid for 32 octets, `index` for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_keystore_find(
    keystore: *const oftp_keystore,
    fingerprint: *const u8,
    index: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(index, "index")?;
        // SAFETY: by the caller.
        let wanted = unsafe { super::plan::fingerprints(fingerprint, 1) }?;
        let found = with::<Keys, _>(keystore, |keys| {
            let mut all = keys.store.certificates.iter();
            Ok(all.position(|certificate| wanted.contains(certificate.fingerprint())))
        })?;
        let found = found.ok_or_else(|| {
            oftp_code::OFTP_E_VALUE.because("no certificate of the keystore has this fingerprint")
        })?;
        // SAFETY: by the caller.
        unsafe { set(index, "index", found) }?;
        Ok(0)
    })
}
