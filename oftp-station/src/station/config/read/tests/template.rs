//! The configuration that `oftp init` writes.

use std::path::Path;

use super::Place;
use crate::station::config::template;

/// The template with every setting switched on that a `#` without a blank switches off.
pub(super) fn switched_on(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn it_loads_as_it_is_and_says_what_is_to_be_changed() {
    let config = Place::new().good(&template::text(None));
    assert!(config.ports.is_empty() && config.partners.is_empty());
    let warnings = config.warnings.0;
    let keys: Vec<_> = warnings.iter().map(|warning| &*warning.key).collect();
    assert_eq!(keys, ["station.id"], "{warnings:?}");
    let named = Place::new().good(&template::text(Some("O0177EXAMPLE 1")));
    assert_eq!(named.own.code.trimmed(), b"O0177EXAMPLE 1");
    assert_eq!(named.warnings.0, []);
}

#[test]
fn it_loads_with_everything_switched_on() {
    let place = Place::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/keys");
    let mut text = switched_on(&template::text(Some("OALPHA")));
    // The environment of a test is not its own; there is no such list at hand.
    text = text.replace(
        "env = \"OFTP_EXAMPLE_PASSWORD\"",
        "file = \"keys/example.password\"",
    );
    text = text.replace("crl = [\"keys/example-ca.crl\"]", "crl = []");
    for file in text.split('"').filter(|word| word.starts_with("keys/")) {
        let name = match file.rsplit_once('.') {
            Some((_, "key")) => "alpha.key",
            _ if file.contains("-ca.") => "ca.pem",
            _ if file.contains("example") => "beta.pem",
            _ if file.contains("plant3") => "gamma.pem",
            _ => "alpha.pem",
        };
        let octets = match file {
            _ if file.contains("pass") => b"PASSWORD".to_vec(),
            _ => std::fs::read(data.join(name)).expect(name),
        };
        place.write(file, octets);
    }
    let config = place.good(&text);
    assert_eq!(config.warnings.0, []);
    let partner = config.partner("example").expect("the example");
    assert!(partner.tls.is_some() && config.tls.is_some() && config.metrics.is_some());
    assert_eq!((partner.send.len(), partner.receive.len()), (1, 1));
    assert_eq!((config.groups.len(), config.hooks.len()), (1, 1));
    assert_eq!(partner.stations.len(), 2);
}

#[test]
fn usual_values_are_those_that_hold_without_them() {
    let place = Place::new();
    let tables = [
        "limits",
        "retention",
        "outbox",
        "timers",
        "session",
        "security",
    ];
    let mut text = "[station]\nid = \"OALPHA\"\n".to_owned();
    let mut inside = false;
    for line in switched_on(&template::text(None)).lines() {
        if line.starts_with('[') {
            inside = tables.iter().any(|table| line == format!("[{table}]"));
        }
        // These two are examples: without them there is no limit, and no suite.
        if inside && !line.starts_with("file_size") && !line.starts_with("unnamed_suite") {
            text.push_str(line);
            text.push('\n');
        }
    }
    let (written, unsaid) = (
        place.good(&text),
        place.good("[station]\nid = \"OALPHA\"\n"),
    );
    assert_eq!(format!("{written:?}"), format!("{unsaid:?}"));
}

#[test]
fn every_key_is_in_it() {
    let sources = [
        include_str!("../keys.rs"),
        include_str!("../lists.rs"),
        include_str!("../partner.rs"),
        include_str!("../policy.rs"),
        include_str!("../rules.rs"),
        include_str!("../secrets.rs"),
        include_str!("../station.rs"),
        include_str!("../mod.rs"),
    ];
    let readers = [
        "get",
        "needed",
        "parse",
        "boolean",
        "number",
        "list",
        "parse_list",
        "section",
        "sections",
        "named",
        "layers",
        "certificates",
        "password",
        "passphrase",
        "time",
        "pattern",
    ];
    let template = template::text(None);
    let mut keys = 0;
    for source in sources {
        let squeezed: String = source.split_whitespace().collect();
        for reader in readers {
            for (at, found) in squeezed.match_indices(&format!("{reader}(")) {
                let rest = &squeezed[at + found.len()..];
                let rest = rest
                    .strip_prefix("&section,")
                    .or_else(|| rest.strip_prefix("section,"))
                    .or_else(|| rest.strip_prefix("&own,"))
                    .or_else(|| rest.strip_prefix("&rule,"))
                    .unwrap_or(rest);
                let Some(key) = rest
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next())
                else {
                    continue;
                };
                keys += 1;
                let written = [format!("{key} ="), format!("{key}]"), format!("[{key}.")];
                assert!(written.iter().any(|one| template.contains(one)), "{key}");
            }
        }
    }
    assert!(keys > 80, "only {keys} keys were found in the sources");
}
