//! `Identity` and `Partner`: what a mailbox is told before it begins (RFC 5024 4.2, 5.3.2).

use std::path::PathBuf;

use oftp_core::mailbox::{FilePolicy, Identity, Origins, Partner, Rule};
use oftp_core::wire::{IdentificationCode, Password};
use oftp_secure::keystore::Keystore;
use oftp_station::monitor::{MonitorConfig, MonitorPartner, keys};
use oftp_station::security::PartnerKeys;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{Error, Outcome};
use crate::fields::{field, secret};
use crate::session;
use crate::values::{code, format, x};

/// Keys or certificates by path, as octets, or as a keystore.
fn store(given: &Bound<'_, PyAny>, name: &str, passphrase: Option<&str>) -> Outcome<Keystore> {
    if given.is_none() {
        return Ok(Keystore::default());
    }
    if let Ok(store) = given.cast::<crate::certificates::Keystore>() {
        return Ok(store.get().0.clone());
    }
    if let Ok(octets) = given.cast::<PyBytes>() {
        return Ok(keys::load(name, None, octets.as_bytes(), passphrase)?);
    }
    let path: PathBuf = given.extract().map_err(Error::Python)?;
    let py = given.py();
    Ok(py.detach(|| keys::load(name, Some(&path), &[], passphrase))?)
}

/// The side that a mailbox is.
pub(super) fn identity(identity: &Bound<'_, PyAny>) -> Outcome<(Identity, Keystore)> {
    let text = |name: &str| field::<String>(identity, name);
    let passphrase: Option<String> = field(identity, "passphrase")?;
    let keys = store(&identity.getattr("keys")?, "keys", passphrase.as_deref())?;
    let identity = Identity {
        code: code(&text("code")?, "code")?,
        password: Password::new(x(&text("password")?, "password").map_err(secret)?),
        user: x(&text("user")?, "user")?,
    };
    Ok((identity, keys))
}

/// What a mailbox is told.
pub(super) fn config(
    identity: &Bound<'_, PyAny>,
    config: Option<&Bound<'_, PyAny>>,
) -> Outcome<MonitorConfig> {
    let (identity, store) = self::identity(identity)?;
    let mut told = MonitorConfig::new(identity);
    if let Some(config) = config {
        let config = session::config(config)?;
        told.settings.config = oftp_core::session::Config {
            role: oftp_core::session::Role::Both,
            ..config
        };
    }
    told.own_keys = keys::own(&store)?;
    Ok(told)
}

fn rule(partner: &Bound<'_, PyAny>, name: &str) -> Outcome<Rule> {
    Ok(match field::<u8>(partner, name)? {
        0 => Rule::Allowed,
        1 => Rule::Required,
        2 => Rule::Forbidden,
        other => {
            return Err(Error::value(format!(
                "{name} is {other}, must be an oftp.Rule"
            )));
        }
    })
}

fn codes(partner: &Bound<'_, PyAny>, name: &str) -> Outcome<Vec<IdentificationCode>> {
    let all: Vec<String> = field(partner, name)?;
    all.iter().map(|one| code(one, name)).collect()
}

fn policy(partner: &Bound<'_, PyAny>) -> Outcome<FilePolicy> {
    let standard = FilePolicy::default();
    let origins = codes(partner, "origins")?;
    let letters: String = field(partner, "formats")?;
    let formats = letters.chars().map(|letter| format(&letter.to_string()));
    let max_record: u32 = field(partner, "max_record")?;
    if !(1..=99_999).contains(&max_record) {
        return Err(Error::value(format!(
            "max_record is {max_record}, must be 1 to 99999"
        )));
    }
    Ok(FilePolicy {
        destinations: if field(partner, "any_destination")? {
            None
        } else {
            Some(codes(partner, "destinations")?)
        },
        origins: match field(partner, "any_origin")? {
            true => Origins::Any,
            false if origins.is_empty() => Origins::Organisation,
            false => Origins::Listed(origins),
        },
        formats: formats.collect::<Outcome<_>>()?,
        max_record,
        max_blocks: field(partner, "max_size")?,
        signing: rule(partner, "signing")?,
        encryption: rule(partner, "encryption")?,
        compression: rule(partner, "compression")?,
        signed_responses: rule(partner, "signed_responses")?,
        suites: field::<Option<Vec<u8>>>(partner, "suites")?.unwrap_or(standard.suites),
        unnamed_suite: field(partner, "unnamed_suite")?,
        strict_names: false,
    })
}

/// A partner and its keys.
pub(super) fn partner(given: &Bound<'_, PyAny>) -> Outcome<(MonitorPartner, PartnerKeys)> {
    let special = given.getattr("config")?;
    let special = match special.is_none() {
        true => None,
        false => Some(session::config(&special)?),
    };
    let password: Option<String> = field(given, "password")?;
    let password = password.map(|password| x(&password, "password").map_err(secret));
    let certificates = store(&given.getattr("certificates")?, "certificates", None)?;
    let anchors = store(&given.getattr("anchors")?, "anchors", None)?;
    let partner = Partner {
        password: password.transpose()?.map(Password::new),
        authentication: field(given, "authentication")?,
        quirks: special.as_ref().map(|special| special.quirks),
        capabilities: special.map(|special| special.capabilities),
        policy: policy(given)?,
        ..Partner::new(code(&field::<String>(given, "code")?, "code")?)
    };
    let row = MonitorPartner {
        partner,
        needs_tls: field(given, "tls")?,
    };
    let keys = keys::trust(certificates, anchors, field(given, "names")?);
    Ok((row, keys))
}
