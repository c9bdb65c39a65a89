//! Keys and certificates from files and memory, as a monitor uses them: each key for every use.

use std::collections::HashMap;
use std::path::Path;

use oftp_secure::keystore::{Keystore, Passphrase};
use oftp_secure::{Credential, Trust};

use super::MonitorError;
use crate::security::{PartnerKeys, Use};

fn wrong(name: &str, error: impl std::fmt::Display) -> MonitorError {
    MonitorError::Unreadable {
        what: name.to_owned(),
        why: error.to_string(),
    }
}

/// What a file and a piece of memory hold together: PEM, DER or PKCS#12. `name` is that of the
/// option, for errors; the passphrase opens what is encrypted.
///
/// # Errors
/// [`MonitorError::Unreadable`].
pub fn load(
    name: &str,
    path: Option<&Path>,
    octets: &[u8],
    passphrase: Option<&str>,
) -> Result<Keystore, MonitorError> {
    let passphrase = passphrase.map(Passphrase::new);
    let mut store = Keystore::default();
    if let Some(path) = path {
        store.add(Keystore::load(path, passphrase.as_ref()).map_err(|error| wrong(name, error))?);
    }
    if !octets.is_empty() {
        store.add(Keystore::read(octets, passphrase.as_ref()).map_err(|error| wrong(name, error))?);
    }
    Ok(store)
}

/// Our own keys with their certificates; none where nothing was given.
///
/// # Errors
/// [`MonitorError::Unreadable`]: a key has no certificate here.
pub fn own(store: &Keystore) -> Result<Vec<Credential>, MonitorError> {
    if store.is_empty() {
        return Ok(Vec::new());
    }
    store
        .credentials()
        .map_err(|error| wrong("own_keys", error))
}

/// What is trusted of one partner: the certificates that it has given to us, each as it is; those
/// that its authorities certify, if they bear one of these names (host name, common name, or
/// identification code as serial number). Lists of revoked certificates count from both.
#[must_use]
pub fn trust(certificates: Keystore, anchors: Keystore, names: Vec<String>) -> PartnerKeys {
    let mut trust = Trust {
        pinned: certificates.certificates,
        revoked: certificates.crls,
        names,
        ..Trust::default()
    };
    trust.revoked.extend(anchors.crls);
    for one in anchors.certificates {
        // What an authority has not signed itself stands between it and the partner.
        if !one.is_self_issued() {
            trust.intermediates.push(one.clone());
        }
        trust.anchors.push(one);
    }
    let all = Use::ALL.map(|purpose| (purpose, trust.clone()));
    PartnerKeys::new(HashMap::from(all))
}
