//! What `oftp check` says, line by line: for people, or as JSON.

use std::fmt;

use oftp_core::mailbox::Rule;
use serde::Serialize;

use crate::security::Protection;
use crate::serve::Needs;
use crate::station::config::validity::{Validity, ValidityState};
use crate::station::config::{Config, Fault, PartnerConfig};

/// A line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line {
    /// Who the station is.
    Station {
        folder: String,
        id: String,
        stations: Vec<String>,
        incoming: usize,
        outgoing: usize,
    },
    /// Where it listens.
    Listen { address: String, tls: bool },
    /// It does not.
    ListenNowhere,
    /// A partner.
    Partner {
        name: String,
        id: String,
        profile: Option<String>,
        addresses: Vec<String>,
        stations: Vec<String>,
        level: String,
        lowest_level: String,
        tls: bool,
        client_certificate: bool,
        authentication: bool,
        /// What is done to its files.
        protect: Vec<&'static str>,
        /// What its files must have.
        required: Vec<&'static str>,
    },
    /// A certificate.
    Certificate {
        partner: Option<String>,
        certificate: String,
        sha256: String,
        state: String,
        #[serde(skip)]
        trouble: bool,
    },
    /// What is wrong.
    #[serde(rename = "config_fault")]
    Fault(Fault),
    /// What people should know.
    #[serde(rename = "config_warning")]
    Warning(Fault),
    /// A profile.
    Profile {
        name: String,
        about: String,
        settings: Vec<String>,
    },
    /// The end.
    #[serde(rename = "config_checked")]
    Checked { faults: usize, warnings: usize },
}

impl Line {
    /// Whether it is about something that people should mend.
    pub(super) const fn is_trouble(&self) -> bool {
        matches!(
            self,
            Self::Fault(_) | Self::Warning(_) | Self::Certificate { trouble: true, .. }
        )
    }
}

/// Who the station is.
pub(super) fn station(config: &Config) -> Line {
    Line::Station {
        folder: config.folder.path().display().to_string(),
        id: config.own.code.to_string(),
        stations: config.stations.iter().map(ToString::to_string).collect(),
        incoming: config.limits.incoming,
        outgoing: config.limits.outgoing,
    }
}

/// Where it listens.
pub(super) fn ports(config: &Config) -> Vec<Line> {
    if config.ports.is_empty() {
        return vec![Line::ListenNowhere];
    }
    let ports = config.ports.iter().map(|port| Line::Listen {
        address: port.address.to_string(),
        tls: port.tls,
    });
    ports.collect()
}

/// What sessions with a partner would be.
pub(super) fn partner(partner: &PartnerConfig) -> Line {
    let capabilities = partner.mailbox.capabilities.clone().unwrap_or_default();
    let policy = &partner.mailbox.policy;
    let required = [
        (policy.signing, "signed"),
        (policy.encryption, "encrypted"),
        (policy.compression, "compressed"),
        (policy.signed_responses, "asking for a signed response"),
    ];
    Line::Partner {
        name: partner.name.clone(),
        id: partner.mailbox.code.to_string(),
        profile: partner.profile.clone(),
        addresses: partner.addresses.iter().map(ToString::to_string).collect(),
        stations: partner.stations.iter().map(ToString::to_string).collect(),
        level: capabilities.level.to_string(),
        lowest_level: capabilities.min_level.to_string(),
        tls: partner.needs != Needs::Nothing,
        client_certificate: partner.needs == Needs::Certificate,
        authentication: partner.mailbox.authentication,
        protect: services(&partner.protection),
        required: required
            .into_iter()
            .filter(|(rule, _)| *rule == Rule::Required)
            .map(|(_, name)| name)
            .collect(),
    }
}

fn services(protection: &Protection) -> Vec<&'static str> {
    let all = [
        (protection.sign, "signed"),
        (protection.encrypt, "encrypted"),
        (protection.compress.is_some(), "compressed"),
        (protection.signed_response, "signed response wanted"),
    ];
    all.into_iter()
        .filter_map(|(on, name)| on.then_some(name))
        .collect()
}

/// How long a certificate is valid.
pub(super) fn certificate(validity: Validity) -> Line {
    Line::Certificate {
        partner: validity.partner,
        sha256: crate::command::cert::colons(validity.certificate.fingerprint()),
        certificate: validity.certificate.to_string(),
        state: ValidityState::to_string(&validity.state),
        trouble: validity.state.is_trouble(),
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Station {
                folder,
                id,
                stations,
                incoming,
                outgoing,
            } => {
                write!(f, "station {id} in {folder}")?;
                list(f, ", also ", stations)?;
                write!(
                    f,
                    "; at most {incoming} sessions of callers and {outgoing} of its own"
                )
            }
            Self::Listen { address, tls } => {
                let way = if *tls { "TLS" } else { "plain TCP" };
                write!(f, "listens on {address}, {way}")
            }
            Self::ListenNowhere => f.write_str("listens nowhere ([[listen]]): it only calls"),
            Self::Partner {
                name,
                id,
                profile,
                addresses,
                stations,
                level,
                lowest_level,
                tls,
                client_certificate,
                authentication,
                protect,
                required,
            } => {
                write!(f, "partner {name}: {id}")?;
                list(f, ", before ", stations)?;
                if let Some(profile) = profile {
                    write!(f, ", profile {profile}")?;
                }
                if addresses.is_empty() {
                    f.write_str("; calls us")?;
                }
                list(f, "; called at ", addresses)?;
                if lowest_level == level {
                    write!(f, "; level {level}")?;
                } else {
                    write!(f, "; level {lowest_level} to {level}")?;
                }
                f.write_str(match (tls, client_certificate) {
                    (false, _) => ", plain TCP",
                    (true, false) => ", TLS",
                    (true, true) => ", TLS with its certificate",
                })?;
                if *authentication {
                    f.write_str(", secure authentication")?;
                }
                list(f, "; our files ", protect)?;
                list(f, "; its files must be ", required)
            }
            Self::Certificate {
                partner,
                certificate,
                state,
                ..
            } => {
                let whose = partner.as_deref().unwrap_or("this station");
                write!(f, "certificate of {whose}: {certificate}: {state}")
            }
            Self::Fault(fault) => write!(f, "error: {fault}"),
            Self::Warning(fault) => write!(f, "warning: {fault}"),
            Self::Profile {
                name,
                about,
                settings,
            } => {
                write!(f, "{name}: {about}")?;
                settings
                    .iter()
                    .try_for_each(|line| write!(f, "\n    {line}"))
            }
            Self::Checked { faults, warnings } => {
                let of = |number: usize, name: &str| match number {
                    0 => format!("no {name}s"),
                    1 => format!("1 {name}"),
                    number => format!("{number} {name}s"),
                };
                write!(f, "{}, {}", of(*faults, "fault"), of(*warnings, "warning"))
            }
        }
    }
}

/// A list with its words, if there is anything in it.
fn list(f: &mut fmt::Formatter<'_>, words: &str, items: &[impl AsRef<str>]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        write!(
            f,
            "{}{}",
            if index == 0 { words } else { ", " },
            item.as_ref()
        )?;
    }
    Ok(())
}
