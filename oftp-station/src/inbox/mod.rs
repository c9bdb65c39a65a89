//! Where `oftp listen` stores what it receives.
//!
//! There is no journal: a file is received when it has its published name, which is derived from
//! its identity, and not before. Until then it grows in the sub-folder `.partial`, which only
//! this user may enter, beside a note of what it is a part of. A cut transfer goes on there, but
//! only for the same partner offering the same file with the same attributes, and only from what
//! had reached the disk.
//!
//! A file in its envelope (chapter 6) is received when it lies in `.sealed`; what is in it is
//! published when it is opened and its signature holds. One that cannot be opened goes to
//! `.refused`, for a person to look at.

mod error;
mod folder;
mod sealed;
mod sidecar;
mod slot;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

pub use self::error::{InboxError, Refusal};
pub use self::sealed::SealedFile;
pub use self::sidecar::Verdict;
pub use self::slot::{Counts, Slot};

use self::error::Doing;
pub(crate) use self::folder::Folder;
use self::sidecar::Sidecar;
use crate::identity::{Field, Identity};
use crate::names::stored_name;
use crate::records::{Format, RecordLayout};

/// How an [`Inbox`] stores files.
#[derive(Clone, Copy, Debug)]
pub struct InboxOptions {
    /// The layout of V files.
    pub layout: RecordLayout,
    /// The largest file taken, in octets; `None` for no limit but the disk.
    pub longest_file: Option<u64>,
    /// Whether files are forced to the disk before they count as received. Off is for benchmarks:
    /// a power failure may then lose files that the other side believes delivered.
    pub sync: bool,
    /// After how many octets the partial file is made safe for a restart; nonzero.
    pub checkpoint_octets: u64,
}

impl Default for InboxOptions {
    fn default() -> Self {
        Self {
            layout: RecordLayout::default(),
            longest_file: None,
            sync: true,
            checkpoint_octets: 16 << 20,
        }
    }
}

/// A file as its sender describes it in SFID (RFC 5024 section 5.3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What makes it unique.
    pub identity: Identity,
    /// SSIDCODE of the authenticated partner of the session.
    pub partner: Field,
    /// SFIDFMT and SFIDLRECL; [`Format::Unstructured`] for every secured file.
    pub format: Format,
    /// SFIDFSIZ in blocks of 1,024 octets: an estimate.
    pub blocks: u64,
    /// All other attributes by the names of RFC 5024 (`SFIDUSER`, `SFIDSEC` ...) but SFIDREST.
    /// A transfer goes on only where they are the same.
    pub attributes: BTreeMap<String, Field>,
}

/// A folder for received files.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    published: Folder,
    partial: Folder,
    sealed: Folder,
    refused: Folder,
    owed: PathBuf,
    options: InboxOptions,
    /// Files that were dropped because they had grown too large, with what had come of them.
    outgrown: Mutex<BTreeMap<String, u64>>,
}

/// No more files than this are remembered for having grown too large.
const OUTGROWN: usize = 1000;

impl Inbox {
    /// Opens the folder at `path`, which must exist.
    ///
    /// # Errors
    /// The folder is missing or not writable, or its sub-folders belong to others.
    pub fn open(path: &Path, options: InboxOptions) -> Result<Self, InboxError> {
        let published =
            Folder::open(path).doing(|| format!("opening the folder {}", path.display()))?;
        let private = |name| {
            published
                .private(name)
                .doing(|| format!("opening the folder {}/{name}", path.display()))
        };
        Ok(Self(Arc::new(Shared {
            path: path.to_owned(),
            partial: private(".partial")?,
            sealed: private(".sealed")?,
            refused: private(".refused")?,
            owed: private(".owed").map(|_| path.join(".owed"))?,
            published,
            options,
            outgrown: Mutex::default(),
        })))
    }

