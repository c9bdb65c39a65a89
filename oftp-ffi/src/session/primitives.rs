//! The service primitives: F_*_RQ and F_*_RS (RFC 5024 chapter 3) by their names without `F_`.

use std::ffi::c_char;

use oftp_core::session::{CloseFileRq, CloseFileRs, SealedChallenge, StartFileRs};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{EfnaReason, EsidReason, SfnaReason};

use super::config::{choice, oftp_config, wrong};
use super::fields::{oftp_connect, oftp_end_response, oftp_virtual_file};
use super::object::{Instance, Outgoing};
use super::oftp_session;
use crate::guard::{check_out, guard, octets, read, set, write};
use crate::handle::with;
use crate::status::{Fail, Outcome, oftp_code, oftp_status};
use crate::text::text;

/// `oftp_data_rq`: the octets end with a record, or with the file (U, T, secured files).
pub const OFTP_DATA_END_OF_RECORD: u32 = 1;

/// `oftp_close_file_rq`: take the counts of what was sent.
pub const OFTP_COUNTED: u64 = u64::MAX;

fn on(session: *mut oftp_session, body: impl FnOnce(&mut Instance) -> Outcome) -> oftp_status {
    guard(|| with::<Instance, _>(session, body).map(|()| 0))
}

fn reason(value: i32) -> Outcome<u8> {
    u8::try_from(value)
        .ok()
        .filter(|value| *value <= 99)
        .ok_or_else(|| wrong("reason", value, "0 to 99"))
}

fn refusal(value: i32) -> Outcome<u8> {
    match reason(value)? {
        0 => Err(wrong("reason", 0, "1 to 99 (RFC 5024 5.3.5, 5.3.10)")),
        reason => Ok(reason),
    }
}

/// F_CONNECT_RQ (RFC 5024 3.2.1): call a partner. `OFTP_WANT_CONNECT`, or N_CON_RQ of the network
/// service, asks for a connection; `connect_cf` or `abort_ind` follows.
///
/// \param session The session, IDLE.
/// \param connect Who we are, and how we want the session. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong; `OFTP_E_USER`: it has a connection, or
/// had one; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// `connect` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_connect_rq(
    session: *mut oftp_session,
    connect: *const oftp_connect,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let (rq, expected) = unsafe { read(connect)?.request() }?;
        instance.session.connect_rq(rq)?;
        instance.expected = expected.map(Box::new);
        Ok(())
    })
}

/// F_CONNECT_RS (RFC 5024 3.2.1): take the caller that `connect_ind` told. To turn it away use
/// `oftp_release_rq` with 03, 04 or 08.
///
/// \param session The session, A_WF_CONRS.
/// \param connect Who we are, and how we want the session. Copied.
/// \param config What this partner may have, in place of the session's: levels, buffer, window,
/// compression, restart, mode, quirks; the rest is not looked at. NULL: the session's. Copied.
/// \return As `oftp_connect_rq`. `OFTP_E_USER`: no caller waits for an answer.
///
/// # Safety
/// Pointers are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_connect_rs(
    session: *mut oftp_session,
    connect: *const oftp_connect,
    config: *const oftp_config,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let connect = unsafe { read(connect) }?;
        let config = if config.is_null() {
            None
        } else {
            // SAFETY: by the caller.
            Some(unsafe { read(config)?.to_core() }?)
        };
        let mut rs = connect.response()?;
        if let Some(config) = config {
            rs.capabilities = Some(config.capabilities);
            rs.quirks = Some(config.quirks);
        }
        Ok(instance.session.connect_rs(rs)?)
    })
}

