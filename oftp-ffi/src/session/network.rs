//! The network service (RFC 5024 chapter 2), the time, and what can be asked of a session.

use std::ffi::c_char;
use std::time::Duration;

use oftp_core::session::Addresses;
use oftp_core::wire::sth;

use super::fields::oftp_agreed;
use super::object::Instance;
use super::oftp_session;
use crate::guard::{check_out, guard, octets, read, set, write};
use crate::handle::with;
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::text::string;

/// What a Stream Transmission Header can announce. What no Exchange Buffer may have is a fault of
/// the partner, and for the session to answer.
const LONGEST: usize = 0xFF_FFFF - sth::OCTETS;

fn on(session: *mut oftp_session, body: impl FnOnce(&mut Instance) -> Outcome) -> oftp_status {
    guard(|| with::<Instance, _>(session, body).map(|()| 0))
}

/// N_CON_IND (RFC 5024 2.2): a connection has come in and is accepted; we are the Responder. The
/// SSRM follows: call `oftp_dispatch`.
///
/// \param session The session, IDLE.
/// \param called Our own address, for `connect_ind`; NULL: none.
/// \param calling The caller's address, for `connect_ind`; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: not UTF-8. In another state than IDLE the event is that of a
/// confused network, and ends the session as RFC 5024 chapter 9 says.
///
/// # Safety
/// Pointers are NULL or strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_n_con_ind(
    session: *mut oftp_session,
    called: *const c_char,
    calling: *const c_char,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let (called, calling) = unsafe { (string(called, "called")?, string(calling, "calling")?) };
        instance.session.n_con_ind(Addresses {
            called: called.to_owned(),
            calling: calling.to_owned(),
        });
        Ok(())
    })
}

/// N_CON_CF (RFC 5024 2.2): the connection that was asked for is up.
///
/// \param session The session, I_WF_NC.
/// \return `OFTP_OK`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_n_con_cf(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| {
        instance.to_connect = false;
        instance.session.n_con_cf();
        Ok(())
    })
}

/// N_DATA_IND (RFC 5024 2.2): octets have come. They are copied; `oftp_receive_space` saves that.
///
/// \param session The session.
/// \param octets In a stream any part of it; with `OFTP_FRAMING_RECORDS` one Exchange Buffer.
/// \param len How many.
/// \return `OFTP_OK`; `OFTP_E_NULL`; `OFTP_E_VALUE`: an Exchange Buffer is empty, or longer than
/// 16,777,211 octets. After the end of the session octets are dropped.
///
/// Read from the network only while `OFTP_WANT_READ` is set: so a User Monitor that is slow slows
/// the partner down, and memory stays small.
///
/// # Safety
/// `octets` is NULL or valid for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_n_data_ind(
    session: *mut oftp_session,
    octets: *const u8,
    len: usize,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let octets = unsafe { self::octets(octets, len, "octets") }?;
        if instance.records {
            if octets.is_empty() || len > LONGEST {
                return Err(oftp_code::OFTP_E_VALUE.because(format!(
                    "an Exchange Buffer has 1 to {} octets, not {len}",
                    LONGEST
                )));
            }
            // As it is: one that is too long for any command is answered by ESID 07.
            let [_, high, middle, low] =
                u32::try_from(len + sth::OCTETS).unwrap_or(0).to_be_bytes();
            instance.session.n_data_ind(&[0x10, high, middle, low]);
        }
        instance.session.n_data_ind(octets);
        Ok(())
    })
}

/// Room in the session's own buffer, to read octets from the network straight to where they are
/// decoded. Then call `oftp_received`.
///
/// \param session The session, in a stream, after `oftp_dispatch`, while `OFTP_WANT_READ` is set.
/// Call `oftp_tick` before, or behind `oftp_received`: it is a call on the session too.
/// \param space Receives the address, borrowed until the next call on this session.
/// \param room Receives how many octets fit, at least 1.
/// \return `OFTP_OK`; `OFTP_E_USER`: with `OFTP_FRAMING_RECORDS`; `OFTP_E_NULL`.
///
/// # Safety
/// Pointers are NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_receive_space(
    session: *mut oftp_session,
    space: *mut *mut u8,
    room: *mut usize,
) -> oftp_status {
    on(session, |instance| {
        check_out(space, "space")?;
        check_out(room, "room")?;
        if instance.records {
            return Err(oftp_code::OFTP_E_USER
                .because("with OFTP_FRAMING_RECORDS Exchange Buffers come by oftp_n_data_ind"));
        }
        let free = instance.session.receive_space();
        // SAFETY: by the caller.
        unsafe {
            set(room, "room", free.len())?;
            set(space, "space", free.as_mut_ptr())
        }
    })
}

/// N_DATA_IND for octets that were read into `oftp_receive_space`.
///
/// \param session The session.
/// \param octets How many, at most what there was room for.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: more than there was room for; `OFTP_E_USER`: with
/// `OFTP_FRAMING_RECORDS`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_received(session: *mut oftp_session, octets: usize) -> oftp_status {
    on(session, |instance| {
        if instance.records {
            return Err(oftp_code::OFTP_E_USER
                .because("with OFTP_FRAMING_RECORDS Exchange Buffers come by oftp_n_data_ind"));
        }
        let room = instance.session.receive_space().len();
        if octets > room {
            return Err(oftp_code::OFTP_E_VALUE.because(format!(
                "{octets} octets were received, there was room for {room}"
            )));
        }
        instance.session.received(octets);
        Ok(())
    })
}

