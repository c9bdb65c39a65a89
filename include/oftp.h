/*
 * oftp.h - the ODETTE File Transfer Protocol, OFTP 1.2, 1.3, 1.4 and 2.0 (RFC 5024, RFC 2204).
 *
 * Generated from oftp-ffi/src; do not edit. Licence: MIT or Apache-2.0.
 *
 * 1. Parts
 *
 *   session     oftp_session_*: one session in either role. Octets and service primitives go in,
 *               octets and callbacks come out. The library opens no connection, reads no clock,
 *               starts no thread. For hosts with a User Monitor and a network of their own.
 *   mailbox     oftp_mailbox_*: a ready User Monitor. Give it files to send and a place for what
 *               comes, and run it on a connected socket, with or without TLS.
 *   station     oftp_station_*: a whole station on a folder, as `oftp run` runs it: it listens and
 *               calls by itself, keeps a journal, and survives crashes. Events are pulled.
 *   services    oftp_keystore_*, oftp_trust_*, oftp_cms_*, oftp_response_*, oftp_challenge_*,
 *               oftp_hash_*: keys, envelopes, signed end responses, over memory and descriptors.
 *
 * Names are those of RFC 5024: the primitive F_START_FILE_RQ is oftp_start_file_rq, the indication
 * F_START_FILE_IND the member start_file_ind of oftp_user_monitor, the field SFIDDSN is dsn.
 *
 * 2. Handles
 *
 * A handle is a token and no address. Who makes it (_new, _open) frees it (_free); freeing NULL does
 * nothing. One that was freed, or is of another kind, gives OFTP_E_BAD_HANDLE (on machines of 32
 * bits until its place was used another 8,192 times). All other pointers
 * that the library gives are borrowed, and the text of their function says until when. Pointers
 * that it takes are used during the call only.
 *
 * 3. Results
 *
 * oftp_status: 0 or more is success, less than 0 an oftp_code. Then oftp_last_error() says in one
 * line what was wrong. A failed call has done nothing, and what it would have written is as it
 * was. Any function may return, besides what its text names:
 *
 *   OFTP_E_NULL, OFTP_E_BAD_HANDLE        a pointer or handle is none
 *   OFTP_E_BUSY                           another thread is using the same object
 *   OFTP_E_FORKED                         the object was made before a fork
 *   OFTP_E_INTERNAL                       a bug of the library; the object can only be freed
 *   OFTP_E_MEMORY                         not enough memory, where that can be found out: for
 *                                         buffers whose size depends on the partner or the file.
 *                                         Small allocations end the process, as in most programs.
 *
 * Faults of the partner and the network are no results: a session tells them by abort_ind.
 *
 * 4. Structures
 *
 * Structures that the host fills begin with struct_size, and every field may be 0: its default.
 * Begin with the _INIT macro. Structures grow at their end: a program built with an older header
 * runs with a newer library, and what it does not know keeps its default. So one that a callback
 * was given may be longer than this header's: who copies it, to pass it on later, sets the
 * struct_size of the copy to its sizeof. Arrays of char hold a string with a 0 at its end, without
 * the spaces that pad it on the wire.
 *
 * 5. Callbacks
 *
 * A session calls back inside oftp_dispatch() alone, on its thread. In a callback every function
 * may be called, of the same session too, but oftp_dispatch() and oftp_session_free() of the same
 * session (OFTP_E_REENTERED). A primitive that is issued there takes effect in the order of the
 * calls, as outside; an answer may also be given a minute later. A callback must return: no
 * longjmp, no C++ exception (oftp.hpp carries exceptions around), no pthread_exit.
 *
 * A mailbox calls back inside oftp_run_fd() and oftp_mailbox_ready() alone, by the same rules; a
 * file service calls its progress callback inside the call that it was given to.
 *
 * 6. Threads
 *
 * An object is used by one thread at a time, any thread; a second one gets OFTP_E_BUSY. Several
 * may use one keystore, trust or oftp_octets: their calls are short, and wait for each other.
 * Several may use one station, and none waits for another.
 * Different objects are independent. The library starts no threads, but for a station that runs;
 * keeps no global state but the table of handles, and what SQLite keeps for stations; sets no
 * signal handlers, but one for SIGCHLD where a station runs hooks on a system without pidfd (Linux
 * before 5.3); raises no SIGPIPE; and changes neither errno nor the locale. Objects do not live
 * through a fork in the child.
 */

#ifndef OFTP_H
#define OFTP_H

#include <stddef.h>
#include <stdint.h>

/** The release of this header. Compare it with oftp_version(), the release of the library. */
#define OFTP_VERSION "0.1.0"
#define OFTP_VERSION_MAJOR 0
#define OFTP_VERSION_MINOR 1
#define OFTP_VERSION_PATCH 0

/* Structures with their size, and every field 0. */
#ifdef __cplusplus
extern "C++" {
template <class structure> inline structure oftp_init()
{
    structure value = structure();
    value.struct_size = sizeof(structure);
    return value;
}
}
#define OFTP_INIT(structure) oftp_init<structure>()
#else
#define OFTP_INIT(structure) { .struct_size = sizeof(structure) }
#endif
#define OFTP_CONFIG_INIT OFTP_INIT(oftp_config)
#define OFTP_CONNECT_INIT OFTP_INIT(oftp_connect)
#define OFTP_AGREED_INIT OFTP_INIT(oftp_agreed)
#define OFTP_VIRTUAL_FILE_INIT OFTP_INIT(oftp_virtual_file)
#define OFTP_END_RESPONSE_INIT OFTP_INIT(oftp_end_response)
#define OFTP_USER_MONITOR_INIT OFTP_INIT(oftp_user_monitor)
#define OFTP_NETWORK_SERVICE_INIT OFTP_INIT(oftp_network_service)
#define OFTP_CERTIFICATE_INFO_INIT OFTP_INIT(oftp_certificate_info)
#define OFTP_OWNER_INIT OFTP_INIT(oftp_owner)
#define OFTP_TRUST_OPTIONS_INIT OFTP_INIT(oftp_trust_options)
#define OFTP_CMS_SEAL_PLAN_INIT OFTP_INIT(oftp_cms_seal_plan)
#define OFTP_CMS_OPEN_PLAN_INIT OFTP_INIT(oftp_cms_open_plan)
#define OFTP_CMS_OPENED_INIT OFTP_INIT(oftp_cms_opened)
#define OFTP_MAILBOX_CONFIG_INIT OFTP_INIT(oftp_mailbox_config)
#define OFTP_MAILBOX_EVENTS_INIT OFTP_INIT(oftp_mailbox_events)
#define OFTP_PARTNER_INIT OFTP_INIT(oftp_partner)
#define OFTP_SOURCE_INIT OFTP_INIT(oftp_source)
#define OFTP_TLS_INIT OFTP_INIT(oftp_tls)
#define OFTP_RESULT_INIT OFTP_INIT(oftp_result)
#define OFTP_STATION_FILE_INIT OFTP_INIT(oftp_station_file)
#define OFTP_STATION_EVENT_INIT OFTP_INIT(oftp_station_event)
#define OFTP_STATION_FILTER_INIT OFTP_INIT(oftp_station_filter)

/**
 * `oftp_data_rq`: the octets end with a record, or with the file (U, T, secured files).
 */
#define OFTP_DATA_END_OF_RECORD 1

/**
 * `oftp_close_file_rq`: take the counts of what was sent.
 */
#define OFTP_COUNTED UINT64_MAX

/**
 * The longest hash of a cipher suite in octets.
 */
#define OFTP_HASH_MAX 64

/**
 * The values of `oftp_status`. Faults of the partner and of the network are none of them: they
 * are told by `abort_ind`.
 */
typedef enum {
    /**
     * Done.
     */
    OFTP_OK = 0,
    /**
     * A callback's answer: do what is done where the callback is not set.
     */
    OFTP_PASSTHROUGH = 1,
    /**
     * A pointer is NULL where it must not be.
     */
    OFTP_E_NULL = -1,
    /**
     * The handle is none: freed, never made, or of another kind.
     */
    OFTP_E_BAD_HANDLE = -2,
    /**
     * Another thread is using this object. Nothing was done.
     */
    OFTP_E_BUSY = -3,
    /**
     * Not allowed inside a callback of the same object: `oftp_dispatch`, or a `_free`.
     */
    OFTP_E_REENTERED = -4,
    /**
     * `struct_size` is 0, or smaller than in the first release of the structure: use the
     * `_INIT` macro.
     */
    OFTP_E_STRUCT_SIZE = -5,
    /**
     * A value is out of its range, or does not fit its field.
     */
    OFTP_E_VALUE = -6,
    /**
     * The state does not allow the primitive (a `U` of RFC 5024 chapter 9): the caller's
     * mistake. Nothing changed.
     */
    OFTP_E_USER = -7,
    /**
     * A callback returned less than 0. The library never makes this up.
     */
    OFTP_E_CALLBACK = -8,
    /**
     * A bug of the library. The object can only be freed.
     */
    OFTP_E_INTERNAL = -9,
    /**
     * There is not enough memory. Nothing was done.
     */
    OFTP_E_MEMORY = -10,
    /**
     * The object was made before a fork, in the parent process.
     */
    OFTP_E_FORKED = -11,
    /**
     * The operating system refused something: a file, a socket.
     */
    OFTP_E_IO = -12,
    /**
     * A key or certificate cannot be read or used.
     */
    OFTP_E_KEY = -13,
    /**
     * An envelope or a signed response is not what it should be: its maker's fault, or an
     * attack. What came out of it must not be used.
     */
    OFTP_E_CMS = -14,
    /**
     * A certificate is not trusted for what it is used for.
     */
    OFTP_E_DISTRUST = -15,
    /**
     * TLS with the partner failed.
     */
    OFTP_E_TLS = -16,
    /**
     * The configuration of a station has faults.
     */
    OFTP_E_CONFIG = -17,
    /**
     * There is no file, partner or address of this name or number.
     */
    OFTP_E_NOT_FOUND = -18,
} oftp_code;

/**
 * An answer for which the default depends on the field.
 */
typedef enum {
    /**
     * The default, which the field's text tells.
     */
    OFTP_DEFAULT = 0,
    OFTP_YES = 1,
    OFTP_NO = 2,
} oftp_choice;

/**
 * Release levels, by their digit in SSIDLEV (RFC 5024 5.3.2).
 */
typedef enum {
    OFTP_LEVEL_1_2 = 1,
    OFTP_LEVEL_1_3 = 2,
    OFTP_LEVEL_1_4 = 4,
    OFTP_LEVEL_2_0 = 5,
} oftp_level;

/**
 * The way files travel (SSIDSR), seen from this side, by its letter.
 */
typedef enum {
    /**
     * 'B': both ways.
     */
    OFTP_MODE_BOTH = 66,
    /**
     * 'S': this side only sends.
     */
    OFTP_MODE_SEND = 83,
    /**
     * 'R': this side only receives.
     */
    OFTP_MODE_RECEIVE = 82,
} oftp_mode;

/**
 * The side of a connection that this entity may take (C.Cap-init, RFC 5024 9.7).
 */
typedef enum {
    OFTP_ROLE_BOTH = 0,
    OFTP_ROLE_INITIATOR = 1,
    OFTP_ROLE_RESPONDER = 2,
} oftp_role;

/**
 * Record formats (SFIDFMT, RFC 5024 1.5.3), by their letter.
 */
typedef enum {
    /**
     * 'F': records of a fixed length.
     */
    OFTP_FORMAT_F = 70,
    /**
     * 'V': records of variable length.
     */
    OFTP_FORMAT_V = 86,
    /**
     * 'U': unstructured octets.
     */
    OFTP_FORMAT_U = 85,
    /**
     * 'T': text, lines that end with CR-LF.
     */
    OFTP_FORMAT_T = 84,
} oftp_format;

/**
 * What was done to a file before it is sent (SFIDSEC, RFC 5024 5.3.3). May be added.
 */
typedef enum {
    OFTP_SECURITY_NONE = 0,
    OFTP_SECURITY_ENCRYPTED = 1,
    OFTP_SECURITY_SIGNED = 2,
} oftp_security;

/**
 * How Exchange Buffers travel.
 */
typedef enum {
    /**
     * In a stream of octets, each behind a Stream Transmission Header (RFC 5024 chapter 8):
     * TCP, TLS, and gateways that speak like these.
     */
    OFTP_FRAMING_STREAM = 0,
    /**
     * One by one, without a header: X.25 and ISDN, whose packets keep them apart.
     */
    OFTP_FRAMING_RECORDS = 1,
} oftp_framing;

/**
 * What a session waits for; `oftp_dispatch` and `oftp_wants` return a sum of these.
 */
typedef enum {
    /**
     * N_CON_RQ: open a connection, then call `oftp_n_con_cf`, or
     * `oftp_n_rst_ind`. Set until then.
     */
    OFTP_WANT_CONNECT = 1,
    /**
     * Octets of the partner: read while this is set, and only then.
     */
    OFTP_WANT_READ = 2,
    /**
     * Octets are to be sent: `oftp_pending`, `oftp_sent`, then `oftp_dispatch` again.
     */
    OFTP_WANT_WRITE = 4,
    /**
     * N_DISC_RQ, or the partner has closed it: close the connection once all octets are sent,
     * then free the session.
     */
    OFTP_WANT_CLOSE = 8,
    /**
     * `oftp_dispatch` has something to do: an answer was given that it goes on with.
     */
    OFTP_WANT_DISPATCH = 16,
} oftp_want;

/**
 * Which side gave a session up (AO of F_ABORT_IND, RFC 5024 3.4.2), by its letter.
 */
typedef enum {
    /**
     * 'L': this side.
     */
    OFTP_ORIGIN_LOCAL = 76,
    /**
     * 'D': the partner, or the network.
     */
    OFTP_ORIGIN_DISTANT = 68,
} oftp_origin;

/**
 * Kinds of lines of the trace.
 */
typedef enum {
    /**
     * A command was received.
     */
    OFTP_TRACE_RECEIVED = 1,
    /**
     * A command was queued for sending.
     */
    OFTP_TRACE_SENT = 2,
    /**
     * A row of the state tables was taken, such as "9.10 K OPOP SFPA -> OPO".
     */
    OFTP_TRACE_STEP = 3,
} oftp_trace_kind;

/**
 * Reasons of ESID (RFC 5024 5.3.11).
 */
typedef enum {
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
} oftp_esid_reason;

/**
 * Reasons of SFNA and EFNA (RFC 5024 5.3.5, 5.3.10); 21 to 23 are EFNA's alone.
 */
typedef enum {
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
} oftp_file_reason;

/**
 * Reasons of NERP (RFC 5024 5.3.14).
 */
typedef enum {
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
} oftp_nerp_reason;

/**
 * What a certificate is used for (`oftp_trust_check`; RFC 5024 chapter 11).
 */
typedef enum {
    /**
     * Its owner signed a file. The default of `oftp_cms_open_plan`.
     */
    OFTP_PURPOSE_SIGN_FILE = 0,
    /**
     * A file is encrypted for its owner.
     */
    OFTP_PURPOSE_ENCRYPT_FILE = 1,
    /**
     * Its owner signed an EERP or a NERP.
     */
    OFTP_PURPOSE_SIGN_RESPONSE = 2,
    /**
     * A challenge is encrypted for its owner (AUCH).
     */
    OFTP_PURPOSE_AUTHENTICATE = 3,
    /**
     * Its owner is called by TLS.
     */
    OFTP_PURPOSE_TLS_SERVER = 4,
    /**
     * Its owner calls by TLS.
     */
    OFTP_PURPOSE_TLS_CLIENT = 5,
} oftp_purpose;

/**
 * `flags` of `oftp_cms_seal_plan`, which may be added.
 */
typedef enum {
    /**
     * Signatures cover the content itself, and not attributes with its digest. They hold no time.
     */
    OFTP_SEAL_WITHOUT_ATTRIBUTES = 1,
    /**
     * No signing time.
     */
    OFTP_SEAL_WITHOUT_TIME = 2,
    /**
     * Certificates are named by subject key identifier, and not by issuer and serial number.
     */
    OFTP_SEAL_BY_KEY_IDENTIFIER = 4,
    /**
     * Put the signers' certificates inside, which RFC 5024 6.2 recommends not to.
     */
    OFTP_SEAL_WITH_CERTIFICATES = 8,
} oftp_cms_seal_flag;

/**
 * Whether a service is wanted on the files of a partner (`oftp_partner`).
 */
typedef enum {
    /**
     * Files with it and without it are taken.
     */
    OFTP_RULE_ALLOWED = 0,
    /**
     * Files without it are refused.
     */
    OFTP_RULE_REQUIRED = 1,
    /**
     * Files with it are refused.
     */
    OFTP_RULE_FORBIDDEN = 2,
} oftp_rule;

/**
 * How a session of a mailbox ended.
 */
typedef enum {
    /**
     * It has not ended, or there was none.
     */
    OFTP_ENDING_NONE = 0,
    /**
     * By ESID 00, as it should be.
     */
    OFTP_ENDING_NORMAL = 1,
    /**
     * The partner left or fell silent while nothing was in progress: all that was done holds.
     */
    OFTP_ENDING_IRREGULAR = 2,
    /**
     * This side ended it: a caller was turned away, a limit reached, a file could not be stored.
     */
    OFTP_ENDING_BY_US = 3,
    /**
     * It failed, before it was up or in the middle of something.
     */
    OFTP_ENDING_FAILED = 4,
    /**
     * TLS failed: there was no session.
     */
    OFTP_ENDING_TLS = 5,
} oftp_ending;

/**
 * What an end response that came is worth.
 */
typedef enum {
    /**
     * Not signed, and not asked to be.
     */
    OFTP_PROOF_UNSIGNED = 0,
    /**
     * Signed by the partner, for just the octets that were sent.
     */
    OFTP_PROOF_SIGNED = 1,
    /**
     * Signed without being asked, and nothing is known of the partner to check it by.
     */
    OFTP_PROOF_NOT_CHECKED = 2,
    /**
     * It proves nothing, and the file stays open: a signature is missing or wrong.
     */
    OFTP_PROOF_WORTHLESS = 3,
    /**
     * It belongs to no file that this mailbox has sent.
     */
    OFTP_PROOF_NO_FILE = 4,
} oftp_proof;

/**
 * What the originator of a file is told after the file is stored (`oftp_mailbox_file_stored`).
 */
typedef enum {
    /**
     * EERP: the file is where it belongs.
     */
    OFTP_REPLY_EERP = 0,
    /**
     * NERP: the file is stored, but will not reach its destination.
     */
    OFTP_REPLY_NERP = 1,
    /**
     * Nothing yet: `oftp_mailbox_send_eerp` or `oftp_mailbox_send_nerp` comes later.
     */
    OFTP_REPLY_LATER = 2,
} oftp_reply;

/**
 * What has happened (`oftp_station_event`).
 */
