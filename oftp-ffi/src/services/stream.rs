//! Where octets come from and go to: memory, or descriptors of the host, which are borrowed and
//! never closed. Nothing here raises SIGPIPE.

use std::ffi::c_void;
use std::io;

use oftp_secure::cms::Transform;
use zeroize::Zeroizing;

use crate::status::{Fail, Outcome, oftp_code};

/// How far a file service is. It is called on the thread of the call that it was given to, behind
/// every piece of at most 64 KiB that was read, and nowhere else.
///
/// \param done Octets read so far.
/// \param total Octets to be read; 0: not known (a pipe, a socket).
/// \param user_data As it was given.
/// \return 0 or more: go on. Less than 0: stop; the function returns `OFTP_E_CALLBACK`.
///
/// Every function may be called in it, but one that uses the object that is at work: that gives
/// `OFTP_E_REENTERED`. It must return: no longjmp, no C++ exception.
pub type oftp_progress =
    Option<unsafe extern "C" fn(done: u64, total: u64, user_data: *mut c_void) -> i32>;

/// As much is read at once.
pub(super) const PIECE: usize = 64 << 10;

/// Octets to be read.
pub(super) enum Input<'a> {
    Memory(&'a [u8]),
    Descriptor(i32),
}

impl<'a> Input<'a> {
    pub(super) fn descriptor(fd: i32, name: &str) -> Outcome<Self> {
        check(fd, name)?;
        Ok(Self::Descriptor(fd))
    }

    /// How many octets there are; 0: not known.
    fn total(&self) -> u64 {
        match self {
            Self::Memory(octets) => octets.len() as u64,
            Self::Descriptor(fd) => rest_of_file(*fd),
        }
    }

    /// The next octets, through `buffer` where they have to be read; none: the end.
    fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Outcome<&'b [u8]>
    where
        'a: 'b,
    {
        match self {
            Self::Memory(octets) => {
                let (piece, rest) = octets.split_at(octets.len().min(PIECE));
                *octets = rest;
                Ok(piece)
            }
            Self::Descriptor(fd) => {
                if buffer.is_empty() {
                    let none = |_| oftp_code::OFTP_E_MEMORY.because("no memory for a buffer");
                    buffer.try_reserve_exact(PIECE).map_err(none)?;
                    buffer.resize(PIECE, 0);
                }
                let read = read(*fd, buffer)?;
                Ok(&buffer[..read])
            }
        }
    }

    /// Gives every piece to `take`, and tells `progress` behind each.
    pub(super) fn each(
        mut self,
        progress: Progress,
        mut take: impl FnMut(&[u8]) -> Outcome,
    ) -> Outcome {
        let total = self.total();
        let mut buffer = Zeroizing::new(Vec::new());
        let mut done = 0;
        loop {
            let piece = self.next(&mut buffer)?;
            if piece.is_empty() {
                return Ok(());
            }
            take(piece)?;
            done += piece.len() as u64;
            progress.tell(done, total)?;
        }
    }
}

/// Where octets go.
pub(super) enum Output {
    Memory(Zeroizing<Vec<u8>>),
    Descriptor(i32),
}

impl Output {
    pub(super) fn memory() -> Self {
        Self::Memory(Zeroizing::new(Vec::new()))
    }

    pub(super) fn descriptor(fd: i32, name: &str) -> Outcome<Self> {
        check(fd, name)?;
        Ok(Self::Descriptor(fd))
    }

    pub(super) fn into_memory(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Memory(octets) => octets,
            Self::Descriptor(_) => Zeroizing::default(),
        }
    }

    fn put(&mut self, piece: &[u8]) -> Outcome {
        match self {
            Self::Memory(octets) => {
                let none = |_| oftp_code::OFTP_E_MEMORY.because("no memory for the result");
                octets.try_reserve(piece.len()).map_err(none)?;
                octets.extend_from_slice(piece);
                Ok(())
            }
            Self::Descriptor(fd) => write(*fd, piece),
        }
    }
}

/// Whom to tell how far it is.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    pub(super) call: oftp_progress,
    pub(super) user_data: *mut c_void,
}

impl Progress {
    fn tell(self, done: u64, total: u64) -> Outcome {
        let Some(call) = self.call else {
            return Ok(());
        };
        // SAFETY: by the contract of the header it is a function of this type, which returns.
        let answer = unsafe { call(done, total, self.user_data) };
        if answer < 0 {
            return Err(oftp_code::OFTP_E_CALLBACK.because(format!(
                "the progress callback returned {answer} after {done} octets"
            )));
        }
        Ok(())
    }
}

