//! What a partner's files may fill (threat model N8).

use std::fs;
use std::io;
use std::path::Path;

use crate::inbox::Refusal;
use crate::station::Shared;
use crate::station::config::PartnerConfig;
use crate::station::journal::JournalError;

/// Why a file does not fit the partner's quota; `None`: it does. `blocks` is SFIDFSIZ, an estimate
/// in blocks of 1,024 octets.
pub(super) fn beyond_quota(
    shared: &Shared,
    partner: &PartnerConfig,
    blocks: u64,
) -> Result<Option<Refusal>, JournalError> {
    let Some(quota) = partner.quota else {
        return Ok(None);
    };
    let inbox = shared.folder().inbox(&partner.name);
    let lying = in_folder(&inbox).map_err(|error| fault(&inbox, &error))?;
    let used = lying.saturating_add(on_the_way(shared, &partner.name)?);
    let free = quota.saturating_sub(used);
    let lacking = free < blocks.saturating_mul(1024);
    Ok(lacking.then_some(Refusal::NoSpace { blocks, free }))
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

/// Octets of a partner's files that are not delivered yet, as they announce themselves.
fn on_the_way(shared: &Shared, partner: &str) -> Result<u64, JournalError> {
    shared.journal().read(|connection| {
        let mut sum = connection.prepare_cached(
            "SELECT coalesce(sum(max(octets, 1024 * (sfid ->> 'fsiz'))), 0) FROM file \
             WHERE open = 1 AND direction = 'in' AND partner = ?1 \
             AND state IN ('receiving', 'received')",
        )?;
        let octets: i64 = sum.query_row([partner], |row| row.get(0))?;
        Ok(u64::try_from(octets).unwrap_or(0))
    })
}
