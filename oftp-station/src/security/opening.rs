//! Files that have come in their envelopes are opened (RFC 5024 6.1, 6.3): decrypted, inflated,
//! and their signatures checked, in constant memory. Nothing of them is published before all of it
//! holds.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use oftp_core::wire::{NerpReason, RecordFormat, Sfid};
use oftp_secure::cms::{self, OpenPlan};

use super::content::{ContentFault, ContentWriter};
use super::keys::{Keys, Use};
use crate::inbox::{InboxError, SealedFile, Verdict};
use crate::records::Format;

/// How a file is opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its SFID: which layers there must be, and what is in them.
    pub sfid: Sfid,
    /// The keys between us and its partner.
    pub keys: Keys,
    /// 3DES and SHA-1 are not taken.
    pub no_legacy: bool,
    /// More octets of content are not taken, whatever SFIDOSIZ says.
    pub limit: Option<u64>,
    /// Where a copy of the envelope is kept.
    pub envelopes: Option<PathBuf>,
}

/// What has become of a file that was to be opened.
#[derive(Debug)]
pub enum Opened {
    /// Its content is published.
    Published {
        /// Where.
        path: PathBuf,
        /// Octets of its content, without record lengths.
        octets: u64,
        /// Records of an F or V file, else 0.
        records: u64,
        /// Who has signed it.
        signers: Vec<String>,
    },
    /// It is not what it should be: its partner gets a NERP.
    Refused {
        /// NERPREAS.
        reason: NerpReason,
        /// Why, for this side only.
        why: String,
    },
}

/// Beyond what SFIDOSIZ announces, this much may come: it is an estimate (threat model C1).
const MARGIN: u64 = 1 << 20;

/// Opens a file, and publishes its content. The envelope stays where it is.
///
/// # Errors
/// [`InboxError`] when this side is at fault: the file can be opened later.
pub fn open(sealed: &SealedFile, opening: &Opening) -> Result<Opened, InboxError> {
    let sfid = &opening.sfid;
    let format = match sfid.fmt {
        RecordFormat::F => Format::Fixed(sfid.lrecl),
        RecordFormat::V => Format::Variable(sfid.lrecl),
        RecordFormat::U => Format::Unstructured,
        RecordFormat::T => Format::Text,
    };
    let mut slot = sealed.content(format)?;
    let mut content = ContentWriter::new(&mut slot, format);
    let mut file = sealed.reader()?;
    let opened = cms::open(plan(opening), &mut file, &mut content, |_| {});
    let stored = content.finish();
    let opened = match (opened, stored) {
        // The other fault follows from this one.
        (_, Err(ContentFault::Ours(InboxError::TooBig { limit }))) => Err(Opened::Refused {
            reason: reason_within(sfid, NerpReason::FILE_SIZE_TOO_BIG),
            why: format!("its content has more than {limit} octets"),
        }),
        (_, Err(ContentFault::Ours(error))) => return Err(error),
        (Err(error), _) => Err(refusal(&error)?),
        (Ok(_), Err(ContentFault::Records(why))) => Err(Opened::Refused {
            reason: reason_within(sfid, NerpReason::FILE_PROCESSING_FAILURE),
            why: format!("its records are not what SFIDFMT says: {why}"),
        }),
        (Ok(opened), Ok(())) => Ok(opened),
    };
    let counts = slot.counts();
    let opened = match opened {
        Ok(opened) => opened,
        Err(refused) => {
            slot.discard()?;
            return Ok(refused);
        }
    };
    // First the copy: once the content is published nothing may fail that would have it opened,
    // and published, once more.
    if let Some(folder) = &opening.envelopes {
        sealed.copy_to(folder)?;
    }
    let path = match slot.publish_after(|| sealed.decide(Verdict::Publish)) {
        // A process that was killed had come as far as this.
        Err(InboxError::AlreadyThere { .. }) => sealed.published_path(),
        published => published?,
    };
    Ok(Opened::Published {
        path,
        octets: counts.octets,
        records: counts.records,
        signers: opened.signers.iter().map(ToString::to_string).collect(),
    })
}

/// What is wrong with the envelope is the partner's fault, what is wrong with our disk ours.
fn refusal(error: &io::Error) -> Result<Opened, InboxError> {
    match cms::open_error(error) {
        Some(wrong) => Ok(Opened::Refused {
            reason: wrong.nerp_reason(),
            why: wrong.to_string(),
        }),
        None => Err(InboxError::Io {
            doing: "opening an envelope".to_owned(),
            error: io::Error::new(error.kind(), error.to_string()),
        }),
    }
}

/// Within what was encrypted every fault has the same code (threat model E4).
const fn reason_within(sfid: &Sfid, reason: NerpReason) -> NerpReason {
    match (sfid.sec.is_encrypted(), sfid.sec.is_signed()) {
        (true, true) => NerpReason::INVALID_FILE_SIGNATURE,
        (true, false) => NerpReason::FILE_DECRYPTION_FAILURE,
        (false, _) => reason,
    }
}

fn plan(opening: &Opening) -> OpenPlan {
    let Opening {
        sfid,
        keys,
        no_legacy,
        limit,
        envelopes: _,
    } = opening;
    let announced = match sfid.osiz {
        0 => None,
        blocks => {
            let octets = blocks.saturating_mul(1024);
            Some(octets.saturating_add(octets / 10).saturating_add(MARGIN))
        }
    };
    OpenPlan {
        encrypted: sfid.sec.is_encrypted(),
        compressed: sfid.comp != 0,
        signed: sfid.sec.is_signed(),
        keys: keys.own.all(Use::Encrypt).to_vec(),
        limit: announced.into_iter().chain(*limit).min(),
        refuse_legacy: *no_legacy,
        ..OpenPlan::new(keys.partner.trust(Use::Sign), SystemTime::now())
    }
}
