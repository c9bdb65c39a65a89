//! What a mailbox is told before it begins.

use std::ffi::c_char;
use std::path::PathBuf;
use std::time::Duration;

use oftp_core::mailbox::{Identity, Limits, Settings};
use oftp_core::session::Config;
use oftp_core::wire::{IdentificationCode, Password, X};

use crate::guard::{Versioned, read};
use crate::session::oftp_config;
use crate::status::{Fail, Outcome, oftp_code};
use crate::text::string;
use crate::values::oftp_choice;

/// What a mailbox is told before it begins. Every field but `code` may be 0: its default.
/// Everything is copied. Initialise with `OFTP_MAILBOX_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_mailbox_config {
    /// `sizeof(oftp_mailbox_config)`.
    pub struct_size: usize,
    /// Our identification code (SSIDCODE), 1 to 25 characters.
    pub code: *const c_char,
    /// Our password (SSIDPSWD), at most 8 characters; NULL: blank.
    pub password: *const c_char,
    /// Our user data (SSIDUSER), at most 8 characters; NULL: blank.
    pub user: *const c_char,
    /// What sessions are told; NULL: the defaults. `role` and `framing` are not looked at.
    pub session: *const oftp_config,
    /// Ask for the turn with EFPA as soon as there is something to send back (EFPACD), an
    /// `oftp_choice`; default no.
    pub ask_for_turn: i32,
    /// Answer an unknown code as a wrong password (ESID 04), so that codes cannot be guessed, an
    /// `oftp_choice`; default no: ESID 03.
    pub hide_unknown: i32,
    /// Files in a row that are refused before the session is ended by ESID 99; default 100.
    pub max_refusals: u32,
    /// Changes of direction in a row without a file or response; default 64.
    pub max_idle_turns: u32,
    /// Responses that belong to no file of ours; default 1,000.
    pub max_unknown_responses: u32,
    /// Data Exchange Buffers in a row that carry nothing; default 10,000.
    pub max_empty_buffers: u32,
    /// Longest session in milliseconds; default 43,200,000 (12 hours).
    pub max_session_ms: u64,
    /// An existing folder where files are put into their envelopes, as files without a name that
    /// are gone when they are closed; NULL: the folder for temporary files.
    pub spool: *const c_char,
    /// File of our private keys with their certificates: PEM, DER or PKCS#12; NULL: none.
    pub own_keys: *const c_char,
    /// The same in memory, beside or instead of the file; NULL, 0: none.
    pub own_keys_data: *const u8,
    /// Octets of `own_keys_data`.
    pub own_keys_len: usize,
    /// Opens what of them is encrypted; NULL: nothing is.
    pub passphrase: *const c_char,
    /// Take neither 3DES nor SHA-1 in envelopes and signatures, an `oftp_choice`; default no:
    /// the cipher suites 01 to 06 of RFC 5024 are taken.
    pub no_legacy: i32,
}

// SAFETY: repr(C), the size first, and zero is good for integers and pointers.
unsafe impl Versioned for oftp_mailbox_config {
    const NAME: &'static str = "oftp_mailbox_config";
    const FIRST: usize = size_of::<Self>();
}

pub(super) fn value(text: impl Into<String>) -> Fail {
    oftp_code::OFTP_E_VALUE.because(text)
}

/// An `oftp_choice`.
pub(crate) fn choice(value: i32, name: &str, default: bool) -> Outcome<bool> {
    match value {
        v if v == oftp_choice::OFTP_DEFAULT as i32 => Ok(default),
        v if v == oftp_choice::OFTP_YES as i32 => Ok(true),
        v if v == oftp_choice::OFTP_NO as i32 => Ok(false),
        _ => Err(self::value(format!(
            "{name} is {value}, must be an oftp_choice, 0 to 2"
        ))),
    }
}

/// A field of SSID.
///
/// # Safety
/// `pointer` is NULL or a string.
pub(super) unsafe fn x<const N: usize>(pointer: *const c_char, name: &str) -> Outcome<X<N>> {
    // SAFETY: by the caller.
    let text = unsafe { string(pointer, name) }?;
    X::new(text).map_err(|error| value(format!("{name}: {error}")))
}

/// An identification code, which must be there.
///
/// # Safety
/// As [`x`].
pub(crate) unsafe fn code(pointer: *const c_char, name: &str) -> Outcome<IdentificationCode> {
    if pointer.is_null() {
        return Err(oftp_code::OFTP_E_NULL.because(format!("{name} is NULL")));
    }
    // SAFETY: by the caller.
    let code: IdentificationCode = unsafe { x(pointer, name) }?;
    if code.is_blank() {
        return Err(value(format!("{name} is empty (RFC 5024 5.4)")));
    }
    Ok(code)
}

/// A file or folder; `None`: the pointer is NULL.
///
/// # Safety
/// `pointer` is NULL or a string.
pub(crate) unsafe fn path(pointer: *const c_char) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    if pointer.is_null() {
        return None;
    }
    // SAFETY: by the caller. A name of a file may be any octets.
    let octets = unsafe { std::ffi::CStr::from_ptr(pointer) }.to_bytes();
    Some(std::ffi::OsStr::from_bytes(octets).into())
}

/// A session's configuration; NULL: the defaults.
///
/// # Safety
/// `session` is NULL or valid.
pub(super) unsafe fn session(session: *const oftp_config) -> Outcome<Config> {
    if session.is_null() {
        return Ok(Config::default());
    }
    // SAFETY: by the caller.
    unsafe { read(session)?.to_core() }
}

impl oftp_mailbox_config {
    /// # Safety
    /// The pointers are as their fields say.
    pub(super) unsafe fn settings(&self) -> Outcome<Settings> {
        // SAFETY: by the caller.
        let (identity, config) = unsafe {
            let identity = Identity {
                code: code(self.code, "code")?,
                password: Password::new(x(self.password, "password")?),
                user: x(self.user, "user")?,
            };
            (identity, session(self.session)?)
        };
        let standard = Limits::default();
        let or = |value: u32, standard: u32| if value == 0 { standard } else { value };
        let limits = Limits {
            refusals: or(self.max_refusals, standard.refusals),
            idle_turns: or(self.max_idle_turns, standard.idle_turns),
            unknown_responses: or(self.max_unknown_responses, standard.unknown_responses),
            empty_buffers: or(self.max_empty_buffers, standard.empty_buffers),
            session: match self.max_session_ms {
                0 => standard.session,
                ms => Duration::from_millis(ms),
            },
        };
        Ok(Settings {
            config: Config {
                role: oftp_core::session::Role::Both,
                ..config
            },
            limits,
            ask_for_turn: choice(self.ask_for_turn, "ask_for_turn", false)?,
            ..Settings::new(identity)
        })
    }
}