typedef enum {
    /**
     * A file is being taken from an outbox.
     */
    OFTP_EVENT_FILE_TAKING = 1,
    /**
     * A file is queued to be sent.
     */
    OFTP_EVENT_FILE_QUEUED = 2,
    /**
     * All of a file was sent; EFPA is to come.
     */
    OFTP_EVENT_FILE_EFID_SENT = 3,
    /**
     * The partner has a file (EFPA).
     */
    OFTP_EVENT_FILE_SENT = 4,
    /**
     * A file has reached its destination (EERP).
     */
    OFTP_EVENT_FILE_DONE = 5,
    /**
     * A file did not reach its destination (NERP).
     */
    OFTP_EVENT_FILE_REJECTED = 6,
    /**
     * A file cannot be sent, or is not taken: a person is to decide.
     */
    OFTP_EVENT_FILE_FAILED = 7,
    /**
     * A person took a file back.
     */
    OFTP_EVENT_FILE_CANCELLED = 8,
    /**
     * The transfer of a file to us has begun.
     */
    OFTP_EVENT_FILE_RECEIVING = 9,
    /**
     * A file has come whole.
     */
    OFTP_EVENT_FILE_RECEIVED = 10,
    /**
     * A file is in the inbox, or queued for the next station.
     */
    OFTP_EVENT_FILE_DELIVERED = 11,
    /**
     * The end response of a file that came is confirmed.
     */
    OFTP_EVENT_FILE_CLOSED = 12,
    /**
     * A file came whole and is not what it should be (NERP).
     */
    OFTP_EVENT_FILE_REFUSED = 13,
    /**
     * A file that was offered is not taken (SFNA).
     */
    OFTP_EVENT_FILE_TURNED_AWAY = 14,
    /**
     * Something is wrong with a file, which stays where it is.
     */
    OFTP_EVENT_FILE_TROUBLE = 15,
    /**
     * A person has stopped a file, or lets it go on.
     */
    OFTP_EVENT_FILE_HELD = 16,
    /**
     * A file was queued anew: `as` is the number of the new one, `of` that of the old one.
     */
    OFTP_EVENT_FILE_RESENT = 17,
    /**
     * The end response of a file is overdue.
     */
    OFTP_EVENT_RESPONSE_OVERDUE = 18,
    /**
     * An end response came that proves nothing, or belongs to no file of ours.
     */
    OFTP_EVENT_RESPONSE_DOUBTFUL = 19,
    /**
     * A session is up.
     */
    OFTP_EVENT_SESSION_STARTED = 20,
    /**
     * A session, or the attempt at one, is over.
     */
    OFTP_EVENT_SESSION_ENDED = 21,
    /**
     * A partner cannot be reached, or refuses us, again and again.
     */
    OFTP_EVENT_PARTNER_TROUBLE = 22,
    /**
     * A partner is well again.
     */
    OFTP_EVENT_PARTNER_WELL = 23,
    /**
     * A person has stopped a partner, or lets it go on.
     */
    OFTP_EVENT_PARTNER_HELD = 24,
    /**
     * A hook failed.
     */
    OFTP_EVENT_HOOK_FAILED = 25,
    /**
     * The station has begun its work.
     */
    OFTP_EVENT_STATION_STARTED = 26,
    /**
     * The station has ended its work.
     */
    OFTP_EVENT_STATION_STOPPED = 27,
    /**
     * The configuration was read again, or could not be.
     */
    OFTP_EVENT_CONFIG_RELOADED = 28,
    /**
     * Something that people should know.
     */
    OFTP_EVENT_ALARM = 29,
} oftp_event;

/**
 * How far a file has come (`oftp_station_wait_file`).
 */
typedef enum {
    /**
     * Out: it is on its way from the outbox into the spool.
     */
    OFTP_STATE_TAKING = 1,
    /**
     * Out: to be sent, for the first time or again.
     */
    OFTP_STATE_QUEUED = 2,
    /**
     * Out: all of it was sent, EFPA has not come. SFNA 13 now means that the partner has it.
     */
    OFTP_STATE_EFID_SENT = 3,
    /**
     * Out: the partner has it (EFPA); its end response has not come.
     */
    OFTP_STATE_SENT = 4,
    /**
     * Out: its destination has it (EERP), or none is expected.
     */
    OFTP_STATE_DONE = 5,
    /**
     * Out: it did not reach its destination (NERP).
     */
    OFTP_STATE_REJECTED = 6,
    /**
     * Out: the partner does not take it, or it cannot be sent: `resend` tries again.
     */
    OFTP_STATE_FAILED = 7,
    /**
     * Out: a person took it back.
     */
    OFTP_STATE_CANCELLED = 8,
    /**
     * In: the transfer runs, or was cut and can go on.
     */
    OFTP_STATE_RECEIVING = 9,
    /**
     * In: all of it is on the disk, and its partner may know that (EFPA).
     */
    OFTP_STATE_RECEIVED = 10,
    /**
     * In: it is in the inbox, or queued for the next station.
     */
    OFTP_STATE_DELIVERED = 11,
    /**
     * In: its end response is confirmed (RTR), or none is sent.
     */
    OFTP_STATE_CLOSED = 12,
    /**
     * In: it came whole and is not what it should be (NERP).
     */
    OFTP_STATE_REFUSED = 13,
} oftp_file_state;

/**
 * Takes a content out of its envelopes: octets in, octets out, as zlib does it. It holds some
 * buffers of 64 KiB, however long the file is. Used by one thread at a time.
 *
 * What is pulled is provisional until `oftp_cms_opener_is_done` gives 1: signatures stand behind
 * the content. Who uses it before that uses what an attacker may have written; on an error,
 * delete it.
 */
typedef struct oftp_cms_opener oftp_cms_opener;

/**
 * Puts a content into its envelopes: octets in, octets out, as zlib does it. It holds some
 * buffers of 64 KiB, however long the file is. Used by one thread at a time.
 */
typedef struct oftp_cms_sealer oftp_cms_sealer;

/**
 * A hash in the making: of a file while it is sent or received. Used by one thread at a time.
 */
typedef struct oftp_hash oftp_hash;

/**
 * Private keys, certificates, and lists of revoked certificates (CRLs). Several threads may use
 * one at the same time. Private keys are overwritten with zeros when the last user is gone.
 */
typedef struct oftp_keystore oftp_keystore;

/**
 * A mailbox: a ready User Monitor (RFC 5024 chapter 3) that keeps what is to be sent and what is
 * owed, over any number of sessions, one at a time. A handle is a token, not an address.
 *
 * The order of things: `oftp_mailbox_new`, `oftp_mailbox_add_partner`, `oftp_mailbox_send_file`
 * and `oftp_mailbox_receive_into` as wanted; then for each connection `oftp_mailbox_call` or
 * `oftp_mailbox_answer`, and `oftp_run_fd`, or the non-blocking form with
 * `oftp_mailbox_attach_fd`. What a cut leaves unfinished goes on in the next session.
 *
 * Work with keys is done on the calling thread: a signature or a decryption takes about a
 * millisecond (a whole handshake of TLS two or three), sealing and opening a file as long as its
 * octets take, some 10 ms per mebibyte where it is compressed. Files are sealed inside
 * `oftp_mailbox_send_*`, before a session; they are opened inside the session, after EFPA was
 * sent and before the turn is passed on.
 *
 * The clock is CLOCK_MONOTONIC; certificates are checked by the time of day.
 */
typedef struct oftp_mailbox oftp_mailbox;

/**
 * Octets that the library made: an envelope, a signature, a key in PEM. They do not change, and
 * are overwritten with zeros when they are freed. Several threads may read one.
 */
typedef struct oftp_octets oftp_octets;

/**
 * One session, in either role, for one connection. A handle is a token, not an address.
 */
typedef struct oftp_session oftp_session;

/**
 * A station: all partners, files and sessions of a folder, as `oftp init` makes it and `oftp run`
 * runs it (`oftp.toml` is its configuration). It listens, calls by its schedules, sends, receives,
 * answers and tries again by itself; what it has accepted survives the end of the process. A
 * handle is a token, not an address.
 *
 * The order of things: `oftp_station_open`; `oftp_station_start`, where this process is to run it;
 * then `oftp_station_submit` as wanted, and `oftp_station_event_next` again and again, each time
 * with the number of the last event that was dealt with; `oftp_station_stop`, `oftp_station_free`.
 * Files can be submitted, steered and looked at whether it runs or not, and in whichever process
 * it runs. `partner` is always a name of `oftp.toml` (`[partner.NAME]`), never a code.
 *
 * Unlike other objects a station may be used by several threads at once: while one waits in
 * `oftp_station_event_next` others submit and stop. Each function waits for the disk or for what
 * its text says. Nothing calls the host back. A station that runs has threads of its own, which
 * never run code of the host and have SIGPIPE blocked, as have the hooks that they start.
 */
typedef struct oftp_station oftp_station;

/**
 * What is known of the certificates of one partner. A valid certificate of somebody else is worth
 * nothing. Several threads may use one at the same time.
 */
typedef struct oftp_trust oftp_trust;

/**
 * The result of a call: 0 or more is success, less than 0 one of `oftp_code`.
 */
typedef int32_t oftp_status;

/**
 * What a session is told before it begins. Every field may be 0: that is its default.
 * Initialise with `OFTP_CONFIG_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_config)`.
     */
    size_t struct_size;
    /**
     * Highest release level, an `oftp_level`; default `OFTP_LEVEL_2_0`.
     */
    int32_t level;
    /**
     * Lowest release level taken, an `oftp_level`; default `OFTP_LEVEL_1_2`. A partner below it
     * gets ESID 10.
     */
    int32_t min_level;
    /**
     * Largest Data Exchange Buffer in octets, command octet included (SSIDSDEB), 128 to 99,999;
     * default 99,999.
     */
    uint32_t buffer_size;
    /**
     * Credit: Data Exchange Buffers before a CDT is awaited (SSIDCRED), 1 to 999; default 64.
     */
    uint32_t window;
    /**
     * Buffer compression (SSIDCMPR), an `oftp_choice`; default yes.
     */
    int32_t compression;
    /**
     * Restart of interrupted files (SSIDREST), an `oftp_choice`; default yes.
     */
    int32_t restart;
    /**
     * Directions of files (SSIDSR), an `oftp_mode`; default `OFTP_MODE_BOTH`.
     */
    int32_t mode;
    /**
     * The side of a connection that is taken, an `oftp_role`; default both.
     */
    int32_t role;
    /**
     * Longest silence in milliseconds; default 180,000. ESID 09 ends it.
     */
    uint64_t inactivity_ms;
    /**
     * From the connection to the end of the SSID exchange, in milliseconds; default 30,000.
     */
    uint64_t start_ms;
    /**
     * From there to the end of secure authentication, in milliseconds; default 30,000.
     */
    uint64_t authentication_ms;
    /**
     * From our ESID to the partner's disconnect, in milliseconds; default 10,000.
     */
    uint64_t disconnect_ms;
    /**
     * How Exchange Buffers travel, an `oftp_framing`; default in a stream, behind headers.
     */
    int32_t framing;
    /**
     * Names of what the partner may do beyond the letter, with commas between them, or "strict",
     * or "tolerant"; NULL: "tolerant". The names are those that `quirk_ind` reports. Read
     * during the call.
     */
    const char *quirks;
} oftp_config;

/**
 * The SSID of the partner (RFC 5024 5.3.2).
 */
typedef struct {
    /**
     * `sizeof(oftp_ssid)` of the library.
     */
    size_t struct_size;
    /**
     * SSIDCODE, without trailing spaces.
     */
    char code[26];
    /**
     * SSIDPSWD, without trailing spaces. Compare it, and keep it out of logs.
     */
    char password[9];
    /**
     * SSIDUSER.
     */
    char user[9];
    /**
     * SSIDLEV, 1 to 9.
     */
    int32_t level;
    /**
     * SSIDSDEB in octets.
     */
    uint32_t buffer_size;
    /**
     * SSIDCRED.
     */
    uint32_t window;
    /**
     * SSIDSR as the partner sent it, an `oftp_mode` of the partner's side.
     */
    int32_t mode;
    /**
     * SSIDCMPR, 0 or 1.
     */
    int32_t compression;
    /**
     * SSIDREST, 0 or 1.
     */
    int32_t restart;
    /**
     * SSIDAUTH, 0 or 1.
     */
    int32_t authentication;
    /**
     * Where the call came from, as `oftp_n_con_ind` was told; never NULL.
     */
    const char *calling;
    /**
     * Where it came to; never NULL.
     */
    const char *called;
} oftp_ssid;

/**
 * What both sides have agreed on.
 */
typedef struct {
    /**
     * `sizeof(oftp_agreed)`.
     */
    size_t struct_size;
    /**
     * The release level, an `oftp_level`.
     */
    int32_t level;
    /**
     * Largest Data Exchange Buffer in octets, command octet included.
     */
    uint32_t buffer_size;
    /**
     * Credit in Data Exchange Buffers.
     */
    uint32_t window;
    /**
     * Directions, an `oftp_mode` of this side.
     */
    int32_t mode;
    /**
     * Buffer compression, 0 or 1.
     */
    int32_t compression;
    /**
     * Restart, 0 or 1.
     */
    int32_t restart;
    /**
     * Secure authentication, 0 or 1.
     */
    int32_t authentication;
} oftp_agreed;

/**
 * A Virtual File: the fields of SFID, the parameters of F_START_FILE (RFC 5024 3.3.1, 5.3.3).
 * Initialise with `OFTP_VIRTUAL_FILE_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_virtual_file)`.
     */
    size_t struct_size;
    /**
     * Dataset name (SFIDDSN), at most 26 characters.
     */
    char dsn[27];
    /**
     * CCYYMMDD, 8 digits; YYMMDD where a file came at level 1.2 or 1.3.
     */
    char date[9];
    /**
     * HHMMSScccc, 10 digits, the last four a counter; HHMMSS at level 1.2 or 1.3.
     */
    char time[11];
    /**
     * User data (SFIDUSER), at most 8 characters.
     */
    char user[9];
    /**
     * Destination (SFIDDEST): an identification code, at most 25 characters.
     */
    char destination[26];
    /**
     * Originator (SFIDORIG).
     */
    char originator[26];
    /**
     * Record format, an `oftp_format`; 0: `OFTP_FORMAT_U`.
     */
    int32_t format;
    /**
     * Longest record in octets (SFIDLRECL), 0 to 99,999; 0 for U and T.
     */
    uint32_t record_length;
    /**
     * Size as transmitted in blocks of 1,024 octets (SFIDFSIZ): an estimate, rounded up.
     */
    uint64_t size;
    /**
     * Size of the original in blocks of 1,024 octets (SFIDOSIZ); 0: not known.
     */
    uint64_t original_size;
    /**
     * Where the file can go on (SFIDREST): records for F and V, blocks of 1,024 octets for U, T
     * and all secured or compressed files; 0: at its start.
     */
    uint64_t restart_position;
    /**
     * A sum of `oftp_security`.
     */
    int32_t security;
    /**
     * Cipher suite (SFIDCIPH), 0 to 99.
     */
    int32_t cipher_suite;
    /**
     * Compressed as a file (SFIDCOMP): 0 or 1.
     */
    int32_t compression;
    /**
     * Envelope (SFIDENV): 0 none, 1 CMS. Security and compression need 1.
     */
    int32_t envelope;
    /**
     * The end response must be signed (SFIDSIGN): 0 or 1.
     */
    int32_t signed_response;
    /**
     * A description for people (SFIDDESC) in UTF-8, cut to 999 octets, sent at level 2.0; NULL:
     * none. One that was received is never NULL, and borrowed until the callback returns.
     */
    const char *description;
} oftp_virtual_file;

/**
 * F_START_FILE_CF (RFC 5024 3.3.1): the partner's answer to our file.
 */
typedef struct {
    /**
     * `sizeof(oftp_start_file_answer)` of the library.
     */
    size_t struct_size;
    /**
     * 1: the file is taken (SFPA). 0: it is refused (SFNA).
     */
    int32_t positive;
    /**
     * Taken: go on after so many records, or blocks of 1,024 octets; at most what was offered.
     */
    uint64_t restart_position;
    /**
     * Refused: why, an `oftp_file_reason`; other values mean `OFTP_FILE_UNSPECIFIED`.
     */
    int32_t reason;
    /**
     * Refused: 1 where another try in a later session makes sense.
     */
    int32_t retry_later;
    /**
     * Refused: the partner's words, UTF-8, never NULL.
     */
    const char *text;
} oftp_start_file_answer;

/**
 * F_DATA_IND (RFC 5024 3.3.2): the octets of one Data Exchange Buffer, decoded.
 */
typedef struct {
    /**
     * `sizeof(oftp_data)` of the library.
     */
    size_t struct_size;
    /**
     * Octets of the Virtual File, in the session's own buffer.
     */
    const uint8_t *octets;
    /**
     * How many; may be 0.
     */
    size_t len;
    /**
     * For plain F and V files: where records end, as offsets into `octets` just behind the last
     * octet of a record, rising. The octets after the last of them belong to a record that goes
     * on in the next buffer.
     */
    const size_t *record_ends;
    /**
     * How many records end here.
     */
    size_t record_count;
} oftp_data;

/**
 * Room for octets of the file that is being sent, to be filled by `data_space`.
 */
typedef struct {
    /**
     * `sizeof(oftp_space)` of the library.
     */
    size_t struct_size;
    /**
     * Write octets of the file here.
     */
    uint8_t *octets;
    /**
     * Room for so many.
     */
    size_t room;
    /**
     * V files: write here where records end, as in `oftp_data`. F files may leave it: records
     * then end after every `record_length` octets.
     */
    size_t *record_ends;
    /**
     * Room for so many ends.
     */
    size_t record_room;
    /**
     * To be set: octets written. 0 without `end_of_file` means that there are none now: the
     * callback is asked again after `oftp_data_ready`.
     */
    size_t len;
    /**
     * To be set: ends written.
     */
    size_t record_count;
    /**
     * To be set to 1 with the last octets of the file. F_CLOSE_FILE_RQ follows by itself, with
     * the counts of what was sent.
     */
    int32_t end_of_file;
} oftp_space;

/**
 * F_CLOSE_FILE_IND (RFC 5024 3.3.3): the file is complete by the partner's word.
 */
typedef struct {
    /**
     * `sizeof(oftp_file_end)` of the library.
     */
    size_t struct_size;
    /**
     * EFIDRCNT: records, as the partner says.
     */
    uint64_t records;
    /**
     * EFIDUCNT: octets, as the partner says.
     */
    uint64_t octets;
    /**
     * 0 where that agrees with what was received; else the `oftp_file_reason` with which the
     * file must be refused (RFC 5024 5.3.8, 5.3.10).
     */
    int32_t reason;
    /**
     * What is wrong, never NULL.
     */
    const char *text;
} oftp_file_end;

/**
 * F_CLOSE_FILE_CF (RFC 5024 3.3.3): the partner's answer to the end of our file.
 */
typedef struct {
    /**
     * `sizeof(oftp_close_file_answer)` of the library.
     */
    size_t struct_size;
    /**
     * 1: the file is stored (EFPA). 0: it is not accepted (EFNA).
     */
    int32_t positive;
    /**
     * Stored: 1 where we are still the Speaker; 0 where the partner asked for the turn, which
     * goes to it by itself.
     */
    int32_t speaker;
    /**
     * Not accepted: why, an `oftp_file_reason`.
     */
    int32_t reason;
    /**
     * Not accepted: the partner's words, UTF-8, never NULL.
     */
    const char *text;
} oftp_close_file_answer;

