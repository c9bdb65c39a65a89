//! Keys and certificates from files and memory, as the mailbox uses them.

use std::collections::HashMap;
use std::path::Path;

use oftp_secure::keystore::{Keystore, Passphrase};
use oftp_secure::{Credential, Trust};
use oftp_station::security::{KeyError, PartnerKeys, Use};

use crate::status::{Fail, Outcome, oftp_code};

pub(super) fn wrong(error: impl std::fmt::Display) -> Fail {
    oftp_code::OFTP_E_KEY.because(error.to_string())
}

/// What a file and a piece of memory hold together.
pub(super) fn load(
    name: &str,
    path: Option<&Path>,
    octets: &[u8],
    passphrase: Option<&str>,
) -> Outcome<Keystore> {
    let passphrase = passphrase.map(Passphrase::new);
    let mut store = Keystore::default();
    let named = |error: &dyn std::fmt::Display| wrong(format!("{name}: {error}"));
    if let Some(path) = path {
        store.add(Keystore::load(path, passphrase.as_ref()).map_err(|error| named(&error))?);
    }
    if !octets.is_empty() {
        store.add(Keystore::read(octets, passphrase.as_ref()).map_err(|error| named(&error))?);
    }
    Ok(store)
}

/// Our own keys, for every use; none where nothing was given.
pub(super) fn own(store: &Keystore) -> Outcome<Vec<Credential>> {
    if store.is_empty() {
        return Ok(Vec::new());
    }
    store
        .credentials()
        .map_err(|error| wrong(format!("own_keys: {error}")))
}

/// What is trusted of one partner, for every use.
pub(super) fn trust(
    certificates: Keystore,
    anchors: Keystore,
    names: Vec<String>,
) -> Outcome<PartnerKeys> {
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
    Ok(PartnerKeys::new(HashMap::from(all)))
}

/// Why a key cannot be used, in the words of this library.
pub(super) fn told(error: &KeyError) -> Fail {
    let what = |purpose: &Use| match purpose {
        Use::Sign => "sign files",
        Use::Encrypt => "encrypt files",
        Use::Auth => "authenticate",
        Use::Tls => "speak TLS",
        Use::Eerp => "sign end responses",
    };
    wrong(match error {
        KeyError::NoOwn { purpose } => format!(
            "there is no key of our own to {}: give own_keys to oftp_mailbox_new",
            what(purpose)
        ),
        KeyError::OwnNotValid { certificate } => {
            format!("our own certificate {certificate} is not valid now: make a new one")
        }
        KeyError::NoPartner { purpose } => format!(
            "there is no certificate of the partner to {}: give certificates to \
             oftp_mailbox_add_partner",
            what(purpose)
        ),
        KeyError::Distrust(distrust) => {
            return oftp_code::OFTP_E_DISTRUST.because(distrust.to_string());
        }
    })
}
