//! Files of private keys: made so that nobody else can read them, and never by overwriting.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// The permissions of a file of private keys that other users of this machine can read or change;
/// `None` where only its owner can.
///
/// # Errors
/// The file cannot be looked at.
pub fn exposed_to_others(path: &Path) -> io::Result<Option<u32>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
        Ok((mode & 0o077 != 0).then_some(mode))
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(path).map(|_| None)
    }
}

/// Writes a new file that anybody may read.
///
/// # Errors
/// It exists and `replace` is false, or it cannot be written.
pub fn write_new(path: &Path, octets: &[u8], replace: bool) -> io::Result<()> {
    write(path, octets, replace, 0o644)
}

/// Writes a new file that only its owner may read.
///
/// # Errors
/// It exists and `replace` is false, or it cannot be written.
pub fn write_secret(path: &Path, octets: &[u8], replace: bool) -> io::Result<()> {
    write(path, octets, replace, 0o600)
}

fn write(path: &Path, octets: &[u8], replace: bool, mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    if !replace {
        let mut file = options.open(path)?;
        file.write_all(octets)?;
        return file.sync_all();
    }
    // Beside it first: neither a power failure nor a full disk may cost the old one.
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    let mut file = options.open(beside)?;
    let written = file
        .write_all(octets)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(beside);
    }
    written
}
