//! The callbacks: the User Monitor above a session (RFC 5024 chapter 3), and the network service
//! below it (chapter 2).

use std::ffi::{c_char, c_void};

use super::fields::{oftp_agreed, oftp_end_response, oftp_ssid, oftp_virtual_file};
use super::oftp_session;
use crate::guard::Versioned;

/// F_START_FILE_CF (RFC 5024 3.3.1): the partner's answer to our file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_start_file_answer {
    /// `sizeof(oftp_start_file_answer)` of the library.
    pub struct_size: usize,
    /// 1: the file is taken (SFPA). 0: it is refused (SFNA).
    pub positive: i32,
    /// Taken: go on after so many records, or blocks of 1,024 octets; at most what was offered.
    pub restart_position: u64,
    /// Refused: why, an `oftp_file_reason`; other values mean `OFTP_FILE_UNSPECIFIED`.
    pub reason: i32,
    /// Refused: 1 where another try in a later session makes sense.
    pub retry_later: i32,
    /// Refused: the partner's words, UTF-8, never NULL.
    pub text: *const c_char,
}

/// F_DATA_IND (RFC 5024 3.3.2): the octets of one Data Exchange Buffer, decoded.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_data {
    /// `sizeof(oftp_data)` of the library.
    pub struct_size: usize,
    /// Octets of the Virtual File, in the session's own buffer.
    pub octets: *const u8,
    /// How many; may be 0.
    pub len: usize,
    /// For plain F and V files: where records end, as offsets into `octets` just behind the last
    /// octet of a record, rising. The octets after the last of them belong to a record that goes
    /// on in the next buffer.
    pub record_ends: *const usize,
    /// How many records end here.
    pub record_count: usize,
}

/// Room for octets of the file that is being sent, to be filled by `data_space`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_space {
    /// `sizeof(oftp_space)` of the library.
    pub struct_size: usize,
    /// Write octets of the file here.
    pub octets: *mut u8,
    /// Room for so many.
    pub room: usize,
    /// V files: write here where records end, as in `oftp_data`. F files may leave it: records
    /// then end after every `record_length` octets.
    pub record_ends: *mut usize,
    /// Room for so many ends.
    pub record_room: usize,
    /// To be set: octets written. 0 without `end_of_file` means that there are none now: the
    /// callback is asked again after `oftp_data_ready`.
    pub len: usize,
    /// To be set: ends written.
    pub record_count: usize,
    /// To be set to 1 with the last octets of the file. F_CLOSE_FILE_RQ follows by itself, with
    /// the counts of what was sent.
    pub end_of_file: i32,
}

/// F_CLOSE_FILE_IND (RFC 5024 3.3.3): the file is complete by the partner's word.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_file_end {
    /// `sizeof(oftp_file_end)` of the library.
    pub struct_size: usize,
    /// EFIDRCNT: records, as the partner says.
    pub records: u64,
    /// EFIDUCNT: octets, as the partner says.
    pub octets: u64,
    /// 0 where that agrees with what was received; else the `oftp_file_reason` with which the
    /// file must be refused (RFC 5024 5.3.8, 5.3.10).
    pub reason: i32,
    /// What is wrong, never NULL.
    pub text: *const c_char,
}

/// F_CLOSE_FILE_CF (RFC 5024 3.3.3): the partner's answer to the end of our file.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_close_file_answer {
    /// `sizeof(oftp_close_file_answer)` of the library.
    pub struct_size: usize,
    /// 1: the file is stored (EFPA). 0: it is not accepted (EFNA).
    pub positive: i32,
    /// Stored: 1 where we are still the Speaker; 0 where the partner asked for the turn, which
    /// goes to it by itself.
    pub speaker: i32,
    /// Not accepted: why, an `oftp_file_reason`.
    pub reason: i32,
    /// Not accepted: the partner's words, UTF-8, never NULL.
    pub text: *const c_char,
}

/// F_ABORT_IND (RFC 5024 3.4.2 to 3.4.4): the session has failed: a fault of the partner, of the
/// network, or of what both want.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_abort {
    /// `sizeof(oftp_abort)` of the library.
    pub struct_size: usize,
    /// The reason of the ESID sent or received, an `oftp_esid_reason`; -1: there was none, as the
    /// connection is lost.
    pub reason: i32,
    /// Which side gave the session up, an `oftp_origin`.
    pub origin: i32,
    /// What happened: the state, the command, the field; never NULL.
    pub text: *const c_char,
}