/**
 * An End to End Response or Negative End Response: the parameters of F_EERP and F_NERP
 * (RFC 5024 3.3.5, 3.3.6, 5.3.13, 5.3.14). Initialise with `OFTP_END_RESPONSE_INIT`, or by
 * `oftp_end_response_for`.
 */
typedef struct {
    /**
     * `sizeof(oftp_end_response)`.
     */
    size_t struct_size;
    /**
     * Dataset name of the file.
     */
    char dsn[27];
    /**
     * Date of the file.
     */
    char date[9];
    /**
     * Time of the file.
     */
    char time[11];
    /**
     * EERP only: user data.
     */
    char user[9];
    /**
     * Whom the response is for: the originator of the file.
     */
    char destination[26];
    /**
     * Whom it is from: the destination of the file.
     */
    char originator[26];
    /**
     * NERP only: who made it (NERPCREA).
     */
    char creator[26];
    /**
     * NERP only: why, an `oftp_nerp_reason`.
     */
    int32_t reason;
    /**
     * NERP only: why, in words (UTF-8); NULL: none. Never NULL in one that was received.
     */
    const char *text;
    /**
     * Hash of the file as transmitted; NULL, 0: none.
     */
    const uint8_t *hash;
    /**
     * Its octets, at most 65,535.
     */
    size_t hash_len;
    /**
     * Signature (CMS); NULL, 0: none. `oftp_response_sign_eerp` and `oftp_response_sign_nerp` make
     * it.
     */
    const uint8_t *signature;
    /**
     * Its octets, at most 65,535.
     */
    size_t signature_len;
} oftp_end_response;

/**
 * F_ABORT_IND (RFC 5024 3.4.2 to 3.4.4): the session has failed: a fault of the partner, of the
 * network, or of what both want.
 */
typedef struct {
    /**
     * `sizeof(oftp_abort)` of the library.
     */
    size_t struct_size;
    /**
     * The reason of the ESID sent or received, an `oftp_esid_reason`; -1: there was none, as the
     * connection is lost.
     */
    int32_t reason;
    /**
     * Which side gave the session up, an `oftp_origin`.
     */
    int32_t origin;
    /**
     * What happened: the state, the command, the field; never NULL.
     */
    const char *text;
} oftp_abort;

/**
 * One line of the trace.
 */
typedef struct {
    /**
     * `sizeof(oftp_trace)` of the library.
     */
    size_t struct_size;
    /**
     * An `oftp_trace_kind`.
     */
    int32_t kind;
    /**
     * The line, never NULL: "received SFID (165 octets)", "9.10 K OPOP SFPA -> OPO".
     */
    const char *text;
    /**
     * The command without its header; of DATA the first octet only. Passwords and challenges are
     * replaced by '*'. Empty for a step.
     */
    const uint8_t *octets;
    /**
     * How many octets there are.
     */
    size_t len;
    /**
     * The release level by which the command was read or written, an `oftp_level`.
     */
    int32_t level;
} oftp_trace;

/**
 * The User Monitor of RFC 5024 chapter 3: what a session tells, one member for each indication
 * and confirmation. Initialise with `OFTP_USER_MONITOR_INIT` and set what you handle.
 *
 * All are called by `oftp_dispatch` alone, on its thread. Each may answer at once, by the
 * function that its text names, or later, outside: it is the same function. What the pointers
 * point to is borrowed until the callback returns.
 *
 * A callback returns `OFTP_OK`; or `OFTP_PASSTHROUGH` for what is done where it is not set; or
 * less than 0, and `oftp_dispatch` stops and returns `OFTP_E_CALLBACK`. The event is then told,
 * and is not told again; the answer to it is still owed. So a callback may end with
 * `return oftp_start_file_rs(...)`: should that fail, oftp_last_error() says why.
 *
 * A member that is not set refuses in the way its text tells; it never accepts anything.
 */
typedef struct {
    /**
     * `sizeof(oftp_user_monitor)`.
     */
    size_t struct_size;
    /**
     * Called once by `oftp_session_free`, for what belongs to `user_data`; may be NULL.
     */
    void (*finalizer)(void *user_data);
    /**
     * F_CONNECT_IND (3.2.1): a caller names itself. Check its code and password; answer by
     * `oftp_connect_rs`, or `oftp_release_rq` with 03, 04 or 08. Not set: ESID 03. A code with
     * control characters is left with ESID 03 before, and `abort_ind` tells it.
     */
    int32_t (*connect_ind)(oftp_session *session, const oftp_ssid *partner, void *user_data);
    /**
     * Before secure authentication of a session that we opened: the partner has named itself.
     * After `oftp_release_rq` with 03 or 04 no challenge is made for it. Not set: nothing more
     * is checked than `partner_code` and `partner_password` of F_CONNECT_RQ.
     */
    int32_t (*partner_ind)(oftp_session *session,
                           const oftp_ssid *partner,
                           const oftp_agreed *agreed,
                           void *user_data);
    /**
     * F_CONNECT_CF (3.2.1): the session is up and the turn is ours. Not set: as above.
     */
    int32_t (*connect_cf)(oftp_session *session,
                          const oftp_ssid *partner,
                          const oftp_agreed *agreed,
                          void *user_data);
    /**
     * F_START_FILE_IND (3.3.1): the partner offers a file. Answer by `oftp_start_file_rs` or
     * `oftp_start_file_rs_negative`. Not set: SFNA 14, no retry. A dataset name or code with
     * control characters is refused before (SFNA 01, 02, 03).
     */
    int32_t (*start_file_ind)(oftp_session *session, const oftp_virtual_file *file, void *user_data);
    /**
     * F_START_FILE_CF (3.3.1): the answer to our file. Once it is taken, give data by
     * `data_space` or `oftp_data_rq`. Must be set to send files.
     */
    int32_t (*start_file_cf)(oftp_session *session,
                             const oftp_start_file_answer *answer,
                             void *user_data);
    /**
     * F_DATA_IND (3.3.2): data of the file that is being received, once for each Data Exchange
     * Buffer. Must be set to receive files. Where they cannot be stored, call `oftp_release_rq`
     * with 08, or return `OFTP_PASSTHROUGH`, which does that. Less than 0 alone does not stop the
     * transfer: these octets are then missing in the file.
     */
    int32_t (*data_ind)(oftp_session *session, const oftp_data *data, void *user_data);
    /**
     * F_DATA_CF (3.3.2): `oftp_data_rq` can be called again. Only a notice.
     */
    int32_t (*data_cf)(oftp_session *session, void *user_data);
    /**
     * Room for data of the file that is being sent: fill it. Called while there is credit and
     * less than 64 KiB wait for the network. Not set: data are given by `oftp_data_rq`.
     */
    int32_t (*data_space)(oftp_session *session, oftp_space *space, void *user_data);
    /**
     * F_CLOSE_FILE_IND (3.3.3): the file is complete. Make it safe, then answer by
     * `oftp_close_file_rs`; or by `oftp_close_file_rs_negative`, always so where `reason` is not
     * 0. Not set: EFNA with that reason, else 99.
     */
    int32_t (*close_file_ind)(oftp_session *session, const oftp_file_end *end, void *user_data);
    /**
     * F_CLOSE_FILE_CF (3.3.3): the answer to the end of our file. Only a notice.
     */
    int32_t (*close_file_cf)(oftp_session *session,
                             const oftp_close_file_answer *answer,
                             void *user_data);
    /**
     * F_CD_IND (3.3.4): the turn is ours, unasked. Send, pass it back after a file or response by
     * `oftp_cd_rq`, or end the session by `oftp_release_rq` with 00. Not set: the session is
     * ended by ESID 00.
     */
    int32_t (*cd_ind)(oftp_session *session, void *user_data);
    /**
     * F_EERP_IND (3.3.5): a file of ours has arrived. Make that safe, then answer by
     * `oftp_rtr_rs`. Not set: ESID 99, as what is not safe must not be confirmed.
     */
    int32_t (*eerp_ind)(oftp_session *session, const oftp_end_response *response, void *user_data);
    /**
     * F_NERP_IND (3.3.6): a file of ours has not arrived, and will not. As `eerp_ind`.
     */
    int32_t (*nerp_ind)(oftp_session *session, const oftp_end_response *response, void *user_data);
    /**
     * F_RTR_CF (3.3.5): the partner has our EERP or NERP. Only a notice.
     */
    int32_t (*rtr_cf)(oftp_session *session, void *user_data);
    /**
     * F_RELEASE_IND (3.4.1): the partner ended the session normally; its words are mostly empty.
     * Only a notice.
     */
    int32_t (*release_ind)(oftp_session *session, const char *text, void *user_data);
    /**
     * F_ABORT_IND (3.4.2): the session has failed. Only a notice.
     */
    int32_t (*abort_ind)(oftp_session *session, const oftp_abort *abort, void *user_data);
    /**
     * Secure authentication (4.2.4): make a challenge for this partner and answer by
     * `oftp_seal_challenge_rs`. Not set: ESID 11.
     */
    int32_t (*seal_challenge_ind)(oftp_session *session, const char *partner_code, void *user_data);
    /**
     * Secure authentication: open the partner's challenge and answer by
     * `oftp_open_challenge_rs`. Not set: ESID 11.
     */
    int32_t (*open_challenge_ind)(oftp_session *session,
                                  const uint8_t *sealed,
                                  size_t sealed_len,
                                  void *user_data);
    /**
     * Secure authentication of a caller is done, both ways (5.3.18). Only a notice.
     */
    int32_t (*authentication_ind)(oftp_session *session, void *user_data);
    /**
     * The partner went beyond the letter in this command, and a quirk of this name took it. Only
     * a notice.
     */
    int32_t (*quirk_ind)(oftp_session *session,
                         const char *quirk,
                         const char *command,
                         void *user_data);
    /**
     * Every command and every row of the state tables. Set only to look: it costs time.
     */
    int32_t (*trace)(oftp_session *session, const oftp_trace *trace, void *user_data);
} oftp_user_monitor;

/**
 * The network below a session (RFC 5024 chapter 2), where the session is to push octets. Without
 * it they are pulled: `oftp_dispatch` says what is wanted, `oftp_pending` gives the octets.
 * Pulling is simpler; if in doubt, pull. Initialise with `OFTP_NETWORK_SERVICE_INIT`.
 *
 * Called by `oftp_dispatch` alone. A member that is not set is not called, and the want that it
 * stands for stays set; `n_data_rq` must be set.
 */
typedef struct {
    /**
     * `sizeof(oftp_network_service)`.
     */
    size_t struct_size;
    /**
     * N_CON_RQ: open a connection, then call `oftp_n_con_cf`, or `oftp_n_rst_ind`.
     */
    int32_t (*n_con_rq)(oftp_session *session, void *user_data);
    /**
     * N_DATA_RQ: send these octets: with `OFTP_FRAMING_RECORDS` one Exchange Buffer, else any
     * part of the stream. They are borrowed until the callback returns, whatever it calls;
     * `oftp_sent` is not allowed in it. Returns how many were taken (with records all, or 0); 0:
     * none now, call `oftp_dispatch` when the network takes more. Less than 0: `OFTP_E_CALLBACK`,
     * and none were taken.
     */
    ptrdiff_t (*n_data_rq)(oftp_session *session, const uint8_t *octets, size_t len, void *user_data);
    /**
     * N_DISC_RQ: close the connection once what was given before is sent.
     */
    int32_t (*n_disc_rq)(oftp_session *session, void *user_data);
} oftp_network_service;

/**
 * Who we are and how we want a session: the parameters of F_CONNECT_RQ and F_CONNECT_RS
 * (RFC 5024 3.2.1). Initialise with `OFTP_CONNECT_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_connect)`.
     */
    size_t struct_size;
    /**
     * Our identification code (SSIDCODE), at most 25 characters.
     */
    char code[26];
    /**
     * Our password (SSIDPSWD), at most 8 characters.
     */
    char password[9];
    /**
     * User data (SSIDUSER), at most 8 characters.
     */
    char user[9];
    /**
     * Directions wanted, an `oftp_mode`; 0: as configured.
     */
    int32_t mode;
    /**
     * Restart wanted, an `oftp_choice`; default yes, where configured.
     */
    int32_t restart;
    /**
     * Secure authentication (SSIDAUTH), an `oftp_choice`; default no. Both sides must want the
     * same, else the session ends with ESID 12.
     */
    int32_t authentication;
    /**
     * F_CONNECT_RQ: the code that must answer; empty: whoever answers. Another one is left with
     * ESID 03, and `abort_ind` tells it.
     */
    char partner_code[26];
    /**
     * F_CONNECT_RQ: the password that must answer, where `partner_code` is set; empty: any.
     * Another one is left with ESID 04.
     */
    char partner_password[9];
    /**
     * F_CONNECT_RQ: the address called, for logs; NULL: none.
     */
    const char *called;
    /**
     * F_CONNECT_RQ: our own address, for logs; NULL: none.
     */
    const char *calling;
} oftp_connect;

/**
 * What a certificate says. Strings are never NULL, and borrowed until the keystore is freed; what
 * could forge a line of a log is escaped in them. Initialise with `OFTP_CERTIFICATE_INFO_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_certificate_info)`.
     */
    size_t struct_size;
    /**
     * The owner's name (RFC 4514).
     */
    const char *subject;
    /**
     * The issuer's name (RFC 4514).
     */
    const char *issuer;
    /**
     * The serial number in hexadecimal.
     */
    const char *serial;
    /**
     * The kind of the key, such as "RSA, 3072 bits".
     */
    const char *key;
    /**
     * Valid from this time on, in Unix seconds.
     */
    int64_t not_before;
    /**
     * Valid to this time, in Unix seconds.
     */
    int64_t not_after;
    /**
     * SHA-256 of the certificate: what partners compare, and what it is named by here.
     */
    uint8_t fingerprint[32];
    /**
     * 1: the keystore has its private key.
     */
    int32_t has_key;
    /**
     * 1: it may sign other certificates.
     */
    int32_t is_authority;
    /**
     * The certificate in DER; borrowed until the keystore is freed.
     */
    const uint8_t *der;
    /**
     * Octets of `der`.
     */
    size_t der_len;
} oftp_certificate_info;

/**
 * Whom a certificate is for. Strings are UTF-8 and used during the call only. Initialise with
 * `OFTP_OWNER_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_owner)`.
     */
    size_t struct_size;
    /**
     * The common name (CN): of the station, its host, or the company. Needed.
     */
    const char *name;
    /**
     * The identification code (SSIDCODE), as serial number of the subject; NULL: none.
     */
    const char *identification;
    /**
     * The company (O); NULL: none.
     */
    const char *organization;
    /**
     * The country (C), two letters; NULL: none.
     */
    const char *country;
    /**
     * Names of hosts that partners call, for TLS, with commas between them; NULL: none.
     */
    const char *hosts;
    /**
     * `oftp_keystore_generate`: bits of the RSA key, 2048, 3072 or 4096; default 3072.
     */
    uint32_t bits;
    /**
     * `oftp_keystore_generate`: days of validity, 1 to 36,500; default 1,095.
     */
    uint32_t days;
    /**
     * `oftp_keystore_generate`: when it is made, in Unix seconds; 0: now. It is valid from an
     * hour before on.
     */
    int64_t time;
} oftp_owner;

/**
 * What is asked of certificates. Every field may be 0: that is its default. Initialise with
 * `OFTP_TRUST_OPTIONS_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_trust_options)`.
     */
    size_t struct_size;
    /**
     * The shortest RSA key in bits; default 2048. Authorities never have less than 2048.
     */
    uint32_t min_rsa_bits;
    /**
     * Take certificates whose issuer signed with SHA-1, an `oftp_choice`; default no. A pinned
     * certificate is trusted by its SHA-256 and not by its signature.
     */
    int32_t sha1;
    /**
     * Take certificates of which no list says whether they are revoked, an `oftp_choice`; default
     * yes. What is revoked is never taken; what signed itself is revoked by not being pinned.
     */
    int32_t unknown_revocation;
    /**
     * How old a list of revoked certificates may be, in seconds; 0: as old as its issuer allows.
     */
    uint64_t max_crl_age;
} oftp_trust_options;

/**
 * How a file is put into its envelopes (RFC 5024 chapter 6): signed, compressed, encrypted, in
 * this order, each of them that is asked for, and at least one. Initialise with
 * `OFTP_CMS_SEAL_PLAN_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_cms_seal_plan)`.
     */
    size_t struct_size;
    /**
     * Cipher suite (SFIDCIPH), 1 to 10; default 4 (AES-256, RSA PKCS#1 v1.5, SHA-256).
     */
    int32_t suite;
    /**
     * zlib's level, 1 to 9 (6 is usual); 0: not compressed.
     */
    int32_t compression;
    /**
     * Who signs: a keystore with private keys and their certificates; NULL: not signed.
     */
    const oftp_keystore *signer;
    /**
     * Which certificates of `signer` sign: `signer_count` times the 32 octets of a SHA-256. Two
     * are of use at the change from an old certificate to a new one.
     */
    const uint8_t *signer_fingerprints;
    /**
     * How many; 0: the newest that is valid.
     */
    size_t signer_count;
    /**
     * For whom it is encrypted: the newest certificate that this trust takes for
     * `OFTP_PURPOSE_ENCRYPT_FILE`; NULL: see `recipients`.
     */
    const oftp_trust *partner;
    /**
     * For whom it is encrypted too: every certificate of this keystore, as it is; NULL: nobody.
     * With neither, it is not encrypted.
     */
    const oftp_keystore *recipients;
    /**
     * When, in Unix seconds: the time in the signatures, at which certificates must be valid;
     * 0: now.
     */
    int64_t time;
    /**
     * A sum of `oftp_cms_seal_flag`.
     */
    uint32_t flags;
    /**
     * A V file: the longest record in octets (SFIDLRECL), 1 to 65,535. The sealer takes records
     * and writes their lengths (6.5). 0: the sealer takes octets.
     */
    uint32_t record_length;
} oftp_cms_seal_plan;

/**
 * What was announced of a file that was received, and what is needed to open it. Initialise with
 * `OFTP_CMS_OPEN_PLAN_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_cms_open_plan)`.
     */
    size_t struct_size;
    /**
     * SFIDSEC: a sum of `oftp_security`. What is not announced is content, even if it looks like
     * an envelope.
     */
    int32_t security;
    /**
     * SFIDCOMP: 1: compressed; 0: not.
     */
    int32_t compression;
    /**
     * Our private keys with their certificates, old and new. Needed where it is encrypted.
     */
    const oftp_keystore *keystore;
    /**
     * Whose signature counts. Needed where it is signed.
     */
    const oftp_trust *trust;
    /**
     * What the signer's certificate must be good for, an `oftp_purpose`; default to sign files.
     */
    int32_t purpose;
    /**
     * At which time the signer's certificate must be valid, in Unix seconds; 0: now.
     */
    int64_t time;
    /**
     * The most octets of content that may come out: what was announced (SFIDOSIZ), or the room
     * that is there; 0: no limit. Without one a small file may become a very large one.
     */
    uint64_t limit;
    /**
     * 1: refuse 3DES and SHA-1; 0: take them, as suites 01 and 02 need them.
     */
    int32_t refuse_legacy;
    /**
     * A V file: the longest record in octets (SFIDLRECL), 1 to 65,535. The opener reads the
     * lengths (6.5) and gives records. 0: the opener gives octets.
     */
    uint32_t record_length;
} oftp_cms_open_plan;

