//! What is to be done with a content, and what is known of a message.

use std::ffi::c_char;
use std::time::SystemTime;

use oftp_secure::cms::{OpenError, OpenPlan, Opened, SealError, SealPlan};
use oftp_secure::{Certificate, Credential, Purpose, Trust};

use super::keystore::{credentials, keystore, oftp_keystore};
use super::trust::{oftp_trust, trust};
use super::{purpose, suite, time, versioned, wrong, yes_or_no};
use crate::guard::{check_out, octets};
use crate::status::{Fail, Outcome, oftp_code};
use crate::text::array;

/// `flags` of `oftp_cms_seal_plan`, which may be added.
#[repr(C)]
pub enum oftp_cms_seal_flag {
    /// Signatures cover the content itself, and not attributes with its digest. They hold no time.
    OFTP_SEAL_WITHOUT_ATTRIBUTES = 1,
    /// No signing time.
    OFTP_SEAL_WITHOUT_TIME = 2,
    /// Certificates are named by subject key identifier, and not by issuer and serial number.
    OFTP_SEAL_BY_KEY_IDENTIFIER = 4,
    /// Put the signers' certificates inside, which RFC 5024 6.2 recommends not to.
    OFTP_SEAL_WITH_CERTIFICATES = 8,
}

/// How a file is put into its envelopes (RFC 5024 chapter 6): signed, compressed, encrypted, in
/// this order, each of them that is asked for, and at least one. Initialise with
/// `OFTP_CMS_SEAL_PLAN_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_cms_seal_plan {
    /// `sizeof(oftp_cms_seal_plan)`.
    pub struct_size: usize,
    /// Cipher suite (SFIDCIPH), 1 to 10; default 4 (AES-256, RSA PKCS#1 v1.5, SHA-256).
    pub suite: i32,
    /// zlib's level, 1 to 9 (6 is usual); 0: not compressed.
    pub compression: i32,
    /// Who signs: a keystore with private keys and their certificates; NULL: not signed.
    pub signer: *const oftp_keystore,
    /// Which certificates of `signer` sign: `signer_count` times the 32 octets of a SHA-256. Two
    /// are of use at the change from an old certificate to a new one.
    pub signer_fingerprints: *const u8,
    /// How many; 0: the newest that is valid.
    pub signer_count: usize,
    /// For whom it is encrypted: the newest certificate that this trust takes for
    /// `OFTP_PURPOSE_ENCRYPT_FILE`; NULL: see `recipients`.
    pub partner: *const oftp_trust,
    /// For whom it is encrypted too: every certificate of this keystore, as it is; NULL: nobody.
    /// With neither, it is not encrypted.
    pub recipients: *const oftp_keystore,
    /// When, in Unix seconds: the time in the signatures, at which certificates must be valid;
    /// 0: now.
    pub time: i64,
    /// A sum of `oftp_cms_seal_flag`.
    pub flags: u32,
    /// A V file: the longest record in octets (SFIDLRECL), 1 to 65,535. The sealer takes records
    /// and writes their lengths (6.5). 0: the sealer takes octets.
    pub record_length: u32,
}

/// What was announced of a file that was received, and what is needed to open it. Initialise with
/// `OFTP_CMS_OPEN_PLAN_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_cms_open_plan {
    /// `sizeof(oftp_cms_open_plan)`.
    pub struct_size: usize,
    /// SFIDSEC: a sum of `oftp_security`. What is not announced is content, even if it looks like
    /// an envelope.
    pub security: i32,
    /// SFIDCOMP: 1: compressed; 0: not.
    pub compression: i32,
    /// Our private keys with their certificates, old and new. Needed where it is encrypted.
    pub keystore: *const oftp_keystore,
    /// Whose signature counts. Needed where it is signed.
    pub trust: *const oftp_trust,
    /// What the signer's certificate must be good for, an `oftp_purpose`; default to sign files.
    pub purpose: i32,
    /// At which time the signer's certificate must be valid, in Unix seconds; 0: now.
    pub time: i64,
    /// The most octets of content that may come out: what was announced (SFIDOSIZ), or the room
    /// that is there; 0: no limit. Without one a small file may become a very large one.
    pub limit: u64,
    /// 1: refuse 3DES and SHA-1; 0: take them, as suites 01 and 02 need them.
    pub refuse_legacy: i32,
    /// A V file: the longest record in octets (SFIDLRECL), 1 to 65,535. The opener reads the
    /// lengths (6.5) and gives records. 0: the opener gives octets.
    pub record_length: u32,
}