/// One line of the trace.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_trace {
    /// `sizeof(oftp_trace)` of the library.
    pub struct_size: usize,
    /// An `oftp_trace_kind`.
    pub kind: i32,
    /// The line, never NULL: "received SFID (165 octets)", "9.10 K OPOP SFPA -> OPO".
    pub text: *const c_char,
    /// The command without its header; of DATA the first octet only. Passwords and challenges are
    /// replaced by '*'. Empty for a step.
    pub octets: *const u8,
    /// How many octets there are.
    pub len: usize,
    /// The release level by which the command was read or written, an `oftp_level`.
    pub level: i32,
}

/// The User Monitor of RFC 5024 chapter 3: what a session tells, one member for each indication
/// and confirmation. Initialise with `OFTP_USER_MONITOR_INIT` and set what you handle.
///
/// All are called by `oftp_dispatch` alone, on its thread. Each may answer at once, by the
/// function that its text names, or later, outside: it is the same function. What the pointers
/// point to is borrowed until the callback returns.
///
/// A callback returns `OFTP_OK`; or `OFTP_PASSTHROUGH` for what is done where it is not set; or
/// less than 0, and `oftp_dispatch` stops and returns `OFTP_E_CALLBACK`. The event is then told,
/// and is not told again; the answer to it is still owed. So a callback may end with
/// `return oftp_start_file_rs(...)`: should that fail, oftp_last_error() says why.
///
/// A member that is not set refuses in the way its text tells; it never accepts anything.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_user_monitor {
    /// `sizeof(oftp_user_monitor)`.
    pub struct_size: usize,
    /// Called once by `oftp_session_free`, for what belongs to `user_data`; may be NULL.
    pub finalizer: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// F_CONNECT_IND (3.2.1): a caller names itself. Check its code and password; answer by
    /// `oftp_connect_rs`, or `oftp_release_rq` with 03, 04 or 08. Not set: ESID 03. A code with
    /// control characters is left with ESID 03 before, and `abort_ind` tells it.
    pub connect_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            partner: *const oftp_ssid,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Before secure authentication of a session that we opened: the partner has named itself.
    /// After `oftp_release_rq` with 03 or 04 no challenge is made for it. Not set: nothing more
    /// is checked than `partner_code` and `partner_password` of F_CONNECT_RQ.
    pub partner_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            partner: *const oftp_ssid,
            agreed: *const oftp_agreed,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_CONNECT_CF (3.2.1): the session is up and the turn is ours. Not set: as above.
    pub connect_cf: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            partner: *const oftp_ssid,
            agreed: *const oftp_agreed,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_START_FILE_IND (3.3.1): the partner offers a file. Answer by `oftp_start_file_rs` or
    /// `oftp_start_file_rs_negative`. Not set: SFNA 14, no retry. A dataset name or code with
    /// control characters is refused before (SFNA 01, 02, 03).
    pub start_file_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            file: *const oftp_virtual_file,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_START_FILE_CF (3.3.1): the answer to our file. Once it is taken, give data by
    /// `data_space` or `oftp_data_rq`. Must be set to send files.
    pub start_file_cf: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            answer: *const oftp_start_file_answer,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_DATA_IND (3.3.2): data of the file that is being received, once for each Data Exchange
    /// Buffer. Must be set to receive files. Where they cannot be stored, call `oftp_release_rq`
    /// with 08, or return `OFTP_PASSTHROUGH`, which does that. Less than 0 alone does not stop the
    /// transfer: these octets are then missing in the file.
    pub data_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            data: *const oftp_data,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_DATA_CF (3.3.2): `oftp_data_rq` can be called again. Only a notice.
    pub data_cf:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
    /// Room for data of the file that is being sent: fill it. Called while there is credit and
    /// less than 64 KiB wait for the network. Not set: data are given by `oftp_data_rq`.
    pub data_space: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            space: *mut oftp_space,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_CLOSE_FILE_IND (3.3.3): the file is complete. Make it safe, then answer by
    /// `oftp_close_file_rs`; or by `oftp_close_file_rs_negative`, always so where `reason` is not
    /// 0. Not set: EFNA with that reason, else 99.
    pub close_file_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            end: *const oftp_file_end,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_CLOSE_FILE_CF (3.3.3): the answer to the end of our file. Only a notice.
    pub close_file_cf: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            answer: *const oftp_close_file_answer,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_CD_IND (3.3.4): the turn is ours, unasked. Send, pass it back after a file or response by
    /// `oftp_cd_rq`, or end the session by `oftp_release_rq` with 00. Not set: the session is
    /// ended by ESID 00.
    pub cd_ind:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
    /// F_EERP_IND (3.3.5): a file of ours has arrived. Make that safe, then answer by
    /// `oftp_rtr_rs`. Not set: ESID 99, as what is not safe must not be confirmed.
    pub eerp_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            response: *const oftp_end_response,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_NERP_IND (3.3.6): a file of ours has not arrived, and will not. As `eerp_ind`.
    pub nerp_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            response: *const oftp_end_response,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_RTR_CF (3.3.5): the partner has our EERP or NERP. Only a notice.
    pub rtr_cf:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
    /// F_RELEASE_IND (3.4.1): the partner ended the session normally; its words are mostly empty.
    /// Only a notice.
    pub release_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            text: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// F_ABORT_IND (3.4.2): the session has failed. Only a notice.
    pub abort_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            abort: *const oftp_abort,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Secure authentication (4.2.4): make a challenge for this partner and answer by
    /// `oftp_seal_challenge_rs`. Not set: ESID 11.
    pub seal_challenge_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            partner_code: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Secure authentication: open the partner's challenge and answer by
    /// `oftp_open_challenge_rs`. Not set: ESID 11.
    pub open_challenge_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            sealed: *const u8,
            sealed_len: usize,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Secure authentication of a caller is done, both ways (5.3.18). Only a notice.
    pub authentication_ind:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
    /// The partner went beyond the letter in this command, and a quirk of this name took it. Only
    /// a notice.
    pub quirk_ind: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            quirk: *const c_char,
            command: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Every command and every row of the state tables. Set only to look: it costs time.
    pub trace: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            trace: *const oftp_trace,
            user_data: *mut c_void,
        ) -> i32,
    >,
}

