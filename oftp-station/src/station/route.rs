//! Files for other stations: stored, forwarded with their fields untouched, and answered when their
//! destination has answered: a clearing centre (RFC 5024 1.4, 3.3.5; field notes 75).

use std::fs::{self, File};
use std::io;
use std::sync::Arc;

use oftp_core::mailbox::{Response, eerp_for, nerp_for};
use oftp_core::session::{UserError, UserProblem};
use oftp_core::virtual_file::Structure;
use oftp_core::wire::{IdentificationCode, NerpReason, Sfid, Text};
use rusqlite::Connection;
use serde_json::json;

use super::Shared;
use super::config::{Config, PartnerConfig};
use super::delivery::{self, Fault};
use super::journal::file::{self, Change, FileRow, FileState, NewFile, Stamping};
use super::journal::{JournalError, response};
use super::plan::Plan;
use crate::names;
use crate::records::Format;

/// One copy of a file, to be forwarded.
#[derive(Debug, Clone)]
pub struct Target {
    /// Over whom.
    pub partner: Arc<PartnerConfig>,
    /// For whom (SFIDDEST).
    pub dest: IdentificationCode,
}

/// Whether files for this station are taken at all: they are for us, for a station that we reach,
/// or for a group.
#[must_use]
pub fn is_known(config: &Config, dest: &IdentificationCode) -> bool {
    config.is_ours(dest) || config.route(dest).is_some() || config.group(dest).is_some()
}

/// Whether files for this station go on to another one.
#[must_use]
pub fn is_elsewhere(config: &Config, dest: &IdentificationCode) -> bool {
    !config.is_ours(dest) || config.group(dest).is_some()
}

/// To whom a file goes on; empty: it is for us.
pub(super) fn targets(config: &Config, row: &FileRow) -> Result<Vec<Target>, Fault> {
    let dest = &row.sfid.dest;
    if !is_elsewhere(config, dest) {
        return Ok(Vec::new());
    }
    let members = match config.group(dest) {
        Some(group) => group.members.clone(),
        None => vec![*dest],
    };
    let mut targets = Vec::new();
    for dest in members {
        let partner = config.route(&dest).ok_or_else(|| {
            Fault::Config(format!(
                "no partner leads to {} any more: `stations` of a partner says which are behind it",
                names::escape(dest.trimmed())
            ))
        })?;
        targets.push(Target {
            partner: partner.clone(),
            dest,
        });
    }
    Ok(targets)
}

/// Queues a received file for the next stations. Its octets are shared with the spool first; then,
/// in one transaction, the journal says that it is delivered and queued; only then does it leave
/// the place where it came to.
pub(super) fn forward(shared: &Shared, row: &FileRow, targets: &[Target]) -> Result<(), Fault> {
    let staged = shared.staging().staged_path(&row.spool);
    let spool = shared.folder().spool_out();
    let mut copies = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let name = format!("forward-{}-{index}", row.key);
        share(&staged, &spool.join(&name))
            .map_err(|error| Fault::Disk(format!("{}: {error}", staged.display())))?;
        copies.push(copy_for(row, target, name));
    }
    File::open(&spool)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Fault::Disk(format!("{}: {error}", spool.display())))?;
    let (key, config) = (row.key, shared.config());
    let over: Vec<String> = targets.iter().map(|t| t.partner.name.clone()).collect();
    shared.journal().write(move |connection| {
        let none = Change::default();
        let detail = json!({ "forwarded_to": over });
        file::change(connection, key, FileState::Delivered, none, &detail)?;
        let mut has_it = Vec::new();
        for copy in copies {
            let dest = names::escape(copy.sfid.dest.trimmed());
            match file::enqueue(connection, copy, Stamping::Kept, FileState::Queued) {
                Ok(_) => {}
                // For a group, and for one of its members besides: that one gets it once.
                Err(JournalError::Duplicate) => has_it.push(dest),
                Err(error) => return Err(error),
            }
        }
        if !has_it.is_empty() {
            let trouble = format!("sent to {} already, and not once more", has_it.join(", "));
            file::note_trouble(connection, key, &trouble)?;
            // Where nobody is left to answer, nobody is waited for.
            collected(connection, &config, &file::get(connection, key)?)?;
        }
        Ok(())
    })?;
    // One that stays behind after a kill is cleared away when the station begins again.
    let _ = fs::remove_file(&staged);
    shared.wake();
    Ok(())
}

/// Gives a file a second name, or makes a copy where that is not possible.
fn share(from: &std::path::Path, to: &std::path::Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Err(_) => {
            let new = to.with_extension("new");
            fs::copy(from, &new)?;
            File::open(&new)?.sync_all()?;
            fs::rename(&new, to)
        }
        Ok(()) => Ok(()),
    }
}

/// The same file for the next station: nothing of it is touched but the destination that stood for
/// a group.
fn copy_for(row: &FileRow, target: &Target, spool: String) -> NewFile {
    let sfid = Sfid {
        dest: target.dest,
        ..row.sfid.clone()
    };
    let structure = Structure::of(&sfid);
    let format = match sfid.fmt {
        _ if structure.is_enveloped() => Format::Unstructured,
        oftp_core::wire::RecordFormat::F => Format::Fixed(sfid.lrecl),
        oftp_core::wire::RecordFormat::V => Format::Variable(sfid.lrecl),
        oftp_core::wire::RecordFormat::U => Format::Unstructured,
        oftp_core::wire::RecordFormat::T => Format::Text,
    };
    let plan = Plan {
        format,
        sign: false,
        encrypt: false,
        compress: None,
        signed_response: sfid.sign,
        suite: sfid.ciph,
        forward: true,
    };
    NewFile {
        partner: target.partner.name.clone(),
        sfid,
        name: row.name.clone(),
        spool,
        layout: row.layout,
        path: None,
        plan: plan.to_json(),
        priority: 5,
        held: false,
        parent: Some(row.key),
    }
}

