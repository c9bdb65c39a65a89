//! What is configured.

use jiff::Zoned;
use oftp_core::session::Capabilities;
use oftp_core::wire::Level;

use super::{Stage, Step};
use crate::station::config::{Config, PartnerConfig};

/// What `oftp.toml` says of the partner; it was read without a fault.
pub(super) fn step(config: &Config, partner: &PartnerConfig) -> Step {
    let usual = &config.session.config.capabilities;
    let offered = partner.mailbox.capabilities.as_ref().unwrap_or(usual);
    let own = partner.mailbox.identity.as_ref().unwrap_or(&config.own);
    let found = match partner.addresses.as_slice() {
        [] => "has no address: the partner calls us".to_owned(),
        addresses => {
            let with_tls = partner.tls.is_some();
            let addresses: Vec<_> = addresses
                .iter()
                .map(|endpoint| {
                    let mut endpoint = endpoint.clone();
                    endpoint.port = Some(endpoint.port(with_tls));
                    endpoint.to_string()
                })
                .collect();
            let by = if with_tls { "TLS" } else { "plain TCP" };
            format!("calls {} by {by}", addresses.join(", then "))
        }
    };
    let step = Step::ok(Stage::Configuration, found)
        .with("our code", own.code.to_string())
        .with("its code", partner.mailbox.code.to_string())
        .with("level", levels(offered))
        .with("authentication", on(partner.mailbox.authentication))
        .with(
            "its password",
            match partner.mailbox.password {
                Some(_) => "checked",
                None => "not checked: any is taken",
            },
        )
        .with(
            "files",
            match partner.protection.describe().trim() {
                "" => "as they are",
                protection => protection,
            },
        );
    let now = Zoned::now();
    match partner.schedule.next_opening(&now) {
        Some(pause) if pause.is_zero() => step,
        pause => {
            let windows: Vec<_> = partner.schedule.windows.iter().collect();
            let windows: Vec<_> = windows.iter().map(ToString::to_string).collect();
            let minutes = pause.map(|pause| pause.as_secs().div_ceil(60));
            let when = minutes.map_or_else(String::new, |minutes| format!(", in {minutes} min"));
            step.warn(format!(
                "the station itself calls only within {}{when}; this check calls now",
                windows.join("; ")
            ))
        }
    }
}

fn levels(offered: &Capabilities) -> String {
    let Capabilities {
        level, min_level, ..
    } = offered;
    match (level, min_level) {
        (highest, lowest) if highest == lowest => format!("{highest} only"),
        (highest, &Level::V1_2) => format!("{highest} or any lower one"),
        (highest, lowest) => format!("{highest}, at least {lowest}"),
    }
}

const fn on(is_on: bool) -> &'static str {
    if is_on { "required" } else { "off" }
}
