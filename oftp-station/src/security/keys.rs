//! Keys by what they are used for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use oftp_core::wire::IdentificationCode;
use oftp_secure::{Credential, Distrust, Purpose, Trust};

pub use crate::args::Use;

/// Our own keys, the preferred one of each use first.
#[derive(Debug, Clone, Default)]
pub struct OwnKeys(HashMap<Use, Vec<Credential>>);

impl OwnKeys {
    /// These keys: each for its use, or for all that have none of their own.
    #[must_use]
    pub fn new(keys: &[(Option<Use>, Credential)]) -> Self {
        let of = |purpose: Option<Use>| {
            let own = keys.iter().filter(move |(only, _)| *only == purpose);
            own.map(|(_, credential)| credential.clone())
        };
        let list = |purpose| {
            let own: Vec<_> = of(Some(purpose)).collect();
            if own.is_empty() {
                of(None).collect()
            } else {
                own
            }
        };
        Self(Use::ALL.map(|purpose| (purpose, list(purpose))).into())
    }

    /// All keys for this use: what is opened with them may be old.
    #[must_use]
    pub fn all(&self, purpose: Use) -> &[Credential] {
        self.0.get(&purpose).map_or(&[], Vec::as_slice)
    }

    /// The key to sign with now: the first whose certificate is valid.
    ///
    /// # Errors
    /// [`KeyError`] when there is none.
    pub fn valid(&self, purpose: Use, now: SystemTime) -> Result<&Credential, KeyError> {
        let all = self.all(purpose);
        let is_valid = |own: &&Credential| {
            (own.certificate.not_before()..=own.certificate.not_after()).contains(&now)
        };
        match (all.iter().find(is_valid), all.first()) {
            (Some(valid), _) => Ok(valid),
            (None, Some(first)) => Err(KeyError::OwnNotValid {
                certificate: first.certificate.to_string(),
            }),
            (None, None) => Err(KeyError::NoOwn { purpose }),
        }
    }
}

/// What is trusted of one partner, by use.
#[derive(Debug, Clone, Default)]
pub struct PartnerKeys(HashMap<Use, Trust>);

impl PartnerKeys {
    /// This is trusted.
    #[must_use]
    pub const fn new(trusts: HashMap<Use, Trust>) -> Self {
        Self(trusts)
    }

    /// What is trusted for this use.
    #[must_use]
    pub fn trust(&self, purpose: Use) -> Trust {
        self.0.get(&purpose).cloned().unwrap_or_default()
    }

    /// Whether anything is known of the partner for this use.
    #[must_use]
    pub fn knows(&self, purpose: Use) -> bool {
        self.0
            .get(&purpose)
            .is_some_and(|trust| !trust.pinned.is_empty() || !trust.anchors.is_empty())
    }
}

/// The keys between this station and one partner.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// Ours.
    pub own: Arc<OwnKeys>,
    /// The partner's.
    pub partner: Arc<PartnerKeys>,
}

impl Keys {
    /// The partner's certificate to encrypt for, a file or a challenge.
    ///
    /// # Errors
    /// [`KeyError`] when there is none that may be used.
    pub fn recipient(
        &self,
        purpose: Use,
        now: SystemTime,
    ) -> Result<oftp_secure::Certificate, KeyError> {
        if !self.partner.knows(purpose) {
            return Err(KeyError::NoPartner { purpose });
        }
        let trust = self.partner.trust(purpose);
        let wanted = match purpose {
            Use::Auth => Purpose::Authenticate,
            _ => Purpose::EncryptFile,
        };
        Ok(trust.newest(wanted, now)?.clone())
    }
}

/// The keys between this station and all its partners.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    own: Arc<OwnKeys>,
    partners: Vec<(IdentificationCode, Arc<PartnerKeys>)>,
}

impl KeyRing {
    /// These keys.
    #[must_use]
    pub fn new(own: OwnKeys, partners: Vec<(IdentificationCode, PartnerKeys)>) -> Self {
        let shared = partners.into_iter();
        Self {
            own: Arc::new(own),
            partners: shared.map(|(code, keys)| (code, Arc::new(keys))).collect(),
        }
    }

