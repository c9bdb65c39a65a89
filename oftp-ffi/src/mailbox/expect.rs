//! End responses to files of an earlier mailbox: partners often answer the next day, when the
//! process that sent the file is gone.

use std::ffi::c_char;

use super::config::{code, value};
use super::object::Instance;
use super::{oftp_mailbox, on};
use crate::guard::{check_out, guard, octets, read, set};
use crate::handle::with;
use crate::session::oftp_virtual_file;
use crate::status::{oftp_code, oftp_status};

/// The longest hash of any suite, in octets.
const LONGEST: usize = 64;

/// The hash of what is transmitted of a file, which its signed end response must name: to be kept
/// for `oftp_mailbox_expect_response`, where the response may come after this mailbox is gone.
///
/// \param mailbox The mailbox.
/// \param id The file, as `oftp_mailbox_send_file` has named it.
/// \param out Receives the hash.
/// \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
/// \param len Receives how many octets it has; 0: no signed response is asked for.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such file (any more), or the hash does not fit;
/// `OFTP_E_NULL`.
///
/// # Safety
/// `out` is NULL or valid for `room` octets, `len` NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_file_hash(
    mailbox: *mut oftp_mailbox,
    id: u64,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        check_out(len, "len")?;
        let hash = with::<Instance, _>(mailbox, |instance| Ok(instance.monitor.file_hash(id)?))?;
        if hash.len() > room {
            return Err(value(format!(
                "room is {room}, but the hash has {} octets",
                hash.len()
            )));
        }
        // SAFETY: by the caller; there is room for them.
        unsafe {
            std::ptr::copy_nonoverlapping(hash.as_ptr(), out, hash.len());
            set(len, "len", hash.len())?;
        }
        Ok(0)
    })
}

/// Tells of a file that an earlier mailbox has sent, so that its end response is known for one of
/// ours: `response_received` names it, and compares a signed one with `hash`. Nothing is sent.
///
/// \param mailbox The mailbox.
/// \param partner To whom it was sent (SSIDCODE); NULL: to its destination, or to the only
/// partner.
/// \param file As it was sent: the five fields that make it unique, `cipher_suite` and
/// `signed_response`. Copied.
/// \param hash What `oftp_mailbox_file_hash` told; NULL, 0: not known, and nothing but an unsigned
/// response can then be believed.
/// \param hash_len Its octets, at most 64.
/// \param id Receives its name in callbacks; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the partner is not known;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_expect_response(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    hash: *const u8,
    hash_len: usize,
    id: *mut u64,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let (partner, sfid, hash) = unsafe {
            let partner = if partner.is_null() {
                None
            } else {
                Some(code(partner, "partner")?)
            };
            let sfid = read(file)?.to_sfid()?;
            (partner, sfid, octets(hash, hash_len, "hash")?)
        };
        if hash.len() > LONGEST {
            return Err(value(format!(
                "hash_len is {hash_len}, no hash has more than {LONGEST} octets"
            )));
        }
        let new = with::<Instance, _>(mailbox, |instance| {
            Ok(instance.monitor.expect_response(partner, sfid, hash)?)
        })?;
        if !id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(id, "id", new) }?;
        }
        Ok(0)
    })
}

/// Forgets a file that waits to be sent, or whose response is not waited for any more; a response
/// that comes all the same belongs to no file then. Its source is given back as when it was sent.
///
/// \param mailbox The mailbox.
/// \param id The file, as `oftp_mailbox_send_file` or `oftp_mailbox_expect_response` named it.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such file (any more); `OFTP_E_USER`: it is being
/// sent: wait for `file_sent` or `file_refused`, or end the session.
///
/// Allowed inside callbacks.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_forget(mailbox: *mut oftp_mailbox, id: u64) -> oftp_status {
    on(mailbox, |instance| {
        if instance.monitor.cancel(id)? {
            Ok(())
        } else {
            Err(oftp_code::OFTP_E_USER.because(format!("file {id} is being sent")))
        }
    })
}
