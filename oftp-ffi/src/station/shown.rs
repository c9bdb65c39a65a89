//! What a person would look at, as JSON: the objects that `oftp ... --json` writes.

use std::ffi::c_char;

use ::oftp_station::station::journal::file::{FileKey, Filter, Way};
use zeroize::Zeroizing;

use super::submit::optional;
use super::values::state_of;
use super::{file, oftp_station, on, value};
use crate::guard::{check_out, read};
use crate::services::{give, oftp_octets, versioned};
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::values::oftp_choice;

/// Which files are wanted (`oftp_station_files_json`); a field that is 0 or NULL takes all.
/// Initialise with `OFTP_STATION_FILTER_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_station_filter {
    /// `sizeof(oftp_station_filter)`.
    pub struct_size: usize,
    /// Those of this partner, by its name in `oftp.toml`.
    pub partner: *const c_char,
    /// Those whose dataset name, local name or description has this part, in either case.
    pub text: *const c_char,
    /// Those that have come so far, an `oftp_file_state`.
    pub state: i32,
    /// 1: those that are sent; 2: those that came.
    pub direction: i32,
    /// An `oftp_choice`: `OFTP_YES` those with which something is still to happen, `OFTP_NO` the
    /// others.
    pub open: i32,
    /// At most so many.
    pub limit: u32,
    /// Those with a smaller number: the next page.
    pub before: u64,
    /// Those that changed at this time or later, in milliseconds since 1970.
    pub since_ms: i64,
}
versioned!(oftp_station_filter);

impl oftp_station_filter {
    /// # Safety
    /// The pointers are as their fields say.
    unsafe fn to_filter(self) -> Outcome<Filter> {
        let open = match self.open {
            v if v == oftp_choice::OFTP_DEFAULT as i32 => None,
            v if v == oftp_choice::OFTP_YES as i32 => Some(true),
            v if v == oftp_choice::OFTP_NO as i32 => Some(false),
            other => {
                let text = format!("open is {other}, must be an oftp_choice, 0 to 2");
                return Err(value(text));
            }
        };
        let way = match self.direction {
            0 => None,
            1 => Some(Way::Out),
            2 => Some(Way::In),
            other => return Err(value(format!("direction is {other}, must be 0 to 2"))),
        };
        let state = match self.state {
            0 => None,
            code => Some(state_of(code).ok_or_else(|| {
                value(format!("state is {code}, must be an oftp_file_state, or 0"))
            })?),
        };
        let before = i64::try_from(self.before).unwrap_or(i64::MAX);
        // SAFETY: by the caller.
        let (partner, text) = unsafe {
            (
                optional(self.partner, "partner")?,
                optional(self.text, "text")?,
            )
        };
        Ok(Filter {
            way,
            partner,
            state,
            open,
            text,
            since: (self.since_ms != 0).then_some(self.since_ms),
            before: (before != 0).then_some(FileKey(before)),
            limit: self.limit,
        })
    }
}

/// Files, the last first: a list of objects, as `oftp history --json` writes them one by one.
///
/// \param station The station.
/// \param filter Which; NULL: all.
/// \param json Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field of the filter is wrong; `OFTP_E_IO`; `OFTP_E_NULL`,
/// `OFTP_E_STRUCT_SIZE`.
///
/// Thread safe.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_files_json(
    station: *const oftp_station,
    filter: *const oftp_station_filter,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        check_out(json, "json")?;
        let wanted = if filter.is_null() {
            Filter::default()
        } else {
            // SAFETY: by the caller.
            unsafe { read(filter)?.to_filter()? }
        };
        let views = host.views(&host.files(&wanted)?)?;
        // SAFETY: by the caller.
        unsafe { give_json(serde_json::to_vec(&views), json) }
    })
}

/// Everything about a file, as `oftp show --json` writes it: its fields, its end responses, where
/// it lies, its history.
///
/// \param station The station.
/// \param id The number of the file.
/// \param json Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_NOT_FOUND`; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `json` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_file_json(
    station: *const oftp_station,
    id: u64,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        check_out(json, "json")?;
        let details = host.details(file(id)?)?;
        // SAFETY: by the caller.
        unsafe { give_json(serde_json::to_vec(&details), json) }
    })
}

/// All partners, and how it goes with them: a list of objects, as `oftp partners --json` writes
/// them one by one.
///
/// \param station The station.
/// \param json Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `json` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_partners_json(
    station: *const oftp_station,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        check_out(json, "json")?;
        let partners = host.partners()?;
        // SAFETY: by the caller.
        unsafe { give_json(serde_json::to_vec(&partners), json) }
    })
}

/// The station as a whole, as `oftp status --json` writes it.
///
/// \param station The station.
/// \param json Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `json` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_status_json(
    station: *const oftp_station,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        check_out(json, "json")?;
        let status = host.status()?;
        // SAFETY: by the caller.
        unsafe { give_json(serde_json::to_vec(&status), json) }
    })
}

/// Takes the warnings and errors of the station since the last call that are about no event, the
/// last thousand at most: a list of strings. Empty where `oftp.toml` names a file for the log:
/// there they are.
///
/// \param station The station.
/// \param json Receives the text; free it with `oftp_octets_free`.
/// \return `OFTP_OK`; `OFTP_E_NULL`.
///
/// Thread safe.
///
/// # Safety
/// `json` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_messages_json(
    station: *mut oftp_station,
    json: *mut *mut oftp_octets,
) -> oftp_status {
    on(station, |host| {
        check_out(json, "json")?;
        let messages = host.messages()?;
        // SAFETY: by the caller.
        unsafe { give_json(serde_json::to_vec(&messages), json) }
    })
}

/// A handle for a text, in `out`.
///
/// # Safety
/// `out` is NULL or valid for a write.
pub(super) unsafe fn give_json(
    text: Result<Vec<u8>, serde_json::Error>,
    out: *mut *mut oftp_octets,
) -> Outcome<oftp_status> {
    // Nothing that is shown has keys that are no strings.
    let text = text.map_err(|error| oftp_code::OFTP_E_INTERNAL.because(error.to_string()))?;
    // SAFETY: by the caller.
    unsafe { give(Zeroizing::new(text), out, "json") }?;
    Ok(0)
}
