//! Whose certificate counts for what (RFC 5024 chapter 11, RFC 5280).
//!
//! A [`Trust`] is what we know of one partner: the certificates that it has given to us, the
//! authorities that may certify it, and what is revoked. A valid certificate of somebody else is
//! worth nothing here (threat model C3, S15).

mod check;
mod list;
mod names;
mod path;
mod problem;
mod revocation;
mod signature;
mod usage;

use crate::certificate::Certificate;

pub use list::{RevocationList, Revoked};
pub use problem::{Distrust, DistrustKind, utc};
pub use revocation::{Revocation, Unknown};
pub use usage::name as usage_name;

/// What we know of the certificates of one partner.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificates that the partner has given to us, self-signed or not: each is trusted as it
    /// is, by its SHA-256. The newest that is valid is encrypted for.
    pub pinned: Vec<Certificate>,
    /// Authorities of this partner: what they certify is the partner's, if it bears one of
    /// [`names`](Self::names).
    pub anchors: Vec<Certificate>,
    /// Certificates between these and the partner's.
    pub intermediates: Vec<Certificate>,
    /// Lists of revoked certificates, in DER. A list counts where an authority or a certificate
    /// above signed it.
    pub revoked: Vec<Vec<u8>>,
    /// Names that an authority's certificate for the partner bears: a host name, a common name,
    /// or an identification code as serial number of the subject. Empty: the authorities certify
    /// nobody but this partner.
    pub names: Vec<String>,
    /// What is asked of the lists of revoked certificates.
    pub revocation: Revocation,
    /// What is not taken from anybody.
    pub rules: Rules,
}

/// What is not taken from anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The shortest RSA key in bits, default 2048. Issuers never have less than 2048.
    pub min_rsa_bits: u32,
    /// Take certificates whose issuer signed with SHA-1, default no. A pinned certificate is
    /// trusted by its SHA-256 and not by its signature, so this does not touch it.
    pub sha1: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            min_rsa_bits: 2048,
            sha1: false,
        }
    }
}

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Its owner signed a file.
    SignFile,
    /// A file is encrypted for its owner.
    EncryptFile,
    /// Its owner signed an EERP or a NERP.
    SignResponse,
    /// A challenge is encrypted for its owner (AUCH).
    Authenticate,
    /// Its owner is called by TLS.
    TlsServer,
    /// Its owner calls by TLS.
    TlsClient,
}

impl std::fmt::Display for Purpose {
    /// `sign files`, as in "not meant to sign files".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SignFile => "sign files",
            Self::EncryptFile => "encrypt files",
            Self::SignResponse => "sign end responses",
            Self::Authenticate => "authenticate sessions",
            Self::TlsServer => "be a TLS server",
            Self::TlsClient => "be a TLS client",
        })
    }
}
