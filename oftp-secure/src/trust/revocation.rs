//! Whether a certificate is revoked (RFC 5024 chapter 11, RFC 5280 6.3).

use std::time::{Duration, SystemTime};

use super::list::RevocationList;
use super::{Distrust, DistrustKind, Trust, signature};
use crate::certificate::Certificate;

/// What is asked of lists of revoked certificates.
///
/// A list that is older than its issuer or `max_age` allows counts as none, but what it revokes
/// stays revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revocation {
    /// What becomes of a certificate of which no list says whether it is revoked.
    pub unknown: Unknown,
    /// How old a list may be, counted from the time when it was made (thisUpdate). `None`: as old
    /// as its issuer allows (nextUpdate).
    pub max_age: Option<Duration>,
}

/// What becomes of a certificate of which nobody knows whether it is revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unknown {
    /// It is taken.
    #[default]
    Allow,
    /// It is refused. Self-signed certificates are taken none the less: they are revoked by being
    /// taken off the list of the partner's certificates.
    Refuse,
}

impl Trust {
    /// Whether the lists say that this certificate is not revoked. `issuers`: the public keys of
    /// its issuer.
    pub(super) fn check_revoked(
        &self,
        certificate: &Certificate,
        issuers: &[&[u8]],
        now: SystemTime,
    ) -> Result<(), Distrust> {
        let distrust = |kind| Distrust::of(certificate, kind);
        let serial = number(certificate.serial());
        let mut good = false;
        let mut newest: Option<RevocationList<'_>> = None;
        for der in &self.revoked {
            let list = RevocationList::from_der(der)
                .map_err(|_| distrust(DistrustKind::UnreadableList))?;
            let is_signed = |spki: &&[u8]| {
                signature::is_of(spki, list.signed, &self.rules).is_ok_and(|is_of| is_of)
            };
            if list.issuer_der() != certificate.issuer_der() || !issuers.iter().any(is_signed) {
                continue;
            }
            let mut entries = list.entries().flatten();
            if let Some(entry) = entries.find(|entry| number(entry.serial) == serial) {
                let (on, reason) = (entry.on, entry.reason);
                return Err(distrust(DistrustKind::Revoked { on, reason }));
            }
            if list.covers(certificate) {
                good |= self.revocation.is_current(&list, now);
                if newest
                    .as_ref()
                    .is_none_or(|other| other.made() < list.made())
                {
                    newest = Some(list);
                }
            }
        }
        if good || self.revocation.unknown == Unknown::Allow || certificate.is_self_issued() {
            return Ok(());
        }
        let issuer = certificate.issuer();
        Err(distrust(match newest {
            Some(list) => DistrustKind::OldList {
                issuer,
                made: list.made(),
                next: list.next(),
            },
            None => DistrustKind::UnknownStatus { issuer },
        }))
    }
}

impl Revocation {
    fn is_current(&self, list: &RevocationList<'_>, now: SystemTime) -> bool {
        // A list of the future is no older than now.
        let age = now.duration_since(list.made()).unwrap_or_default();
        list.next().is_none_or(|next| now <= next) && self.max_age.is_none_or(|max| age <= max)
    }
}

/// A serial number without the zeros that sloppy encoders put before it.
fn number(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}
