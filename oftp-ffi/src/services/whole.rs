//! Whole files sealed and opened, in memory or from one descriptor to another.

use std::cell::RefCell;
use std::ffi::c_void;

use oftp_secure::cms::{Opener, Sealer};
use zeroize::Zeroizing;

use super::octets::{give, oftp_octets};
use super::plan::{Unopened, oftp_cms_open_plan, oftp_cms_opened, oftp_cms_seal_plan};
use super::stream::{Input, Output, Progress, oftp_progress, run};
use crate::guard::{check_out, guard, octets, read, write};
use crate::status::{Fail, Outcome, oftp_code, oftp_status};

fn no_records(length: Option<u32>, what: &str) -> Outcome {
    match length {
        None => Ok(()),
        Some(_) => Err(oftp_code::OFTP_E_VALUE.because(format!(
            "record_length is set, but whole files are octets: use oftp_cms_{what} for records"
        ))),
    }
}

/// # Safety
/// `plan` is NULL or valid.
unsafe fn seal(
    plan: *const oftp_cms_seal_plan,
    from: Input<'_>,
    mut to: Output,
    progress: Progress,
) -> Outcome<Zeroizing<Vec<u8>>> {
    // SAFETY: by the caller.
    let (plan, records) = unsafe { read(plan)?.to_core() }?;
    no_records(records, "sealer_push_record")?;
    run(&mut Sealer::new(plan)?, from, &mut to, progress, Fail::from)?;
    Ok(to.into_memory())
}

/// # Safety
/// `plan` and `opened` are NULL or valid.
unsafe fn open(
    plan: *const oftp_cms_open_plan,
    from: Input<'_>,
    mut to: Output,
    progress: Progress,
    result: *mut oftp_cms_opened,
) -> Outcome<Zeroizing<Vec<u8>>> {
    if !result.is_null() {
        // SAFETY: by the caller. Only looks whether the size is one.
        unsafe { read(result.cast_const()) }?;
    }
    // SAFETY: by the caller.
    let (plan, records) = unsafe { read(plan) }?.to_core()?;
    no_records(records, "opener_pull_record")?;
    let mut opener = Opener::new(plan);
    let failed = RefCell::new(None);
    let outcome = run(&mut opener, from, &mut to, progress, |error| {
        let why = Unopened::from(error);
        *failed.borrow_mut() = Some(why.clone());
        why.into()
    });
    let found = match (failed.into_inner(), opener.opened()) {
        (Some(why), _) => Some(oftp_cms_opened::failed(&why)),
        (None, Some(opened)) if outcome.is_ok() => Some(oftp_cms_opened::of(&opened)),
        _ => None,
    };
    if let (Some(found), false) = (found, result.is_null()) {
        // SAFETY: by the caller.
        unsafe { write(result, &found) }?;
    }
    outcome?;
    Ok(to.into_memory())
}

/// Seals a file that is in memory.
///
/// \param plan How; see `oftp_cms_sealer_new`. `record_length` must be 0.
/// \param data The file.
/// \param len Its octets.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \param out Receives the message; free it with `oftp_octets_free`.
/// \return As `oftp_cms_sealer_new`; `OFTP_E_CALLBACK`: `progress` has stopped it;
/// `OFTP_E_MEMORY`. Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_seal_memory(
    plan: *const oftp_cms_seal_plan,
    data: *const u8,
    len: usize,
    progress: oftp_progress,
    user_data: *mut c_void,
    out: *mut *mut oftp_octets,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        let progress = Progress {
            call: progress,
            user_data,
        };
        // SAFETY: by the caller.
        unsafe {
            let from = Input::Memory(octets(data, len, "data")?);
            give(seal(plan, from, Output::memory(), progress)?, out, "out")?;
        }
        Ok(0)
    })
}

/// Seals a file from one descriptor to another, in constant memory.
///
/// \param plan How; see `oftp_cms_sealer_new`. `record_length` must be 0.
/// \param in_fd The file, from its position to its end. Borrowed during the call, not closed.
/// \param out_fd Where the message goes, at its position. Borrowed during the call, not closed.
/// A reader that has gone is `OFTP_E_IO` and no SIGPIPE; non-blocking descriptors are waited for.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \return As `oftp_cms_seal_memory`; `OFTP_E_IO`: a descriptor cannot be read or written. On
/// failure, what was written is no message: remove it.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_seal_fd(
    plan: *const oftp_cms_seal_plan,
    in_fd: i32,
    out_fd: i32,
    progress: oftp_progress,
    user_data: *mut c_void,
) -> oftp_status {
    guard(|| {
        let from = Input::descriptor(in_fd, "in_fd")?;
        let to = Output::descriptor(out_fd, "out_fd")?;
        let progress = Progress {
            call: progress,
            user_data,
        };
        // SAFETY: by the caller.
        unsafe { seal(plan, from, to, progress) }?;
        Ok(0)
    })
}

/// Opens a message that is in memory.
///
/// \param plan What was announced; see `oftp_cms_opener_new`. `record_length` must be 0.
/// \param data The message.
/// \param len Its octets.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \param out Receives the content; free it with `oftp_octets_free`.
/// \param opened Receives what is known of it; after `OFTP_E_CMS`, the reason for the partner, and
/// zeros. NULL: not wanted.
/// \return As `oftp_cms_opener_new`; `OFTP_E_CMS`: the message is wrong, and `*out` is not written;
/// `OFTP_E_CALLBACK`: `progress` has stopped it; `OFTP_E_MEMORY`. Thread safe. Allowed inside
/// callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_open_memory(
    plan: *const oftp_cms_open_plan,
    data: *const u8,
    len: usize,
    progress: oftp_progress,
    user_data: *mut c_void,
    out: *mut *mut oftp_octets,
    opened: *mut oftp_cms_opened,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        let progress = Progress {
            call: progress,
            user_data,
        };
        // SAFETY: by the caller.
        unsafe {
            let from = Input::Memory(octets(data, len, "data")?);
            let content = open(plan, from, Output::memory(), progress, opened)?;
            give(content, out, "out")?;
        }
        Ok(0)
    })
}

/// Opens a message from one descriptor to another, in constant memory.
///
/// What is written must not be used before this gives `OFTP_OK`: write to a file that nobody else
/// looks at, and rename it then.
///
/// \param plan What was announced; see `oftp_cms_opener_new`. `record_length` must be 0.
/// \param in_fd The message; as for `oftp_cms_seal_fd`.
/// \param out_fd Where the content goes; as for `oftp_cms_seal_fd`.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \param opened As for `oftp_cms_open_memory`.
/// \return As `oftp_cms_open_memory`; `OFTP_E_IO`: a descriptor cannot be read or written. On
/// failure, what was written is worth nothing: remove it.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cms_open_fd(
    plan: *const oftp_cms_open_plan,
    in_fd: i32,
    out_fd: i32,
    progress: oftp_progress,
    user_data: *mut c_void,
    opened: *mut oftp_cms_opened,
) -> oftp_status {
    guard(|| {
        let from = Input::descriptor(in_fd, "in_fd")?;
        let to = Output::descriptor(out_fd, "out_fd")?;
        let progress = Progress {
            call: progress,
            user_data,
        };
        // SAFETY: by the caller.
        unsafe { open(plan, from, to, progress, opened) }?;
        Ok(0)
    })
}
