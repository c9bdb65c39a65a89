//! What may be wrong with a message: in full for us, in two digits for the partner.

use oftp_core::wire::{EfnaReason, NerpReason};

use crate::asn1::{Asn1Error, oid, tag};

/// One service of chapter 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layer {
    /// EnvelopedData.
    Encryption,
    /// CompressedData.
    Compression,
    /// SignedData.
    Signature,
}

impl Layer {
    /// The content type, as content octets of its identifier.
    pub(super) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Encryption => oid::ENVELOPED_DATA,
            Self::Compression => oid::COMPRESSED_DATA,
            Self::Signature => oid::SIGNED_DATA,
        }
    }
}

impl Layer {
    /// The service whose message begins with these octets, 32 of which are enough; `None`: it is
    /// no message of CMS.
    ///
    /// Only for people who look at files without knowing what was announced: in a session SFIDSEC
    /// and SFIDCOMP say what is there, and what they do not announce is content (6.1).
    #[must_use]
    pub fn of_message(head: &[u8]) -> Option<Self> {
        let (&tag::SEQUENCE, rest) = head.split_first()? else {
            return None;
        };
        let (&length, rest) = rest.split_first()?;
        let more = if length > 0x80 { length & 0x7F } else { 0 };
        let (&tag::OID, rest) = rest.get(usize::from(more)..)?.split_first()? else {
            return None;
        };
        let (&length, rest) = rest.split_first()?;
        let found = rest.get(..usize::from(length))?;
        let all = [Self::Encryption, Self::Compression, Self::Signature];
        all.into_iter().find(|layer| layer.oid() == found)
    }
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Encryption => "EnvelopedData",
            Self::Compression => "CompressedData",
            Self::Signature => "SignedData",
        })
    }
}

/// A message cannot be opened, or must not be believed. What was pulled before is worth nothing.
///
/// The text is for our own log and people: it says which layer, which certificate, which
/// identifiers. A partner gets [`nerp_reason`](Self::nerp_reason) or
/// [`efna_reason`](Self::efna_reason) and nothing else (threat model A5, E4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{layer}{}: {problem}", if *.after_key && *.layer != Layer::Encryption { " inside what was decrypted" } else { "" })]
pub struct OpenError {
    /// Where.
    pub layer: Layer,
    /// What.
    pub problem: OpenProblem,
    pub(super) after_key: bool,
    pub(super) encrypted: bool,
    pub(super) signed: bool,
    pub(super) compressed: bool,
}

impl OpenError {
    /// NERPREAS (section 5.3.14).
    ///
    /// For an encrypted file, everything that fails once the content key was unwrapped has one
    /// reason: 31 if the file was announced as signed, else 33. What anybody can see in the
    /// envelope is 33. Files that are not encrypted: 32 for compression, 31 for signatures.
    #[must_use]
    pub fn nerp_reason(&self) -> NerpReason {
        match (self.encrypted, self.after_key, self.signed) {
            (true, true, true) => NerpReason::INVALID_FILE_SIGNATURE,
            (true, ..) => NerpReason::FILE_DECRYPTION_FAILURE,
            (false, ..) if self.layer == Layer::Compression => {
                NerpReason::FILE_DECOMPRESSION_FAILURE
            }
            (false, ..) if self.is_too_long() && self.compressed => {
                NerpReason::FILE_DECOMPRESSION_FAILURE
            }
            (false, ..) if self.is_too_long() => NerpReason::FILE_SIZE_TOO_BIG,
            _ => NerpReason::INVALID_FILE_SIGNATURE,
        }
    }

    /// EFNAREAS (section 5.3.10), where files are opened in the session: the same classes, 21 to
    /// 23.
    #[must_use]
    pub fn efna_reason(&self) -> EfnaReason {
        match self.nerp_reason() {
            NerpReason::INVALID_FILE_SIGNATURE => EfnaReason::INVALID_FILE_SIGNATURE,
            NerpReason::FILE_DECOMPRESSION_FAILURE => EfnaReason::FILE_DECOMPRESSION_FAILURE,
            NerpReason::FILE_SIZE_TOO_BIG => EfnaReason::FILE_SIZE_TOO_BIG,
            _ => EfnaReason::FILE_DECRYPTION_FAILURE,
        }
    }

