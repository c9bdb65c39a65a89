//! One command with all that is to be said about it.

use oftp_core::virtual_file::{DataBuffer, RecordState, RestartPosition, Structure};
use oftp_core::wire::{CommandCode, Level, Quirks, RecordFormat, decode, sth};
use serde::Serialize;

use super::Options;
use super::data::{self, DataSummary};
use super::fields::{self, FieldValue, Value};
use super::input::Direction;
use super::meaning;
use super::units::{Unit, UnitFault};

/// Octets that are shown of what is no command: in a bare SSID the password begins behind them.
const UNKNOWN_SHOWN: usize = 16;

/// What is shown of one Exchange Buffer.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) direction: Option<Direction>,
    /// Where its header begins in the stream.
    pub(super) offset: usize,
    /// Octets that are there, without the header.
    pub(super) octets: usize,
    pub(super) level: String,
    /// The name of the command, and the same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'static str>,
    pub(super) fields: Vec<FieldValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<DataSummary>,
    /// What is wrong with it, with the reason that a station would answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) malformed: Vec<Finding>,
    /// What is not as the RFC says, but tolerated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tolerated: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cut: Option<String>,
}

/// A deviation from the RFC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) text: String,
    /// ESIDREAS of the answer.
    pub(super) reason: u8,
}

impl Entry {
    pub(super) fn new(unit: &Unit<'_>, level: Level, options: &Options) -> Self {
        let mut entry = Self {
            direction: unit.direction,
            offset: unit.offset,
            octets: unit.octets.len(),
            level: level.to_string(),
            command: None,
            title: None,
            fields: Vec::new(),
            data: None,
            malformed: Vec::new(),
            tolerated: Vec::new(),
            cut: None,
        };
        match unit.fault {
            Some(UnitFault::Header(error, octets)) => {
                entry.malformed.push(Finding {
                    text: format!("{error}; the last {octets} octets cannot be read"),
                    reason: error.reason.code(),
                });
                entry.unknown(unit.octets, options);
                return entry;
            }
            Some(UnitFault::Cut(announced)) => {
                let there = unit.octets.len();
                entry.cut = Some(match announced.checked_sub(sth::OCTETS) {
                    Some(octets @ 1..) => {
                        format!("the recording ends after {there} of {octets} octets")
                    }
                    _ => "the recording ends in a Stream Transmission Header".to_owned(),
                });
            }
            None => entry.check(unit.octets, level),
        }
        match unit.code() {
            Some(code) => entry.describe(code, unit.octets, level, options),
            None => entry.unknown(unit.octets, options),
        }
        entry
    }

    /// Finds deviations: those that even the tolerant do not accept, and others.
    fn check(&mut self, octets: &[u8], level: Level) {
        const ALL: Quirks = Quirks::TOLERANT.union(Quirks::DIGIT_LENGTHS);
        if let Err(error) = decode(octets, level, Quirks::STRICT) {
            let tolerant = decode(octets, level, ALL).err();
            let findings = match tolerant {
                Some(_) => &mut self.malformed,
                None => &mut self.tolerated,
            };
            let error = tolerant.unwrap_or(error);
            findings.push(Finding {
                text: error.to_string(),
                reason: error.reason.code(),
            });
        } else if let [b'D', payload @ ..] = octets {
            self.check_data(payload);
        }
    }

    fn check_data(&mut self, payload: &[u8]) {
        let stream = Structure::new(RecordFormat::U, 0, false);
        let mut counts = RecordState::new(stream, RestartPosition::START);
        if let Err(error) = DataBuffer::check(payload, true, &mut counts) {
            self.malformed.push(Finding {
                text: error.to_string(),
                reason: error.reason().code(),
            });
        }
    }

    fn describe(&mut self, code: CommandCode, octets: &[u8], level: Level, options: &Options) {
        self.command = Some(code.name());
        self.title = Some(meaning::title(code));
        match (code, octets) {
            (CommandCode::Data, [_, payload @ ..]) => {
                self.data = Some(data::summary(payload, options));
            }
            _ => self.fields = fields::fields(code, octets, level, options),
        }
    }

    /// Octets of which nothing is known. Only the first are shown, unless passwords are: an SSID
    /// may be among them.
    fn unknown(&mut self, octets: &[u8], options: &Options) {
        if !octets.is_empty() {
            let shown = match options.passwords {
                true => octets,
                false => &octets[..octets.len().min(UNKNOWN_SHOWN)],
            };
            self.fields.push(FieldValue {
                name: "(octets)",
                offset: 0,
                octets: octets.len(),
                value: Value::Plain(fields::hex(shown, options)),
                meaning: None,
            });
        }
    }
}