/**
 * What is known of a message that was opened, or why it was not. Initialise with
 * `OFTP_CMS_OPENED_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_cms_opened)`.
     */
    size_t struct_size;
    /**
     * Octets of content.
     */
    uint64_t octets;
    /**
     * How many signatures hold: 0 where it was not announced as signed.
     */
    uint32_t signer_count;
    /**
     * 1: 3DES or SHA-1 was used.
     */
    int32_t legacy;
    /**
     * SHA-256 of the certificate of the first signature that holds.
     */
    uint8_t signer_fingerprint[32];
    /**
     * The owner of this certificate, in UTF-8, cut to 255 octets.
     */
    char signer[256];
    /**
     * 0: it was opened. Else the reason for a NERP, an `oftp_nerp_reason`. It is all that a
     * partner may know: the error text is for our own log.
     */
    int32_t nerp_reason;
    /**
     * The same for EFNA, an `oftp_file_reason`, where files are opened before they are accepted.
     */
    int32_t efna_reason;
} oftp_cms_opened;

/**
 * How far a file service is. It is called on the thread of the call that it was given to, behind
 * every piece of at most 64 KiB that was read, and nowhere else.
 *
 * \param done Octets read so far.
 * \param total Octets to be read; 0: not known (a pipe, a socket).
 * \param user_data As it was given.
 * \return 0 or more: go on. Less than 0: stop; the function returns `OFTP_E_CALLBACK`.
 *
 * Every function may be called in it, but one that uses the object that is at work: that gives
 * `OFTP_E_REENTERED`. It must return: no longjmp, no C++ exception.
 */
typedef int32_t (*oftp_progress)(uint64_t done, uint64_t total, void *user_data);

/**
 * What a mailbox is told before it begins. Every field but `code` may be 0: its default.
 * Everything is copied. Initialise with `OFTP_MAILBOX_CONFIG_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_mailbox_config)`.
     */
    size_t struct_size;
    /**
     * Our identification code (SSIDCODE), 1 to 25 characters.
     */
    const char *code;
    /**
     * Our password (SSIDPSWD), at most 8 characters; NULL: blank.
     */
    const char *password;
    /**
     * Our user data (SSIDUSER), at most 8 characters; NULL: blank.
     */
    const char *user;
    /**
     * What sessions are told; NULL: the defaults. `role` and `framing` are not looked at.
     */
    const oftp_config *session;
    /**
     * Ask for the turn with EFPA as soon as there is something to send back (EFPACD), an
     * `oftp_choice`; default no.
     */
    int32_t ask_for_turn;
    /**
     * Answer an unknown code as a wrong password (ESID 04), so that codes cannot be guessed, an
     * `oftp_choice`; default no: ESID 03.
     */
    int32_t hide_unknown;
    /**
     * Files in a row that are refused before the session is ended by ESID 99; default 100.
     */
    uint32_t max_refusals;
    /**
     * Changes of direction in a row without a file or response; default 64.
     */
    uint32_t max_idle_turns;
    /**
     * Responses that belong to no file of ours; default 1,000.
     */
    uint32_t max_unknown_responses;
    /**
     * Data Exchange Buffers in a row that carry nothing; default 10,000.
     */
    uint32_t max_empty_buffers;
    /**
     * Longest session in milliseconds; default 43,200,000 (12 hours).
     */
    uint64_t max_session_ms;
    /**
     * An existing folder where files are put into their envelopes, as files without a name that
     * are gone when they are closed; NULL: the folder for temporary files.
     */
    const char *spool;
    /**
     * File of our private keys with their certificates: PEM, DER or PKCS#12; NULL: none.
     */
    const char *own_keys;
    /**
     * The same in memory, beside or instead of the file; NULL, 0: none.
     */
    const uint8_t *own_keys_data;
    /**
     * Octets of `own_keys_data`.
     */
    size_t own_keys_len;
    /**
     * Opens what of them is encrypted; NULL: nothing is.
     */
    const char *passphrase;
    /**
     * Take neither 3DES nor SHA-1 in envelopes and signatures, an `oftp_choice`; default no:
     * the cipher suites 01 to 06 of RFC 5024 are taken.
     */
    int32_t no_legacy;
} oftp_mailbox_config;

/**
 * How the last session went, and what there is still to do. Filled by `oftp_run_fd` and
 * `oftp_mailbox_result`. Initialise with `OFTP_RESULT_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_result)`.
     */
    size_t struct_size;
    /**
     * How the session ended, an `oftp_ending`.
     */
    int32_t ending;
    /**
     * The reason of the ESID sent or received, an `oftp_esid_reason`; -1: there was none.
     */
    int32_t reason;
    /**
     * What happened, for people; never NULL, borrowed until the session has ended or another one
     * begins on the mailbox, or it is freed.
     */
    const char *text;
    /**
     * The partner's identification code; empty where it is not known.
     */
    char partner[26];
    /**
     * Files of ours that the partner has stored in this session (EFPA).
     */
    uint64_t files_sent;
    /**
     * Files of ours that it did not take (SFNA, EFNA), or that could not be offered.
     */
    uint64_t files_refused;
    /**
     * Files that came and were stored in this session.
     */
    uint64_t files_received;
    /**
     * Files that came and were refused, or could not be opened.
     */
    uint64_t files_turned_away;
    /**
     * Files of ours that an EERP has closed in this session.
     */
    uint64_t files_delivered;
    /**
     * Files of ours that a NERP has closed in this session.
     */
    uint64_t files_failed;
    /**
     * End responses that came and prove nothing, or belong to no file.
     */
    uint64_t responses_worthless;
    /**
     * End responses that the partner has taken (RTR).
     */
    uint64_t responses_sent;
    /**
     * Files that are still to be sent, to any partner.
     */
    uint64_t files_waiting;
    /**
     * Files that were sent in any session and have no end response yet.
     */
    uint64_t files_open;
} oftp_result;

/**
 * What a mailbox tells. Every member may be NULL: what is done then is told with it.
 *
 * All are called inside `oftp_run_fd` and `oftp_mailbox_ready` alone, on their thread. Inside a
 * callback all functions may be called, of the same mailbox too, but these two,
 * `oftp_mailbox_attach_fd` and `oftp_mailbox_free` (`OFTP_E_REENTERED`). What the pointers point
 * to is borrowed until the callback returns.
 *
 * A callback returns `OFTP_OK`; or `OFTP_PASSTHROUGH` for what is done where it is NULL; or less
 * than 0: the session is then ended by ESID 99, and `oftp_run_fd` or `oftp_mailbox_ready` returns
 * `OFTP_E_CALLBACK`. Initialise with `OFTP_MAILBOX_EVENTS_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_mailbox_events)`.
     */
    size_t struct_size;
    /**
     * Called once by `oftp_mailbox_free`, for what belongs to `user_data`.
     */
    void (*finalizer)(void *user_data);
    /**
     * The session is up, with this partner.
     */
    int32_t (*up)(oftp_mailbox *mailbox,
                  const char *partner,
                  const oftp_agreed *agreed,
                  void *user_data);
    /**
     * The partner offers a file that its policy allows (SFID). Answer by
     * `oftp_mailbox_accept_file`: its octets come by `data`; or by `oftp_mailbox_refuse_file`;
     * here or later. NULL: the folder of `oftp_mailbox_receive_into` takes it; without a folder
     * it is refused (SFNA 14).
     */
    int32_t (*file_offered)(oftp_mailbox *mailbox, const oftp_virtual_file *file, void *user_data);
    /**
     * Octets of the file that was accepted by `oftp_mailbox_accept_file`, once for each Data
     * Exchange Buffer: store them. NULL: such files cannot be accepted.
     */
    int32_t (*data)(oftp_mailbox *mailbox, const oftp_data *data, void *user_data);
    /**
     * All of that file is here, and its counts agree (EFID). Make it safe, then answer by
     * `oftp_mailbox_file_stored`, or else by `oftp_mailbox_file_not_stored`; here or later.
     * NULL: it is not accepted (EFNA 12).
     */
    int32_t (*file_complete)(oftp_mailbox *mailbox, const oftp_virtual_file *file, void *user_data);
    /**
     * A file lies in the folder under this path, opened if it was secured, and is answered.
     */
    int32_t (*file_received)(oftp_mailbox *mailbox,
                             const oftp_virtual_file *file,
                             const char *path,
                             void *user_data);
    /**
     * A file of the partner came to nothing. `answer` says what it was told: "SFNA", "EFNA"
     * (`reason` is an `oftp_file_reason`) or "NERP" (an `oftp_nerp_reason`); "" where the session
     * ended before all of it was here: what came is kept for a restart.
     */
    int32_t (*file_turned_away)(oftp_mailbox *mailbox,
                                const oftp_virtual_file *file,
                                const char *answer,
                                int32_t reason,
                                const char *text,
                                void *user_data);
    /**
     * The partner has stored a file of ours (EFPA). `id` is that of `oftp_mailbox_send_file`.
     */
    int32_t (*file_sent)(oftp_mailbox *mailbox, uint64_t id, void *user_data);
    /**
     * A file of ours was not taken: by SFNA (`answer` is "SFNA") or EFNA ("EFNA"), `reason` an
     * `oftp_file_reason`; or it could not be offered or read here ("", -1). Where `retry_later`
     * is 1 the mailbox keeps it for the next session; else it is forgotten.
     */
    int32_t (*file_refused)(oftp_mailbox *mailbox,
                            uint64_t id,
                            const char *answer,
                            int32_t reason,
                            int32_t retry_later,
                            const char *text,
                            void *user_data);
    /**
     * An End to End Response (`negative` 0) or a Negative End Response (1) came. `proof` is an
     * `oftp_proof`, `text` says who signed it, or what is wrong with it; `id` is 0 where it
     * belongs to no file of ours. Make it safe: RTR is sent when the callback has returned.
     */
    int32_t (*response_received)(oftp_mailbox *mailbox,
                                 uint64_t id,
                                 const oftp_end_response *response,
                                 int32_t negative,
                                 int32_t proof,
                                 const char *text,
                                 void *user_data);
    /**
     * The partner has taken a response of ours (RTR).
     */
    int32_t (*response_sent)(oftp_mailbox *mailbox,
                             const oftp_end_response *response,
                             int32_t negative,
                             void *user_data);
    /**
     * The session has ended. The mailbox is free for `oftp_mailbox_call` and
     * `oftp_mailbox_answer` only when `oftp_run_fd` or `oftp_mailbox_ready` has returned.
     */
    int32_t (*ended)(oftp_mailbox *mailbox, const oftp_result *result, void *user_data);
    /**
     * Something is not as it was asked for, or a fault of this side: a response that cannot be
     * signed, a full disk.
     */
    int32_t (*warning)(oftp_mailbox *mailbox, const char *text, void *user_data);
    /**
     * The partner went beyond the letter in this command, and a quirk of this name took it.
     */
    int32_t (*quirk)(oftp_mailbox *mailbox, const char *quirk, const char *command, void *user_data);
    /**
     * Every command and every row of the state tables. Set only to look: it costs time.
     */
    int32_t (*trace)(oftp_mailbox *mailbox, const oftp_trace *trace, void *user_data);
} oftp_mailbox_events;

/**
 * A partner: who it is, which files are taken from it, and its certificates. Every field but
 * `code` may be 0: its default. Everything is copied. Initialise with `OFTP_PARTNER_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_partner)`.
     */
    size_t struct_size;
    /**
     * Its identification code (SSIDCODE), 1 to 25 characters.
     */
    const char *code;
    /**
     * The password that it must send (SSIDPSWD); NULL: whatever it sends is taken.
     */
    const char *password;
    /**
     * Require secure authentication (SSIDAUTH, RFC 5024 4.2.3), an `oftp_choice`; default no.
     * It takes our own keys and the partner's certificate.
     */
    int32_t authentication;
    /**
     * Its calls must use TLS, an `oftp_choice`; default no. A call without it gets ESID 10.
     */
    int32_t tls;
    /**
     * What may be agreed with this partner; NULL: what the mailbox was told. Timers, `role` and
     * `framing` are not looked at.
     */
    const oftp_config *session;
    /**
     * Destinations of files that are taken beside our own code (SFIDDEST).
     */
    const char *const *destinations;
    /**
     * How many.
     */
    size_t destination_count;
    /**
     * Take files for every destination, an `oftp_choice`; default no.
     */
    int32_t any_destination;
    /**
     * Originators of files that are taken beside the partner's own code (SFIDORIG). NULL: all of
     * the partner's organisation.
     */
    const char *const *origins;
    /**
     * How many.
     */
    size_t origin_count;
    /**
     * Take files of every originator, as from a clearing centre, an `oftp_choice`; default no.
     */
    int32_t any_origin;
    /**
     * The record formats taken (SFIDFMT), as letters: "FVUT"; NULL: all.
     */
    const char *formats;
    /**
     * Longest record taken in octets (SFIDLRECL); default 99,999.
     */
    uint32_t max_record;
    /**
     * Largest file taken in blocks of 1,024 octets (SFIDFSIZ); 0: no limit. Files that grow
     * beyond it all the same end the session (ESID 08).
     */
    uint64_t max_size;
    /**
     * Signed files, an `oftp_rule`.
     */
    int32_t signing;
    /**
     * Encrypted files, an `oftp_rule`.
     */
    int32_t encryption;
    /**
     * Compressed files, an `oftp_rule`.
     */
    int32_t compression;
    /**
     * Files that ask for a signed end response, an `oftp_rule`.
     */
    int32_t signed_responses;
    /**
     * Cipher suites taken (SFIDCIPH); NULL: 01 to 06.
     */
    const uint8_t *suites;
    /**
     * How many.
     */
    size_t suite_count;
    /**
     * The suite meant where a signed response is asked for and none is named; 0: such files are
     * refused.
     */
    int32_t unnamed_suite;
    /**
     * File of the certificates that the partner has given to us, PEM or DER, each trusted as it
     * is; lists of revoked certificates in it count as well. NULL: none.
     */
    const char *certificates;
    /**
     * The same in memory, beside or instead of the file; NULL, 0: none.
     */
    const uint8_t *certificates_data;
    /**
     * Octets of `certificates_data`.
     */
    size_t certificates_len;
    /**
     * File of the authorities that may certify this partner; NULL: none.
     */
    const char *anchors;
    /**
     * Names of which an authority's certificate for the partner bears one: host name, common
     * name, or identification code as serial number. NULL: the authorities certify nobody else,
     * and a host that is called by TLS must bear its host name.
     */
    const char *const *names;
    /**
     * How many.
     */
    size_t name_count;
} oftp_partner;

/**
 * TLS 1.2 or 1.3 below a session. The keys are those of the mailbox: `own_keys` is shown, and
 * the partner must show one of its `certificates`, or one that its `anchors` certify. Who calls
 * by the certificate of another partner is turned away by ESID 03. Initialise with
 * `OFTP_TLS_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_tls)`.
     */
    size_t struct_size;
    /**
     * Where we call: the host name or address of the partner. A certificate of its anchors must
     * be for this host, unless `names` of the partner say what it bears. NULL: only the
     * partner's `certificates`, or `names`, count.
     */
    const char *host;
    /**
     * Where we answer: whether callers must show a certificate, an `oftp_choice`; default yes.
     * With no, one that is shown must still be a partner's.
     */
    int32_t client_certificate;
    /**
     * Longest time for the handshake in milliseconds; default 10,000.
     */
    uint64_t handshake_ms;
} oftp_tls;

/**
 * Octets of a file to send, read by a callback. Initialise with `OFTP_SOURCE_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_source)`.
     */
    size_t struct_size;
    /**
     * How many octets there are.
     */
    uint64_t size;
    /**
     * Reads up to `len` octets from `offset` on into `octets`; returns how many, at least 1, or
     * less than 0 where that fails. The same octets may be read again: when a file is restarted,
     * and by `oftp_mailbox_send_source` where it is sealed or its records are counted. Must be
     * set. It may not use the mailbox (`OFTP_E_REENTERED`).
     */
    ptrdiff_t (*read_at)(uint8_t *octets, size_t len, uint64_t offset, void *user_data);
    /**
     * Called once when the mailbox does not need the source any more; may be NULL.
     */
    void (*finalizer)(void *user_data);
    /**
     * Passed last to both.
     */
    void *user_data;
} oftp_source;

/**
 * A file for `oftp_station_submit`. Where a field is 0 or NULL the rules of `oftp.toml` for its
 * name decide, then the partner's settings, as for a file in an outbox; so they do for its format
 * and security. Initialise with `OFTP_STATION_FILE_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_station_file)`.
     */
    size_t struct_size;
    /**
     * A regular file, which is copied and stays where it is; NULL: `octets` are the file.
     */
    const char *path;
    /**
     * The file in memory, copied; NULL: `path` is the file.
     */
    const uint8_t *octets;
    /**
     * How many `octets`; 0 is an empty file.
     */
    size_t len;
    /**
     * Its local name, by which the rules choose and which people read; NULL: the last part of
     * `path`. Needed with `octets`.
     */
    const char *name;
    /**
     * Its dataset name (SFIDDSN), at most 26 characters.
     */
    const char *dsn;
    /**
     * SFIDDESC, UTF-8, at most 999 octets.
     */
    const char *description;
    /**
     * SFIDDEST, where it is not the partner's code.
     */
    const char *destination;
    /**
     * SFIDORIG, where it is not ours.
     */
    const char *originator;
    /**
     * SFIDUSER, at most 8 characters.
     */
    const char *user_data;
    /**
     * 1 to 9, the last; -1: class 0 of `oftp.toml`, before all others.
     */
    int32_t priority;
    /**
     * Whether it waits until `oftp_station_release`, an `oftp_choice`; default no.
     */
    int32_t held;
} oftp_station_file;

/**
 * One line of the history of a station: something that has happened, and is on the disk.
 * Initialise with `OFTP_STATION_EVENT_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_station_event)`.
     */
    size_t struct_size;
    /**
     * Its number, from 1 on: larger than those of all events before it. There may be gaps.
     */
    uint64_t id;
    /**
     * When, in milliseconds since 1970, by the time of day.
     */
    int64_t at_ms;
    /**
     * What, an `oftp_event`; a newer library may know more: pass over what is not known.
     */
    int32_t kind;
    /**
     * With which file, by its number; 0: none.
     */
    uint64_t file;
    /**
     * With which partner, by its name in `oftp.toml`; empty: none.
     */
    char partner[65];
} oftp_station_event;

/**
 * Which files are wanted (`oftp_station_files_json`); a field that is 0 or NULL takes all.
 * Initialise with `OFTP_STATION_FILTER_INIT`.
 */
