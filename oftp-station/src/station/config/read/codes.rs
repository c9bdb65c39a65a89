//! What no table alone can show of codes and names: each stands for one thing, and leads somewhere.

use std::collections::{HashMap, HashSet};

use oftp_core::mailbox::Identity;
use oftp_core::wire::IdentificationCode;

use super::notes::{Notes, Place, Places};
use super::partner::Draft;
use crate::station::config::{Group, HookConfig, PortConfig};

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
