//! The envelopes of secured files (RFC 5024 chapter 6), kept until their end responses have come.
//!
//! A file that is signed or encrypted anew has other octets than before. A transfer that was cut
//! can go on only with the envelope it began with, and a signed end response names the hash of
//! just that one.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::Transfer;
use crate::identity::{Field, Identity};
use crate::names::stored_name;

/// The folder of the envelopes.
#[derive(Debug, Clone)]
pub struct Envelopes(PathBuf);

/// An envelope in the making.
#[derive(Debug)]
pub struct Envelope {
    new: PathBuf,
    path: PathBuf,
    file: File,
    finished: bool,
}

impl Envelopes {
    /// Opens the folder beside the notes, and makes it if need be.
    pub(super) fn open(notes: &Path) -> io::Result<Self> {
        let folder = notes.join("envelopes");
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&folder)?;
        Ok(Self(folder))
    }

    /// Where the envelope of this transfer lies, or would lie.
    #[must_use]
    pub fn path(&self, transfer: &Transfer) -> PathBuf {
        self.0.join(file_name(transfer))
    }

    /// Begins the envelope of this transfer; what an earlier try left is forgotten.
    ///
    /// # Errors
    /// The file cannot be made, or another process makes the same one now
    /// ([`WouldBlock`](io::ErrorKind::WouldBlock)).
    pub fn create(&self, transfer: &Transfer) -> io::Result<Envelope> {
        let path = self.path(transfer);
        let new = path.with_extension("new");
        let file = lock_new(&new)?;
        file.set_len(0)?;
        Ok(Envelope {
            new,
            path,
            file,
            finished: false,
        })
    }

    /// Copies the envelope of this transfer to another folder, where it is on the disk when this
    /// returns.
    ///
    /// # Errors
    /// It is not there, or the folder cannot be written.
    pub fn copy_to(&self, transfer: &Transfer, folder: &Path) -> io::Result<()> {
        let to = folder.join(file_name(transfer));
        fs::copy(self.path(transfer), &to)?;
        File::open(to)?.sync_all()
    }

    /// Removes what belongs to none of these transfers: their processes were killed.
    pub(super) fn remove_others<'a>(
        &self,
        transfers: impl Iterator<Item = &'a Transfer>,
    ) -> io::Result<()> {
        let kept: HashSet<String> = transfers.map(file_name).collect();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            let name = path.with_extension(EXTENSION);
            let name = name.file_name().map(|name| name.to_string_lossy());
            if !name.is_some_and(|name| kept.contains(&*name)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

impl Envelope {
    /// Where its octets are written to.
    pub const fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// It is whole: it gets its name, and with `sync` is on the disk when this returns.
    ///
    /// # Errors
    /// The disk fails.
    pub fn finish(mut self, sync: bool) -> io::Result<PathBuf> {
        if sync {
            self.file.sync_all()?;
        }
        fs::rename(&self.new, &self.path)?;
        self.finished = true;
        if let Some(folder) = self.path.parent().filter(|_| sync) {
            File::open(folder)?.sync_all()?;
        }
        Ok(self.path.clone())
    }
}

impl Drop for Envelope {
    /// One that came to nothing does not stay: it may hold a signed file in the clear.
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.new);
        }
    }
}

const EXTENSION: &str = "cms";

/// Opens a file that is in the making, and keeps others from it until it is closed.
fn lock_new(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    loop {
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let busy = "another process secures this file now; try again when it is done";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, busy));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // It may have been finished, and got another name, between opening and locking it.
        let ours = file.metadata()?;
        match fs::metadata(path) {
            Ok(named) if (named.dev(), named.ino()) == (ours.dev(), ours.ino()) => return Ok(file),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
}

fn file_name(transfer: &Transfer) -> String {
    let subject = &transfer.subject;
    let name = stored_name(&Identity {
        date: Field::new(transfer.stamp.date()),
        time: Field::new(transfer.stamp.time()),
        dsn: subject.dsn.clone(),
        originator: subject.originator.clone(),
        destination: subject.destination.clone(),
    });
    format!("{name}.{EXTENSION}")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{Outbox, Protected, Subject};
    use super::*;

    fn begin(outbox: &mut Outbox, dsn: &str) -> Transfer {
        let subject = Subject {
            path: "/tmp/a".into(),
            octets: 1,
            modified: std::time::SystemTime::UNIX_EPOCH,
            partner: Field::new("OB"),
            dsn: Field::new(dsn),
            originator: Field::new("OA"),
            destination: Field::new("OB"),
            format: "U".to_owned(),
        };
        let mut transfer = outbox.begin(subject, None, false).expect("begin");
        transfer.protected = Protected {
            sealed: true,
            ..Protected::default()
        };
        outbox.save(&transfer).expect("save");
        let mut envelope = outbox.envelopes().create(&transfer).expect("create");
        envelope.file().write_all(b"sealed").expect("write");
        envelope.finish(true).expect("finish");
        transfer
    }

    #[test]
    fn an_envelope_is_kept_as_long_as_its_transfer() {
        let folder = tempfile::tempdir().expect("folder");
        let mut outbox = Outbox::open(folder.path(), true).expect("open");
        let (one, two) = (begin(&mut outbox, "A"), begin(&mut outbox, "B"));
        let path = |transfer| outbox.envelopes().path(transfer);
        let (one_path, two_path) = (path(&one), path(&two));
        assert_eq!(fs::read(&one_path).expect("envelope"), b"sealed");
        outbox.finish(&one).expect("finish");
        assert!(!one_path.exists() && two_path.exists());
        drop(Outbox::open(folder.path(), true).expect("open"));
        assert!(two_path.exists());
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let folder = tempfile::tempdir().expect("folder");
        let mut outbox = Outbox::open(folder.path(), true).expect("open");
        let transfer = begin(&mut outbox, "A");
        for left in ["20260101.X.A.B.C.cms", "20260101.X.A.B.C.new"] {
            fs::write(folder.path().join("envelopes").join(left), "").expect("write");
        }
        let unfinished = outbox.envelopes().create(&transfer).expect("create");
        let outbox = Outbox::open(folder.path(), true).expect("open");
        let left = fs::read_dir(folder.path().join("envelopes")).expect("folder");
        assert_eq!(left.count(), 2, "the envelope, and the one in the making");
        assert!(outbox.envelopes().path(&transfer).exists());
        let busy = outbox.envelopes().create(&transfer).expect_err("locked");
        assert_eq!(busy.kind(), io::ErrorKind::WouldBlock);
        drop(unfinished);
        drop(outbox.envelopes().create(&transfer).expect("free again"));
    }
}
