//! The note beside a partial file: what it is a part of, from whom, and how much of it is safe.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::Offer;
use super::folder::Folder;
use crate::records::{Position, RecordLayout};

/// What is known of a partial file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sidecar {
    /// All attributes under which it was offered, and the partner who did.
    pub(super) offer: Offer,
    /// The layout in which V records were written.
    pub(super) layout: RecordLayout,
    /// What has reached the disk; beyond it the local file may hold anything.
    pub(super) safe: Position,
    /// A record contains what separates records: the file cannot be read back record by record.
    pub(super) ambiguous: bool,
    /// What becomes of an envelope, decided before it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) verdict: Option<Verdict>,
}

/// What becomes of an envelope that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Its content is published, and its partner gets an EERP.
    Publish,
    /// It is put aside, and its partner gets a NERP with this reason (NERPREAS).
    Refuse(u8),
}

impl Sidecar {
    /// The note of a file of which nothing is here yet.
    pub(super) fn fresh(offer: Offer, layout: RecordLayout) -> Self {
        Self {
            offer,
            layout,
            safe: Position::default(),
            ambiguous: false,
            verdict: None,
        }
    }

    /// Reads the note; `None` if there is none that makes sense, which means starting afresh.
    pub(super) fn read(folder: &Folder, name: &str) -> Option<Self> {
        let file = folder.open_file(&note_name(name)).ok()?;
        serde_json::from_reader(io::BufReader::new(file)).ok()
    }

    /// Writes the note as a whole or not at all.
    pub(super) fn write(&self, folder: &Folder, name: &str, sync: bool) -> io::Result<()> {
        let (new, final_name) = (format!("{name}.new"), note_name(name));
        let mut file = folder.create_file(&new)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        if sync {
            file.sync_data()?;
        }
        folder.replace(&new, &final_name)?;
        if sync { folder.sync() } else { Ok(()) }
    }

    pub(super) fn remove(folder: &Folder, name: &str) -> io::Result<()> {
        folder.remove(&format!("{name}.new"))?;
        folder.remove(&note_name(name))
    }
}

/// The name of the note beside the file of this name.
pub(super) fn note_name(name: &str) -> String {
    format!("{name}.json")
}

/// Whether this is the name of a note, finished or not. No file has such a name: a dot in a field
/// is escaped, and the fifth field is the last.
pub(super) fn is_note(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".new")
}
