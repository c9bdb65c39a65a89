//! What no table alone can show of keys: they are there for all that is asked for.

use std::sync::Arc;
use std::time::SystemTime;

use oftp_core::mailbox::Identity;
use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::ClientCertificates;

use super::keys::name_of;
use super::notes::{Notes, Place};
use super::partner::Draft;
use super::policy::{Common, policy};
use crate::security::{
    CallersTls, KeyError, KeyRing, Keys, OwnKeys, Protection, TlsKeyError, Use, called, calling,
};
use crate::station::config::partner::CallTls;
use crate::station::config::{PartnerConfig, PortConfig};

/// The keys between us and all of them.
pub(super) fn key_ring(own: OwnKeys, drafts: &[Draft]) -> KeyRing {
    let mut partners = Vec::new();
    for draft in drafts {
        partners.push((draft.config.mailbox.code, draft.keys.clone()));
        partners.extend(draft.keys_behind.iter().cloned());
    }
    KeyRing::new(own, partners)
}

/// TLS for callers, where a port has it.
pub(super) fn callers_tls(
    notes: &Notes<'_>,
    ring: &KeyRing,
    ports: &[(PortConfig, Place)],
) -> Option<CallersTls> {
    let (_, place) = ports.iter().find(|(port, _)| port.tls)?;
    // Which partner must show a certificate is known once it says who it is.
    match called(ring, ClientCertificates::Asked) {
        Ok(tls) => Some(tls),
        Err(error) => {
            let remedy = match error {
                TlsKeyError::NoOwn => {
                    "; name key and certificate in [keys] (`oftp keygen` makes them), or write \
                     tls = false"
                }
                _ => "",
            };
            notes.fault(place, format_args!("TLS: {error}{remedy}"));
            None
        }
    }
}

/// The partners, with the keys that they need.
pub(super) fn partners(
    notes: &Notes<'_>,
    ring: &KeyRing,
    common: &Common,
    own: &Identity,
    stations: &[IdentificationCode],
    drafts: Vec<Draft>,
) -> Vec<Arc<PartnerConfig>> {
    let mut ours = stations.to_vec();
    ours.push(own.code);
    let finish = |mut draft: Draft| {
        // Whom we reach is looked up for each file: every session has a copy of its partners.
        let served = (!draft.accept.forward).then(|| ours.clone());
        let keys = ring.with(&draft.config.mailbox.code);
        check_keys(notes, ring, &keys, &draft);
        draft.config.tls = call_tls(notes, keys, &draft);
        draft.config.mailbox.policy = policy(notes, &draft, ring, common, served);
        Arc::new(draft.config)
    };
    drafts.into_iter().map(finish).collect()
}

/// TLS for calls to a partner.
fn call_tls(notes: &Notes<'_>, keys: Keys, draft: &Draft) -> Option<CallTls> {
    if !draft.tls || draft.config.addresses.is_empty() {
        return None;
    }
    let place = draft.places.of("tls");
    let mut config = calling(&keys);
    if let Err(TlsKeyError::Key(error)) = &config {
        // The partner may take a call without a certificate, and will say so if it does not.
        notes.warn(&place, explain(error));
        let without = Keys {
            own: Arc::default(),
            ..keys
        };
        config = calling(&without);
    }
    match config {
        Ok(config) => Some(CallTls {
            config,
            name: draft.tls_name.clone(),
        }),
        Err(error) => {
            let remedy = match error {
                TlsKeyError::NothingKnown => {
                    "; name its `certificates` or `authorities`, or write tls = \"off\" if the way \
                     is safe"
                }
                _ => "",
            };
            notes.fault(&place, format_args!("{error}{remedy}"));
            None
        }
    }
}

/// Whether there are keys for all that is to be done.
fn check_keys(notes: &Notes<'_>, ring: &KeyRing, keys: &Keys, draft: &Draft) {
    let config = &draft.config;
    let now = SystemTime::now();
    // A key that is missing is a mistake of the configuration; one that has expired is trouble of
    // one partner, and no reason to stand still.
    let check = |place: &str, behind: Option<IdentificationCode>, result: Result<(), KeyError>| {
        let Err(error) = result else { return };
        let place = draft.places.of(place);
        match (&error, behind) {
            (KeyError::NoPartner { .. }, Some(station)) => notes.fault(
                &place,
                format_args!(
                    "files for {station} need a certificate of that station; name it in \
                     [[partner.NAME.station]], or turn off what needs it by `protect` of the rule"
                ),
            ),
            (KeyError::NoOwn { .. } | KeyError::NoPartner { .. }, _) => {
                notes.fault(&place, explain(&error));
            }
            _ => notes.warn(&place, explain(&error)),
        }
    };
    if config.mailbox.authentication {
        let own = keys.own.valid(Use::Auth, now).map(drop);
        check("authentication", None, own);
        check(
            "authentication",
            None,
            keys.recipient(Use::Auth, now).map(drop),
        );
    }
    let protect = |place: &str, behind, keys: &Keys, protection: &Protection| {
        if protection.sign {
            check(place, None, keys.own.valid(Use::Sign, now).map(drop));
        }
        if protection.encrypt {
            check(place, behind, keys.recipient(Use::Encrypt, now).map(drop));
        }
        if protection.signed_response && !keys.partner.knows(Use::Eerp) {
            let purpose = Use::Eerp;
            check(place, behind, Err(KeyError::NoPartner { purpose }));
        }
    };
    protect("protect", None, keys, &config.protection);
    for rule in &config.send {
        let destination = rule.destination.unwrap_or(config.mailbox.code);
        let keys = ring.of_station(&destination, &config.mailbox.code);
        // Where a rule says nothing itself, what is usual is done for another destination too.
        if rule.protection.is_some() || rule.destination.is_some() {
            let protection = rule.protection.as_ref().unwrap_or(&config.protection);
            protect("send", rule.destination, &keys, protection);
        }
    }
}

/// In the words of the configuration.
fn explain(error: &KeyError) -> String {
    match error {
        KeyError::NoOwn { purpose } => format!(
            "there is no own key for it; name key and certificate in [keys] as `all` or `{}` \
             (`oftp keygen` makes them)",
            name_of(*purpose)
        ),
        KeyError::NoPartner { purpose } => format!(
            "there is no certificate of the partner for it; name it in `certificates`, for all \
             uses or as `{}`",
            name_of(*purpose)
        ),
        KeyError::OwnNotValid { certificate } => format!(
            "own certificate {certificate} is not valid now; make a new one (`oftp keygen`), give \
             it to the partner, and name it in [keys]"
        ),
        KeyError::Distrust(distrust) => distrust.to_string(),
    }
}
