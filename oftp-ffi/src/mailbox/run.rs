//! A mailbox on a connected socket: until its session has ended, or step by step in an event loop.

use std::ffi::{c_char, c_int, c_short};

use oftp_station::monitor::MonitorError;

use super::config::code;
use super::events::oftp_result;
use super::object::{Instance, Role};
use super::runner::{Runner, Stop, milliseconds};
use super::tls::oftp_tls;
use super::{oftp_mailbox, on};
use crate::guard::{check_out, guard, read, set, write};
use crate::handle::with;
use crate::status::oftp_status;

/// The next connection is a call of ours to this partner: we are the Initiator.
///
/// What an earlier process left in the folder of `oftp_mailbox_receive_into` (files in their
/// envelopes, responses to be signed) is opened and signed here, the first time: so all partners
/// must be there with their certificates. What goes wrong with it is told by `warning` in the
/// next session; `file_received` does not tell of these files.
///
/// \param mailbox The mailbox; no session runs.
/// \param partner The identification code of a partner that was added.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: the partner is not known; `OFTP_E_USER`: a session runs;
/// `OFTP_E_NULL`.
///
/// # Safety
/// `partner` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_call(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
) -> oftp_status {
    on(mailbox, |instance| {
        // SAFETY: by the caller.
        let partner = unsafe { code(partner, "partner") }?;
        if instance.monitor.partner(&partner).is_none() {
            return Err(MonitorError::UnknownPartner(partner).into());
        }
        instance.choose(Role::Call(partner))
    })
}

/// The next connection is a call of any partner to us: we are the Responder. Else as
/// `oftp_mailbox_call`.
///
/// \param mailbox The mailbox; no session runs.
/// \return `OFTP_OK`; `OFTP_E_USER`: a session runs.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_answer(mailbox: *mut oftp_mailbox) -> oftp_status {
    on(mailbox, |instance| instance.choose(Role::Answer))
}

/// Runs one session on a connected socket until it has ended, and blocks meanwhile: sends what
/// is queued for the partner, receives what it has, answers, passes the turn, ends the session.
///
/// The socket is a stream (TCP, or AF_UNIX), connected or accepted by the host; before, the role
/// was chosen by `oftp_mailbox_call` or `oftp_mailbox_answer`. It may be blocking or not, and is
/// left as it is, but that TCP_NODELAY is set. At the end it is shut down for writing; it stays
/// open, and is the host's to close. SIGPIPE is never raised.
///
/// Questions that a callback leaves open are answered as if it were NULL: nobody could answer
/// them later. A file that a cut leaves unfinished goes on in the next run.
///
/// \param mailbox The mailbox.
/// \param fd The socket.
/// \param tls TLS below the session; NULL: none. Copied.
/// \param result Receives how it went; NULL: not wanted. Written whenever a session was run, for
/// `OFTP_E_TLS` and `OFTP_E_CALLBACK` too.
/// \return `OFTP_OK`: the session has ended, and `result` says how; `OFTP_E_TLS`: the handshake
/// failed; `OFTP_E_CALLBACK`: a callback returned less than 0, and the session was ended for it;
/// `OFTP_E_USER`: a session runs already, or no role was chosen; `OFTP_E_IO`: `fd` is no connected
/// stream socket; `OFTP_E_KEY`, `OFTP_E_VALUE`: `tls` cannot be used with these keys;
/// `OFTP_E_REENTERED`: inside a callback of this mailbox.
///
/// # Safety
/// Pointers are NULL or valid for what they are; callbacks are functions of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_run_fd(
    mailbox: *mut oftp_mailbox,
    fd: c_int,
    tls: *const oftp_tls,
    result: *mut oftp_result,
) -> oftp_status {
    guard(|| {
        if !result.is_null() {
            // SAFETY: by the caller.
            unsafe { read(result.cast_const()) }?;
        }
        let runner = Runner::begin(mailbox)?;
        // SAFETY: by the caller.
        runner.with(|instance| unsafe { instance.attach(fd, tls) })?;
        let ran = runner.run(fd);
        if !result.is_null() {
            let shown = runner.with(|instance| Ok(instance.result()))?;
            // SAFETY: by the caller.
            unsafe { write(result, &shown) }?;
        }
        ran.map(|()| 0)
    })
}

