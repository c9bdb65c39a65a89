//! Signed end responses (RFC 5024 3.3.5, 5.3.13, 5.3.14): made for what came, checked for what
//! was sent.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use oftp_core::mailbox::Response;
use oftp_secure::cms::SealError;
use oftp_secure::response::{self, Expected};
use oftp_secure::{Certificate, Suite};

use super::keys::{KeyError, Keys, Use};
use crate::durable;

/// Signs a response for a file whose transmitted octets have this hash.
///
/// # Errors
/// There is no key to sign with, or it cannot: the response is unsigned then, which is better
/// than none (3.3.5 note 3).
pub fn sign(
    response: &mut Response,
    hash: &[u8],
    suite: &'static Suite,
    keys: &Keys,
) -> Result<(), SignError> {
    let now = SystemTime::now();
    let own = keys.own.valid(Use::Eerp, now)?;
    match response {
        Response::Eerp(eerp) => response::sign_eerp(eerp, hash, suite, own, now)?,
        Response::Nerp(nerp) => response::sign_nerp(nerp, hash, suite, own, now)?,
    }
    Ok(())
}

/// A response cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It cannot sign.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What a response is worth.
#[derive(Debug)]
pub enum Checked {
    /// The partner has signed it, and it is for what was sent.
    Signed {
        /// Whose signature.
        signer: String,
        /// The certificates of those who signed, for the evidence.
        certificates: Vec<Certificate>,
        /// Where the proof is kept.
        receipt: Option<PathBuf>,
    },
    /// Not signed, and not asked to be.
    Unsigned,
    /// Signed, though not asked to be, and nothing is known of the partner to check it by.
    NotChecked,
    /// It proves nothing: the file stays open (threat model R2).
    Worthless {
        /// Why.
        why: String,
    },
}

/// What is known of a file when its response comes.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The hash of what was transmitted, in hexadecimal.
    pub hash: String,
    /// A signed response was asked for.
    pub wanted: bool,
    /// Where signed responses are kept.
    pub receipts: Option<PathBuf>,
    /// The name of the file there.
    pub name: String,
    /// Take no SHA-1.
    pub no_legacy: bool,
}

/// Checks a response against what was sent.
#[must_use]
pub fn check(response: &Response, evidence: &Evidence, keys: &Keys) -> Checked {
    let signature = match response {
        Response::Eerp(eerp) => &eerp.sig,
        Response::Nerp(nerp) => &nerp.sig,
    };
    if signature.is_empty() {
        return if evidence.wanted {
            Checked::Worthless {
                why: "it is not signed, though SFIDSIGN asked for it; ask the partner to sign, or \
                      send without --signed-eerp"
                    .to_owned(),
            }
        } else {
            Checked::Unsigned
        };
    }
    if !evidence.wanted && (evidence.hash.is_empty() || !keys.partner.knows(Use::Eerp)) {
        return Checked::NotChecked;
    }
    let trust = keys.partner.trust(Use::Eerp);
    let sent = unhex(&evidence.hash);
    let expected = Expected {
        hash: Some(&sent),
        trust: &trust,
        now: SystemTime::now(),
        refuse_legacy: evidence.no_legacy,
    };
    let verified = match response {
        Response::Eerp(eerp) => response::verify_eerp(eerp, expected),
        Response::Nerp(nerp) => response::verify_nerp(nerp, expected),
    };
    match verified {
        Ok(certificates) => match keep(evidence, signature) {
            Ok(receipt) => {
                let signers: Vec<_> = certificates.iter().map(ToString::to_string).collect();
                Checked::Signed {
                    signer: signers.join(", "),
                    certificates,
                    receipt,
                }
            }
            Err(error) => Checked::Worthless {
                why: format!("the proof of delivery cannot be kept (--receipts): {error}"),
            },
        },
        Err(error) => Checked::Worthless {
            why: error.to_string(),
        },
    }
}

/// Keeps the signature, which holds what it is over.
fn keep(evidence: &Evidence, signature: &[u8]) -> io::Result<Option<PathBuf>> {
    let Some(folder) = &evidence.receipts else {
        return Ok(None);
    };
    let path = folder.join(format!("{}.p7m", evidence.name));
    durable::write(&path, signature)?;
    Ok(Some(path))
}

/// Octets from hexadecimal; what is none gives no octets, which are no hash of anything.
#[must_use]
pub fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    let octets = digits.map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    octets.collect::<Option<_>>().unwrap_or_default()
}