typedef struct {
    /**
     * `sizeof(oftp_station_filter)`.
     */
    size_t struct_size;
    /**
     * Those of this partner, by its name in `oftp.toml`.
     */
    const char *partner;
    /**
     * Those whose dataset name, local name or description has this part, in either case.
     */
    const char *text;
    /**
     * Those that have come so far, an `oftp_file_state`.
     */
    int32_t state;
    /**
     * 1: those that are sent; 2: those that came.
     */
    int32_t direction;
    /**
     * An `oftp_choice`: `OFTP_YES` those with which something is still to happen, `OFTP_NO` the
     * others.
     */
    int32_t open;
    /**
     * At most so many.
     */
    uint32_t limit;
    /**
     * Those with a smaller number: the next page.
     */
    uint64_t before;
    /**
     * Those that changed at this time or later, in milliseconds since 1970.
     */
    int64_t since_ms;
} oftp_station_filter;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The text of the last failed call of this thread: one line that says what was wrong, where, and
 * what to do, with the section of RFC 5024 where one applies. Empty after a call that succeeded.
 *
 * \return A string, never NULL, borrowed until the next call of this thread into the library.
 * Thread safe; allowed inside callbacks. Does not change the error.
 */
const char *oftp_last_error(void);

/**
 * The name of a status, such as "OFTP_E_NULL"; "OFTP_OK" for every value above 1.
 *
 * \param status Any value.
 * \return A static string, never NULL; "unknown" for a value below 0 that is no code.
 */
const char *oftp_status_name(oftp_status status);

/**
 * The release of the library at run time, such as "0.1.0". Compare it with `OFTP_VERSION`, the
 * release of the header.
 *
 * \return A static string, never NULL.
 */
const char *oftp_version(void);

/**
 * Makes a session: for one connection, in either role. It is IDLE until `oftp_connect_rq` or
 * `oftp_n_con_ind`.
 *
 * \param out Receives the handle; free it with `oftp_session_free`.
 * \param config What it is told before it begins; NULL: the defaults. Copied.
 * \param monitor Its callbacks. Copied: the structure may be `static const`, or on the stack.
 * \param network Pushes octets; NULL: they are pulled with `oftp_pending`. Copied.
 * \param user_data Passed last to every callback, and never looked at.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_VALUE`: a parameter is wrong;
 * `OFTP_E_MEMORY`. On failure `*out` is not written, and the finalizer is not called.
 *
 * Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_session_new(oftp_session **out,
                             const oftp_config *config,
                             const oftp_user_monitor *monitor,
                             const oftp_network_service *network,
                             void *user_data);

/**
 * Frees a session, in any state, and calls its finalizer. The connection below is the host's to
 * close. A second call with the same handle gives `OFTP_E_BAD_HANDLE`.
 *
 * \param session The session; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`; `OFTP_E_BUSY`: another thread is using it;
 * `OFTP_E_REENTERED`: inside a callback of this session.
 */
oftp_status oftp_session_free(oftp_session *session);

/**
 * Runs the session until it waits: tells the User Monitor what has happened, gives octets to the
 * network service, asks for data. Call it after every other function of the session, and after a
 * series of them. It is the only function of a session that calls back.
 *
 * \param session The session.
 * \return 0 or more: what the session waits for, a sum of `oftp_want`. `OFTP_E_CALLBACK`: a
 * callback returned less than 0; call again to go on behind it. `OFTP_E_VALUE`: `data_space` or
 * `n_data_rq` gave a wrong answer, of which nothing was taken; call again, and it is asked again.
 * `OFTP_E_REENTERED`: called inside a callback of the same session. `OFTP_E_BUSY`,
 * `OFTP_E_BAD_HANDLE`, `OFTP_E_NULL`.
 */
oftp_status oftp_dispatch(oftp_session *session);

/**
 * N_CON_IND (RFC 5024 2.2): a connection has come in and is accepted; we are the Responder. The
 * SSRM follows: call `oftp_dispatch`.
 *
 * \param session The session, IDLE.
 * \param called Our own address, for `connect_ind`; NULL: none.
 * \param calling The caller's address, for `connect_ind`; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: not UTF-8. In another state than IDLE the event is that of a
 * confused network, and ends the session as RFC 5024 chapter 9 says.
 */
oftp_status oftp_n_con_ind(oftp_session *session, const char *called, const char *calling);

/**
 * N_CON_CF (RFC 5024 2.2): the connection that was asked for is up.
 *
 * \param session The session, I_WF_NC.
 * \return `OFTP_OK`.
 */
oftp_status oftp_n_con_cf(oftp_session *session);

/**
 * N_DATA_IND (RFC 5024 2.2): octets have come. They are copied; `oftp_receive_space` saves that.
 *
 * \param session The session.
 * \param octets In a stream any part of it; with `OFTP_FRAMING_RECORDS` one Exchange Buffer.
 * \param len How many.
 * \return `OFTP_OK`; `OFTP_E_NULL`; `OFTP_E_VALUE`: an Exchange Buffer is empty, or longer than
 * 16,777,211 octets. After the end of the session octets are dropped.
 *
 * Read from the network only while `OFTP_WANT_READ` is set: so a User Monitor that is slow slows
 * the partner down, and memory stays small.
 */
oftp_status oftp_n_data_ind(oftp_session *session, const uint8_t *octets, size_t len);

/**
 * Room in the session's own buffer, to read octets from the network straight to where they are
 * decoded. Then call `oftp_received`.
 *
 * \param session The session, in a stream, after `oftp_dispatch`, while `OFTP_WANT_READ` is set.
 * Call `oftp_tick` before, or behind `oftp_received`: it is a call on the session too.
 * \param space Receives the address, borrowed until the next call on this session.
 * \param room Receives how many octets fit, at least 1.
 * \return `OFTP_OK`; `OFTP_E_USER`: with `OFTP_FRAMING_RECORDS`; `OFTP_E_NULL`.
 */
oftp_status oftp_receive_space(oftp_session *session, uint8_t **space, size_t *room);

/**
 * N_DATA_IND for octets that were read into `oftp_receive_space`.
 *
 * \param session The session.
 * \param octets How many, at most what there was room for.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: more than there was room for; `OFTP_E_USER`: with
 * `OFTP_FRAMING_RECORDS`.
 */
oftp_status oftp_received(oftp_session *session, size_t octets);

/**
 * N_DISC_IND (RFC 5024 2.2): the connection was closed by the partner. An ESID among the octets
 * that came before, and were not decoded yet, ends the session in its place.
 *
 * \param session The session.
 * \return `OFTP_OK`.
 */
oftp_status oftp_n_disc_ind(oftp_session *session);

/**
 * N_RST_IND (RFC 5024 2.2): the connection was reset, or could not be opened.
 *
 * \param session The session.
 * \return `OFTP_OK`.
 */
oftp_status oftp_n_rst_ind(oftp_session *session);

/**
 * The octets to be sent next, where they are pulled. Send them, all or a part, then call
 * `oftp_sent`, and `oftp_dispatch` when there are no more.
 *
 * \param session The session.
 * \param octets Receives their address, borrowed until the next call on this session.
 * \param len Receives how many; 0: none. With `OFTP_FRAMING_RECORDS` one Exchange Buffer.
 * \return `OFTP_OK`; `OFTP_E_NULL`.
 */
oftp_status oftp_pending(oftp_session *session, const uint8_t **octets, size_t *len);

/**
 * Tells that octets of `oftp_pending` are sent.
 *
 * \param session The session.
 * \param octets How many; with `OFTP_FRAMING_RECORDS` all, or 0.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: more than were pending, or a part of an Exchange Buffer;
 * `OFTP_E_USER`: inside `n_data_rq`, whose result says it.
 */
oftp_status oftp_sent(oftp_session *session, size_t octets);

/**
 * What the session waits for, without calling back. What has come is decoded, so that the state
 * may be another one behind this call; what it means is told by `oftp_dispatch`.
 *
 * \param session The session.
 * \return A sum of `oftp_want`, 0 or more; less than 0: an error.
 */
oftp_status oftp_wants(oftp_session *session);

/**
 * Tells the time. Call it before each input, and when the deadline has come, then
 * `oftp_dispatch`. A timer that has run out ends the session (RFC 5024 9.9).
 *
 * \param session The session.
 * \param now_ms Milliseconds since any fixed moment, never backwards: CLOCK_MONOTONIC.
 * \return `OFTP_OK`.
 */
oftp_status oftp_tick(oftp_session *session, uint64_t now_ms);

/**
 * When `oftp_tick` is due without any input.
 *
 * \param session The session.
 * \param at_ms Receives the time in milliseconds, on the clock of `oftp_tick`. One that has
 * passed means at once. UINT64_MAX: never.
 * \return `OFTP_OK`; `OFTP_E_NULL`.
 */
oftp_status oftp_deadline(oftp_session *session, uint64_t *at_ms);

/**
 * The state of RFC 5024 chapter 9, by its name there: "IDLE", "OPO", "WF_CD" ...
 *
 * \param session The session.
 * \param name Receives a static string.
 * \return `OFTP_OK`; `OFTP_E_NULL`.
 */
oftp_status oftp_state(oftp_session *session, const char **name);

/**
 * What both sides have agreed on.
 *
 * \param session The session, after the exchange of SSIDs.
 * \param out Receives it; `struct_size` must be set.
 * \return `OFTP_OK`; `OFTP_E_USER`: nothing is agreed yet; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 */
oftp_status oftp_agreement(oftp_session *session, oftp_agreed *out);

/**
 * F_CONNECT_RQ (RFC 5024 3.2.1): call a partner. `OFTP_WANT_CONNECT`, or N_CON_RQ of the network
 * service, asks for a connection; `connect_cf` or `abort_ind` follows.
 *
 * \param session The session, IDLE.
 * \param connect Who we are, and how we want the session. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong; `OFTP_E_USER`: it has a connection, or
 * had one; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_connect_rq(oftp_session *session, const oftp_connect *connect);

/**
 * F_CONNECT_RS (RFC 5024 3.2.1): take the caller that `connect_ind` told. To turn it away use
 * `oftp_release_rq` with 03, 04 or 08.
 *
 * \param session The session, A_WF_CONRS.
 * \param connect Who we are, and how we want the session. Copied.
 * \param config What this partner may have, in place of the session's: levels, buffer, window,
 * compression, restart, mode, quirks; the rest is not looked at. NULL: the session's. Copied.
 * \return As `oftp_connect_rq`. `OFTP_E_USER`: no caller waits for an answer.
 */
oftp_status oftp_connect_rs(oftp_session *session,
                            const oftp_connect *connect,
                            const oftp_config *config);

/**
 * F_START_FILE_RQ (RFC 5024 3.3.1): offer a Virtual File. `start_file_cf` follows.
 *
 * \param session The session; we are the Speaker, with nothing in progress.
 * \param file The file. What the session's level does not have must be 0, so that nothing is
 * sent less secure than it was meant; a description is left out there. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, does not fit the level, or contradicts
 * another; `OFTP_E_USER`: not the Speaker, something in progress, restart not agreed,
 * `start_file_cf` is not set, or the answer to the file before was not told yet; `OFTP_E_NULL`,
 * `OFTP_E_STRUCT_SIZE`, `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_start_file_rq(oftp_session *session, const oftp_virtual_file *file);

/**
 * F_START_FILE_RS, positive (RFC 5024 3.3.1): take the file that `start_file_ind` told.
 *
 * \param session The session, OPIP.
 * \param position From here on: records (F, V), or blocks of 1,024 octets (U, T and secured
 * files), at most `restart_position` of the file; 0: all of it.
 * \param octets Octets before this position, for plain V files only; else not looked at.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is offered, or `data_ind` is not set;
 * `OFTP_E_VALUE`: the position is above the offer; the answer is then still owed.
 */
oftp_status oftp_start_file_rs(oftp_session *session, uint64_t position, uint64_t octets);

/**
 * F_START_FILE_RS, negative (RFC 5024 3.3.1): refuse the file that `start_file_ind` told.
 *
 * \param session The session, OPIP.
 * \param reason Why, an `oftp_file_reason`; one that the level lacks is sent as 99.
 * \param retry_later An `oftp_choice`, default no: whether another try in a later session makes
 * sense.
 * \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is offered; `OFTP_E_VALUE`.
 */
oftp_status oftp_start_file_rs_negative(oftp_session *session,
                                        int32_t reason,
                                        int32_t retry_later,
                                        const char *text);

/**
 * F_DATA_RQ (RFC 5024 3.3.2): give octets of the file that is being sent, where `data_space` is
 * not set. Builds one Data Exchange Buffer; give much at a time, for small ones use up credit.
 *
 * U and T files, and all secured ones, want the flag once, with their last octets. F and V files
 * want a call with the flag for each record, and so a buffer and a credit: where records are
 * small, `data_space` puts many into a buffer.
 *
 * \param session The session, OPO: a file is open for sending, and there is credit.
 * \param octets Octets of the file. Copied.
 * \param len How many; 0 with the flag marks an end behind what was given before.
 * \param flags 0 or `OFTP_DATA_END_OF_RECORD`.
 * \param taken Receives how many were taken: what one buffer has room for. The end was marked
 * only where all were. Call again with the rest, after `data_cf` if the credit is used up.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is open for sending, the credit is used up, or
 * `data_space` is set; `OFTP_E_VALUE`: a flag that does not exist, or a record of an F or V file
 * that `record_length` does not allow; `OFTP_E_NULL`.
 */
oftp_status oftp_data_rq(oftp_session *session,
                         const uint8_t *octets,
                         size_t len,
                         uint32_t flags,
                         size_t *taken);

/**
 * `data_space` has octets again, after it gave none: `oftp_dispatch` asks it.
 *
 * \param session The session.
 * \return `OFTP_OK`, also where no file is being sent; `OFTP_E_BUSY`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_data_ready(oftp_session *session);

/**
 * Tells how many octets stand before the restart position of a plain V file that is sent again,
 * for the counts of F_CLOSE_FILE_RQ. For other files the library knows. Call it in
 * `start_file_cf`.
 *
 * \param session The session; a file is open for sending, and none of its data were given.
 * \param octets Octets of the records before the position.
 * \return `OFTP_OK`; `OFTP_E_USER`: not now.
 */
oftp_status oftp_data_from(oftp_session *session, uint64_t octets);

/**
 * F_CLOSE_FILE_RQ (RFC 5024 3.3.3): all data are given by `oftp_data_rq`. `close_file_cf`
 * follows.
 *
 * \param session The session, OPO. While the credit is used up, EFID must wait for `data_cf`
 * (RFC 5024 9.11 note 1).
 * \param records Records of the whole file, also after a restart; 0 for U, T and secured files;
 * `OFTP_COUNTED`: as counted by the library.
 * \param octets Octets of the whole file; `OFTP_COUNTED`: as counted by the library.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is open for sending, or no credit; `OFTP_E_VALUE`: a
 * count does not fit its field, or the last record of an F or V file has no end.
 */
oftp_status oftp_close_file_rq(oftp_session *session, uint64_t records, uint64_t octets);

/**
 * F_CLOSE_FILE_RS, positive (RFC 5024 3.3.3): the file is stored, and cannot get lost any more.
 *
 * \param session The session, CLIP.
 * \param speaker An `oftp_choice`, default no: whether we want the turn now (EFPACD). Then
 * `cd_ind` does not come: issue at once, or later, what we have to send (`oftp_eerp_rq`,
 * `oftp_nerp_rq`, `oftp_start_file_rq`), and it goes out when the turn is here; `oftp_cd_rq`
 * gives the turn back.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file waits for it; `OFTP_E_VALUE`.
 */
oftp_status oftp_close_file_rs(oftp_session *session, int32_t speaker);

/**
 * F_CLOSE_FILE_RS, negative (RFC 5024 3.3.3): the file is not accepted; drop what came of it.
 *
 * \param session The session, CLIP.
 * \param reason Why, an `oftp_file_reason`; one that the level lacks is sent as 99.
 * \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
 * \return As `oftp_close_file_rs`.
 */
oftp_status oftp_close_file_rs_negative(oftp_session *session, int32_t reason, const char *text);

/**
 * The end response for a file: dataset name, stamps and user data are the file's, destination and
 * originator change places, as it travels back (RFC 5024 4.3.6). For a NERP set `creator`,
 * `reason` and `text` as well.
 *
 * \param file The file as `start_file_ind` told it.
 * \param out Receives the response; `struct_size` must be set.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 *
 * Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_end_response_for(const oftp_virtual_file *file, oftp_end_response *out);

/**
 * F_EERP_RQ (RFC 5024 3.3.5): send an End to End Response. `rtr_cf` follows.
 *
 * \param session The session; we are the Speaker, with nothing in progress.
 * \param response The response. Below level 2.0 hash and signature are left out. Copied.
 * \return `OFTP_OK`; `OFTP_E_USER`: not now; `OFTP_E_VALUE`: a field does not fit the level;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 */
oftp_status oftp_eerp_rq(oftp_session *session, const oftp_end_response *response);

/**
 * F_NERP_RQ (RFC 5024 3.3.6): send a Negative End Response. `rtr_cf` follows.
 *
 * \param session As for `oftp_eerp_rq`; levels below 1.4 have no NERP.
 * \param response As for `oftp_eerp_rq`.
 * \return As `oftp_eerp_rq`.
 */
oftp_status oftp_nerp_rq(oftp_session *session, const oftp_end_response *response);

/**
 * F_RTR_RS (RFC 5024 3.3.5): the EERP or NERP that `eerp_ind` or `nerp_ind` told is safe.
 *
 * \param session The session, RTRP.
 * \return `OFTP_OK`; `OFTP_E_USER`: none waits for it.
 */
oftp_status oftp_rtr_rs(oftp_session *session);

/**
 * F_CD_RQ (RFC 5024 3.3.4): give the turn to the partner.
 *
 * \param session The session; we are the Speaker, with nothing in progress.
 * \return `OFTP_OK`; `OFTP_E_USER`: not now, or the turn has just come and nothing was sent
 * (rule 4): end the session then.
 */
oftp_status oftp_cd_rq(oftp_session *session);

/**
 * F_RELEASE_RQ (RFC 5024 3.4): end the session.
 *
 * \param session The session.
 * \param reason An `oftp_esid_reason`. 00 is the normal end, allowed only when the turn has just
 * come unasked (`cd_ind`); any other is an abnormal release, allowed at any time.
 * \param text Words for people, UTF-8, cut to 999 octets, sent at level 2.0 and not with 00;
 * NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: reason 00 in any other situation, or no connection;
 * `OFTP_E_VALUE`.
 */
oftp_status oftp_release_rq(oftp_session *session, int32_t reason, const char *text);

/**
 * F_ABORT_RQ (RFC 5024 3.4.3): cut the connection at once, without ESID.
 *
 * \param session The session.
 * \return `OFTP_OK`; `OFTP_E_USER`: there is no connection.
 */
oftp_status oftp_abort_rq(oftp_session *session);

/**
 * Answers `seal_challenge_ind`: AUCH is sent, and the partner's answer compared in constant time.
 *
 * \param session The session.
 * \param plain The 20 octets, random and new for every session; NULL: there is no usable
 * certificate of the partner, and ESID 11 ends the session. Copied.
 * \param sealed The same as CMS EnvelopedData for the partner. `oftp_challenge_seal` makes both.
 * Copied.
 * \param sealed_len Its octets, at most 65,535.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: no challenge is wanted now, or it is too long;
 * `OFTP_E_NULL`.
 */
