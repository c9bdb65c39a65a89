//! Files to send, from where they lie.

use std::ffi::{c_char, c_int};
use std::fs::File;
use std::os::fd::BorrowedFd;

use oftp_core::virtual_file::Structure;
use oftp_core::wire::{IdentificationCode, Sfid};

use super::config::{code, path, value};
use super::feed::{Feed, Layout};
use super::object::{Instance, Phase, Post};
use super::oftp_mailbox;
use super::seal::io_fail;
use super::source::{Source, oftp_source};
use crate::guard::{guard, octets, read, set};
use crate::handle::with;
use crate::session::oftp_virtual_file;
use crate::status::{Fail, Outcome, oftp_code, oftp_status};

impl Instance {
    /// For whom a file is.
    pub(super) fn addressee(
        &self,
        named: Option<IdentificationCode>,
        sfid: &Sfid,
    ) -> Outcome<IdentificationCode> {
        let known = |code: &IdentificationCode| self.row(code).map(|row| row.partner.code);
        if let Some(named) = named {
            return known(&named).ok_or_else(|| {
                value(format!(
                    "partner {named} is not known: add it by oftp_mailbox_add_partner first"
                ))
            });
        }
        match (known(&sfid.dest), self.rows.as_slice()) {
            (Some(code), _) => Ok(code),
            (None, [only]) => Ok(only.partner.code),
            (None, _) => Err(value(format!(
                "destination {} is no partner of this mailbox, so that partner must say to whom \
                 the file goes",
                sfid.dest
            ))),
        }
    }

    fn compose(
        &mut self,
        partner: Option<IdentificationCode>,
        mut sfid: Sfid,
        source: Source,
    ) -> Result<u64, (Fail, Source)> {
        let partner = match self.addressee(partner, &sfid) {
            Ok(partner) => partner,
            Err(fail) => return Err((fail, source)),
        };
        let keys = self.security.ring.of_station(&sfid.dest, &partner);
        // As it lies here, before any envelope.
        let layout = Layout::of(Structure::new(sfid.fmt, sfid.lrecl, false));
        let mut feed = Feed::new(source, layout);
        match self.prepare(&mut sfid, &mut feed, &keys) {
            Ok((sealed, hash)) => {
                // The source is not needed any more where its envelope is there.
                let feed = sealed.unwrap_or(feed);
                Ok(self.enqueue(Post {
                    id: 0,
                    partner,
                    sent: sfid.rest,
                    sfid,
                    feed: Some(feed),
                    hash,
                    phase: Phase::Waiting,
                    tried: false,
                }))
            }
            Err(fail) => Err((fail, feed.source)),
        }
    }
}

/// # Safety
/// `partner` and `file` are NULL or valid; `id` is NULL or valid for a write.
unsafe fn send(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    id: *mut u64,
    source: impl FnOnce() -> Outcome<Source>,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let (partner, sfid) = unsafe {
            let partner = if partner.is_null() {
                None
            } else {
                Some(code(partner, "partner")?)
            };
            (partner, read(file)?.to_sfid()?)
        };
        let new = with::<Instance, _>(mailbox, |instance| {
            instance
                .compose(partner, sfid, source()?)
                .map_err(|(fail, source)| {
                    source.give_back();
                    fail
                })
        })?;
        if !id.is_null() {
            // SAFETY: by the caller.
            unsafe { set(id, "id", new) }?;
        }
        Ok(0)
    })
}

/// Queues a file for a partner: it is sent in the next session with it, or in the one that runs,
/// when the turn is ours.
///
/// What `file` asks for is done here, before the function returns: the records of a V file are
/// read once; a file with `security` or `compression` is sealed for the partner into the spool
/// folder (RFC 5024 chapter 6); with `signed_response` the hash is computed by which the end
/// response is checked. A file that cannot be secured as asked is refused here, and is never sent
/// in the clear. `envelope`, `size`, `original_size`, and the `record_length` of a V file may be
/// 0: they are filled in. `cipher_suite` may be 0: suite 04, AES-256 and SHA-256.
///
/// U and T files travel as they lie. An F file consists of records of `record_length` octets. In
/// a V file each record stands behind its length, 2 octets, most significant first. With
/// `restart_position` an earlier attempt is continued, if the partner kept what came of it: the
/// five fields that make a file unique, and its octets, must be those of that attempt.
///
/// \param mailbox The mailbox.
/// \param partner To whom it goes (SSIDCODE); NULL: to its destination, or to the only partner.
/// \param file What it is called. Copied.
/// \param path The file. It is opened now and read later; it must not change meanwhile.
/// \param id Receives its name in callbacks, from 1 on; NULL: not wanted.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, the file does not have such records, or
/// the partner is not known; `OFTP_E_IO`: it cannot be read, or the envelope not written;
/// `OFTP_E_KEY`, `OFTP_E_DISTRUST`: a key that is needed is missing or not taken;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
///
/// Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_file(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    path: *const c_char,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let path =
                self::path(path).ok_or_else(|| oftp_code::OFTP_E_NULL.because("path is NULL"))?;
            let wrong = |error| io_fail(&path.display().to_string(), &error);
            // Opening a pipe would wait for its other end, so look first.
            let metadata = std::fs::metadata(&path).map_err(wrong)?;
            if !metadata.is_file() {
                let text = format!("{}: it is no regular file", path.display());
                return Err(oftp_code::OFTP_E_IO.because(text));
            }
            File::open(&path).and_then(Source::file).map_err(wrong)
        })
    }
}

/// The same for an open descriptor of a regular file, from its first octet on.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param fd The descriptor. Duplicated: it stays the host's to close. Its position is not used.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_fd(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    fd: c_int,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            if fd < 0 {
                return Err(value(format!("fd is {fd}")));
            }
            // SAFETY: not -1, and open by the caller; one that is not is found out by the call.
            let fd = BorrowedFd::borrow_raw(fd);
            let source = fd.try_clone_to_owned().map(File::from);
            source
                .and_then(Source::file)
                .map_err(|error| io_fail("fd", &error))
        })
    }
}

/// The same for octets in memory.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param octets The octets of the file. Copied.
/// \param len How many.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`; `OFTP_E_MEMORY`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_memory(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    octets: *const u8,
    len: usize,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            let octets = self::octets(octets, len, "octets")?;
            let mut copy = Vec::new();
            copy.try_reserve_exact(octets.len())
                .map_err(|_| oftp_code::OFTP_E_MEMORY.because("no memory for the file"))?;
            copy.extend_from_slice(octets);
            Ok(Source::memory(copy))
        })
    }
}

/// The same for octets that a callback reads.
///
/// \param mailbox As for `oftp_mailbox_send_file`.
/// \param partner As for `oftp_mailbox_send_file`.
/// \param file As for `oftp_mailbox_send_file`.
/// \param source The callback. Copied. On failure its finalizer is not called.
/// \param id As for `oftp_mailbox_send_file`.
/// \return As for `oftp_mailbox_send_file`.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_send_source(
    mailbox: *mut oftp_mailbox,
    partner: *const c_char,
    file: *const oftp_virtual_file,
    source: *const oftp_source,
    id: *mut u64,
) -> oftp_status {
    // SAFETY: by the caller.
    unsafe {
        send(mailbox, partner, file, id, || {
            Source::callback(&read(source)?)
                .ok_or_else(|| oftp_code::OFTP_E_NULL.because("read_at of the source is NULL"))
        })
    }
}
