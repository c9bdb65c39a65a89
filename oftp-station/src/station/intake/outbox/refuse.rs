//! Files that cannot be sent, put aside in `outbox/PARTNER/.refused` with the reason beside them.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::super::spool::{rename_new, sync_folder};
use crate::durable;

/// The folder within an outbox.
const FOLDER: &str = ".refused";

/// The longest name kept: a number and `.txt` must fit behind it.
const LONGEST: usize = 240;

/// Moves the file at `path` aside under its name, or the name with a number where there is one
/// already, and gives where it is now. The reason is there before the file is.
pub(super) fn refuse(outbox: &Path, path: &Path, name: &OsStr, why: &str) -> io::Result<PathBuf> {
    let folder = outbox.join(FOLDER);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&folder)?;
    let name = OsStr::from_bytes(&name.as_bytes()[..name.len().min(LONGEST)]);
    for number in 0_u64.. {
        let mut aside = folder.join(name).into_os_string();
        if number > 0 {
            aside.push(format!(".{number}"));
        }
        let mut reason = aside.clone();
        reason.push(".txt");
        let (aside, reason) = (PathBuf::from(aside), PathBuf::from(reason));
        if aside.symlink_metadata().is_ok() {
            continue;
        }
        durable::write(&reason, format!("{why}\n").as_bytes())?;
        match rename_new(path, &aside) {
            Ok(true) => {
                sync_folder(&folder)?;
                sync_folder(outbox)?;
                return Ok(aside);
            }
            Ok(false) => {
                let _ = std::fs::remove_file(&reason);
                return Err(io::ErrorKind::NotFound.into());
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
