//! What a hook is told: placeholders of its arguments, JSON on its standard input, and variables of
//! its environment.
//!
//! Peers have named what is in here. Nothing of it is read by a shell, none of it can become an
//! option (a path is absolute, a dataset name is escaped as in file names and begins with no `-`),
//! and what is replaced is not looked at for placeholders again.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use oftp_core::wire::Sfid;
use serde_json::{Value, json};

use super::super::Folder;
use super::super::config::HookConfig;
use super::super::journal::event::EventRow;
use super::super::journal::file::{FileKey, FileRow};
use super::process::Run;
use crate::identity::Field;
use crate::names;
use crate::report::PeerText;

/// What a hook is run for.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// The line of the history.
    pub(super) event: &'a EventRow,
    /// Its file, where it is about one that is still known.
    pub(super) file: Option<&'a FileRow>,
    /// Where the file lies, where that is another place than its row says.
    pub(super) path: Option<&'a Path>,
}

/// What is the same in each run for the same event and file, and never the same for others: who
/// takes part in it twice knows it again.
#[must_use]
pub fn delivery_id(file: Option<FileKey>, event: i64) -> String {
    format!("{}-{event}", file.map_or(0, |file| file.0))
}

/// Variables of our own environment that a command may have.
const PASSED_ON: [&str; 3] = ["PATH", "HOME", "LANG"];

impl Subject<'_> {
    fn delivery_id(&self) -> String {
        delivery_id(self.event.file, self.event.id)
    }

    fn path(&self) -> Option<PathBuf> {
        let path = self.path.or_else(|| self.file?.path.as_deref())?;
        // What begins with / is no option.
        Some(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    /// The placeholders and their values; what does not apply is empty.
    fn values(&self) -> [(&'static str, OsString); 6] {
        let file = self.event.file.map(|file| file.to_string());
        let dsn = self
            .file
            .map(|file| names::escape(Field::new(file.sfid.dsn.as_octets()).as_octets()));
        [
            ("file", file.unwrap_or_default().into()),
            ("path", self.path().map(OsString::from).unwrap_or_default()),
            ("dsn", dsn.unwrap_or_default().into()),
            (
                "partner",
                self.event.partner.clone().unwrap_or_default().into(),
            ),
            ("event", self.event.kind.name().into()),
            ("id", self.delivery_id().into()),
        ]
    }

    /// The run of this hook.
    ///
    /// # Errors
    /// In words: the command cannot be what is meant.
    pub(super) fn run(&self, hook: &HookConfig, folder: &Folder) -> Result<Run, String> {
        let values = self.values();
        let (program, arguments) = hook
            .command
            .split_first()
            .ok_or_else(|| "no command is configured".to_owned())?;
        let arguments = arguments.iter().map(|argument| {
            let given = replaced(argument, &values);
            let begins = |text: &OsStr| text.as_encoded_bytes().starts_with(b"-");
            if begins(&given) && !begins(OsStr::new(argument)) {
                return Err(format!(
                    "the argument {argument:?} would begin with - and become an option"
                ));
            }
            Ok(given)
        });
        let ours = std::env::vars_os().filter(|(name, _)| {
            let mut passed = PASSED_ON.iter();
            passed.any(|known| name == known)
        });
        let told = values.iter().map(|(name, value)| {
            (
                format!("OFTP_{}", name.to_uppercase()).into(),
                value.clone(),
            )
        });
        let station = ("OFTP_STATION".into(), absolute(folder.path()).into());
        Ok(Run {
            program: program_of(program, folder)?,
            arguments: arguments.collect::<Result<_, _>>()?,
            environment: ours.chain(told).chain([station]).collect(),
            folder: folder.path().to_owned(),
            input: self.json(),
            limit: hook.timeout,
        })
    }

    /// One line of JSON.
    fn json(&self) -> Vec<u8> {
        let at = jiff::Timestamp::from_millisecond(self.event.at);
        let file = self.file.map(|file| {
            json!({
                "file": file.key.0,
                "direction": file.way.name(),
                "state": file.state.name(),
                "name": PeerText::new(&file.name),
                "path": self.path().map(|path| path.to_string_lossy().into_owned()),
                "octets": file.octets,
                "records": file.records,
                "hash": file.hash,
                "attempts": file.attempts,
                "forwards": file.parent.map(|parent| parent.0),
                "trouble": file.trouble,
                "virtual_file": virtual_file(&file.sfid),
            })
        });
        let all = json!({
            "id": self.delivery_id(),
            "event": self.event.kind.name(),
            "number": self.event.id,
            "at": at.map(|at| at.to_string()).unwrap_or_default(),
            "partner": self.event.partner,
            "detail": self.event.detail,
            "file": file,
        });
        let mut line = all.to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

/// SFID under the names of RFC 5024 section 5.3.3; what cannot be printed is escaped as in all that
/// is shown of a partner.
fn virtual_file(sfid: &Sfid) -> Value {
    let text = |octets: &[u8]| PeerText::new(Field::new(octets).as_octets()).to_string();
    json!({
        "SFIDDSN": text(sfid.dsn.as_octets()),
        "SFIDDATE": text(sfid.stamp.date()),
        "SFIDTIME": text(sfid.stamp.time()),
        "SFIDUSER": text(sfid.user.as_octets()),
        "SFIDDEST": text(sfid.dest.as_octets()),
        "SFIDORIG": text(sfid.orig.as_octets()),
        "SFIDFMT": char::from(sfid.fmt.letter()).to_string(),
        "SFIDLRECL": sfid.lrecl,
        "SFIDFSIZ": sfid.fsiz,
        "SFIDOSIZ": sfid.osiz,
        "SFIDSEC": sfid.sec.code(),
        "SFIDCIPH": sfid.ciph,
        "SFIDCOMP": sfid.comp,
        "SFIDENV": sfid.env,
        "SFIDSIGN": sfid.sign,
        "SFIDDESC": text(sfid.desc.as_octets()),
    })
}

/// `argument` with the values in the place of their names in braces, in one pass.
fn replaced(argument: &str, values: &[(&'static str, OsString)]) -> OsString {
    let mut given = OsString::new();
    let mut rest = argument;
    while let Some(at) = rest.find('{') {
        given.push(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find_map(|(name, value)| {
            let after = rest.strip_prefix('{')?.strip_prefix(name)?;
            Some((value, after.strip_prefix('}')?))
        });
        match known {
            Some((value, after)) => {
                given.push(value);
                rest = after;
            }
            None => {
                given.push("{");
                rest = &rest[1..];
            }
        }
    }
    given.push(rest);
    given
}

/// A name without a slash is looked up in PATH, one with a slash lies in the folder of the station
/// unless it is absolute. Where partners' files lie nothing is run.
fn program_of(program: &str, folder: &Folder) -> Result<PathBuf, String> {
    if !program.contains('/') {
        return Ok(PathBuf::from(program));
    }
    let path = absolute(&folder.path().join(program));
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (program, station) = (real(&path), real(folder.path()));
    for forbidden in ["inbox", "outbox", "sent", "spool", "refused", "evidence"] {
        if program.starts_with(station.join(forbidden)) {
            return Err(format!(
                "{} lies where files of partners lie, and nothing there is ever run; put it \
                 elsewhere",
                path.display()
            ));
        }
    }
    Ok(path)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
