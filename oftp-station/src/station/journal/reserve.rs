//! Room on the disk that is held for the journal (threat model, "ENOSPC in journal"): a file beside
//! it that is given up, slice by slice, when the disk is full, so that the states of files that are
//! on their way can still be written. It is made whole again when there is room. All processes of a
//! station share it.
//!
//! In slices, because whoever else fills the disk takes what is given up: a transaction that is
//! about to begin is the first to have it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// How large it is, in octets.
const OCTETS: u64 = 1 << 20;

/// What is given up at a time, in octets.
const SLICE: u64 = OCTETS / 4;

/// With fewer octets free a small transaction may not fit.
const LOW: u64 = SLICE / 2;

/// So many octets are free beside it when it is made again: it must not come and go.
const ENOUGH: u64 = 2 << 20;

/// After a transaction did not fit it is not made again for so long: a quota may be the reason, of
/// which the free room of the disk tells nothing.
const PAUSE: Duration = Duration::from_secs(10);

/// The reserve of a journal. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Reserve {
    path: PathBuf,
    not_before: Arc<Mutex<Option<Instant>>>,
}

impl Reserve {
    /// That of the journal at this path, whether it is there or not.
    pub(super) fn of(journal: &Path) -> Self {
        Self {
            path: journal.with_file_name("reserve"),
            not_before: Arc::default(),
        }
    }

    /// Whether new files may be taken: it is whole, or was made so now, and there is room beside
    /// it. Gives nothing up.
    pub(super) fn is_whole(&self) -> bool {
        self.whole_with(self.free())
    }

    /// Before a transaction: gives a slice up where it would not fit otherwise. True: it is whole.
    pub(super) fn make_way(&self) -> bool {
        self.make_way_with(self.free())
    }

    /// A transaction did not fit: gives a slice up for the next one.
    pub(super) fn did_not_fit(&self) {
        self.give_slice();
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *not_before = Instant::now().checked_add(PAUSE);
    }

    fn make_way_with(&self, free: u64) -> bool {
        if free < LOW {
            self.give_slice();
            return false;
        }
        self.whole_with(free)
    }

    fn whole_with(&self, free: u64) -> bool {
        let held = self.held();
        if held == OCTETS {
            return free >= LOW;
        }
        let not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        not_before.is_none_or(|time| time <= Instant::now())
            && free.saturating_sub(OCTETS.saturating_sub(held)) >= ENOUGH
            && self.make().is_ok()
    }

    /// Octets that this user may still write; where the system does not say all is tried.
    fn free(&self) -> u64 {
        let folder = self.path.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        statvfs(folder.unwrap_or_else(|| Path::new(".")))
            .map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn held(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    fn give_slice(&self) {
        let held = self.held();
        let shrink = || {
            let file = OpenOptions::new().write(true).open(&self.path)?;
            file.set_len(held.saturating_sub(SLICE))
        };
        if held > 0 {
            // There is nothing better to do where it cannot be: the transaction is tried.
            let _ = shrink();
        }
    }

    fn make(&self) -> io::Result<()> {
        let made = self.try_make();
        if made.is_err() {
            // Half of one takes room from the journal, and promises nothing.
            let _ = fs::remove_file(&self.path);
        }
        made
    }

    fn try_make(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, OCTETS) {
            Ok(()) => file.set_len(OCTETS)?,
            // Not every file system can.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => fill(&file)?,
            Err(error) => return Err(error.into()),
        }
        // Only what is on the disk takes room there.
        file.sync_all()
    }
}

fn fill(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    let block = vec![0; 64 << 10];
    for _ in 0..OCTETS / block.len() as u64 {
        file.write_all(&block)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
