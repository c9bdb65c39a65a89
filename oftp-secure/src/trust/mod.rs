//! Whose certificate counts for what (RFC 5024 chapter 11, RFC 5280).
//!
//! A [`Trust`] is what we know of one partner: the certificates that it has given to us, the
//! authorities that may certify it, and what is revoked. A valid certificate of somebody else is
//! worth nothing here (threat model C3, S15).

use std::time::SystemTime;

use crate::certificate::Certificate;

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
    /// Lists of revoked certificates, in DER.
    pub revoked: Vec<Vec<u8>>,
    /// Names that an authority's certificate for the partner bears: a host name, a common name,
    /// or an identification code as serial number of the subject. Empty: the authorities certify
    /// nobody but this partner.
    pub names: Vec<String>,
    /// What is not taken from anybody.
    pub rules: Rules,
}

/// What is not taken from anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The shortest RSA key in bits, default 2048.
    pub min_rsa_bits: u32,
    /// Take certificates that are signed with SHA-1, default no.
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

/// A certificate is not taken: which, what is wrong with it, and what would mend that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("certificate {certificate}: {problem}")]
pub struct Distrust {
    /// The certificate.
    pub certificate: String,
    /// What is wrong.
    pub problem: String,
}

impl Trust {
    /// Whether this certificate is the partner's and may be used so at this time. `sent_with`:
    /// other certificates that came with it.
    ///
    /// # Errors
    /// [`Distrust`] says why not.
    pub fn check(
        &self,
        certificate: &Certificate,
        sent_with: &[Certificate],
        purpose: Purpose,
        now: SystemTime,
    ) -> Result<(), Distrust> {
        let _ = (sent_with, purpose);
        let problem = if !self.pinned.contains(certificate) {
            "not the partner's"
        } else if now < certificate.not_before() {
            "not yet valid"
        } else if now > certificate.not_after() {
            "expired"
        } else {
            return Ok(());
        };
        Err(Distrust {
            certificate: certificate.to_string(),
            problem: problem.to_owned(),
        })
    }

    /// The partner's certificate to encrypt for at this time: of those that
    /// [`check`](Self::check) takes, the one that became valid last.
    ///
    /// # Errors
    /// [`Distrust`] says what is wrong with the best candidate, or that there is none.
    pub fn newest(&self, purpose: Purpose, now: SystemTime) -> Result<&Certificate, Distrust> {
        let mut problem = None;
        let usable = self.pinned.iter().filter(|certificate| {
            match self.check(certificate, &[], purpose, now) {
                Ok(()) => true,
                Err(distrust) => {
                    problem = Some(distrust);
                    false
                }
            }
        });
        let newest = usable.max_by_key(|certificate| certificate.not_before());
        newest.ok_or_else(|| {
            problem.unwrap_or_else(|| Distrust {
                certificate: "of the partner".to_owned(),
                problem: "there is none; ask the partner for it".to_owned(),
            })
        })
    }
}