/// F_START_FILE_RQ (RFC 5024 3.3.1): offer a Virtual File. `start_file_cf` follows.
///
/// \param session The session; we are the Speaker, with nothing in progress.
/// \param file The file. What the session's level does not have must be 0, so that nothing is
/// sent less secure than it was meant; a description is left out there. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, does not fit the level, or contradicts
/// another; `OFTP_E_USER`: not the Speaker, something in progress, restart not agreed,
/// `start_file_cf` is not set, or the answer to the file before was not told yet; `OFTP_E_NULL`,
/// `OFTP_E_STRUCT_SIZE`, `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// `file` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_start_file_rq(
    session: *mut oftp_session,
    file: *const oftp_virtual_file,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let file = unsafe { read(file) }?;
        if instance.monitor.start_file_cf.is_none() {
            return Err(not_set("start_file_cf", "files cannot be sent"));
        }
        // SAFETY: by the caller.
        let sfid = unsafe { file.to_sfid() }?;
        if instance.outgoing.is_some() {
            return Err(oftp_code::OFTP_E_USER.because(
                "the answer to the file before was not told yet: call oftp_dispatch first",
            ));
        }
        let outgoing = Box::new(Outgoing::new(&sfid));
        RestartPosition::new(outgoing.structure, sfid.rest, 0)
            .map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?;
        instance.session.start_file_rq(sfid)?;
        instance.outgoing = Some(outgoing);
        Ok(())
    })
}

fn not_set(member: &str, so: &str) -> Fail {
    oftp_code::OFTP_E_USER.because(format!("{member} of the User Monitor is not set: {so}"))
}

/// F_START_FILE_RS, positive (RFC 5024 3.3.1): take the file that `start_file_ind` told.
///
/// \param session The session, OPIP.
/// \param position From here on: records (F, V), or blocks of 1,024 octets (U, T and secured
/// files), at most `restart_position` of the file; 0: all of it.
/// \param octets Octets before this position, for plain V files only; else not looked at.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is offered, or `data_ind` is not set;
/// `OFTP_E_VALUE`: the position is above the offer; the answer is then still owed.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_start_file_rs(
    session: *mut oftp_session,
    position: u64,
    octets: u64,
) -> oftp_status {
    on(session, |instance| {
        if instance.monitor.data_ind.is_none() {
            return Err(not_set("data_ind", "files cannot be received"));
        }
        let position = match instance.incoming {
            None => RestartPosition::START,
            Some(structure) => RestartPosition::new(structure, position, octets)
                .map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?,
        };
        Ok(instance
            .session
            .start_file_rs(StartFileRs::Positive(position))?)
    })
}

/// F_START_FILE_RS, negative (RFC 5024 3.3.1): refuse the file that `start_file_ind` told.
///
/// \param session The session, OPIP.
/// \param reason Why, an `oftp_file_reason`; one that the level lacks is sent as 99.
/// \param retry_later An `oftp_choice`, default no: whether another try in a later session makes
/// sense.
/// \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is offered; `OFTP_E_VALUE`.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_start_file_rs_negative(
    session: *mut oftp_session,
    reason: i32,
    retry_later: i32,
    text: *const c_char,
) -> oftp_status {
    on(session, |instance| {
        Ok(instance.session.start_file_rs(StartFileRs::Negative {
            reason: SfnaReason::new(refusal(reason)?),
            retry: choice(retry_later, "retry_later", false)?,
            // SAFETY: by the caller.
            text: unsafe { words(text) }?,
        })?)
    })
}

unsafe fn words(pointer: *const c_char) -> Outcome<oftp_core::wire::Text> {
    // SAFETY: by the caller.
    unsafe { text(pointer, "text") }
}