/// Begins one session on a connected socket, for an event loop. Then, until `oftp_mailbox_ready`
/// returns 1: ask `oftp_mailbox_poll_set`, wait for that, call `oftp_mailbox_ready`.
///
/// \param mailbox The mailbox.
/// \param fd The socket, as for `oftp_run_fd`; it must stay open until the session has ended.
/// \param tls As for `oftp_run_fd`.
/// \return As `oftp_run_fd`, but `OFTP_E_TLS` and `OFTP_E_CALLBACK`.
///
/// # Safety
/// `tls` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_attach_fd(
    mailbox: *mut oftp_mailbox,
    fd: c_int,
    tls: *const oftp_tls,
) -> oftp_status {
    guard(|| {
        let runner = Runner::begin(mailbox)?;
        // SAFETY: by the caller.
        runner.with(|instance| unsafe { instance.attach(fd, tls) })?;
        Ok(0)
    })
}

/// What the session waits for. Ask again after every other function of the mailbox.
///
/// \param mailbox The mailbox, with a session.
/// \param events Receives a sum of POLLIN and POLLOUT, as poll(2) takes it. 0: leave the descriptor
/// out of the set (fd -1), or its hang-up would wake the host again and again.
/// \param timeout_ms Receives after how many milliseconds `oftp_mailbox_ready` is due without any
/// event, as poll(2) takes it: 0: at once; -1: never.
/// \return `OFTP_OK`; `OFTP_E_USER`: no session runs; `OFTP_E_NULL`.
///
/// # Safety
/// Pointers are NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_poll_set(
    mailbox: *mut oftp_mailbox,
    events: *mut c_short,
    timeout_ms: *mut c_int,
) -> oftp_status {
    guard(|| {
        check_out(events, "events")?;
        check_out(timeout_ms, "timeout_ms")?;
        let wanted = with::<Instance, _>(mailbox, |instance| Ok(instance.poll_set()))?;
        let (wanted, timeout) = wanted.ok_or(MonitorError::NoSession)?;
        // SAFETY: by the caller.
        unsafe {
            set(events, "events", wanted)?;
            set(timeout_ms, "timeout_ms", milliseconds(timeout))?;
        }
        Ok(0)
    })
}

/// Goes on with the session as far as the socket and the time allow, and calls back. Does not
/// wait, but for work with keys and for the disk. To be called when an event of
/// `oftp_mailbox_poll_set` has come, or its time; at any other time it does no harm.
///
/// \param mailbox The mailbox, with a session.
/// \return 0: the session goes on; 1: it has ended, `oftp_mailbox_result` says how, and the host
/// may close the socket. `OFTP_E_CALLBACK`: a callback returned less than 0, the session is being
/// ended: go on until 1. `OFTP_E_USER`: no session runs; `OFTP_E_REENTERED`: inside a callback of
/// this mailbox.
///
/// # Safety
/// Callbacks are functions of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_ready(mailbox: *mut oftp_mailbox) -> oftp_status {
    guard(|| {
        let runner = Runner::begin(mailbox)?;
        if !runner.with(|instance| Ok(instance.attached))? {
            return Err(MonitorError::NoSession.into());
        }
        runner.go().map(|stop| (stop == Stop::Over).into())
    })
}

/// How the last session went, or goes, and what there is still to do.
///
/// \param mailbox The mailbox.
/// \param result Is filled; its `struct_size` must be set. `text` is borrowed until the next
/// session begins or the mailbox is freed.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// Allowed inside callbacks.
///
/// # Safety
/// `result` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_result(
    mailbox: *mut oftp_mailbox,
    result: *mut oftp_result,
) -> oftp_status {
    guard(|| {
        let shown = with::<Instance, _>(mailbox, |instance| Ok(instance.result()))?;
        // SAFETY: by the caller.
        unsafe { write(result, &shown) }?;
        Ok(0)
    })
}
