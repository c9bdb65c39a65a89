//! The steps by which a file is taken out of an outbox, and how they are finished later.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::super::super::config::{Config, Conversion, PartnerConfig};
use super::super::super::folder::Folder;
use super::super::super::journal::file::{self, FileKey, FileRow, FileState, NewFile, Stamping};
use super::super::super::journal::{Journal, JournalError};
use super::super::super::plan::Plan;
use super::super::content;
use super::super::spool::{self, COPIED, Draft, TAKEN, entry, rename_new, sync_folder};
use super::super::wanted::{self, Wanted};
use super::super::{IntakeError, Wishes};
use super::refuse::refuse;
use super::scan::alarm;
use super::taking::Taking;
use crate::outbox::{Facts, Problem, Source, Stamp};
use crate::records::{Format, RecordLayout};

/// A file in an outbox that may be taken.
#[derive(Debug)]
pub(super) struct Candidate {
    path: PathBuf,
    name: String,
}

impl Candidate {
    /// The file at this path, whose name the journal must be able to keep.
    pub(super) fn new(path: &Path) -> Result<Self, IntakeError> {
        let name = path.file_name().unwrap_or_default();
        match (path.to_str(), name.to_str()) {
            (Some(_), Some(name)) => Ok(Self {
                path: path.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(IntakeError::Name),
        }
    }
}

/// A file that fits what is agreed with its partner.
#[derive(Debug)]
pub(super) struct Checked {
    new: NewFile,
    seconds_only: bool,
}

/// Step 0: whether a file fits, as it lies in the outbox.
pub(super) fn check(
    config: &Config,
    partner: &PartnerConfig,
    candidate: Candidate,
) -> Result<Checked, IntakeError> {
    let Candidate { path, name } = candidate;
    let wanted = Wanted::decide(config, partner, &name, &Wishes::default())?;
    let job = wanted.job;
    let facts = if job.conversion == Conversion::None {
        let source = Source::open(&path, job.format, job.from)
            .map_err(|error| IntakeError::source(&name, error.problem))?;
        *source.facts()
    } else {
        // Its records have their lengths when its characters are converted: step 3 looks at them.
        let source = Source::open(&path, Format::Unstructured, job.from)
            .map_err(|error| IntakeError::source(&name, error.problem))?;
        *source.facts()
    };
    wanted.check_facts(partner, config, &name, &path, job.from, &facts)?;
    let spool = spool::fresh_name();
    let mut new = wanted.new_file(partner, &name, &spool, Some(path), &facts);
    new.plan = Taking::new(wanted.plan(job.format), &job).to_json();
    Ok(Checked {
        new,
        seconds_only: partner.seconds_only,
    })
}

/// What came of taking files.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Files that are queued now.
    pub queued: usize,
    /// Files that cannot be sent, and were put aside.
    pub refused: usize,
    /// Files that are still where they were: they have not been taken.
    pub left: usize,
    /// What failed: the file stays half taken, and [`recover_taking`] goes on with it.
    pub troubles: Vec<String>,
}

/// All steps, for files of one partner.
pub(super) fn take(
    journal: &Journal,
    folder: &Folder,
    partner: &PartnerConfig,
    files: Vec<Checked>,
) -> Result<Recovered, JournalError> {
    let rows = note(journal, files)?;
    for row in &rows {
        // Whatever fails is found out by what is there then.
        let _ = fetch(folder, row);
    }
    sync_folders(folder, &partner.name)?;
    finish_all(journal, folder, rows)
}

/// Makes step 2 survive a power failure: the new names before the old ones go.
pub(super) fn sync_folders(folder: &Folder, partner: &str) -> Result<(), JournalError> {
    for path in [folder.spool_out(), folder.outbox(partner)] {
        sync_folder(&path)
            .map_err(|error| JournalError::State(format!("{}: {error}", path.display())))?;
    }
    Ok(())
}

/// Step 1: the rows.
pub(super) fn note(journal: &Journal, files: Vec<Checked>) -> Result<Vec<FileRow>, JournalError> {
    journal.write(move |connection| {
        let first = Stamp::now();
        let files = files.into_iter();
        let rows = files.map(|Checked { new, seconds_only }| {
            let stamping = Stamping::Free {
                first,
                seconds_only,
            };
            file::enqueue(connection, new, stamping, FileState::Taking)
        });
        rows.collect()
    })
}

/// Step 2: the file into the spool.
pub(super) fn fetch(folder: &Folder, row: &FileRow) -> io::Result<()> {
    let spool = folder.spool_out();
    let Some(path) = &row.path else {
        return Ok(());
    };
    match rename_new(path, &entry(&spool, &row.spool, TAKEN)) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_over(&spool, path, &row.spool)
        }
        other => other.map(drop),
    }
}

/// Copies a file of another file system into the spool. Time and size stay: by them it is known
/// that the original is still the same.
pub(super) fn copy_over(spool: &Path, path: &Path, name: &str) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(());
    }
    let mut draft = Draft::create(spool, name)?;
    let mut from = File::open(path)?;
    let before = from.metadata()?;
    io::copy(&mut from, draft.file())?;
    let modified = before.modified()?;
    if is_other(&before, &from.metadata()?) {
        return Err(io::Error::other("it is being written"));
    }
    draft.file().set_modified(modified)?;
    draft.finish_as(&entry(spool, name, COPIED))
}

fn is_other(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    one.len() != other.len() || one.modified().ok() != other.modified().ok()
}

