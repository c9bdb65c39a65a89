//! The folder of a station, and the lock that keeps a second process out of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

/// How often the lock is tried, and how long after each try.
const TRIES: u32 = 10;
const MOMENT: Duration = Duration::from_millis(5);

/// The folder of a station.
///
/// ```text
/// oftp.toml             what the station is told
/// journal.db            what it knows
/// reserve               room on the disk for the journal when there is none left
/// keys/                 keys and certificates
/// inbox/PARTNER/        files that came
/// outbox/PARTNER/       files put here are sent
/// sent/PARTNER/         files that have reached their destination
/// spool/in, spool/out   files on their way
/// refused/              envelopes that could not be opened
/// evidence/             proofs of delivery
/// lock                  held by the process that runs the station
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, whether it is there or not.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What the station is told.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.0.join("oftp.toml")
    }

    /// What it knows.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.db")
    }

    /// Keys and certificates.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// Files that came from a partner.
    #[must_use]
    pub fn inbox(&self, partner: &str) -> PathBuf {
        self.0.join("inbox").join(partner)
    }

    /// Files for a partner, put there by people and programs.
    #[must_use]
    pub fn outbox(&self, partner: &str) -> PathBuf {
        self.0.join("outbox").join(partner)
    }

    /// Files that have reached their destination.
    #[must_use]
    pub fn sent(&self, partner: &str) -> PathBuf {
        self.0.join("sent").join(partner)
    }

    /// Files that are being received.
    #[must_use]
    pub fn spool_in(&self) -> PathBuf {
        self.0.join("spool").join("in")
    }

    /// Files that are to be sent, until their end response has come.
    #[must_use]
    pub fn spool_out(&self) -> PathBuf {
        self.0.join("spool").join("out")
    }

    /// Envelopes that could not be opened, for a person to look at.
    #[must_use]
    pub fn refused(&self) -> PathBuf {
        self.0.join("refused")
    }

    /// Proofs of delivery.
    #[must_use]
    pub fn evidence(&self) -> PathBuf {
        self.0.join("evidence")
    }

    /// Makes the folders that are missing, for these partners; only this user may enter them.
    ///
    /// # Errors
    /// One cannot be made, or files could not be delivered there: see
    /// [`elsewhere`](Self::elsewhere).
    pub fn make<'a>(&self, partners: impl Iterator<Item = &'a str> + Clone) -> io::Result<()> {
        let mut folders = vec![
            self.0.clone(),
            self.keys(),
            self.spool_in(),
            self.spool_out(),
            self.refused(),
            self.evidence(),
        ];
        for partner in partners.clone() {
            folders.extend([
                self.inbox(partner),
                self.outbox(partner),
                self.sent(partner),
            ]);
        }
        for folder in folders {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
                })?;
        }
        self.elsewhere(partners).map_or(Ok(()), |why| {
            Err(io::Error::new(io::ErrorKind::CrossesDevices, why))
        })
    }

    /// What is wrong where one of the folders for what comes lies on another file system than the
    /// spool: the last step of a delivery is one rename, so that a crash neither loses nor doubles a
    /// file, and no rename goes from one file system to another. Folders that are not there yet are
    /// not looked at.
    #[must_use]
    pub fn elsewhere<'a>(&self, partners: impl Iterator<Item = &'a str>) -> Option<String> {
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
        let spool = device(&self.spool_in())?;
        let mut inboxes = partners.map(|partner| self.inbox(partner));
        let other = std::iter::once(self.refused())
            .chain(&mut inboxes)
            .find(|path| device(path).is_some_and(|device| device != spool))?;
        Some(format!(
            "{} lies on another file system than {}, and files cannot be moved there in one step; \
             put spool/in, refused and all of inbox on one file system: a symbolic link in the \
             place of such a folder will do",
            other.display(),
            self.spool_in().display()
        ))
    }

    /// Takes the lock, until the value is dropped or the process ends, however that is.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn lock(&self) -> Result<Lock, LockError> {
        let path = self.0.join("lock");
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            options.mode(0o600).open(&path)
        };
        let io = |error| LockError::Io {
            path: path.clone(),
            error,
        };
        let mut file = open().map_err(io)?;
        let mut tries = 0;
        let locked = loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // Who asks whether the station runs holds the lock for a moment.
                Err(rustix::io::Errno::WOULDBLOCK) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(MOMENT);
                }
                locked => break locked,
            }
        };
        match locked {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(LockError::Held {
                    folder: self.0.clone(),
                    process: process_in(&mut file),
                });
            }
            Err(error) => return Err(io(error.into())),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(io)?;
        Ok(Lock(Arc::new(Held(file))))
    }

    /// The process that runs the station, as far as its lock tells; `None`: it does not run.
    #[must_use]
    pub fn running(&self) -> Option<u32> {
        let mut file = File::open(self.0.join("lock")).ok()?;
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => None,
            Err(_) => Some(process_in(&mut file).unwrap_or(0)),
        }
    }

    /// Whether there is a station here.
    #[must_use]
    pub fn is_station(&self) -> bool {
        fs::metadata(self.config()).is_ok()
    }
}

fn process_in(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// The lock of a station, held until the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Lock(#[expect(dead_code, reason = "what it is for is its end")] Arc<Held>);

#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    /// The child of a fork may have the file, too, and it would stay locked until that has ended.
    fn drop(&mut self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// The lock of a station cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process runs the station.
    #[error(
        "the station in {} runs already{}; one process runs a station, and `oftp queue`, `oftp \
         send` and the others work beside it",
        folder.display(), process.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    Held {
        /// Its folder.
        folder: PathBuf,
        /// Which process.
        process: Option<u32>,
    },
    /// The file cannot be used.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}
