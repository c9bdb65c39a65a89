//! Whose certificate a caller shows: a certificate is bound to identification codes (threat model
//! S15, A7).

use std::time::SystemTime;

use oftp_core::wire::IdentificationCode;

use crate::certificate::Certificate;
use crate::trust::{Distrust, DistrustKind, Purpose, Trust};

/// The partners that may call, with what is known of their certificates.
#[derive(Debug, Clone, Default)]
pub struct Partners(Vec<(IdentificationCode, Trust)>);

impl Partners {
    /// These partners; one code may stand in several rows.
    #[must_use]
    pub const fn new(partners: Vec<(IdentificationCode, Trust)>) -> Self {
        Self(partners)
    }

    /// The identification codes (SSIDCODE) that a caller with these certificates may use, its own
    /// certificate first. Several, where several partners have the same certificate or authority;
    /// none, where it has shown none or somebody else's.
    #[must_use]
    pub fn owners(&self, shown: &[Certificate], now: SystemTime) -> Vec<IdentificationCode> {
        let Some((certificate, sent_with)) = shown.split_first() else {
            return Vec::new();
        };
        let partners = self.0.iter();
        partners
            .filter(|(_, trust)| {
                let checked = trust.check(certificate, sent_with, Purpose::TlsClient, now);
                checked.is_ok()
            })
            .map(|(code, _)| *code)
            .collect()
    }

    /// Whether a certificate is any partner's.
    ///
    /// # Errors
    /// [`Distrust`] of the partner that comes nearest to being its owner.
    pub(super) fn check(
        &self,
        certificate: &Certificate,
        sent_with: &[Certificate],
        now: SystemTime,
    ) -> Result<(), Distrust> {
        let mut nearest: Option<Distrust> = None;
        for (_, trust) in &self.0 {
            match trust.check(certificate, sent_with, Purpose::TlsClient, now) {
                Ok(()) => return Ok(()),
                Err(distrust) => {
                    let nearer = nearest
                        .as_ref()
                        .is_none_or(|other| nearness(&distrust.kind) > nearness(&other.kind));
                    if nearer {
                        nearest = Some(distrust);
                    }
                }
            }
        }
        Err(nearest.unwrap_or_else(|| Distrust {
            certificate: certificate.to_string(),
            kind: DistrustKind::SomeoneElses { renewed: false },
        }))
    }
}

/// How much an error says that the certificate is this partner's after all.
const fn nearness(kind: &DistrustKind) -> u8 {
    match kind {
        DistrustKind::SomeoneElses { renewed: false } => 0,
        DistrustKind::UnknownIssuer { .. } => 1,
        DistrustKind::SomeoneElses { renewed: true } | DistrustKind::WrongName { .. } => 2,
        _ => 3,
    }
}
