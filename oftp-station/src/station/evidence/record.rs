//! `evidence.json`: what the station knows of a file and its end response, by the names that the
//! RFC gives to the fields. It names no path.

use std::collections::BTreeMap;

use oftp_core::mailbox::Response;
use oftp_core::wire::{Level, Sfid};
use oftp_secure::crypto::Hash;
use oftp_secure::{Certificate, Suite, Trust};
use serde::{Deserialize, Serialize};

use super::super::journal::event::{EventRow, Kind};
use super::super::journal::file::{FileRow, Way};
use super::{Proof, text};
use crate::report::PeerText;

/// The format of the folder that this version writes.
pub const FORMAT: u32 = 1;

/// `evidence.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`FORMAT`].
    pub format: u32,
    /// The program that wrote it.
    pub software: String,
    /// `out`: a file of ours, answered by others. `in`: a file that came, answered by us.
    pub direction: String,
    /// The partner's name in the configuration.
    pub partner: String,
    /// The local name of the file.
    pub name: String,
    /// As what it was offered.
    pub sfid: SfidFields,
    /// What travelled.
    pub transmitted: Transmitted,
    /// The fields of the response by their names; hashes in hexadecimal, of the signature only its
    /// length (EERPSIGL, NERPSIGL).
    pub response: BTreeMap<String, String>,
    /// When what happened.
    pub times: Times,
    /// Who signed.
    pub signers: Vec<Signer>,
    /// What was trusted.
    pub trust: Trusted,
}

/// The fields of SFID (5.3.3) but SFIDREST, which is of one transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
pub struct SfidFields {
    /// Dataset name.
    pub sfiddsn: String,
    /// Date of the stamp.
    pub sfiddate: String,
    /// Time of the stamp.
    pub sfidtime: String,
    /// User data.
    pub sfiduser: String,
    /// Destination.
    pub sfiddest: String,
    /// Originator.
    pub sfidorig: String,
    /// Record format: F, V, U or T.
    pub sfidfmt: char,
    /// Longest record in octets.
    pub sfidlrecl: u32,
    /// Size of what travels in blocks of 1,024 octets.
    pub sfidfsiz: u64,
    /// Size of the original in blocks of 1,024 octets.
    pub sfidosiz: u64,
    /// Security level, 0 to 3.
    pub sfidsec: u8,
    /// Cipher suite, 0 to 99.
    pub sfidciph: u8,
    /// Compression, 0 or 1.
    pub sfidcomp: u8,
    /// Envelope, 0 or 1.
    pub sfidenv: u8,
    /// Whether a signed response was asked for: Y or N.
    pub sfidsign: char,
    /// Description, made safe to show.
    pub sfiddesc: String,
}

/// What travelled: the file, or its envelope where SFIDSEC, SFIDCOMP or SFIDENV say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transmitted {
    /// Octets of it.
    pub octets: u64,
    /// The algorithm of the hash; empty: no suite is named.
    pub algorithm: String,
    /// The hash in hexadecimal; empty: it is not known.
    pub hash: String,
}

/// Times in UTC, in the JSON as RFC 3339 has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Out: the file was queued. In: it was offered.
    pub begun: jiff::Timestamp,
    /// All of the file was sent, or had come (EFID).
    pub efid: Option<jiff::Timestamp>,
    /// EFPA came, or left.
    pub efpa: Option<jiff::Timestamp>,
    /// The response came, or was made: the time at which its signer must be good.
    pub response: jiff::Timestamp,
}

impl Times {
    /// The times of a file, from its lines in the history; `response`: when its response came or
    /// was made, ms since 1970.
    #[must_use]
    pub fn of(file: &FileRow, history: &[EventRow], response: i64) -> Self {
        let efid = match file.way {
            Way::Out => Kind::FileEfidSent,
            Way::In => Kind::FileReceived,
        };
        // The last: a file may have been sent more than once.
        let efid = history.iter().rev().find(|line| line.kind == efid);
        Self {
            begun: time(file.created),
            efid: efid.map(|line| time(line.at)),
            efpa: file.transferred.map(time),
            response: time(response),
        }
    }
}

/// A time of the journal; what no calendar has is its beginning or its end.
fn time(ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

/// Who signed, for people; the certificate itself is in `certificates.pem`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The owner of the certificate.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Its serial number in hexadecimal.
    pub serial: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Signer {
    pub(super) fn new(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial_hex(),
            sha256: certificate.fingerprint_hex(),
        }
    }
}

/// What was trusted: the certificates of `trust.pem` by their SHA-256, and the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// Certificates that the partner had given, each trusted as it is.
    pub pinned: Vec<String>,
    /// Authorities that may certify the partner.
    pub authorities: Vec<String>,
    /// The lists of revoked certificates in `crls.pem`, each by the SHA-256 of its DER.
    pub lists: Vec<String>,
    /// Names of which a certificate of an authority must bear one.
    pub names: Vec<String>,
    /// The shortest RSA key that was taken, in bits.
    pub min_rsa_bits: u32,
    /// Certificates signed with SHA-1 were taken.
    pub sha1: bool,
}