/// F_DATA_RQ (RFC 5024 3.3.2): give octets of the file that is being sent, where `data_space` is
/// not set. Builds one Data Exchange Buffer; give much at a time, for small ones use up credit.
///
/// U and T files, and all secured ones, want the flag once, with their last octets. F and V files
/// want a call with the flag for each record, and so a buffer and a credit: where records are
/// small, `data_space` puts many into a buffer.
///
/// \param session The session, OPO: a file is open for sending, and there is credit.
/// \param octets Octets of the file. Copied.
/// \param len How many; 0 with the flag marks an end behind what was given before.
/// \param flags 0 or `OFTP_DATA_END_OF_RECORD`.
/// \param taken Receives how many were taken: what one buffer has room for. The end was marked
/// only where all were. Call again with the rest, after `data_cf` if the credit is used up.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is open for sending, the credit is used up, or
/// `data_space` is set; `OFTP_E_VALUE`: a flag that does not exist, or a record of an F or V file
/// that `record_length` does not allow; `OFTP_E_NULL`.
///
/// # Safety
/// `octets` is NULL or valid for `len` octets, `taken` NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_data_rq(
    session: *mut oftp_session,
    octets: *const u8,
    len: usize,
    flags: u32,
    taken: *mut usize,
) -> oftp_status {
    on(session, |instance| {
        check_out(taken, "taken")?;
        if flags & !OFTP_DATA_END_OF_RECORD != 0 {
            return Err(oftp_code::OFTP_E_VALUE.because(format!(
                "flags is {flags}, must be 0 or OFTP_DATA_END_OF_RECORD"
            )));
        }
        let end = flags & OFTP_DATA_END_OF_RECORD != 0;
        // SAFETY: by the caller.
        let data = unsafe { crate::guard::octets(octets, len, "octets") }?;
        let written = instance.push_data(data, end)?;
        // SAFETY: by the caller.
        unsafe { set(taken, "taken", written.octets) }
    })
}

/// `data_space` has octets again, after it gave none: `oftp_dispatch` asks it.
///
/// \param session The session.
/// \return `OFTP_OK`, also where no file is being sent; `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_data_ready(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| {
        if let Some(file) = instance.outgoing.as_deref_mut() {
            file.supply.wake();
        }
        Ok(())
    })
}

/// Tells how many octets stand before the restart position of a plain V file that is sent again,
/// for the counts of F_CLOSE_FILE_RQ. For other files the library knows. Call it in
/// `start_file_cf`.
///
/// \param session The session; a file is open for sending, and none of its data were given.
/// \param octets Octets of the records before the position.
/// \return `OFTP_OK`; `OFTP_E_USER`: not now.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_data_from(session: *mut oftp_session, octets: u64) -> oftp_status {
    on(session, |instance| {
        let file = instance.outgoing.as_deref_mut();
        let Some((file, counts)) = file.and_then(|file| file.counts.map(|c| (file, c))) else {
            return Err(oftp_code::OFTP_E_USER.because("no file is open for sending"));
        };
        if !file.is_untouched() {
            return Err(oftp_code::OFTP_E_USER.because("data of the file were given already"));
        }
        let position = RestartPosition::new(file.structure, counts.records(), octets);
        let position =
            position.map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?;
        if file.structure.has_records() {
            file.open(position);
        }
        Ok(())
    })
}

/// F_CLOSE_FILE_RQ (RFC 5024 3.3.3): all data are given by `oftp_data_rq`. `close_file_cf`
/// follows.
///
/// \param session The session, OPO. While the credit is used up, EFID must wait for `data_cf`
/// (RFC 5024 9.11 note 1).
/// \param records Records of the whole file, also after a restart; 0 for U, T and secured files;
/// `OFTP_COUNTED`: as counted by the library.
/// \param octets Octets of the whole file; `OFTP_COUNTED`: as counted by the library.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file is open for sending, or no credit; `OFTP_E_VALUE`: a
/// count does not fit its field, or the last record of an F or V file has no end.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_close_file_rq(
    session: *mut oftp_session,
    records: u64,
    octets: u64,
) -> oftp_status {
    on(session, |instance| {
        let file = instance.outgoing.as_deref();
        let counts = file.and_then(|file| file.counts);
        if counts.is_some_and(|c| c.structure().has_records() && c.has_open_record()) {
            return Err(oftp_code::OFTP_E_VALUE.because(
                "the last record has no end: give it with OFTP_DATA_END_OF_RECORD (RFC 5024 7.2)",
            ));
        }
        let counted = counts.map(|c| c.efid_counts());
        let take = |given: u64, counted: Option<u64>| match counted {
            Some(counted) if given == OFTP_COUNTED => counted,
            _ if given == OFTP_COUNTED => 0,
            _ => given,
        };
        Ok(instance.session.close_file_rq(CloseFileRq {
            records: take(records, counted.map(|c| c.rcnt)),
            octets: take(octets, counted.map(|c| c.ucnt)),
        })?)
    })
}