/// Steps 3 and 4.
pub(super) fn finish_all(
    journal: &Journal,
    folder: &Folder,
    rows: Vec<FileRow>,
) -> Result<Recovered, JournalError> {
    let mut result = Recovered::default();
    let (mut done, mut dropped) = (Vec::new(), Vec::new());
    for row in rows {
        match finish(folder, &row) {
            Ok(Some(facts)) => done.push((row, facts)),
            Ok(None) => {
                result.left += 1;
                dropped.push(row.key);
            }
            Err(error) if error.is_the_files() => match put_aside(journal, folder, &row, &error) {
                Ok(()) => {
                    result.refused += 1;
                    dropped.push(row.key);
                }
                Err(error) => result.troubles.push(format!("{}: {error}", row.name)),
            },
            Err(error) => result.troubles.push(error.to_string()),
        }
    }
    sync_folder(&folder.spool_out())
        .map_err(|error| JournalError::State(format!("spool: {error}")))?;
    result.queued = done.len();
    let raw: Vec<PathBuf> = done
        .iter()
        .map(|(row, _)| entry(&folder.spool_out(), &row.spool, TAKEN))
        .collect();
    queue(journal, done, dropped)?;
    for path in raw {
        let _ = spool::remove(&path);
    }
    Ok(result)
}

/// Step 3: the octets as they are sent, on the disk but for their name. `None`: the file was not
/// taken, and lies in the outbox or is gone.
pub(super) fn finish(folder: &Folder, row: &FileRow) -> Result<Option<Facts>, IntakeError> {
    let spool = folder.spool_out();
    let disk = |error| IntakeError::disk("spool", error);
    let fault = |error| IntakeError::source(&row.name, Problem::Io(error));
    let [taken, copied] = [TAKEN, COPIED].map(|ending| entry(&spool, &row.spool, ending));
    let path = spool.join(&row.spool);
    if let Ok(copy) = fs::symlink_metadata(&copied) {
        remove_original(row, &copy).map_err(disk)?;
        fs::rename(&copied, &taken).map_err(disk)?;
        sync_folder(&spool).map_err(disk)?;
    }
    let job = Taking::from_json(&row.plan)?.job();
    if fs::symlink_metadata(&path).is_err() {
        match fs::symlink_metadata(&taken) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(IntakeError::source(&row.name, Problem::NotRegular)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk(error)),
        }
        let file = File::open(&taken).map_err(fault)?;
        // Who wrote it need not have waited for the disk, and now it is ours alone.
        file.sync_all().map_err(disk)?;
        if job.changes_nothing() {
            fs::rename(&taken, &path).map_err(disk)?;
        } else {
            let mut draft = Draft::create(&spool, &row.spool).map_err(disk)?;
            content::copy(&mut { file }, &row.name, job, draft.file())?;
            draft.finish().map_err(disk)?;
        }
    }
    let source = Source::open(&path, job.format, RecordLayout::Length32)
        .map_err(|error| IntakeError::source(&row.name, error.problem))?;
    Ok(Some(*source.facts()))
}

/// The original of a copy, unless another file has come into its place.
fn remove_original(row: &FileRow, copy: &fs::Metadata) -> io::Result<()> {
    let Some(path) = &row.path else {
        return Ok(());
    };
    match fs::symlink_metadata(path) {
        Ok(original) if original.is_file() && !is_other(&original, copy) => {
            spool::remove(path)?;
            path.parent().map_or(Ok(()), sync_folder)
        }
        _ => Ok(()),
    }
}

/// Step 4: all rows in one transaction.
fn queue(
    journal: &Journal,
    done: Vec<(FileRow, Facts)>,
    dropped: Vec<FileKey>,
) -> Result<(), JournalError> {
    if done.is_empty() && dropped.is_empty() {
        return Ok(());
    }
    journal.write(move |connection| {
        let detail = serde_json::json!({});
        for (row, facts) in done {
            let plan = Plan::from_json(&row.plan)?;
            let what = wanted::with_facts(&row.sfid, plan, &facts);
            file::change(connection, row.key, FileState::Queued, what, &detail)?;
        }
        for key in dropped {
            file::drop_taking(connection, key)?;
        }
        Ok(())
    })
}

/// What was taken and cannot be sent goes back to where its owner finds it.
fn put_aside(
    journal: &Journal,
    folder: &Folder,
    row: &FileRow,
    why: &IntakeError,
) -> io::Result<()> {
    let spool = folder.spool_out();
    let outbox = folder.outbox(&row.partner);
    let taken = entry(&spool, &row.spool, TAKEN);
    let path = spool.join(&row.spool);
    let (from, made) = match fs::symlink_metadata(&taken) {
        Ok(_) => (&taken, true),
        Err(_) => (&path, false),
    };
    let aside = refuse(&outbox, from, row.name.as_ref(), &why.to_string())?;
    if made {
        spool::remove(&path)?;
    }
    let trouble = format!("{why}; the file is in {}", aside.display());
    alarm(journal, row.partner.clone(), trouble);
    Ok(())
}

/// Finishes what was begun: at the start of the station, before anything else looks at the
/// outboxes, and after a disk was full. A file of which nothing lies in the spool yet has not been
/// taken: its row goes, and the file is taken anew.
///
/// # Errors
/// The journal cannot be read or written.
pub fn recover_taking(journal: &Journal, folder: &Folder) -> Result<Recovered, JournalError> {
    let rows = journal.read(|connection| file::open(connection, &[FileState::Taking]))?;
    if rows.is_empty() {
        return Ok(Recovered::default());
    }
    // The names in the spool that are there now may not be on the disk.
    sync_folder(&folder.spool_out())
        .map_err(|error| JournalError::State(format!("spool: {error}")))?;
    finish_all(journal, folder, rows)
}
