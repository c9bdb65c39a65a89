//! The station for host programs: the half of `oftp.Station` and `oftp_station_*` that no language
//! has for its own, as [`crate::monitor`] is for their mailboxes.
//!
//! A [`Host`] is opened on a folder and can queue, ask and steer at once, whether the station runs
//! or not, and in whichever process ([`manage`](super::manage)). [`Host::start`] runs the station
//! itself, on threads of its own. What happens is pulled by [`Host::events`]: nothing calls the host
//! program back, and a reader that is slow or stops reading keeps nobody waiting, for the history
//! lies in the journal.
//!
//! Every function may be called from any thread, waits for the disk or for what it says, and must
//! not be called by a task of an asynchronous runtime.
//!
//! ```text
//! running   the station on its threads, from the start to its end
//! desk      files queued, and partners and files steered and looked at
//! waiting   lines of the history and ends of files, waited for
//! bell      what wakes those who wait
//! error     whose fault it is
//! ```

mod bell;
mod desk;
mod error;
mod running;
mod waiting;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use desk::Services;
pub use error::{Fault, HostError};

use self::bell::Bell;
use self::running::Running;
use super::Folder;
use super::config::Config;
use super::journal::Journal;

/// How long sessions may go on when a host is dropped that still runs its station. Then they are
/// cut, and go on where they were after the next start.
pub const GRACE: Duration = Duration::from_secs(5);

/// A station in the hands of a host program. It is shared between threads; dropping it stops the
/// station ([`GRACE`]).
///
/// It belongs to the process that opened it: in the child of a fork every call fails with
/// [`HostError::Forked`], opening another one, too, and dropping it there touches nothing. SQLite
/// keeps for the whole process which locks it holds, and the child would believe that they are its
/// own: other processes are to be programs of their own. A child that lives on keeps the ports and,
/// where its parent is killed, the lock of the station.
#[derive(Debug)]
pub struct Host {
    process: u32,
    inside: Arc<Inside>,
}

/// The process that has opened a station first, of those that share this memory by forks; 0: none.
static OPENER: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
struct Inside {
    folder: Folder,
    state: Mutex<State>,
    /// One starts or stops at a time.
    turn: Mutex<()>,
    bell: Arc<Bell>,
    messages: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
struct State {
    config: Arc<Config>,
    journal: Journal,
    running: Option<Running>,
}

impl Host {
    /// Opens the station in this folder, without running it: its configuration is read, its journal
    /// opened, and what folders of it are missing are made.
    ///
    /// # Errors
    /// [`HostError::Config`]: there is no `oftp.toml`, or it has faults; the folder or the journal
    /// cannot be used; [`HostError::Forked`]: a process that this one was forked from has opened a
    /// station.
    pub fn open(folder: &Path) -> Result<Self, HostError> {
        let process = std::process::id();
        // Before any lock of SQLite's is touched, which nobody may ever give back here.
        let opener = OPENER.compare_exchange(0, process, Ordering::Relaxed, Ordering::Relaxed);
        if opener.is_err_and(|opener| opener != process) {
            return Err(HostError::Forked);
        }
        // What is relative stays where it is now, wherever the program goes.
        let path = std::path::absolute(folder).map_err(|error| HostError::io(folder, error))?;
        let folder = Folder::new(&path);
        let config = Config::load(&folder)?;
        let names = config.partners.iter().map(|partner| partner.name.as_str());
        folder
            .make(names)
            .map_err(|error| HostError::io(&path, error))?;
        let journal = Journal::open(&folder.journal())?;
        Ok(Self {
            process,
            inside: Arc::new(Inside {
                folder,
                state: Mutex::new(State {
                    config: Arc::new(config),
                    journal,
                    running: None,
                }),
                turn: Mutex::default(),
                bell: Arc::default(),
                messages: Arc::default(),
            }),
        })
    }

    /// Where everything of the station lies.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.inside.folder
    }

    /// What the station is told at this moment.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn config(&self) -> Result<Arc<Config>, HostError> {
        let state = self.inside()?.state();
        Ok(match state.running.as_ref() {
            Some(running) => running.shared().config(),
            None => state.config.clone(),
        })
    }

    /// Whether this host runs the station, up to the very end of a stop.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn is_running(&self) -> Result<bool, HostError> {
        Ok(self.inside()?.is_running())
    }

    /// Whether any process runs the station, this one included.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn is_run(&self) -> Result<bool, HostError> {
        Ok(self.inside()?.is_run())
    }

    /// The addresses that the station listens on, in the order of `oftp.toml`, with the ports that
    /// the system chose where that says 0; none while this host does not run it.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, HostError> {
        let state = self.inside()?.state();
        let running = state.running.as_ref().filter(|running| !running.is_over());
        Ok(running.map_or_else(Vec::new, |running| running.addresses().to_vec()))
    }

    /// Takes the warnings and errors of the station since the last call that are about no line of
    /// the history, the last [thousand](crate::exchange::MOST_KEPT) at most. None where `oftp.toml`
    /// names a file for the log: there they are.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn messages(&self) -> Result<Vec<String>, HostError> {
        let mut messages = locked(&self.inside()?.messages);
        Ok(std::mem::take(&mut *messages))
    }

    /// What is inside, for the process that opened it alone: in the child of a fork locks may be
    /// held by threads that do not exist.
    fn inside(&self) -> Result<&Inside, HostError> {
        if std::process::id() == self.process {
            Ok(&self.inside)
        } else {
            Err(HostError::Forked)
        }
    }
}

impl Inside {
    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn journal(&self) -> Journal {
        self.state().journal.clone()
    }

    fn is_running(&self) -> bool {
        let state = self.state();
        let running = state.running.as_ref();
        running.is_some_and(|running| !running.is_over())
    }

    /// Whether any process runs the station.
    fn is_run(&self) -> bool {
        self.is_running() || self.folder.running().is_some()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.inside().is_ok() {
            // What was not well is in the journal, as far as that can be written.
            let _ = self.stop(GRACE);
        } else {
            // Nothing of it may end here: not the threads, which are the parent's, nor the journal.
            std::mem::forget(Arc::clone(&self.inside));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