    /// Whether storing a file waits for the disk.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        self.0.options.sync
    }

    /// A folder for the end responses to files of this inbox that are not confirmed yet.
    #[must_use]
    pub fn owed_folder(&self) -> &Path {
        &self.0.owed
    }

    /// Makes room for a file, or says why there is none. No octet of it is stored before
    /// [`Slot::start_at`].
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn offer(&self, offer: &Offer) -> Result<Slot, Refusal> {
        let slot = self.place(offer)?;
        match self.check_space(offer, &slot, 0) {
            Ok(()) => Ok(slot),
            Err(refusal) if slot.held() > 0 => Err(refusal),
            Err(refusal) => {
                slot.discard()?;
                Err(refusal)
            }
        }
    }

    /// The same, whatever room there is.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub(crate) fn place(&self, offer: &Offer) -> Result<Slot, Refusal> {
        let name = stored_name(&offer.identity);
        let doing = || format!("storing {name}");
        self.check_size(offer)?;
        if let Some(octets) = self.outgrown(|all| all.remove(&name)) {
            return Err(Refusal::Outgrown { octets });
        }
        // Without this look a duplicate would leave an empty partial file for a moment.
        if self.has(&name).doing(doing)? {
            return Err(Refusal::Duplicate { name });
        }
        let Some(file) = self.0.partial.lock(&name).doing(doing)? else {
            return Err(Refusal::InUse { name });
        };
        // Another session may have published it just before the lock was taken.
        if self.has(&name).doing(doing)? {
            self.0.partial.remove(&name).doing(doing)?;
            return Err(Refusal::Duplicate { name });
        }
        let note = Sidecar::read(&self.0.partial, &name);
        Ok(Slot::new(self.clone(), name, file, offer.clone(), note)?)
    }

    fn outgrown<T>(&self, with: impl FnOnce(&mut BTreeMap<String, u64>) -> T) -> T {
        with(
            &mut self
                .0
                .outgrown
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Whether this file has been received and is still here, opened or not.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn has_received(&self, file: &Identity) -> Result<bool, InboxError> {
        let name = stored_name(file);
        self.has(&name).doing(|| format!("looking for {name}"))
    }

    /// Whether the file has been received, opened or not.
    fn has(&self, name: &str) -> std::io::Result<bool> {
        Ok(self.0.published.has(name)? || self.0.sealed.has(name)?)
    }

    /// SFIDFSIZ is rounded up, so only what its last block begins with is certain.
    fn check_size(&self, offer: &Offer) -> Result<(), Refusal> {
        let at_least = offer.blocks.saturating_sub(1).saturating_mul(1024);
        match self.0.options.longest_file {
            Some(limit) if at_least >= limit && offer.blocks > 0 => Err(Refusal::TooBig {
                blocks: offer.blocks,
                limit,
            }),
            _ => Ok(()),
        }
    }

    /// Whether more octets than `reserve` are still free, while a file is written: what it announced
    /// was an estimate.
    ///
    /// # Errors
    /// The disk is full but for the reserve, or the folder cannot be asked.
    pub(crate) fn check_reserve(&self, reserve: u64) -> Result<(), InboxError> {
        let doing = || "asking for free space".to_owned();
        let free = self.0.partial.free_octets().doing(doing)?;
        if free < reserve {
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(full).doing(|| format!("keeping {reserve} octets of the disk free"));
        }
        Ok(())
    }

    /// Whether there is room for the rest of a file, where `reserve` octets are to stay free.
    ///
    /// # Errors
    /// [`Refusal::NoSpace`], or the folder cannot be asked.
    pub(crate) fn check_space(
        &self,
        offer: &Offer,
        slot: &Slot,
        reserve: u64,
    ) -> Result<(), Refusal> {
        let free = self
            .0
            .partial
            .free_octets()
            .doing(|| "asking for free space".to_owned())?;
        let missing = offer
            .blocks
            .saturating_mul(1024)
            .saturating_sub(slot.held_octets());
        if missing.saturating_add(reserve) > free {
            return Err(Refusal::NoSpace {
                blocks: offer.blocks,
                free,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
