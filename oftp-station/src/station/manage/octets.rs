//! Where the octets of a file lie.

use std::fs;
use std::path::PathBuf;

use crate::station::Folder;
use crate::station::evidence::folder_name;
use crate::station::intake::sent_copy;
use crate::station::journal::file::{FileRow, Way};

/// Everything that lies of a file in the spool: what is sent or came, and its envelope and notes
/// beside it, whose names begin with the same name and a dot.
#[must_use]
pub fn in_spool(folder: &Folder, row: &FileRow) -> Vec<PathBuf> {
    let spool = match row.way {
        Way::In => folder.spool_in(),
        Way::Out => folder.spool_out(),
    };
    let Ok(entries) = fs::read_dir(spool) else {
        return Vec::new();
    };
    let is_its = |name: &str| {
        let rest = name.strip_prefix(row.spool.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(is_its))
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// What was taken from the outbox for a file of ours, before its envelope: in the spool, or the
/// copy in `sent`; `None`: it is kept nowhere any more.
#[must_use]
pub fn original(folder: &Folder, row: &FileRow) -> Option<PathBuf> {
    let places = [folder.spool_out().join(&row.spool), sent_copy(folder, row)];
    places.into_iter().find(|path| path.is_file())
}

/// The folder of the proof of delivery of a file, whether it is there or not.
#[must_use]
pub fn evidence(folder: &Folder, row: &FileRow) -> PathBuf {
    folder.evidence().join(folder_name(row))
}
