//! Where the octets of a file to send come from.

use std::ffi::c_void;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use oftp_station::monitor::{ReadAt, Source};

use crate::guard::Versioned;
use crate::session::UserData;
use crate::status::{Outcome, oftp_code};

/// Octets of a file to send, read by a callback. Initialise with `OFTP_SOURCE_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_source {
    /// `sizeof(oftp_source)`.
    pub struct_size: usize,
    /// How many octets there are.
    pub size: u64,
    /// Reads up to `len` octets from `offset` on into `octets`; returns how many, at least 1, or
    /// less than 0 where that fails. The same octets may be read again: when a file is restarted,
    /// and by `oftp_mailbox_send_source` where it is sealed or its records are counted. Must be
    /// set. It may not use the mailbox (`OFTP_E_REENTERED`).
    pub read_at: Option<
        unsafe extern "C" fn(
            octets: *mut u8,
            len: usize,
            offset: u64,
            user_data: *mut c_void,
        ) -> isize,
    >,
    /// Called once when the mailbox does not need the source any more; may be NULL.
    pub finalizer: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// Passed last to both.
    pub user_data: *mut c_void,
}

// SAFETY: repr(C), the size first, and zero is good for integers, pointers and callbacks.
unsafe impl Versioned for oftp_source {
    const NAME: &'static str = "oftp_source";
    const FIRST: usize = size_of::<Self>();
}

/// What belongs to a source, called when the library has let go of it.
struct Finalizer {
    function: Option<unsafe extern "C" fn(*mut c_void)>,
    user_data: UserData,
}

impl Drop for Finalizer {
    fn drop(&mut self) {
        if let Some(function) = self.function {
            // SAFETY: by the contract of the header; called once.
            unsafe { function(self.user_data.0) };
        }
    }
}

/// What [`oftp_source`] leaves in the library.
struct Callback {
    read_at: unsafe extern "C" fn(*mut u8, usize, u64, *mut c_void) -> isize,
    user_data: UserData,
    _finalizer: Arc<Mutex<Finalizer>>,
}

impl ReadAt for Callback {
    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<usize> {
        // SAFETY: by the contract of the header; the room is there.
        let read = unsafe {
            let (room, len) = (out.as_mut_ptr(), out.len());
            (self.read_at)(room, len, offset, self.user_data.0)
        };
        let taken = usize::try_from(read).ok();
        let taken = taken.filter(|taken| (1..=out.len()).contains(taken));
        taken.ok_or_else(|| {
            let text = format!("read_at returned {read} for {} octets", out.len());
            io::Error::other(text)
        })
    }
}

/// Keeps a source from being finalized while it is not known whether it is taken.
pub(super) struct Lent(Arc<Mutex<Finalizer>>);

impl Lent {
    /// Leaves what belongs to the source to the caller: nothing came of it.
    pub(super) fn give_back(self) {
        let finalizer = self.0.lock();
        finalizer.unwrap_or_else(PoisonError::into_inner).function = None;
    }
}

/// The octets of a callback.
pub(super) fn callback(source: &oftp_source) -> Outcome<(Source, Lent)> {
    let read_at = source.read_at;
    let read_at =
        read_at.ok_or_else(|| oftp_code::OFTP_E_NULL.because("read_at of the source is NULL"))?;
    let user_data = UserData(source.user_data);
    let finalizer = Arc::new(Mutex::new(Finalizer {
        function: source.finalizer,
        user_data,
    }));
    let octets = Callback {
        read_at,
        user_data,
        _finalizer: finalizer.clone(),
    };
    Ok((Source::host(Box::new(octets), source.size), Lent(finalizer)))
}
