//! The journal of a station: what it knows of every file and every response, in one SQLite file.
//!
//! Every change of design chapter "Delivery" is a transaction here before its consequence leaves
//! the station: EFPA after `received`, EFID after `efid_sent`, RTR after what the response says. A
//! thread of its own writes; what many sessions want at the same time shares one fsync. Any process
//! may read and write beside the station, which notices ([`Journal::watch`]).
//!
//! ```text
//! writer    the thread that writes: group commit, and what a failed fsync means
//! schema    the tables, and how older ones become these
//! file      files: their states, and what leads from one to the next
//! virtual_file  an SFID as the journal keeps it
//! response  end responses, both ways
//! event     the history: everything that happened, in order; hooks and hosts read it
//! partner   what is known of partners beside the configuration
//! follow    someone who reads the history as it is written
//! hook      what hooks are still to be run for
//! figures   how much waits
//! order     what other processes want of the running station
//! fact      numbers and words that are single
//! retention what is kept no longer
//! reserve   room on the disk for what must still be written when the disk is full
//! ```

mod error;
pub mod event;
pub mod fact;
pub mod figures;
pub mod file;
pub mod follow;
pub mod hook;
pub mod order;
pub mod partner;
mod reserve;
pub mod response;
pub mod retention;
mod schema;
pub mod virtual_file;
mod writer;

use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};

pub use error::JournalError;
use writer::Writer;

/// How long another process that writes is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// So many connections that read are kept: each holds open files, and a cache.
const IDLE: usize = 16;

/// The journal of a station. Clones share it.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    writer: Writer,
    /// Connections that read, while nobody uses them.
    readers: Mutex<Vec<Connection>>,
}

impl Journal {
    /// Opens the journal at `path`, makes it where there is none, and brings its tables to what
    /// this version knows.
    ///
    /// # Errors
    /// [`JournalError`]: the file cannot be opened, is damaged, or is of a newer version.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        make_private(path)?;
        let mut connection = connect(path, OpenFlags::default())?;
        schema::migrate(&mut connection, path)?;
        Ok(Self(Arc::new(Shared {
            path: path.to_owned(),
            writer: Writer::start(connection, path)?,
            readers: Mutex::new(Vec::new()),
        })))
    }

    /// Whether all of the file is what SQLite wrote: for after an end that was none of ours. Takes
    /// as long as reading it.
    ///
    /// # Errors
    /// [`JournalError::Damaged`].
    pub fn check(&self) -> Result<(), JournalError> {
        self.verdict(self.read(quick_check)?)
    }

    /// The same beside other work, given up when `stop` is done. Gives whether it came to its end.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub async fn check_beside(&self, stop: impl Future<Output = ()>) -> Result<bool, JournalError> {
        let connection = connect(&self.0.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let interrupt = connection.get_interrupt_handle();
        let mut checking = tokio::task::spawn_blocking(move || quick_check(&connection));
        tokio::select! {
            verdict = &mut checking => {
                self.verdict(verdict.unwrap_or(Err(JournalError::Closed))?)?;
                Ok(true)
            }
            () = stop => {
                interrupt.interrupt();
                let _ = checking.await;
                Ok(false)
            }
        }
    }

    fn verdict(&self, verdict: String) -> Result<(), JournalError> {
        if verdict == "ok" {
            return Ok(());
        }
        Err(JournalError::Damaged {
            path: self.0.path.clone(),
            what: verdict,
        })
    }

    /// Octets of its file.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn size(&self) -> std::io::Result<u64> {
        Ok(std::fs::metadata(&self.0.path)?.len())
    }

    /// Does this in one transaction, and gives what it gave once that is on the disk. Waits for the
    /// disk: within a task, on a thread that may block.
    ///
    /// # Errors
    /// What `work` fails with, which undoes it; or the disk.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.0.writer.submit(work, move |result| {
            let _ = sender.send(result);
        });
        receiver.recv().unwrap_or(Err(JournalError::Closed))
    }

    /// The same for a task, which goes on with other things meanwhile. It is done even where
    /// nobody waits any more.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.0.writer.submit(work, move |result| {
            let _ = sender.send(result);
        });
        receiver.await.unwrap_or(Err(JournalError::Closed))
    }

    /// The same, and nobody waits: for what is on the disk soon enough with what comes after it,
    /// which it is never behind.
    pub fn post(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), JournalError> + Send + 'static,
    ) {
        self.0.writer.submit(work, |_| {});
    }

    /// Reads; sees all that was written before.
    ///
    /// # Errors
    /// What `work` fails with, or the disk.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = self.0.readers.lock().ok().and_then(|mut idle| idle.pop());
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.0.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?,
        };
        let result = work(&connection);
        if let Ok(mut idle) = self.0.readers.lock()
            && idle.len() < IDLE
        {
            idle.push(connection);
        }
        result
    }

    /// Waits until something was written in this process since `seen`, the number that the last
    /// call gave (0 before), and gives the new number.
    pub async fn changed(&self, seen: u64) -> u64 {
        self.0.writer.changed(seen).await
    }

    /// Lets `observer` hear from now on how long each transaction took to be on the disk, on the
    /// thread that writes; the first one stays.
    pub fn observe_commits(&self, observer: impl Fn(std::time::Duration) + Send + Sync + 'static) {
        self.0.writer.observe(observer);
    }

    /// Whether there is room for new files. Without it none may be taken or queued (SFNA 06, try
    /// again): what is left on the disk is for the states of those that are on their way. Looks at
    /// the disk, and waits for nothing.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.0.writer.has_room()
    }

    /// Why nothing can be written any more; `None`: all is well. Once an fsync has failed nobody
    /// knows what is on the disk, and trying again would only seem to succeed.
    #[must_use]
    pub fn broken(&self) -> Option<String> {
        self.0.writer.broken()
    }
}

/// A change that other processes made shows in this number of one connection: it is read now and
/// then by who keeps a [`Watch`].
#[derive(Debug)]
pub struct Watch(Connection, i64);

impl Journal {
    /// Begins to watch for changes of other processes.
    ///
    /// # Errors
    /// The journal cannot be opened.
    pub fn watch(&self) -> Result<Watch, JournalError> {
        let connection = connect(&self.0.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut watch = Watch(connection, 0);
        watch.has_changed()?;
        Ok(watch)
    }
}

impl Watch {
    /// Whether any process, this one included, has changed the journal since the last call.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn has_changed(&mut self) -> Result<bool, JournalError> {
        let version = self
            .0
            .query_row("PRAGMA data_version", [], |row| row.get(0))?;
        let before = std::mem::replace(&mut self.1, version);
        Ok(before != version)
    }
}

fn quick_check(connection: &Connection) -> Result<String, JournalError> {
    Ok(connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?)
}

/// Makes the file where it is missing, for this user alone; SQLite's files beside it follow it.
fn make_private(path: &Path) -> Result<(), JournalError> {
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(JournalError::Open {
                path: path.to_owned(),
                why: error.to_string(),
            })
        }
        _ => Ok(()),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JournalError> {
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // FULL: a transaction is on the disk when it is done, and not only in the order of things.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA journal_size_limit = 67108864;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    };
    open().map_err(|error| JournalError::open(path, error))
}

/// The time of the clock on the wall, in milliseconds since 1970: for people to read, and never
/// what anything waits for.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests;
