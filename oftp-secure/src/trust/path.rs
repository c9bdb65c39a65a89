//! The way from a certificate up to an authority of the partner (RFC 5280 chapter 6).

use std::cell::RefCell;
use std::time::SystemTime;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, VerifiedPath, anchor_from_trusted_cert};

use super::{Distrust, DistrustKind, Purpose, Trust, check, signature, usage};
use crate::asn1::oid;
use crate::certificate::Certificate;

/// How far up the way is followed to find out what is wrong with it.
const LONGEST: usize = 8;

impl Trust {
    /// Whether an authority of the partner certifies this certificate.
    pub(super) fn check_path(
        &self,
        certificate: &Certificate,
        sent_with: &[Certificate],
        purpose: Purpose,
        now: SystemTime,
    ) -> Result<(), Distrust> {
        let der = |certificate: &Certificate| CertificateDer::from(certificate.der().to_vec());
        let anchors: Vec<_> = self.anchors_at(now).map(der).collect();
        let anchors: Vec<_> = anchors
            .iter()
            .filter_map(|anchor| anchor_from_trusted_cert(anchor).ok())
            .collect();
        let between: Vec<_> = self
            .intermediates
            .iter()
            .chain(sent_with)
            .map(der)
            .collect();
        let since_1970 = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let time = UnixTime::since_unix_epoch(since_1970);

        let problem = RefCell::new(None);
        let of_path = |path: &VerifiedPath<'_>| {
            self.check_members(certificate, path, now)
                .map_err(|distrust| {
                    problem.replace(Some(distrust));
                    webpki::Error::CertRevoked
                })
        };
        let leaf = der(certificate);
        let result = EndEntityCert::try_from(&leaf).and_then(|leaf| {
            leaf.verify_for_usage(
                &signature::algorithms(&self.rules),
                &anchors,
                &between,
                time,
                usage::OfPath(purpose),
                None,
                Some(&of_path),
            )
            .map(|_| ())
        });
        result.map_err(|error| {
            let found = problem.take();
            found.unwrap_or_else(|| self.explain(certificate, sent_with, now, &error))
        })
    }

    fn anchors_at(&self, now: SystemTime) -> impl Iterator<Item = &Certificate> {
        let anchors = self.anchors.iter();
        anchors.filter(move |anchor| check::validity(anchor, now).is_ok())
    }

    /// What rustls-webpki does not look at: the keys of the issuers, and revocation.
    fn check_members(
        &self,
        certificate: &Certificate,
        path: &VerifiedPath<'_>,
        now: SystemTime,
    ) -> Result<(), Distrust> {
        let mut members = vec![certificate.clone()];
        for member in path.intermediate_certificates() {
            let member = Certificate::from_der(&member.der()).map_err(|error| {
                let why = error.to_string();
                Distrust::of(certificate, DistrustKind::Unusable { why })
            })?;
            members.push(member);
        }
        let root = webpki::spki_for_anchor(path.anchor());
        for (index, member) in members.iter().enumerate() {
            check::key_length(member, &self.rules).map_err(|kind| Distrust::of(member, kind))?;
            let issuer = members.get(index + 1).map_or(&root[..], Certificate::spki);
            self.check_revoked(member, &[issuer], now)?;
        }
        let root = self
            .anchors
            .iter()
            .find(|anchor| anchor.spki() == &root[..]);
        root.map_or(Ok(()), |root| {
            check::key_length(root, &self.rules).map_err(|kind| Distrust::of(root, kind))
        })
    }

    /// Finds the certificate that is at fault, which rustls-webpki does not name.
    fn explain(
        &self,
        certificate: &Certificate,
        sent_with: &[Certificate],
        now: SystemTime,
        error: &webpki::Error,
    ) -> Distrust {
        let mut at = certificate;
        for _ in 0..LONGEST {
            if is_sha1(at) && !self.rules.sha1 {
                return Distrust::of(at, DistrustKind::Sha1);
            }
            let issued = |issuer: &&Certificate| issuer.subject_der() == at.issuer_der();
            let anchor = self.anchors_at(now).find(issued);
            let expired = self.anchors.iter().filter(issued);
            let between = self.intermediates.iter().chain(sent_with).filter(issued);
            let mut issuers = anchor.into_iter().chain(between).chain(expired);
            let Some(issuer) = issuers.find(|issuer| *issuer != at) else {
                let issuer = at.issuer();
                return Distrust::of(at, DistrustKind::UnknownIssuer { issuer });
            };
            let issuer_is_good =
                check::validity(issuer, now).and_then(|()| check::key_length(issuer, &self.rules));
            if let Err(kind) = issuer_is_good {
                return Distrust::of(issuer, kind);
            }
            if !at.is_signed_by(issuer, &self.rules) {
                let issuer = issuer.subject();
                return Distrust::of(at, DistrustKind::Forged { issuer });
            }
            if anchor.is_some() {
                break;
            }
            at = issuer;
        }
        let why = match error {
            webpki::Error::CaUsedAsEndEntity => {
                return Distrust::of(certificate, DistrustKind::Authority);
            }
            webpki::Error::UnsupportedCertVersion => "it is no version 3 certificate".to_owned(),
            webpki::Error::EndEntityUsedAsCa => {
                "one of its issuers is no authority (basic constraints)".to_owned()
            }
            webpki::Error::PathLenConstraintViolated => {
                "more authorities lie between it and the root than the root allows".to_owned()
            }
            webpki::Error::NameConstraintViolation => {
                "an authority certified a name that it must not".to_owned()
            }
            webpki::Error::RequiredEkuNotFoundContext(_) => {
                "one of its issuers may not certify for this use".to_owned()
            }
            webpki::Error::UnsupportedCriticalExtension => {
                "it has a critical extension that is not known here".to_owned()
            }
            other => format!("{other:?}"),
        };
        Distrust::of(certificate, DistrustKind::Unusable { why })
    }
}

/// Whether the issuer's signature is over a SHA-1.
fn is_sha1(certificate: &Certificate) -> bool {
    matches!(
        certificate.signature_algorithm(),
        oid::SHA1_WITH_RSA | oid::ECDSA_WITH_SHA1
    )
}

impl Certificate {
    /// Whether the issuer's key signed this certificate.
    fn is_signed_by(&self, issuer: &Self, rules: &super::Rules) -> bool {
        use crate::asn1::{Reader, tag};
        let whole = Reader::new(self.der()).expect(tag::SEQUENCE, "certificate");
        let is_signed = whole.and_then(|w| signature::is_of(issuer.spki(), w.content, rules));
        is_signed.is_ok_and(|is_signed| is_signed)
    }
}