/// The network below a session (RFC 5024 chapter 2), where the session is to push octets. Without
/// it they are pulled: `oftp_dispatch` says what is wanted, `oftp_pending` gives the octets.
/// Pulling is simpler; if in doubt, pull. Initialise with `OFTP_NETWORK_SERVICE_INIT`.
///
/// Called by `oftp_dispatch` alone. A member that is not set is not called, and the want that it
/// stands for stays set; `n_data_rq` must be set.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_network_service {
    /// `sizeof(oftp_network_service)`.
    pub struct_size: usize,
    /// N_CON_RQ: open a connection, then call `oftp_n_con_cf`, or `oftp_n_rst_ind`.
    pub n_con_rq:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
    /// N_DATA_RQ: send these octets: with `OFTP_FRAMING_RECORDS` one Exchange Buffer, else any
    /// part of the stream. They are borrowed until the callback returns, whatever it calls;
    /// `oftp_sent` is not allowed in it. Returns how many were taken (with records all, or 0); 0:
    /// none now, call `oftp_dispatch` when the network takes more. Less than 0: `OFTP_E_CALLBACK`,
    /// and none were taken.
    pub n_data_rq: Option<
        unsafe extern "C" fn(
            session: *mut oftp_session,
            octets: *const u8,
            len: usize,
            user_data: *mut c_void,
        ) -> isize,
    >,
    /// N_DISC_RQ: close the connection once what was given before is sent.
    pub n_disc_rq:
        Option<unsafe extern "C" fn(session: *mut oftp_session, user_data: *mut c_void) -> i32>,
}

macro_rules! versioned {
    ($($type:ident before $last:ident)*) => {$(
        // SAFETY: repr(C), the size first, and zero is good for integers, pointers and callbacks.
        unsafe impl Versioned for $type {
            const NAME: &'static str = stringify!($type);
            const FIRST: usize = std::mem::offset_of!(Self, $last);
        }
    )*};
}
versioned!(oftp_user_monitor before trace oftp_network_service before n_disc_rq);