    /// The keys between this station and this partner; of a stranger nothing is known.
    #[must_use]
    pub fn with(&self, partner: &IdentificationCode) -> Keys {
        Keys {
            own: self.own.clone(),
            partner: self.known(partner).cloned().unwrap_or_default(),
        }
    }

    /// The keys between this station and the one that a file or its response is from or for
    /// (SFIDORIG, SFIDDEST, NERPCREA), in a session with `partner`.
    ///
    /// These are its own, wherever the session goes (threat model C3): a clearing centre signs for
    /// nobody else. A station of the partner's organisation of which nothing is known has those of
    /// the partner.
    #[must_use]
    pub fn of_station(&self, station: &IdentificationCode, partner: &IdentificationCode) -> Keys {
        let same = station.icd() == partner.icd() && station.org() == partner.org();
        if self.known(station).is_none() && same {
            self.with(partner)
        } else {
            self.with(station)
        }
    }

    fn known(&self, code: &IdentificationCode) -> Option<&Arc<PartnerKeys>> {
        let mut known = self.partners.iter();
        let found = known.find(|(known, _)| known.trimmed() == code.trimmed());
        found.map(|(_, keys)| keys)
    }

    /// Our own keys.
    #[must_use]
    pub fn own(&self) -> &OwnKeys {
        &self.own
    }

    /// All partners of whom something is known.
    pub fn partners(&self) -> impl Iterator<Item = (&IdentificationCode, &PartnerKeys)> {
        self.partners.iter().map(|(code, keys)| (code, &**keys))
    }
}

/// A key that is needed cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyError {
    /// We have none for this.
    #[error("there is no own key to {}; --own-key names one", doing(*purpose))]
    NoOwn {
        /// What for.
        purpose: Use,
    },
    /// Ours is not valid now.
    #[error(
        "own certificate {certificate} is not valid now; make a new one (`oftp keygen`), give it \
         to the partner, and name it with --own-key"
    )]
    OwnNotValid {
        /// Which.
        certificate: String,
    },
    /// The partner has given us none for this.
    #[error("there is no certificate of the partner to {}; --partner-cert names one", doing(*purpose))]
    NoPartner {
        /// What for.
        purpose: Use,
    },
    /// The partner's is not taken.
    #[error(transparent)]
    Distrust(#[from] Distrust),
}

const fn doing(purpose: Use) -> &'static str {
    match purpose {
        Use::Sign => "sign files",
        Use::Encrypt => "encrypt files",
        Use::Auth => "authenticate with",
        Use::Tls => "use for TLS",
        Use::Eerp => "sign End to End Responses",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the partners' keys are used, by the number of their uses.
    fn uses(keys: &Keys) -> usize {
        keys.partner.0.len()
    }

    #[test]
    fn a_station_has_its_own_keys_whoever_calls() {
        let code = |text| IdentificationCode::new(text).expect("code");
        let hub = code("O0177HUB           000001");
        let alpha = code("O0177ALPHA-MOTORS  HUB001");
        let other_plant = code("O0177ALPHA-MOTORS  HUB002");
        let keys = |uses: usize| {
            let trusts = Use::ALL.into_iter().take(uses);
            PartnerKeys::new(trusts.map(|one| (one, Trust::default())).collect())
        };
        let ring = KeyRing::new(OwnKeys::default(), vec![(hub, keys(1)), (alpha, keys(2))]);
        assert_eq!(uses(&ring.of_station(&hub, &hub)), 1);
        assert_eq!(
            uses(&ring.of_station(&alpha, &hub)),
            2,
            "the hub is not ALPHA"
        );
        assert_eq!(uses(&ring.of_station(&other_plant, &alpha)), 2);
        assert_eq!(uses(&ring.of_station(&other_plant, &hub)), 0);
        assert_eq!(uses(&ring.of_station(&code("OGAMMA"), &hub)), 0);
    }
}
