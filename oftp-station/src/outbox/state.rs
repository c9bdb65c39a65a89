//! What `oftp send` remembers of files until they are delivered.
//!
//! A cut transfer goes on only under the stamps it began with (RFC 5024 section 1.5.2): a new
//! stamp would be a new file. So each file that is offered leaves a note, which goes when the
//! file is delivered. The notes also tell a lost receipt from a real duplicate: SFNA 13 for a
//! file whose EFID was sent means that the other side has it. And they keep the last stamp of
//! each dataset name, so that none is used twice.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::envelopes::Envelopes;
use super::notes_log::{News, NotesLog};
use super::stamp::Stamp;
use crate::identity::Field;

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
    /// How it is secured, and what is known of the octets on the line.
    #[serde(default, skip_serializing_if = "Protected::is_nothing")]
    pub protected: Protected,
}

/// What is kept of the security of a file until its end response has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected {
    /// SFIDCIPH; 0 for none.
    pub suite: u8,
    /// It is sent in an envelope, which is kept: sealed once more it would have other octets, and
    /// no restart would fit.
    pub sealed: bool,
    /// A signed end response is wanted (SFIDSIGN).
    pub signed_response: bool,
    /// The hash of what is transmitted, in hexadecimal (EERPHSH); empty while it is not known.
    pub hash: String,
}

impl Protected {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The notes of all transfers that are not finished.
#[derive(Debug)]
pub struct Outbox {
    path: PathBuf,
    /// Lent to the work that is done under its lock.
    log: Option<NotesLog>,
    transfers: HashMap<Subject, Transfer>,
    stamps: HashMap<Field, LastStamp>,
    envelopes: Envelopes,
    sync: bool,
}

/// The stamp that was used last for a dataset name, and when.
#[derive(Debug, Clone, Copy)]
struct LastStamp {
    stamp: Stamp,
    at: SystemTime,
}

/// A line of the notes.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Entry {
    /// What has become of a transfer.
    Note(Transfer),
    /// A transfer is delivered, or given up.
    Finished(Transfer),
    /// The last stamp of a dataset name, where no transfer shows it.
    Stamp(Field, Stamp, SystemTime),
}

/// How long the last stamp of a dataset name is kept: longer than any clock is set back.
const STAMP_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);

