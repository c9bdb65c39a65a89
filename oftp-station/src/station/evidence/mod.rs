//! Evidence of delivery: what an end response proves, in a folder of its own that can be checked
//! without the station (design chapter "Delivery"; RFC 5024 3.3.5, 5.3.13 and 5.3.14).
//!
//! The evidence of a file lies in `evidence/NAME.out` (a file of ours) or `evidence/NAME.in` (one
//! that came), where NAME is what [`names`](crate::names) makes of its identity:
//!
//! ```text
//! evidence.json     what the station knows: SFID, hash, response, times, signer, trust
//! response.bin      the EERP or NERP as level 2.0 sends it
//! response.p7m      its signature (EERPSIG, NERPSIG), which holds what it is over
//! certificates.pem  who signed, and the certificates between the signer and an authority
//! trust.pem         the certificates and authorities that the station trusted at that time
//! crls.pem          the lists of revoked certificates that it knew
//! SHA256SUMS        the hash of each of these, as `sha256sum -c` reads it
//! 2/, 3/ ...        the same once more, where another response came to the same file
//! ```
//!
//! The octets of the file are not among them: the sent copy, or its envelope, is what the hash is
//! compared with. What the partner's signature covers is proven by it: dataset name, date, time,
//! the two addresses and the hash. All else is the station's own word, which the sums protect from
//! accidents and from nobody who can count them again.
//!
//! ```text
//! record    evidence.json
//! text      octets of the protocol as text, and back
//! write     makes the folder, whole or not at all
//! read      reads one, whatever somebody has put into it
//! list      the folders of a station
//! verify    what a folder proves
//! ```

mod list;
mod read;
mod record;
mod text;
mod verify;
mod write;

use oftp_core::mailbox::Response;
use oftp_secure::crypto::Hash;
use oftp_secure::{Certificate, Trust};

pub use list::{Entry, Listed, folders, is_evidence, list};
pub use read::LARGEST;
pub use record::{FORMAT, Record, SfidFields, Signer, Times, Transmitted, Trusted};
pub use verify::{Against, Check, Finding, Proves, Report, verify};
pub use write::write;

use super::journal::file::{FileRow, Way};
use crate::names::stored_name;

const RECORD: &str = "evidence.json";
const RESPONSE: &str = "response.bin";
const SIGNATURE: &str = "response.p7m";
const CERTIFICATES: &str = "certificates.pem";
const TRUST: &str = "trust.pem";
const CRLS: &str = "crls.pem";
const SUMS: &str = "SHA256SUMS";

/// All files that a folder may hold. Names that are written in one of them never select a file.
const NAMES: [&str; 7] = [RECORD, RESPONSE, SIGNATURE, CERTIFICATES, TRUST, CRLS, SUMS];

/// The most responses to one file that are kept.
const MOST: u32 = 99;

/// What evidence is made of.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// The file, with the hash of what was transmitted.
    pub file: &'a FileRow,
    /// Its end response, as it came or as we made it.
    pub response: &'a Response,
    /// The algorithm of the hash; `None`: that of the cipher suite (SFIDCIPH), if one is named.
    pub hash: Option<Hash>,
    /// Who signed, as [`check`](crate::security::check) found; of a response of ours our own
    /// certificate. Empty: nobody.
    pub certificates: &'a [Certificate],
    /// What was trusted when the response was checked, with the lists of revoked certificates.
    pub trust: &'a Trust,
    /// When what happened.
    pub times: Times,
}

/// The name of the folder for a file.
#[must_use]
pub fn folder_name(file: &FileRow) -> String {
    let suffix = match file.way {
        Way::In => "in",
        Way::Out => "out",
    };
    format!("{}.{suffix}", stored_name(&file.identity()))
}

#[cfg(test)]
mod tests;
