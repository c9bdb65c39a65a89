//! The envelope of a file of ours (RFC 5024 chapter 6): made once, and kept until its end response
//! has come, so that a transfer that was cut goes on with the same octets (design chapter
//! "Delivery").

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use oftp_core::wire::Sfid;
use oftp_secure::certificate::hex;
use oftp_secure::crypto::Digest;

use super::Shared;
use super::config::PartnerConfig;
use super::intake::spool::{ENVELOPE, NEW, entry, sync_folder};
use super::journal::JournalError;
use super::journal::file::{self, Change, FileRow, FileState};
use super::plan::Plan;
use crate::outbox::{Problem, Source, SourceError};
use crate::records::{Format, RecordLayout};
use crate::security::{ProtectError, Protection, seal};

/// Why a file cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum PrepareFault {
    /// It can never be: its row should fail, and people decide.
    #[error("{0}")]
    Permanent(String),
    /// It cannot be now: a key is missing or not valid, the disk is full. It stays queued.
    #[error("{0}")]
    Later(String),
}

impl From<JournalError> for PrepareFault {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Content(_) | JournalError::NotThere(_) => {
                Self::Permanent(error.to_string())
            }
            _ => Self::Later(error.to_string()),
        }
    }
}

/// Makes a file ready to be offered: puts it into its envelope where its plan says so, or finds the
/// hash that a signed end response will name (5.3.13). What was done once is not done again. Takes
/// as long as reading the file, and waits for the disk. Gives the row as it is then.
///
/// The caller has claimed the file ([`Shared::claim_file`]).
///
/// # Errors
/// [`PrepareFault`].
pub fn prepare(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
) -> Result<FileRow, PrepareFault> {
    let plan = Plan::from_json(&row.plan)?;
    // What is passed on is what came; what has its hash has been here.
    if plan.forward {
        return Ok(row.clone());
    }
    let protection = plan.protection().ok_or_else(|| {
        PrepareFault::Permanent(format!("cipher suite {:02} is not known here", plan.suite))
    })?;
    if row.sealed {
        let path = envelope(shared, row);
        return match fs::metadata(&path) {
            Ok(metadata) if metadata.len() == row.octets => Ok(row.clone()),
            Ok(metadata) => Err(PrepareFault::Permanent(format!(
                "its envelope {} has {} octets and not {} any more, so that it cannot go on; \
                 `oftp resend` sends the file anew",
                path.display(),
                metadata.len(),
                row.octets
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(PrepareFault::Permanent(format!(
                    "its envelope {} is missing, so that it cannot go on; `oftp resend` sends the \
                     file anew",
                    path.display()
                )))
            }
            Err(error) => Err(disk(&path, &error)),
        };
    }
    let change = if protection.seals() {
        make_envelope(shared, row, partner, &plan, &protection)?
    } else if plan.signed_response && row.hash.is_empty() {
        Change {
            hash: Some(hash(shared, row, &plan, &protection)?),
            ..Change::default()
        }
    } else {
        return Ok(row.clone());
    };
    let key = row.key;
    let written = shared.journal().write(move |connection| {
        // Whoever took it back meanwhile is not overruled.
        let now = file::get(connection, key)?;
        if !matches!(now.state, FileState::Queued | FileState::EfidSent) {
            return Err(JournalError::State(format!("file {key} is {}", now.state)));
        }
        file::update(connection, key, change)?;
        file::get(connection, key)
    });
    Ok(written?)
}

/// Opens what is to be sent of a file that is prepared: its envelope, or the file in its format.
///
/// # Errors
/// It is not there, or not as it was queued.
pub fn source(shared: &Shared, row: &FileRow) -> Result<Source, PrepareFault> {
    if row.sealed {
        let path = envelope(shared, row);
        return Source::open(&path, Format::Unstructured, RecordLayout::Length32)
            .map_err(|error| source_fault(&error));
    }
    let plan = Plan::from_json(&row.plan)?;
    open(shared, row, &plan)
}

fn open(shared: &Shared, row: &FileRow, plan: &Plan) -> Result<Source, PrepareFault> {
    let path = shared.folder().spool_out().join(&row.spool);
    Source::open(&path, plan.format, row.layout).map_err(|error| source_fault(&error))
}

/// Where the envelope of a file lies, or would lie.
#[must_use]
pub fn envelope(shared: &Shared, row: &FileRow) -> PathBuf {
    entry(&shared.folder().spool_out(), &row.spool, ENVELOPE)
}

fn make_envelope(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    plan: &Plan,
    protection: &Protection,
) -> Result<Change, PrepareFault> {
    let mut source = open(shared, row, plan)?;
    let osiz = source.facts().blocks();
    let config = shared.config();
    let keys = config
        .security
        .ring
        .of_station(&row.sfid.dest, &partner.mailbox.code);
    let path = envelope(shared, row);
    let new = path.with_extension(format!("{ENVELOPE}.{NEW}"));
    let mut making = Making::create(&new).map_err(|error| disk(&new, &error))?;
    let sealed = seal(&mut source, protection, &keys, &mut making.file, |_| {})
        .map_err(|error| protect_fault(&new, &error))?;
    making.finish(&path).map_err(|error| disk(&path, &error))?;
    Ok(Change {
        sealed: Some(true),
        hash: Some(sealed.hash),
        octets: Some(sealed.octets),
        // An envelope has no records, whatever its content has (RFC 5024 6.5).
        records: Some(0),
        position: Some(0),
        sfid: Some(Sfid {
            fsiz: sealed.octets.div_ceil(1024),
            osiz,
            sec: protection.security(),
            ciph: protection.suite_code(),
            comp: protection.compress.is_some().into(),
            env: 1,
            sign: protection.signed_response,
            ..row.sfid.clone()
        }),
        ..Change::default()
    })
}

/// An envelope in the making. One that came to nothing does not stay: it may hold a signed file in
/// the clear.
struct Making {
    file: File,
    new: PathBuf,
    finished: bool,
}

impl Making {
    fn create(new: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        Ok(Self {
            file: options.open(new)?,
            new: new.to_owned(),
            finished: false,
        })
    }

    fn finish(mut self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.new, path)?;
        self.finished = true;
        path.parent().map_or(Ok(()), sync_folder)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_file(&self.new);
        }
    }
}

