//! From the text of `oftp.toml` to a [`Config`]: read table by table, then held together.
//!
//! ```text
//! notes      what is noted, with its place
//! table      a table of TOML
//! value      a value of it
//! near       what a person meant who wrote an unknown name
//! values     times, sizes, codes, days
//! secrets    passwords, by reference
//! keys       files of keys and certificates
//! station    the tables about the station itself
//! partner    [partner.NAME]
//! rules      [[partner.NAME.send]], [[partner.NAME.receive]]
//! policy     which files of a partner are taken
//! lists      [[group]], [[hook]]
//! codes      codes and names that meet, ways in that are missing
//! whole      whether there are keys for all that is asked for
//! ```

mod codes;
mod keys;
mod lists;
mod near;
mod notes;
mod partner;
mod policy;
mod rules;
mod secrets;
mod station;
mod table;
mod value;
mod values;
mod whole;

#[cfg(test)]
mod tests;

use toml::de::DeTable;

use self::notes::{Notes, Place};
use self::policy::Common;
use self::table::Section;
use super::profiles::Profiles;
use super::{Config, ConfigErrors, ConfigWarnings, Fault};
use crate::security;
use crate::station::Folder;

impl Config {
    /// Reads and checks the configuration of the station in this folder, with the keys and the
    /// passwords that it names.
    ///
    /// # Errors
    /// [`ConfigErrors`]: all its faults, each with line, key and what to do. A station that runs
    /// goes on with the configuration that it has.
    pub fn load(folder: &Folder) -> Result<Self, ConfigErrors> {
        let file = folder.config();
        let fault = |text: String| {
            ConfigErrors(vec![Fault {
                file: file.clone(),
                line: 0,
                column: 0,
                key: String::new(),
                text,
            }])
        };
        let octets = std::fs::read(&file).map_err(|error| fault(error.to_string()))?;
        let text = String::from_utf8(octets).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..good).unwrap_or_default();
            let line = 1 + before.iter().filter(|&&octet| octet == b'\n').count();
            fault(format!("line {line} is no UTF-8; save the file as UTF-8"))
        })?;
        Self::parse(folder, &text)
    }

    /// Reads and checks this text as the configuration of the station in this folder.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(folder: &Folder, text: &str) -> Result<Self, ConfigErrors> {
        let notes = Notes::new(folder.config(), folder.path(), text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = Place {
                span: error.span().unwrap_or(0..0),
                key: String::new(),
            };
            // Its message alone: its text shows the line, and a password may stand there.
            notes.fault(&place, format_args!("is no TOML: {}", error.message()));
        }
        // Of what is no TOML something is missing, of which more faults would only follow.
        let config = errors
            .is_empty()
            .then(|| read(folder, Section::whole(&notes, table.get_ref())));
        let [faults, warnings] = notes.into_parts();
        match config {
            Some(config) if faults.is_empty() => Ok(Self {
                warnings: ConfigWarnings(warnings),
                ..config
            }),
            _ => Err(ConfigErrors(faults)),
        }
    }
}

/// What was read, sound only if no fault was noted.
fn read(folder: &Folder, whole: Section<'_>) -> Config {
    let notes = whole.notes();
    let (own, stations) = station::station(&whole);
    let ports = station::ports(&whole);
    let own_keys = keys::own(&whole);
    let mut session = station::session(&whole, own.clone());
    let station::Security {
        no_legacy,
        unnamed_suite,
        hide_unknown,
    } = station::security(&whole);
    let limits = station::limits(&whole);
    let profiles = Profiles::known();
    let named = whole.named("partner");
    let several = named.len() > 1;
    let drafts: Vec<_> = named
        .into_iter()
        .map(|(name, section)| {
            let timers = session.config.timers;
            partner::read(name, section, &profiles, &own, timers, several)
        })
        .collect();
    let groups = lists::groups(&whole);
    let hooks = lists::hooks(&whole);
    let retention = station::retention(&whole);
    let log = station::log(&whole);
    session.config.trace = log.trace;
    let metrics = station::metrics(&whole);
    let (outbox_interval, outbox_settle) = station::outbox(&whole);
    whole.finish();
    let common = Common {
        no_legacy,
        unnamed_suite,
        file_size: limits.file_size,
    };
    codes::check_codes(notes, &own, &stations, &drafts, &groups);
    codes::check_names(notes, &drafts, &groups, &hooks);
    let ring = whole::key_ring(own_keys, &drafts);
    let tls = whole::callers_tls(notes, &ring, &ports);
    codes::check_ways_in(notes, &drafts, &ports);
    let partners = whole::partners(notes, &ring, &common, &own, &stations, drafts);
    Config {
        folder: folder.clone(),
        own,
        stations,
        ports: ports.into_iter().map(|(port, _)| port).collect(),
        tls,
        partners,
        groups: groups.into_iter().map(|(group, _)| group).collect(),
        hooks: hooks.into_iter().map(|(hook, _)| hook).collect(),
        security: security::Settings {
            ring: ring.into(),
            no_legacy,
            unnamed_suite,
            ..security::Settings::default()
        },
        hide_unknown,
        limits,
        retention,
        log,
        metrics,
        session,
        outbox_interval,
        outbox_settle,
        warnings: ConfigWarnings::default(),
    }
}
