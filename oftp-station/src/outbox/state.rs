//! What `oftp send` remembers of files until they are delivered.
//!
//! A cut transfer goes on only under the stamps it began with (RFC 5024 section 1.5.2): a new
//! stamp would be a new file. So each file that is offered leaves a note in a folder, which goes
//! when the file is delivered. The notes also tell a lost receipt from a real duplicate: SFNA 13
//! for a file whose EFID was sent means that the other side has it.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::stamp::Stamp;
use crate::identity::Field;
use crate::names;

/// What a transfer is of: a note counts only for exactly the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The local file, as an absolute path.
    pub path: PathBuf,
    /// Its size in octets.
    pub octets: u64,
    /// When it was changed last.
    pub modified: SystemTime,
    /// SSIDCODE of the station that the file goes to.
    pub partner: Field,
    /// SFIDDSN.
    pub dsn: Field,
    /// SFIDORIG.
    pub originator: Field,
    /// SFIDDEST.
    pub destination: Field,
    /// Every other attribute that decides which octets are sent, for example `V lf 80`.
    pub format: String,
}

/// How far a transfer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    /// It may have been offered. The other side may hold a part of it.
    #[default]
    Offered,
    /// Its end was sent (EFID): the other side may have all of it.
    EfidSent,
    /// The other side has it (EFPA, or SFNA 13 after its end was sent): no EERP yet.
    Sent,
}

/// A transfer that is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// What is sent.
    pub subject: Subject,
    /// The stamps it is sent under.
    pub stamp: Stamp,
    /// How far it has come.
    pub phase: Phase,
    /// The restart position to offer (SFIDREST): what was sent, in blocks or records.
    pub sent: u64,
}

/// The folder of the notes.
#[derive(Debug)]
pub struct Outbox {
    folder: PathBuf,
    stamps: PathBuf,
    transfers: HashMap<Subject, Transfer>,
    sync: bool,
}

/// How long the last stamp of a dataset name is kept: longer than any clock is set back.
const STAMP_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);

impl Outbox {
    /// The folder used where none is given: `oftp` in `$XDG_STATE_HOME`, or in
    /// `~/.local/state`. `None` where neither is known.
    #[must_use]
    pub fn default_folder() -> Option<PathBuf> {
        let set = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        set("XDG_STATE_HOME")
            .or_else(|| set("HOME").map(|home| home.join(".local/state")))
            .map(|state| state.join("oftp"))
    }

