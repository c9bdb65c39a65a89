//! The questions that every certificate is asked, whoever vouches for it.

use std::time::SystemTime;

use super::{Distrust, DistrustKind, Purpose, Rules, Trust, names, usage};
use crate::certificate::{Certificate, KeyKind};

impl Trust {
    /// Whether this certificate is the partner's and may be used so at this time. `sent_with`:
    /// other certificates that came with it, which help to find the way to an authority and are
    /// not trusted for that.
    ///
    /// A pinned certificate may be of any kind: self-signed, an authority's own, X.509 version 1.
    /// Any other must have a valid path (RFC 5280 chapter 6) to one of the authorities.
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
        let distrust = |kind| Distrust::of(certificate, kind);
        let is_pinned = self.is_pinned(certificate);
        if !is_pinned {
            self.knows_issuer(certificate, sent_with)
                .map_err(distrust)?;
        }
        validity(certificate, now).map_err(distrust)?;
        key(certificate, purpose, &self.rules).map_err(distrust)?;
        usage::check(certificate, purpose).map_err(distrust)?;
        if is_pinned {
            let issuers = self.keys_of_issuer(certificate);
            return self.check_revoked(certificate, &issuers, now);
        }
        self.check_path(certificate, sent_with, purpose, now)?;
        names::check(certificate, &self.names).map_err(distrust)
    }

    /// Whether the partner has given this very certificate to us.
    #[must_use]
    pub fn is_pinned(&self, certificate: &Certificate) -> bool {
        let pinned = self.pinned.iter();
        pinned
            .map(Certificate::fingerprint)
            .any(|pin| pin == certificate.fingerprint())
    }

    /// The partner's own certificates that are meant for this, newest first, whether they are
    /// still valid or not: among them is whoever signed, or whom to encrypt for.
    #[must_use]
    pub fn candidates(&self, purpose: Purpose) -> Vec<&Certificate> {
        let pinned = self.pinned.iter();
        let mut fit: Vec<_> = pinned
            .filter(|certificate| usage::check(certificate, purpose).is_ok())
            .collect();
        fit.sort_by_key(|certificate| std::cmp::Reverse(certificate.not_before()));
        fit
    }

    /// The partner's certificate to encrypt for at this time: of those that
    /// [`check`](Self::check) takes, the one that became valid last.
    ///
    /// # Errors
    /// [`Distrust`] says what is wrong with the best candidate, or that there is none.
    pub fn newest(&self, purpose: Purpose, now: SystemTime) -> Result<&Certificate, Distrust> {
        let mut best = None;
        // What is not meant for this at all is looked at last, for its error alone.
        let unfit = self.pinned.iter();
        for certificate in self.candidates(purpose).into_iter().chain(unfit) {
            match self.check(certificate, &[], purpose, now) {
                Ok(()) => return Ok(certificate),
                Err(distrust) => best.get_or_insert(distrust),
            };
        }
        Err(best.unwrap_or_else(|| Distrust {
            certificate: "of the partner".to_owned(),
            kind: DistrustKind::Missing,
        }))
    }

    /// Whether anybody could vouch for a certificate that is not pinned. Whose it is comes before
    /// what else is wrong with it: nobody needs a new certificate of a stranger.
    fn knows_issuer(
        &self,
        certificate: &Certificate,
        sent_with: &[Certificate],
    ) -> Result<(), DistrustKind> {
        let same_owner = |pin: &Certificate| pin.subject_der() == certificate.subject_der();
        if self.anchors.is_empty() || certificate.is_self_issued() {
            let renewed = self.pinned.iter().any(same_owner);
            return Err(DistrustKind::SomeoneElses { renewed });
        }
        let mut issuers = self
            .anchors
            .iter()
            .chain(&self.intermediates)
            .chain(sent_with);
        if issuers.any(|issuer| issuer.subject_der() == certificate.issuer_der()) {
            return Ok(());
        }
        let issuer = certificate.issuer();
        Err(DistrustKind::UnknownIssuer { issuer })
    }

    /// The public keys that bear the name of the certificate's issuer: of what we hold, never of
    /// what came with it.
    fn keys_of_issuer(&self, certificate: &Certificate) -> Vec<&[u8]> {
        let known = self.anchors.iter().chain(&self.intermediates);
        let known = known.chain(&self.pinned);
        known
            .filter(|issuer| issuer.subject_der() == certificate.issuer_der())
            .map(Certificate::spki)
            .collect()
    }
}

/// Whether the certificate is valid at this time.
pub(super) fn validity(certificate: &Certificate, now: SystemTime) -> Result<(), DistrustKind> {
    let (from, at) = (certificate.not_before(), certificate.not_after());
    if now < from {
        Err(DistrustKind::NotYetValid { from })
    } else if now > at {
        Err(DistrustKind::Expired { at })
    } else {
        Ok(())
    }
}

/// Whether the key serves the purpose, and is long enough.
fn key(certificate: &Certificate, purpose: Purpose, rules: &Rules) -> Result<(), DistrustKind> {
    key_length(certificate, rules)?;
    let is_tls = matches!(purpose, Purpose::TlsServer | Purpose::TlsClient);
    if is_tls || certificate.public_key().is_ok() {
        return Ok(());
    }
    let kind = certificate.key_kind();
    Err(DistrustKind::NotRsa { kind })
}

/// Whether an RSA key is long enough.
pub(super) fn key_length(certificate: &Certificate, rules: &Rules) -> Result<(), DistrustKind> {
    let least = rules.min_rsa_bits;
    match certificate.key_kind() {
        KeyKind::Rsa(bits) if bits < least => Err(DistrustKind::WeakKey { bits, least }),
        _ => Ok(()),
    }
}
