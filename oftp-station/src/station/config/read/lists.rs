//! Groups and hooks: `[[group]]`, `[[hook]]`.

use std::time::Duration;

use oftp_core::wire::IdentificationCode;

use super::notes::Places;
use super::table::Section;
use super::values::{code, name, some_time};
use crate::station::config::{Group, HookConfig};
use crate::station::journal::event::Kind;

/// What may stand in braces in an argument of a hook.
const FIELDS: [&str; 6] = ["file", "path", "dsn", "partner", "event", "id"];

/// `[[group]]`, with the place of each.
pub(super) fn groups(whole: &Section<'_>) -> Vec<(Group, Places)> {
    let mut groups = Vec::new();
    for own in whole.sections("group") {
        let id = own.needed("id", "the code that stands for all members (SFIDDEST)");
        let members: Vec<IdentificationCode> = own.parse_list("members", code);
        if members.is_empty() {
            own.notes().fault(
                &own.place_of("members"),
                "is missing: the identification codes of the members",
            );
        }
        let group = Group {
            name: own_name(&own),
            code: id.and_then(|id| id.parse(code)).unwrap_or_default(),
            members,
        };
        let places = own.places();
        own.finish();
        groups.push((group, places));
    }
    groups
}

/// `[[hook]]`, with the place of each.
pub(super) fn hooks(whole: &Section<'_>) -> Vec<(HookConfig, Places)> {
    let mut hooks = Vec::new();
    for own in whole.sections("hook") {
        let events = own.parse_list("events", |text| {
            Kind::from_name(text).ok_or_else(|| {
                let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
                format!("is no event; there are {}", names.join(", "))
            })
        });
        let missing = |key, what: &str| {
            let place = own.place_of(key);
            own.notes()
                .fault(&place, format_args!("is missing: {what}"));
        };
        if own.get("events").is_none() {
            missing(
                "events",
                "what the command is run for, [\"file_delivered\"]",
            );
        }
        let command = own.parse_list("command", argument);
        if own.list("command").is_empty() {
            missing(
                "command",
                "program and arguments, [\"/usr/local/bin/import\", \"{path}\"]; there is no shell",
            );
        }
        let refuses = own.boolean("refuses").unwrap_or(false);
        if refuses && !events.is_empty() && !events.contains(&Kind::FileReceived) {
            own.notes().fault(
                &own.place_of("refuses"),
                "is for the event file_received: after that nothing can be refused any more",
            );
        }
        let hook = HookConfig {
            name: own_name(&own),
            events,
            partners: own.parse_list("partners", |text| name(text).map(|()| text.to_owned())),
            command,
            timeout: own
                .parse("timeout", some_time)
                .unwrap_or(Duration::from_secs(60)),
            attempts: own.number("attempts", 1..=1_000).unwrap_or(5),
            refuses,
        };
        let places = own.places();
        own.finish();
        hooks.push((hook, places));
    }
    hooks
}

fn own_name(own: &Section<'_>) -> String {
    let value = own.needed("name", "what it is called in messages");
    let read = value.and_then(|value| value.parse(|text| name(text).map(|()| text.to_owned())));
    read.unwrap_or_default()
}

fn argument(text: &str) -> Result<String, String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        // A brace that is none of ours goes to the command as it is, unless it looks like one.
        if let Some((field, _)) = after.split_once('}')
            && !field.is_empty()
            && field.bytes().all(|octet| octet.is_ascii_lowercase())
            && !FIELDS.contains(&field)
        {
            return Err(format!(
                "knows no {{{field}}}; there are {{{}}}",
                FIELDS.join("}, {")
            ));
        }
        rest = after;
    }
    if text.contains('\0') {
        return Err("has a character NUL, which no argument can have".to_owned());
    }
    Ok(text.to_owned())
}
