//! From files of keys and certificates to what is used and trusted: the same for the options of a
//! command and for the configuration of a station.

use std::collections::HashMap;
use std::time::Duration;

use oftp_secure::keystore::{Keystore, KeystoreError};
use oftp_secure::trust::{Revocation, Rules, Unknown};
use oftp_secure::{Certificate, Trust};

use super::keys::{OwnKeys, PartnerKeys, Use};

/// What is in a file, and what it is for; `None`: for all uses that have nothing of their own.
#[derive(Debug, Clone)]
pub struct ForUse<T> {
    /// What for.
    pub purpose: Option<Use>,
    /// What is in it.
    pub content: T,
}

/// Our own keys from what is in these files. A certificate that is for everything may belong to a
/// key for something.
///
/// # Errors
/// A key has no certificate.
pub fn own_keys(
    keys: &[ForUse<Keystore>],
    certificates: &[ForUse<Keystore>],
) -> Result<OwnKeys, KeystoreError> {
    let mut own = Vec::new();
    for purpose in [None].into_iter().chain(Use::ALL.map(Some)) {
        let mut store = Keystore::default();
        let mut any = false;
        for file in keys.iter().filter(|file| file.purpose == purpose) {
            store.add(file.content.clone());
            any = true;
        }
        for file in certificates {
            if file.purpose == purpose || file.purpose.is_none() {
                store.add(file.content.clone());
            }
        }
        if any {
            let credentials = store.credentials()?;
            own.extend(credentials.into_iter().map(|one| (purpose, one)));
        }
    }
    Ok(OwnKeys::new(&own))
}

/// What a partner has given to us, and who may certify it.
#[derive(Debug, Clone, Default)]
pub struct PartnerFiles {
    /// Its certificates: each is trusted as it is.
    pub certificates: Vec<ForUse<Vec<Certificate>>>,
    /// Its authorities, and what stands between them and it.
    pub authorities: Vec<ForUse<Vec<Certificate>>>,
    /// Lists of revoked certificates, in DER.
    pub revoked: Vec<Vec<u8>>,
    /// Names that certificates of its authorities must bear.
    pub names: Vec<String>,
    /// Certificates for which no list of revoked ones is at hand are refused.
    pub require_list: bool,
    /// The oldest list that still counts.
    pub list_age: Option<Duration>,
    /// Certificates that are signed with SHA-1 are taken.
    pub sha1: bool,
}

impl PartnerFiles {
    /// What is trusted, by use.
    #[must_use]
    pub fn keys(&self) -> PartnerKeys {
        let common = Trust {
            revoked: self.revoked.clone(),
            names: self.names.clone(),
            revocation: Revocation {
                unknown: if self.require_list {
                    Unknown::Refuse
                } else {
                    Unknown::Allow
                },
                max_age: self.list_age,
            },
            rules: Rules {
                sha1: self.sha1,
                ..Rules::default()
            },
            ..Trust::default()
        };
        let trust = |purpose| {
            let mut trust = common.clone();
            trust
                .pinned
                .extend(for_use(&self.certificates, purpose).cloned());
            for one in for_use(&self.authorities, purpose) {
                // What an authority has not signed itself stands between it and the partner.
                if !one.is_self_issued() {
                    trust.intermediates.push(one.clone());
                }
                trust.anchors.push(one.clone());
            }
            (purpose, trust)
        };
        PartnerKeys::new(HashMap::from(Use::ALL.map(trust)))
    }
}

/// What is for this use, or what is for every use where it has nothing of its own.
fn for_use(files: &[ForUse<Vec<Certificate>>], purpose: Use) -> impl Iterator<Item = &Certificate> {
    let is_own = |file: &&ForUse<_>| file.purpose == Some(purpose);
    let wanted = files.iter().any(|file| is_own(&file)).then_some(purpose);
    let found = files.iter().filter(move |file| file.purpose == wanted);
    found.flat_map(|file| &file.content)
}
