//! One file while it is received.

mod held;
mod variable;

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;

use self::variable::OpenRecord;
use super::error::{Doing, InboxError};
use super::folder::Folder;
use super::sealed::SealedFile;
use super::sidecar::Sidecar;
use super::{Inbox, OUTGROWN, Offer};
use crate::records::{Format, Position};

/// A place for one file, held against all other sessions until it is dropped. Dropping it keeps
/// what was made safe last.
#[derive(Debug)]
pub struct Slot {
    inbox: Inbox,
    name: String,
    /// Its name in `.partial`.
    partial: String,
    /// What is held is noted now and then, so that a transfer can go on behind it.
    restarts: bool,
    file: BufWriter<File>,
    note: Sidecar,
    /// There is a note on the disk.
    noted: bool,
    /// Octets of the partial file before this session stores any.
    length: u64,
    /// Where the next octet goes. `octets` and `local` count an open record too.
    written: Position,
    /// Where the last whole record ended; for U and T files the same as `written`.
    whole: Position,
    open_record: OpenRecord,
    /// A sync failed: nobody knows what is on the disk, and another one would only seem to succeed.
    broken: bool,
}

/// The part of a Virtual File that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Octets of the Virtual File (EFIDUCNT counts these).
    pub octets: u64,
    /// Records of an F or V file (EFIDRCNT counts these), else 0.
    pub records: u64,
}

const BLOCK: u64 = 1024;
const BUFFER: usize = 128 << 10;

impl Slot {
    pub(super) fn new(
        inbox: Inbox,
        name: String,
        file: File,
        offer: Offer,
        note: Option<Sidecar>,
    ) -> Result<Self, InboxError> {
        let layout = inbox.0.options.layout;
        let fresh = Sidecar::fresh(offer, layout);
        let length = file
            .metadata()
            .doing(|| format!("looking at {name}"))?
            .len();
        let noted = note.is_some();
        let partial = name.clone();
        let note = note
            .filter(|old| old.offer == fresh.offer && old.layout == layout)
            .filter(|old| old.safe.local <= length)
            .unwrap_or(fresh);
        Ok(Self {
            inbox,
            name,
            partial,
            restarts: true,
            file: BufWriter::with_capacity(BUFFER, file),
            note,
            noted,
            length,
            written: Position::default(),
            whole: Position::default(),
            open_record: OpenRecord::default(),
            broken: false,
        })
    }

    /// A place for what was in an envelope: it is written in one go or not at all.
    pub(super) fn for_content(
        inbox: Inbox,
        name: String,
        partial: String,
        file: File,
        offer: Offer,
    ) -> Result<Self, InboxError> {
        let mut slot = Self {
            partial,
            restarts: false,
            ..Self::new(inbox, name, file, offer, None)?
        };
        slot.start_at(0)?;
        Ok(slot)
    }

    /// How much is held safely, in records for F and V files, else in blocks of 1,024 octets.
    #[must_use]
    pub fn held(&self) -> u64 {
        match self.note.offer.format {
            Format::Fixed(_) | Format::Variable(_) => self.note.safe.records,
            Format::Unstructured | Format::Text => self.note.safe.octets / BLOCK,
        }
    }

    /// The restart position to answer (SFPAACNT) where the sender offers `offered` (SFIDREST).
    #[must_use]
    pub fn answer(&self, offered: u64) -> u64 {
        let answer = self.held().min(offered);
        // Records that cannot be told apart cannot be counted again.
        if self.note.ambiguous && answer < self.held() {
            0
        } else {
            answer
        }
    }

    /// Begins at `position`, in the units of [`held`](Self::held), and forgets what was stored
    /// beyond it. Returns what is held there.
    ///
    /// # Errors
    /// The position is beyond what is held, or the partial file cannot be prepared.
    pub fn start_at(&mut self, position: u64) -> Result<Counts, InboxError> {
        if position != self.answer(position) {
            return Err(InboxError::BeyondHeld { position });
        }
        let doing = || format!("preparing {}", self.name);
        let start = self.position_of(position).doing(doing)?;
        if start == Position::default() {
            self.note.ambiguous = false;
        }
        self.note.safe = start;
        (self.written, self.whole) = (start, start);
        self.open_record = OpenRecord::default();
        // First the note, then the file: at no moment does the note promise too much. Without
        // one nothing is promised, and most files are received before they need one.
        if self.noted || start != Position::default() {
            self.write_note()?;
        }
        if self.length > 0 {
            let file = self.file.get_mut();
            file.set_len(start.local)
                .and_then(|()| file.seek(SeekFrom::Start(start.local)))
                .doing(|| format!("preparing {}", self.name))?;
            self.length = start.local;
        }
        Ok(Counts {
            octets: start.octets,
            records: start.records,
        })
    }