/// A file that we forwarded has its end response: the one that it came as has one too, when all of
/// its copies have theirs. Within the transaction that notes the response.
///
/// # Errors
/// The journal cannot be written.
pub fn answered(
    connection: &Connection,
    config: &Config,
    copy: &FileRow,
    came: &Response,
) -> Result<(), JournalError> {
    let Some(parent) = parent_of(connection, copy)? else {
        return Ok(());
    };
    let is_group = parent.sfid.dest.trimmed() != copy.sfid.dest.trimmed();
    if is_group {
        return collected(connection, config, &parent);
    }
    let mut answer = came.clone();
    restore(&mut answer, &parent.sfid);
    give(connection, config, &parent, answer, false)
}

/// The response as the originator knows its file: an old level on the way cuts the stamps, and some
/// stations do not turn the addresses round. A signed one is what its signature is over.
fn restore(answer: &mut Response, sfid: &Sfid) {
    let proper = eerp_for(sfid);
    match answer {
        Response::Eerp(eerp) if eerp.sig.is_empty() => {
            (eerp.dsn, eerp.stamp) = (proper.dsn, proper.stamp);
            (eerp.dest, eerp.orig) = (proper.dest, proper.orig);
        }
        Response::Nerp(nerp) if nerp.sig.is_empty() => {
            (nerp.dsn, nerp.stamp) = (proper.dsn, proper.stamp);
            (nerp.dest, nerp.orig) = (proper.dest, proper.orig);
        }
        _ => {}
    }
}

/// A file that we forward cannot go on: its originator is told by a NERP of ours.
///
/// # Errors
/// The journal cannot be written.
pub fn not_forwarded(
    connection: &Connection,
    config: &Config,
    copy: &FileRow,
    reason: NerpReason,
) -> Result<(), JournalError> {
    let Some(parent) = parent_of(connection, copy)? else {
        return Ok(());
    };
    if parent.sfid.dest.trimmed() != copy.sfid.dest.trimmed() {
        return collected(connection, config, &parent);
    }
    let nerp = nerp_for(&parent.sfid, config.own.code, reason, Text::default());
    give(
        connection,
        config,
        &parent,
        Response::Nerp(Box::new(nerp)),
        true,
    )
}

/// A file that we forwarded is done by EFPA, because the next station sends no responses: ours says
/// that it has reached that one.
///
/// # Errors
/// The journal cannot be written.
pub fn taken_without_response(
    connection: &Connection,
    config: &Config,
    copy: &FileRow,
) -> Result<(), JournalError> {
    let Some(parent) = parent_of(connection, copy)? else {
        return Ok(());
    };
    if parent.sfid.dest.trimmed() != copy.sfid.dest.trimmed() {
        return collected(connection, config, &parent);
    }
    let eerp = Response::Eerp(Box::new(eerp_for(&parent.sfid)));
    give(connection, config, &parent, eerp, true)
}

fn parent_of(connection: &Connection, copy: &FileRow) -> Result<Option<FileRow>, JournalError> {
    let parent = copy.parent.map(|key| file::get(connection, key));
    parent.transpose()
}

/// The response to a file for a group, once no member is waited for any more: positive where all
/// have it.
fn collected(
    connection: &Connection,
    config: &Config,
    parent: &FileRow,
) -> Result<(), JournalError> {
    let copies = file::children(connection, parent.key)?;
    if copies.iter().any(|copy| copy.state.is_open()) {
        return Ok(());
    }
    let missing: Vec<String> = copies
        .iter()
        .filter(|copy| copy.state != FileState::Done)
        .map(|copy| names::escape(copy.sfid.dest.trimmed()))
        .collect();
    let answer = if missing.is_empty() {
        Response::Eerp(Box::new(eerp_for(&parent.sfid)))
    } else {
        let words = Text::new(&format!("not delivered to {}", missing.join(", ")));
        let reason = NerpReason::NOT_DELIVERED;
        Response::Nerp(Box::new(nerp_for(
            &parent.sfid,
            config.own.code,
            reason,
            words,
        )))
    };
    give(connection, config, parent, answer, true)
}

/// Queues the response to a file that came. `ours`: we have made it, and sign it where that was
/// asked for.
fn give(
    connection: &Connection,
    config: &Config,
    parent: &FileRow,
    mut answer: Response,
    ours: bool,
) -> Result<(), JournalError> {
    let Some(partner) = config.partner(&parent.partner) else {
        return file::note_trouble(
            connection,
            parent.key,
            "its partner is not in oftp.toml any more, and gets no response",
        );
    };
    if !partner.responses.given {
        let none = Change::default();
        return file::change(connection, parent.key, FileState::Closed, none, &json!({})).map(drop);
    }
    // It was given up, its originator was told, and now it has arrived all the same: what was said
    // stays.
    let said = response::of_file(connection, parent.key)?;
    if said.iter().any(|one| one.way == file::Way::Out) {
        let trouble = "another end response came for it when its originator had one already";
        return file::note_trouble(connection, parent.key, trouble);
    }
    if ours && let Some(trouble) = delivery::sign(config, parent, partner, &mut answer) {
        file::note_trouble(connection, parent.key, &trouble)?;
    }
    response::queue(connection, parent.key, &parent.partner, &answer).map(drop)
}

/// The reason of a NERP for a file that the session with the next station cannot carry.
#[must_use]
pub const fn reason_for(error: &UserError) -> NerpReason {
    match error.problem {
        UserProblem::Level { .. } | UserProblem::Field(_) => NerpReason::FILE_SIZE_INCOMPATIBLE,
        _ => NerpReason::UNSPECIFIED,
    }
}
