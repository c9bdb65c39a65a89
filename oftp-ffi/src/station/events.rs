//! What happens, pulled.

use std::ffi::c_char;
use std::time::Duration;

use ::oftp_station::station::manage::EventView;

use super::shown::give_json;
use super::values::{event_code, state_code};
use super::{file, number, oftp_station, on};
use crate::guard::{check_out, read, set, write};
use crate::services::{oftp_octets, versioned};
use crate::status::oftp_status;
use crate::text::array;

/// One line of the history of a station: something that has happened, and is on the disk.
/// Initialise with `OFTP_STATION_EVENT_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_station_event {
    /// `sizeof(oftp_station_event)`.
    pub struct_size: usize,
    /// Its number, from 1 on: larger than those of all events before it. There may be gaps.
    pub id: u64,
    /// When, in milliseconds since 1970, by the time of day.
    pub at_ms: i64,
    /// What, an `oftp_event`; a newer library may know more: pass over what is not known.
    pub kind: i32,
    /// With which file, by its number; 0: none.
    pub file: u64,
    /// With which partner, by its name in `oftp.toml`; empty: none.
    pub partner: [c_char; 65],
}
versioned!(oftp_station_event);

/// The next event behind one that is known. While there is none it waits for one.
///
/// Events lie in the journal (`retention` in `oftp.toml` says how long), and are read as often as
/// one likes, by any number of readers. A host that must miss none keeps the number of the last one
/// that it has dealt with, over restarts of its own.
///
/// \param station The station.
/// \param after The number of the last event that is known; 0: from the first one on.
/// \param timeout_ms How long to wait at most, in milliseconds; 0: not at all. Where no process
/// runs the station it is not waited at all.
/// \param event Is filled; its `struct_size` must be set.
/// \param json Receives all that is to be said of it, as `oftp events --json` writes it, with
/// `detail`; free it with `oftp_octets_free`. NULL: not wanted.
/// \return 1: there is one; 0: there is none, the time is over or the station does not run, and
/// neither `event` nor `json` was written; `OFTP_E_IO`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// Thread safe.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_event_next(
    station: *mut oftp_station,
    after: u64,
    timeout_ms: u32,
    event: *mut oftp_station_event,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        // SAFETY: by the caller.
        unsafe { read(event.cast_const()) }?;
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let wait = Duration::from_millis(timeout_ms.into());
        let Some(row) = host.events(after, 1, Some(wait))?.pop() else {
            return Ok(0);
        };
        let shown = oftp_station_event {
            struct_size: size_of::<oftp_station_event>(),
            id: number(row.id),
            at_ms: row.at,
            kind: event_code(row.kind),
            file: row.file.map_or(0, |file| number(file.0)),
            partner: array(row.partner.as_deref().unwrap_or_default().as_bytes()),
        };
        // SAFETY: by the caller.
        unsafe {
            if !json.is_null() {
                give_json(serde_json::to_vec(&EventView::new(&row)), json)?;
            }
            write(event, &shown)?;
        }
        Ok(1)
    })
}

/// The number of the last event: who reads from there on hears only of what is new.
///
/// \param station The station.
/// \param id Receives it; 0: there is none.
/// \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `id` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_last_event(
    station: *const oftp_station,
    id: *mut u64,
) -> oftp_status {
    on(station, |host| {
        check_out(id, "id")?;
        let last = host.last_event()?;
        // SAFETY: by the caller.
        unsafe { set(id, "id", number(last)) }?;
        Ok(0)
    })
}

/// Waits until nothing is to happen any more with a file. One of ours is then
/// `OFTP_STATE_DONE` (EERP), `OFTP_STATE_REJECTED` (NERP), `OFTP_STATE_FAILED` or
/// `OFTP_STATE_CANCELLED`; one that came `OFTP_STATE_CLOSED` or `OFTP_STATE_REFUSED`.
///
/// \param station The station.
/// \param id The number of the file.
/// \param timeout_ms How long to wait at most, in milliseconds; 0: only look.
/// \param state Receives how far it has come, an `oftp_file_state`.
/// \return 1: nothing is to happen any more; 0: the time is over before, `state` is how far it is;
/// `OFTP_E_USER`: no process runs the station, and the file is not at its end;
/// `OFTP_E_NOT_FOUND`; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `state` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_wait_file(
    station: *mut oftp_station,
    id: u64,
    timeout_ms: u32,
    state: *mut i32,
) -> oftp_status {
    on(station, |host| {
        check_out(state, "state")?;
        let row = host.settled(file(id)?, Some(Duration::from_millis(timeout_ms.into())))?;
        // SAFETY: by the caller.
        unsafe { set(state, "state", state_code(row.state)) }?;
        Ok((!row.state.is_open()).into())
    })
}