    /// Appends octets; `end_of_record` says that they end a record of an F or V file.
    ///
    /// # Errors
    /// The disk is full, the file exceeds the limit, or a record does not fit its layout.
    pub fn write(&mut self, octets: &[u8], end_of_record: bool) -> Result<(), InboxError> {
        let total = self.written.octets.saturating_add(octets.len() as u64);
        if let Some(limit) = self.inbox.0.options.longest_file
            && total > limit
        {
            return Err(InboxError::TooBig { limit });
        }
        match self.note.offer.format {
            Format::Variable(_) => self.write_variable(octets, end_of_record)?,
            Format::Fixed(_) | Format::Unstructured | Format::Text => self.append(octets)?,
        }
        self.written.octets = total;
        match self.note.offer.format {
            Format::Fixed(_) | Format::Variable(_) if end_of_record => {
                self.written.records += 1;
                self.whole = self.written;
            }
            Format::Fixed(_) | Format::Variable(_) => {}
            Format::Unstructured | Format::Text => self.whole = self.written,
        }
        if self.checkpoint_is_due(0) {
            self.make_safe()?;
        }
        Ok(())
    }

    /// Whether the next `octets` make the slot wait for the disk, so that a restart can go on
    /// behind them.
    #[must_use]
    pub fn checkpoint_is_due(&self, octets: usize) -> bool {
        if !self.restarts {
            return false;
        }
        let options = &self.inbox.0.options;
        let unsafe_octets = self.whole.local.saturating_sub(self.note.safe.local);
        unsafe_octets.saturating_add(octets as u64) >= options.checkpoint_octets
    }