/// F_CLOSE_FILE_RS, positive (RFC 5024 3.3.3): the file is stored, and cannot get lost any more.
///
/// \param session The session, CLIP.
/// \param speaker An `oftp_choice`, default no: whether we want the turn now (EFPACD). Then
/// `cd_ind` does not come: issue at once, or later, what we have to send (`oftp_eerp_rq`,
/// `oftp_nerp_rq`, `oftp_start_file_rq`), and it goes out when the turn is here; `oftp_cd_rq`
/// gives the turn back.
/// \return `OFTP_OK`; `OFTP_E_USER`: no file waits for it; `OFTP_E_VALUE`.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_close_file_rs(
    session: *mut oftp_session,
    speaker: i32,
) -> oftp_status {
    on(session, |instance| {
        let speaker = choice(speaker, "speaker", false)?;
        Ok(instance
            .session
            .close_file_rs(CloseFileRs::Positive { speaker })?)
    })
}

/// F_CLOSE_FILE_RS, negative (RFC 5024 3.3.3): the file is not accepted; drop what came of it.
///
/// \param session The session, CLIP.
/// \param reason Why, an `oftp_file_reason`; one that the level lacks is sent as 99.
/// \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
/// \return As `oftp_close_file_rs`.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_close_file_rs_negative(
    session: *mut oftp_session,
    reason: i32,
    text: *const c_char,
) -> oftp_status {
    on(session, |instance| {
        Ok(instance.session.close_file_rs(CloseFileRs::Negative {
            reason: EfnaReason::new(refusal(reason)?),
            // SAFETY: by the caller.
            text: unsafe { words(text) }?,
        })?)
    })
}

/// The end response for a file: dataset name, stamps and user data are the file's, destination and
/// originator change places, as it travels back (RFC 5024 4.3.6). For a NERP set `creator`,
/// `reason` and `text` as well.
///
/// \param file The file as `start_file_ind` told it.
/// \param out Receives the response; `struct_size` must be set.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_end_response_for(
    file: *const oftp_virtual_file,
    out: *mut oftp_end_response,
) -> oftp_status {
    guard(|| {
        // SAFETY: by the caller.
        let file = unsafe { read(file) }?;
        let response = oftp_end_response {
            struct_size: size_of::<oftp_end_response>(),
            dsn: file.dsn,
            date: file.date,
            time: file.time,
            user: file.user,
            destination: file.originator,
            originator: file.destination,
            creator: file.destination,
            reason: 0,
            text: std::ptr::null(),
            hash: std::ptr::null(),
            hash_len: 0,
            signature: std::ptr::null(),
            signature_len: 0,
        };
        // SAFETY: by the caller.
        unsafe { write(out, &response) }.map(|()| 0)
    })
}

/// F_EERP_RQ (RFC 5024 3.3.5): send an End to End Response. `rtr_cf` follows.
///
/// \param session The session; we are the Speaker, with nothing in progress.
/// \param response The response. Below level 2.0 hash and signature are left out. Copied.
/// \return `OFTP_OK`; `OFTP_E_USER`: not now; `OFTP_E_VALUE`: a field does not fit the level;
/// `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
///
/// # Safety
/// `response` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_eerp_rq(
    session: *mut oftp_session,
    response: *const oftp_end_response,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let eerp = unsafe { read(response)?.to_eerp() }?;
        Ok(instance.session.eerp_rq(eerp)?)
    })
}

/// F_NERP_RQ (RFC 5024 3.3.6): send a Negative End Response. `rtr_cf` follows.
///
/// \param session As for `oftp_eerp_rq`; levels below 1.4 have no NERP.
/// \param response As for `oftp_eerp_rq`.
/// \return As `oftp_eerp_rq`.
///
/// # Safety
/// `response` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_nerp_rq(
    session: *mut oftp_session,
    response: *const oftp_end_response,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let nerp = unsafe { read(response)?.to_nerp() }?;
        Ok(instance.session.nerp_rq(nerp)?)
    })
}

/// F_RTR_RS (RFC 5024 3.3.5): the EERP or NERP that `eerp_ind` or `nerp_ind` told is safe.
///
/// \param session The session, RTRP.
/// \return `OFTP_OK`; `OFTP_E_USER`: none waits for it.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_rtr_rs(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| Ok(instance.session.rtr_rs()?))
}

