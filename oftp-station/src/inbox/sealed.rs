//! Files that have come in their envelopes (RFC 5024 chapter 6): received, and not yet opened.
//!
//! Opening takes time, so that it happens when EFPA has been sent (6.3). Until then file and note
//! lie in `.sealed`: a station that is killed opens them when it begins again.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::{Doing, InboxError};
use super::sidecar::{self, Sidecar, Verdict};
use super::{Inbox, Offer, Slot};
use crate::names::stored_name;
use crate::records::Format;

/// A file that has been received and not yet opened, held against all other sessions.
#[derive(Debug)]
pub struct SealedFile {
    inbox: Inbox,
    name: String,
    /// Locked until it is dropped.
    file: File,
    note: Sidecar,
    kept: Kept,
}

/// Who remembers what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It lies in `.sealed`, with a note beside it.
    Noted,
    /// It lies in `.partial`, and the journal of a station knows what it is.
    Journaled,
}

impl SealedFile {
    pub(super) const fn new(inbox: Inbox, name: String, file: File, note: Sidecar) -> Self {
        Self {
            inbox,
            name,
            file,
            note,
            kept: Kept::Noted,
        }
    }

    /// One that lies in `.partial`, of which a journal keeps what a note would.
    pub(super) fn staged(inbox: Inbox, name: String, file: File, note: Sidecar) -> Self {
        Self {
            kept: Kept::Journaled,
            ..Self::new(inbox, name, file, note)
        }
    }

    /// As what it was offered.
    #[must_use]
    pub const fn offer(&self) -> &Offer {
        &self.note.offer
    }

    /// Its octets, from the first on.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn reader(&self) -> Result<&File, InboxError> {
        (&self.file)
            .seek(SeekFrom::Start(0))
            .doing(|| format!("reading {}", self.name))?;
        Ok(&self.file)
    }

    /// The largest file taken, in octets.
    #[must_use]
    pub fn longest_file(&self) -> Option<u64> {
        self.inbox.0.options.longest_file
    }

    /// A place for what is in it, in this format: it is published under the name of the file.
    ///
    /// # Errors
    /// The place cannot be made.
    pub fn content(&self, format: Format) -> Result<Slot, InboxError> {
        let partial = content_name(&self.name);
        let file = self.inbox.0.partial.lock(&partial);
        let file = file.doing(|| format!("opening {}", self.name))?;
        let file = file.ok_or_else(|| InboxError::AlreadyThere {
            name: partial.clone(),
        })?;
        let offer = Offer {
            format,
            ..self.note.offer.clone()
        };
        Slot::for_content(self.inbox.clone(), self.name.clone(), partial, file, offer)
    }

    /// What an earlier process decided on it, and perhaps did not come to do.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        self.note.verdict
    }

    /// Decides on it: after a kill it is not opened once more, with other keys or for a name that
    /// somebody has taken out of the inbox.
    ///
    /// # Errors
    /// The decision cannot be noted.
    pub fn decide(&self, verdict: Verdict) -> Result<(), InboxError> {
        if self.kept == Kept::Journaled {
            return Ok(());
        }
        let Inbox(inbox) = &self.inbox;
        let note = Sidecar {
            verdict: Some(verdict),
            ..self.note.clone()
        };
        note.write(&inbox.sealed, &self.name, inbox.options.sync)
            .doing(|| format!("noting what becomes of {}", self.name))
    }

    /// Publishes a content that was complete when its process was killed, if that was not done.
    ///
    /// # Errors
    /// It cannot be published.
    pub fn finish_publishing(&self) -> Result<(), InboxError> {
        let Inbox(inbox) = &self.inbox;
        let content = content_name(&self.name);
        let doing = || format!("publishing {}", self.name);
        match inbox
            .partial
            .publish(&content, &inbox.published, &self.name)
        {
            Ok(()) => inbox.published.sync().doing(doing),
            // It was published, and may have been taken out of the inbox since.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                inbox.partial.remove(&content).doing(doing)
            }
            Err(error) => Err(error).doing(doing),
        }
    }

    /// Where its content is published.
    #[must_use]
    pub fn published_path(&self) -> PathBuf {
        self.inbox.0.path.join(&self.name)
    }

    /// Copies the envelope into this folder, for those who keep signatures.
    ///
    /// # Errors
    /// It cannot be written there.
    pub fn copy_to(&self, folder: &Path) -> Result<(), InboxError> {
        let path = folder.join(format!("{}.p7m", self.name));
        let copy = || {
            let mut out = File::create(&path)?;
            io::copy(&mut self.reader().map_err(io::Error::other)?, &mut out)?;
            out.sync_all()
        };
        copy().doing(|| format!("writing {}", path.display()))
    }

    /// Its content is published: the envelope is not needed any more.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn opened(self) -> Result<(), InboxError> {
        if self.kept == Kept::Journaled {
            let partial = &self.inbox.0.partial;
            return partial
                .remove(&self.name)
                .and_then(|()| partial.sync())
                .doing(|| format!("removing what was staged of {}", self.name));
        }
        let sealed = &self.inbox.0.sealed;
        sealed
            .remove(&self.name)
            .and_then(|()| Sidecar::remove(sealed, &self.name))
            .doing(|| format!("removing the envelope {}", self.name))
    }

    /// It cannot be opened: it is put aside, and counts as not received. A person may put file and
    /// note back into `.sealed`: it is opened when the station begins again.
    ///
    /// # Errors
    /// It cannot be moved.
    pub fn refused(self) -> Result<PathBuf, InboxError> {
        let Inbox(inbox) = &self.inbox;
        // Who puts it back wants it opened, and not what was decided on it.
        let undecided = Sidecar {
            verdict: None,
            ..self.note
        };
        inbox
            .sealed
            .replace_in(&self.name, &inbox.refused)
            .and_then(|()| {
                inbox
                    .sealed
                    .replace_in(&sidecar::note_name(&self.name), &inbox.refused)
            })
            .and_then(|()| undecided.write(&inbox.refused, &self.name, inbox.options.sync))
            .doing(|| format!("putting {} aside", self.name))?;
        Ok(inbox.path.join(".refused").join(&self.name))
    }
}

