//! Reads a folder of evidence as somebody has sent it: only what has one of its names, only regular
//! files, and not without end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::{CRLS, MOST, NAMES, SUMS};
use crate::report::PeerText;

/// The largest file that is read, in octets: lists of revoked certificates are large, no other is.
pub const LARGEST: u64 = 64 << 20;

/// The same for all but them.
const LARGEST_OTHER: u64 = 1 << 20;

/// So many strange names are told.
const TOLD: usize = 20;

/// What lies in a folder.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Its files.
    pub(super) files: BTreeMap<&'static str, Vec<u8>>,
    /// Folders of further responses, in their order.
    pub(super) others: Vec<PathBuf>,
    /// What is wrong with it.
    pub(super) troubles: Vec<String>,
}

impl Contents {
    /// A file of it; nothing where it is not there.
    pub(super) fn file(&self, name: &str) -> &[u8] {
        self.files.get(name).map_or(&[], Vec::as_slice)
    }

    fn trouble(&mut self, text: String) {
        if self.troubles.len() < TOLD {
            self.troubles.push(text);
        }
    }
}

/// Reads a folder. `is_first`: it is that of a file, and not of a further response to it.
///
/// # Errors
/// It cannot be looked into.
pub(super) fn read(folder: &Path, is_first: bool) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let known = NAMES.into_iter().find(|known| name == *known);
        match (known, further(&name.to_string_lossy())) {
            (Some(known), _) => match read_file(&folder.join(known), known) {
                Ok(octets) => {
                    contents.files.insert(known, octets);
                }
                Err(error) => contents.trouble(format!("{known} cannot be read: {error}")),
            },
            // A link could lead anywhere.
            (None, Some(number)) if is_first && entry.file_type()?.is_dir() => {
                others.push((number, entry.path()));
            }
            _ => {
                let name = PeerText::new(name.as_encoded_bytes());
                contents.trouble(format!("{name} does not belong here"));
            }
        }
    }
    others.sort();
    contents.others = others.into_iter().map(|(_, path)| path).collect();
    Ok(contents)
}

/// The number of a folder of a further response.
fn further(name: &str) -> Option<u32> {
    let number = name
        .parse()
        .ok()
        .filter(|number| (2..=MOST).contains(number));
    number.filter(|number| number.to_string() == name)
}

/// Reads a regular file: neither a link, which leads elsewhere, nor a pipe, which never ends.
pub(super) fn read_file(path: &Path, name: &str) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let largest = if name == CRLS { LARGEST } else { LARGEST_OTHER };
    let mut octets = Vec::new();
    file.take(largest + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > largest {
        return Err(io::Error::other(format!(
            "it has more than {largest} octets"
        )));
    }
    Ok(octets)
}

/// Compares the files with SHA256SUMS; says what is wrong.
pub(super) fn compare_sums(contents: &Contents) -> Vec<String> {
    let mut troubles = Vec::new();
    if !contents.files.contains_key(SUMS) {
        return vec![format!("{SUMS} is missing")];
    }
    let Ok(sums) = std::str::from_utf8(contents.file(SUMS)) else {
        return vec![format!("{SUMS} is no text")];
    };
    let mut listed = Vec::new();
    for line in sums.split_inclusive('\n') {
        let name = line.get(66..).map(str::trim_end).unwrap_or_default();
        let known = NAMES
            .into_iter()
            .find(|known| *known == name && name != SUMS);
        let Some(name) = known.filter(|name| !listed.contains(name)) else {
            let line = PeerText::new(line.trim_end());
            troubles.push(format!("{SUMS} has a line that it cannot have: {line}"));
            continue;
        };
        listed.push(name);
        match contents.files.get(name) {
            None => troubles.push(format!("{name} is missing")),
            Some(octets) if super::write::sum(name, octets) != line => {
                troubles.push(format!("{name} is not what was written"));
            }
            Some(_) => {}
        }
    }
    for name in contents.files.keys() {
        if *name != SUMS && !listed.contains(name) {
            troubles.push(format!("{name} was added: {SUMS} does not name it"));
        }
    }
    troubles.truncate(TOLD);
    troubles
}

/// The folders of further responses in a folder, in their order.
pub(super) fn others(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(number) = further(&entry.file_name().to_string_lossy())
            && entry.file_type()?.is_dir()
        {
            others.push((number, entry.path()));
        }
    }
    others.sort();
    Ok(others.into_iter().map(|(_, path)| path).collect())
}
