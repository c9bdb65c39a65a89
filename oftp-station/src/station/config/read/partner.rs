//! A partner: `[partner.NAME]`.

use oftp_core::mailbox::{self, Identity};
use oftp_core::session::{Capabilities, Timers};
use oftp_core::wire::{Capability, IdentificationCode, Level};

use super::notes::Places;
use super::policy::{self, Accept};
use super::rules::{protection, receive, send, unprotected};
use super::secrets::password;
use super::station::timers;
use super::table::Section;
use super::values::{code, duration, level, quirks, size, some_time, user_data, window};
use super::{keys, values};
use crate::args::Endpoint;
use crate::security::PartnerKeys;
use crate::serve::Needs;
use crate::station::config::profiles::Profiles;
use crate::station::config::{EndResponses, PartnerConfig, Retry, Schedule};

/// A partner, before it is held against the rest.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) config: PartnerConfig,
    /// Where it stands.
    pub(super) places: Places,
    /// Calls to it use TLS.
    pub(super) tls: bool,
    /// The name that its certificate must bear.
    pub(super) tls_name: Option<rustls::pki_types::ServerName<'static>>,
    /// Its keys.
    pub(super) keys: PartnerKeys,
    /// The keys of stations behind it that have their own.
    pub(super) keys_behind: Vec<(IdentificationCode, PartnerKeys)>,
    pub(super) accept: Accept,
}

/// Reads a partner. `several`: there are others.
pub(super) fn read(
    name: &str,
    section: Section<'_>,
    profiles: &Profiles,
    own: &Identity,
    usual: Timers,
    several: bool,
) -> Draft {
    let places = section.places();
    if let Err(error) = values::name(name) {
        section.notes().fault(&places.own, error);
    }
    let profile = section.parse("profile", |text| {
        let known = profiles.keys(text).map(|keys| (text.to_owned(), keys));
        known.ok_or_else(|| {
            let names: Vec<_> = profiles.names().collect();
            format!("is no profile; there are {}", names.join(", "))
        })
    });
    let (profile, keys) = profile.unzip();
    // The text of the profiles outlives no table; what is read from it is copied.
    let section = section.with_profile(keys);
    let id = section.needed("id", "the identification code of the partner (SSIDCODE)");
    let id = id.and_then(|id| id.parse(code)).unwrap_or_default();
    let mut mailbox = mailbox::Partner::new(id);
    mailbox.password = password(&section, "their_password");
    mailbox.identity = identity(&section, own);
    mailbox.authentication = section.boolean("authentication").unwrap_or(false);
    mailbox.quirks = Some(read_quirks(&section));
    let tls = section.parse("tls", |text| match text {
        "required" => Ok(true),
        "off" => Ok(false),
        _ => Err("is \"required\", or \"off\" for plain TCP, where anybody on the way reads along"),
    });
    let tls = tls.unwrap_or(true);
    let certificate = section.parse("client_certificate", |text| match text {
        "required" => Ok(true),
        "optional" => Ok(false),
        _ => Err("is \"required\", or \"optional\" where the partner may call without one"),
    });
    let tls_name = section.parse("tls_name", oftp_secure::tls::server_name);
    let usual_protection = unprotected();
    let protection = section
        .section("protect")
        .map_or(usual_protection, |own| protection(own, &usual_protection));
    let accept = policy::accept(&section);
    let send = send(&section, &protection);
    let protects = protection.is_any()
        || send
            .iter()
            .any(|rule| rule.protection.is_some_and(|own| own.is_any()));
    let secured = mailbox.authentication || protects || accept.requires_any();
    let capabilities = capabilities(&section, secured, tls);
    let keys = keys::of_partner(&section, several);
    let keys_behind = keys::stations_behind(&section);
    let mut stations = section.parse_list("stations", code);
    stations.extend(keys_behind.iter().map(|(station, _)| *station));
    let config = PartnerConfig {
        name: name.to_owned(),
        profile,
        seconds_only: section
            .boolean("seconds_only")
            .unwrap_or(capabilities.min_level < Level::V1_4),
        mailbox: mailbox::Partner {
            capabilities: Some(capabilities),
            ..mailbox
        },
        stations,
        addresses: section.parse_list("address", str::parse::<Endpoint>),
        tls: None,
        needs: match (tls, certificate.unwrap_or(false)) {
            (false, _) => Needs::Nothing,
            (true, false) => Needs::Tls,
            (true, true) => Needs::Certificate,
        },
        protection,
        send,
        receive: receive(&section),
        schedule: schedule(&section),
        retry: retry(&section),
        sessions: section.number("sessions", 1..=1_000).unwrap_or(1),
        responses: responses(&section),
        file_size: section.parse("file_size", size),
        quota: section.parse("quota", size),
        restart_records: section.boolean("restart_records").unwrap_or(true),
        timers: section.section("timers").map(|own| timers(own, usual)),
    };
    section.finish();
    Draft {
        config,
        places,
        tls,
        tls_name,
        keys,
        keys_behind,
        accept,
    }
}

