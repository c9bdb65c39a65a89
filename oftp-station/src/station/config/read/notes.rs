//! What is noted while a configuration is read: faults and warnings, with their places.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::station::config::fault::Fault;

/// The text that is read, and what was noted of it.
#[derive(Debug)]
pub(super) struct Notes<'i> {
    file: PathBuf,
    folder: PathBuf,
    text: &'i str,
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Fault>>,
}

/// A place in the text: where, and under which key.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) key: String,
}

/// Where a table and its keys stand.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) own: Place,
    pub(super) keys: HashMap<String, Range<usize>>,
}

impl Places {
    /// Where a key stands, or would stand.
    pub(super) fn of(&self, key: &str) -> Place {
        let span = self.keys.get(key).unwrap_or(&self.own.span);
        Place {
            span: span.clone(),
            key: format!("{}.{key}", self.own.key),
        }
    }
}

impl<'i> Notes<'i> {
    /// Nothing noted yet of this text of `file`; paths in it are relative to `folder`.
    pub(super) fn new(file: PathBuf, folder: &Path, text: &'i str) -> Self {
        Self {
            file,
            folder: folder.to_owned(),
            text,
            faults: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// A path of the configuration: relative ones are in the folder of the station.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    /// Notes what is wrong at a place.
    pub(super) fn fault(&self, place: &Place, text: impl Display) {
        self.faults.borrow_mut().push(self.at(place, text));
    }

    /// Notes what people should know of a place.
    pub(super) fn warn(&self, place: &Place, text: impl Display) {
        self.warnings.borrow_mut().push(self.at(place, text));
    }

    /// All faults and all warnings, each once, in the order of their places.
    pub(super) fn into_parts(self) -> [Vec<Fault>; 2] {
        [self.faults, self.warnings].map(|notes| {
            let mut notes = notes.into_inner();
            notes.sort_by_key(|fault| (fault.line, fault.column));
            notes.dedup();
            notes
        })
    }

    fn at(&self, place: &Place, text: impl Display) -> Fault {
        let before = self.text.get(..place.span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Fault {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            key: place.key.clone(),
            text: text.to_string(),
        }
    }
}
