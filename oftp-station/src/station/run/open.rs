//! The beginning: the folder, the lock, the journal, and what an earlier process left.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::super::config::{Config, ConfigErrors};
use super::super::folder::{Lock, LockError};
use super::super::intake::outbox::recover_taking;
use super::super::journal::{Journal, JournalError, fact};
use super::super::{Folder, Shared};
use super::{CLEAN, Handle};
use crate::inbox::{Inbox, InboxError, InboxOptions};
use crate::records::RecordLayout;

/// A journal of more octets is looked through beside the work: that takes minutes where it is
/// years old, and SQLite mends what a crash leaves. Only a broken disk is found by it.
const AT_ONCE: u64 = 16 << 20;

/// A station that this process alone may run.
#[derive(Debug)]
pub struct Station {
    pub(super) shared: Shared,
    handle: Handle,
    troubles: Vec<String>,
    /// The journal is as it should be, as far as is known: false until it was looked through after
    /// an end that was none in good order.
    pub(super) sound: Arc<AtomicBool>,
    /// Held until all else is gone.
    _lock: Lock,
}

impl Station {
    /// Takes the lock of a station, reads what it is told, and brings its spool and its journal to
    /// where an earlier process left them. Waits for the disk; after an end that was none in good
    /// order all of the journal is read, now where it is small, else while the station runs.
    ///
    /// # Errors
    /// [`StationError`].
    pub fn open(folder: &Folder) -> Result<Self, StationError> {
        let lock = folder.lock()?;
        let config = Config::load(folder)?;
        Self::with_config(lock, config)
    }

    /// The same with a configuration that was read already.
    ///
    /// # Errors
    /// [`StationError`].
    pub fn with_config(lock: Lock, config: Config) -> Result<Self, StationError> {
        let folder = config.folder.clone();
        let names = config.partners.iter().map(|partner| partner.name.as_str());
        folder.make(names).map_err(StationError::Folder)?;
        let journal = Journal::open(&folder.journal())?;
        let mut sound =
            journal.read(|connection| fact::get(connection, CLEAN))? != Some("0".to_owned());
        if !sound && journal.size().map_err(StationError::Folder)? <= AT_ONCE {
            journal.check()?;
            sound = true;
        }
        let recovered = recover_taking(&journal, &folder)?;
        let options = InboxOptions {
            layout: RecordLayout::Length32,
            longest_file: config.limits.file_size,
            ..InboxOptions::default()
        };
        let staging = Inbox::open(&folder.spool_in(), options)?;
        Ok(Self {
            shared: Shared::new(config, journal, staging),
            handle: Handle::default(),
            troubles: recovered.troubles,
            sound: Arc::new(AtomicBool::new(sound)),
            _lock: lock,
        })
    }

    /// What its parts share: the journal, the configuration.
    #[must_use]
    pub const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Its control.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What could not be brought in order, and is tried again later.
    #[must_use]
    pub fn troubles(&self) -> &[String] {
        &self.troubles
    }
}

/// A station cannot begin its work, or not end it well.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// Another process runs it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Its configuration is wrong.
    #[error("{0}")]
    Config(#[from] ConfigErrors),
    /// A folder is missing and cannot be made.
    #[error("the folder of the station: {0}")]
    Folder(io::Error),
    /// Its journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Its spool cannot be used.
    #[error(transparent)]
    Spool(#[from] InboxError),
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address}: {error}; choose another port in oftp.toml, or end what uses it"
    )]
    Port {
        /// The address.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// A port is to have TLS, and there is no key for it.
    #[error("port {0} has TLS, and there is no own key for it; `oftp check` says more")]
    NoTls(SocketAddr),
    /// A part of this program failed: a fault of its own.
    #[error("a part of the station failed, which is a fault of this program: {0}")]
    Part(String),
    /// The metrics cannot be served.
    #[error(transparent)]
    Metrics(io::Error),
}
