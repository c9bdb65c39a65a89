//! Files queued anew, under another stamp.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use oftp_core::wire::Sfid;
use serde_json::json;

use super::{ManageError, octets};
use crate::outbox::{Source, Stamp};
use crate::records::{Format, RecordLayout};
use crate::station::Folder;
use crate::station::intake::spool::{fresh_name, sync_folder};
use crate::station::journal::event::{self, Kind};
use crate::station::journal::file::{
    self, Change, FileKey, FileRow, FileState, NewFile, Stamping, Way,
};
use crate::station::journal::{Journal, JournalError};
use crate::station::plan::Plan;

/// Queues a file of ours that is over (done, rejected, failed or cancelled) once more: under the
/// first free stamp from `first` on, since its partner would take the old one for a duplicate, with
/// all else as it was. Its octets come from the spool or from the copy in `sent`. `seconds_only`: as
/// for [`Stamping::Free`]. `force`: a file that the partner has, whose end response does not come,
/// too.
///
/// A file that we forward belongs to its originator, stamp and all: where it has failed it is queued
/// again as it is, else its originator must send it again.
///
/// Gives the file that is queued now. It is on the disk when this returns.
///
/// # Errors
/// [`JournalError::NotThere`]; [`JournalError::State`]: it is not over, or not ours;
/// [`ManageError::Gone`]: its octets are kept nowhere any more; [`ManageError::Io`]: they cannot be
/// read, or not be put into the spool.
pub fn resend(
    journal: &Journal,
    folder: &Folder,
    key: FileKey,
    first: Stamp,
    seconds_only: bool,
    force: bool,
) -> Result<FileRow, ManageError> {
    let row = journal.read(|connection| file::get(connection, key))?;
    check(&row, force)?;
    let plan = Plan::from_json(&row.plan)?;
    let Some(from) = octets::original(folder, &row) else {
        return Err(ManageError::Gone(format!(
            "file {key} cannot be sent again: its octets lie neither in {} nor in {} any more; \
             queue the file itself with `oftp send {}`",
            folder.spool_out().display(),
            folder.sent(&row.partner).display(),
            row.partner,
        )));
    };
    if plan.forward {
        return requeue(journal, &row);
    }
    let spool = fresh_name();
    let path = folder.spool_out().join(&spool);
    copy(&from, &path).map_err(ManageError::io(&path))?;
    let stamping = Stamping::Free {
        first,
        seconds_only,
    };
    let queued = enqueue(journal, &row, &plan, &path, &spool, stamping, force);
    if queued.is_err() {
        // Where the journal failed for good nobody knows whether the row is there, and the file
        // stays for it.
        if !matches!(
            queued,
            Err(ManageError::Journal(
                JournalError::Broken(_) | JournalError::Closed
            ))
        ) {
            let _ = fs::remove_file(&path);
        }
    }
    queued
}

fn check(row: &FileRow, force: bool) -> Result<(), JournalError> {
    use FileState::{Cancelled, Done, Failed, Queued, Rejected, Sent};
    let partner = &row.partner;
    let why = match (row.way, row.state) {
        (Way::In, _) => format!("it comes from {partner}, and only files of ours can be"),
        (Way::Out, Done | Rejected | Failed | Cancelled) => return Ok(()),
        // Its partner says that it has a file of this name and time, which this one is not (field
        // notes 71): it goes under another time, and not once more under its own.
        (Way::Out, Queued) if row.held => return Ok(()),
        (Way::Out, Sent) if force => return Ok(()),
        (Way::Out, Sent) => format!(
            "{partner} has it, and its end response may still come; with --force it is sent as \
             another file all the same"
        ),
        (Way::Out, state) => format!("it is {state}, and goes by itself"),
    };
    Err(JournalError::State(format!(
        "file {} cannot be sent again: {why}",
        row.key
    )))
}

/// A file of somebody else, as it is.
fn requeue(journal: &Journal, row: &FileRow) -> Result<FileRow, ManageError> {
    if row.state != FileState::Failed {
        let why = format!(
            "file {} cannot be sent again: it is forwarded, and its stamp belongs to {}, who must \
             send it again",
            row.key,
            row.identity().originator,
        );
        return Err(JournalError::State(why).into());
    }
    let key = row.key;
    Ok(journal.write(move |connection| {
        let change = Change {
            attempts: Some(0),
            held: Some(false),
            retry_at: Some(None),
            trouble: Some(None),
            ..Change::default()
        };
        let detail = json!({ "again": true });
        file::change(connection, key, FileState::Queued, change, &detail)
    })?)
}

/// The octets once more in the spool, on the disk: nobody changes a file there, so that two names
/// for it are as good as a copy.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to)?;
        File::open(to)?.sync_all()?;
    }
    match to.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

fn enqueue(
    journal: &Journal,
    row: &FileRow,
    plan: &Plan,
    path: &Path,
    spool: &str,
    stamping: Stamping,
    force: bool,
) -> Result<FileRow, ManageError> {
    // What the row says of a sealed file is about its envelope, which is made again.
    let source = Source::open(path, plan.format, RecordLayout::Length32)
        .map_err(|error| ManageError::Gone(format!("file {}: {error}", row.key)))?;
    let facts = *source.facts();
    let new = NewFile {
        partner: row.partner.clone(),
        sfid: Sfid {
            lrecl: match facts.format {
                Format::Fixed(length) | Format::Variable(length) => length,
                Format::Unstructured | Format::Text => 0,
            },
            fsiz: facts.blocks(),
            osiz: facts.blocks(),
            rest: 0,
            ..row.sfid.clone()
        },
        name: row.name.clone(),
        spool: spool.to_owned(),
        layout: RecordLayout::Length32,
        path: row.path.clone(),
        plan: plan.to_json(),
        priority: row.priority,
        held: false,
        parent: row.parent,
    };
    let (old, partner) = (row.key, row.partner.clone());
    Ok(journal.write(move |connection| {
        let before = file::get(connection, old)?;
        check(&before, force)?;
        if before.state == FileState::Queued {
            let change = Change {
                held: Some(false),
                ..Change::default()
            };
            let detail = json!({ "was": before.state.name() });
            file::change(connection, old, FileState::Cancelled, change, &detail)?;
        }
        let row = file::enqueue(connection, new, stamping, FileState::Queued)?;
        let counts = Change {
            octets: Some(facts.octets),
            records: Some(facts.records),
            ..Change::default()
        };
        file::update(connection, row.key, counts)?;
        // Each of the two leads to the other.
        for (key, detail) in [
            (old, json!({ "as": row.key.0 })),
            (row.key, json!({ "of": old.0 })),
        ] {
            event::note(
                connection,
                Kind::FileResent,
                Some(&partner),
                Some(key),
                &detail,
            )?;
        }
        file::get(connection, row.key)
    })?)
}