impl Inbox {
    /// Takes up a file that was [staged](Slot::stage), as what it was offered; `None`: it is not
    /// here any more, or in other hands.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn staged(&self, offer: Offer) -> Result<Option<SealedFile>, InboxError> {
        let name = stored_name(&offer.identity);
        let file = self.0.partial.lock_existing(&name);
        let file = file.doing(|| format!("looking for {name}"))?;
        Ok(file.map(|file| {
            let note = Sidecar::fresh(offer, self.0.options.layout);
            SealedFile::staged(self.clone(), name, file, note)
        }))
    }

    /// Where a file is staged under this name.
    #[must_use]
    pub fn staged_path(&self, name: &str) -> PathBuf {
        self.0.path.join(".partial").join(name)
    }
}

/// The name in `.partial` of what is in an envelope.
fn content_name(name: &str) -> String {
    format!("{name}.content")
}

impl Inbox {
    /// The files that an earlier process received and did not open.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn sealed_files(&self) -> Result<Vec<SealedFile>, InboxError> {
        let sealed = &self.0.sealed;
        let doing = || "looking for files that are not opened".to_owned();
        let mut files = Vec::new();
        for name in sealed.names().doing(doing)? {
            if sidecar::is_note(&name) {
                continue;
            }
            // Another process opens it at this moment or has opened it, or nobody knows what it is.
            let (Some(file), Some(note)) = (
                sealed.lock_existing(&name).doing(doing)?,
                Sidecar::read(sealed, &name),
            ) else {
                continue;
            };
            files.push(SealedFile::new(self.clone(), name, file, note));
        }
        Ok(files)
    }
}
