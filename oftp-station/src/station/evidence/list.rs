//! Which evidence there is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::read::read_file;
use super::record::Record;
use super::{NAMES, RECORD, text};
use crate::names::identity_of;
use crate::report::PeerText;

/// A folder of evidence, and what its record says, unchecked.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Where it is.
    pub folder: PathBuf,
    /// What it says of itself, or why nothing can be read.
    pub entry: Result<Entry, String>,
}

/// What a record says, made safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `in` or `out`.
    pub direction: PeerText,
    /// SFIDDSN.
    pub dataset_name: PeerText,
    /// SFIDDATE.
    pub date: PeerText,
    /// SFIDTIME.
    pub time: PeerText,
    /// SFIDORIG.
    pub originator: PeerText,
    /// SFIDDEST.
    pub destination: PeerText,
    /// `EERP`, or `NERP` with its reason.
    pub response: PeerText,
    /// When the response came.
    pub responded: jiff::Timestamp,
    /// The owner of the certificate that signed.
    pub signed_by: Option<PeerText>,
}

/// Whether evidence of a file is, or was, in this folder.
#[must_use]
pub fn is_evidence(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy());
    let is_named = name.is_some_and(|name| {
        let stem = name
            .strip_suffix(".out")
            .or_else(|| name.strip_suffix(".in"));
        stem.is_some_and(|stem| identity_of(stem).is_some())
    });
    let holds_one = || {
        NAMES
            .iter()
            .any(|name| fs::symlink_metadata(folder.join(name)).is_ok())
    };
    folder.is_dir() && (is_named || holds_one())
}

/// The folders of evidence in `path`, or `path` itself where it is one; in the order of their
/// names, which is that of the stamps of the files.
///
/// # Errors
/// It cannot be looked into.
pub fn folders(path: &Path) -> io::Result<Vec<PathBuf>> {
    if is_evidence(path) {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut all = entries.collect::<io::Result<Vec<_>>>()?;
    // What begins with a dot is not finished.
    let is_hidden = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    all.retain(|path| !is_hidden(path) && is_evidence(path));
    all.sort();
    Ok(all)
}

/// All evidence in a folder, unchecked: further responses behind the first.
///
/// # Errors
/// It cannot be looked into.
pub fn list(path: &Path) -> io::Result<Vec<Listed>> {
    let mut all = Vec::new();
    for folder in folders(path)? {
        let others = super::read::others(&folder)?;
        for folder in std::iter::once(folder).chain(others) {
            let entry = entry(&folder);
            all.push(Listed { folder, entry });
        }
    }
    Ok(all)
}

fn entry(folder: &Path) -> Result<Entry, String> {
    let octets = read_file(&folder.join(RECORD), RECORD)
        .map_err(|error| format!("{RECORD} cannot be read: {error}"))?;
    let record: Record = serde_json::from_slice(&octets).map_err(|error| {
        let error = PeerText::new(error.to_string());
        format!("{RECORD}: {error}")
    })?;
    Ok(Entry::new(&record))
}

impl Entry {
    pub(super) fn new(record: &Record) -> Self {
        let shown = |field: &str| match text::octets(field) {
            Some(octets) => PeerText::new(octets),
            None => PeerText::new(field),
        };
        let sfid = &record.sfid;
        Self {
            direction: PeerText::new(&record.direction),
            dataset_name: shown(&sfid.sfiddsn),
            date: shown(&sfid.sfiddate),
            time: shown(&sfid.sfidtime),
            originator: shown(&sfid.sfidorig),
            destination: shown(&sfid.sfiddest),
            response: PeerText::new(match record.response.get("NERPREAS") {
                Some(reason) => format!("NERP {reason}"),
                None => "EERP".to_owned(),
            }),
            responded: record.times.response,
            signed_by: record
                .signers
                .first()
                .map(|signer| PeerText::new(&signer.subject)),
        }
    }
}
