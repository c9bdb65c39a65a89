//! Files taken back before their partner has them.

use oftp_core::wire::NerpReason;
use serde_json::json;

use super::ManageError;
use crate::station::Folder;
use crate::station::config::{Config, Retention};
use crate::station::journal::file::{self, Change, FileKey, FileRow, FileState, Way};
use crate::station::journal::{Journal, JournalError};
use crate::station::{intake, route};

/// Takes a file of ours back: it is not sent, and leaves the spool, for `sent` where copies are
/// kept. Where it is forwarded, its originator gets a NERP (50), which `config` is needed for. `force`: even where all of it was sent and only the answer is missing, so that the partner
/// may have it.
///
/// The journal decides who comes first: a session that is sending the file just then cannot note
/// [`FileState::EfidSent`] any more, which it must before EFID leaves. Waits for the disk.
///
/// # Errors
/// [`JournalError::NotThere`]; [`JournalError::State`]: it cannot be taken back any more, or is not
/// ours; [`ManageError::Io`]: it is taken back, but something of it stays in the spool.
pub fn cancel(
    journal: &Journal,
    folder: &Folder,
    retention: &Retention,
    config: Option<&Config>,
    key: FileKey,
    force: bool,
) -> Result<FileRow, ManageError> {
    let config = config.cloned();
    let (row, shared) = journal.write(move |connection| {
        let row = file::get(connection, key)?;
        check(&row, force)?;
        let change = Change {
            held: Some(false),
            retry_at: Some(None),
            due: Some(None),
            ..Change::default()
        };
        let detail = json!({ "was": row.state.name() });
        let row = file::change(connection, key, FileState::Cancelled, change, &detail)?;
        if let Some(config) = &config {
            let reason = NerpReason::STOPPED_BY_OPERATOR;
            route::not_forwarded(connection, config, &row, reason)?;
        }
        // Files for several destinations may lie in the spool once.
        let others = file::find(
            connection,
            "WHERE open = 1 AND direction = 'out' AND spool = ?1 LIMIT 1",
            [&row.spool],
        )?;
        Ok((row, !others.is_empty()))
    })?;
    if !shared {
        intake::put_away(folder, retention, &row).map_err(ManageError::io(&folder.spool_out()))?;
    }
    Ok(row)
}

fn check(row: &FileRow, force: bool) -> Result<(), JournalError> {
    let partner = &row.partner;
    let why = match (row.way, row.state) {
        (Way::In, _) => format!("it comes from {partner}, and only files of ours can be"),
        (Way::Out, FileState::Taking | FileState::Queued | FileState::Failed) => return Ok(()),
        (Way::Out, FileState::EfidSent) if force => return Ok(()),
        (Way::Out, FileState::EfidSent) => format!(
            "all of it was sent, and {partner} may have it; with --force it is cancelled all the \
             same"
        ),
        (Way::Out, FileState::Sent) => format!("{partner} has it"),
        (Way::Out, state) => format!("it is {state} already"),
    };
    Err(JournalError::State(format!(
        "file {} cannot be cancelled: {why}",
        row.key
    )))
}
