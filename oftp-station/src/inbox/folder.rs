//! A folder held by its handle: every operation names one entry in it, never a path, and follows
//! no link that someone planted there.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{self, AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::RDONLY)
    .union(OFlags::CLOEXEC);

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens the sub-folder `name` that only this user may enter, and makes it if need be.
    pub(super) fn private(&self, name: &str) -> io::Result<Self> {
        match fs::mkdirat(&self.0, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let handle = fs::openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
        let stat = fs::fstat(&handle)?;
        let others = Mode::RWXG | Mode::RWXO;
        if stat.st_uid != rustix::process::geteuid().as_raw()
            || Mode::from_raw_mode(stat.st_mode).intersects(others)
        {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it must belong to this user, and only to this user (chmod 700)",
            ));
        }
        Ok(Self(handle))
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens `name` to read and write, makes it if need be, and keeps everyone else from doing
    /// the same until the file is closed. `None` if someone else does.
    pub(super) fn lock(&self, name: &str) -> io::Result<Option<File>> {
        self.lock_with(name, OFlags::CREATE)
    }

    /// The same for a file that is there; `None` too if it is not.
    pub(super) fn lock_existing(&self, name: &str) -> io::Result<Option<File>> {
        self.lock_with(name, OFlags::empty())
    }

    fn lock_with(&self, name: &str, more: OFlags) -> io::Result<Option<File>> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
        loop {
            let file = match fs::openat(&self.0, name, flags, Mode::from_raw_mode(0o666)) {
                Err(Errno::NOENT) if !more.contains(OFlags::CREATE) => return Ok(None),
                file => file?,
            };
            match fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            // The file may have been moved away between opening and locking it.
            let ours = fs::fstat(&file)?;
            match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(named) if (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino) => {
                    return Ok(Some(file.into()));
                }
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fs::openat(&self.0, name, flags, Mode::empty())?.into())
    }

    pub(super) fn create_file(&self, name: &str) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fs::openat(&self.0, name, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Removes an entry; one that is not there is as good as removed.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Moves an entry over one that may be there, within this folder.
    pub(super) fn replace(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Moves an entry to another folder of the file system, over one that may be there.
    pub(super) fn replace_in(&self, name: &str, into: &Self) -> io::Result<()> {
        Ok(fs::renameat(&self.0, name, &into.0, name)?)
    }

    /// Moves an entry to another folder of the file system; fails with `AlreadyExists` rather
    /// than take the place of another.
    pub(crate) fn publish(&self, from: &str, into: &Self, to: &str) -> io::Result<()> {
        match rename_noreplace(&self.0, from, &into.0, to) {
            // Some file systems cannot: a second name, then removing the first, comes close.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                fs::linkat(&self.0, from, &into.0, to, AtFlags::empty())?;
                self.remove(from)
            }
            result => Ok(result?),
        }
    }

    /// The names of all entries.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&self.0)? {
            // Names of ours are ASCII.
            if let Ok(name) = entry?.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Makes new names in this folder survive a power failure.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(fs::fsync(&self.0)?)
    }

    /// Octets that this user can still write here.
    pub(super) fn free_octets(&self) -> io::Result<u64> {
        let stat = fs::fstatvfs(&self.0)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_noreplace(from: &OwnedFd, name: &str, into: &OwnedFd, to: &str) -> Result<(), Errno> {
    fs::renameat_with(from, name, into, to, fs::RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_noreplace(_: &OwnedFd, _: &str, _: &OwnedFd, _: &str) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}
