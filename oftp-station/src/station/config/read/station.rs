//! The tables about the station itself: `[station]`, `[[listen]]`, `[timers]`, `[limits]` and so
//! on.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use oftp_core::mailbox::{self, Identity};
use oftp_core::session::Timers;
use oftp_core::wire::IdentificationCode;

use super::notes::Place;
use super::secrets::password;
use super::table::Section;
use super::values::{code, duration, size, some_time, suite, time_or_never, user_data};
use crate::args::{DEFAULT_PORT, DEFAULT_TLS_PORT, Endpoint};
use crate::station::config::template::PLACEHOLDER;
use crate::station::config::{Limits, LogConfig, PortConfig, Retention};

/// Who we are, and our further codes: `[station]`.
pub(super) fn station(whole: &Section<'_>) -> (Identity, Vec<IdentificationCode>) {
    let mut identity = Identity {
        code: IdentificationCode::default(),
        password: oftp_core::wire::Password::default(),
        user: oftp_core::wire::UserData::default(),
    };
    if whole
        .needed("station", "write [station] with the `id` of this station")
        .is_none()
    {
        return (identity, Vec::new());
    }
    let Some(own) = whole.section("station") else {
        return (identity, Vec::new());
    };
    let id = own.needed("id", "the identification code of this station (SSIDCODE)");
    identity.code = id.and_then(|id| id.parse(code)).unwrap_or_default();
    if identity.code.trimmed() == PLACEHOLDER.as_bytes() {
        own.notes().warn(
            &own.place_of("id"),
            "is still the one of a new configuration; write the code of this station",
        );
    }
    identity.password = password(&own, "password").unwrap_or_default();
    identity.user = own.parse("user_data", user_data).unwrap_or_default();
    let stations = own.parse_list("stations", code);
    own.finish();
    (identity, stations)
}

/// Where we listen: `[[listen]]`. With the place of each.
pub(super) fn ports(whole: &Section<'_>) -> Vec<(PortConfig, Place)> {
    let mut ports: Vec<(PortConfig, Place)> = Vec::new();
    for own in whole.sections("listen") {
        let tls = own.boolean("tls").unwrap_or(true);
        let usual = if tls { DEFAULT_TLS_PORT } else { DEFAULT_PORT };
        let address = own.parse("address", |text| listen_address(text, usual));
        let port = own.number("port", 1..=65_535);
        let mut address =
            address.unwrap_or_else(|| SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), usual));
        if let Some(port) = port {
            address.set_port(port);
        }
        let place = own.place().clone();
        if ports.iter().any(|(port, _)| port.address == address) {
            own.notes().fault(
                &place,
                format_args!(
                    "{address} is listened on already; a port speaks either TLS or plain TCP"
                ),
            );
        }
        own.finish();
        ports.push((PortConfig { address, tls }, place));
    }
    ports
}

/// An address of this machine, with or without a port. For port 0 the system chooses one, which
/// programs ask for.
fn listen_address(text: &str, usual: u16) -> Result<SocketAddr, String> {
    let wrong = || {
        "is an address of this machine, \"[::]:6619\" or \"192.0.2.1:3305\"; \"[::]\" is every one"
            .to_owned()
    };
    let endpoint: Endpoint = text.parse().map_err(|_| wrong())?;
    let ip: IpAddr = match endpoint.host.as_str() {
        "localhost" => Ipv6Addr::LOCALHOST.into(),
        host => host.parse().map_err(|_| wrong())?,
    };
    Ok(SocketAddr::new(ip, endpoint.port.unwrap_or(usual)))
}

/// `[timers]`, or those of one partner; what they do not say is as `usual`.
pub(super) fn timers(own: Section<'_>, usual: Timers) -> Timers {
    let inactivity = own.parse("silence", some_time).unwrap_or(usual.inactivity);
    // No part of the start is longer than the longest silence, unless that is said.
    let time = |key, usual: Duration| {
        own.parse(key, some_time)
            .unwrap_or_else(|| usual.min(inactivity))
    };
    let read = Timers {
        inactivity,
        start: time("start", usual.start),
        authentication: time("authentication", usual.authentication),
        disconnect: time("disconnect", usual.disconnect),
    };
    own.finish();
    read
}