/// F_CD_RQ (RFC 5024 3.3.4): give the turn to the partner.
///
/// \param session The session; we are the Speaker, with nothing in progress.
/// \return `OFTP_OK`; `OFTP_E_USER`: not now, or the turn has just come and nothing was sent
/// (rule 4): end the session then.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_cd_rq(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| Ok(instance.session.cd_rq()?))
}

/// F_RELEASE_RQ (RFC 5024 3.4): end the session.
///
/// \param session The session.
/// \param reason An `oftp_esid_reason`. 00 is the normal end, allowed only when the turn has just
/// come unasked (`cd_ind`); any other is an abnormal release, allowed at any time.
/// \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0 and not with 00;
/// NULL: none.
/// \return `OFTP_OK`; `OFTP_E_USER`: reason 00 in any other situation, or no connection;
/// `OFTP_E_VALUE`.
///
/// # Safety
/// `text` is NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_release_rq(
    session: *mut oftp_session,
    reason: i32,
    text: *const c_char,
) -> oftp_status {
    on(session, |instance| {
        let reason = EsidReason::new(self::reason(reason)?);
        // SAFETY: by the caller.
        let text = unsafe { words(text) }?;
        Ok(instance.session.release_rq(reason, text)?)
    })
}

/// F_ABORT_RQ (RFC 5024 3.4.3): cut the connection at once, without ESID.
///
/// \param session The session.
/// \return `OFTP_OK`; `OFTP_E_USER`: there is no connection.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_abort_rq(session: *mut oftp_session) -> oftp_status {
    on(session, |instance| Ok(instance.session.abort_rq()?))
}

/// Answers `seal_challenge_ind`: AUCH is sent, and the partner's answer compared in constant time.
///
/// \param session The session.
/// \param plain The 20 octets, random and new for every session; NULL: there is no usable
/// certificate of the partner, and ESID 11 ends the session. Copied.
/// \param sealed The same as CMS EnvelopedData for the partner. `oftp_challenge_seal` makes both.
/// Copied.
/// \param sealed_len Its octets, at most 65,535.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: no challenge is wanted now, or it is too long;
/// `OFTP_E_NULL`.
///
/// # Safety
/// `plain` is NULL or valid for 20 octets, `sealed` for `sealed_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_seal_challenge_rs(
    session: *mut oftp_session,
    plain: *const u8,
    sealed: *const u8,
    sealed_len: usize,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let plain = unsafe { twenty(plain) };
        let answer = match plain {
            None => None,
            Some(plain) => {
                // SAFETY: by the caller.
                let sealed = unsafe { octets(sealed, sealed_len, "sealed") }?;
                if sealed.is_empty() {
                    return Err(oftp_code::OFTP_E_VALUE.because("sealed is empty"));
                }
                Some(SealedChallenge {
                    plain,
                    sealed: sealed.to_vec(),
                })
            }
        };
        Ok(instance.session.seal_challenge_rs(answer)?)
    })
}

/// Answers `open_challenge_ind`: AURP is sent.
///
/// \param session The session.
/// \param plain The 20 octets that were sealed; NULL: they cannot be opened, whatever the cause,
/// and ESID 11 ends the session. `oftp_challenge_open` opens them. Copied.
/// \return `OFTP_OK`; `OFTP_E_VALUE`: no challenge is to be opened now.
///
/// # Safety
/// `plain` is NULL or valid for 20 octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_open_challenge_rs(
    session: *mut oftp_session,
    plain: *const u8,
) -> oftp_status {
    on(session, |instance| {
        // SAFETY: by the caller.
        let plain = unsafe { twenty(plain) };
        Ok(instance.session.open_challenge_rs(plain)?)
    })
}

/// # Safety
/// `pointer` is NULL or valid for 20 octets.
unsafe fn twenty(pointer: *const u8) -> Option<[u8; 20]> {
    // SAFETY: by the caller.
    (!pointer.is_null()).then(|| unsafe { pointer.cast::<[u8; 20]>().read() })
}
