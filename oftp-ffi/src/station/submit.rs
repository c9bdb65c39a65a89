//! Files to send.

use std::ffi::c_char;
use std::io::Cursor;

use ::oftp_station::station::intake::{Content, Submission, Wishes};

use super::{number, oftp_station, on, value};
use crate::guard::{check_out, octets, read, set};
use crate::mailbox::{choice, code, path};
use crate::services::versioned;
use crate::status::{Outcome, oftp_code, oftp_status};
use crate::text::string;

/// A file for `oftp_station_submit`. Where a field is 0 or NULL the rules of `oftp.toml` for its
/// name decide, then the partner's settings, as for a file in an outbox; so they do for its format
/// and security. Initialise with `OFTP_STATION_FILE_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_station_file {
    /// `sizeof(oftp_station_file)`.
    pub struct_size: usize,
    /// A regular file, which is copied and stays where it is; NULL: `octets` are the file.
    pub path: *const c_char,
    /// The file in memory, copied; NULL: `path` is the file.
    pub octets: *const u8,
    /// How many `octets`; 0 is an empty file.
    pub len: usize,
    /// Its local name, by which the rules choose and which people read; NULL: the last part of
    /// `path`. Needed with `octets`.
    pub name: *const c_char,
    /// Its dataset name (SFIDDSN), at most 26 characters.
    pub dsn: *const c_char,
    /// SFIDDESC, UTF-8, at most 999 octets.
    pub description: *const c_char,
    /// SFIDDEST, where it is not the partner's code.
    pub destination: *const c_char,
    /// SFIDORIG, where it is not ours.
    pub originator: *const c_char,
    /// SFIDUSER, at most 8 characters.
    pub user_data: *const c_char,
    /// 1 to 9, the last; -1: class 0 of `oftp.toml`, before all others.
    pub priority: i32,
    /// Whether it waits until `oftp_station_release`, an `oftp_choice`; default no.
    pub held: i32,
}
versioned!(oftp_station_file);

/// Queues a file for a partner. It is copied, and on the disk when this returns: from then on the
/// station answers for it, over crashes and restarts. It goes when the station runs, here or in
/// another process.
///
/// \param station The station.
/// \param partner For whom, by the name in `oftp.toml`.
/// \param file The file. Copied.
/// \param id Receives its number in this station, from 1 on; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`: a field is
/// wrong, or the file does not fit what is agreed with the partner; `OFTP_E_KEY`: a key that it
/// needs is missing; `OFTP_E_IO`: it cannot be read, or the disk not be written; `OFTP_E_MEMORY`;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
///
/// Thread safe.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_station_submit(
    station: *mut oftp_station,
    partner: *const c_char,
    file: *const oftp_station_file,
    id: *mut u64,
) -> oftp_status {
    on(station, |host| {
        check_out(partner, "partner")?;
        // SAFETY: by the caller.
        let (partner, file) = unsafe { (string(partner, "partner")?, read(file)?.submission()?) };
        let row = host.submit(partner, file)?;
        if !id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(id, "id", number(row.key.0)) }?;
        }
        Ok(0)
    })
}

impl oftp_station_file {
    /// # Safety
    /// The pointers are as their fields say.
    unsafe fn submission(&self) -> Outcome<Submission> {
        // SAFETY: by the caller.
        let (path, name) = unsafe { (path(self.path), optional(self.name, "name")?) };
        let (content, name) = match (path, self.octets.is_null()) {
            (Some(_), false) => return Err(value("path and octets are both set: one is the file")),
            (None, true) => {
                return Err(
                    oftp_code::OFTP_E_NULL.because("path and octets are NULL: one is needed")
                );
            }
            (Some(path), true) => {
                let usual = Submission::of_path(path);
                (usual.content, name.unwrap_or(usual.name))
            }
            (None, false) => {
                let name = name.ok_or_else(|| {
                    oftp_code::OFTP_E_NULL.because("name is NULL, which octets need")
                })?;
                // SAFETY: by the caller.
                let octets = unsafe { octets(self.octets, self.len, "octets") }?;
                let mut copy = Vec::new();
                copy.try_reserve_exact(octets.len())
                    .map_err(|_| oftp_code::OFTP_E_MEMORY.because("no memory for the file"))?;
                copy.extend_from_slice(octets);
                (Content::Reader(Box::new(Cursor::new(copy))), name)
            }
        };
        let priority = match self.priority {
            0 => None,
            -1 => Some(0),
            class @ 1..=9 => u8::try_from(class).ok(),
            other => {
                return Err(value(format!(
                    "priority is {other}, must be 1 to 9, -1 or 0"
                )));
            }
        };
        let named = |pointer: *const c_char, name| {
            if pointer.is_null() {
                return Ok(None);
            }
            // SAFETY: by the caller.
            unsafe { code(pointer, name) }.map(Some)
        };
        // SAFETY: by the caller.
        let wishes = unsafe {
            Wishes {
                dsn: optional(self.dsn, "dsn")?,
                description: optional(self.description, "description")?,
                destination: named(self.destination, "destination")?,
                originator: named(self.originator, "originator")?,
                user_data: optional(self.user_data, "user_data")?,
                priority,
                held: choice(self.held, "held", false)?,
                ..Wishes::default()
            }
        };
        Ok(Submission {
            content,
            name,
            wishes,
        })
    }
}

/// A string that need not be there.
///
/// # Safety
/// `pointer` is NULL or a string.
pub(super) unsafe fn optional(pointer: *const c_char, name: &str) -> Outcome<Option<String>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: by the caller.
    unsafe { string(pointer, name) }.map(|text| Some(text.to_owned()))
}