    const fn is_too_long(&self) -> bool {
        matches!(self.problem, OpenProblem::TooLong { .. })
    }
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenProblem {
    /// The octets are not what RFC 5652 or RFC 3274 tell.
    #[error("{what} at octet {at}")]
    Structure {
        /// What is wrong.
        what: &'static str,
        /// Where, counted from the beginning of the layer, or of one of its elements.
        at: u64,
    },
    /// Octets end before the message does.
    #[error("cut off after {at} octets")]
    Cut {
        /// Octets of the layer that are there.
        at: u64,
    },
    /// Octets follow the message.
    #[error("octets follow its end at octet {at}")]
    Trailing {
        /// Octets of the layer.
        at: u64,
    },
    /// Another content type than the one that was announced (SFIDSEC, SFIDCOMP).
    #[error("announced (SFIDSEC, SFIDCOMP), but this is {found}")]
    OtherType {
        /// The content type that is there.
        found: String,
    },
    /// The content is not inside (a detached signature, or an envelope around nothing).
    #[error("the content is not inside; ODETTE-FTP needs it attached")]
    NoContent,
    /// The content is longer than may be.
    #[error("content of more than {limit} octets, which is the limit")]
    TooLong {
        /// Most octets.
        limit: u64,
    },
    /// An algorithm that nothing here knows.
    #[error("algorithm {algorithm} is not supported; ask the partner for another cipher suite")]
    Algorithm {
        /// What is known of it.
        algorithm: String,
    },
    /// 3DES or SHA-1 where a policy refuses them.
    #[error("{algorithm} is refused by policy; ask the partner for cipher suite 04 or better")]
    Legacy {
        /// The algorithm.
        algorithm: String,
    },
    /// None of our keys.
    #[error(
        "encrypted for {}; our keys are {}; send the partner a current certificate, or add the key",
        or_nobody(named),
        or_nobody(held)
    )]
    NoRecipient {
        /// The recipients that the envelope names.
        named: Vec<String>,
        /// The certificates of our own keys.
        held: Vec<String>,
    },
    /// The content key does not open the content, or the content is damaged.
    #[error("the content cannot be decrypted: damaged, or encrypted with another key")]
    Undecipherable,
    /// No zlib stream.
    #[error("no zlib stream after {at} octets of content: {what}")]
    Zlib {
        /// What is wrong.
        what: &'static str,
        /// Octets that were decompressed before.
        at: u64,
    },
    /// No signature counts.
    #[error("no signature counts: {}", or_nobody(signers))]
    NoSigner {
        /// For each signature, whose it is and what is wrong.
        signers: Vec<String>,
    },
}

fn or_nobody(list: &[String]) -> String {
    if list.is_empty() {
        "nobody".to_owned()
    } else {
        list.join("; ")
    }
}

impl From<Asn1Error> for OpenProblem {
    fn from(error: Asn1Error) -> Self {
        Self::Structure {
            what: error.what,
            at: error.at as u64,
        }
    }
}

/// A message cannot be made: the caller's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The plan names no service.
    #[error("nothing to do: no signer, no compression, no recipient")]
    NoLayer,
    /// zlib knows levels 0 to 9.
    #[error("compression level {level}; zlib has 0 to 9")]
    Level {
        /// The level.
        level: u32,
    },
    /// Not an RSA key, or not the key of its certificate.
    #[error("cannot sign as {certificate}: {problem}")]
    Signer {
        /// The certificate.
        certificate: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A certificate that nothing can be encrypted for.
    #[error("cannot encrypt for {certificate}: {problem}")]
    Recipient {
        /// The certificate.
        certificate: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A time that X.690 cannot write.
    #[error("the signing time is before 1970 or after 9999")]
    Time,
    /// The system gives no random octets, or the cipher failed.
    #[error("cryptographic operation failed")]
    Crypto,
    /// A signature is longer than its field.
    #[error("signature of {octets} octets; EERPSIGL and NERPSIGL count to 65,535")]
    SignatureTooLong {
        /// Its length.
        octets: usize,
    },
}

impl From<crate::crypto::CryptoError> for SealError {
    fn from(_: crate::crypto::CryptoError) -> Self {
        Self::Crypto
    }
}
