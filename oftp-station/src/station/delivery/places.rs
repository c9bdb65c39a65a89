//! The places where a received file can lie, and what each says.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::driver::aside;
use crate::exchange::offer_from;
use crate::inbox::SealedFile;
use crate::station::Shared;
use crate::station::journal::file::{FileKey, FileRow};

use super::Fault;

/// What is put behind the name of a place for what becomes the next one, and for notes.
const MAKING: [&str; 3] = [".content", ".new", ".json"];

/// Where a file lies that is not delivered yet: the furthest place at which it is whole.
#[derive(Debug)]
pub(super) enum Place {
    /// As it came, held against all others.
    Raw(Box<SealedFile>),
    /// Out of its envelope.
    Content,
    /// Converted.
    Out,
    /// At none of them: it was delivered.
    Gone,
}

/// The places of one file.
#[derive(Debug)]
pub(super) struct Places {
    folder: PathBuf,
    raw: PathBuf,
    content: PathBuf,
    pub(super) out: PathBuf,
}

impl Places {
    pub(super) fn of(shared: &Shared, row: &FileRow) -> Self {
        let folder = shared.folder().spool_in();
        Self {
            raw: shared.staging().staged_path(&row.spool),
            content: folder.join(&row.spool),
            out: folder.join(format!("{}.out", row.spool)),
            folder,
        }
    }

    /// Where the file lies.
    pub(super) fn find(&self, shared: &Shared, row: &FileRow) -> Result<Place, Fault> {
        if exists(&self.out)? {
            return Ok(Place::Out);
        }
        if exists(&self.content)? {
            return Ok(Place::Content);
        }
        if !exists(&self.raw)? {
            return Ok(Place::Gone);
        }
        let offer = offer_from(&row.sfid, row.partner.as_bytes());
        match shared.staging().staged(offer)? {
            Some(sealed) => Ok(Place::Raw(Box::new(sealed))),
            None => Err(Fault::Disk(format!(
                "{} is in other hands",
                self.raw.display()
            ))),
        }
    }

    /// The path of a place.
    pub(super) fn path(&self, place: &Place) -> PathBuf {
        match place {
            Place::Raw(_) | Place::Gone => self.raw.clone(),
            Place::Content => self.content.clone(),
            Place::Out => self.out.clone(),
        }
    }

    /// The next place is whole on the disk: the ones before it are given up.
    pub(super) fn give_up_all_before(&self, place: &Place) -> Result<(), Fault> {
        let before: &[&PathBuf] = match place {
            Place::Raw(_) | Place::Gone => &[],
            Place::Content => &[&self.raw],
            Place::Out => &[&self.raw, &self.content],
        };
        let mut any = false;
        for path in before {
            any |= remove(path)?;
        }
        if any {
            sync_folder(&self.folder)?;
            if let Some(folder) = self.raw.parent() {
                sync_folder(folder)?;
            }
        }
        Ok(())
    }

    /// Removes the file from all places but this one, and what was in the making.
    pub(super) fn give_up_all_but(&self, place: &Place) -> Result<(), Fault> {
        let kept = self.path(place);
        for path in [&self.raw, &self.content, &self.out] {
            if *path != kept {
                remove(path)?;
            }
        }
        self.remove_making()
    }

    /// Removes the file from all of its places.
    pub(super) fn remove_all(&self) -> Result<(), Fault> {
        for path in [&self.raw, &self.content, &self.out] {
            remove(path)?;
        }
        self.remove_making()
    }

    /// Removes what a kill has left of the next place, and of notes.
    fn remove_making(&self) -> Result<(), Fault> {
        for place in [&self.raw, &self.out] {
            for suffix in MAKING {
                let mut path = place.clone().into_os_string();
                path.push(suffix);
                remove(Path::new(&path))?;
            }
        }
        Ok(())
    }

    /// Moves the file from this place to `folder`, under a name that no other file has.
    pub(super) fn put_aside(&self, from: &Path, folder: &Path, key: FileKey) -> Result<(), Fault> {
        let name = self.content.file_name().unwrap_or_default();
        let to = folder.join(format!("{key}.{}", name.to_string_lossy()));
        disk(from, fs::rename(from, &to))?;
        sync_folder(folder)
    }

    /// The same for the first place that is there; what was made of it on the way is not needed.
    pub(super) fn put_rest_aside(&self, folder: &Path, key: FileKey) -> Result<(), Fault> {
        for from in [&self.raw, &self.content, &self.out] {
            if exists(from)? {
                self.put_aside(from, folder, key)?;
                break;
            }
        }
        self.remove_all()
    }
}

pub(super) fn disk<T>(path: &Path, result: io::Result<T>) -> Result<T, Fault> {
    result.map_err(|error| Fault::Disk(format!("{}: {error}", path.display())))
}

pub(super) fn exists(path: &Path) -> Result<bool, Fault> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => disk(path, Err(error)),
    }
}

/// True where it was there.
pub(super) fn remove(path: &Path) -> Result<bool, Fault> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => disk(path, Err(error)),
    }
}

/// Makes new names in a folder survive a power failure.
pub(super) fn sync_folder(folder: &Path) -> Result<(), Fault> {
    disk(
        folder,
        aside(|| File::open(folder).and_then(|f| f.sync_all())),
    )
}
