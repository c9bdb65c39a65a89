//! Results of calls, and the text of the last error.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

/// The result of a call: 0 or more is success, less than 0 one of `oftp_code`.
pub type oftp_status = i32;

/// The values of `oftp_status`. Faults of the partner and of the network are none of them: they
/// are told by `abort_ind`.
#[repr(C)]
pub enum oftp_code {
    /// Done.
    OFTP_OK = 0,
    /// A callback's answer: do what is done where the callback is not set.
    OFTP_PASSTHROUGH = 1,
    /// A pointer is NULL where it must not be.
    OFTP_E_NULL = -1,
    /// The handle is none: freed, never made, or of another kind.
    OFTP_E_BAD_HANDLE = -2,
    /// Another thread is using this object. Nothing was done.
    OFTP_E_BUSY = -3,
    /// Not allowed inside a callback of the same object: `oftp_dispatch`, or a `_free`.
    OFTP_E_REENTERED = -4,
    /// `struct_size` is 0, or smaller than in the first release of the structure: use the
    /// `_INIT` macro.
    OFTP_E_STRUCT_SIZE = -5,
    /// A value is out of its range, or does not fit its field.
    OFTP_E_VALUE = -6,
    /// The state does not allow the primitive (a `U` of RFC 5024 chapter 9): the caller's
    /// mistake. Nothing changed.
    OFTP_E_USER = -7,
    /// A callback returned less than 0. The library never makes this up.
    OFTP_E_CALLBACK = -8,
    /// A bug of the library. The object can only be freed.
    OFTP_E_INTERNAL = -9,
    /// There is not enough memory. Nothing was done.
    OFTP_E_MEMORY = -10,
    /// The object was made before a fork, in the parent process.
    OFTP_E_FORKED = -11,
    /// The operating system refused something: a file, a socket.
    OFTP_E_IO = -12,
    /// A key or certificate cannot be read or used.
    OFTP_E_KEY = -13,
    /// An envelope or a signed response is not what it should be: its maker's fault, or an
    /// attack. What came out of it must not be used.
    OFTP_E_CMS = -14,
    /// A certificate is not trusted for what it is used for.
    OFTP_E_DISTRUST = -15,
    /// TLS with the partner failed.
    OFTP_E_TLS = -16,
    /// The configuration of a station has faults.
    OFTP_E_CONFIG = -17,
    /// There is no file, partner or address of this name or number.
    OFTP_E_NOT_FOUND = -18,
}

/// Every code with its name.
const NAMES: &[(oftp_status, &CStr)] = &[
    (0, c"OFTP_OK"),
    (1, c"OFTP_PASSTHROUGH"),
    (-1, c"OFTP_E_NULL"),
    (-2, c"OFTP_E_BAD_HANDLE"),
    (-3, c"OFTP_E_BUSY"),
    (-4, c"OFTP_E_REENTERED"),
    (-5, c"OFTP_E_STRUCT_SIZE"),
    (-6, c"OFTP_E_VALUE"),
    (-7, c"OFTP_E_USER"),
    (-8, c"OFTP_E_CALLBACK"),
    (-9, c"OFTP_E_INTERNAL"),
    (-10, c"OFTP_E_MEMORY"),
    (-11, c"OFTP_E_FORKED"),
    (-12, c"OFTP_E_IO"),
    (-13, c"OFTP_E_KEY"),
    (-14, c"OFTP_E_CMS"),
    (-15, c"OFTP_E_DISTRUST"),
    (-16, c"OFTP_E_TLS"),
    (-17, c"OFTP_E_CONFIG"),
    (-18, c"OFTP_E_NOT_FOUND"),
];

/// Why a call fails: its code, and what was wrong in one line.
#[derive(Debug)]
pub(crate) struct Fail {
    pub(crate) code: oftp_status,
    pub(crate) text: String,
}

/// What the body of a call gives.
pub(crate) type Outcome<T = ()> = Result<T, Fail>;

impl oftp_code {
    /// A failure with this code.
    pub(crate) fn because(self, text: impl Into<String>) -> Fail {
        Fail {
            code: self as oftp_status,
            text: text.into(),
        }
    }
}

impl From<oftp_core::session::UserError> for Fail {
    fn from(error: oftp_core::session::UserError) -> Self {
        use oftp_core::session::UserProblem as P;
        let code = match error.problem {
            P::State { .. } | P::Capability(_) | P::Over => oftp_code::OFTP_E_USER,
            P::Field(_) | P::Config(_) | P::Level { .. } | P::Value(_) => oftp_code::OFTP_E_VALUE,
        };
        code.because(error.to_string())
    }
}

thread_local! {
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
}

pub(crate) fn clear_last_error() {
    // A host may call while its thread's storage is being taken down.
    let _ = LAST.try_with(|last| last.borrow_mut().take());
}

pub(crate) fn set_last_error(text: &str) {
    let text = crate::text::without_options(text).replace(['\0', '\n', '\r'], " ");
    let _ = LAST.try_with(|last| *last.borrow_mut() = CString::new(text).ok());
}

pub(crate) fn last_error_text() -> String {
    let text = LAST.try_with(|last| {
        let last = last.borrow();
        let text = last.as_deref().map(CStr::to_string_lossy);
        text.map(|text| text.into_owned())
    });
    text.ok().flatten().unwrap_or_default()
}

/// The text of the last failed call of this thread: one line that says what was wrong, where, and
/// what to do, with the section of RFC 5024 where one applies. Empty after a call that succeeded.
///
/// \return A string, never NULL, borrowed until the next call of this thread into the library.
/// Thread safe; allowed inside callbacks. Does not change the error.
#[unsafe(no_mangle)]
pub extern "C" fn oftp_last_error() -> *const c_char {
    let text = LAST.try_with(|last| last.borrow().as_ref().map(|text| text.as_ptr()));
    text.ok().flatten().unwrap_or(c"".as_ptr())
}

/// The name of a status, such as "OFTP_E_NULL"; "OFTP_OK" for every value above 1.
///
/// \param status Any value.
/// \return A static string, never NULL; "unknown" for a value below 0 that is no code.
#[unsafe(no_mangle)]
pub extern "C" fn oftp_status_name(status: oftp_status) -> *const c_char {
    let named = NAMES.iter().find(|(code, _)| *code == status);
    let other = if status > 1 { c"OFTP_OK" } else { c"unknown" };
    named.map_or(other, |(_, name)| name).as_ptr()
}

/// The release of the library at run time, such as "0.1.0". Compare it with `OFTP_VERSION`, the
/// release of the header.
///
/// \return A static string, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn oftp_version() -> *const c_char {
    const VERSION: &[u8] = concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes();
    VERSION.as_ptr().cast()
}