oftp_status oftp_seal_challenge_rs(oftp_session *session,
                                   const uint8_t *plain,
                                   const uint8_t *sealed,
                                   size_t sealed_len);

/**
 * Answers `open_challenge_ind`: AURP is sent.
 *
 * \param session The session.
 * \param plain The 20 octets that were sealed; NULL: they cannot be opened, whatever the cause,
 * and ESID 11 ends the session. `oftp_challenge_open` opens them. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: no challenge is to be opened now.
 */
oftp_status oftp_open_challenge_rs(oftp_session *session, const uint8_t *plain);

/**
 * Where the octets are, and how many. Behind the last one stands a 0 that is not counted: what is
 * text, such as PEM, can be used as a string.
 *
 * \param octets The handle.
 * \param data Receives the address, never NULL; borrowed until `oftp_octets_free`.
 * \param len Receives how many octets there are.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 *
 * Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_octets_get(const oftp_octets *octets, const uint8_t **data, size_t *len);

/**
 * Overwrites the octets with zeros and frees them.
 *
 * \param octets The handle; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
 */
oftp_status oftp_octets_free(oftp_octets *octets);

/**
 * Makes an empty keystore.
 *
 * \param out Receives the handle; free it with `oftp_keystore_free`.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_MEMORY`.
 *
 * Thread safe. Allowed inside callbacks, as all functions of keystores.
 */
oftp_status oftp_keystore_new(oftp_keystore **out);

/**
 * Frees a keystore. What was made from it, such as a sealer or a trust, goes on.
 *
 * \param keystore The keystore; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
 */
oftp_status oftp_keystore_free(oftp_keystore *keystore);

/**
 * Adds what these octets hold: keys, certificates and CRLs in PEM (several blocks in any order)
 * or DER, keys as PKCS#8, PKCS#1 or SEC 1, encrypted or not, PKCS#12, bundles in PKCS#7. A
 * certificate that is there already does not come twice.
 *
 * \param keystore The keystore.
 * \param data The octets. Copied.
 * \param len How many.
 * \param passphrase Opens what is encrypted, in UTF-8; NULL: nothing is. Copies are overwritten
 * with zeros.
 * \return `OFTP_OK`; `OFTP_E_KEY`: there is nothing, it is damaged, or the passphrase is missing
 * or wrong; `OFTP_E_VALUE`: the passphrase is not UTF-8.
 */
oftp_status oftp_keystore_add_memory(oftp_keystore *keystore,
                                     const uint8_t *data,
                                     size_t len,
                                     const char *passphrase);

/**
 * Adds what a file holds, as `oftp_keystore_add_memory`.
 *
 * \param keystore The keystore.
 * \param path The file, of at most 64 MiB.
 * \param passphrase As for `oftp_keystore_add_memory`.
 * \return As `oftp_keystore_add_memory`; `OFTP_E_IO`: the file cannot be read.
 */
oftp_status oftp_keystore_add_file(oftp_keystore *keystore,
                                   const char *path,
                                   const char *passphrase);

/**
 * Adds what can be read from a descriptor up to its end, as `oftp_keystore_add_memory`.
 *
 * \param keystore The keystore.
 * \param fd The descriptor, which gives at most 64 MiB. Borrowed during the call, not closed.
 * \param passphrase As for `oftp_keystore_add_memory`.
 * \return As `oftp_keystore_add_memory`; `OFTP_E_IO`: it cannot be read.
 */
oftp_status oftp_keystore_add_fd(oftp_keystore *keystore, int32_t fd, const char *passphrase);

/**
 * How much a keystore holds.
 *
 * \param keystore The keystore.
 * \param keys Receives the number of private keys; NULL: not wanted.
 * \param certificates Receives the number of certificates; NULL: not wanted.
 * \param crls Receives the number of lists of revoked certificates; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_keystore_counts(const oftp_keystore *keystore,
                                 size_t *keys,
                                 size_t *certificates,
                                 size_t *crls);

/**
 * A certificate of a keystore. Indexes count from 0 in the order in which certificates were added
 * and stay as they are.
 *
 * \param keystore The keystore.
 * \param index Which certificate, less than the number of `oftp_keystore_counts`.
 * \param info Receives what it says.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_STRUCT_SIZE`.
 */
oftp_status oftp_keystore_certificate(oftp_keystore *keystore,
                                      size_t index,
                                      oftp_certificate_info *info);

/**
 * Where in a keystore the certificate with this SHA-256 is.
 *
 * \param keystore The keystore.
 * \param fingerprint 32 octets.
 * \param index Receives the index.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: it is not there.
 */
oftp_status oftp_keystore_find(const oftp_keystore *keystore,
                               const uint8_t *fingerprint,
                               size_t *index);

/**
 * Adds a new RSA key with a certificate that it signs itself, for everything that OFTP does:
 * signatures, encryption, authentication, TLS.
 *
 * \param keystore The keystore.
 * \param owner Whom it is for, and how long.
 * \param index Receives the index of the certificate; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a length, the days or a name cannot be; `OFTP_E_NULL`,
 * `OFTP_E_STRUCT_SIZE`. Takes up to some seconds; other threads may use the keystore.
 */
oftp_status oftp_keystore_generate(oftp_keystore *keystore, const oftp_owner *owner, size_t *index);

/**
 * The private key of a certificate as PEM (PKCS#8).
 *
 * \param keystore The keystore.
 * \param index Which certificate.
 * \param passphrase Encrypts it (PBES2, AES-256), in UTF-8; NULL: not encrypted.
 * \param pem Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_KEY`: no private key.
 */
oftp_status oftp_keystore_key_pem(const oftp_keystore *keystore,
                                  size_t index,
                                  const char *passphrase,
                                  oftp_octets **pem);

/**
 * A certificate as PEM, for a partner.
 *
 * \param keystore The keystore.
 * \param index Which certificate.
 * \param pem Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate.
 */
oftp_status oftp_keystore_certificate_pem(const oftp_keystore *keystore,
                                          size_t index,
                                          oftp_octets **pem);

/**
 * A request that an authority certify the key of a certificate (PKCS#10), as PEM.
 *
 * \param keystore The keystore.
 * \param index Which certificate, whose private key is there.
 * \param owner Whom the new certificate is for; bits, days and time are not looked at.
 * \param pem Receives the text; free it with `oftp_octets_free`.
 * \return As `oftp_keystore_key_pem`; `OFTP_E_VALUE`: a name cannot stand in a certificate.
 */
oftp_status oftp_keystore_request_pem(const oftp_keystore *keystore,
                                      size_t index,
                                      const oftp_owner *owner,
                                      oftp_octets **pem);

/**
 * Writes the private key of a certificate to a new file that only its owner may read, as
 * `oftp_keystore_key_pem` makes it.
 *
 * \param keystore The keystore.
 * \param index Which certificate.
 * \param path The file.
 * \param passphrase As for `oftp_keystore_key_pem`.
 * \param replace 1: a file that is there is replaced, at once or not at all; 0: it is an error.
 * \return As `oftp_keystore_key_pem`; `OFTP_E_IO`: the file exists, or cannot be written.
 */
oftp_status oftp_keystore_write_key(const oftp_keystore *keystore,
                                    size_t index,
                                    const char *path,
                                    const char *passphrase,
                                    int32_t replace);

/**
 * Writes a certificate to a new file, in PEM.
 *
 * \param keystore The keystore.
 * \param index Which certificate.
 * \param path The file.
 * \param replace As for `oftp_keystore_write_key`.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such certificate; `OFTP_E_IO`: the file exists,
 * or cannot be written.
 */
oftp_status oftp_keystore_write_certificate(const oftp_keystore *keystore,
                                            size_t index,
                                            const char *path,
                                            int32_t replace);

/**
 * Makes a trust that trusts nobody.
 *
 * \param out Receives the handle; free it with `oftp_trust_free`.
 * \param options What is asked of certificates; NULL: the defaults. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_NULL`, `OFTP_E_MEMORY`.
 *
 * Thread safe. Allowed inside callbacks, as all functions of a trust.
 */
oftp_status oftp_trust_new(oftp_trust **out, const oftp_trust_options *options);

/**
 * Frees a trust. Openers that were made with it go on.
 *
 * \param trust The trust; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
 */
oftp_status oftp_trust_free(oftp_trust *trust);

/**
 * Trusts the certificates of a keystore as they are: those that the partner has given to us,
 * self-signed or not. Of these, the newest that is valid is encrypted for.
 *
 * \param trust The trust.
 * \param certificates A keystore. Copied.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_trust_pin(oftp_trust *trust, const oftp_keystore *certificates);

/**
 * Trusts what these authorities certify, where it bears one of the names of `oftp_trust_add_name`.
 *
 * \param trust The trust.
 * \param authorities A keystore with their certificates. Copied.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_trust_add_authorities(oftp_trust *trust, const oftp_keystore *authorities);

/**
 * Adds certificates between the authorities and the partner's. They are not trusted for that.
 *
 * \param trust The trust.
 * \param intermediates A keystore. Copied.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_trust_add_intermediates(oftp_trust *trust, const oftp_keystore *intermediates);

/**
 * Adds the lists of revoked certificates of a keystore. A list counts where an authority or a
 * certificate above signed it.
 *
 * \param trust The trust.
 * \param crls A keystore. Copied.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_trust_add_crls(oftp_trust *trust, const oftp_keystore *crls);

/**
 * Adds a name that an authority's certificate for this partner bears: a host name, a common name,
 * or an identification code as serial number of the subject. Without any name, the authorities
 * certify nobody but this partner.
 *
 * \param trust The trust.
 * \param name The name in UTF-8. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: it is empty or not UTF-8.
 */
oftp_status oftp_trust_add_name(oftp_trust *trust, const char *name);

/**
 * Whether a certificate is the partner's and may be used so at this time.
 *
 * \param trust The trust.
 * \param der The certificate in DER.
 * \param len Its octets.
 * \param purpose What for, an `oftp_purpose`.
 * \param time When, in Unix seconds; 0: now.
 * \return `OFTP_OK`: yes; `OFTP_E_DISTRUST`: no, and the error text says why and what to do;
 * `OFTP_E_KEY`: it is no certificate; `OFTP_E_VALUE`.
 */
oftp_status oftp_trust_check(const oftp_trust *trust,
                             const uint8_t *der,
                             size_t len,
                             int32_t purpose,
                             int64_t time);

/**
 * The partner's certificate to encrypt for at this time: of the pinned ones that
 * `oftp_trust_check` takes, the one that became valid last.
 *
 * \param trust The trust.
 * \param purpose What for, an `oftp_purpose`.
 * \param time When, in Unix seconds; 0: now.
 * \param der Receives the certificate in DER; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_DISTRUST`: there is none, and the error text says why.
 */
oftp_status oftp_trust_newest(const oftp_trust *trust,
                              int32_t purpose,
                              int64_t time,
                              oftp_octets **der);

/**
 * Begins a message. Keys and certificates are tried before the first octet.
 *
 * \param out Receives the handle; free it with `oftp_cms_sealer_free`.
 * \param plan How it is sealed. Copied; its keystores and trust may be freed.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or nothing is asked for; `OFTP_E_KEY`: a
 * key or certificate cannot be used; `OFTP_E_DISTRUST`: no certificate of the partner is good;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BAD_HANDLE`.
 *
 * Thread safe. Allowed inside callbacks, as all functions of sealers.
 */
oftp_status oftp_cms_sealer_new(oftp_cms_sealer **out, const oftp_cms_seal_plan *plan);

/**
 * Frees a sealer, at any time.
 *
 * \param sealer The sealer; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
 */
oftp_status oftp_cms_sealer_free(oftp_cms_sealer *sealer);

/**
 * Takes octets of the content. When it takes fewer than all there is something to pull: pull,
 * then push the rest.
 *
 * \param sealer The sealer.
 * \param data The octets. Copied.
 * \param len How many.
 * \param taken Receives how many were taken, from the beginning.
 * \return `OFTP_OK`; `OFTP_E_USER`: the end was told, or records are wanted.
 */
oftp_status oftp_cms_sealer_push(oftp_cms_sealer *sealer,
                                 const uint8_t *data,
                                 size_t len,
                                 size_t *taken);

/**
 * Takes the next record of a V file (`record_length` of the plan), and writes its length before
 * it (RFC 5024 6.5).
 *
 * \param sealer The sealer.
 * \param data The record. Copied.
 * \param len Its octets, at most `record_length`.
 * \param taken Receives 1: it was taken; or 0: pull, then push it again.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: the record is too long; `OFTP_E_USER`: the end was told, or
 * `record_length` is 0.
 */
oftp_status oftp_cms_sealer_push_record(oftp_cms_sealer *sealer,
                                        const uint8_t *data,
                                        size_t len,
                                        int32_t *taken);

/**
 * The content has ended: pull what is still to come.
 *
 * \param sealer The sealer.
 * \return `OFTP_OK`; `OFTP_E_USER`: that was told before; `OFTP_E_KEY`: it cannot be signed.
 */
oftp_status oftp_cms_sealer_end(oftp_cms_sealer *sealer);

/**
 * Fills a buffer with octets of the message.
 *
 * \param sealer The sealer.
 * \param out Where they go.
 * \param room How many fit.
 * \param len Receives how many there are; 0: push more, or it is done.
 * \return `OFTP_OK`; `OFTP_E_KEY`: it cannot be signed.
 */
oftp_status oftp_cms_sealer_pull(oftp_cms_sealer *sealer, uint8_t *out, size_t room, size_t *len);

/**
 * Whether the message is complete: the end was told, and all was pulled.
 *
 * \param sealer The sealer.
 * \return 1: yes; 0: no; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_cms_sealer_is_done(const oftp_cms_sealer *sealer);

/**
 * How many octets all buffers of a sealer hold, in use or not: some hundred KiB at most, however
 * long the file is.
 *
 * \param sealer The sealer.
 * \param held Receives the octets.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_cms_sealer_held(const oftp_cms_sealer *sealer, size_t *held);

/**
 * Begins to open a message.
 *
 * \param out Receives the handle; free it with `oftp_cms_opener_free`.
 * \param plan What was announced, and what is needed. Copied; its keystore and trust may be freed.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong; `OFTP_E_KEY`: the keystore has no key, or
 * one without its certificate; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_BAD_HANDLE`.
 *
 * Thread safe. Allowed inside callbacks, as all functions of openers.
 */
oftp_status oftp_cms_opener_new(oftp_cms_opener **out, const oftp_cms_open_plan *plan);

/**
 * Frees an opener, at any time.
 *
 * \param opener The opener; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before.
 */
oftp_status oftp_cms_opener_free(oftp_cms_opener *opener);

/**
 * Takes octets of the message. When it takes fewer than all there is something to pull: pull,
 * then push the rest.
 *
 * \param opener The opener.
 * \param data The octets. Copied.
 * \param len How many.
 * \param taken Receives how many were taken, from the beginning.
 * \return `OFTP_OK`; `OFTP_E_CMS`: the message is wrong (`oftp_cms_opener_result`), now and in
 * every later call; `OFTP_E_USER`: the end was told.
 */
oftp_status oftp_cms_opener_push(oftp_cms_opener *opener,
                                 const uint8_t *data,
                                 size_t len,
                                 size_t *taken);

/**
 * The message has ended: pull what is still to come.
 *
 * \param opener The opener.
 * \return `OFTP_OK`; `OFTP_E_CMS`: it is wrong, or not complete; `OFTP_E_USER`: that was told
 * before.
 */
oftp_status oftp_cms_opener_end(oftp_cms_opener *opener);

/**
 * Fills a buffer with octets of the content, which are provisional until it is done.
 *
 * \param opener The opener.
 * \param out Where they go.
 * \param room How many fit.
 * \param len Receives how many there are; 0: push more, or it is done.
 * \return `OFTP_OK`; `OFTP_E_CMS`: the message is wrong; `OFTP_E_USER`: records are to be pulled.
 */
oftp_status oftp_cms_opener_pull(oftp_cms_opener *opener, uint8_t *out, size_t room, size_t *len);

/**
 * Fills a buffer with octets of the next record of a V file (`record_length` of the plan), of one
 * record only. They are provisional until it is done.
 *
 * \param opener The opener.
 * \param out Where they go.
 * \param room How many fit, at least 1. A record that does not fit comes in parts.
 * \param len Receives how many there are.
 * \param end_of_record Receives 1: the record ends behind them; 0: it goes on. With no octets and
 * 0, push more, or it is done; with no octets and 1, the record ends, or is empty.
 * \return `OFTP_OK`; `OFTP_E_CMS`: the message or a length of a record is wrong; `OFTP_E_USER`:
 * `record_length` is 0; `OFTP_E_VALUE`: there is no room.
 */
oftp_status oftp_cms_opener_pull_record(oftp_cms_opener *opener,
                                        uint8_t *out,
                                        size_t room,
                                        size_t *len,
                                        int32_t *end_of_record);

/**
 * Whether the message was opened: its end was told, everything about it is right, and all was
 * pulled. Only then may the content be used.
 *
 * \param opener The opener.
 * \return 1: yes; 0: no; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_cms_opener_is_done(const oftp_cms_opener *opener);

/**
 * What is known of the message: who signed it, or why it cannot be opened.
 *
 * \param opener The opener, done or failed.
 * \param opened Receives it.
 * \return `OFTP_OK`; `OFTP_E_USER`: it is neither done nor failed; `OFTP_E_STRUCT_SIZE`.
 */
oftp_status oftp_cms_opener_result(const oftp_cms_opener *opener, oftp_cms_opened *opened);

/**
 * How many octets all buffers of an opener hold, as `oftp_cms_sealer_held`.
 *
 * \param opener The opener.
 * \param held Receives the octets.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_cms_opener_held(const oftp_cms_opener *opener, size_t *held);

/**
 * Seals a file that is in memory.
 *
 * \param plan How; see `oftp_cms_sealer_new`. `record_length` must be 0.
 * \param data The file.
 * \param len Its octets.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \param out Receives the message; free it with `oftp_octets_free`.
 * \return As `oftp_cms_sealer_new`; `OFTP_E_CALLBACK`: `progress` has stopped it;
 * `OFTP_E_MEMORY`. Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_cms_seal_memory(const oftp_cms_seal_plan *plan,
                                 const uint8_t *data,
                                 size_t len,
                                 oftp_progress progress,
                                 void *user_data,
                                 oftp_octets **out);

/**
 * Seals a file from one descriptor to another, in constant memory.
 *
 * \param plan How; see `oftp_cms_sealer_new`. `record_length` must be 0.
 * \param in_fd The file, from its position to its end. Borrowed during the call, not closed.
 * \param out_fd Where the message goes, at its position. Borrowed during the call, not closed.
 * A reader that has gone is `OFTP_E_IO` and no SIGPIPE; non-blocking descriptors are waited for.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \return As `oftp_cms_seal_memory`; `OFTP_E_IO`: a descriptor cannot be read or written. On
 * failure, what was written is no message: remove it.
 */
oftp_status oftp_cms_seal_fd(const oftp_cms_seal_plan *plan,
                             int32_t in_fd,
                             int32_t out_fd,
                             oftp_progress progress,
                             void *user_data);

