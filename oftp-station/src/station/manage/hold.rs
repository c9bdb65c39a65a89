//! Files and partners, stopped and let go on.

use serde_json::json;

use crate::station::journal::event::{self, Kind};
use crate::station::journal::file::{self, Change, FileKey, FileRow, FileState, Way};
use crate::station::journal::{Journal, JournalError, partner};

/// Stops a file of ours that waits to be sent (`held`), or lets it go on, at once even where it
/// waited for its next try. What is so already stays so, without a line in the history. Waits for
/// the disk.
///
/// # Errors
/// [`JournalError::NotThere`]; [`JournalError::State`]: it does not wait to be sent.
pub fn hold(journal: &Journal, key: FileKey, held: bool) -> Result<FileRow, JournalError> {
    journal.write(move |connection| {
        let row = file::get(connection, key)?;
        check(&row, held)?;
        let change = Change {
            held: Some(held),
            retry_at: (!held).then_some(None),
            ..Change::default()
        };
        if row.held != held || (!held && row.retry_at.is_some()) {
            file::update(connection, key, change)?;
        }
        if row.held != held {
            let detail = json!({ "held": held });
            event::note(
                connection,
                Kind::FileHeld,
                Some(&row.partner),
                Some(key),
                &detail,
            )?;
        }
        file::get(connection, key)
    })
}

/// A file that is not to be sent any more cannot be stopped.
fn check(row: &FileRow, held: bool) -> Result<(), JournalError> {
    use FileState::{EfidSent, Queued, Taking};
    if row.way == Way::Out && matches!(row.state, Taking | Queued | EfidSent) {
        return Ok(());
    }
    let word = if held { "held" } else { "released" };
    let why = match row.way {
        Way::In => format!("it comes from {}", row.partner),
        Way::Out => format!("it is {}", row.state),
    };
    Err(JournalError::State(format!(
        "file {} cannot be {word}: {why}, and only what waits to be sent can",
        row.key
    )))
}

/// Stops a partner (`held`): it is not called, and nothing is sent to it; or lets it go on. What it
/// brings by calls of its own is taken all the same. Waits for the disk.
///
/// # Errors
/// The journal cannot be written.
pub fn hold_partner(journal: &Journal, name: &str, held: bool) -> Result<(), JournalError> {
    let name = name.to_owned();
    journal.write(move |connection| {
        let known = partner::all(connection)?;
        if known.get(&name).is_some_and(|row| row.held) == held {
            return Ok(());
        }
        partner::hold(connection, &name, held)?;
        let detail = json!({ "held": held });
        event::note(connection, Kind::PartnerHeld, Some(&name), None, &detail)
    })
}