/// The hash of the octets as they are transmitted.
fn hash(
    shared: &Shared,
    row: &FileRow,
    plan: &Plan,
    protection: &Protection,
) -> Result<String, PrepareFault> {
    let mut source = open(shared, row, plan)?;
    let mut digest = Digest::new(protection.suite.hash);
    let mut room = vec![0; 128 << 10];
    loop {
        let piece = source
            .read(&mut room)
            .map_err(|error| source_fault(&error))?;
        digest.update(&room[..piece.octets]);
        if piece.end_of_file {
            return Ok(hex(&digest.finish()));
        }
    }
}

fn disk(path: &Path, error: &io::Error) -> PrepareFault {
    PrepareFault::Later(format!("{}: {error}", path.display()))
}

fn source_fault(error: &SourceError) -> PrepareFault {
    match &error.problem {
        Problem::Io(io) if io.kind() != io::ErrorKind::NotFound => {
            PrepareFault::Later(error.to_string())
        }
        _ => PrepareFault::Permanent(error.to_string()),
    }
}

fn protect_fault(path: &Path, error: &ProtectError) -> PrepareFault {
    match error {
        ProtectError::Source(error) => source_fault(error),
        ProtectError::Record { .. } => PrepareFault::Permanent(error.to_string()),
        ProtectError::Key(_) => PrepareFault::Later(error.to_string()),
        ProtectError::Envelope(io) => disk(path, io),
    }
}

#[cfg(test)]
mod tests;
