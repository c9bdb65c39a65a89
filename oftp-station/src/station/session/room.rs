//! What a partner's files may fill (threat model N8).

use std::fs;
use std::io;
use std::path::Path;

use crate::inbox::Refusal;
use crate::station::Shared;
use crate::station::config::PartnerConfig;
use crate::station::journal::JournalError;
use crate::station::journal::file::FileKey;

/// How many octets of a file the partner's quota takes, or why not even what it announces.
/// `blocks` is SFIDFSIZ, an estimate in blocks of 1,024 octets; `known`: the file itself, of which
/// a part came in an earlier session and counts as what is offered now.
pub(super) fn in_quota(
    shared: &Shared,
    partner: &PartnerConfig,
    blocks: u64,
    known: Option<FileKey>,
) -> Result<Result<u64, Refusal>, JournalError> {
    let Some(quota) = partner.quota else {
        return Ok(Ok(u64::MAX));
    };
    let inbox = shared.folder().inbox(&partner.name);
    let lying = in_folder(&inbox).map_err(|error| fault(&inbox, &error))?;
    let used = lying.saturating_add(on_the_way(shared, &partner.name, known)?);
    let free = quota.saturating_sub(used);
    let lacking = free < blocks.saturating_mul(1024);
    Ok(if lacking {
        Err(Refusal::NoSpace { blocks, free })
    } else {
        Ok(free)
    })
}

fn fault(path: &Path, error: &io::Error) -> JournalError {
    JournalError::State(format!("{}: {error}", path.display()))
}

/// Octets of the files in a folder.
fn in_folder(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut octets = 0_u64;
    for entry in entries {
        match entry?.metadata() {
            Ok(metadata) if metadata.is_file() => octets = octets.saturating_add(metadata.len()),
            // Somebody has just taken it out.
            _ => {}
        }
    }
    Ok(octets)
}

/// Octets of a partner's files that are not delivered yet, as they announce themselves; all but
/// this one.
fn on_the_way(shared: &Shared, partner: &str, but: Option<FileKey>) -> Result<u64, JournalError> {
    shared.journal().read(|connection| {
        let mut sum = connection.prepare_cached(
            "SELECT coalesce(sum(max(octets, 1024 * (sfid ->> 'fsiz'))), 0) FROM file \
             WHERE open = 1 AND direction = 'in' AND partner = ?1 \
             AND state IN ('receiving', 'received') AND id <> ?2",
        )?;
        let octets: i64 = sum.query_row(
            rusqlite::params![partner, but.map_or(0, |key| key.0)],
            |row| row.get(0),
        )?;
        Ok(u64::try_from(octets).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::station::journal::file::{self, NewFile};
    use crate::station::{fixture, testing};

    /// (threat model N8)
    #[test]
    fn a_file_that_goes_on_does_not_stand_in_its_own_way() {
        let mut partner = fixture::partner("beta");
        partner.quota = Some(100 << 10);
        let place = fixture::Place::with(vec![partner.clone()]);
        let shared = place.shared();
        let mut sfid = testing::sfid(b"LARGE");
        sfid.fsiz = 60;
        let new = NewFile {
            partner: partner.name.clone(),
            sfid,
            name: "LARGE".to_owned(),
            spool: "LARGE".to_owned(),
            layout: crate::records::RecordLayout::Length32,
            path: None,
            plan: "{}".to_owned(),
            priority: 5,
            held: false,
            parent: None,
        };
        let key = shared.journal().write(move |db| file::receive(db, &new));
        let key = key.expect("new");
        let again = in_quota(&shared, &partner, 60, Some(key)).expect("asked");
        assert_eq!(again.ok(), Some(100 << 10), "all of the quota is for it");
        let other = in_quota(&shared, &partner, 60, None).expect("asked");
        assert!(matches!(other, Err(Refusal::NoSpace { free, .. }) if free == 40 << 10));
        let other = in_quota(&shared, &partner, 40, None).expect("asked");
        assert_eq!(
            other.ok(),
            Some(40 << 10),
            "and no more than that, whatever it announces"
        );
    }
}
