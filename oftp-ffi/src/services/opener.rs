//! Takes content out of its envelopes, octets in, octets out.

use oftp_secure::cms::Transform;

use super::opening::Opening;
use super::plan::{oftp_cms_open_plan, oftp_cms_opened};
use crate::guard::{check_out, guard, octets, read, set, write};
use crate::handle::{create, remove, with};
use crate::status::{Outcome, oftp_code, oftp_status};

/// Takes a content out of its envelopes: octets in, octets out, as zlib does it. It holds some
/// buffers of 64 KiB, however long the file is. Used by one thread at a time.
///
/// What is pulled is provisional until `oftp_cms_opener_is_done` gives 1: signatures stand behind
/// the content. Who uses it before that uses what an attacker may have written; on an error,
/// delete it.
pub enum oftp_cms_opener {}

/// Room of the caller; `(NULL, 0)` is none.
///
/// # Safety
/// `pointer` is NULL or valid for writes of `len` octets for as long as the result is used.
pub(super) unsafe fn room<'a>(pointer: *mut u8, len: usize) -> Outcome<&'a mut [u8]> {
    if len == 0 {
        return Ok(&mut []);
    }
    check_out(pointer, "out")?;
    if isize::try_from(len).is_err() {
        return Err(super::wrong("room", len, "smaller: is it negative?"));
    }
    // SAFETY: by the caller; not NULL, and no longer than a slice may be.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, len) })
}

/// Begins to open a message.
///
/// \param out Receives the handle; free it with `oftp_cms_opener_free`.
/// \param plan What was announced, and what is needed. Copied; its keystore and trust may be freed.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong; `OFTP_E_KEY`: the keystore has no key, or
/// one without its certificate; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BAD_HANDLE`.
///
/// Thread safe. Allowed inside callbacks, as all functions of openers.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_new(
    out: *mut *mut oftp_cms_opener,
    plan: *const oftp_cms_open_plan,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        // SAFETY: by the caller.
        let (plan, records) = unsafe { read(plan) }?.to_core()?;
        let handle = create(Opening::new(plan, records))?;
        // SAFETY: by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees an opener, at any time.
///
/// \param opener The opener; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_free(opener: *mut oftp_cms_opener) -> oftp_status {
    guard(|| {
        if !opener.is_null() {
            remove::<Opening>(opener)?;
        }
        Ok(0)
    })
}

/// Takes octets of the message. When it takes fewer than all there is something to pull: pull,
/// then push the rest.
///
/// \param opener The opener.
/// \param data The octets. Copied.
/// \param len How many.
/// \param taken Receives how many were taken, from the beginning.
/// \return `OFTP_OK`; `OFTP_E_CMS`: the message is wrong (`oftp_cms_opener_result`), now and in
/// every later call; `OFTP_E_USER`: the end was told.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_push(
    opener: *mut oftp_cms_opener,
    data: *const u8,
    len: usize,
    taken: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(taken, "taken")?;
        // SAFETY: by the caller.
        let data = unsafe { octets(data, len, "data") }?;
        let count = with::<Opening, _>(opener, |opening| {
            opening.check(None)?;
            opening.step(|opener| opener.push(data))
        })?;
        // SAFETY: by the caller.
        unsafe { set(taken, "taken", count) }?;
        Ok(0)
    })
}

/// The message has ended: pull what is still to come.
///
/// \param opener The opener.
/// \return `OFTP_OK`; `OFTP_E_CMS`: it is wrong, or not complete; `OFTP_E_USER`: that was told
/// before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_end(opener: *mut oftp_cms_opener) -> oftp_status {
    guard(|| {
        with::<Opening, _>(opener, |opening| {
            opening.check(None)?;
            opening.end()?;
            Ok(0)
        })
    })
}

/// Fills a buffer with octets of the content, which are provisional until it is done.
///
/// \param opener The opener.
/// \param out Where they go.
/// \param room How many fit.
/// \param len Receives how many there are; 0: push more, or it is done.
/// \return `OFTP_OK`; `OFTP_E_CMS`: the message is wrong; `OFTP_E_USER`: records are to be pulled.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_pull(
    opener: *mut oftp_cms_opener,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(len, "len")?;
        // SAFETY: by the caller.
        let out = unsafe { self::room(out, room) }?;
        let pulled = with::<Opening, _>(opener, |opening| {
            opening.check(Some(false))?;
            opening.step(|opener| opener.pull(out))
        })?;
        // SAFETY: by the caller.
        unsafe { set(len, "len", pulled) }?;
        Ok(0)
    })
}

/// Fills a buffer with octets of the next record of a V file (`record_length` of the plan), of one
/// record only. They are provisional until it is done.
///
/// \param opener The opener.
/// \param out Where they go.
/// \param room How many fit, at least 1. A record that does not fit comes in parts.
/// \param len Receives how many there are.
/// \param end_of_record Receives 1: the record ends behind them; 0: it goes on. With no octets and
/// 0, push more, or it is done; with no octets and 1, the record ends, or is empty.
/// \return `OFTP_OK`; `OFTP_E_CMS`: the message or a length of a record is wrong; `OFTP_E_USER`:
/// `record_length` is 0; `OFTP_E_VALUE`: there is no room.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_pull_record(
    opener: *mut oftp_cms_opener,
    out: *mut u8,
    room: usize,
    len: *mut usize,
    end_of_record: *mut i32,
) -> oftp_status {
    guard(|| {
        check_out(len, "len")?;
        check_out(end_of_record, "end_of_record")?;
        if room == 0 {
            return Err(super::wrong("room", room, "at least 1"));
        }
        // SAFETY: by the caller.
        let out = unsafe { self::room(out, room) }?;
        let (pulled, ends) = with::<Opening, _>(opener, |opening| {
            opening.check(Some(true))?;
            opening.pull_record(out)
        })?;
        // SAFETY: by the caller.
        unsafe {
            set(len, "len", pulled)?;
            set(end_of_record, "end_of_record", ends.into())?;
        }
        Ok(0)
    })
}

/// Whether the message was opened: its end was told, everything about it is right, and all was
/// pulled. Only then may the content be used.
///
/// \param opener The opener.
/// \return 1: yes; 0: no; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_is_done(opener: *const oftp_cms_opener) -> oftp_status {
    guard(|| with::<Opening, _>(opener, |opening| Ok(opening.is_done().into())))
}

/// What is known of the message: who signed it, or why it cannot be opened.
///
/// \param opener The opener, done or failed.
/// \param opened Receives it.
/// \return `OFTP_OK`; `OFTP_E_USER`: it is neither done nor failed; `OFTP_E_STRUCT_SIZE`.
///
/// # Safety
/// `opened` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_result(
    opener: *const oftp_cms_opener,
    opened: *mut oftp_cms_opened,
) -> oftp_status {
    guard(|| {
        let found = with::<Opening, _>(opener, |opening| {
            opening.result().ok_or_else(|| {
                oftp_code::OFTP_E_USER
                    .because("the message is not at its end: push, end, and pull everything first")
            })
        })?;
        // SAFETY: by the caller.
        unsafe { write(opened, &found) }?;
        Ok(0)
    })
}

/// How many octets all buffers of an opener hold, as `oftp_cms_sealer_held`.
///
/// \param opener The opener.
/// \param held Receives the octets.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// `held` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_opener_held(
    opener: *const oftp_cms_opener,
    held: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(held, "held")?;
        let count = with::<Opening, _>(opener, |opening| Ok(opening.held()))?;
        // SAFETY: by the caller.
        unsafe { set(held, "held", count) }?;
        Ok(0)
    })
}
