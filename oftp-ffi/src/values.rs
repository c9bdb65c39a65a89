//! The numbers that stand for names. They are integers where they cross the border, never enums:
//! a value that is none is an error and not undefined behaviour.

#![allow(
    missing_docs,
    reason = "a reason's name is the RFC's own description of it"
)]

/// An answer for which the default depends on the field.
#[repr(C)]
pub enum oftp_choice {
    /// The default, which the field's text tells.
    OFTP_DEFAULT = 0,
    OFTP_YES = 1,
    OFTP_NO = 2,
}

/// Release levels, by their digit in SSIDLEV (RFC 5024 5.3.2).
#[repr(C)]
pub enum oftp_level {
    OFTP_LEVEL_1_2 = 1,
    OFTP_LEVEL_1_3 = 2,
    OFTP_LEVEL_1_4 = 4,
    OFTP_LEVEL_2_0 = 5,
}

/// The way files travel (SSIDSR), seen from this side, by its letter.
#[repr(C)]
pub enum oftp_mode {
    /// 'B': both ways.
    OFTP_MODE_BOTH = 66,
    /// 'S': this side only sends.
    OFTP_MODE_SEND = 83,
    /// 'R': this side only receives.
    OFTP_MODE_RECEIVE = 82,
}

/// The side of a connection that this entity may take (C.Cap-init, RFC 5024 9.7).
#[repr(C)]
pub enum oftp_role {
    OFTP_ROLE_BOTH = 0,
    OFTP_ROLE_INITIATOR = 1,
    OFTP_ROLE_RESPONDER = 2,
}

/// Record formats (SFIDFMT, RFC 5024 1.5.3), by their letter.
#[repr(C)]
pub enum oftp_format {
    /// 'F': records of a fixed length.
    OFTP_FORMAT_F = 70,
    /// 'V': records of variable length.
    OFTP_FORMAT_V = 86,
    /// 'U': unstructured octets.
    OFTP_FORMAT_U = 85,
    /// 'T': text, lines that end with CR-LF.
    OFTP_FORMAT_T = 84,
}

/// What was done to a file before it is sent (SFIDSEC, RFC 5024 5.3.3). May be added.
#[repr(C)]
pub enum oftp_security {
    OFTP_SECURITY_NONE = 0,
    OFTP_SECURITY_ENCRYPTED = 1,
    OFTP_SECURITY_SIGNED = 2,
}

/// How Exchange Buffers travel.
#[repr(C)]
pub enum oftp_framing {
    /// In a stream of octets, each behind a Stream Transmission Header (RFC 5024 chapter 8):
    /// TCP, TLS, and gateways that speak like these.
    OFTP_FRAMING_STREAM = 0,
    /// One by one, without a header: X.25 and ISDN, whose packets keep them apart.
    OFTP_FRAMING_RECORDS = 1,
}

/// What a session waits for; `oftp_dispatch` and `oftp_wants` return a sum of these.
#[repr(C)]
pub enum oftp_want {
    /// N_CON_RQ: open a connection, then call `oftp_n_con_cf`, or
    /// `oftp_n_rst_ind`. Set until then.
    OFTP_WANT_CONNECT = 1,
    /// Octets of the partner: read while this is set, and only then.
    OFTP_WANT_READ = 2,
    /// Octets are to be sent: `oftp_pending`, `oftp_sent`, then `oftp_dispatch` again.
    OFTP_WANT_WRITE = 4,
    /// N_DISC_RQ, or the partner has closed it: close the connection once all octets are sent,
    /// then free the session.
    OFTP_WANT_CLOSE = 8,
    /// `oftp_dispatch` has something to do: an answer was given that it goes on with.
    OFTP_WANT_DISPATCH = 16,
}

/// Which side gave a session up (AO of F_ABORT_IND, RFC 5024 3.4.2), by its letter.
#[repr(C)]
pub enum oftp_origin {
    /// 'L': this side.
    OFTP_ORIGIN_LOCAL = 76,
    /// 'D': the partner, or the network.
    OFTP_ORIGIN_DISTANT = 68,
}

