//! Results whose length the caller cannot know.

use zeroize::Zeroizing;

use crate::guard::{check_out, guard, set};
use crate::handle::{Object, create, remove, with};
use crate::status::{Outcome, oftp_code, oftp_status};

/// Octets that the library made: an envelope, a signature, a key in PEM. They do not change, and
/// are overwritten with zeros when they are freed. Several threads may read one.
pub enum oftp_octets {}

/// What stands behind an `oftp_octets`: the octets, and a 0 behind them.
struct Octets(Zeroizing<Vec<u8>>);

impl Object for Octets {
    type Handle = oftp_octets;
    const NAME: &'static str = "oftp_octets";
    const WAITS: bool = true;
}

/// A handle for these octets, in `out`.
///
/// # Safety
/// `out` is NULL or valid for a write.
pub(crate) unsafe fn give(
    mut octets: Zeroizing<Vec<u8>>,
    out: *mut *mut oftp_octets,
    name: &str,
) -> Outcome {
    check_out(out, name)?;
    if octets.try_reserve_exact(1).is_err() {
        return Err(oftp_code::OFTP_E_MEMORY.because("no memory for the result"));
    }
    octets.push(0);
    let handle = create(Octets(octets))?;
    // SAFETY: by the caller.
    unsafe { set(out, name, handle) }
}

/// Where the octets are, and how many. Behind the last one stands a 0 that is not counted: what is
/// text, such as PEM, can be used as a string.
///
/// \param octets The handle.
/// \param data Receives the address, never NULL; borrowed until `oftp_octets_free`.
/// \param len Receives how many octets there are.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
///
/// Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_octets_get(
    octets: *const oftp_octets,
    data: *mut *const u8,
    len: *mut usize,
) -> oftp_status {
    guard(|| {
        check_out(data, "data")?;
        check_out(len, "len")?;
        let (at, count) =
            with::<Octets, _>(octets, |octets| Ok((octets.0.as_ptr(), octets.0.len() - 1)))?;
        // SAFETY: by the caller.
        unsafe {
            set(data, "data", at)?;
            set(len, "len", count)?;
        }
        Ok(0)
    })
}

/// Overwrites the octets with zeros and frees them.
///
/// \param octets The handle; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_octets_free(octets: *mut oftp_octets) -> oftp_status {
    guard(|| {
        if !octets.is_null() {
            remove::<Octets>(octets)?;
        }
        Ok(0)
    })
}
