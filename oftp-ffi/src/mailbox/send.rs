//! Files to send, from where they lie.

use std::ffi::{c_char, c_int};
use std::fs::File;
use std::os::fd::BorrowedFd;

use oftp_station::monitor::{MonitorError, Sending, Source};

use super::config::{code, path, value};
use super::object::Instance;
use super::oftp_mailbox;
use super::source::{callback, oftp_source};
use crate::guard::{guard, octets, read, set};
use crate::handle::with;
use crate::session::oftp_virtual_file;
use crate::status::{Outcome, oftp_code, oftp_status};

/// # Safety
/// `partner` and `file` are NULL or valid; `id` is NULL or valid for a write.
unsafe fn send(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    id: *mut u64,
    source: impl FnOnce() -> Outcome<Source>,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let (partner, sfid) = unsafe {
            let partner = if partner.is_null() {
                None
            } else {
                Some(code(partner, "partner")?)
            };
            (partner, read(file)?.to_sfid()?)
        };
        let new = with::<Instance, _>(mailbox, |instance| {
            Ok(instance.monitor.send(Sending {
                partner,
                sfid,
                source: source()?,
            })?)
        })?;
        if !id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(id, "id", new) }?;
        }
        Ok(0)
    })
}

/// Queues a file for a partner: it is sent in the next session with it, or in the one that runs,
/// when the turn is ours.
///
/// What `file` asks for is done here, before the function returns: the records of a V file are
/// read once; a file with `security` or `compression` is sealed for the partner into the spool
/// folder (RFC 5024 chapter 6); with `signed_response` the hash is computed by which the end
/// response is checked. A file that cannot be secured as asked is refused here, and is never sent
/// in the clear. `envelope`, `size`, `original_size`, and the `record_length` of a V file may be
/// 0: they are filled in. `cipher_suite` may be 0: suite 04, AES-256 and SHA-256.
///
/// U and T files travel as they lie. An F file consists of records of `record_length` octets. In
/// a V file each record stands behind its length, 2 octets, most significant first. With
/// `restart_position` an earlier attempt is continued, if the partner kept what came of it: the
/// five fields that make a file unique, and its octets, must be those of that attempt.
///
/// \param mailbox The mailbox.
/// \param partner To whom it goes (SSIDCODE); NULL: to its destination, or to the only partner.
/// \param file What it is called. Copied.
/// \param path The file. It is opened now and read later; it must not change meanwhile.
/// \param id Receives its name in callbacks, from 1 on; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, the file does not have such records, or
/// the partner is not known; `OFTP_E_IO`: it cannot be read, or the envelope not written;
/// `OFTP_E_KEY`, `OFTP_E_DISTRUST`: a key that is needed is missing or not taken;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
///
/// Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_file(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    path: *const c_char,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let path =
                self::path(path).ok_or_else(|| oftp_code::OFTP_E_NULL.because("path is NULL"))?;
            Ok(Source::path(&path)?)
        })
    }
}

/// The same for an open descriptor of a regular file, from its first octet on.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param fd The descriptor. Duplicated: it stays the host's to close. Its position is not used.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_fd(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    fd: c_int,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            if fd < 0 {
                return Err(value(format!("fd is {fd}")));
            }
            // SAFETY: not -1, and open by the caller; one that is not is found out by the call.
            let fd = BorrowedFd::borrow_raw(fd);
            let source = fd.try_clone_to_owned().map(File::from);
            let source = source.and_then(Source::file);
            Ok(source.map_err(|error| MonitorError::Io {
                what: "fd".to_owned(),
                error,
            })?)
        })
    }
}

/// The same for octets in memory.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param octets The octets of the file. Copied.
/// \param len How many.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`; `OFTP_E_MEMORY`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_memory(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    octets: *const u8,
    len: usize,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let octets = self::octets(octets, len, "octets")?;
            let mut copy = Vec::new();
            copy.try_reserve_exact(octets.len())
                .map_err(|_| oftp_code::OFTP_E_MEMORY.because("no memory for the file"))?;
            copy.extend_from_slice(octets);
            Ok(Source::memory(copy))
        })
    }
}

/// The same for octets that a callback reads.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param source The callback. Copied. On failure its finalizer is not called.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_source(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    source: *const oftp_source,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        let mut lent = None;
        let status = send(mailbox, partner, file, id, || {
            let (source, ours) = callback(&read(source)?)?;
            lent = Some(ours);
            Ok(source)
        });
        if let (Some(lent), true) = (lent, status < 0) {
            lent.give_back();
        }
        status
    }
}
