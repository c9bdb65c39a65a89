//! What the parts of a running station share.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::Folder;
use super::config::Config;
use super::hooks::Hooks;
use super::journal::Journal;
use super::journal::file::FileKey;
use super::journal::response::ResponseKey;
use crate::inbox::Inbox;

/// So many sessions may wait for what hooks say of their files. Each keeps a thread, of which there
/// are a few hundred for all that sessions want of the disk.
const DELIVERING: usize = 64;

/// What the parts of a running station share. Clones share it.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    folder: Folder,
    config: RwLock<Arc<Config>>,
    journal: Journal,
    staging: Inbox,
    claims: Mutex<Claims>,
    sessions: Mutex<HashMap<String, Sessions>>,
    wake: Notify,
    delivering: Arc<Semaphore>,
    hooks: Mutex<Option<Hooks>>,
}

/// What a session of this process has in its hands: nobody else may touch it.
#[derive(Debug, Default)]
struct Claims {
    files: HashSet<FileKey>,
    responses: HashSet<ResponseKey>,
}

/// The sessions with one partner that run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sessions {
    /// That we called for.
    pub outgoing: usize,
    /// That the partner called for.
    pub incoming: usize,
}

impl Shared {
    /// These parts. `staging` is the inbox in [`Folder::spool_in`], where what comes is put first.
    #[must_use]
    pub fn new(config: Config, journal: Journal, staging: Inbox) -> Self {
        Self(Arc::new(Parts {
            folder: config.folder.clone(),
            config: RwLock::new(Arc::new(config)),
            journal,
            staging,
            claims: Mutex::default(),
            sessions: Mutex::default(),
            wake: Notify::new(),
            delivering: Arc::new(Semaphore::new(DELIVERING)),
            hooks: Mutex::default(),
        }))
    }

    /// Where everything lies.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.0.folder
    }

    /// What the station is told at this moment. Who begins something keeps what it began with.
    #[must_use]
    pub fn config(&self) -> Arc<Config> {
        self.0
            .config
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts another configuration in the place of the present one.
    pub fn replace_config(&self, config: Config) {
        *self
            .0
            .config
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.wake();
    }

    /// What the station knows.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Where what comes is put first.
    #[must_use]
    pub fn staging(&self) -> &Inbox {
        &self.0.staging
    }

    /// The hooks of the station, while it runs.
    #[must_use]
    pub fn hooks(&self) -> Option<Hooks> {
        let hooks = self.0.hooks.lock();
        hooks.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The station runs with these hooks, or ends (`None`): they hold all that is shared, which
    /// would else never be dropped.
    pub fn set_hooks(&self, hooks: Option<Hooks>) {
        *self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner) = hooks;
    }

    /// Lets a session deliver a file that hooks are asked about, as long as it keeps this; `None`:
    /// enough do, and the file is left to the courier.
    #[must_use]
    pub fn may_deliver(&self) -> Option<OwnedSemaphorePermit> {
        self.0.delivering.clone().try_acquire_owned().ok()
    }

    /// There may be something to do for the caller.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Until [`wake`](Self::wake) is called; at once where it was since the last time.
    pub async fn woken(&self) {
        self.0.wake.notified().await;
    }

    fn claims(&self) -> std::sync::MutexGuard<'_, Claims> {
        self.0.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a file into the hands of a session; false: another one has it.
    #[must_use]
    pub fn claim_file(&self, key: FileKey) -> bool {
        self.claims().files.insert(key)
    }

    /// Gives it back.
    pub fn release_file(&self, key: FileKey) {
        self.claims().files.remove(&key);
        self.wake();
    }

    /// Whether a session has this file in its hands.
    #[must_use]
    pub fn is_claimed(&self, key: FileKey) -> bool {
        self.claims().files.contains(&key)
    }

    /// Takes a response into the hands of a session; false: another one has it.
    #[must_use]
    pub fn claim_response(&self, key: ResponseKey) -> bool {
        self.claims().responses.insert(key)
    }

    /// Gives it back.
    pub fn release_response(&self, key: ResponseKey) {
        self.claims().responses.remove(&key);
        self.wake();
    }

    /// The sessions with a partner that run.
    #[must_use]
    pub fn sessions(&self, partner: &str) -> Sessions {
        self.counts().get(partner).copied().unwrap_or_default()
    }

    /// The sessions that run, by partner.
    #[must_use]
    pub fn all_sessions(&self) -> HashMap<String, Sessions> {
        self.counts().clone()
    }

    /// Counts one more or one less session.
    pub fn count_session(&self, partner: &str, change: impl FnOnce(&mut Sessions)) {
        let mut counts = self.counts();
        let sessions = counts.entry(partner.to_owned()).or_default();
        change(sessions);
        if *sessions == Sessions::default() {
            counts.remove(partner);
        }
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, HashMap<String, Sessions>> {
        self.0
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