impl Trusted {
    pub(super) fn new(trust: &Trust) -> Self {
        let prints = |all: &[Certificate]| all.iter().map(Certificate::fingerprint_hex).collect();
        Self {
            pinned: prints(&trust.pinned),
            authorities: prints(&trust.anchors),
            lists: trust.revoked.iter().map(|list| list_print(list)).collect(),
            names: trust.names.clone(),
            min_rsa_bits: trust.rules.min_rsa_bits,
            sha1: trust.rules.sha1,
        }
    }
}

/// A list of revoked certificates by the SHA-256 of its DER.
pub(super) fn list_print(der: &[u8]) -> String {
    oftp_secure::certificate::hex(&Hash::Sha256.of(der))
}

impl Record {
    pub(super) fn new(proof: &Proof<'_>) -> Self {
        let file = proof.file;
        let hash = proof.hash.or_else(|| Some(Suite::of(file.sfid.ciph)?.hash));
        Self {
            format: FORMAT,
            software: concat!("oftp ", env!("CARGO_PKG_VERSION")).to_owned(),
            direction: file.way.name().to_owned(),
            partner: file.partner.clone(),
            name: file.name.clone(),
            sfid: SfidFields::new(&file.sfid),
            transmitted: Transmitted {
                octets: file.octets,
                algorithm: hash.map(|hash| hash.to_string()).unwrap_or_default(),
                hash: file.hash.clone(),
            },
            response: response_fields(proof.response),
            times: proof.times,
            signers: proof.certificates.iter().map(Signer::new).collect(),
            trust: Trusted::new(proof.trust),
        }
    }

    /// Whether what travelled was an envelope and not the file.
    pub(super) const fn is_sealed(&self) -> bool {
        self.sfid.sfidsec != 0 || self.sfid.sfidcomp != 0 || self.sfid.sfidenv != 0
    }
}

impl SfidFields {
    fn new(sfid: &Sfid) -> Self {
        Self {
            sfiddsn: text::of(sfid.dsn.trimmed()),
            sfiddate: text::of(sfid.stamp.date()),
            sfidtime: text::of(sfid.stamp.time()),
            sfiduser: text::of(sfid.user.trimmed()),
            sfiddest: text::of(sfid.dest.trimmed()),
            sfidorig: text::of(sfid.orig.trimmed()),
            sfidfmt: char::from(sfid.fmt.letter()),
            sfidlrecl: sfid.lrecl,
            sfidfsiz: sfid.fsiz,
            sfidosiz: sfid.osiz,
            sfidsec: sfid.sec.code(),
            sfidciph: sfid.ciph,
            sfidcomp: sfid.comp,
            sfidenv: sfid.env,
            sfidsign: if sfid.sign { 'Y' } else { 'N' },
            sfiddesc: PeerText::new(sfid.desc.as_octets()).to_string(),
        }
    }
}

/// The fields of a response as text, by their names.
pub(super) fn response_fields(response: &Response) -> BTreeMap<String, String> {
    let hex = oftp_secure::certificate::hex;
    let mut fields = BTreeMap::new();
    let mut put = |name: &str, value: String| fields.insert(name.to_owned(), value);
    match response {
        Response::Eerp(eerp) => {
            let stamp = eerp.stamp.for_level(Level::V2_0);
            put("EERPDSN", text::of(eerp.dsn.trimmed()));
            put("EERPDATE", text::of(stamp.date()));
            put("EERPTIME", text::of(stamp.time()));
            put("EERPUSER", text::of(eerp.user.trimmed()));
            put("EERPDEST", text::of(eerp.dest.trimmed()));
            put("EERPORIG", text::of(eerp.orig.trimmed()));
            put("EERPHSH", hex(&eerp.hsh));
            put("EERPSIGL", eerp.sig.len().to_string());
        }
        Response::Nerp(nerp) => {
            let stamp = nerp.stamp.for_level(Level::V2_0);
            put("NERPDSN", text::of(nerp.dsn.trimmed()));
            put("NERPDATE", text::of(stamp.date()));
            put("NERPTIME", text::of(stamp.time()));
            put("NERPDEST", text::of(nerp.dest.trimmed()));
            put("NERPORIG", text::of(nerp.orig.trimmed()));
            put("NERPCREA", text::of(nerp.crea.trimmed()));
            put("NERPREAS", format!("{:02}", nerp.reas.code()));
            put(
                "NERPREAST",
                PeerText::new(nerp.reast.as_octets()).to_string(),
            );
            put("NERPHSH", hex(&nerp.hsh));
            put("NERPSIGL", nerp.sig.len().to_string());
        }
    }
    fields
}