/// Kinds of lines of the trace.
#[repr(C)]
pub enum oftp_trace_kind {
    /// A command was received.
    OFTP_TRACE_RECEIVED = 1,
    /// A command was queued for sending.
    OFTP_TRACE_SENT = 2,
    /// A row of the state tables was taken, such as "9.10 K OPOP SFPA -> OPO".
    OFTP_TRACE_STEP = 3,
}

/// Reasons of ESID (RFC 5024 5.3.11).
#[repr(C)]
pub enum oftp_esid_reason {
    OFTP_ESID_NORMAL = 0,
    OFTP_ESID_COMMAND_NOT_RECOGNISED = 1,
    OFTP_ESID_PROTOCOL_VIOLATION = 2,
    OFTP_ESID_USER_CODE_NOT_KNOWN = 3,
    OFTP_ESID_INVALID_PASSWORD = 4,
    OFTP_ESID_EMERGENCY_CLOSE_DOWN = 5,
    OFTP_ESID_INVALID_DATA = 6,
    OFTP_ESID_SIZE_ERROR = 7,
    OFTP_ESID_RESOURCES_NOT_AVAILABLE = 8,
    OFTP_ESID_TIME_OUT = 9,
    OFTP_ESID_MODE_INCOMPATIBLE = 10,
    OFTP_ESID_INVALID_CHALLENGE_RESPONSE = 11,
    OFTP_ESID_AUTHENTICATION_INCOMPATIBLE = 12,
    OFTP_ESID_UNSPECIFIED = 99,
}

/// Reasons of SFNA and EFNA (RFC 5024 5.3.5, 5.3.10); 21 to 23 are EFNA's alone.
#[repr(C)]
pub enum oftp_file_reason {
    OFTP_FILE_INVALID_FILENAME = 1,
    OFTP_FILE_INVALID_DESTINATION = 2,
    OFTP_FILE_INVALID_ORIGIN = 3,
    OFTP_FILE_RECORD_FORMAT_NOT_SUPPORTED = 4,
    OFTP_FILE_RECORD_LENGTH_NOT_SUPPORTED = 5,
    OFTP_FILE_TOO_BIG = 6,
    OFTP_FILE_INVALID_RECORD_COUNT = 10,
    OFTP_FILE_INVALID_BYTE_COUNT = 11,
    OFTP_FILE_ACCESS_METHOD_FAILURE = 12,
    OFTP_FILE_DUPLICATE = 13,
    OFTP_FILE_DIRECTION_REFUSED = 14,
    OFTP_FILE_CIPHER_SUITE_NOT_SUPPORTED = 15,
    OFTP_FILE_ENCRYPTED_NOT_ALLOWED = 16,
    OFTP_FILE_UNENCRYPTED_NOT_ALLOWED = 17,
    OFTP_FILE_COMPRESSION_NOT_ALLOWED = 18,
    OFTP_FILE_SIGNED_NOT_ALLOWED = 19,
    OFTP_FILE_UNSIGNED_NOT_ALLOWED = 20,
    OFTP_FILE_INVALID_SIGNATURE = 21,
    OFTP_FILE_DECRYPTION_FAILURE = 22,
    OFTP_FILE_DECOMPRESSION_FAILURE = 23,
    OFTP_FILE_UNSPECIFIED = 99,
}

