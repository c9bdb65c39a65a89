//! Files of keys and certificates, by what they are used for.

use std::path::Path;

use clap::ValueEnum;
use oftp_core::wire::IdentificationCode;
use oftp_secure::Certificate;
use oftp_secure::keystore::{Keystore, KeystoreError, KeystoreProblem, Passphrase};

use super::secrets::{exposed, passphrase};
use super::table::Section;
use super::value::Value;
use super::values::{code, some_time};
use crate::security::{ForUse, OwnKeys, PartnerFiles, PartnerKeys, Use, own_keys};

/// A key of the table for each use; the first is for all that have nothing of their own.
const USES: [(&str, Option<Use>); 6] = [
    ("all", None),
    ("sign", Some(Use::Sign)),
    ("encrypt", Some(Use::Encrypt)),
    ("auth", Some(Use::Auth)),
    ("tls", Some(Use::Tls)),
    ("eerp", Some(Use::Eerp)),
];

/// Our own keys: `[keys]`.
pub(super) fn own(whole: &Section<'_>) -> OwnKeys {
    let Some(section) = whole.section("keys") else {
        return OwnKeys::default();
    };
    let passphrase = passphrase(&section, "passphrase");
    let (mut keys, mut certificates) = (Vec::new(), Vec::new());
    for (key, purpose) in USES {
        let mut with_key = 0;
        let files = section.list(key);
        for value in &files {
            let Some(content) = load(value, passphrase.as_ref()) else {
                // Said already; that there is no key need not be said as well.
                with_key += 1;
                continue;
            };
            let has_key = !content.keys.is_empty();
            with_key += usize::from(has_key);
            let file = ForUse { purpose, content };
            if has_key {
                keys.push(file);
            } else {
                certificates.push(file);
            }
        }
        if let (0, Some(first)) = (with_key, files.first()) {
            first.fault(
                "there is no private key in these files; name the file of the key as well, beside \
                 that of its certificate (`oftp keygen` makes both)",
            );
        }
    }
    let place = section.place().clone();
    let notes = section.notes();
    section.finish();
    own_keys(&keys, &certificates).unwrap_or_else(|error| {
        notes.fault(
            &place,
            format_args!("{error}; name the file of the certificate beside that of its key"),
        );
        OwnKeys::default()
    })
}

/// The keys of a partner, and of the stations behind it that have their own. `several`: there are
/// other partners, whom the same authority may certify.
pub(super) fn of_partner(section: &Section<'_>, several: bool) -> PartnerKeys {
    let files = PartnerFiles {
        certificates: certificates(section, "certificates"),
        authorities: certificates(section, "authorities"),
        revoked: lists(section),
        names: section.parse_list("certificate_names", |name| match name {
            "" => Err("is empty; write a host, a common name or an identification code"),
            name => Ok(name.to_owned()),
        }),
        require_list: section.boolean("require_crl").unwrap_or(false),
        list_age: section.parse("crl_max_age", some_time),
        sha1: section.boolean("sha1_certificates").unwrap_or(false),
    };
    if several && !files.authorities.is_empty() && files.names.is_empty() {
        section.notes().fault(
            &section.place_of("certificate_names"),
            "is missing: whatever these authorities certify would all be this partner's; write \
             the name that its certificates bear (host, common name, or identification code)",
        );
    }
    files.keys()
}

/// Stations behind a partner, with keys of their own where they have some:
/// `[[partner.NAME.station]]`.
pub(super) fn stations_behind(section: &Section<'_>) -> Vec<(IdentificationCode, PartnerKeys)> {
    let mut all = Vec::new();
    for station in section.sections("station") {
        let id = station.needed("id", "the identification code of the station (SFIDDEST)");
        let keys = of_partner(&station, true);
        all.extend(
            id.and_then(|id| id.parse(code))
                .map(|station| (station, keys)),
        );
        station.finish();
    }
    all
}

fn certificates(section: &Section<'_>, key: &'static str) -> Vec<ForUse<Vec<Certificate>>> {
    let mut all = Vec::new();
    for (purpose, value) in by_use(section, key) {
        let Some(content) = load(&value, None).map(|store| store.certificates) else {
            continue;
        };
        if content.is_empty() {
            value.fault("there is no certificate in this file; name one of the partner");
        }
        all.push(ForUse { purpose, content });
    }
    all
}

fn lists(section: &Section<'_>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for value in section.list("crl") {
        let Some(content) = load(&value, None).map(|store| store.crls) else {
            continue;
        };
        if content.is_empty() {
            value.fault("there is no list of revoked certificates (CRL) in this file");
        }
        all.extend(content);
    }
    all
}

/// Files: one, several, or a table of them by use.
fn by_use<'t>(section: &Section<'t>, key: &'static str) -> Vec<(Option<Use>, Value<'t>)> {
    let Some(value) = section.get(key) else {
        return Vec::new();
    };
    if !value.is_table() {
        return value.list().into_iter().map(|one| (None, one)).collect();
    }
    let Some(table) = value.section() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (key, purpose) in USES {
        all.extend(table.list(key).into_iter().map(|one| (purpose, one)));
    }
    table.finish();
    all
}

fn load(value: &Value<'_>, passphrase: Option<&Passphrase>) -> Option<Keystore> {
    let path = value.notes().path(value.text()?);
    match Keystore::load(&path, passphrase) {
        Ok(store) => {
            if !store.keys.is_empty() {
                exposed(value, &value.place, &path, "the private key");
            }
            Some(store)
        }
        Err(error) => {
            value.fault(explain(&error, &path));
            None
        }
    }
}

fn explain(error: &KeystoreError, path: &Path) -> String {
    let file = path.display();
    match &error.problem {
        KeystoreProblem::NeedsPassphrase { what } => format!(
            "{file}: {what} is encrypted; name its passphrase in [keys]: passphrase = \
             {{ file = \"keys/passphrase\" }}"
        ),
        KeystoreProblem::Unreadable(error) => format!("{file}: {error}; is the path right?"),
        _ => error.to_string(),
    }
}

/// What a use is called in the configuration.
pub(super) fn name_of(purpose: Use) -> String {
    let value = purpose.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}
