//! The commands by which people look at a station and steer it, whether it runs or not: a thin
//! layer over [`crate::station::manage`].
//!
//! ```text
//! queue     what waits, what was
//! show      everything about one file
//! partners  every partner, and how it goes
//! status    the station as a whole
//! events    the history, as it grows
//! steer     resend, hold, release, cancel
//! order     what the running process is told: call, reload, stop
//! submit    files queued for a partner by name (`oftp send`)
//! wait      waiting for what the station does
//! print     tables for people, lines for programs
//! ```

pub(super) mod events;
pub(super) mod order;
pub(super) mod partners;
mod print;
pub(super) mod queue;
pub(super) mod show;
pub(super) mod status;
pub(super) mod steer;
pub(super) mod submit;
mod wait;

use super::settings::UsageError;
use crate::args::{OutputArgs, StationArg};
use crate::exchange::Voice;
use crate::station::Folder;
use crate::station::config::Config;
use crate::station::journal::{Journal, JournalError};
use crate::station::manage::ManageError;

/// A station that a command is about.
struct Desk {
    folder: Folder,
    journal: Journal,
    output: OutputArgs,
}

impl Desk {
    fn open(station: &StationArg, output: OutputArgs) -> Result<Self, UsageError> {
        let folder = station.folder().map_err(UsageError::Option)?;
        Self::of(folder, output)
    }

    fn of(folder: Folder, output: OutputArgs) -> Result<Self, UsageError> {
        let journal = Journal::open(&folder.journal())?;
        Ok(Self {
            folder,
            journal,
            output,
        })
    }

    /// What the station is told.
    fn config(&self) -> Result<Config, UsageError> {
        Config::load(&self.folder).map_err(|errors| UsageError::Option(errors.to_string()))
    }

    /// The same, as far as it can be had. A station that runs goes on with what it had, and so a
    /// fault keeps nobody from steering it.
    fn config_or_warning(&self, voice: &Voice) -> Option<Config> {
        let config = self.config();
        if let Err(error) = &config {
            voice.warn(&error.to_string());
        }
        config.ok()
    }

    /// That there is this partner: in the configuration, or where that has a fault, by its folders.
    fn check_partner(&self, config: Option<&Config>, name: &str) -> Result<(), UsageError> {
        let (is_there, error) = match config {
            Some(config) => (
                config.partner(name).is_some(),
                self.no_partner(config, name),
            ),
            None => (
                // A name that leads elsewhere is none.
                !name.is_empty() && !name.contains(['/', '.']) && self.folder.outbox(name).is_dir(),
                format!("no partner `{name}` is known"),
            ),
        };
        if is_there {
            return Ok(());
        }
        Err(UsageError::Option(error))
    }

    /// That there is no such partner, and which ones there are.
    fn no_partner(&self, config: &Config, name: &str) -> String {
        let names = config.partners.iter();
        let names: Vec<&str> = names.map(|partner| partner.name.as_str()).collect();
        format!(
            "{} has no partner `{name}`; it has: {}",
            self.folder.config().display(),
            names.join(", ")
        )
    }

    /// That nobody runs the station, and what to do.
    fn not_running(&self, what: &str) -> UsageError {
        UsageError::Network(format!(
            "no process runs the station in {}{what}; `oftp run` starts it",
            self.folder.path().display()
        ))
    }
}

impl From<JournalError> for UsageError {
    fn from(error: JournalError) -> Self {
        ManageError::Journal(error).into()
    }
}

impl From<ManageError> for UsageError {
    fn from(error: ManageError) -> Self {
        let text = error.to_string();
        if error.is_refusal() {
            Self::Option(text)
        } else {
            Self::Local(text)
        }
    }
}