/**
 * Opens a message that is in memory.
 *
 * \param plan What was announced; see `oftp_cms_opener_new`. `record_length` must be 0.
 * \param data The message.
 * \param len Its octets.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \param out Receives the content; free it with `oftp_octets_free`.
 * \param opened Receives what is known of it; after `OFTP_E_CMS`, the reason for the partner, and
 * zeros. NULL: not wanted.
 * \return As `oftp_cms_opener_new`; `OFTP_E_CMS`: the message is wrong, and `*out` is not written;
 * `OFTP_E_CALLBACK`: `progress` has stopped it; `OFTP_E_MEMORY`. Thread safe. Allowed inside
 * callbacks.
 */
oftp_status oftp_cms_open_memory(const oftp_cms_open_plan *plan,
                                 const uint8_t *data,
                                 size_t len,
                                 oftp_progress progress,
                                 void *user_data,
                                 oftp_octets **out,
                                 oftp_cms_opened *opened);

/**
 * Opens a message from one descriptor to another, in constant memory.
 *
 * What is written must not be used before this gives `OFTP_OK`: write to a file that nobody else
 * looks at, and rename it then.
 *
 * \param plan What was announced; see `oftp_cms_opener_new`. `record_length` must be 0.
 * \param in_fd The message; as for `oftp_cms_seal_fd`.
 * \param out_fd Where the content goes; as for `oftp_cms_seal_fd`.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \param opened As for `oftp_cms_open_memory`.
 * \return As `oftp_cms_open_memory`; `OFTP_E_IO`: a descriptor cannot be read or written. On
 * failure, what was written is worth nothing: remove it.
 */
oftp_status oftp_cms_open_fd(const oftp_cms_open_plan *plan,
                             int32_t in_fd,
                             int32_t out_fd,
                             oftp_progress progress,
                             void *user_data,
                             oftp_cms_opened *opened);

/**
 * Signs an EERP that is to be sent: its fields and the hash of the file as it was received.
 *
 * \param response The EERP, with `hash` set (`oftp_hash_fd` over the file as transmitted).
 * \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
 * \param keystore Who signs: our private key with its certificate.
 * \param fingerprint Which certificate of it, the 32 octets of its SHA-256; NULL: the newest that
 * is valid.
 * \param time The time in the signature, in Unix seconds; 0: now.
 * \param signature Receives the signature; free it with `oftp_octets_free`. Give what
 * `oftp_octets_get` tells to `signature` and `signature_len` of the response, then call
 * `oftp_eerp_rq`.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the hash is not one of this suite;
 * `OFTP_E_KEY`: there is no such key, or it cannot sign. Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_response_sign_eerp(const oftp_end_response *response,
                                    int32_t suite,
                                    const oftp_keystore *keystore,
                                    const uint8_t *fingerprint,
                                    int64_t time,
                                    oftp_octets **signature);

/**
 * Signs a NERP that is to be sent, as `oftp_response_sign_eerp`. What the signature does not
 * cover: reason and text.
 *
 * \param response The NERP; `hash` may be empty where no hash of the file is known.
 * \param suite As for `oftp_response_sign_eerp`.
 * \param keystore As for `oftp_response_sign_eerp`.
 * \param fingerprint As for `oftp_response_sign_eerp`.
 * \param time As for `oftp_response_sign_eerp`.
 * \param signature As for `oftp_response_sign_eerp`; then call `oftp_nerp_rq`.
 * \return As `oftp_response_sign_eerp`.
 */
oftp_status oftp_response_sign_nerp(const oftp_end_response *response,
                                    int32_t suite,
                                    const oftp_keystore *keystore,
                                    const uint8_t *fingerprint,
                                    int64_t time,
                                    oftp_octets **signature);

/**
 * Whether a signed EERP proves that the partner received what was sent.
 *
 * \param response The EERP that `eerp_ind` told.
 * \param trust Whose signature counts: the partner's.
 * \param hash The hash of the file as it was sent, by the suite of the file.
 * \param hash_len Its octets.
 * \param time At which time the signer's certificate must be valid, in Unix seconds; 0: now.
 * \param refuse_legacy 1: refuse SHA-1; 0: take it, as suites 01 and 02 need it.
 * \param signer Receives the SHA-256 of the certificate that signed, 32 octets; NULL: not wanted.
 * \return `OFTP_OK`: it does; `OFTP_E_CMS`: it does not, and the error text says why: it is not
 * signed, not by the partner, not for this response, or for another file; `OFTP_E_VALUE`: a field
 * is wrong, or there is no hash, without which it proves nothing. Thread safe. Allowed inside
 * callbacks.
 */
oftp_status oftp_response_verify_eerp(const oftp_end_response *response,
                                      const oftp_trust *trust,
                                      const uint8_t *hash,
                                      size_t hash_len,
                                      int64_t time,
                                      int32_t refuse_legacy,
                                      uint8_t *signer);

/**
 * Whether a signed NERP proves that the file was not delivered, as `oftp_response_verify_eerp`.
 *
 * \param response The NERP that `nerp_ind` told.
 * \param trust As for `oftp_response_verify_eerp`.
 * \param hash The hash of the file as it was sent; NULL, 0: not known, and not compared.
 * \param hash_len Its octets.
 * \param time As for `oftp_response_verify_eerp`.
 * \param refuse_legacy As for `oftp_response_verify_eerp`.
 * \param signer As for `oftp_response_verify_eerp`.
 * \return As `oftp_response_verify_eerp`.
 */
oftp_status oftp_response_verify_nerp(const oftp_end_response *response,
                                      const oftp_trust *trust,
                                      const uint8_t *hash,
                                      size_t hash_len,
                                      int64_t time,
                                      int32_t refuse_legacy,
                                      uint8_t *signer);

/**
 * A challenge for a partner: new random octets, and the same encrypted for the partner's newest
 * certificate that is good for it. For `seal_challenge_ind`: give both to
 * `oftp_seal_challenge_rs`.
 *
 * \param partner The trust of the partner.
 * \param suite The cipher suite, 1 to 10; 0: 4.
 * \param time At which time the certificate must be valid, in Unix seconds; 0: now.
 * \param plain Receives the 20 octets.
 * \param sealed Receives them as CMS EnvelopedData; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_DISTRUST`: there is no good certificate, and the text says why;
 * `OFTP_E_KEY`: nothing can be encrypted for it; `OFTP_E_VALUE`, `OFTP_E_NULL`. On failure answer
 * with NULL: ESID 11 ends the session. Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_challenge_seal(const oftp_trust *partner,
                                int32_t suite,
                                int64_t time,
                                uint8_t *plain,
                                oftp_octets **sealed);

/**
 * Opens a challenge of the partner. For `open_challenge_ind`: give the octets to
 * `oftp_open_challenge_rs`.
 *
 * \param keystore Our private keys with their certificates, old and new.
 * \param sealed The challenge (AUCHCHAL).
 * \param len Its octets.
 * \param plain Receives the 20 octets.
 * \return `OFTP_OK`; `OFTP_E_CMS`: it cannot be opened; `OFTP_E_KEY`: the keystore has no key. On
 * failure answer with NULL: ESID 11 ends the session. The error text says why, for our log and
 * for nobody else. Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_challenge_open(const oftp_keystore *keystore,
                                const uint8_t *sealed,
                                size_t len,
                                uint8_t *plain);

/**
 * Begins a hash.
 *
 * \param out Receives the handle; free it with `oftp_hash_free`.
 * \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such suite; `OFTP_E_NULL`, `OFTP_E_MEMORY`.
 *
 * Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_hash_new(oftp_hash **out, int32_t suite);

/**
 * Frees a hash.
 *
 * \param hash The hash; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`: freed before; `OFTP_E_REENTERED`: inside the progress
 * callback of `oftp_hash_update_fd`.
 */
oftp_status oftp_hash_free(oftp_hash *hash);

/**
 * Hashes the next octets.
 *
 * \param hash The hash.
 * \param data The octets.
 * \param len How many.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_hash_update(oftp_hash *hash, const uint8_t *data, size_t len);

/**
 * Hashes what a descriptor gives, up to its end.
 *
 * \param hash The hash. In `progress` it gives `OFTP_E_REENTERED`.
 * \param fd The descriptor, from its position on. Borrowed during the call, not closed.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \return `OFTP_OK`; `OFTP_E_IO`: it cannot be read; `OFTP_E_CALLBACK`: `progress` has stopped it.
 * On failure the hash is as it was.
 */
oftp_status oftp_hash_update_fd(oftp_hash *hash,
                                int32_t fd,
                                oftp_progress progress,
                                void *user_data);

/**
 * The hash of all octets so far. More may follow.
 *
 * \param hash The hash.
 * \param out Receives it.
 * \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
 * \param len Receives how many octets it has: 20, 32 or 64.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: it does not fit.
 */
oftp_status oftp_hash_value(const oftp_hash *hash, uint8_t *out, size_t room, size_t *len);

/**
 * The hash of octets that are all in memory.
 *
 * \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
 * \param data The octets.
 * \param data_len How many.
 * \param out Receives the hash.
 * \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
 * \param len Receives how many octets it has: 20, 32 or 64.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such suite, or the hash does not fit.
 */
oftp_status oftp_hash_memory(int32_t suite,
                             const uint8_t *data,
                             size_t data_len,
                             uint8_t *out,
                             size_t room,
                             size_t *len);

/**
 * The hash of what a descriptor gives, up to its end.
 *
 * \param suite The cipher suite of the file (SFIDCIPH), 1 to 10; 0: 4.
 * \param fd The descriptor, from its position on. Borrowed during the call, not closed.
 * \param progress Told how far it is; NULL: nobody is.
 * \param user_data Passed to `progress`.
 * \param out Receives the hash.
 * \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
 * \param len Receives how many octets it has: 20, 32 or 64.
 * \return As `oftp_hash_memory`; `OFTP_E_IO`: it cannot be read; `OFTP_E_CALLBACK`: `progress`
 * has stopped it.
 */
oftp_status oftp_hash_fd(int32_t suite,
                         int32_t fd,
                         oftp_progress progress,
                         void *user_data,
                         uint8_t *out,
                         size_t room,
                         size_t *len);

/**
 * Makes a mailbox.
 *
 * \param out Receives the handle; free it with `oftp_mailbox_free`.
 * \param config What it is told. Copied. Keys are read now.
 * \param events Its callbacks; NULL: none. Copied: the structure may be on the stack.
 * \param user_data Passed last to every callback, and never looked at.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_VALUE`: a parameter is wrong;
 * `OFTP_E_KEY`: the keys cannot be read. On failure `*out` is not written, and the finalizer is
 * not called.
 *
 * Thread safe. Allowed inside callbacks.
 */
oftp_status oftp_mailbox_new(oftp_mailbox **out,
                             const oftp_mailbox_config *config,
                             const oftp_mailbox_events *events,
                             void *user_data);

/**
 * Frees a mailbox, and calls its finalizer. A session that still runs is cut without a word to
 * the partner; the descriptor stays open and is the host's to close. Files that were not sent
 * are forgotten; what came into a folder stays there, with the responses that are owed for it.
 * Other responses (`oftp_mailbox_file_stored`, `oftp_mailbox_send_eerp`, `oftp_mailbox_send_nerp`)
 * that `response_sent` has not told are lost: a host keeps them until then, and gives them to its
 * next mailbox.
 *
 * \param mailbox The mailbox; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`; `OFTP_E_BUSY`: another thread is using it;
 * `OFTP_E_REENTERED`: inside a callback of this mailbox.
 */
oftp_status oftp_mailbox_free(oftp_mailbox *mailbox);

/**
 * Files that come go into a folder: under names made of the five fields that make a file unique
 * (RFC 5024 1.5.2), whole or not at all, on the disk before EFPA is sent. Files that were cut
 * go on where they stopped, duplicates are refused (SFNA 13), also by another process and after
 * a power failure. U, T and F files lie as they are; in V files each record stands behind its
 * length, 2 octets, most significant first.
 *
 * A secured file is received into the sub-folder `.sealed`, opened after EFPA, and answered by
 * EERP; by NERP, and put into `.refused`, where that cannot be done. Without a key to decrypt it
 * or a certificate to check its signature by it is refused before (SFNA 16, 19). Where SFIDSIGN
 * asks for it the response is signed. Sub-folders with a dot belong to the library.
 *
 * \param mailbox The mailbox; no session runs.
 * \param folder An existing folder; NULL: none any more. The string is copied.
 * \return `OFTP_OK`; `OFTP_E_IO`: the folder cannot be used, for example because its sub-folders
 * belong to others; `OFTP_E_USER`: a session runs.
 */
oftp_status oftp_mailbox_receive_into(oftp_mailbox *mailbox, const char *folder);

/**
 * Takes the file that `file_offered` told: its octets come by `data`.
 *
 * \param mailbox The mailbox.
 * \param position From here on: records (F, V), or blocks of 1,024 octets (U, T and secured
 * files), at most `restart_position` of the file; 0: all of it. The end response to a file that
 * did not come as a whole cannot be signed by the library.
 * \param octets Octets before this position, for plain V files only; else not looked at.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is offered, or `data` is not set; `OFTP_E_VALUE`: the
 * position is above the offer; the answer is then still owed.
 *
 * Allowed inside callbacks, and later.
 */
oftp_status oftp_mailbox_accept_file(oftp_mailbox *mailbox, uint64_t position, uint64_t octets);

/**
 * Refuses the file that `file_offered` told (SFNA).
 *
 * \param mailbox The mailbox.
 * \param reason Why, an `oftp_file_reason`.
 * \param retry_later An `oftp_choice`, default no: whether another try makes sense.
 * \param text Words for the partner, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file is offered; `OFTP_E_VALUE`.
 *
 * Allowed inside callbacks, and later.
 */
oftp_status oftp_mailbox_refuse_file(oftp_mailbox *mailbox,
                                     int32_t reason,
                                     int32_t retry_later,
                                     const char *text);

/**
 * The file that `file_complete` told is safe: EFPA is sent, and its end response in its turn.
 *
 * An EERP or NERP is signed where SFIDSIGN asks for that and a key of ours can. It is kept in
 * memory only: until `response_sent` has told of it a host must know that it is owed.
 *
 * \param mailbox The mailbox.
 * \param reply What its originator is told, an `oftp_reply`.
 * \param reason For NERP: why, an `oftp_nerp_reason`; else not looked at.
 * \param text For NERP: words, UTF-8, cut to 999 octets; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file waits; `OFTP_E_VALUE`.
 *
 * Allowed inside callbacks, and later.
 */
oftp_status oftp_mailbox_file_stored(oftp_mailbox *mailbox,
                                     int32_t reply,
                                     int32_t reason,
                                     const char *text);

/**
 * The file that `file_complete` told could not be stored: EFNA is sent.
 *
 * \param mailbox The mailbox.
 * \param reason Why, an `oftp_file_reason`.
 * \param text Words for the partner, UTF-8, cut to 999 octets, sent at level 2.0; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: no file waits; `OFTP_E_VALUE`.
 *
 * Allowed inside callbacks, and later.
 */
oftp_status oftp_mailbox_file_not_stored(oftp_mailbox *mailbox, int32_t reason, const char *text);

/**
 * Queues an End to End Response that was left for later (`OFTP_REPLY_LATER`): for the session
 * that runs, or the next one with this partner.
 *
 * It is kept in memory only, until the partner has taken it: `response_sent` tells. What is not
 * told before `oftp_mailbox_free` must be queued again, in another mailbox.
 *
 * \param mailbox The mailbox.
 * \param partner To whom it goes (SSIDCODE).
 * \param response The response, as `oftp_end_response_for` makes it. Copied.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the partner is not known;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_send_eerp(oftp_mailbox *mailbox,
                                   const char *partner,
                                   const oftp_end_response *response);

/**
 * The same for a Negative End Response.
 *
 * \param mailbox The mailbox.
 * \param partner To whom it goes (SSIDCODE).
 * \param response The response. Copied.
 * \return As `oftp_mailbox_send_eerp`.
 */
oftp_status oftp_mailbox_send_nerp(oftp_mailbox *mailbox,
                                   const char *partner,
                                   const oftp_end_response *response);

/**
 * Ends the session that runs abnormally (ESID). What is unfinished goes on in the next one.
 *
 * \param mailbox The mailbox.
 * \param reason Why, an `oftp_esid_reason` but 00: the normal end comes by itself.
 * \param text Words for the partner, UTF-8, cut to 999 octets; NULL: none.
 * \return `OFTP_OK`; `OFTP_E_USER`: no session runs; `OFTP_E_VALUE`.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_release(oftp_mailbox *mailbox, int32_t reason, const char *text);

/**
 * The hash of what is transmitted of a file, which its signed end response must name: to be kept
 * for `oftp_mailbox_expect_response`, where the response may come after this mailbox is gone.
 *
 * \param mailbox The mailbox.
 * \param id The file, as `oftp_mailbox_send_file` has named it.
 * \param out Receives the hash.
 * \param room How many octets fit; `OFTP_HASH_MAX` is always enough.
 * \param len Receives how many octets it has; 0: no signed response is asked for.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such file (any more), or the hash does not fit;
 * `OFTP_E_NULL`.
 */
oftp_status oftp_mailbox_file_hash(oftp_mailbox *mailbox,
                                   uint64_t id,
                                   uint8_t *out,
                                   size_t room,
                                   size_t *len);

/**
 * Tells of a file that an earlier mailbox has sent, so that its end response is known for one of
 * ours: `response_received` names it, and compares a signed one with `hash`. Nothing is sent.
 *
 * \param mailbox The mailbox.
 * \param partner To whom it was sent (SSIDCODE); NULL: to its destination, or to the only
 * partner.
 * \param file As it was sent: the five fields that make it unique, `cipher_suite` and
 * `signed_response`. Copied.
 * \param hash What `oftp_mailbox_file_hash` told; NULL, 0: not known, and nothing but an unsigned
 * response can then be believed.
 * \param hash_len Its octets, at most 64.
 * \param id Receives its name in callbacks; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the partner is not known;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 */
oftp_status oftp_mailbox_expect_response(oftp_mailbox *mailbox,
                                         const char *partner,
                                         const oftp_virtual_file *file,
                                         const uint8_t *hash,
                                         size_t hash_len,
                                         uint64_t *id);

/**
 * Forgets a file that waits to be sent, or whose response is not waited for any more; a response
 * that comes all the same belongs to no file then. Its source is given back as when it was sent.
 *
 * \param mailbox The mailbox.
 * \param id The file, as `oftp_mailbox_send_file` or `oftp_mailbox_expect_response` named it.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: there is no such file (any more); `OFTP_E_USER`: it is being
 * sent: wait for `file_sent` or `file_refused`, or end the session.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_forget(oftp_mailbox *mailbox, uint64_t id);

/**
 * Adds a partner, or puts it in the place of the one with the same code. Whoever is not added
 * can neither call nor be called. Its keys are read now, which may take some milliseconds.
 *
 * \param mailbox The mailbox. A session that runs goes on with what it began with.
 * \param partner The partner. Copied, with all that it points to.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, or the code is our own; `OFTP_E_KEY`:
 * certificates cannot be read; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is added.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_add_partner(oftp_mailbox *mailbox, const oftp_partner *partner);

/**
 * The next connection is a call of ours to this partner: we are the Initiator.
 *
 * What an earlier process left in the folder of `oftp_mailbox_receive_into` (files in their
 * envelopes, responses to be signed) is opened and signed here, the first time: so all partners
 * must be there with their certificates. What goes wrong with it is told by `warning` in the
 * next session; `file_received` does not tell of these files.
 *
 * \param mailbox The mailbox; no session runs.
 * \param partner The identification code of a partner that was added.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: the partner is not known; `OFTP_E_USER`: a session runs;
 * `OFTP_E_NULL`.
 */
