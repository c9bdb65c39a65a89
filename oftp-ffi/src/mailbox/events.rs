//! What a mailbox tells, and how a session ended.

use std::ffi::{c_char, c_void};

use super::oftp_mailbox;
use crate::guard::Versioned;
use crate::session::{oftp_agreed, oftp_data, oftp_end_response, oftp_trace, oftp_virtual_file};

/// How the last session went, and what there is still to do. Filled by `oftp_run_fd` and
/// `oftp_mailbox_result`. Initialise with `OFTP_RESULT_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_result {
    /// `sizeof(oftp_result)`.
    pub struct_size: usize,
    /// How the session ended, an `oftp_ending`.
    pub ending: i32,
    /// The reason of the ESID sent or received, an `oftp_esid_reason`; -1: there was none.
    pub reason: i32,
    /// What happened, for people; never NULL, borrowed until the session has ended or another one
    /// begins on the mailbox, or it is freed.
    pub text: *const c_char,
    /// The partner's identification code; empty where it is not known.
    pub partner: [c_char; 26],
    /// Files of ours that the partner has stored in this session (EFPA).
    pub files_sent: u64,
    /// Files of ours that it did not take (SFNA, EFNA), or that could not be offered.
    pub files_refused: u64,
    /// Files that came and were stored in this session.
    pub files_received: u64,
    /// Files that came and were refused, or could not be opened.
    pub files_turned_away: u64,
    /// Files of ours that an EERP has closed in this session.
    pub files_delivered: u64,
    /// Files of ours that a NERP has closed in this session.
    pub files_failed: u64,
    /// End responses that came and prove nothing, or belong to no file.
    pub responses_worthless: u64,
    /// End responses that the partner has taken (RTR).
    pub responses_sent: u64,
    /// Files that are still to be sent, to any partner.
    pub files_waiting: u64,
    /// Files that were sent in any session and have no end response yet.
    pub files_open: u64,
}

// SAFETY: repr(C), the size first, and zero is good for integers and pointers.
unsafe impl Versioned for oftp_result {
    const NAME: &'static str = "oftp_result";
    const FIRST: usize = size_of::<Self>();
}

/// What a mailbox tells. Every member may be NULL: what is done then is told with it.
///
/// All are called inside `oftp_run_fd` and `oftp_mailbox_ready` alone, on their thread. Inside a
/// callback all functions may be called, of the same mailbox too, but these two,
/// `oftp_mailbox_attach_fd` and `oftp_mailbox_free` (`OFTP_E_REENTERED`). What the pointers point
/// to is borrowed until the callback returns.
///
/// A callback returns `OFTP_OK`; or `OFTP_PASSTHROUGH` for what is done where it is NULL; or less
/// than 0: the session is then ended by ESID 99, and `oftp_run_fd` or `oftp_mailbox_ready` returns
/// `OFTP_E_CALLBACK`. Initialise with `OFTP_MAILBOX_EVENTS_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_mailbox_events {
    /// `sizeof(oftp_mailbox_events)`.
    pub struct_size: usize,
    /// Called once by `oftp_mailbox_free`, for what belongs to `user_data`.
    pub finalizer: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// The session is up, with this partner.
    pub up: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            partner: *const c_char,
            agreed: *const oftp_agreed,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// The partner offers a file that its policy allows (SFID). Answer by
    /// `oftp_mailbox_accept_file`: its octets come by `data`; or by `oftp_mailbox_refuse_file`;
    /// here or later. NULL: the folder of `oftp_mailbox_receive_into` takes it; without a folder
    /// it is refused (SFNA 14).
    pub file_offered: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            file: *const oftp_virtual_file,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Octets of the file that was accepted by `oftp_mailbox_accept_file`, once for each Data
    /// Exchange Buffer: store them. NULL: such files cannot be accepted.
    pub data: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            data: *const oftp_data,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// All of that file is here, and its counts agree (EFID). Make it safe, then answer by
    /// `oftp_mailbox_file_stored`, or else by `oftp_mailbox_file_not_stored`; here or later.
    /// NULL: it is not accepted (EFNA 12).
    pub file_complete: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            file: *const oftp_virtual_file,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// A file lies in the folder under this path, opened if it was secured, and is answered.
    pub file_received: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            file: *const oftp_virtual_file,
            path: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// A file of the partner came to nothing. `answer` says what it was told: "SFNA", "EFNA"
    /// (`reason` is an `oftp_file_reason`) or "NERP" (an `oftp_nerp_reason`); "" where the session
    /// ended before all of it was here: what came is kept for a restart.
    pub file_turned_away: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            file: *const oftp_virtual_file,
            answer: *const c_char,
            reason: i32,
            text: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// The partner has stored a file of ours (EFPA). `id` is that of `oftp_mailbox_send_file`.
    pub file_sent: Option<
        unsafe extern "C" fn(mailbox: *mut oftp_mailbox, id: u64, user_data: *mut c_void) -> i32,
    >,
    /// A file of ours was not taken: by SFNA (`answer` is "SFNA") or EFNA ("EFNA"), `reason` an
    /// `oftp_file_reason`; or it could not be offered or read here ("", -1). Where `retry_later`
    /// is 1 the mailbox keeps it for the next session; else it is forgotten.
    pub file_refused: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            id: u64,
            answer: *const c_char,
            reason: i32,
            retry_later: i32,
            text: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// An End to End Response (`negative` 0) or a Negative End Response (1) came. `proof` is an
    /// `oftp_proof`, `text` says who signed it, or what is wrong with it; `id` is 0 where it
    /// belongs to no file of ours. Make it safe: RTR is sent when the callback has returned.
    pub response_received: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            id: u64,
            response: *const oftp_end_response,
            negative: i32,
            proof: i32,
            text: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// The partner has taken a response of ours (RTR).
    pub response_sent: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            response: *const oftp_end_response,
            negative: i32,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// The session has ended. The mailbox is free for `oftp_mailbox_call` and
    /// `oftp_mailbox_answer` only when `oftp_run_fd` or `oftp_mailbox_ready` has returned.
    pub ended: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            result: *const oftp_result,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Something is not as it was asked for, or a fault of this side: a response that cannot be
    /// signed, a full disk.
    pub warning: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            text: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// The partner went beyond the letter in this command, and a quirk of this name took it.
    pub quirk: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            quirk: *const c_char,
            command: *const c_char,
            user_data: *mut c_void,
        ) -> i32,
    >,
    /// Every command and every row of the state tables. Set only to look: it costs time.
    pub trace: Option<
        unsafe extern "C" fn(
            mailbox: *mut oftp_mailbox,
            trace: *const oftp_trace,
            user_data: *mut c_void,
        ) -> i32,
    >,
}

// SAFETY: repr(C), the size first, and zero is good for integers and callbacks.
unsafe impl Versioned for oftp_mailbox_events {
    const NAME: &'static str = "oftp_mailbox_events";
    const FIRST: usize = size_of::<Self>();
}

impl oftp_mailbox_events {
    /// Nobody listens.
    pub(super) const fn none() -> Self {
        Self {
            struct_size: size_of::<Self>(),
            finalizer: None,
            up: None,
            file_offered: None,
            data: None,
            file_complete: None,
            file_received: None,
            file_turned_away: None,
            file_sent: None,
            file_refused: None,
            response_received: None,
            response_sent: None,
            ended: None,
            warning: None,
            quirk: None,
            trace: None,
        }
    }
}
