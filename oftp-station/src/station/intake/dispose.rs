//! What is done with the copy of a file that is over.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::super::config::Retention;
use super::super::journal::file::{FileRow, FileState, Way};
use super::super::plan::Plan;
use super::super::{Folder, Shared};
use super::spool::{COPIED, ENVELOPE, NEW, TAKEN, entry, remove, sync_folder};

/// The longest local name that is kept as it is; the number of the file must fit before it.
const LONGEST: usize = 200;

/// Where the copy of a file lies when it is over: `sent/PARTNER/NUMBER-NAME`, as it lay in the
/// spool.
#[must_use]
pub fn sent_copy(folder: &Folder, row: &FileRow) -> PathBuf {
    let clean = |character: char| match character {
        '/' | '\\' => '-',
        character if character.is_control() => '-',
        character => character,
    };
    let mut name: String = row.name.chars().map(clean).collect();
    while name.len() > LONGEST {
        name.pop();
    }
    folder
        .sent(&row.partner)
        .join(format!("{}-{name}", row.key))
}

/// Puts the copy of a file that is done, rejected or cancelled from the spool to `sent`, where such
/// are kept, and removes its envelope. In any other state nothing is done: what failed may be sent
/// again. May be done again, after a crash or not. Waits for the disk.
///
/// # Errors
/// The disk cannot be written; do it again later.
pub fn dispose(shared: &Shared, row: &FileRow) -> Result<(), String> {
    let config = shared.config();
    put_away(shared.folder(), &config.retention, row)
        .map_err(|error| format!("its copy cannot be put away: {error}"))
}

/// The same for a station that may not run.
///
/// # Errors
/// As [`dispose`].
pub fn put_away(folder: &Folder, retention: &Retention, row: &FileRow) -> io::Result<()> {
    let is_over = matches!(
        row.state,
        FileState::Done | FileState::Rejected | FileState::Cancelled
    );
    if !is_over || row.way != Way::Out || row.spool.is_empty() {
        return Ok(());
    }
    let spool = folder.spool_out();
    let path = spool.join(&row.spool);
    // What was only passed on is nothing of ours.
    let is_passed_on = Plan::from_json(&row.plan).is_ok_and(|plan| plan.forward);
    if retention.sent.is_some() && !is_passed_on {
        keep(&path, &sent_copy(folder, row))?;
    } else {
        remove(&path)?;
    }
    let sealing = format!("{ENVELOPE}.{NEW}");
    for ending in [ENVELOPE, &sealing, NEW, TAKEN, COPIED] {
        remove(&entry(&spool, &row.spool, ending))?;
    }
    Ok(())
}

fn keep(path: &Path, copy: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let folder = copy.parent().unwrap_or_else(|| Path::new("."));
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    match fs::rename(path, copy) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let mut options = File::options();
            options.write(true).create(true).truncate(true).mode(0o600);
            let mut to = options.open(copy)?;
            io::copy(&mut File::open(path)?, &mut to)?;
            to.sync_all()?;
            sync_folder(folder)?;
            remove(path)
        }
        result => {
            result?;
            sync_folder(folder)
        }
    }
}