oftp_status oftp_mailbox_call(oftp_mailbox *mailbox, const char *partner);

/**
 * The next connection is a call of any partner to us: we are the Responder. Else as
 * `oftp_mailbox_call`.
 *
 * \param mailbox The mailbox; no session runs.
 * \return `OFTP_OK`; `OFTP_E_USER`: a session runs.
 */
oftp_status oftp_mailbox_answer(oftp_mailbox *mailbox);

/**
 * Runs one session on a connected socket until it has ended, and blocks meanwhile: sends what
 * is queued for the partner, receives what it has, answers, passes the turn, ends the session.
 *
 * The socket is a stream (TCP, or AF_UNIX), connected or accepted by the host; before, the role
 * was chosen by `oftp_mailbox_call` or `oftp_mailbox_answer`. It may be blocking or not, and is
 * left as it is, but that TCP_NODELAY is set. At the end it is shut down for writing; it stays
 * open, and is the host's to close. SIGPIPE is never raised.
 *
 * Questions that a callback leaves open are answered as if it were NULL: nobody could answer
 * them later. A file that a cut leaves unfinished goes on in the next run.
 *
 * \param mailbox The mailbox.
 * \param fd The socket.
 * \param tls TLS below the session; NULL: none. Copied.
 * \param result Receives how it went; NULL: not wanted. Written whenever a session was run, for
 * `OFTP_E_TLS` and `OFTP_E_CALLBACK` too.
 * \return `OFTP_OK`: the session has ended, and `result` says how; `OFTP_E_TLS`: the handshake
 * failed; `OFTP_E_CALLBACK`: a callback returned less than 0, and the session was ended for it;
 * `OFTP_E_USER`: a session runs already, or no role was chosen; `OFTP_E_IO`: `fd` is no connected
 * stream socket; `OFTP_E_KEY`, `OFTP_E_VALUE`: `tls` cannot be used with these keys;
 * `OFTP_E_REENTERED`: inside a callback of this mailbox.
 */
oftp_status oftp_run_fd(oftp_mailbox *mailbox, int fd, const oftp_tls *tls, oftp_result *result);

/**
 * Begins one session on a connected socket, for an event loop. Then, until `oftp_mailbox_ready`
 * returns 1: ask `oftp_mailbox_poll_set`, wait for that, call `oftp_mailbox_ready`.
 *
 * \param mailbox The mailbox.
 * \param fd The socket, as for `oftp_run_fd`; it must stay open until the session has ended.
 * \param tls As for `oftp_run_fd`.
 * \return As `oftp_run_fd`, but `OFTP_E_TLS` and `OFTP_E_CALLBACK`.
 */
oftp_status oftp_mailbox_attach_fd(oftp_mailbox *mailbox, int fd, const oftp_tls *tls);

/**
 * What the session waits for. Ask again after every other function of the mailbox.
 *
 * \param mailbox The mailbox, with a session.
 * \param events Receives a sum of POLLIN and POLLOUT, as poll(2) takes it. 0: leave the descriptor
 * out of the set (fd -1), or its hang-up would wake the host again and again.
 * \param timeout_ms Receives after how many milliseconds `oftp_mailbox_ready` is due without any
 * event, as poll(2) takes it: 0: at once; -1: never.
 * \return `OFTP_OK`; `OFTP_E_USER`: no session runs; `OFTP_E_NULL`.
 */
oftp_status oftp_mailbox_poll_set(oftp_mailbox *mailbox, short *events, int *timeout_ms);

/**
 * Goes on with the session as far as the socket and the time allow, and calls back. Does not
 * wait, but for work with keys and for the disk. To be called when an event of
 * `oftp_mailbox_poll_set` has come, or its time; at any other time it does no harm.
 *
 * \param mailbox The mailbox, with a session.
 * \return 0: the session goes on; 1: it has ended, `oftp_mailbox_result` says how, and the host
 * may close the socket. `OFTP_E_CALLBACK`: a callback returned less than 0, the session is being
 * ended: go on until 1. `OFTP_E_USER`: no session runs; `OFTP_E_REENTERED`: inside a callback of
 * this mailbox.
 */
oftp_status oftp_mailbox_ready(oftp_mailbox *mailbox);

/**
 * How the last session went, or goes, and what there is still to do.
 *
 * \param mailbox The mailbox.
 * \param result Is filled; its `struct_size` must be set. `text` is borrowed until the next
 * session begins or the mailbox is freed.
 * \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_result(oftp_mailbox *mailbox, oftp_result *result);

/**
 * Queues a file for a partner: it is sent in the next session with it, or in the one that runs,
 * when the turn is ours.
 *
 * What `file` asks for is done here, before the function returns: the records of a V file are
 * read once; a file with `security` or `compression` is sealed for the partner into the spool
 * folder (RFC 5024 chapter 6); with `signed_response` the hash is computed by which the end
 * response is checked. A file that cannot be secured as asked is refused here, and is never sent
 * in the clear. `envelope`, `size`, `original_size`, and the `record_length` of a V file may be
 * 0: they are filled in. `cipher_suite` may be 0: suite 04, AES-256 and SHA-256.
 *
 * U and T files travel as they lie. An F file consists of records of `record_length` octets. In
 * a V file each record stands behind its length, 2 octets, most significant first. With
 * `restart_position` an earlier attempt is continued, if the partner kept what came of it: the
 * five fields that make a file unique, and its octets, must be those of that attempt.
 *
 * \param mailbox The mailbox.
 * \param partner To whom it goes (SSIDCODE); NULL: to its destination, or to the only partner.
 * \param file What it is called. Copied.
 * \param path The file. It is opened now and read later; it must not change meanwhile.
 * \param id Receives its name in callbacks, from 1 on; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field is wrong, the file does not have such records, or
 * the partner is not known; `OFTP_E_IO`: it cannot be read, or the envelope not written;
 * `OFTP_E_KEY`, `OFTP_E_DISTRUST`: a key that is needed is missing or not taken;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
 *
 * Allowed inside callbacks.
 */
oftp_status oftp_mailbox_send_file(oftp_mailbox *mailbox,
                                   const char *partner,
                                   const oftp_virtual_file *file,
                                   const char *path,
                                   uint64_t *id);

/**
 * The same for an open descriptor of a regular file, from its first octet on.
 *
 * \param mailbox As for `oftp_mailbox_send_file`.
 * \param partner As for `oftp_mailbox_send_file`.
 * \param file As for `oftp_mailbox_send_file`.
 * \param fd The descriptor. Duplicated: it stays the host's to close. Its position is not used.
 * \param id As for `oftp_mailbox_send_file`.
 * \return As for `oftp_mailbox_send_file`.
 */
oftp_status oftp_mailbox_send_fd(oftp_mailbox *mailbox,
                                 const char *partner,
                                 const oftp_virtual_file *file,
                                 int fd,
                                 uint64_t *id);

/**
 * The same for octets in memory.
 *
 * \param mailbox As for `oftp_mailbox_send_file`.
 * \param partner As for `oftp_mailbox_send_file`.
 * \param file As for `oftp_mailbox_send_file`.
 * \param octets The octets of the file. Copied.
 * \param len How many.
 * \param id As for `oftp_mailbox_send_file`.
 * \return As for `oftp_mailbox_send_file`; `OFTP_E_MEMORY`.
 */
oftp_status oftp_mailbox_send_memory(oftp_mailbox *mailbox,
                                     const char *partner,
                                     const oftp_virtual_file *file,
                                     const uint8_t *octets,
                                     size_t len,
                                     uint64_t *id);

/**
 * The same for octets that a callback reads.
 *
 * \param mailbox As for `oftp_mailbox_send_file`.
 * \param partner As for `oftp_mailbox_send_file`.
 * \param file As for `oftp_mailbox_send_file`.
 * \param source The callback. Copied. On failure its finalizer is not called.
 * \param id As for `oftp_mailbox_send_file`.
 * \return As for `oftp_mailbox_send_file`.
 */
oftp_status oftp_mailbox_send_source(oftp_mailbox *mailbox,
                                     const char *partner,
                                     const oftp_virtual_file *file,
                                     const oftp_source *source,
                                     uint64_t *id);

/**
 * Opens the station in a folder, and does not run it: `oftp.toml` is read, the journal opened, and
 * what folders of it are missing are made.
 *
 * \param out Receives the handle; free it with `oftp_station_free`.
 * \param folder The folder of the station, an existing one with an `oftp.toml`.
 * \return `OFTP_OK`; `OFTP_E_CONFIG`: there is no `oftp.toml`, or it has faults, each of which
 * `oftp_last_error` tells with its line and key; `OFTP_E_IO`: the folder or the journal cannot be
 * used; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_open(oftp_station **out, const char *folder);

/**
 * Frees a station. If this handle runs it, it is stopped before, as `oftp_station_stop` does with
 * 5 seconds. Calls of other threads that wait in it end, at their time out at the latest. Files
 * that were submitted stay in the folder and go after its next start.
 *
 * \param station The station; NULL does nothing.
 * \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`.
 */
oftp_status oftp_station_free(oftp_station *station);

/**
 * Runs the station, on threads of its own, until `oftp_station_stop`, `oftp_station_free`, or
 * `oftp stop` in another process. Its configuration is read anew. Returns when it listens.
 *
 * \param station The station.
 * \return `OFTP_OK`; `OFTP_E_USER`: it runs already, here or in another process; `OFTP_E_CONFIG`;
 * `OFTP_E_KEY`: a key that it listens with is missing; `OFTP_E_IO`: an address cannot be listened
 * on, or its files cannot be used.
 *
 * Thread safe.
 */
oftp_status oftp_station_start(oftp_station *station);

/**
 * Stops the station that this handle runs: nothing new is begun, sessions may come to their end;
 * what has not ended in time is cut, and goes on where it was after the next start. Nothing of it
 * runs any more when this returns, even with an error. Does nothing where it does not run.
 *
 * \param station The station.
 * \param within_ms How long its sessions may go on, in milliseconds.
 * \return 0: it ended in good order; 1: sessions were cut; `OFTP_E_IO`, `OFTP_E_INTERNAL`: what it
 * failed with, since the start or at its end.
 *
 * Thread safe.
 */
oftp_status oftp_station_stop(oftp_station *station, uint32_t within_ms);

/**
 * Whether this handle runs the station, up to the very end of a stop.
 *
 * \param station The station.
 * \return 1: it does; 0: it does not.
 *
 * Thread safe.
 */
oftp_status oftp_station_is_running(const oftp_station *station);

/**
 * The port of an address that the station listens on: the one that the system chose where
 * `oftp.toml` says 0.
 *
 * \param station The station, run by this handle.
 * \param index The address: from 0 on, in the order of `oftp.toml`.
 * \param port Receives the port.
 * \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there are fewer, or it does not run; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_port(const oftp_station *station, size_t index, uint32_t *port);

/**
 * Reads `oftp.toml` again, and has it taken by who runs the station, in whichever process: what
 * becomes of it is an event (`OFTP_EVENT_CONFIG_RELOADED`).
 *
 * \param station The station.
 * \return `OFTP_OK`; `OFTP_E_CONFIG`: it has faults, and nothing changes; `OFTP_E_IO`.
 *
 * Thread safe.
 */
oftp_status oftp_station_reload(oftp_station *station);

/**
 * Queues a file for a partner. It is copied, and on the disk when this returns: from then on the
 * station answers for it, over crashes and restarts. It goes when the station runs, here or in
 * another process.
 *
 * \param station The station.
 * \param partner For whom, by the name in `oftp.toml`.
 * \param file The file. Copied.
 * \param id Receives its number in this station, from 1 on; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`: a field is
 * wrong, or the file does not fit what is agreed with the partner; `OFTP_E_KEY`: a key that it
 * needs is missing; `OFTP_E_IO`: it cannot be read, or the disk not be written; `OFTP_E_MEMORY`;
 * `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`. On failure nothing is queued.
 *
 * Thread safe.
 */
oftp_status oftp_station_submit(oftp_station *station,
                                const char *partner,
                                const oftp_station_file *file,
                                uint64_t *id);

/**
 * The next event behind one that is known. While there is none it waits for one.
 *
 * Events lie in the journal (`retention` in `oftp.toml` says how long), and are read as often as
 * one likes, by any number of readers. A host that must miss none keeps the number of the last one
 * that it has dealt with, over restarts of its own.
 *
 * \param station The station.
 * \param after The number of the last event that is known; 0: from the first one on.
 * \param timeout_ms How long to wait at most, in milliseconds; 0: not at all. Where no process
 * runs the station it is not waited at all.
 * \param event Is filled; its `struct_size` must be set.
 * \param json Receives all that is to be said of it, as `oftp events --json` writes it, with
 * `detail`; free it with `oftp_octets_free`. NULL: not wanted.
 * \return 1: there is one; 0: there is none, the time is over or the station does not run, and
 * neither `event` nor `json` was written; `OFTP_E_IO`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`.
 *
 * Thread safe.
 */
oftp_status oftp_station_event_next(oftp_station *station,
                                    uint64_t after,
                                    uint32_t timeout_ms,
                                    oftp_station_event *event,
                                    oftp_octets **json);

/**
 * The number of the last event: who reads from there on hears only of what is new.
 *
 * \param station The station.
 * \param id Receives it; 0: there is none.
 * \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_last_event(const oftp_station *station, uint64_t *id);

/**
 * Waits until nothing is to happen any more with a file. One of ours is then
 * `OFTP_STATE_DONE` (EERP), `OFTP_STATE_REJECTED` (NERP), `OFTP_STATE_FAILED` or
 * `OFTP_STATE_CANCELLED`; one that came `OFTP_STATE_CLOSED` or `OFTP_STATE_REFUSED`.
 *
 * \param station The station.
 * \param id The number of the file.
 * \param timeout_ms How long to wait at most, in milliseconds; 0: only look.
 * \param state Receives how far it has come, an `oftp_file_state`.
 * \return 1: nothing is to happen any more; 0: the time is over before, `state` is how far it is;
 * `OFTP_E_USER`: no process runs the station, and the file is not at its end;
 * `OFTP_E_NOT_FOUND`; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_wait_file(oftp_station *station,
                                   uint64_t id,
                                   uint32_t timeout_ms,
                                   int32_t *state);

/**
 * Lets a partner be called soon, whether something waits for it or not, and whatever its schedule
 * says; at the next start, where the station does not run.
 *
 * \param station The station.
 * \param partner Whom.
 * \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`: it has no
 * address; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_call(oftp_station *station, const char *partner);

/**
 * Stops a partner, or lets it go on: while it is held it is not called and nothing is sent to it.
 *
 * \param station The station.
 * \param partner Whom.
 * \param held An `oftp_choice`: `OFTP_YES` or the default stops it, `OFTP_NO` lets it go on.
 * \return `OFTP_OK`; `OFTP_E_NOT_FOUND`: there is no such partner; `OFTP_E_VALUE`; `OFTP_E_IO`;
 * `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_hold_partner(oftp_station *station, const char *partner, int32_t held);

/**
 * Stops a file of ours that waits to be sent.
 *
 * \param station The station.
 * \param id The number of the file.
 * \return `OFTP_OK`; `OFTP_E_USER`: it does not wait to be sent; `OFTP_E_NOT_FOUND`; `OFTP_E_IO`.
 *
 * Thread safe.
 */
oftp_status oftp_station_hold(oftp_station *station, uint64_t id);

/**
 * Lets a file go on that was stopped, or waits for its next try.
 *
 * \param station The station.
 * \param id The number of the file.
 * \return As `oftp_station_hold`.
 *
 * Thread safe.
 */
oftp_status oftp_station_release(oftp_station *station, uint64_t id);

/**
 * Takes a file of ours back that the partner does not have.
 *
 * \param station The station.
 * \param id The number of the file.
 * \param force An `oftp_choice`: `OFTP_YES` also takes one back of which the partner may have all;
 * default no.
 * \return `OFTP_OK`; `OFTP_E_USER`: it is too late; `OFTP_E_NOT_FOUND`; `OFTP_E_VALUE`;
 * `OFTP_E_IO`.
 *
 * Thread safe.
 */
oftp_status oftp_station_cancel(oftp_station *station, uint64_t id, int32_t force);

/**
 * Queues a file of ours that is over once more, as a new one.
 *
 * \param station The station.
 * \param id The number of the file.
 * \param force An `oftp_choice`: `OFTP_YES` also sends one again that the partner has, and whose end
 * response does not come; default no.
 * \param new_id Receives the number of the new one; NULL: not wanted.
 * \return `OFTP_OK`; `OFTP_E_USER`: it is not over, or its octets are not kept any more;
 * `OFTP_E_NOT_FOUND`; `OFTP_E_VALUE`; `OFTP_E_IO`.
 *
 * Thread safe.
 */
oftp_status oftp_station_resend(oftp_station *station,
                                uint64_t id,
                                int32_t force,
                                uint64_t *new_id);

/**
 * Files, the last first: a list of objects, as `oftp history --json` writes them one by one.
 *
 * \param station The station.
 * \param filter Which; NULL: all.
 * \param json Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_VALUE`: a field of the filter is wrong; `OFTP_E_IO`; `OFTP_E_NULL`,
 * `OFTP_E_STRUCT_SIZE`.
 *
 * Thread safe.
 */
oftp_status oftp_station_files_json(const oftp_station *station,
                                    const oftp_station_filter *filter,
                                    oftp_octets **json);

/**
 * Everything about a file, as `oftp show --json` writes it: its fields, its end responses, where
 * it lies, its history.
 *
 * \param station The station.
 * \param id The number of the file.
 * \param json Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_NOT_FOUND`; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_file_json(const oftp_station *station, uint64_t id, oftp_octets **json);

/**
 * All partners, and how it goes with them: a list of objects, as `oftp partners --json` writes
 * them one by one.
 *
 * \param station The station.
 * \param json Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_partners_json(const oftp_station *station, oftp_octets **json);

/**
 * The station as a whole, as `oftp status --json` writes it.
 *
 * \param station The station.
 * \param json Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_IO`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_status_json(const oftp_station *station, oftp_octets **json);

/**
 * Takes the warnings and errors of the station since the last call that are about no event, the
 * last thousand at most: a list of strings. Empty where `oftp.toml` names a file for the log:
 * there they are.
 *
 * \param station The station.
 * \param json Receives the text; free it with `oftp_octets_free`.
 * \return `OFTP_OK`; `OFTP_E_NULL`.
 *
 * Thread safe.
 */
oftp_status oftp_station_messages_json(oftp_station *station, oftp_octets **json);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OFTP_H */
