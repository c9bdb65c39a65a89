//! What may be wrong with a certificate, in words that help.

use std::time::SystemTime;

use super::Purpose;
use crate::certificate::{Certificate, KeyKind};

/// A certificate is not taken: which, what is wrong with it, and what would mend that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("certificate {certificate} {kind}; {}", kind.remedy())]
pub struct Distrust {
    /// The certificate at fault: owner, serial number and issuer. It need not be the one that was
    /// asked about, but can be an authority above it.
    pub certificate: String,
    /// What is wrong.
    pub kind: DistrustKind,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DistrustKind {
    /// There is no certificate at all.
    Missing,
    /// It is a certificate of which nothing says that it is the partner's (threat model C3, S15).
    SomeoneElses {
        /// Whether a certificate of the partner has the same owner: it may have been renewed.
        renewed: bool,
    },
    /// It bears none of the names of the partner.
    WrongName {
        /// The names that it bears.
        found: Vec<String>,
        /// The names that the partner should have.
        wanted: Vec<String>,
    },
    /// Its last day is over.
    Expired {
        /// It was valid to this time.
        at: SystemTime,
    },
    /// Its first day is still to come.
    NotYetValid {
        /// It is valid from this time on.
        from: SystemTime,
    },
    /// Its issuer has revoked it.
    Revoked {
        /// When, by the issuer's list.
        on: SystemTime,
        /// Why, by the issuer's list.
        reason: Option<&'static str>,
    },
    /// Nothing says whether it is revoked, and the policy demands to know.
    UnknownStatus {
        /// Whose list is missing.
        issuer: String,
    },
    /// The list that would say whether it is revoked is too old, and the policy demands to know.
    OldList {
        /// Whose list.
        issuer: String,
        /// When it was made.
        made: SystemTime,
        /// When the next one was due.
        next: Option<SystemTime>,
    },
    /// A list of revoked certificates cannot be read.
    UnreadableList,
    /// Nobody knows who signed it.
    UnknownIssuer {
        /// The name of the issuer.
        issuer: String,
    },
    /// It bears the name of an issuer that is known, but not its signature.
    Forged {
        /// The name of the issuer.
        issuer: String,
    },
    /// It is not meant for this use.
    WrongUsage {
        /// The use.
        purpose: Purpose,
        /// What it is meant for.
        allowed: String,
    },
    /// Its RSA key is too short.
    WeakKey {
        /// Its length in bits.
        bits: u32,
        /// The shortest that is taken, in bits.
        least: u32,
    },
    /// Its key is not RSA, which signatures and encryption of files need.
    NotRsa {
        /// What it is.
        kind: KeyKind,
    },
    /// Its issuer signed it with SHA-1.
    Sha1,
    /// It is the certificate of an authority, where one of its clients is needed.
    Authority,
    /// It is not made as RFC 5280 demands of a certificate that is trusted for its issuer.
    Unusable {
        /// The rule that it breaks.
        why: String,
    },
}

impl Distrust {
    pub(super) fn of(certificate: &Certificate, kind: DistrustKind) -> Self {
        let certificate = certificate.to_string();
        Self { certificate, kind }
    }
}

impl std::fmt::Display for DistrustKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("is not there"),
            Self::SomeoneElses { .. } => {
                f.write_str("is none of the partner's: it may be valid, but it is someone else's")
            }
            Self::WrongName { found, wanted } => {
                let (found, wanted) = (list(found), list(wanted));
                write!(f, "is for {found} instead of {wanted}")
            }
            Self::Expired { at } => write!(f, "expired on {}", utc(*at)),
            Self::NotYetValid { from } => write!(f, "is not valid before {}", utc(*from)),
            Self::Revoked { on, reason } => {
                write!(f, "was revoked on {}", utc(*on))?;
                reason.map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Self::UnknownStatus { issuer } => {
                write!(f, "may be revoked: there is no revocation list of {issuer}")
            }
            Self::OldList { issuer, made, next } => {
                let made = utc(*made);
                write!(f, "may be revoked: the list of {issuer} is of {made}")?;
                next.map_or(Ok(()), |next| {
                    write!(f, ", and the next was due on {}", utc(next))
                })
            }
            Self::UnreadableList => {
                f.write_str("may be revoked: a list of revoked certificates cannot be read")
            }
            Self::UnknownIssuer { issuer } => write!(f, "was issued by {issuer}, who is unknown"),
            Self::Forged { issuer } => {
                write!(f, "bears no signature of the {issuer} that is known here")
            }
            Self::WrongUsage { purpose, allowed } => {
                write!(f, "is not meant to {purpose}, only for: {allowed}")
            }
            Self::WeakKey { bits, least } => {
                write!(f, "has a key of {bits} bits, fewer than {least}")
            }
            Self::NotRsa { kind } => {
                write!(f, "has no RSA key, which files need; its key is: {kind}")
            }
            Self::Sha1 => f.write_str("was signed by its issuer with SHA-1, which can be forged"),
            Self::Authority => f.write_str("is that of an authority, not of one of its clients"),
            Self::Unusable { why } => write!(f, "cannot be trusted for its issuer: {why}"),
        }
    }
}

impl DistrustKind {
    /// What would mend it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Missing => "ask the partner for its certificate",
            Self::SomeoneElses { renewed: true } => {
                "the owner's name is the partner's: if the partner confirms the new certificate's \
                 SHA-256, add it to the partner's certificates"
            }
            Self::SomeoneElses { renewed: false } => {
                "if the partner confirms its SHA-256, add it to the partner's certificates"
            }
            Self::WrongName { .. } => {
                "ask the partner whether the name is right, or for a certificate with its name"
            }
            Self::Expired { .. } => "ask its owner for the new one",
            Self::NotYetValid { .. } => {
                "use its predecessor until then, and see that this clock is right"
            }
            Self::Revoked { .. } => "ask its owner for a new one, and use this one no more",
            Self::UnknownStatus { .. } => {
                "fetch the issuer's list, or allow an unknown revocation status"
            }
            Self::OldList { .. } => {
                "fetch the issuer's newest list, or allow an unknown revocation status"
            }
            Self::UnreadableList => "fetch the lists again, and in DER or PEM",
            Self::UnknownIssuer { .. } => {
                "add the issuer's certificate to the partner's authorities, or this one to the \
                 partner's certificates"
            }
            Self::Forged { .. } => {
                "do not use it before the partner has confirmed its SHA-256; an issuer that \
                 changed its key has a new certificate too"
            }
            Self::WrongUsage { .. } => "ask its owner for the certificate for this use",
            Self::WeakKey { .. } => "ask its owner for one with a longer key",
            Self::NotRsa { .. } => "ask its owner for one with an RSA key",
            Self::Sha1 => {
                "ask its owner for a newer one, add it to the partner's certificates, or allow \
                 SHA-1 for this partner"
            }
            Self::Authority => {
                "if the partner really uses it as its own, add it to the partner's certificates"
            }
            Self::Unusable { .. } => {
                "if the partner confirms its SHA-256, add it to the partner's certificates"
            }
        }
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nobody".to_owned();
    }
    let quoted = names
        .iter()
        .map(|name| format!("\"{}\"", crate::certificate::visible(name)));
    quoted.collect::<Vec<_>>().join(", ")
}

/// A time as text: `2026-01-31 12:04:55 UTC`.
#[must_use]
pub fn utc(time: SystemTime) -> String {
    let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH);
    let date = since_1970.map(der::DateTime::from_unix_duration);
    match date {
        Ok(Ok(t)) => format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minutes(),
            t.seconds()
        ),
        _ => "a day before 1970 or after 9999".to_owned(),
    }
}
