//! A session: the service primitives of RFC 5024 chapter 3 as functions, the network service of
//! chapter 2, the time, and `oftp_dispatch`.

mod config;
mod dispatch;
mod fields;
mod monitor;
mod network;
mod object;
mod primitives;
mod supply;

use std::collections::VecDeque;
use std::ffi::c_void;

use oftp_core::session::Session;

pub use config::oftp_config;
pub use fields::*;
pub use monitor::*;
pub use network::*;
pub use primitives::*;

pub(crate) use object::UserData;

use crate::guard::{check_out, guard, read, set};
use crate::handle::{create, remove};
use crate::status::{oftp_code, oftp_status};
use crate::values::oftp_framing;
use object::Instance;

/// One session, in either role, for one connection. A handle is a token, not an address.
pub enum oftp_session {}

/// Makes a session: for one connection, in either role. It is IDLE until `oftp_connect_rq` or
/// `oftp_n_con_ind`.
///
/// \param out Receives the handle; free it with `oftp_session_free`.
/// \param config What it is told before it begins; NULL: the defaults. Copied.
/// \param monitor Its callbacks. Copied: the structure may be `static const`, or on the stack.
/// \param network Pushes octets; NULL: they are pulled with `oftp_pending`. Copied.
/// \param user_data Passed last to every callback, and never looked at.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_VALUE`: a parameter is wrong;
/// `OFTP_E_MEMORY`. On failure `*out` is not written, and the finalizer is not called.
///
/// Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_session_new(
    out: *mut *mut oftp_session,
    config: *const oftp_config,
    monitor: *const oftp_user_monitor,
    network: *const oftp_network_service,
    user_data: *mut c_void,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        // SAFETY: by the caller.
        let monitor = unsafe { read(monitor) }?;
        let mut records = false;
        let mut told = if config.is_null() {
            oftp_core::session::Config::default()
        } else {
            // SAFETY: by the caller.
            let config = unsafe { read(config) }?;
            records = match config.framing {
                v if v == oftp_framing::OFTP_FRAMING_STREAM as i32 => false,
                v if v == oftp_framing::OFTP_FRAMING_RECORDS as i32 => true,
                v => return Err(config::wrong("framing", v, "an oftp_framing, 0 or 1")),
            };
            // SAFETY: by the caller.
            unsafe { config.to_core() }?
        };
        told.trace = monitor.trace.is_some();
        let network = if network.is_null() {
            None
        } else {
            // SAFETY: by the caller.
            let network: oftp_network_service = unsafe { read(network) }?;
            if network.n_data_rq.is_none() {
                return Err(
                    oftp_code::OFTP_E_NULL.because("n_data_rq of the network service is NULL")
                );
            }
            Some(Box::new(network))
        };
        let handle = create(Instance {
            session: Session::new(told),
            monitor: Box::new(monitor),
            network,
            user_data: UserData(user_data),
            records,
            expected: None,
            incoming: None,
            outgoing: None,
            received: None,
            refused: VecDeque::new(),
            to_connect: false,
            to_close: false,
            pushing: false,
        })?;
        // SAFETY: checked above, and valid by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a session, in any state, and calls its finalizer. The connection below is the host's to
/// close. A second call with the same handle gives `OFTP_E_BAD_HANDLE`.
///
/// \param session The session; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`; `OFTP_E_BUSY`: another thread is using it;
/// `OFTP_E_REENTERED`: inside a callback of this session.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_session_free(session: *mut oftp_session) -> oftp_status {
    guard(|| {
        if session.is_null() {
            return Ok(0);
        }
        let instance = remove::<Instance>(session)?;
        let (finalizer, user_data) = (instance.monitor.finalizer, instance.user_data.0);
        drop(instance);
        if let Some(finalizer) = finalizer {
            // SAFETY: by the contract of the header; called once, as the handle is gone.
            unsafe { finalizer(user_data) };
        }
        Ok(0)
    })
}

/// Runs the session until it waits: tells the User Monitor what has happened, gives octets to the
/// network service, asks for data. Call it after every other function of the session, and after a
/// series of them. It is the only function of a session that calls back.
///
/// \param session The session.
/// \return 0 or more: what the session waits for, a sum of `oftp_want`. `OFTP_E_CALLBACK`: a
/// callback returned less than 0; call again to go on behind it. `OFTP_E_VALUE`: `data_space` or
/// `n_data_rq` gave a wrong answer, of which nothing was taken; call again, and it is asked again.
/// `OFTP_E_REENTERED`: called inside a callback of the same session. `OFTP_E_BUSY`,
/// `OFTP_E_BAD_HANDLE`, `OFTP_E_NULL`.
///
/// # Safety
/// The callbacks are functions of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_dispatch(session: *mut oftp_session) -> oftp_status {
    guard(|| dispatch::dispatch(session))
}