/// What we say of ourselves to this partner, where that is special.
fn identity(section: &Section<'_>, own: &Identity) -> Option<Identity> {
    let code = section.parse("own_id", code);
    let password = password(section, "password");
    let user = section.parse("user_data", user_data);
    let any = code.is_some() || password.is_some() || user.is_some();
    any.then(|| Identity {
        code: code.unwrap_or(own.code),
        password: password.unwrap_or(own.password),
        user: user.unwrap_or(own.user),
    })
}

fn read_quirks(section: &Section<'_>) -> oftp_core::wire::Quirks {
    let mut words = Vec::new();
    for value in section.layers("quirks") {
        let Some(text) = value.text() else { continue };
        match quirks(&[text]) {
            Ok(_) => words.push(text),
            Err(error) => value.fault(error),
        }
    }
    quirks(&words).unwrap_or(oftp_core::wire::Quirks::TOLERANT)
}

/// What is offered and accepted (9.7). `secured`: what only level 2.0 has is wanted.
fn capabilities(section: &Section<'_>, secured: bool, tls: bool) -> Capabilities {
    let highest = section.parse("level", level).unwrap_or(Level::V2_0);
    if secured && highest < Level::V2_0 {
        section.notes().fault(
            &section.place_of("level"),
            "is below 2.0, and authentication, `protect` and `accept` need 2.0; raise it, or turn \
             those off",
        );
    }
    let usual = if secured || tls {
        Level::V2_0
    } else {
        Level::V1_2
    };
    let lowest = section.parse("lowest_level", level);
    if lowest.is_some_and(|lowest| lowest > highest) {
        section.notes().fault(
            &section.place_of("lowest_level"),
            "is above `level`; lower it, or raise `level`",
        );
    }
    if secured && lowest.is_some_and(|lowest| lowest < Level::V2_0) {
        section.notes().fault(
            &section.place_of("lowest_level"),
            "is below 2.0, and sessions below it could not do what is asked for here \
             (authentication, `protect`, `accept`); leave it out",
        );
    }
    let usual_ones = Capabilities::default();
    Capabilities {
        level: highest,
        min_level: lowest.unwrap_or(usual).min(highest),
        buffer_size: section
            .number("buffer", 128..=99_999)
            .unwrap_or(usual_ones.buffer_size),
        window: section
            .number("credit", 1..=999)
            .unwrap_or(usual_ones.window),
        compression: section.boolean("compression").unwrap_or(false),
        restart: section.boolean("restart").unwrap_or(true),
        mode: Capability::Both,
    }
}

fn schedule(section: &Section<'_>) -> Schedule {
    let Some(own) = section.section("schedule") else {
        return Schedule::default();
    };
    let read = Schedule {
        windows: own.parse_list("windows", window),
        poll: own.parse("poll", some_time),
    };
    own.finish();
    read
}

fn retry(section: &Section<'_>) -> Retry {
    let usual = Retry::default();
    let Some(own) = section.section("retry") else {
        return usual;
    };
    let attempts = own.get("attempts").and_then(|value| match value.as_text() {
        Some("never") => Some(None),
        Some(_) => {
            value.fault("is a number, or \"never\" for no end");
            None
        }
        None => value.number(1..=1_000_000).map(Some),
    });
    let read = Retry {
        first: own.parse("first", some_time).unwrap_or(usual.first),
        longest: own.parse("longest", some_time).unwrap_or(usual.longest),
        attempts: attempts.unwrap_or(usual.attempts),
    };
    if read.first > read.longest {
        own.notes().fault(
            &own.place_of("first"),
            "is longer than `longest`; shorten it, or lengthen `longest`",
        );
    }
    own.finish();
    read
}

fn responses(section: &Section<'_>) -> EndResponses {
    let usual = EndResponses::default();
    let Some(own) = section.section("responses") else {
        return usual;
    };
    let read = EndResponses {
        alarm: own.parse("alarm", duration).unwrap_or(usual.alarm),
        expected: own.boolean("expected").unwrap_or(usual.expected),
        given: own.boolean("given").unwrap_or(usual.given),
    };
    own.finish();
    read
}
