//! Small files that survive a power failure, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What is being written has this extension, until it is whole.
pub(crate) const NEW: &str = "new";

/// Puts a file with these octets, which only this user may read, in the place of the one at `path`;
/// it is on the disk when this returns.
pub(crate) fn write(path: &Path, octets: &[u8]) -> io::Result<()> {
    let new = path.with_extension(NEW);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&new)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
