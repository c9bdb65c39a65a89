//! The border between C and Rust: nothing unwinds across it, pointers are looked at before they
//! are used, and `errno` stays the host's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::{Outcome, clear_last_error, oftp_code, oftp_status, set_last_error};

/// Runs the body of a call. Every exported function that can fail is one of these.
pub(crate) fn guard(body: impl FnOnce() -> Outcome<oftp_status>) -> oftp_status {
    clear_last_error();
    let errno = errno();
    // What a panic leaves half done is in a handle, which it poisons.
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        // Dropping what was thrown may panic again.
        std::mem::forget(panic);
        Err(oftp_code::OFTP_E_INTERNAL
            .because(format!("a bug of the library, please report it: {what}")))
    });
    let status = match result {
        Ok(status) => status,
        Err(fail) => {
            set_last_error(&fail.text);
            fail.code
        }
    };
    set_errno(errno);
    status
}

fn errno() -> i32 {
    // SAFETY: the address is valid for this thread.
    unsafe { *libc::__errno_location() }
}

fn set_errno(value: i32) {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = value }
}

fn null(name: &str) -> crate::status::Fail {
    oftp_code::OFTP_E_NULL.because(format!("{name} is NULL"))
}

/// A place for a result.
///
/// # Safety
/// `pointer` is NULL or valid for a write.
pub(crate) unsafe fn set<T>(pointer: *mut T, name: &str, value: T) -> Outcome {
    if pointer.is_null() {
        return Err(null(name));
    }
    // SAFETY: by the caller. Nothing is read or dropped: what was there is C's.
    unsafe { pointer.write_unaligned(value) };
    Ok(())
}

/// Whether a place for a result is there, before anything is done that needs it.
pub(crate) fn check_out<T>(pointer: *const T, name: &str) -> Outcome {
    if pointer.is_null() {
        Err(null(name))
    } else {
        Ok(())
    }
}

/// Octets of the caller; `(NULL, 0)` is none.
///
/// # Safety
/// `pointer` is NULL or valid for `len` octets for as long as the result is used.
pub(crate) unsafe fn octets<'a>(pointer: *const u8, len: usize, name: &str) -> Outcome<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(null(name));
    }
    if isize::try_from(len).is_err() {
        return Err(oftp_code::OFTP_E_VALUE.because(format!(
            "{name} cannot have {len} octets: is the length negative?"
        )));
    }
    // SAFETY: by the caller; not NULL, and no longer than a slice may be.
    Ok(unsafe { std::slice::from_raw_parts(pointer, len) })
}

/// A structure that begins with `struct_size` and grows at its end. All bits zero is a value of
/// it, and means the default in every field.
///
/// # Safety
/// Only for `repr(C)` structures whose first field is `struct_size: usize`, and all of whose
/// fields may be zero.
pub(crate) unsafe trait Versioned: Copy {
    /// Its name in error texts.
    const NAME: &'static str;
    /// The least size that is taken: without it nothing can be said. Members behind it may be
    /// missing, and a member that is added later always is for somebody.
    const FIRST: usize;
}

/// Reads a structure of the caller, who may know a shorter or longer one.
///
/// # Safety
/// `pointer` is NULL or valid for the `struct_size` octets that it begins with.
pub(crate) unsafe fn read<T: Versioned>(pointer: *const T) -> Outcome<T> {
    if pointer.is_null() {
        return Err(null(T::NAME));
    }
    // SAFETY: by the caller the size is there.
    let theirs = unsafe { pointer.cast::<usize>().read_unaligned() };
    if theirs < T::FIRST || theirs > 1 << 16 {
        return Err(oftp_code::OFTP_E_STRUCT_SIZE.because(format!(
            "struct_size of {} is {theirs}, at least {} is needed: initialise the structure with \
             its _INIT macro",
            T::NAME,
            T::FIRST
        )));
    }
    let mut ours = std::mem::MaybeUninit::<T>::zeroed();
    let common = theirs.min(size_of::<T>());
    // SAFETY: both are valid for `common` octets; all bits zero is a T.
    unsafe {
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), ours.as_mut_ptr().cast(), common);
        Ok(ours.assume_init())
    }
}

/// Writes a structure to the caller, who may know a shorter or longer one, and has said which by
/// `struct_size`.
///
/// # Safety
/// As [`read`], for a write.
pub(crate) unsafe fn write<T: Versioned>(pointer: *mut T, value: &T) -> Outcome {
    // SAFETY: by the caller. Only looks whether the size is one.
    unsafe { read(pointer.cast_const())? };
    // SAFETY: `struct_size` is there, and as many octets.
    unsafe {
        let theirs = pointer.cast::<usize>().read_unaligned();
        let common = theirs.min(size_of::<T>());
        let head = size_of::<usize>();
        let from = std::ptr::from_ref(value).cast::<u8>();
        std::ptr::copy_nonoverlapping(
            from.add(head),
            pointer.cast::<u8>().add(head),
            common - head,
        );
    }
    Ok(())
}
