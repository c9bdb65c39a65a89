//! The cipher suites (RFC 5024 10.2, and the list that ODETTE maintains beside it), one row each.

use crate::crypto::{ContentCipher, Hash, KeyTransport, SignatureScheme};

/// One cipher suite: what SFIDCIPH stands for.
#[derive(Debug, PartialEq, Eq)]
pub struct Suite {
    /// SFIDCIPH, 01 to 10.
    pub code: u8,
    /// The cipher for the content of files and challenges.
    pub cipher: ContentCipher,
    /// How the content key is encrypted for a recipient.
    pub transport: KeyTransport,
    /// How signatures are padded.
    pub signature: SignatureScheme,
    /// For signatures, and for EERPHSH and NERPHSH.
    pub hash: Hash,
    /// Holds 3DES or SHA-1: mandatory in RFC 5024, but not to be chosen where there is a choice.
    pub legacy: bool,
}

const fn row(
    code: u8,
    cipher: ContentCipher,
    transport: KeyTransport,
    signature: SignatureScheme,
    hash: Hash,
) -> Suite {
    Suite {
        code,
        cipher,
        transport,
        signature,
        hash,
        legacy: matches!(cipher, TripleDes) || matches!(hash, Sha1),
    }
}

use ContentCipher::{Aes256, TripleDes};
use Hash::{Sha1, Sha3_512, Sha256, Sha512};
use KeyTransport::{Oaep, Pkcs1V15};
use SignatureScheme::{Pkcs1, Pss};

/// All suites. 00 is no suite: it stands for files without security.
///
/// 01 and 02: RFC 5024. 03 to 06: ODETTE, 2015. 07: Partner Data Exchange 1.2, 2023. 08 to 10 are
/// seen in the field, their text is not public.
pub static SUITES: [Suite; 10] = [
    row(1, TripleDes, Pkcs1V15, Pkcs1, Sha1),
    row(2, Aes256, Pkcs1V15, Pkcs1, Sha1),
    row(3, TripleDes, Pkcs1V15, Pkcs1, Sha256),
    row(4, Aes256, Pkcs1V15, Pkcs1, Sha256),
    row(5, TripleDes, Pkcs1V15, Pkcs1, Sha512),
    row(6, Aes256, Pkcs1V15, Pkcs1, Sha512),
    row(7, Aes256, Pkcs1V15, Pkcs1, Sha3_512),
    row(8, Aes256, Oaep, Pss, Sha256),
    row(9, Aes256, Oaep, Pss, Sha512),
    row(10, Aes256, Oaep, Pss, Sha3_512),
];

/// The suite that is sent where none is agreed on: AES-256, SHA-256 (04).
pub const DEFAULT: u8 = 4;

impl Suite {
    /// The suite with this code (SFIDCIPH); `None` for 00 and for codes that are not known.
    #[must_use]
    pub fn of(code: u8) -> Option<&'static Self> {
        SUITES.iter().find(|suite| suite.code == code)
    }
}

impl std::fmt::Display for Suite {
    /// `04 (AES-256, RSA PKCS#1 v1.5, SHA-256)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rsa = match self.signature {
            Pkcs1 => "RSA PKCS#1 v1.5",
            Pss => "RSA PSS and OAEP",
        };
        let Self {
            code, cipher, hash, ..
        } = self;
        write!(f, "{code:02} ({cipher}, {rsa}, {hash})")
    }
}
