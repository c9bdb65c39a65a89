//! The hash of a file as it was transmitted (EERPHSH, NERPHSH; RFC 5024 5.3.13).

use std::ffi::c_void;

use oftp_secure::crypto::Digest;

use super::stream::{Input, Progress, oftp_progress};
use super::{suite, wrong};
use crate::guard::{check_out, guard, octets, set};
use crate::handle::{Object, create, remove, with};
use crate::status::{Outcome, oftp_status};

/// The longest hash of a cipher suite in octets.
pub const OFTP_HASH_MAX: usize = 64;

/// A hash in the making: of a file while it is sent or received. Used by one thread at a time.
pub enum oftp_hash {}

struct Hashing(Digest);

impl Object for Hashing {
    type Handle = oftp_hash;
    const NAME: &'static str = "hash";
}

/// # Safety
/// `out` is NULL or valid for `room` octets, `len` for a write.
unsafe fn tell(digest: Digest, out: *mut u8, room: usize, len: *mut usize) -> Outcome {
    let value = digest.finish();
    if value.len() > room {
        return Err(wrong(
            "room",
            room,
            &format!("at least {}; OFTP_HASH_MAX is always enough", value.len()),
        ));
    }
    // SAFETY: by the caller; the value fits.
    unsafe {
        std::ptr::copy_nonoverlapping(value.as_ptr(), out, value.len());
        set(len, "len", value.len())
    }
}

fn check(out: *mut u8, len: *mut usize) -> Outcome {
    check_out(out, "out")?;
    check_out(len, "len")
}

/// Begins a hash.
///
/// \param out Receives the handle; free it with `oftp_hash_free`.
/// \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such suite; `OFTP_E_NULL`, `OFTP_E_MEMORY`.
///
/// Thread safe. Allowed inside callbacks.
///
/// # Safety
/// `out` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_new(out: *mut *mut oftp_hash, suite: i32) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        let handle = create(Hashing(Digest::new(self::suite(suite)?.hash)))?;
        // SAFETY: by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a hash.
///
/// \param hash The hash; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before; `OFTP_E_REENTERED`: inside the progress
/// callback of `oftp_hash_update_fd`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_free(hash: *mut oftp_hash) -> oftp_status {
    guard(|| {
        if !hash.is_null() {
            remove::<Hashing>(hash)?;
        }
        Ok(0)
    })
}

/// Hashes the next octets.
///
/// \param hash The hash.
/// \param data The octets.
/// \param len How many.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// `data` is NULL or valid for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_update(
    hash: *mut oftp_hash,
    data: *const u8,
    len: usize,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let data = unsafe { octets(data, len, "data") }?;
        with::<Hashing, _>(hash, |hashing| {
            hashing.0.update(data);
            Ok(0)
        })
    })
}

/// Hashes what a descriptor gives, up to its end.
///
/// \param hash The hash. In `progress` it gives `OFTP_E_REENTERED`.
/// \param fd The descriptor, from its position on. Borrowed during the call, not closed.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \return `OFTP_OK`; `OFTP_E_IO`: it cannot be read; `OFTP_E_CALLBACK`: `progress` has stopped it.
/// On failure the hash is as it was.
///
/// # Safety
/// `progress` is NULL or a function of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_update_fd(
    hash: *mut oftp_hash,
    fd: i32,
    progress: oftp_progress,
    user_data: *mut c_void,
) -> oftp_status {
    guard(|| {
        let progress = Progress {
            call: progress,
            user_data,
        };
        let from = Input::descriptor(fd, "fd")?;
        with::<Hashing, _>(hash, |hashing| {
            let mut digest = hashing.0.clone();
            from.each(progress, |piece| {
                digest.update(piece);
                Ok(())
            })?;
            hashing.0 = digest;
            Ok(0)
        })
    })
}

/// The hash of all octets so far. More may follow.
///
/// \param hash The hash.
/// \param out Receives it.
/// \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
/// \param len Receives how many octets it has: 20, 32 or 64.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: it does not fit.
///
/// # Safety
/// `out` is NULL or valid for `room` octets, `len` for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_value(
    hash: *const oftp_hash,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check(out, len)?;
        let digest = with::<Hashing, _>(hash, |hashing| Ok(hashing.0.clone()))?;
        // SAFETY: by the caller.
        unsafe { tell(digest, out, room, len) }?;
        Ok(0)
    })
}

/// The hash of octets that are all in memory.
///
/// \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
/// \param data The octets.
/// \param data_len How many.
/// \param out Receives the hash.
/// \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
/// \param len Receives how many octets it has: 20, 32 or 64.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such suite, or the hash does not fit.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_memory(
    suite: i32,
    data: *const u8,
    data_len: usize,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check(out, len)?;
        let mut digest = Digest::new(self::suite(suite)?.hash);
        // SAFETY: by the caller.
        unsafe {
            digest.update(octets(data, data_len, "data")?);
            tell(digest, out, room, len)?;
        }
        Ok(0)
    })
}

/// The hash of what a descriptor gives, up to its end.
///
/// \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
/// \param fd The descriptor, from its position on. Borrowed during the call, not closed.
/// \param progress Told how far it is; NULL: nobody is.
/// \param user_data Passed to `progress`.
/// \param out Receives the hash.
/// \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
/// \param len Receives how many octets it has: 20, 32 or 64.
/// \return As `oftp_hash_memory`; `OFTP_E_IO`: it cannot be read; `OFTP_E_CALLBACK`: `progress`
/// has stopped it.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_hash_fd(
    suite: i32,
    fd: i32,
    progress: oftp_progress,
    user_data: *mut c_void,
    out: *mut u8,
    room: usize,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check(out, len)?;
        let mut digest = Digest::new(self::suite(suite)?.hash);
        let progress = Progress {
            call: progress,
            user_data,
        };
        Input::descriptor(fd, "fd")?.each(progress, |piece| {
            digest.update(piece);
            Ok(())
        })?;
        // SAFETY: by the caller.
        unsafe { tell(digest, out, room, len) }?;
        Ok(0)
    })
}
