//! Whether the station does its work: what `GET /health` says, and a watchdog may ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::super::Shared;
use super::super::journal::{fact, now};

/// A journal that takes no longer than this for one write is well.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which parts of the station are to run, and whether they do. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, bool>>>);

impl Health {
    /// A part of this name (`the caller`, `port [::]:3305`) is to run from now on, and does as long
    /// as the value that is given lives.
    #[must_use]
    pub fn runs(&self, name: &str) -> Pulse {
        self.set(name, Some(true));
        Pulse {
            health: self.clone(),
            name: name.to_owned(),
        }
    }

    /// A part is to run, and does not.
    pub fn lacks(&self, name: &str) {
        self.set(name, Some(false));
    }

    fn set(&self, name: &str, runs: Option<bool>) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match runs {
            Some(runs) => {
                parts.insert(name.to_owned(), runs);
            }
            None => {
                parts.remove(name);
            }
        }
    }

    fn missing(&self) -> Vec<String> {
        let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = parts.iter().filter(|(_, runs)| !**runs);
        missing
            .map(|(name, _)| format!("{name} does not run"))
            .collect()
    }

    /// What is wrong with this station, in words; empty: nothing. Writes to the journal to see
    /// whether that can be done.
    pub async fn reasons(&self, shared: &Shared) -> Vec<String> {
        let mut reasons = self.missing();
        let note = |connection: &rusqlite::Connection| {
            fact::set(connection, "health_asked", &now().to_string())
        };
        let written = shared.journal().write_aside(note);
        match tokio::time::timeout(PATIENCE, written).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => reasons.push(error.to_string()),
            Err(_) => reasons.push(format!(
                "the journal was not written within {} seconds",
                PATIENCE.as_secs()
            )),
        }
        let least = shared.config().limits.free_space;
        match free_space(shared) {
            Ok(free) if free < least => reasons.push(format!(
                "{free} octets are free on the disk of {}, {least} must be",
                shared.folder().path().display()
            )),
            Ok(_) => {}
            Err(error) => reasons.push(format!("{}: {error}", shared.folder().path().display())),
        }
        reasons
    }
}

/// Octets that are free on the disk of the station.
pub(super) fn free_space(shared: &Shared) -> Result<u64, rustix::io::Errno> {
    let disk = rustix::fs::statvfs(shared.folder().path())?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// A part runs as long as this lives.
#[derive(Debug)]
pub struct Pulse {
    health: Health,
    name: String,
}

impl Pulse {
    /// The part need not run any more: its port was closed, or the station stops.
    pub fn retire(self) {
        let (health, name) = (self.health.clone(), self.name.clone());
        drop(self);
        health.set(&name, None);
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.health.set(&self.name, Some(false));
    }
}
