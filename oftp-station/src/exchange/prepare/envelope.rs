//! The envelope of a file that is sent: made once for its transfer, and used until that is over.

use oftp_core::wire::Sfid;

use super::{FileSpec, PrepareError, lock};
use crate::exchange::incoming::PROGRESS;
use crate::exchange::{Notes, Voice, file_id};
use crate::outbox::{Facts, Protected, Source, Transfer};
use crate::records::Format;
use crate::report::{Direction, Event};
use crate::security::{Keys, ProtectError, seal};

/// The file in its envelope: the one that is kept of the transfer, or a new one.
pub(super) fn sealed_source(
    spec: &FileSpec,
    mut source: Source,
    sfid: &Sfid,
    transfer: &mut Transfer,
    notes: &Notes,
    keys: &Keys,
    voice: &Voice,
) -> Result<Source, PrepareError> {
    let envelopes = lock(notes)?.envelopes().clone();
    let path = envelopes.path(transfer);
    if transfer.protected.sealed && !path.exists() {
        return Err(PrepareError::EnvelopeMissing {
            path: spec.path.clone(),
            envelope: path,
        });
    }
    if !transfer.protected.sealed {
        let fault = |error| PrepareError::Protect {
            path: spec.path.clone(),
            error,
        };
        let disk = |error| fault(ProtectError::Envelope(error));
        let mut envelope = envelopes.create(transfer).map_err(disk)?;
        if let Some(done) = sealed_meanwhile(transfer, notes)? {
            *transfer = done;
            return Ok(Source::open(&path, Format::Unstructured, spec.layout)?);
        }
        let progress = |octets, total| {
            voice.tell(&Event::EnvelopeProgress {
                file: file_id(sfid),
                path: spec.path.clone(),
                direction: Direction::Out,
                octets,
                total,
            });
        };
        let Facts { octets: total, .. } = *source.facts();
        let mut told = 0;
        let sealed = seal(
            &mut source,
            &spec.protection,
            keys,
            envelope.file(),
            |octets| {
                if octets - told >= PROGRESS {
                    told = octets;
                    progress(octets.min(total), total);
                }
            },
        )
        .map_err(fault)?;
        if told > 0 {
            progress(total, total);
        }
        let mut notes = lock(notes)?;
        envelope.finish(notes.waits_for_disk()).map_err(disk)?;
        transfer.protected = Protected {
            suite: spec.protection.suite_code(),
            sealed: true,
            signed_response: spec.protection.signed_response,
            hash: sealed.hash,
        };
        notes.save(transfer)?;
    }
    Ok(Source::open(&path, Format::Unstructured, spec.layout)?)
}

/// The transfer, if another process has put the same file into its envelope by now.
fn sealed_meanwhile(transfer: &Transfer, notes: &Notes) -> Result<Option<Transfer>, PrepareError> {
    let mut notes = lock(notes)?;
    notes.refresh()?;
    let known = notes.find(&transfer.subject).cloned();
    Ok(known.filter(|known| known.stamp == transfer.stamp && known.protected.sealed))
}
