//! How long the certificates of a station and its partners are valid.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use oftp_secure::Certificate;

use super::Config;
use crate::security::Use;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A certificate that ends within this time is to be replaced now: partners need weeks for it.
pub const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// A certificate of the configuration.
#[derive(Debug, Clone)]
pub struct Validity {
    /// The partner whose it is, or who has given it to us; `None`: it is ours.
    pub partner: Option<String>,
    /// Which.
    pub certificate: Certificate,
    /// How it stands.
    pub state: ValidityState,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidityState {
    /// Valid for so many more days.
    Valid(u64),
    /// Valid for so many more days, fewer than 30.
    EndsSoon(u64),
    /// Valid no more.
    Expired,
    /// Not valid yet.
    NotYet,
}

impl ValidityState {
    /// How a certificate stands at this time.
    #[must_use]
    pub fn of(certificate: &Certificate, now: SystemTime) -> Self {
        if now < certificate.not_before() {
            return Self::NotYet;
        }
        match certificate.not_after().duration_since(now) {
            Err(_) => Self::Expired,
            Ok(left) if left < SOON => Self::EndsSoon(left.as_secs() / DAY.as_secs()),
            Ok(left) => Self::Valid(left.as_secs() / DAY.as_secs()),
        }
    }

    /// Whether people should be told.
    #[must_use]
    pub const fn is_trouble(self) -> bool {
        !matches!(self, Self::Valid(_))
    }
}

impl std::fmt::Display for ValidityState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Valid(days) => write!(f, "valid for {days} days"),
            Self::EndsSoon(0) => f.write_str("valid for less than a day; replace it now"),
            Self::EndsSoon(1) => f.write_str("valid for 1 more day; replace it now"),
            Self::EndsSoon(days) => write!(f, "valid for {days} more days; replace it now"),
            Self::Expired => f.write_str("expired; replace it"),
            Self::NotYet => f.write_str("not valid yet; is the clock right?"),
        }
    }
}

/// All certificates of a configuration, each once for each owner: our own first.
#[must_use]
pub fn certificates(config: &Config, now: SystemTime) -> Vec<Validity> {
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |partner: Option<&str>, certificate: &Certificate| {
        let owner = partner.map(str::to_owned);
        if seen.insert((owner.clone(), *certificate.fingerprint())) {
            all.push(Validity {
                partner: owner,
                certificate: certificate.clone(),
                state: ValidityState::of(certificate, now),
            });
        }
    };
    let ring = &config.security.ring;
    for purpose in Use::ALL {
        for own in ring.own().all(purpose) {
            add(None, &own.certificate);
            for above in &own.chain {
                add(None, above);
            }
        }
    }
    for (code, keys) in ring.partners() {
        let partner = config.route(code);
        let name = partner.map_or_else(|| code.to_string(), |partner| partner.name.clone());
        for purpose in Use::ALL {
            let trust = keys.trust(purpose);
            for one in trust.pinned.iter().chain(&trust.anchors) {
                add(Some(&name), one);
            }
        }
    }
    all
}
