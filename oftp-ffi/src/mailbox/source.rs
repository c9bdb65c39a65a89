//! Where the octets of a file to send come from.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::guard::Versioned;
use crate::session::UserData;

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

/// What [`oftp_source`] leaves in the library.
pub(super) struct Callback {
    read_at: unsafe extern "C" fn(*mut u8, usize, u64, *mut c_void) -> isize,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    user_data: UserData,
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: by the contract of the header; called once.
            unsafe { finalizer(self.user_data.0) };
        }
    }
}

/// Octets that can be read at any place.
pub(super) struct Source {
    octets: Octets,
    len: u64,
}

enum Octets {
    File(File),
    Memory(Vec<u8>),
    Callback(Callback),
}

impl Source {
    /// A regular file as it is now.
    pub(super) fn file(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no regular file",
            ));
        }
        Ok(Self {
            len: metadata.len(),
            octets: Octets::File(file),
        })
    }

    pub(super) const fn memory(octets: Vec<u8>) -> Self {
        Self {
            len: octets.len() as u64,
            octets: Octets::Memory(octets),
        }
    }

    /// `None`: `read_at` is not set.
    pub(super) fn callback(source: &oftp_source) -> Option<Self> {
        Some(Self {
            len: source.size,
            octets: Octets::Callback(Callback {
                read_at: source.read_at?,
                finalizer: source.finalizer,
                user_data: UserData(source.user_data),
            }),
        })
    }

    /// Leaves what belongs to the callback to the caller: nothing came of it.
    pub(super) fn give_back(mut self) {
        if let Octets::Callback(callback) = &mut self.octets {
            callback.finalizer = None;
        }
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Fills `out` from this place on.
    pub(super) fn read_at(&self, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
        let short = |_| io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter");
        match &self.octets {
            Octets::File(file) => match file.read_exact_at(out, offset) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(short(())),
                result => result,
            },
            Octets::Memory(octets) => {
                let start = usize::try_from(offset).map_err(|_| short(()))?;
                let from = octets.get(start..).and_then(|rest| rest.get(..out.len()));
                out.copy_from_slice(from.ok_or_else(|| short(()))?);
                Ok(())
            }
            Octets::Callback(callback) => {
                while !out.is_empty() {
                    // SAFETY: by the contract of the header; the room is there.
                    let read = unsafe {
                        let (room, len) = (out.as_mut_ptr(), out.len());
                        (callback.read_at)(room, len, offset, callback.user_data.0)
                    };
                    let taken = usize::try_from(read)
                        .ok()
                        .filter(|n| (1..=out.len()).contains(n));
                    let Some(taken) = taken else {
                        let text = format!("read_at returned {read} for {} octets", out.len());
                        return Err(io::Error::other(text));
                    };
                    out = &mut out[taken..];
                    offset += taken as u64;
                }
                Ok(())
            }
        }
    }
}
