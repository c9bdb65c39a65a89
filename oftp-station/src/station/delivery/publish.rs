//! A file gets its place in the inbox: converted first where a rule says so, then by one rename
//! that takes the place of nothing.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use oftp_core::wire::{RecordFormat, Sfid};

use super::places::{Place, Places, disk, sync_folder};
use super::{Fault, Refused};
use crate::inbox::Folder;
use crate::names;
use crate::records::Format;
use crate::station::config::rule::{inbox_name_of, receive_rule};
use crate::station::config::{Config, PartnerConfig, ReceiveRule};
use crate::station::convert::{self, ConvertError, Job};
use crate::station::journal::file::{Change, FileRow, update};
use crate::station::{Shared, route};

/// So many names are tried before a file is left where it is.
const TRIES: u32 = 10_000;

/// Where a file is to be delivered; `None`: it is for another station.
#[must_use]
pub fn first_path(
    folder: &crate::station::Folder,
    config: &Config,
    partner: &PartnerConfig,
    sfid: &Sfid,
) -> Option<PathBuf> {
    if !config.is_ours(&sfid.dest) || route::is_elsewhere(config, &sfid.dest) {
        return None;
    }
    let rule = receive_rule(partner, &sfid.dsn);
    let name = inbox_name_of(&rule, sfid);
    Some(folder.inbox(&partner.name).join(name))
}

/// What is to be done with the octets of a file before it gets its place.
pub(super) fn conversion(row: &FileRow, rule: &ReceiveRule) -> Job {
    let format = match row.sfid.fmt {
        RecordFormat::F => Format::Fixed(row.sfid.lrecl),
        RecordFormat::V => Format::Variable(row.sfid.lrecl),
        RecordFormat::U => Format::Unstructured,
        RecordFormat::T => Format::Text,
    };
    Job::receiving(rule, format)
}

/// Makes the converted file, and gives up what it was made from; or says why the file is not what
/// it should be.
pub(super) fn convert(job: Job, from: &Place, places: &Places) -> Result<Option<Refused>, Fault> {
    let source = places.path(from);
    let new = places.out.with_extension("out.new");
    let mut reader = BufReader::new(disk(&source, File::open(&source))?);
    let mut writer = BufWriter::new(disk(&new, File::create(&new))?);
    match convert::convert(&mut reader, &mut writer, job) {
        Ok(_) => {}
        Err(ConvertError::Read(error)) => return Err(fault(&source, &error)),
        Err(ConvertError::Write(error)) => return Err(fault(&new, &error)),
        Err(error) => return Ok(Some(unconvertible(&error))),
    }
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
    disk(&new, file.and_then(|file| file.sync_all()))?;
    disk(&new, fs::rename(&new, &places.out))?;
    if let Some(folder) = places.out.parent() {
        sync_folder(folder)?;
    }
    places.give_up_all_before(&Place::Out)?;
    Ok(None)
}

/// Gives a file its name in the inbox. Afterwards it lies at none of its places any more.
pub(super) fn publish(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    from: &Place,
    places: &Places,
) -> Result<PathBuf, Fault> {
    let config = shared.config();
    let first = row
        .path
        .clone()
        .or_else(|| first_path(shared.folder(), &config, partner, &row.sfid));
    let Some(first) = first else {
        return Err(Fault::Config(format!(
            "{} is not a station of ours",
            names::escape(row.sfid.dest.trimmed())
        )));
    };
    let source = places.path(from);
    let (Some(from_folder), Some(to_folder)) = (source.parent(), first.parent()) else {
        return Err(Fault::Disk(format!("{} has no folder", first.display())));
    };
    disk(to_folder, fs::create_dir_all(to_folder))?;
    let from_handle = disk(from_folder, Folder::open(from_folder))?;
    let to_handle = disk(to_folder, Folder::open(to_folder))?;
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    let from_name = name(&source).unwrap_or_default();
    let mut path = first.clone();
    for number in 2..TRIES {
        let to_name = name(&path).unwrap_or_default();
        match from_handle.publish(&from_name, &to_handle, &to_name) {
            Ok(()) => {
                disk(to_folder, to_handle.sync())?;
                return Ok(path);
            }
            // Killed between its second name and the removal of the first, where the file system
            // knows no better.
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists && is_same(&source, &path) =>
            {
                disk(&source, fs::remove_file(&source))?;
                return Ok(path);
            }
            // Another file has this name: a rule may give one to many.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                path = numbered(&first, number);
                let (key, next) = (row.key, path.clone());
                // Before it is taken: people are told where the file is.
                shared.journal().write(move |connection| {
                    let what = Change {
                        path: Some(next),
                        ..Change::default()
                    };
                    update(connection, key, what)
                })?;
            }
            Err(error) => return Err(fault(&path, &error)),
        }
    }
    Err(Fault::Disk(format!(
        "{}: {TRIES} files of this name lie there already",
        first.display()
    )))
}

/// Makes sure that the name of a file in the inbox is on the disk: a kill may have come between the
/// rename and that. Whoever took the file out has it.
pub(super) fn published_before(row: &FileRow) -> Result<(), Fault> {
    let folder = row.path.as_deref().and_then(Path::parent);
    match folder {
        Some(folder) if folder.exists() => sync_folder(folder),
        _ => Ok(()),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let file = |path: &Path| fs::symlink_metadata(path).map(|data| (data.dev(), data.ino()));
    matches!((file(one), file(other)), (Ok(one), Ok(other)) if one == other)
}

fn fault(path: &Path, error: &io::Error) -> Fault {
    Fault::Disk(format!("{}: {error}", path.display()))
}

/// `name.2.ext`
fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}.{number}.{}", extension.to_string_lossy()),
        None => format!("{stem}.{number}"),
    };
    path.with_file_name(name)
}

/// A fault of the content, as the partner is told of it.
fn unconvertible(error: &ConvertError) -> Refused {
    Refused {
        reason: oftp_core::wire::NerpReason::FILE_PROCESSING_FAILURE,
        why: format!("it cannot be converted: {error}"),
        words: "the file cannot be converted".to_owned(),
    }
}