/// What is known of a message that was opened, or why it was not. Initialise with
/// `OFTP_CMS_OPENED_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_cms_opened {
    /// `sizeof(oftp_cms_opened)`.
    pub struct_size: usize,
    /// Octets of content.
    pub octets: u64,
    /// How many signatures hold: 0 where it was not announced as signed.
    pub signer_count: u32,
    /// 1: 3DES or SHA-1 was used.
    pub legacy: i32,
    /// SHA-256 of the certificate of the first signature that holds.
    pub signer_fingerprint: [u8; 32],
    /// The owner of this certificate, in UTF-8, cut to 255 octets.
    pub signer: [c_char; 256],
    /// 0: it was opened. Else the reason for a NERP, an `oftp_nerp_reason`. It is all that a
    /// partner may know: the error text is for our own log.
    pub nerp_reason: i32,
    /// The same for EFNA, an `oftp_file_reason`, where files are opened before they are accepted.
    pub efna_reason: i32,
}

versioned!(oftp_cms_seal_plan oftp_cms_open_plan oftp_cms_opened);

impl From<SealError> for Fail {
    fn from(error: SealError) -> Self {
        let code = match error {
            SealError::Signer { .. } | SealError::Recipient { .. } | SealError::Crypto => {
                oftp_code::OFTP_E_KEY
            }
            _ => oftp_code::OFTP_E_VALUE,
        };
        code.because(error.to_string())
    }
}

/// Fingerprints of the caller.
///
/// # Safety
/// `pointer` is NULL or valid for `count` times 32 octets for as long as the result is used.
pub(super) unsafe fn fingerprints<'a>(pointer: *const u8, count: usize) -> Outcome<&'a [[u8; 32]]> {
    let len = count
        .checked_mul(32)
        .ok_or_else(|| wrong("the number of fingerprints", count, "smaller"))?;
    // SAFETY: by the caller.
    let octets = unsafe { octets(pointer, len, "fingerprint") }?;
    Ok(octets.as_chunks().0)
}

/// Who signs: these, or the newest that is valid.
pub(super) fn signers(
    from: *const oftp_keystore,
    wanted: &[[u8; 32]],
    now: SystemTime,
) -> Outcome<Vec<Credential>> {
    let mut own = credentials(from)?;
    if !wanted.is_empty() {
        let find = |fingerprint: &[u8; 32]| {
            let is = |own: &&Credential| own.certificate.fingerprint() == fingerprint;
            own.iter().find(is).cloned().ok_or_else(|| {
                oftp_code::OFTP_E_KEY.because(format!(
                    "the keystore has no private key with certificate {}",
                    oftp_secure::certificate::hex(fingerprint)
                ))
            })
        };
        return wanted.iter().map(find).collect();
    }
    // Other keys serve TLS alone.
    own.retain(|own| own.key.rsa().is_ok());
    let valid = |own: &Credential| {
        let certificate = &own.certificate;
        certificate.not_before() <= now && now <= certificate.not_after()
    };
    if own.is_empty() {
        return Err(oftp_code::OFTP_E_KEY.because("the keystore has no RSA key to sign with"));
    }
    let place = own.iter().position(valid).ok_or_else(|| {
        oftp_code::OFTP_E_KEY.because(format!(
            "{} is not valid at this time: make a new one, or name it by its fingerprint",
            own[0].certificate
        ))
    })?;
    Ok(vec![own.swap_remove(place)])
}

fn record_length(value: u32) -> Outcome<Option<u32>> {
    match value {
        0 => Ok(None),
        1..=65_535 => Ok(Some(value)),
        _ => Err(wrong("record_length", value, "0 to 65535 (RFC 5024 6.5)")),
    }
}