/// Sends all octets of `from` through a transform to `to`. `failed` makes a failure of what the
/// transform says.
pub(super) fn run<T: Transform>(
    transform: &mut T,
    from: Input<'_>,
    to: &mut Output,
    progress: Progress,
    failed: impl Fn(T::Error) -> Fail,
) -> Outcome {
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let mut drain = |transform: &mut T| -> Outcome {
        loop {
            match transform.pull(&mut piece).map_err(&failed)? {
                0 => return Ok(()),
                pulled => to.put(&piece[..pulled])?,
            }
        }
    };
    from.each(progress, |mut rest| {
        while !rest.is_empty() {
            let taken = transform.push(rest).map_err(&failed)?;
            rest = &rest[taken..];
            drain(transform)?;
        }
        Ok(())
    })?;
    transform.end().map_err(&failed)?;
    drain(transform)
}

fn check(fd: i32, name: &str) -> Outcome {
    if fd < 0 {
        return Err(super::wrong(name, fd, "an open file descriptor"));
    }
    Ok(())
}

fn refused(what: &str, fd: i32, error: &io::Error) -> Fail {
    oftp_code::OFTP_E_IO.because(format!("{what} descriptor {fd}: {error}"))
}

/// Octets from the position of a regular file to its end; 0 for anything else.
fn rest_of_file(fd: i32) -> u64 {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: `stat` is valid for a write; a bad descriptor is an error.
    let (known, at) = unsafe {
        (
            libc::fstat(fd, stat.as_mut_ptr()) == 0,
            libc::lseek(fd, 0, libc::SEEK_CUR),
        )
    };
    // SAFETY: all bits zero is a stat.
    let stat = unsafe { stat.assume_init() };
    if !known || at < 0 || stat.st_mode & libc::S_IFMT != libc::S_IFREG {
        return 0;
    }
    u64::try_from(stat.st_size - at).unwrap_or(0)
}

/// Some octets of a descriptor; 0 at its end.
pub(super) fn read(fd: i32, buffer: &mut [u8]) -> Outcome<usize> {
    loop {
        // SAFETY: `buffer` is valid for its length; a bad descriptor is an error.
        let read = unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
        if let Ok(read) = usize::try_from(read) {
            return Ok(read);
        }
        go_on(fd, libc::POLLIN).map_err(|error| refused("reading", fd, &error))?;
    }
}

fn write(fd: i32, mut octets: &[u8]) -> Outcome {
    while !octets.is_empty() {
        let (written, error) = without_sigpipe(|| {
            // SAFETY: `octets` is valid for its length; a bad descriptor is an error.
            let written = unsafe { libc::write(fd, octets.as_ptr().cast(), octets.len()) };
            (written, io::Error::last_os_error())
        });
        match usize::try_from(written) {
            Ok(written) => octets = octets.get(written..).unwrap_or_default(),
            Err(_) => {
                let again = wait(fd, libc::POLLOUT, error);
                again.map_err(|error| refused("writing", fd, &error))?;
            }
        }
    }
    Ok(())
}

fn go_on(fd: i32, events: i16) -> io::Result<()> {
    wait(fd, events, io::Error::last_os_error())
}

/// Waits where a descriptor is not ready, and goes on behind a signal.
fn wait(fd: i32, events: i16, error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock => {
            let mut poll = libc::pollfd {
                fd,
                events,
                revents: 0,
            };
            // SAFETY: `poll` is one pollfd. What it says is found out by the next attempt.
            unsafe { libc::poll(&raw mut poll, 1, -1) };
            Ok(())
        }
        _ => Err(error),
    }
}

/// Keeps the SIGPIPE of a write from the host: it is held back, and taken where it came by this
/// write. The signal that a host has waiting itself stays.
fn without_sigpipe(write: impl FnOnce() -> (isize, io::Error)) -> (isize, io::Error) {
    let mut pipe = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    let mut waiting = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: all three are valid for their functions.
    let was_waiting = unsafe {
        libc::sigemptyset(pipe.as_mut_ptr());
        libc::sigaddset(pipe.as_mut_ptr(), libc::SIGPIPE);
        libc::sigpending(waiting.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, pipe.as_ptr(), before.as_mut_ptr());
        libc::sigismember(waiting.as_ptr(), libc::SIGPIPE) == 1
    };
    let (written, error) = write();
    let now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: as above; `before` is what the first call wrote.
    unsafe {
        if written < 0 && error.raw_os_error() == Some(libc::EPIPE) && !was_waiting {
            while libc::sigtimedwait(pipe.as_ptr(), std::ptr::null_mut(), &raw const now) < 0
                && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
            {}
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
    }
    (written, error)
}
