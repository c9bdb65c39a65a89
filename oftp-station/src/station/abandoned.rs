//! Transfers to us that were cut and with which nobody has gone on: what has come of them is given
//! up after a while, so that it does not fill the disk for ever (RFC 5024 5.3.3: a restart is
//! offered by the sender, and it may never do so).

use serde_json::json;

use super::Shared;
use super::journal::file::{self, FileRow, FileState};
use super::journal::virtual_file::identity_of;
use super::journal::{JournalError, event};
use crate::exchange::offer_from;

/// Gives up those that nobody has touched since this time (ms since 1970), and says how many. A
/// file that a session has in its hands stays. If it is sent once more after all, it begins at its
/// beginning.
///
/// # Errors
/// The journal, or the disk.
pub(super) fn give_up(shared: &Shared, before: i64) -> Result<u64, JournalError> {
    let cut = shared
        .journal()
        .read(|connection| file::open(connection, &[FileState::Receiving]))?;
    let mut given_up = 0;
    let mut trouble = None;
    for row in cut.iter().filter(|row| row.changed < before) {
        if shared.claim_file(row.key) {
            match give_up_one(shared, row, before) {
                Ok(done) => given_up += u64::from(done),
                // The others do not wait for it.
                Err(error) => trouble = Some(error),
            }
            shared.release_file(row.key);
        }
    }
    trouble.map_or(Ok(given_up), Err)
}

/// The file is in our hands; whether it was given up.
fn give_up_one(shared: &Shared, row: &FileRow, before: i64) -> Result<bool, JournalError> {
    let key = row.key;
    let fresh = shared
        .journal()
        .read(|connection| file::get(connection, key));
    // A session may have gone on with it, or received the rest, until it was in our hands.
    let row = match fresh {
        Ok(row) if row.state == FileState::Receiving && row.changed < before => row,
        Ok(_) | Err(JournalError::NotThere(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let fault = |error: &dyn std::fmt::Display| {
        JournalError::State(format!("what has come of {}: {error}", row.name))
    };
    // First the octets: without the row nobody would clear them away.
    let offer = offer_from(&row.sfid, row.partner.as_bytes());
    let slot = shared.staging().place(&offer);
    let slot = slot.map_err(|refusal| fault(&refusal))?;
    let octets = slot.held();
    slot.discard().map_err(|error| fault(&error))?;
    let detail = json!({
        "file": identity_of(&row.sfid).to_string(),
        "octets": octets,
        "why": "it was cut, and the partner has not gone on with it in the time that \
                retention.unfinished gives",
    });
    shared.journal().write(move |connection| {
        file::drop_reception(connection, key)?;
        let (kind, partner) = (event::Kind::FileTurnedAway, Some(row.partner.as_str()));
        event::note(connection, kind, partner, None, &detail)
    })?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::RecordLayout;
    use crate::station::journal::file::{FileKey, NewFile};
    use crate::station::testing;

    /// A transfer from `beta` that was cut after five octets.
    fn cut(shared: &Shared) -> FileKey {
        let sfid = testing::sfid(b"CUT");
        let offer = offer_from(&sfid, b"beta");
        let mut slot = shared.staging().place(&offer).expect("a place");
        slot.start_at(0).expect("started");
        let new = NewFile {
            partner: "beta".to_owned(),
            sfid,
            name: "CUT".to_owned(),
            spool: slot.name().to_owned(),
            layout: RecordLayout::default(),
            path: None,
            plan: "{}".to_owned(),
            priority: 5,
            held: false,
            parent: None,
        };
        slot.write(b"begin", false).expect("written");
        slot.suspend().expect("kept");
        let key = shared.journal().write(move |db| file::receive(db, &new));
        key.expect("new")
    }

    /// What lies in the spool of what comes.
    fn partial(shared: &Shared) -> usize {
        let folder = shared.folder().spool_in().join(".partial");
        std::fs::read_dir(folder).expect("a folder").count()
    }

    #[test]
    fn what_nobody_goes_on_with_is_given_up() {
        let place = tempfile::tempdir().expect("a folder");
        let shared = testing::station(place.path(), |_| {});
        let key = cut(&shared);
        let row = shared.journal().read(|db| file::get(db, key)).expect("row");
        assert!(partial(&shared) > 0);

        let nothing = give_up(&shared, row.changed).expect("looked");
        assert_eq!(nothing, 0, "it is young");
        assert!(shared.claim_file(key));
        let nothing = give_up(&shared, row.changed + 1).expect("looked");
        assert_eq!(nothing, 0, "a session has it in its hands");
        shared.release_file(key);
        assert!(partial(&shared) > 0);

        assert_eq!(give_up(&shared, row.changed + 1).expect("given up"), 1);
        assert_eq!(partial(&shared), 0);
        let gone = shared.journal().read(|db| file::get(db, key));
        assert!(matches!(gone, Err(JournalError::NotThere(_))), "{gone:?}");
        // It begins at its beginning, if it comes after all.
        let offer = offer_from(&row.sfid, b"beta");
        assert_eq!(shared.staging().place(&offer).expect("a place").held(), 0);
    }
}
