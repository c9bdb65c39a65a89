//! A file that a partner offers, as the inbox knows it, and the answers to refusals of the inbox.

use std::collections::BTreeMap;

use oftp_core::mailbox::Mailbox;
use oftp_core::virtual_file::Structure;
use oftp_core::wire::{RecordFormat, Sfid, SfnaReason};

use super::identity_of;
use crate::identity::Field;
use crate::inbox::{Offer, Refusal};
use crate::records::Format;

/// The file as the inbox knows it: a restart needs every attribute to be the same (N15).
#[must_use]
pub fn offer_of(sfid: &Sfid, mailbox: &Mailbox) -> Offer {
    let partner = mailbox.partner().map(|partner| partner.code);
    offer_from(sfid, partner.unwrap_or_default().trimmed())
}

/// The same, brought by the partner of this code.
#[must_use]
pub fn offer_from(sfid: &Sfid, partner: &[u8]) -> Offer {
    let format = match sfid.fmt {
        _ if Structure::of(sfid).is_enveloped() => Format::Unstructured,
        RecordFormat::F => Format::Fixed(sfid.lrecl),
        RecordFormat::V => Format::Variable(sfid.lrecl),
        RecordFormat::U => Format::Unstructured,
        RecordFormat::T => Format::Text,
    };
    let number = |name: &str, value: u64| (name.to_owned(), Field::new(value.to_string()));
    let attributes = BTreeMap::from([
        ("SFIDUSER".to_owned(), Field::new(sfid.user.as_octets())),
        ("SFIDDESC".to_owned(), Field::new(sfid.desc.as_octets())),
        ("SFIDFMT".to_owned(), Field::new([sfid.fmt.letter()])),
        number("SFIDLRECL", sfid.lrecl.into()),
        number("SFIDFSIZ", sfid.fsiz),
        number("SFIDOSIZ", sfid.osiz),
        number("SFIDSEC", u64::from(sfid.sec.code())),
        number("SFIDCIPH", sfid.ciph.into()),
        number("SFIDCOMP", sfid.comp.into()),
        number("SFIDENV", sfid.env.into()),
        number("SFIDSIGN", sfid.sign.into()),
    ]);
    Offer {
        identity: identity_of(sfid),
        partner: Field::new(partner),
        format,
        blocks: sfid.fsiz,
        attributes,
    }
}

/// SFIDFSIZ in octets, with what an estimate may be wrong by (threat model D10).
pub(crate) const fn most_announced(sfid: &Sfid) -> u64 {
    let octets = sfid.fsiz.saturating_mul(1024);
    octets
        .saturating_add(octets / 10)
        .saturating_add(1024 * 1024)
}

/// What this side is told once when a file has passed that, from `before` to `after` octets.
pub(crate) fn grown(sfid: &Sfid, before: u64, after: u64) -> Option<String> {
    let most = most_announced(sfid);
    (before <= most && after > most).then(|| {
        format!(
            "{}: it is larger than it announced: SFIDFSIZ is {}, and {after} octets have come",
            identity_of(sfid),
            sfid.fsiz
        )
    })
}

/// The answer to the partner for a refusal of the inbox: reason, and whether a retry makes sense.
#[must_use]
pub const fn sfna(refusal: &Refusal) -> (SfnaReason, bool) {
    match refusal {
        Refusal::Duplicate { .. } => (SfnaReason::DUPLICATE_FILE, false),
        Refusal::InUse { .. } => (SfnaReason::DUPLICATE_FILE, true),
        Refusal::TooBig { .. } | Refusal::Outgrown { .. } => (SfnaReason::FILE_SIZE_TOO_BIG, false),
        Refusal::NoSpace { .. } => (SfnaReason::FILE_SIZE_TOO_BIG, true),
        Refusal::Inbox(_) => (SfnaReason::UNSPECIFIED, true),
    }
}

/// What the partner is told in words: nothing of our paths and disks.
#[must_use]
pub const fn words(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Duplicate { .. } => "this file has been received already",
        Refusal::InUse { .. } => "this file is being received in another session",
        Refusal::TooBig { .. } | Refusal::Outgrown { .. } => {
            "files of this size are not taken here"
        }
        Refusal::NoSpace { .. } => "there is no room for the file now",
        Refusal::Inbox(_) => "the file cannot be stored now",
    }
}
