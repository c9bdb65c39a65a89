//! Names in `spool/out`, and durable files there.
//!
//! ```text
//! forward-N-M    a file that is passed on, as it came
//! NAME           a file as it is sent (V: each record after its length, 4 octets)
//! NAME.p7m       its envelope
//! NAME.taken     moved here out of an outbox; NAME is made of it
//! NAME.copied    the same, while the original may still be in its outbox
//! *.new          being written
//! ```

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What is being written.
pub(crate) const NEW: &str = "new";
/// Moved here out of an outbox.
pub(crate) const TAKEN: &str = "taken";
/// Copied here out of an outbox.
pub(crate) const COPIED: &str = "copied";
/// An envelope.
pub(crate) const ENVELOPE: &str = "p7m";

/// Digits of a name.
const DIGITS: usize = 32;

/// A name that no other file has: 128 bits, half of them from the system's generator.
pub(crate) fn fresh_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [high, low] = [0_u8, 1].map(|half| {
        // Its keys are random for each process and differ for each call.
        RandomState::new().hash_one((half, count, std::process::id()))
    });
    format!("{high:016x}{low:016x}")
}

/// The name that an entry of the spool belongs to; `None`: it is none of ours.
pub(crate) fn name_of(entry: &str) -> Option<&str> {
    let (name, _) = entry.split_once('.').unwrap_or((entry, ""));
    let is_fresh = name.len() == DIGITS && name.bytes().all(|octet| octet.is_ascii_hexdigit());
    (is_fresh || is_forwarded(name)).then_some(name)
}

/// Whether this is the name of a file that is passed on: it is there before its row is, and is
/// used again by who comes after a crash.
pub(crate) fn is_forwarded(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let numbers = name
        .strip_prefix("forward-")
        .and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(file, copy)| digits(file) && digits(copy))
}

/// The entry of a name with this ending.
pub(crate) fn entry(folder: &Path, name: &str, ending: &str) -> PathBuf {
    folder.join(format!("{name}.{ending}"))
}

/// A file of the spool in the making. Unless it is finished it does not stay.
#[derive(Debug)]
pub(crate) struct Draft {
    name: String,
    new: PathBuf,
    path: PathBuf,
    file: File,
    finished: bool,
}

impl Draft {
    /// Begins the file `name`; what an earlier try left is forgotten.
    pub(crate) fn create(folder: &Path, name: &str) -> io::Result<Self> {
        let new = entry(folder, name, NEW);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        Ok(Self {
            file: options.open(&new)?,
            path: folder.join(name),
            name: name.to_owned(),
            new,
            finished: false,
        })
    }

    /// Its name when it is finished.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies until then.
    pub(crate) fn making(&self) -> &Path {
        &self.new
    }

    /// Where its octets are written to.
    pub(crate) const fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// It is whole: it is on the disk under its name when this returns.
    pub(crate) fn finish(self) -> io::Result<PathBuf> {
        let path = self.path.clone();
        self.finish_as(&path)?;
        Ok(path)
    }

    /// The same under another name of the folder.
    pub(crate) fn finish_as(mut self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.new, path)?;
        self.finished = true;
        path.parent().map_or(Ok(()), sync_folder)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.new);
        }
    }
}

/// Makes the names in a folder survive a power failure.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes a file, which may be gone already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file another name, and takes no other's place: true. False: there is no such file.
///
/// # Errors
/// [`AlreadyExists`](io::ErrorKind::AlreadyExists), [`CrossesDevices`](io::ErrorKind::CrossesDevices),
/// or the disk.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        // Some file systems cannot: look first comes close.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            if fs::symlink_metadata(to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            match fs::rename(from, to) {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error.into()),
    }
}