    /// Opens the folder, and makes it if need be. `sync` says whether notes are forced to the
    /// disk; without, a power failure may lead to a file being delivered twice.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path, sync: bool) -> Result<Self, StateError> {
        let stamps = folder.join("stamps");
        let fault = StateError::at(folder);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&stamps)
            .map_err(&fault)?;
        let mut transfers = HashMap::new();
        for entry in fs::read_dir(folder).map_err(&fault)? {
            let path = entry.map_err(&fault)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let octets = fs::read(&path).map_err(StateError::at(&path))?;
                let transfer: Transfer = serde_json::from_slice(&octets)
                    .map_err(|error| StateError::at(&path)(error.into()))?;
                transfers.insert(transfer.subject.clone(), transfer);
            }
        }
        forget_old_stamps(&stamps).map_err(&fault)?;
        Ok(Self {
            folder: folder.to_owned(),
            stamps,
            transfers,
            sync,
        })
    }

    /// The transfer of this file that is not finished, if there is one.
    #[must_use]
    pub fn find(&self, subject: &Subject) -> Option<&Transfer> {
        self.transfers.get(subject)
    }

    /// All transfers that are not finished, in no order: their end responses may still come.
    pub fn transfers(&self) -> impl Iterator<Item = &Transfer> {
        self.transfers.values()
    }

    /// Begins a transfer under `stamp`, or under the next free stamp of its dataset name. The
    /// note is safe when this returns, so SFID may be sent. `seconds_only` asks for stamps that
    /// differ without their counter (levels 1.2 and 1.3).
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn begin(
        &mut self,
        subject: Subject,
        stamp: Option<Stamp>,
        seconds_only: bool,
    ) -> Result<Transfer, StateError> {
        let stamp = match stamp {
            Some(stamp) => stamp,
            None => self.free_stamp(&subject.dsn, seconds_only)?,
        };
        let transfer = Transfer {
            subject,
            stamp,
            phase: Phase::Offered,
            sent: 0,
        };
        self.save(&transfer)?;
        Ok(transfer)
    }

    /// Keeps what has become of a transfer; safe on the disk when this returns. To be called
    /// with [`Phase::EfidSent`] before EFID leaves.
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn save(&mut self, transfer: &Transfer) -> Result<(), StateError> {
        let path = self.note(transfer);
        let new = path.with_extension("new");
        self.write(&new, &path, transfer)
            .map_err(StateError::at(&path))?;
        self.transfers
            .insert(transfer.subject.clone(), transfer.clone());
        Ok(())
    }

    /// Forgets a transfer that is delivered, or given up.
    ///
    /// # Errors
    /// The note cannot be removed.
    pub fn finish(&mut self, transfer: &Transfer) -> Result<(), StateError> {
        let path = self.note(transfer);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StateError::at(&path)(error));
            }
            _ => {}
        }
        // A note under another stamp may have taken its place.
        if self
            .find(&transfer.subject)
            .is_some_and(|kept| kept.stamp == transfer.stamp)
        {
            self.transfers.remove(&transfer.subject);
        }
        Ok(())
    }

    /// Takes the next stamp of a dataset name, against all other processes of this user.
    fn free_stamp(&self, dsn: &Field, seconds_only: bool) -> Result<Stamp, StateError> {
        let path = self.stamps.join(names::escape(dsn.as_octets()));
        take_stamp(&path, Stamp::now(), seconds_only, self.sync).map_err(StateError::at(&path))
    }

    fn note(&self, transfer: &Transfer) -> PathBuf {
        let subject = &transfer.subject;
        let identity = crate::identity::Identity {
            date: Field::new(transfer.stamp.date()),
            time: Field::new(transfer.stamp.time()),
            dsn: subject.dsn.clone(),
            originator: subject.originator.clone(),
            destination: subject.destination.clone(),
        };
        self.folder
            .join(format!("{}.json", names::stored_name(&identity)))
    }

    fn write(&self, new: &Path, path: &Path, transfer: &Transfer) -> io::Result<()> {
        let mut file = File::options();
        let mut file = file
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(new)?;
        file.write_all(&serde_json::to_vec(transfer)?)?;
        if self.sync {
            file.sync_data()?;
        }
        fs::rename(new, path)?;
        if self.sync {
            File::open(&self.folder)?.sync_all()
        } else {
            Ok(())
        }
    }
}

/// The notes cannot be read or written.
#[derive(Debug, Error)]
#[error("{}: {error}; choose another folder with --state", path.display())]
pub struct StateError {
    path: PathBuf,
    error: io::Error,
}

impl StateError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self {
            path: path.clone(),
            error,
        }
    }
}

fn take_stamp(path: &Path, now: Stamp, seconds_only: bool, sync: bool) -> io::Result<Stamp> {
    let mut options = OpenOptions::new();
    let options = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    let last: Option<Stamp> = io::read_to_string(&file)?.parse().ok();
    let stamp = last.map_or(now, |last| now.max(last.next(seconds_only)));
    file.set_len(0)?;
    io::Seek::rewind(&mut file)?;
    file.write_all(stamp.to_string().as_bytes())?;
    if sync {
        file.sync_data()?;
    }
    Ok(stamp)
}

fn forget_old_stamps(folder: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let age = entry
            .metadata()?
            .modified()
            .map(|then| now.duration_since(then));
        if matches!(age, Ok(Ok(age)) if age > STAMP_MEMORY) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