/// So many entries may count no more before the file is written anew.
const WASTE: usize = 1000;

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

    /// Opens the notes in a folder, and makes it if need be. `sync` says whether they are forced
    /// to the disk; without, a power failure may lead to a file being delivered twice.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path, sync: bool) -> Result<Self, StateError> {
        let path = folder.join("transfers.jsonl");
        let fault = StateError::at(&path);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(&fault)?;
        let mut outbox = Self {
            log: Some(NotesLog::open(&path, sync).map_err(&fault)?),
            path,
            transfers: HashMap::new(),
            stamps: HashMap::new(),
            envelopes: Envelopes::open(folder).map_err(&fault)?,
            sync,
        };
        outbox.locked(|outbox, log, entries| {
            outbox.forget_old_stamps();
            outbox.envelopes.remove_others(outbox.transfers.values())?;
            if entries > outbox.transfers.len() + outbox.stamps.len() + WASTE {
                log.replace(outbox.entries())?;
            }
            Ok(())
        })?;
        Ok(outbox)
    }

    /// Whether a note waits for the disk.
    #[must_use]
    pub const fn waits_for_disk(&self) -> bool {
        self.sync
    }

    /// Takes note of what other processes have noted.
    ///
    /// # Errors
    /// The notes cannot be read.
    pub fn refresh(&mut self) -> Result<(), StateError> {
        self.locked(|_, _, _| Ok(()))
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
        self.locked(|outbox, log, _| {
            // Under the lock no other process can take the same stamp.
            let stamp = stamp.unwrap_or_else(|| {
                let last = outbox.stamps.get(&subject.dsn);
                free_stamp(last.map(|last| last.stamp), Stamp::now(), seconds_only)
            });
            let transfer = Transfer {
                subject,
                stamp,
                phase: Phase::Offered,
                sent: 0,
                protected: Protected::default(),
            };
            outbox.write(log, Entry::Note(transfer.clone()))?;
            Ok(transfer)
        })
    }

    /// Keeps what has become of a transfer; safe on the disk when this returns. To be called
    /// with [`Phase::EfidSent`] before EFID leaves.
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn save(&mut self, transfer: &Transfer) -> Result<(), StateError> {
        self.locked(|outbox, log, _| outbox.write(log, Entry::Note(transfer.clone())))
    }

    /// Forgets a transfer that is delivered, or given up, and its envelope.
    ///
    /// # Errors
    /// The note cannot be removed.
    pub fn finish(&mut self, transfer: &Transfer) -> Result<(), StateError> {
        self.locked(|outbox, log, _| outbox.write(log, Entry::Finished(transfer.clone())))?;
        if transfer.protected.sealed {
            // One that stays behind is removed when the notes are opened again.
            let _ = fs::remove_file(self.envelopes.path(transfer));
        }
        Ok(())
    }

    /// Where the envelopes of secured files are kept.
    #[must_use]
    pub const fn envelopes(&self) -> &Envelopes {
        &self.envelopes
    }

    fn write(&mut self, log: &mut NotesLog, entry: Entry) -> io::Result<()> {
        log.append(&entry)?;
        self.apply(entry);
        Ok(())
    }

    /// Works under the lock, with everything known that other processes have noted. `work` is
    /// told how many entries were read.
    fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &mut NotesLog, usize) -> io::Result<T>,
    ) -> Result<T, StateError> {
        let fault = StateError::at(&self.path);
        let Some(mut log) = self.log.take() else {
            return Err(fault(io::ErrorKind::WouldBlock.into()));
        };
        let done = log.locked(|log, news: News<Entry>| {
            if news.all {
                self.transfers.clear();
                self.stamps.clear();
            }
            let entries = news.entries.len();
            news.entries.into_iter().for_each(|entry| self.apply(entry));
            work(self, log, entries)
        });
        self.log = Some(log);
        done.map_err(fault)
    }

    fn apply(&mut self, entry: Entry) {
        let now = SystemTime::now();
        match entry {
            Entry::Note(transfer) => {
                self.remember_stamp(transfer.subject.dsn.clone(), transfer.stamp, now);
                self.transfers.insert(transfer.subject.clone(), transfer);
            }
            Entry::Finished(transfer) => {
                self.remember_stamp(transfer.subject.dsn.clone(), transfer.stamp, now);
                // A note under another stamp may have taken its place.
                if self
                    .find(&transfer.subject)
                    .is_some_and(|kept| kept.stamp == transfer.stamp)
                {
                    self.transfers.remove(&transfer.subject);
                }
            }
            Entry::Stamp(dsn, stamp, at) => self.remember_stamp(dsn, stamp, at),
        }
    }

    fn remember_stamp(&mut self, dsn: Field, stamp: Stamp, at: SystemTime) {
        let last = self.stamps.entry(dsn).or_insert(LastStamp { stamp, at });
        *last = LastStamp {
            stamp: last.stamp.max(stamp),
            at: last.at.max(at),
        };
    }

    fn forget_old_stamps(&mut self) {
        let now = SystemTime::now();
        self.stamps.retain(
            |_, last| !matches!(now.duration_since(last.at), Ok(age) if age > STAMP_MEMORY),
        );
    }

    /// The entries that still count.
    fn entries(&self) -> impl Iterator<Item = Entry> {
        let stamps = self
            .stamps
            .iter()
            .map(|(dsn, last)| Entry::Stamp(dsn.clone(), last.stamp, last.at));
        stamps.chain(self.transfers.values().cloned().map(Entry::Note))
    }
}

/// The clock's stamp, or the one after the last, whichever is later.
fn free_stamp(last: Option<Stamp>, now: Stamp, seconds_only: bool) -> Stamp {
    last.map_or(now, |last| now.max(last.next(seconds_only)))
}

/// The notes cannot be read or written.
#[derive(Debug, Error)]
#[error("{}: {error}; choose another folder with --state", path.display())]
pub struct StateError {
    path: PathBuf,
    error: io::Error,
}

impl StateError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self {
            path: path.clone(),
            error,
        }
    }
}

#[cfg(test)]
mod tests;
