//! Which files lie in the outboxes and have been left alone long enough to be taken.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::super::super::config::{Config, PartnerConfig};
use super::super::super::journal::{Journal, event};
use super::super::IntakeError;
use super::refuse::refuse;
use super::take::{self, Candidate, Checked};

/// Programs write under such names first.
const UNFINISHED: [&str; 4] = [".tmp", ".part", ".new", "~"];

/// So many files go through the steps together, and share what waits for the disk.
const TOGETHER: usize = 64;

/// Looks at the outboxes now and then, and remembers what it saw.
#[derive(Debug, Default)]
pub struct Scanner {
    seen: HashMap<PathBuf, Seen>,
    told: HashSet<PathBuf>,
    /// A file was taken half, because the disk or the journal failed.
    unfinished: bool,
}

/// A file as it was at the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    file: (u64, u64),
    octets: u64,
    modified: Option<SystemTime>,
    since: Duration,
}

/// What came of a look.
#[derive(Debug, Default)]
pub struct Look {
    /// Files that are queued now.
    pub queued: usize,
    /// Files that cannot be sent, and were put aside.
    pub refused: usize,
    /// What failed and is tried again at the next look: the disk, the journal.
    pub troubles: Vec<String>,
}

impl Scanner {
    /// Looks at the outboxes of all partners and takes what has been left alone for
    /// [`Config::outbox_settle`]. `now` is the time of a clock that never jumps, from any
    /// beginning. Waits for the disk.
    pub fn look(&mut self, journal: &Journal, config: &Config, now: Duration) -> Look {
        let mut look = Look::default();
        if self.unfinished {
            match take::recover_taking(journal, &config.folder) {
                Ok(recovered) => {
                    self.unfinished = !recovered.troubles.is_empty();
                    look.queued += recovered.queued;
                    look.refused += recovered.refused;
                    look.troubles.extend(recovered.troubles);
                }
                Err(error) => look.troubles.push(error.to_string()),
            }
        }
        let mut there = HashSet::new();
        for partner in &config.partners {
            let folder = config.folder.outbox(&partner.name);
            match self.settled(journal, partner, &folder, config, now, &mut there) {
                Ok(files) => self.take(journal, config, partner, files, &mut look),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => look.troubles.push(format!("{}: {error}", folder.display())),
            }
        }
        self.seen.retain(|path, _| there.contains(path));
        self.told.retain(|path| there.contains(path));
        look
    }

    /// The files of one outbox that may be taken, the oldest first.
    fn settled(
        &mut self,
        journal: &Journal,
        partner: &PartnerConfig,
        folder: &Path,
        config: &Config,
        now: Duration,
        there: &mut HashSet<PathBuf>,
    ) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if is_unfinished(&entry) {
                continue;
            }
            // Gone since it was listed: not for us.
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            if metadata.is_dir() {
                continue;
            }
            there.insert(path.clone());
            if !metadata.is_file() {
                self.leave(journal, partner, &path, &metadata);
                continue;
            }
            let seen = Seen {
                file: (metadata.dev(), metadata.ino()),
                octets: metadata.len(),
                modified: metadata.modified().ok(),
                since: now,
            };
            let before = self.seen.entry(path.clone()).or_insert(seen);
            if *before
                != (Seen {
                    since: before.since,
                    ..seen
                })
            {
                *before = seen;
            }
            if now.saturating_sub(before.since) >= config.outbox_settle {
                files.push((seen.modified, path));
            }
        }
        files.sort();
        Ok(files.into_iter().map(|(_, path)| path).collect())
    }

    /// What is no file stays where it is, and people are told once.
    fn leave(
        &mut self,
        journal: &Journal,
        partner: &PartnerConfig,
        path: &Path,
        metadata: &Metadata,
    ) {
        if !self.told.insert(path.to_owned()) {
            return;
        }
        let what = if metadata.is_symlink() {
            "a symbolic link"
        } else {
            "no regular file"
        };
        let trouble = format!(
            "{}: {what} is not sent; put the file itself there",
            path.display()
        );
        alarm(journal, partner.name.clone(), trouble);
    }

    fn take(
        &mut self,
        journal: &Journal,
        config: &Config,
        partner: &PartnerConfig,
        files: Vec<PathBuf>,
        look: &mut Look,
    ) {
        for together in files.chunks(TOGETHER) {
            let mut checked: Vec<Checked> = Vec::new();
            for path in together {
                self.seen.remove(path);
                let candidate = Candidate::new(path);
                match candidate.and_then(|candidate| take::check(config, partner, candidate)) {
                    Ok(fits) => checked.push(fits),
                    Err(error) if error.is_the_files() => {
                        match self.refuse(journal, partner, path, &error) {
                            Ok(()) => look.refused += 1,
                            Err(error) => look.troubles.push(error),
                        }
                    }
                    Err(error) => look.troubles.push(error.to_string()),
                }
            }
            if checked.is_empty() {
                continue;
            }
            match take::take(journal, &config.folder, partner, checked) {
                Ok(taken) => {
                    self.unfinished |= !taken.troubles.is_empty();
                    look.queued += taken.queued;
                    look.refused += taken.refused;
                    look.troubles.extend(taken.troubles);
                }
                Err(error) => {
                    self.unfinished = true;
                    look.troubles.push(error.to_string());
                }
            }
        }
    }

    fn refuse(
        &self,
        journal: &Journal,
        partner: &PartnerConfig,
        path: &Path,
        why: &IntakeError,
    ) -> Result<(), String> {
        let name = path.file_name().unwrap_or_default();
        let outbox = path.parent().unwrap_or_else(|| Path::new("."));
        let aside = refuse(outbox, path, name, &why.to_string())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let trouble = format!("{why}; the file is in {}", aside.display());
        alarm(journal, partner.name.clone(), trouble);
        Ok(())
    }
}

/// Tells people something that is about no file in the journal.
pub(super) fn alarm(journal: &Journal, partner: String, trouble: String) {
    journal.post(move |connection| {
        let detail = json!({ "trouble": trouble });
        event::note(
            connection,
            event::Kind::Alarm,
            Some(&partner),
            None,
            &detail,
        )
    });
}

fn is_unfinished(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy().to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|ending| name.ends_with(ending))
}
