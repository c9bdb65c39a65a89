//! Recorded sessions, command by command and field by field, for people and for programs.
//!
//! [`run`] takes what a network analyser, a trace or a hex dump holds, finds the Exchange Buffers
//! (RFC 5024 chapter 8), and shows their fields (chapter 5). What is malformed is shown as far as
//! it can be read, with the reason that a station would answer; the walk goes on behind it.

mod data;
mod dump;
mod entry;
mod fields;
mod input;
mod level;
mod meaning;
mod text;
mod units;

use std::io::{self, Write};

use oftp_core::wire::Level;

pub use input::{Direction, InputError, InputProblem};

/// How a recording is read and shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The level of the session where no SSID tells it; 2.0 if none is given.
    pub level: Option<Level>,
    /// Whether there are Stream Transmission Headers. Without them each line of hex digits, or
    /// each dump, or the whole of a binary input, is one Exchange Buffer.
    pub headers: bool,
    /// What the input is.
    pub form: Form,
    /// How it is shown.
    pub output: Output,
    /// Whether passwords are shown, instead of `***`.
    pub passwords: bool,
    /// Whether every subrecord and all octets of binary fields are shown.
    pub full: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: None,
            headers: true,
            form: Form::Any,
            output: Output::Text,
            passwords: false,
            full: false,
        }
    }
}

/// What the input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// To be found out: binary if it holds octets that no text has.
    #[default]
    Any,
    /// The octets themselves.
    Binary,
    /// Text: hex digits, or a dump of `xxd`, `hexdump -C` or `od -A x -t x1z`.
    Hex,
}

/// How commands are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// One line for each field.
    #[default]
    Text,
    /// One JSON object in a line for each command.
    Json,
}

/// What a recording holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Exchange Buffers shown, good or not.
    pub commands: u64,
    /// Those that a station would answer with an ESID.
    pub malformed: u64,
    /// Those that are good by field practice only, see [`oftp_core::wire::Quirks`].
    pub tolerated: u64,
    /// Those that are not there to their end.
    pub cut: u64,
}

impl Summary {
    /// Whether every Exchange Buffer is there and as the RFC says, or tolerated.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.malformed == 0 && self.cut == 0
    }
}

/// Shows the commands of a recording.
///
/// # Errors
/// `out` cannot be written. [`io::ErrorKind::InvalidData`] with an [`InputError`] when the input
/// is neither binary nor digits.
pub fn run(input: &[u8], options: &Options, out: &mut dyn Write) -> io::Result<Summary> {
    let pieces = input::read(input, options)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let streams = units::Streams::new(pieces, options.headers);
    let units = streams.units();
    let mut levels = level::Levels::new(&units, options.level);
    let mut summary = Summary::default();
    for unit in &units {
        let entry = entry::Entry::new(unit, levels.next(unit), options);
        summary.commands += 1;
        summary.malformed += u64::from(!entry.malformed.is_empty());
        summary.tolerated += u64::from(!entry.tolerated.is_empty());
        summary.cut += u64::from(entry.cut.is_some());
        match options.output {
            Output::Text => text::write(&entry, out)?,
            Output::Json => {
                serde_json::to_writer(&mut *out, &entry)?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(summary)
}
