//! Everything about one file.

use std::fs;
use std::path::Path;

use oftp_core::mailbox::Response;
use oftp_core::wire::{Command, Level, explain};
use serde::Serialize;

use super::time::rfc3339;
use super::{EventView, FileView, octets};
use crate::report::visible;
use crate::station::Folder;
use crate::station::journal::file::{self, FileKey, FileRow};
use crate::station::journal::response::{self, ResponseRow};
use crate::station::journal::{Journal, JournalError, event, now, partner};

/// Everything about one file: the object of `oftp show --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Details {
    /// What `oftp history` shows of it.
    #[serde(flatten)]
    pub file: FileView,
    /// As what it is offered, by the names of the RFC (section 5.3.3).
    pub fields: Vec<FieldView>,
    /// The hash of what is transmitted, hexadecimal; empty: not known.
    pub hash: String,
    /// Its history, in its order.
    pub events: Vec<EventView>,
    /// End responses to it, and of it.
    pub responses: Vec<ResponseView>,
    /// The file that came and is forwarded by it.
    pub forwards: Option<FileView>,
    /// The files that forward it.
    pub forwarded_by: Vec<FileView>,
    /// Where its octets lie.
    pub places: Vec<PlaceView>,
    /// The folder of its proof of delivery.
    pub evidence: Option<String>,
}

/// A field of SFID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Its name in the RFC.
    pub name: &'static str,
    /// What is in it, escaped.
    pub value: String,
    /// What the field is, and what the value stands for.
    pub meaning: String,
}

/// An end response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseView {
    /// `EERP` or `NERP`.
    pub response: &'static str,
    /// `in`: it came. `out`: it is ours.
    pub direction: &'static str,
    /// From or to which partner.
    pub partner: String,
    /// When it was made or came.
    pub created: String,
    /// Out: when the partner has confirmed it (RTR).
    pub confirmed: Option<String>,
    /// It carries a signature.
    pub signed: bool,
    /// NERPREAS.
    pub reason: Option<u8>,
    /// What NERPREAS stands for.
    pub meaning: Option<&'static str>,
    /// NERPREAST, escaped.
    pub text: Option<String>,
    /// NERPCREA, escaped: who gave it up.
    pub creator: Option<String>,
}

/// A place where octets of a file lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceView {
    /// The file.
    pub path: String,
    /// Its length.
    pub octets: u64,
}

/// Everything about the file with this number.
///
/// # Errors
/// [`JournalError::NotThere`]; the journal cannot be read.
pub fn details(journal: &Journal, folder: &Folder, key: FileKey) -> Result<Details, JournalError> {
    let now = now();
    journal.read(|connection| {
        let row = file::get(connection, key)?;
        let partners = partner::all(connection)?;
        let view = |row: &FileRow| {
            let held = partners.get(&row.partner).is_some_and(|known| known.held);
            FileView::new(row, held, now)
        };
        let forwards = match row.parent {
            Some(parent) => Some(view(&file::get(connection, parent)?)),
            None => None,
        };
        let children = file::children(connection, key)?;
        let events = event::of_file(connection, key)?;
        let responses = response::of_file(connection, key)?;
        Ok(Details {
            file: view(&row),
            fields: fields(&row)?,
            hash: row.hash.clone(),
            events: events.iter().map(EventView::new).collect(),
            responses: responses.iter().map(ResponseView::new).collect(),
            forwards,
            forwarded_by: children.iter().map(view).collect(),
            places: places(folder, &row),
            evidence: evidence(folder, &row),
        })
    })
}

fn fields(row: &FileRow) -> Result<Vec<FieldView>, JournalError> {
    let mut octets = Vec::new();
    // The long layout has room for the stamps of every level but those that are no digits.
    let level = match row.sfid.stamp {
        oftp_core::wire::Stamp::Short { .. } => Level::V1_3,
        oftp_core::wire::Stamp::Long { .. } => Level::V2_0,
    };
    Command::Sfid(row.sfid.clone())
        .encode(level, &mut octets)
        .map_err(|error| JournalError::Content(format!("the SFID of file {}: {error}", row.key)))?;
    let explained = explain(&octets, level);
    let shown = explained.fields.into_iter();
    // The command's own octet, what is reserved, and where a transfer begins, are no news.
    let shown = shown.filter(|field| {
        !matches!(field.name, "SFIDCMD" | "SFIDREST") && !field.name.starts_with("SFIDRSV")
    });
    Ok(shown
        .map(|field| FieldView {
            name: field.name,
            value: visible(&field.value),
            meaning: field.meaning,
        })
        .collect())
}

impl ResponseView {
    fn new(row: &ResponseRow) -> Self {
        let mut view = Self {
            response: "EERP",
            direction: row.way.name(),
            partner: row.partner.clone(),
            created: rfc3339(row.created),
            confirmed: match row.way {
                file::Way::Out if !row.open => Some(rfc3339(row.changed)),
                _ => None,
            },
            signed: false,
            reason: None,
            meaning: None,
            text: None,
            creator: None,
        };
        match &row.response {
            Response::Eerp(eerp) => view.signed = !eerp.sig.is_empty(),
            Response::Nerp(nerp) => {
                view.response = "NERP";
                view.signed = !nerp.sig.is_empty();
                view.reason = Some(nerp.reas.code());
                view.meaning = Some(nerp.reas.meaning());
                let text = nerp.reast.to_string();
                view.text = (!text.is_empty()).then(|| visible(&text));
                view.creator = Some(nerp.crea.to_string());
            }
        }
        view
    }
}

fn places(folder: &Folder, row: &FileRow) -> Vec<PlaceView> {
    let mut paths = octets::in_spool(folder, row);
    paths.extend(octets::original(folder, row));
    paths.extend(row.path.clone());
    let mut places: Vec<PlaceView> = Vec::new();
    for path in paths {
        let Ok(found) = fs::metadata(&path) else {
            continue;
        };
        let path = shown(&path);
        if found.is_file() && places.iter().all(|place| place.path != path) {
            places.push(PlaceView {
                path,
                octets: found.len(),
            });
        }
    }
    places
}

fn evidence(folder: &Folder, row: &FileRow) -> Option<String> {
    let path = octets::evidence(folder, row);
    path.is_dir().then(|| shown(&path))
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