    /// What has been written, an open record included.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            octets: self.written.octets,
            records: self.written.records,
        }
    }

    /// Whether a V record contained what separates records in the local file: then the file
    /// cannot be read back right, and the layout `length16` or `length32` is the better choice.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.note.ambiguous
    }

    /// The name under which the file will be published.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Keeps what has come so far for a restart; an open record is not part of it.
    ///
    /// # Errors
    /// The partial file cannot be made safe: what was safe before stays.
    pub fn suspend(mut self) -> Result<Counts, InboxError> {
        if self.broken {
            // It starts afresh: not even what was safe is known to be right.
            let name = self.name.clone();
            self.discard()?;
            let error = io::Error::other("the disk failed, and what has come is dropped");
            return Err(error).doing(|| format!("keeping {name}"));
        }
        self.make_safe()?;
        Ok(Counts {
            octets: self.note.safe.octets,
            records: self.note.safe.records,
        })
    }

    /// Gives the file its name, on the disk before this returns. Only then may EFPA be sent.
    ///
    /// # Errors
    /// The file cannot be made safe or named. It must then count as not received.
    pub fn publish(self) -> Result<PathBuf, InboxError> {
        self.publish_after(|| Ok(()))
    }

    /// The same; `before` is done when the file is safe and has not got its name yet.
    ///
    /// # Errors
    /// As [`publish`](Self::publish), and those of `before`.
    pub(crate) fn publish_after(
        mut self,
        before: impl FnOnce() -> Result<(), InboxError>,
    ) -> Result<PathBuf, InboxError> {
        let Inbox(inbox) = self.inbox.clone();
        self.move_to(&inbox.published, before)?;
        Ok(inbox.path.join(&self.name))
    }

    /// Keeps the file in its envelope, on the disk before this returns. Only then may EFPA be
    /// sent.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn keep_sealed(mut self) -> Result<SealedFile, InboxError> {
        let Inbox(inbox) = self.inbox.clone();
        // The note first: at no moment is there a file of which nobody knows what it is.
        self.note.safe = self.whole;
        self.note
            .write(&inbox.sealed, &self.name, inbox.options.sync)
            .doing(|| format!("writing the note beside {}", self.name))?;
        self.move_to(&inbox.sealed, || Ok(()))?;
        let file = self.file.into_inner();
        let file = file.map_err(io::IntoInnerError::into_error);
        Ok(SealedFile::new(
            self.inbox,
            self.name,
            file.doing(|| "keeping a file".to_owned())?,
            self.note,
        ))
    }

    /// Makes all of the file safe and leaves it where it is, for a station whose journal then says
    /// that it is received. Only then may EFPA be sent.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn stage(mut self) -> Result<SealedFile, InboxError> {
        let Inbox(inbox) = self.inbox.clone();
        let doing = || format!("storing {}", self.name);
        let safe = self.file.flush().and_then(|()| {
            if inbox.options.sync {
                self.file.get_ref().sync_all()?;
                inbox.partial.sync()?;
            }
            Ok(())
        });
        if let Err(error) = safe {
            // Nobody knows what is on the disk: it starts afresh, and is not synced once more.
            let _ = Sidecar::remove(&inbox.partial, &self.name);
            return Err(error).doing(doing);
        }
        if self.noted {
            // A note that stays behind is harmless: the journal says that the file is received.
            let _ = Sidecar::remove(&inbox.partial, &self.name);
        }
        let file = self.file.into_inner();
        let file = file.map_err(io::IntoInnerError::into_error);
        let file = file.doing(|| "storing a file".to_owned())?;
        Ok(SealedFile::staged(self.inbox, self.name, file, self.note))
    }

    fn move_to(
        &mut self,
        folder: &Folder,
        before: impl FnOnce() -> Result<(), InboxError>,
    ) -> Result<(), InboxError> {
        let Inbox(inbox) = &self.inbox;
        let name = &self.name;
        let doing = || format!("publishing {name}");
        self.file.flush().doing(doing)?;
        if inbox.options.sync {
            self.file.get_ref().sync_all().doing(doing)?;
        }
        before()?;
        match inbox.partial.publish(&self.partial, folder, name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(InboxError::AlreadyThere { name: name.clone() });
            }
            result => result.doing(doing)?,
        }
        if inbox.options.sync {
            folder.sync().doing(doing)?;
        }
        if self.noted {
            // The file is received: a note that stays behind is harmless, without its file it
            // counts for nothing.
            let _ = Sidecar::remove(&inbox.partial, name);
        }
        Ok(())
    }

    /// Drops what has come, for a file that was wrong: it starts afresh next time.
    ///
    /// # Errors
    /// The partial file cannot be removed.
    pub fn discard(self) -> Result<(), InboxError> {
        let partial = &self.inbox.0.partial;
        Sidecar::remove(partial, &self.partial)
            .and_then(|()| partial.remove(&self.partial))
            .doing(|| format!("removing the partial file {}", self.name))
    }

    /// The same for a file that has grown larger than what is taken: its next offer is refused for
    /// its size, whatever it announces, so that it does not come again and again (threat model D10).
    ///
    /// # Errors
    /// As [`discard`](Self::discard).
    pub fn discard_outgrown(self) -> Result<(), InboxError> {
        let (name, octets) = (self.name.clone(), self.written.octets);
        self.inbox.outgrown(|all| {
            if all.len() >= OUTGROWN {
                all.pop_first();
            }
            all.insert(name, octets)
        });
        self.discard()
    }

    /// Whether nothing of the file was here before this session, not even what was not safe.
    pub(crate) const fn is_new(&self) -> bool {
        self.length == 0
    }

    pub(super) fn held_octets(&self) -> u64 {
        self.note.safe.octets
    }

    fn append(&mut self, octets: &[u8]) -> Result<(), InboxError> {
        self.file
            .write_all(octets)
            .doing(|| format!("writing {}", self.name))?;
        self.written.local += octets.len() as u64;
        Ok(())
    }

    /// Forces the whole records to the disk, then notes that they are there.
    fn make_safe(&mut self) -> Result<(), InboxError> {
        self.file
            .flush()
            .doing(|| format!("writing {}", self.name))?;
        if self.inbox.0.options.sync
            && let Err(error) = self.file.get_ref().sync_data()
        {
            self.broken = true;
            return Err(error).doing(|| format!("writing {}", self.name));
        }
        self.note.safe = self.whole;
        self.write_note()
    }

    fn write_note(&mut self) -> Result<(), InboxError> {
        self.noted = true;
        let Inbox(inbox) = &self.inbox;
        self.note
            .write(&inbox.partial, &self.name, inbox.options.sync)
            .doing(|| format!("writing the note beside {}", self.name))
    }
}
