//! The file services: keys and certificates, envelopes (CMS), signed end responses, challenges,
//! hashes. Each works without a session.

mod octets;

mod stream;

mod keystore;

mod certificate;

mod generate;

mod trust;

mod plan;

mod sealer;

mod opener;
mod opening;

mod whole;

mod response;

mod challenge;

mod hash;

use std::time::{Duration, SystemTime};

use oftp_secure::{Purpose, Suite};

pub use certificate::*;
pub use challenge::*;
pub use generate::*;
pub use hash::*;
pub use keystore::*;
pub(crate) use octets::give;
pub use octets::*;
pub use opener::*;
pub use plan::*;
pub use response::*;
pub use sealer::*;
pub use stream::oftp_progress;
pub use trust::*;
pub use whole::*;

use crate::status::{Fail, Outcome, oftp_code};

/// What a certificate is used for (`oftp_trust_check`; RFC 5024 chapter 11).
#[repr(C)]
pub enum oftp_purpose {
    /// Its owner signed a file. The default of `oftp_cms_open_plan`.
    OFTP_PURPOSE_SIGN_FILE = 0,
    /// A file is encrypted for its owner.
    OFTP_PURPOSE_ENCRYPT_FILE = 1,
    /// Its owner signed an EERP or a NERP.
    OFTP_PURPOSE_SIGN_RESPONSE = 2,
    /// A challenge is encrypted for its owner (AUCH).
    OFTP_PURPOSE_AUTHENTICATE = 3,
    /// Its owner is called by TLS.
    OFTP_PURPOSE_TLS_SERVER = 4,
    /// Its owner calls by TLS.
    OFTP_PURPOSE_TLS_CLIENT = 5,
}

/// Structures of the header that are all integers, arrays and pointers.
macro_rules! versioned {
    ($($type:ident)*) => {$(
        // SAFETY: repr(C), the size first, and zero is good for integers, arrays and pointers.
        unsafe impl crate::guard::Versioned for $type {
            const NAME: &'static str = stringify!($type);
            const FIRST: usize = size_of::<Self>();
        }
    )*};
}
pub(crate) use versioned;

fn wrong(name: &str, value: impl std::fmt::Display, allowed: &str) -> Fail {
    oftp_code::OFTP_E_VALUE.because(format!("{name} is {value}, must be {allowed}"))
}

fn purpose(value: i32) -> Outcome<Purpose> {
    const ALL: [Purpose; 6] = [
        Purpose::SignFile,
        Purpose::EncryptFile,
        Purpose::SignResponse,
        Purpose::Authenticate,
        Purpose::TlsServer,
        Purpose::TlsClient,
    ];
    let found = usize::try_from(value).ok().and_then(|at| ALL.get(at));
    let found = found.copied();
    found.ok_or_else(|| wrong("purpose", value, "an oftp_purpose, 0 to 5"))
}

/// The cipher suite with this code; 0 is 04.
fn suite(value: i32) -> Outcome<&'static Suite> {
    let code = match value {
        0 => Some(oftp_secure::suite::DEFAULT),
        value => u8::try_from(value).ok(),
    };
    code.and_then(Suite::of).ok_or_else(|| {
        wrong(
            "suite",
            value,
            "a cipher suite, 1 to 10 (RFC 5024 10.2 SFIDCIPH)",
        )
    })
}

/// The last second of the year 9999, which is the last that certificates know.
const LAST: i64 = 253_402_300_799;

/// A time of C; 0 is now.
fn time(seconds: i64, name: &str) -> Outcome<SystemTime> {
    match u64::try_from(seconds) {
        Ok(0) => Ok(SystemTime::now()),
        Ok(since) if seconds <= LAST => Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(since)),
        _ => Err(wrong(
            name,
            seconds,
            "Unix seconds up to the year 9999, or 0 for now",
        )),
    }
}

/// A time for C, in seconds since 1970.
fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// A choice of yes or no.
fn choice(value: i32, name: &str, default: bool) -> Outcome<bool> {
    match value {
        0 => Ok(default),
        1 => Ok(true),
        2 => Ok(false),
        _ => Err(wrong(name, value, "an oftp_choice, 0 to 2")),
    }
}

fn yes_or_no(value: i32, name: &str) -> Outcome<bool> {
    match value {
        0 | 1 => Ok(value == 1),
        _ => Err(wrong(name, value, "0 or 1")),
    }
}
