//! A station opened, run and stopped.

use std::ffi::c_char;
use std::sync::Arc;
use std::time::Duration;

use ::oftp_station::station::host::{GRACE, Host};

use super::{Station, oftp_station, on};
use crate::guard::{check_out, guard, set};
use crate::handle::{create, remove};
use crate::mailbox::path;
use crate::status::{oftp_code, oftp_status};

/// Opens the station in a folder, and does not run it: `oftp.toml` is read, the journal opened, and
/// what folders of it are missing are made.
///
/// \param out Receives the handle; free it with `oftp_station_free`.
/// \param folder The folder of the station, an existing one with an `oftp.toml`.
/// \return `OFTP_OK`; `OFTP_E_CONFIG`: there is no `oftp.toml`, or it has faults, each of which
/// `oftp_last_error` tells with its line and key; `OFTP_E_IO`: the folder or the journal cannot be
/// used; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_open(
    out: *mut *mut oftp_station,
    folder: *const c_char,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        // SAFETY: by the caller.
        let folder = unsafe { path(folder) }
            .ok_or_else(|| oftp_code::OFTP_E_NULL.because("folder is NULL"))?;
        let host = Arc::new(Host::open(&folder)?);
        let handle = create(Station { host })?;
        // SAFETY: checked above, and valid by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a station. If this handle runs it, it is stopped before, as `oftp_station_stop` does with
/// 5 seconds. Calls of other threads that wait in it end, at their time out at the latest. Files
/// that were submitted stay in the folder and go after its next start.
///
/// \param station The station; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_free(station: *mut oftp_station) -> oftp_status {
    guard(|| {
        if station.is_null() {
            return Ok(0);
        }
        let freed = remove::<Station>(station)?;
        // What was not well is in the journal. A call that waits has its own share of the host:
        // the station must have ended all the same.
        let _ = freed.host.stop(GRACE);
        Ok(0)
    })
}

/// Runs the station, on threads of its own, until `oftp_station_stop`, `oftp_station_free`, or
/// `oftp stop` in another process. Its configuration is read anew. Returns when it listens.
///
/// \param station The station.
/// \return `OFTP_OK`; `OFTP_E_USER`: it runs already, here or in another process; `OFTP_E_CONFIG`;
/// `OFTP_E_KEY`: a key that it listens with is missing; `OFTP_E_IO`: an address cannot be listened
/// on, or its files cannot be used.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_start(station: *mut oftp_station) -> oftp_status {
    on(station, |host| {
        without_sigpipe(|| host.start())?;
        Ok(0)
    })
}

/// Threads begin with the signals blocked that their maker has blocked: a hook that does not read
/// its input must not end the host.
fn without_sigpipe<T>(work: impl FnOnce() -> T) -> T {
    struct Before(libc::sigset_t);
    impl Drop for Before {
        fn drop(&mut self) {
            // SAFETY: it was filled by pthread_sigmask.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut());
            }
        }
    }
    let mut pipe = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    let mut before = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: both are valid for their functions; all bits zero is a set.
    let _before = unsafe {
        libc::sigemptyset(pipe.as_mut_ptr());
        libc::sigaddset(pipe.as_mut_ptr(), libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, pipe.as_ptr(), before.as_mut_ptr());
        Before(before.assume_init())
    };
    work()
}

/// Stops the station that this handle runs: nothing new is begun, sessions may come to their end;
/// what has not ended in time is cut, and goes on where it was after the next start. Nothing of it
/// runs any more when this returns, even with an error. Does nothing where it does not run.
///
/// \param station The station.
/// \param within_ms How long its sessions may go on, in milliseconds.
/// \return 0: it ended in good order; 1: sessions were cut; `OFTP_E_IO`, `OFTP_E_INTERNAL`: what it
/// failed with, since the start or at its end.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_stop(
    station: *mut oftp_station,
    within_ms: u32,
) -> oftp_status {
    on(station, |host| {
        let in_order = host.stop(Duration::from_millis(within_ms.into()))?;
        Ok((!in_order).into())
    })
}

/// Whether this handle runs the station, up to the very end of a stop.
///
/// \param station The station.
/// \return 1: it does; 0: it does not.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_is_running(station: *const oftp_station) -> oftp_status {
    on(station, |host| Ok(host.is_running()?.into()))
}

/// The port of an address that the station listens on: the one that the system chose where
/// `oftp.toml` says 0.
///
/// \param station The station, run by this handle.
/// \param index The address: from 0 on, in the order of `oftp.toml`.
/// \param port Receives the port.
/// \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there are fewer, or it does not run; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `port` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_port(
    station: *const oftp_station,
    index: usize,
    port: *mut u32,
) -> oftp_status {
    on(station, |host| {
        check_out(port, "port")?;
        let addresses = host.addresses()?;
        let address = addresses.get(index).ok_or_else(|| {
            oftp_code::OFTP_E_NOT_FOUND.because(format!(
                "the station listens on {} addresses: there is none with index {index}",
                addresses.len()
            ))
        })?;
        // SAFETY: by the caller.
        unsafe { set(port, "port", address.port().into()) }?;
        Ok(0)
    })
}

/// Reads `oftp.toml` again, and has it taken by who runs the station, in whichever process: what
/// becomes of it is an event (`OFTP_EVENT_CONFIG_RELOADED`).
///
/// \param station The station.
/// \return `OFTP_OK`; `OFTP_E_CONFIG`: it has faults, and nothing changes; `OFTP_E_IO`.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_reload(station: *mut oftp_station) -> oftp_status {
    on(station, |host| {
        host.reload()?;
        Ok(0)
    })
}
