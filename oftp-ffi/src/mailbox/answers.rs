//! What a host answers and asks for while a session runs, and the folder for what comes.

use std::ffi::c_char;

use oftp_core::mailbox::{Reply, Response};
use oftp_core::wire::{EfnaReason, EsidReason, IdentificationCode, NerpReason, SfnaReason};
use oftp_station::monitor::MonitorError;

use super::config::{choice, code, path, value};
use super::object::Instance;
use super::{oftp_mailbox, on};
use crate::guard::read;
use crate::session::oftp_end_response;
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::text::{string, text};
use crate::values::oftp_reply;

/// A reason that is sent.
fn reason(given: i32, kind: &str) -> Outcome<u8> {
    let reason = u8::try_from(given)
        .ok()
        .filter(|code| (1..=99).contains(code));
    reason.ok_or_else(|| value(format!("reason is {given}, must be an {kind}, 1 to 99")))
}

/// Files that come go into a folder: under names made of the five fields that make a file unique
/// (RFC 5024 1.5.2), whole or not at all, on the disk before EFPA is sent. Files that were cut
/// go on where they stopped, duplicates are refused (SFNA 13), also by another process and after
/// a power failure. U, T and F files lie as they are; in V files each record stands behind its
/// length, 2 octets, most significant first.
///
/// A secured file is received into the sub-folder `.sealed`, opened after EFPA, and answered by
/// EERP; by NERP, and put into `.refused`, where that cannot be done. Without a key to decrypt it
/// or a certificate to check its signature by it is refused before (SFNA 16, 19). Where SFIDSIGN
/// asks for it the response is signed. Sub-folders with a dot belong to the library.
///
/// \param mailbox The mailbox; no session runs.
/// \param folder An existing folder; NULL: none any more. The string is copied.
/// \return `OFTP_OK`; `OFTP_E_IO`: the folder cannot be used, for example because its sub-folders
/// belong to others; `OFTP_E_USER`: a session runs.
///
/// # Safety
/// `folder` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_receive_into(
    mailbox: *mut oftp_mailbox,
    folder: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        if instance.attached {
            return Err(MonitorError::SessionRuns.into());
        }
        // SAFETY: by the caller.
        let folder = unsafe { path(folder) };
        Ok(instance.monitor.receive_into(folder.as_deref())?)
    })
}

/// Takes the file that `file_offered` told: its octets come by `data`.
///
/// \param mailbox The mailbox.
/// \param position From here on: records (F, V), or blocks of 1,024 octets (U, T and secured
/// files), at most `restart_position` of the file; 0: all of it. The end response to a file that
/// did not come as a whole cannot be signed by the library.
/// \param octets Octets before this position, for plain V files only; else not looked at.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is offered, or `data` is not set; `OFTP_E_VALUE`: the
/// position is above the offer; the answer is then still owed.
///
/// Allowed inside callbacks, and later.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_accept_file(
    mailbox: *mut oftp_mailbox,
    position: u64,
    octets: u64,
) -> oftp_status {
    on(mailbox, |instance| {
        if instance.events.data.is_none() {
            return Err(oftp_code::OFTP_E_USER
                .because("data of oftp_mailbox_events is not set: the file cannot be received"));
        }
        Ok(instance.monitor.accept_file(position, octets)?)
    })
}

/// Refuses the file that `file_offered` told (SFNA).
///
/// \param mailbox The mailbox.
/// \param reason Why, an `oftp_file_reason`.
/// \param retry_later An `oftp_choice`, default no: whether another try makes sense.
/// \param text Words for the partner, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is offered; `OFTP_E_VALUE`.
///
/// Allowed inside callbacks, and later.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_refuse_file(
    mailbox: *mut oftp_mailbox,
    reason: i32,
    retry_later: i32,
    text: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        let reason = SfnaReason::new(self::reason(reason, "oftp_file_reason")?);
        let retry = choice(retry_later, "retry_later", false)?;
        // SAFETY: by the caller.
        let text = unsafe { string(text, "text") }?;
        Ok(instance.monitor.refuse_file(reason, retry, text)?)
    })
}