/// The settings of sessions that are the same for all partners: `[timers]`, `[session]`.
pub(super) fn session(whole: &Section<'_>, own: Identity) -> mailbox::Settings {
    let mut settings = mailbox::Settings::new(own);
    if let Some(own) = whole.section("timers") {
        settings.config.timers = timers(own, Timers::default());
    }
    if let Some(own) = whole.section("session") {
        let limits = &mut settings.limits;
        limits.session = own.parse("longest", some_time).unwrap_or(limits.session);
        let most = i64::from(u32::MAX);
        limits.refusals = own.number("refusals", 1..=most).unwrap_or(limits.refusals);
        limits.idle_turns = own
            .number("idle_turns", 2..=most)
            .unwrap_or(limits.idle_turns);
        settings.ask_for_turn = own.boolean("ask_for_turn").unwrap_or(false);
        own.finish();
    }
    settings
}

/// `[limits]`.
pub(super) fn limits(whole: &Section<'_>) -> Limits {
    let mut limits = Limits::default();
    if let Some(own) = whole.section("limits") {
        limits = Limits {
            incoming: own
                .number("incoming", 0..=100_000)
                .unwrap_or(limits.incoming),
            outgoing: own
                .number("outgoing", 0..=100_000)
                .unwrap_or(limits.outgoing),
            file_size: own.parse("file_size", size),
            free_space: own.parse("free_space", size).unwrap_or(limits.free_space),
        };
        own.finish();
    }
    limits
}

/// `[retention]`.
pub(super) fn retention(whole: &Section<'_>) -> Retention {
    let mut retention = Retention::default();
    if let Some(own) = whole.section("retention") {
        retention = Retention {
            identities: own
                .parse("identities", some_time)
                .unwrap_or(retention.identities),
            history: own.parse("history", some_time).unwrap_or(retention.history),
            sent: own.parse("sent", time_or_none).unwrap_or(retention.sent),
            unfinished: own
                .parse("unfinished", time_or_never)
                .unwrap_or(retention.unfinished),
        };
        own.finish();
    }
    retention
}

/// How long a copy is kept; `none`: it is not.
fn time_or_none(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "none" => Ok(None),
        "never" => Err("is a time such as \"30d\", or \"none\" to keep no copies".to_owned()),
        text => time_or_never(text),
    }
}

/// `[log]`.
pub(super) fn log(whole: &Section<'_>) -> LogConfig {
    let Some(own) = whole.section("log") else {
        return LogConfig::default();
    };
    let notes = own.notes();
    let read = LogConfig {
        file: own.parse("file", |text| match text {
            "" => Err("is empty; name a file, or leave it out for standard error"),
            text => Ok(notes.path(text)),
        }),
        json: own
            .parse("format", |text| match text {
                "text" => Ok(false),
                "json" => Ok(true),
                _ => Err("is \"text\" or \"json\""),
            })
            .unwrap_or(false),
        trace: own.boolean("trace").unwrap_or(false),
    };
    own.finish();
    read
}

/// Where metrics are served: `[metrics]`.
pub(super) fn metrics(whole: &Section<'_>) -> Option<SocketAddr> {
    let own = whole.section("metrics")?;
    let value = own.needed("address", "where metrics are served, \"127.0.0.1:9305\"");
    let address = value.and_then(|value| {
        let address = value.parse(|text| {
            text.parse::<SocketAddr>()
                .map_err(|_| "is an address with a port, \"127.0.0.1:9305\"")
        })?;
        if !address.ip().is_loopback() {
            value.notes().warn(
                &value.place,
                "metrics can be read from other machines; nobody is asked for a password there",
            );
        }
        Some(address)
    });
    own.finish();
    address
}

/// `[outbox]`: how often it is looked at, and how long a file must have been left alone.
pub(super) fn outbox(whole: &Section<'_>) -> (Duration, Duration) {
    let (mut interval, mut settle) = (Duration::from_secs(2), Duration::from_secs(5));
    if let Some(own) = whole.section("outbox") {
        interval = own.parse("interval", some_time).unwrap_or(interval);
        settle = own.parse("settle", duration).unwrap_or(settle);
        own.finish();
    }
    (interval, settle)
}

/// `[security]`.
#[derive(Default)]
pub(super) struct Security {
    pub(super) no_legacy: bool,
    /// The suite that is meant where none is named.
    pub(super) unnamed_suite: Option<u8>,
    pub(super) hide_unknown: bool,
}

/// Reads it.
pub(super) fn security(whole: &Section<'_>) -> Security {
    let Some(own) = whole.section("security") else {
        return Security::default();
    };
    let read = Security {
        no_legacy: !own.boolean("legacy").unwrap_or(true),
        unnamed_suite: own.parse("unnamed_suite", |text| suite(text).map(|suite| suite.code)),
        hide_unknown: own.boolean("hide_unknown").unwrap_or(false),
    };
    own.finish();
    read
}
