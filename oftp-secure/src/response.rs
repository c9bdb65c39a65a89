//! Signed EERP and NERP (RFC 5024 sections 5.3.13 and 5.3.14): SignedData around the fields of the
//! response as they are sent, padding included, nothing between them.
//!
//! The content is always inside the signature: detached ones are refused, as the RFC wants "the
//! original data, not just the signature". What the signature does not cover: EERPUSER, NERPREAS,
//! NERPREAST.

use std::time::SystemTime;

use oftp_core::wire::{Eerp, Level, Nerp, Stamp};

use crate::certificate::{Certificate, hex};
use crate::cms::{OpenError, OpenPlan, Opener, SealError, SealPlan, Sealer, transform};
use crate::key::Credential;
use crate::suite::Suite;
use crate::trust::{Purpose, Trust};

/// The longest signature that EERPSIGL and NERPSIGL can tell.
const LONGEST: usize = 65_535;

/// A signed response proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// There is no signature.
    #[error("the response is not signed; ask the partner to sign what SFIDSIGN asks for")]
    Unsigned,
    /// The signature does not hold, or is not the partner's.
    #[error("the signature of the response: {0}")]
    Signature(#[from] OpenError),
    /// Something else was signed.
    #[error("the response has {field} {sent}, its signature covers {signed}")]
    OtherContent {
        /// The first field that differs, by its RFC name.
        field: &'static str,
        /// Its octets in the response.
        sent: String,
        /// The octets in its place under the signature.
        signed: String,
    },
    /// The response is for a file with another hash than what was sent.
    #[error("the file was sent with hash {sent}, the response is for {received}")]
    OtherHash {
        /// Hash of what was sent.
        sent: String,
        /// EERPHSH or NERPHSH.
        received: String,
    },
}

/// Sets EERPHSH and EERPSIG: `hash` over the Virtual File as it was received, by the hash of the
/// cipher suite that SFIDCIPH names.
///
/// # Errors
/// [`SealError`] when the key cannot sign; the EERP stays as it was.
pub fn sign_eerp(
    eerp: &mut Eerp,
    hash: &[u8],
    suite: &'static Suite,
    signer: &Credential,
    time: SystemTime,
) -> Result<(), SealError> {
    let mut signed = eerp.clone();
    hash.clone_into(&mut signed.hsh);
    signed.sig = sign(&signed.signed_octets(), suite, signer, time)?;
    *eerp = signed;
    Ok(())
}

/// Sets NERPHSH and NERPSIG, as [`sign_eerp`]. Without a hash of the file, `hash` is empty.
///
/// # Errors
/// As [`sign_eerp`].
pub fn sign_nerp(
    nerp: &mut Nerp,
    hash: &[u8],
    suite: &'static Suite,
    signer: &Credential,
    time: SystemTime,
) -> Result<(), SealError> {
    let mut signed = nerp.clone();
    hash.clone_into(&mut signed.hsh);
    signed.sig = sign(&signed.signed_octets(), suite, signer, time)?;
    *nerp = signed;
    Ok(())
}

fn sign(
    octets: &[u8],
    suite: &'static Suite,
    signer: &Credential,
    time: SystemTime,
) -> Result<Vec<u8>, SealError> {
    let mut plan = SealPlan::new(suite);
    plan.signers.push(signer.clone());
    plan.signing_time = Some(time);
    let signature = transform(&mut Sealer::new(plan)?, octets)?;
    let octets = signature.len();
    if octets > LONGEST {
        return Err(SealError::SignatureTooLong { octets });
    }
    Ok(signature)
}

/// What is asked of a signed response.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The hash of the Virtual File as it was sent, by the hash of its cipher suite; `None` for a
    /// NERP about a file that no hash is known of.
    pub hash: Option<&'a [u8]>,
    /// Whose signature counts.
    pub trust: &'a Trust,
    /// At which time the signer's certificate must be valid.
    pub now: SystemTime,
    /// Refuse SHA-1.
    pub refuse_legacy: bool,
}

/// Whose signatures make this EERP the proof that the file with this hash was received.
///
/// # Errors
/// [`ResponseError`] says what is wrong; the file is not acknowledged.
pub fn verify_eerp(eerp: &Eerp, expected: Expected<'_>) -> Result<Vec<Certificate>, ResponseError> {
    let stamp = eerp.stamp.for_level(Level::V2_0);
    verify(
        &eerp.sig,
        &[
            ("EERPDSN", eerp.dsn.as_octets()),
            ("EERPDATE", stamp.date()),
            ("EERPTIME", stamp.time()),
            ("EERPDEST", eerp.dest.as_octets()),
            ("EERPORIG", eerp.orig.as_octets()),
            ("EERPHSH", &eerp.hsh),
        ],
        &eerp.hsh,
        expected,
    )
}

/// Whose signatures make this NERP the proof that the file was not delivered.
///
/// # Errors
/// As [`verify_eerp`].
pub fn verify_nerp(nerp: &Nerp, expected: Expected<'_>) -> Result<Vec<Certificate>, ResponseError> {
    let stamp: Stamp = nerp.stamp.for_level(Level::V2_0);
    verify(
        &nerp.sig,
        &[
            ("NERPDSN", nerp.dsn.as_octets()),
            ("NERPDATE", stamp.date()),
            ("NERPTIME", stamp.time()),
            ("NERPDEST", nerp.dest.as_octets()),
            ("NERPORIG", nerp.orig.as_octets()),
            ("NERPCREA", nerp.crea.as_octets()),
            ("NERPHSH", &nerp.hsh),
        ],
        &nerp.hsh,
        expected,
    )
}

fn verify(
    signature: &[u8],
    fields: &[(&'static str, &[u8])],
    hash: &[u8],
    expected: Expected<'_>,
) -> Result<Vec<Certificate>, ResponseError> {
    if signature.is_empty() {
        return Err(ResponseError::Unsigned);
    }
    let mut plan = OpenPlan::new(expected.trust.clone(), expected.now);
    plan.signed = true;
    plan.purpose = Purpose::SignResponse;
    plan.refuse_legacy = expected.refuse_legacy;
    let mut opener = Opener::new(plan);
    let content = transform(&mut opener, signature)?;
    compare(&content, fields)?;
    if let Some(sent) = expected.hash
        && sent != hash
    {
        return Err(ResponseError::OtherHash {
            sent: hex(sent),
            received: hex(hash),
        });
    }
    // The message was transformed to its end.
    Ok(opener.opened().unwrap_or_default().signers)
}

/// Whether what is under the signature are these fields and nothing else.
fn compare(content: &[u8], fields: &[(&'static str, &[u8])]) -> Result<(), ResponseError> {
    let mut rest = content;
    let last = fields.len().saturating_sub(1);
    for (index, (field, sent)) in fields.iter().enumerate() {
        let length = if index == last {
            rest.len()
        } else {
            sent.len().min(rest.len())
        };
        let (signed, behind) = rest.split_at(length);
        if signed != *sent {
            return Err(ResponseError::OtherContent {
                field,
                sent: show(sent),
                signed: show(signed),
            });
        }
        rest = behind;
    }
    Ok(())
}

/// Text in quotation marks, anything else in hexadecimal; 80 octets are enough for any field and
/// hash.
fn show(octets: &[u8]) -> String {
    let octets = octets.get(..80).unwrap_or(octets);
    if octets.iter().all(|octet| (b' '..=b'~').contains(octet)) {
        format!("\"{}\"", String::from_utf8_lossy(octets))
    } else {
        hex(octets)
    }
}