/// The file that `file_complete` told is safe: EFPA is sent, and its end response in its turn.
///
/// An EERP or NERP is signed where SFIDSIGN asks for that and a key of ours can. It is kept in
/// memory only: until `response_sent` has told of it a host must know that it is owed.
///
/// \param mailbox The mailbox.
/// \param reply What its originator is told, an `oftp_reply`.
/// \param reason For NERP: why, an `oftp_nerp_reason`; else not looked at.
/// \param text For NERP: words, UTF-8, cut to 999 octets; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file waits; `OFTP_E_VALUE`.
///
/// Allowed inside callbacks, and later.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_file_stored(
    mailbox: *mut oftp_mailbox,
    reply: i32,
    reason: i32,
    text: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        if !instance.monitor.waits_to_be_stored() {
            return Err(MonitorError::NotComplete.into());
        }
        let reply = match reply {
            v if v == oftp_reply::OFTP_REPLY_EERP as i32 => Reply::Eerp,
            v if v == oftp_reply::OFTP_REPLY_LATER as i32 => Reply::Later,
            v if v == oftp_reply::OFTP_REPLY_NERP as i32 => Reply::Nerp {
                reason: NerpReason::new(self::reason(reason, "oftp_nerp_reason")?),
                // SAFETY: by the caller.
                text: unsafe { self::text(text, "text") }?,
            },
            v => {
                return Err(value(format!(
                    "reply is {v}, must be an oftp_reply, 0 to 2"
                )));
            }
        };
        Ok(instance.monitor.stored(reply)?)
    })
}

/// The file that `file_complete` told could not be stored: EFNA is sent.
///
/// \param mailbox The mailbox.
/// \param reason Why, an `oftp_file_reason`.
/// \param text Words for the partner, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file waits; `OFTP_E_VALUE`.
///
/// Allowed inside callbacks, and later.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_file_not_stored(
    mailbox: *mut oftp_mailbox,
    reason: i32,
    text: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        let reason = EfnaReason::new(self::reason(reason, "oftp_file_reason")?);
        // SAFETY: by the caller.
        let text = unsafe { string(text, "text") }?;
        Ok(instance.monitor.not_stored(reason, text)?)
    })
}

/// # Safety
/// The pointers are NULL or valid.
unsafe fn respond(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    make: impl FnOnce() -> Outcome<Response>,
) -> oftp_status {
    on(mailbox, |instance: &mut Instance| {
        // SAFETY: by the caller.
        let partner: IdentificationCode = unsafe { code(partner, "partner") }?;
        if instance.monitor.partner(&partner).is_none() {
            return Err(value(format!("partner {partner} is not known")));
        }
        Ok(instance.monitor.send_response(partner, make()?)?)
    })
}

/// Queues an End to End Response that was left for later (`OFTP_REPLY_LATER`): for the session
/// that runs, or the next one with this partner.
///
/// It is kept in memory only, until the partner has taken it: `response_sent` tells. What is not
/// told before `oftp_mailbox_free` must be queued again, in another mailbox.
///
/// \param mailbox The mailbox.
/// \param partner To whom it goes (SSIDCODE).
/// \param response The response, as `oftp_end_response_for` makes it. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the partner is not known;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// Allowed inside callbacks.
///
/// # Safety
/// The pointers are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_eerp(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    response: *const oftp_end_response,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        respond(mailbox, partner, || {
            Ok(Response::Eerp(Box::new(read(response)?.to_eerp()?)))
        })
    }
}

/// The same for a Negative End Response.
///
/// \param mailbox The mailbox.
/// \param partner To whom it goes (SSIDCODE).
/// \param response The response. Copied.
/// \return As `oftp_mailbox_send_eerp`.
///
/// # Safety
/// The pointers are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_nerp(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    response: *const oftp_end_response,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        respond(mailbox, partner, || {
            Ok(Response::Nerp(Box::new(read(response)?.to_nerp()?)))
        })
    }
}

/// Ends the session that runs abnormally (ESID). What is unfinished goes on in the next one.
///
/// \param mailbox The mailbox.
/// \param reason Why, an `oftp_esid_reason` but 00: the normal end comes by itself.
/// \param text Words for the partner, UTF-8, cut to 999 octets; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: no session runs; `OFTP_E_VALUE`.
///
/// Allowed inside callbacks.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_release(
    mailbox: *mut oftp_mailbox,
    reason: i32,
    text: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        let reason = EsidReason::new(self::reason(reason, "oftp_esid_reason")?);
        // SAFETY: by the caller.
        let text = unsafe { string(text, "text") }?;
        Ok(instance.monitor.release(reason, text)?)
    })
}
