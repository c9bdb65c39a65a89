//! Room on the disk that is held for the journal (threat model, "ENOSPC in journal"): a file beside
//! it that is given up when the disk is full, so that the states of files that are on their way can
//! still be written. It is made again when there is room. All processes of a station share it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// How large it is, in octets.
pub(super) const OCTETS: u64 = 1 << 20;

/// With fewer octets free than this a transaction may not fit any more: it is given up.
pub(super) const LOW: u64 = 512 << 10;

/// So many octets are free beside it when it is made again: it must not come and go.
pub(super) const ENOUGH: u64 = 2 << 20;

/// The reserve of a journal.
#[derive(Debug, Clone)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// That of the journal at this path, whether it is there or not.
    pub(super) fn of(journal: &Path) -> Self {
        Self {
            path: journal.with_file_name("reserve"),
        }
    }

    /// Looks at the disk: gives the reserve up where nothing else is left, and makes it again where
    /// there is room. True: it is there, and new files may be taken.
    pub(super) fn check(&self) -> bool {
        self.check_with(self.free())
    }

    /// The same, with so many octets free; `None`: the system does not say, and all is tried.
    pub(super) fn check_with(&self, free: Option<u64>) -> bool {
        let free = free.unwrap_or(u64::MAX);
        match (self.is_held(), free) {
            (true, ..LOW) => {
                self.give_up();
                false
            }
            (true, _) => true,
            (false, free) => free >= OCTETS + ENOUGH && self.make().is_ok(),
        }
    }

    /// Gives it up; true: it was there.
    pub(super) fn give_up(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }

    /// Octets that this user may still write; `None`: the system does not say.
    fn free(&self) -> Option<u64> {
        let folder = self.path.parent().filter(|f| !f.as_os_str().is_empty());
        let disk = statvfs(folder.unwrap_or_else(|| Path::new("."))).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn is_held(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.len() == OCTETS)
    }

    fn make(&self) -> io::Result<()> {
        let made = self.try_make();
        if made.is_err() {
            // Half of one would be taken from the journal for nothing.
            self.give_up();
        }
        made
    }

    fn try_make(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&self.path)?;
        match fallocate(&file, FallocateFlags::empty(), 0, OCTETS) {
            Ok(()) => {}
            // Not every file system can.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                let block = vec![0; 64 << 10];
                for _ in 0..OCTETS / block.len() as u64 {
                    file.write_all(&block)?;
                }
                file.write_all_at(&[0], 0)?;
            }
            Err(error) => return Err(error.into()),
        }
        // Only what is on the disk takes room there.
        file.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve() -> (tempfile::TempDir, Reserve) {
        let folder = tempfile::tempdir().expect("folder");
        let reserve = Reserve::of(&folder.path().join("journal.db"));
        (folder, reserve)
    }

    #[test]
    fn it_takes_room_while_there_is_some_and_gives_it_up_when_there_is_none() {
        use std::os::unix::fs::MetadataExt;
        let (folder, reserve) = reserve();
        let path = folder.path().join("reserve");
        assert!(reserve.check_with(Some(u64::MAX)));
        let held = fs::metadata(&path).expect("it is there");
        assert!(held.blocks() * 512 >= OCTETS, "a hole holds no room");
        assert!(reserve.check_with(Some(LOW)), "enough for a transaction");
        assert!(!reserve.check_with(Some(LOW - 1)));
        assert!(!path.exists());
        assert!(!reserve.check_with(Some(OCTETS + ENOUGH - 1)), "too early");
        assert!(!path.exists(), "it must not come and go");
        assert!(reserve.check_with(Some(OCTETS + ENOUGH)));
        assert!(path.exists());
    }

    #[test]
    fn one_that_is_not_whole_is_made_again() {
        let (folder, reserve) = reserve();
        fs::write(folder.path().join("reserve"), b"torn").expect("a file");
        assert!(reserve.check_with(None));
        let held = fs::metadata(folder.path().join("reserve")).expect("it is there");
        assert_eq!(held.len(), OCTETS);
    }

    #[test]
    fn what_cannot_be_made_leaves_no_room_for_new_files() {
        let (folder, reserve) = reserve();
        drop(folder);
        assert!(!reserve.check_with(Some(u64::MAX)));
    }
}
