//! Files and partners steered, as the commands of `oftp` do, whether the station runs or not.

use std::ffi::c_char;

use super::{file, number, oftp_station, on};
use crate::guard::{check_out, set};
use crate::mailbox::choice;
use crate::status::oftp_status;
use crate::text::string;

/// Lets a partner be called soon, whether something waits for it or not, and whatever its schedule
/// says; at the next start, where the station does not run.
///
/// \param station The station.
/// \param partner Whom.
/// \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`: it has no
/// address; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `partner` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_call(
    station: *mut oftp_station,
    partner: *const c_char,
) -> oftp_status {
    on(station, |host| {
        check_out(partner, "partner")?;
        // SAFETY: by the caller.
        host.call(unsafe { string(partner, "partner") }?)?;
        Ok(0)
    })
}

/// Stops a partner, or lets it go on: while it is held it is not called and nothing is sent to it.
///
/// \param station The station.
/// \param partner Whom.
/// \param held An `oftp_choice`: `OFTP_YES` or the default stops it, `OFTP_NO` lets it go on.
/// \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`; `OFTP_E_IO`;
/// `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `partner` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_hold_partner(
    station: *mut oftp_station,
    partner: *const c_char,
    held: i32,
) -> oftp_status {
    on(station, |host| {
        check_out(partner, "partner")?;
        let held = choice(held, "held", true)?;
        // SAFETY: by the caller.
        host.hold_partner(unsafe { string(partner, "partner") }?, held)?;
        Ok(0)
    })
}

/// Stops a file of ours that waits to be sent.
///
/// \param station The station.
/// \param id The number of the file.
/// \return `OFTP_OK`; `OFTP_E_USER`: it does not wait to be sent; `OFTP_E_NOT_FOUND`; `OFTP_E_IO`.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_hold(station: *mut oftp_station, id: u64) -> oftp_status {
    on(station, |host| {
        host.hold(file(id)?)?;
        Ok(0)
    })
}

/// Lets a file go on that was stopped, or waits for its next try.
///
/// \param station The station.
/// \param id The number of the file.
/// \return As `oftp_station_hold`.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_release(station: *mut oftp_station, id: u64) -> oftp_status {
    on(station, |host| {
        host.release(file(id)?)?;
        Ok(0)
    })
}

/// Takes a file of ours back that the partner does not have.
///
/// \param station The station.
/// \param id The number of the file.
/// \param force An `oftp_choice`: `OFTP_YES` also takes one back of which the partner may have all;
/// default no.
/// \return `OFTP_OK`; `OFTP_E_USER`: it is too late; `OFTP_E_NOT_FOUND`; `OFTP_E_VALUE`;
/// `OFTP_E_IO`.
///
/// Thread safe.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_cancel(
    station: *mut oftp_station,
    id: u64,
    force: i32,
) -> oftp_status {
    on(station, |host| {
        host.cancel(file(id)?, choice(force, "force", false)?)?;
        Ok(0)
    })
}

/// Queues a file of ours that is over once more, as a new one.
///
/// \param station The station.
/// \param id The number of the file.
/// \param force An `oftp_choice`: `OFTP_YES` also sends one again that the partner has, and whose end
/// response does not come; default no.
/// \param new_id Receives the number of the new one; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_USER`: it is not over, or its octets are not kept any more;
/// `OFTP_E_NOT_FOUND`; `OFTP_E_VALUE`; `OFTP_E_IO`.
///
/// Thread safe.
///
/// # Safety
/// `new_id` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_resend(
    station: *mut oftp_station,
    id: u64,
    force: i32,
    new_id: *mut u64,
) -> oftp_status {
    on(station, |host| {
        let row = host.resend(file(id)?, choice(force, "force", false)?)?;
        if !new_id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(new_id, "new_id", number(row.key.0)) }?;
        }
        Ok(0)
    })
}