/// N_DISC_IND (RFC 5024 2.2): the connection was closed by the partner. An ESID among the octets
/// that came before, and were not decoded yet, ends the session in its place.
///
/// \param session The session.
/// \return `OFTP_OK`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_n_disc_ind(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| {
        instance.to_connect = false;
        instance.session.n_disc_ind();
        Ok(())
    })
}

/// N_RST_IND (RFC 5024 2.2): the connection was reset, or could not be opened.
///
/// \param session The session.
/// \return `OFTP_OK`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_n_rst_ind(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| {
        instance.to_connect = false;
        instance.session.n_rst_ind();
        Ok(())
    })
}

/// The octets to be sent next, where they are pulled. Send them, all or a part, then call
/// `oftp_sent`, and `oftp_dispatch` when there are no more.
///
/// \param session The session.
/// \param octets Receives their address, borrowed until the next call on this session.
/// \param len Receives how many; 0: none. With `OFTP_FRAMING_RECORDS` one Exchange Buffer.
/// \return `OFTP_OK`; `OFTP_E_NULL`.
///
/// # Safety
/// Pointers are NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_pending(
    session: *mut oftp_session,
    octets: *mut *const u8,
    len: *mut usize,
) -> oftp_status {
    on(session, |instance| {
        check_out(octets, "octets")?;
        check_out(len, "len")?;
        let pending = instance
            .octets_to_send()
            .map_or(&[][..], |(octets, _)| octets);
        // SAFETY: by the caller.
        unsafe {
            set(len, "len", pending.len())?;
            set(octets, "octets", pending.as_ptr())
        }
    })
}

/// Tells that octets of `oftp_pending` are sent.
///
/// \param session The session.
/// \param octets How many; with `OFTP_FRAMING_RECORDS` all, or 0.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: more than were pending, or a part of an Exchange Buffer;
/// `OFTP_E_USER`: inside `n_data_rq`, whose result says it.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_sent(session: *mut oftp_session, octets: usize) -> oftp_status {
    on(session, |instance| instance.sent(octets))
}

/// What the session waits for, without calling back. What has come is decoded, so that the state
/// may be another one behind this call; what it means is told by `oftp_dispatch`.
///
/// \param session The session.
/// \return A sum of `oftp_want`, 0 or more; less than 0: an error.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_wants(session: *mut oftp_session) -> oftp_status {
    guard(|| with::<Instance, _>(session, |instance| Ok(instance.wants())))
}

/// Tells the time. Call it before each input, and when the deadline has come, then
/// `oftp_dispatch`. A timer that has run out ends the session (RFC 5024 9.9).
///
/// \param session The session.
/// \param now_ms Milliseconds since any fixed moment, never backwards: CLOCK_MONOTONIC.
/// \return `OFTP_OK`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_tick(session: *mut oftp_session, now_ms: u64) -> oftp_status {
    on(session, |instance| {
        instance.session.tick(Duration::from_millis(now_ms));
        Ok(())
    })
}

/// When `oftp_tick` is due without any input.
///
/// \param session The session.
/// \param at_ms Receives the time in milliseconds, on the clock of `oftp_tick`. One that has
/// passed means at once. UINT64_MAX: never.
/// \return `OFTP_OK`; `OFTP_E_NULL`.
///
/// # Safety
/// `at_ms` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_deadline(session: *mut oftp_session, at_ms: *mut u64) -> oftp_status {
    on(session, |instance| {
        let deadline = instance.session.next_deadline();
        // SAFETY: by the caller.
        unsafe { set(at_ms, "at_ms", in_ms(deadline)) }
    })
}

/// Rounded up, so that who waits for it does not come early.
pub(crate) fn in_ms(deadline: Option<Duration>) -> u64 {
    deadline.map_or(u64::MAX, |deadline| {
        u64::try_from(deadline.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
    })
}

/// The state of RFC 5024 chapter 9, by its name there: "IDLE", "OPO", "WF_CD" ...
///
/// \param session The session.
/// \param name Receives a static string.
/// \return `OFTP_OK`; `OFTP_E_NULL`.
///
/// # Safety
/// `name` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_state(
    session: *mut oftp_session,
    name: *mut *const c_char,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        unsafe { set(name, "name", static_name(instance.session.state())) }
    })
}

/// The names of states as strings of C.
fn static_name(state: oftp_core::state::State) -> *const c_char {
    use std::ffi::CString;
    use std::sync::LazyLock;
    static NAMES: LazyLock<Vec<CString>> = LazyLock::new(|| {
        let all = oftp_core::state::State::ALL.iter();
        all.map(|state| crate::text::for_c(state.name())).collect()
    });
    let mut all = oftp_core::state::State::ALL.iter();
    let at = all.position(|other| *other == state);
    at.and_then(|at| NAMES.get(at))
        .map_or(c"".as_ptr(), |name| name.as_ptr())
}

/// What both sides have agreed on.
///
/// \param session The session, after the exchange of SSIDs.
/// \param out Receives it; `struct_size` must be set.
/// \return `OFTP_OK`; `OFTP_E_USER`: nothing is agreed yet; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// # Safety
/// `out` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_agreement(
    session: *mut oftp_session,
    out: *mut oftp_agreed,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller. Only its size is looked at.
        unsafe { read(out.cast_const()) }?;
        let agreed = instance.session.agreed();
        let agreed = agreed.ok_or_else(|| {
            oftp_code::OFTP_E_USER.because("the SSIDs are not exchanged yet (RFC 5024 4.2.2)")
        })?;
        // SAFETY: by the caller.
        unsafe { write(out, &oftp_agreed::of(agreed)) }
    })
}