impl oftp_cms_seal_plan {
    /// The plan of the engine, and the longest record.
    ///
    /// # Safety
    /// `signer_fingerprints` is as its field says.
    pub(super) unsafe fn to_core(self) -> Outcome<(SealPlan, Option<u32>)> {
        use oftp_cms_seal_flag as F;
        let flag = |flag: F| self.flags & flag as u32 != 0;
        if self.flags > 15 {
            return Err(wrong("flags", self.flags, "a sum of oftp_cms_seal_flag"));
        }
        let now = time(self.time, "time")?;
        let mut plan = SealPlan::new(suite(self.suite)?);
        plan.compression = match self.compression {
            0 => None,
            1..=9 => Some(self.compression.unsigned_abs()),
            level => return Err(wrong("compression", level, "0 to 9")),
        };
        if !self.signer.is_null() {
            // SAFETY: by the caller.
            let wanted = unsafe { fingerprints(self.signer_fingerprints, self.signer_count) }?;
            plan.signers = signers(self.signer, wanted, now)?;
        } else if self.signer_count > 0 {
            return Err(oftp_code::OFTP_E_NULL.because("signer is NULL, but signer_count is not 0"));
        }
        if !self.partner.is_null() {
            let trust = trust(self.partner)?;
            let newest = trust.newest(Purpose::EncryptFile, now)?;
            plan.recipients.push(newest.clone());
        }
        if !self.recipients.is_null() {
            let certificates = keystore(self.recipients)?.certificates;
            // Nobody to encrypt for must never mean: not encrypted.
            if certificates.is_empty() {
                return Err(oftp_code::OFTP_E_VALUE.because("recipients has no certificate"));
            }
            plan.recipients.extend(certificates);
        }
        plan.signed_attributes = !flag(F::OFTP_SEAL_WITHOUT_ATTRIBUTES);
        plan.signing_time = (!flag(F::OFTP_SEAL_WITHOUT_TIME)).then_some(now);
        plan.by_key_identifier = flag(F::OFTP_SEAL_BY_KEY_IDENTIFIER);
        plan.with_certificates = flag(F::OFTP_SEAL_WITH_CERTIFICATES);
        Ok((plan, record_length(self.record_length)?))
    }
}

impl oftp_cms_open_plan {
    /// The plan of the engine, and the longest record.
    pub(super) fn to_core(self) -> Outcome<(OpenPlan, Option<u32>)> {
        if !(0..=3).contains(&self.security) {
            return Err(wrong("security", self.security, "a sum of oftp_security"));
        }
        let signed = self.security & 2 != 0;
        let encrypted = self.security & 1 != 0;
        let whose = if signed {
            check_out(self.trust, "trust, which a signed file needs,")?;
            trust(self.trust)?
        } else {
            Trust::default()
        };
        let mut plan = OpenPlan::new(whose, time(self.time, "time")?);
        if encrypted {
            check_out(self.keystore, "keystore, which an encrypted file needs,")?;
            plan.keys = credentials(self.keystore)?;
        }
        plan.signed = signed;
        plan.encrypted = encrypted;
        plan.compressed = yes_or_no(self.compression, "compression")?;
        plan.purpose = purpose(self.purpose)?;
        plan.limit = (self.limit > 0).then_some(self.limit);
        plan.refuse_legacy = yes_or_no(self.refuse_legacy, "refuse_legacy")?;
        Ok((plan, record_length(self.record_length)?))
    }
}

impl oftp_cms_opened {
    const NOTHING: Self = Self {
        struct_size: size_of::<Self>(),
        octets: 0,
        signer_count: 0,
        legacy: 0,
        signer_fingerprint: [0; 32],
        signer: [0; 256],
        nerp_reason: 0,
        efna_reason: 0,
    };

    pub(super) fn of(opened: &Opened) -> Self {
        let signer = opened.signers.first();
        let name = signer.map(Certificate::subject).unwrap_or_default();
        let cut = name.floor_char_boundary(255);
        Self {
            octets: opened.octets,
            signer_count: u32::try_from(opened.signers.len()).unwrap_or(u32::MAX),
            legacy: opened.is_legacy().into(),
            signer_fingerprint: signer.map_or([0; 32], |signer| *signer.fingerprint()),
            signer: array(&name.as_bytes()[..cut]),
            ..Self::NOTHING
        }
    }

    pub(super) fn failed(failed: &Unopened) -> Self {
        Self {
            nerp_reason: failed.nerp_reason,
            efna_reason: failed.efna_reason,
            ..Self::NOTHING
        }
    }
}

/// Why a message cannot be opened: for our log, and for the partner.
#[derive(Debug, Clone)]
pub(super) struct Unopened {
    pub(super) text: String,
    pub(super) nerp_reason: i32,
    pub(super) efna_reason: i32,
}

impl From<OpenError> for Unopened {
    fn from(error: OpenError) -> Self {
        Self {
            nerp_reason: error.nerp_reason().code().into(),
            efna_reason: error.efna_reason().code().into(),
            text: error.to_string(),
        }
    }
}

impl From<Unopened> for Fail {
    fn from(failed: Unopened) -> Self {
        oftp_code::OFTP_E_CMS.because(failed.text)
    }
}
