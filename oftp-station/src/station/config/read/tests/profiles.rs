//! Profiles.

use std::collections::BTreeSet;

use oftp_core::wire::{Level, Quirks};
use toml::de::DeTable;

use super::Place;
use crate::station::config::profiles::{Profiles, TEXT};

#[test]
fn the_products_of_the_field_are_there() {
    DeTable::parse(TEXT).expect("TOML");
    let profiles = Profiles::known();
    let names: BTreeSet<_> = profiles.names().collect();
    let expected = [
        "accord",
        "axway-gateway",
        "babelway",
        "boomi",
        "i-effect",
        "jscape",
        "lobster",
        "mc5",
        "mendelson",
        "oftp4net",
        "os4x",
        "os4x-seeburger",
        "transfer-cft",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    for name in names {
        assert!(
            profiles.about(name).is_some_and(|about| !about.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn every_profile_loads_and_sets_only_what_there_is() {
    let place = Place::new();
    let profiles = Profiles::known();
    for name in profiles.names() {
        let partner = place.partner(&format!("profile = \"{name}\""));
        assert_eq!(partner.profile.as_deref(), Some(name));
        // Written out by a person, every one of its keys is taken, and means the same.
        let written = place.partner(&profiles.settings(name).join("\n"));
        let without_name = crate::station::config::PartnerConfig {
            profile: None,
            ..partner
        };
        assert_eq!(
            format!("{without_name:?}"),
            format!("{written:?}"),
            "{name}"
        );
    }
}

#[test]
fn own_keys_come_before_those_of_the_profile() {
    let place = Place::new();
    let capabilities = |keys: &str| {
        let partner = place.partner(&format!("profile = \"transfer-cft\"\n{keys}"));
        partner.mailbox.capabilities.expect("capabilities")
    };
    let cft = capabilities("");
    assert_eq!(
        (cft.level, cft.buffer_size, cft.window),
        (Level::V1_2, 32_750, 4)
    );
    let own = capabilities("credit = 8\nlevel = \"2.0\"");
    assert_eq!(
        (own.level, own.buffer_size, own.window),
        (Level::V2_0, 32_750, 8)
    );
    // A table is completed, and quirks are added to those of the profile.
    let babelway = place.partner("profile = \"babelway\"\nresponses = { given = false }");
    assert!(!babelway.responses.expected && !babelway.responses.given);
    let accord = place.partner("profile = \"accord\"\nquirks = \"-any_cr\"");
    let quirks = accord.mailbox.quirks.expect("quirks");
    assert!(quirks.contains(Quirks::DIGIT_LENGTHS) && !quirks.contains(Quirks::ANY_CR));
}

#[test]
fn what_a_profile_sets_and_the_partner_contradicts_is_a_fault_of_the_partner() {
    let place = Place::new();
    let text = super::with_partner(
        "profile = \"transfer-cft\"\ncertificates = \"keys/beta.pem\"\nprotect = { sign = true }",
    );
    let errors = place
        .parse(&text)
        .expect_err("level 1.2 has no signatures")
        .0;
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors.iter().all(|fault| fault.line == 5), "{errors:?}");
    let keys: Vec<_> = errors.iter().map(|fault| &*fault.key).collect();
    assert_eq!(keys, ["partner.beta.level", "partner.beta.lowest_level"]);
}