/// Reasons of NERP (RFC 5024 5.3.14).
#[repr(C)]
pub enum oftp_nerp_reason {
    OFTP_NERP_USER_CODE_NOT_KNOWN = 3,
    OFTP_NERP_INVALID_PASSWORD = 4,
    OFTP_NERP_SESSION_ENDED_UNSPECIFIED = 9,
    OFTP_NERP_INVALID_FILENAME = 11,
    OFTP_NERP_INVALID_DESTINATION = 12,
    OFTP_NERP_INVALID_ORIGIN = 13,
    OFTP_NERP_INVALID_RECORD_FORMAT = 14,
    OFTP_NERP_RECORD_LENGTH_NOT_SUPPORTED = 15,
    OFTP_NERP_FILE_SIZE_TOO_BIG = 16,
    OFTP_NERP_INVALID_RECORD_COUNT = 20,
    OFTP_NERP_INVALID_BYTE_COUNT = 21,
    OFTP_NERP_ACCESS_METHOD_FAILURE = 22,
    OFTP_NERP_DUPLICATE_FILE = 23,
    OFTP_NERP_FILE_DIRECTION_REFUSED = 24,
    OFTP_NERP_CIPHER_SUITE_NOT_SUPPORTED = 25,
    OFTP_NERP_ENCRYPTED_NOT_ALLOWED = 26,
    OFTP_NERP_UNENCRYPTED_NOT_ALLOWED = 27,
    OFTP_NERP_COMPRESSION_NOT_ALLOWED = 28,
    OFTP_NERP_SIGNED_NOT_ALLOWED = 29,
    OFTP_NERP_UNSIGNED_NOT_ALLOWED = 30,
    OFTP_NERP_INVALID_SIGNATURE = 31,
    OFTP_NERP_DECOMPRESSION_FAILURE = 32,
    OFTP_NERP_DECRYPTION_FAILURE = 33,
    OFTP_NERP_PROCESSING_FAILURE = 34,
    OFTP_NERP_NOT_DELIVERED = 35,
    OFTP_NERP_NOT_ACKNOWLEDGED = 36,
    OFTP_NERP_STOPPED_BY_OPERATOR = 50,
    OFTP_NERP_FILE_SIZE_INCOMPATIBLE = 90,
    OFTP_NERP_UNSPECIFIED = 99,
}

/// Whether a service is wanted on the files of a partner (`oftp_partner`).
#[repr(C)]
pub enum oftp_rule {
    /// Files with it and without it are taken.
    OFTP_RULE_ALLOWED = 0,
    /// Files without it are refused.
    OFTP_RULE_REQUIRED = 1,
    /// Files with it are refused.
    OFTP_RULE_FORBIDDEN = 2,
}

/// How a session of a mailbox ended.
#[repr(C)]
pub enum oftp_ending {
    /// It has not ended, or there was none.
    OFTP_ENDING_NONE = 0,
    /// By ESID 00, as it should be.
    OFTP_ENDING_NORMAL = 1,
    /// The partner left or fell silent while nothing was in progress: all that was done holds.
    OFTP_ENDING_IRREGULAR = 2,
    /// This side ended it: a caller was turned away, a limit reached, a file could not be stored.
    OFTP_ENDING_BY_US = 3,
    /// It failed, before it was up or in the middle of something.
    OFTP_ENDING_FAILED = 4,
    /// TLS failed: there was no session.
    OFTP_ENDING_TLS = 5,
}

/// What an end response that came is worth.
#[repr(C)]
pub enum oftp_proof {
    /// Not signed, and not asked to be.
    OFTP_PROOF_UNSIGNED = 0,
    /// Signed by the partner, for just the octets that were sent.
    OFTP_PROOF_SIGNED = 1,
    /// Signed without being asked, and nothing is known of the partner to check it by.
    OFTP_PROOF_NOT_CHECKED = 2,
    /// It proves nothing, and the file stays open: a signature is missing or wrong.
    OFTP_PROOF_WORTHLESS = 3,
    /// It belongs to no file that this mailbox has sent.
    OFTP_PROOF_NO_FILE = 4,
}

/// What the originator of a file is told after the file is stored (`oftp_mailbox_file_stored`).
#[repr(C)]
pub enum oftp_reply {
    /// EERP: the file is where it belongs.
    OFTP_REPLY_EERP = 0,
    /// NERP: the file is stored, but will not reach its destination.
    OFTP_REPLY_NERP = 1,
    /// Nothing yet: `oftp_mailbox_send_eerp` or `oftp_mailbox_send_nerp` comes later.
    OFTP_REPLY_LATER = 2,
}
