//! How files come into the queue (design chapter "Delivery", the way out), and what becomes of
//! their copies.
//!
//! A file is queued when its octets lie in `spool/out` and its row is in the journal, both on the
//! disk, in this order. Nobody changes a file in the spool: what is offered, resumed and hashed is
//! always the same octets.
//!
//! ```text
//! wanted    what the rules and the caller say of a file, and whether it fits
//! content   records and characters, from the local file to the spool
//! spool     names in the spool, and durable files there
//! outbox    files that are put into outbox/PARTNER
//! orphans   what a crash left in the spool
//! dispose   what is done with the copy of a file that is over
//! prune     what is kept no longer
//! error     why a file is not queued
//! ```

mod content;
mod dispose;
mod error;
mod orphans;
pub mod outbox;
mod prune;
pub(crate) mod spool;
mod wanted;

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

use oftp_core::wire::IdentificationCode;

pub use dispose::{dispose, put_away, sent_copy};
pub use error::IntakeError;
pub use orphans::{Orphans, remove_orphans};
pub use prune::{Pruned, believed_last, prune};

use self::spool::Draft;
use self::wanted::Wanted;
use super::config::{Config, Conversion, PartnerConfig};
use super::journal::file::{self, FileRow, FileState, Stamping};
use super::journal::{Journal, JournalError};
use crate::outbox::{Problem, Source, SourceError, Stamp};
use crate::records::{Format, RecordLayout};
use crate::security::Protection;

/// A file that is to be queued.
#[derive(Debug)]
pub struct Submission {
    /// Its octets.
    pub content: Content,
    /// Its local name, by which the rules of the partner choose, and which people read.
    pub name: String,
    /// What the caller says of it.
    pub wishes: Wishes,
}

impl Submission {
    /// The file at this path, as the rules say.
    #[must_use]
    pub fn of_path(path: PathBuf) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self {
            name: name.to_string_lossy().into_owned(),
            content: Content::Path(path),
            wishes: Wishes::default(),
        }
    }
}

/// The octets of a file that is to be queued.
pub enum Content {
    /// A regular file, which is copied and stays where it is.
    Path(PathBuf),
    /// Whatever this gives, to its end.
    Reader(Box<dyn Read + Send>),
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
            Self::Reader(_) => f.write_str("Reader"),
        }
    }
}

/// What a caller says of a file; `None`: what the rule for its name says, else what the partner
/// has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// SFIDDSN, at most 26 characters of RFC 5024 Appendix B.
    pub dsn: Option<String>,
    /// SFIDDESC.
    pub description: Option<String>,
    /// SFIDDEST.
    pub destination: Option<IdentificationCode>,
    /// SFIDORIG.
    pub originator: Option<IdentificationCode>,
    /// SFIDUSER, at most 8 characters of Appendix B.
    pub user_data: Option<String>,
    /// SFIDFMT and SFIDLRECL.
    pub format: Option<Format>,
    /// How the records of a V file lie in what is given.
    pub layout: Option<RecordLayout>,
    /// How characters are converted.
    pub conversion: Option<Conversion>,
    /// What is done to it before it is sent.
    pub protection: Option<Protection>,
    /// 0 first, 9 last.
    pub priority: Option<u8>,
    /// It waits until a person lets it go.
    pub held: bool,
}

/// Copies a file into the spool and queues it for a partner. It is on the disk when this returns;
/// where this fails nothing is queued. Works in any process, whether the station runs or not.
///
/// # Errors
/// [`IntakeError`]: the file does not fit what is agreed with the partner, cannot be read, or the
/// disk or the journal cannot be written.
pub fn submit(
    journal: &Journal,
    config: &Config,
    partner: &PartnerConfig,
    file: Submission,
) -> Result<FileRow, IntakeError> {
    let Submission {
        content,
        name,
        wishes,
    } = file;
    let wanted = Wanted::decide(config, partner, &name, &wishes)?;
    wanted.check_keys(config, partner)?;
    let mut draft = Draft::create(&config.folder.spool_out(), &spool::fresh_name())
        .map_err(|error| IntakeError::disk("spool", error))?;
    let path = copy(content, &name, &wanted, &mut draft)?;
    let source = Source::open(draft.making(), wanted.job.format, RecordLayout::Length32)
        .map_err(|error| IntakeError::source(&name, error.problem))?;
    let facts = *source.facts();
    drop(source);
    let layout = RecordLayout::Length32;
    wanted.check_facts(partner, config, &name, draft.making(), layout, &facts)?;
    let new = wanted.new_file(partner, &name, draft.name(), path, &facts);
    let stored = draft
        .finish()
        .map_err(|error| IntakeError::disk("spool", error))?;
    let seconds_only = partner.seconds_only;
    let queued = journal.write(move |connection| {
        let stamping = Stamping::Free {
            first: Stamp::now(),
            seconds_only,
        };
        let row = file::enqueue(connection, new, stamping, FileState::Queued)?;
        file::update(connection, row.key, wanted::counts(&facts))?;
        file::get(connection, row.key)
    });
    queued.map_err(|error| {
        // Where the journal failed for good nobody knows whether the row is there: the file stays
        // for it.
        if !matches!(error, JournalError::Broken(_) | JournalError::Closed) {
            let _ = fs::remove_file(&stored);
        }
        error.into()
    })
}

/// Brings the octets into the spool; gives where they came from.
fn copy(
    content: Content,
    name: &str,
    wanted: &Wanted,
    draft: &mut Draft,
) -> Result<Option<PathBuf>, IntakeError> {
    match content {
        Content::Reader(reader) => {
            content::copy(&mut { reader }, name, wanted.job, draft.file())?;
            Ok(None)
        }
        Content::Path(path) => {
            let read = |error: io::Error| IntakeError::source(name, Problem::Io(error));
            // Opening a pipe would wait for its other end, so look first.
            if !fs::metadata(&path).map_err(read)?.is_file() {
                return Err(IntakeError::source(name, Problem::NotRegular));
            }
            let file = File::open(&path).map_err(read)?;
            let before = file.metadata().map_err(read)?;
            content::copy(&mut &file, name, wanted.job, draft.file())?;
            let after = file.metadata().map_err(read)?;
            if before.len() != after.len()
                || before.modified().map_err(read)? != after.modified().map_err(read)?
            {
                return Err(IntakeError::source(name, Problem::Changed));
            }
            Ok(Some(fs::canonicalize(&path).unwrap_or(path)))
        }
    }
}

impl IntakeError {
    /// A file that is not what it should be, by the name that people know it by.
    fn source(name: &str, problem: Problem) -> Self {
        Self::Source(SourceError {
            path: name.into(),
            problem,
        })
    }
}
