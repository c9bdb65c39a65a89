//! One file to which every process of a user appends what it wants to be remembered.
//!
//! A line is an entry as JSON. Appending one is a single write under a lock, which is what makes
//! small files cheap; entries that do not count any more are dropped when the file is opened.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The file, and how much of it has been read.
#[derive(Debug)]
pub(super) struct NotesLog {
    path: PathBuf,
    file: File,
    read: u64,
    sync: bool,
}

/// What has been read under the lock.
#[derive(Debug)]
pub(super) struct News<E> {
    /// The file was written anew by another process: these are all entries there are.
    pub(super) all: bool,
    /// Entries that had not been read before, in order.
    pub(super) entries: Vec<E>,
}

impl NotesLog {
    /// Opens the file, and makes it if need be. `sync`: what is appended is forced to the disk.
    pub(super) fn open(path: &Path, sync: bool) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: open(path)?,
            read: 0,
            sync,
        })
    }

    /// Takes the file for this process, reads what others have appended, and lets `work` append.
    pub(super) fn locked<E: DeserializeOwned, T>(
        &mut self,
        work: impl FnOnce(&mut Self, News<E>) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut all = self.read == 0;
        let octets = loop {
            self.file.lock()?;
            if let Some(octets) = self.current_octets()? {
                break octets;
            }
            // Another process has put a shorter file in its place.
            self.file = open(&self.path)?;
            self.read = 0;
            all = true;
        };
        let done = self
            .news(octets)
            .and_then(|entries| work(self, News { all, entries }));
        self.file.unlock()?;
        done
    }

    /// Appends an entry; on the disk when this returns, where that is asked for.
    pub(super) fn append<E: Serialize>(&mut self, entry: &E) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.read += line.len() as u64;
        if self.sync {
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Puts a file with only these entries in the place of the file.
    pub(super) fn replace<E: Serialize>(
        &mut self,
        entries: impl Iterator<Item = E>,
    ) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let mut octets = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut octets, &entry)?;
            octets.push(b'\n');
        }
        // What a crash may have left behind is not appended to.
        let _ = fs::remove_file(&new);
        let mut file = open(&new)?;
        file.lock()?;
        file.write_all(&octets)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.file = file;
        self.read = octets.len() as u64;
        Ok(())
    }

    /// The size of the file, where it still has its name.
    fn current_octets(&self) -> io::Result<Option<u64>> {
        let file = self.file.metadata()?;
        Ok((file.nlink() > 0).then_some(file.len()))
    }

    fn news<E: DeserializeOwned>(&mut self, octets: u64) -> io::Result<Vec<E>> {
        if octets == self.read {
            return Ok(Vec::new());
        }
        self.file.seek(SeekFrom::Start(self.read))?;
        let mut octets = Vec::new();
        self.file.read_to_end(&mut octets)?;
        // A write that a crash cut short was not acknowledged: a line end closes it.
        if octets.last().is_some_and(|&last| last != b'\n') {
            self.file.write_all(b"\n")?;
            octets.push(b'\n');
        }
        self.read += octets.len() as u64;
        let mut entries = Vec::new();
        for line in octets.split(|&octet| octet == b'\n') {
            match serde_json::from_slice(line) {
                Ok(entry) => entries.push(entry),
                Err(error) if error.is_eof() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(entries)
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).append(true).create(true).mode(0o600);
    options.open(path)
}
