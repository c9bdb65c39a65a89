//! What no table alone can show: codes and names that meet, and keys that are there for all that is
//! asked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use oftp_core::mailbox::Identity;
use oftp_core::wire::IdentificationCode;
use oftp_secure::tls::ClientCertificates;

use super::keys::name_of;
use super::partner::Draft;
use super::policy::{Common, policy};
use super::table::{Notes, Place, Places};
use crate::security::{
    CallersTls, KeyError, KeyRing, Keys, OwnKeys, Protection, TlsKeyError, Use, called, calling,
};
use crate::station::config::partner::CallTls;
use crate::station::config::{Group, HookConfig, PartnerConfig, PortConfig};

/// Every code stands for one station.
pub(super) fn check_codes(
    notes: &Notes<'_>,
    own: &Identity,
    stations: &[IdentificationCode],
    drafts: &[Draft],
    groups: &[(Group, Places)],
) {
    let ours: Vec<_> = stations
        .iter()
        .chain([&own.code])
        .chain(
            drafts
                .iter()
                .filter_map(|draft| draft.config.mailbox.identity.as_ref())
                .map(|identity| &identity.code),
        )
        .copied()
        .collect();
    let mut whose: HashMap<Vec<u8>, String> = HashMap::new();
    let mut claim = |code: &IdentificationCode, place: &Place, owner: String| {
        // A missing code is said where it is missing.
        if code.is_blank() {
            return;
        }
        if ours.iter().any(|own| own.trimmed() == code.trimmed()) {
            notes.fault(
                place,
                format_args!("{code} is a code of this station itself; write that of the other"),
            );
        } else if let Some(other) = whose.insert(code.trimmed().to_vec(), owner) {
            notes.fault(
                place,
                format_args!(
                    "{code} is already the code of {other}; a code stands for one station"
                ),
            );
        }
    };
    for draft in drafts {
        let name = &draft.config.name;
        claim(
            &draft.config.mailbox.code,
            &draft.places.of("id"),
            format!("the partner {name}"),
        );
    }
    for draft in drafts {
        for station in &draft.config.stations {
            let owner = format!("a station behind {}", draft.config.name);
            claim(station, &draft.places.of("stations"), owner);
        }
    }
    for (group, places) in groups {
        claim(
            &group.code,
            &places.of("id"),
            format!("the group {}", group.name),
        );
    }
}

/// Names are there, and once.
pub(super) fn check_names(
    notes: &Notes<'_>,
    drafts: &[Draft],
    groups: &[(Group, Places)],
    hooks: &[(HookConfig, Places)],
) {
    let mut seen = HashSet::new();
    for (hook, places) in hooks {
        if !hook.name.is_empty() && !seen.insert(&hook.name) {
            notes.fault(
                &places.of("name"),
                format_args!("there is another hook {}; each has its own name", hook.name),
            );
        }
        for partner in &hook.partners {
            if !drafts.iter().any(|draft| draft.config.name == *partner) {
                notes.fault(
                    &places.of("partners"),
                    format_args!(
                        "there is no partner {partner}; write the name of a [partner.NAME]"
                    ),
                );
            }
        }
    }
    for (group, places) in groups {
        for member in &group.members {
            let is_known = drafts.iter().any(|draft| {
                let behind = draft.config.stations.iter();
                behind
                    .chain([&draft.config.mailbox.code])
                    .any(|code| code.trimmed() == member.trimmed())
            });
            if !is_known {
                notes.fault(
                    &places.of("members"),
                    format_args!(
                        "no partner leads to the member {member}; write its code as `id` or among \
                         the `stations` of a partner"
                    ),
                );
            }
        }
    }
}

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

/// Partners who call us must be able to.
pub(super) fn check_ways_in(notes: &Notes<'_>, drafts: &[Draft], ports: &[(PortConfig, Place)]) {
    for draft in drafts {
        let config = &draft.config;
        let comes_in = ports.iter().any(|(port, _)| port.tls || !draft.tls);
        if config.addresses.is_empty() && !comes_in {
            notes.warn(
                &draft.places.of("address"),
                if draft.tls {
                    "it has no address, and there is no [[listen]] with TLS that it could call; \
                     sessions with it are not possible"
                } else {
                    "it has no address, and there is no [[listen]] that it could call; sessions \
                     with it are not possible"
                },
            );
        }
        if config.mailbox.password.is_none() && !ports.is_empty() && !config.mailbox.authentication
        {
            notes.warn(
                &draft.places.of("their_password"),
                "any password of this partner is taken; agree one with it and name it here",
            );
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
    groups: &[(Group, Places)],
) -> Vec<Arc<PartnerConfig>> {
    let mut ours = stations.to_vec();
    ours.push(own.code);
    let mut everybody = ours.clone();
    everybody.extend(groups.iter().map(|(group, _)| group.code));
    for draft in &drafts {
        everybody.push(draft.config.mailbox.code);
        everybody.extend(&draft.config.stations);
    }
    let finish = |mut draft: Draft| {
        let served = if draft.accept.forward {
            everybody.clone()
        } else {
            ours.clone()
        };
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
    let check = |place: &str, result: Result<(), KeyError>| match result {
        Ok(()) => {}
        Err(error @ (KeyError::NoOwn { .. } | KeyError::NoPartner { .. })) => {
            notes.fault(&draft.places.of(place), explain(&error));
        }
        Err(error) => notes.warn(&draft.places.of(place), explain(&error)),
    };
    if config.mailbox.authentication {
        check("authentication", keys.own.valid(Use::Auth, now).map(drop));
        check("authentication", keys.recipient(Use::Auth, now).map(drop));
    }
    let protect = |place: &str, keys: &Keys, protection: &Protection| {
        if protection.sign {
            check(place, keys.own.valid(Use::Sign, now).map(drop));
        }
        if protection.encrypt {
            check(place, keys.recipient(Use::Encrypt, now).map(drop));
        }
        if protection.signed_response && !keys.partner.knows(Use::Eerp) {
            check(place, Err(KeyError::NoPartner { purpose: Use::Eerp }));
        }
    };
    protect("protect", keys, &config.protection);
    for rule in &config.send {
        let destination = rule.destination.unwrap_or(config.mailbox.code);
        let keys = ring.of_station(&destination, &config.mailbox.code);
        if let Some(protection) = &rule.protection {
            protect("send", &keys, protection);
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
