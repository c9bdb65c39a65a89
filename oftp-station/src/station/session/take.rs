//! Whether a file that is offered is taken, and where it goes (RFC 5024 5.3.5; threat model N6 to
//! N10): its destination, duplicates, quota and room, and the row that says `receiving`.

use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{Sfid, SfnaReason};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;

use super::room;
use crate::exchange::{sfna, words};
use crate::inbox::{InboxError, Offer, Refusal, Slot};
use crate::names::stored_name;
use crate::records::RecordLayout;
use crate::report::PeerText;
use crate::station::config::{Config, PartnerConfig};
use crate::station::journal::file::{FileKey, FileRow, FileState, NewFile, Way};
use crate::station::journal::virtual_file::identity_of;
use crate::station::journal::{JournalError, file};
use crate::station::{Shared, route};

/// Why a file is not taken: SFNA.
pub(super) struct TurnedAway {
    pub(super) reason: SfnaReason,
    pub(super) retry: bool,
    pub(super) words: String,
    /// For this side only.
    pub(super) why: String,
}

/// A place for a file that is taken.
pub(super) struct Place {
    pub(super) key: FileKey,
    pub(super) slot: Slot,
    pub(super) digest: Option<Digest>,
    pub(super) start: RestartPosition,
    /// As many octets the partner's quota takes.
    pub(super) allowed: u64,
}

/// Decides on a file, and makes room for it.
pub(super) fn take(
    shared: &Shared,
    config: &Config,
    partner: &PartnerConfig,
    sfid: &Sfid,
    offer: Offer,
    suite: Option<&'static Suite>,
) -> Result<Place, TurnedAway> {
    let not_now = |error: JournalError| TurnedAway {
        // Without a record there is no EFPA: the file is put off, not refused.
        reason: SfnaReason::FILE_SIZE_TOO_BIG,
        retry: true,
        words: "the file cannot be stored now".to_owned(),
        why: error.to_string(),
    };
    let plain = |reason, words: &str| TurnedAway {
        reason,
        retry: false,
        words: words.to_owned(),
        why: String::new(),
    };
    if !shared.journal().has_room() {
        return Err(not_now(JournalError::Full));
    }
    if let Some(why) = shared.journal().broken() {
        return Err(not_now(JournalError::Broken(why)));
    }
    // What a partner brings for a station behind itself would come back at once.
    let back = route::is_elsewhere(config, &sfid.dest)
        && config
            .route(&sfid.dest)
            .is_some_and(|over| over.name == partner.name);
    if back || !route::is_known(config, &sfid.dest) {
        return Err(plain(
            SfnaReason::INVALID_DESTINATION,
            "this destination is not known here",
        ));
    }
    let duplicate = || {
        let name = String::new();
        plain(
            SfnaReason::DUPLICATE_FILE,
            words(&Refusal::Duplicate { name }),
        )
    };
    let refused = |refusal: Refusal| {
        let (reason, retry) = sfna(&refusal);
        TurnedAway {
            reason,
            retry,
            words: words(&refusal).to_owned(),
            why: refusal.to_string(),
        }
    };
    let in_use = || {
        refused(Refusal::InUse {
            name: stored_name(&identity_of(sfid)),
        })
    };
    let known = known(shared, sfid).map_err(not_now)?;
    let claim = match known {
        None => None,
        Some(known) if known.state != FileState::Receiving => return Err(duplicate()),
        Some(known) => Some(Claim::of(shared, known.key).ok_or_else(in_use)?),
    };
    // Until it was in our hands another session may have received it.
    if claim.is_some() {
        let known = self::known(shared, sfid).map_err(not_now)?;
        if known.is_some_and(|known| known.state != FileState::Receiving) {
            return Err(duplicate());
        }
    }
    let own = claim.as_ref().map(|claim| claim.key);
    let allowed = room::in_quota(shared, partner, sfid.fsiz, own).map_err(not_now)?;
    let allowed = allowed.map_err(refused)?;
    let mut slot = shared.staging().place(&offer).map_err(refused)?;
    let is_new = slot.is_new();
    let new = NewFile {
        partner: partner.name.clone(),
        sfid: sfid.clone(),
        name: PeerText::new(sfid.dsn.trimmed()).to_string(),
        spool: slot.name().to_owned(),
        layout: RecordLayout::Length32,
        path: None,
        plan: "{}".to_owned(),
        priority: 5,
        held: false,
        parent: None,
    };
    let key = shared
        .journal()
        .write(move |connection| file::receive(connection, &new));
    let key = match key {
        Ok(key) => key,
        // What lies there may be that of another session, received just now.
        Err(JournalError::Duplicate) => return Err(duplicate()),
        Err(error) => {
            if is_new {
                let _ = slot.discard();
            }
            return Err(not_now(error));
        }
    };
    let claim = match claim {
        // Its row may have been dropped since (EFNA), and this is another one.
        Some(claim) if claim.key == key => claim,
        _ => Claim::of(shared, key).ok_or_else(in_use)?,
    };
    let reserve = config.limits.free_space;
    if let Err(refusal) = shared.staging().check_space(&offer, &slot, reserve) {
        if is_new {
            let _ = slot.discard();
            let dropped = shared
                .journal()
                .write(move |connection| file::drop_reception(connection, key));
            dropped.map_err(not_now)?;
        }
        return Err(refused(refusal));
    }
    let mut digest = suite.map(|suite| Digest::new(suite.hash));
    let mut begin = || {
        let position = slot.answer(sfid.rest);
        let counts = slot.start_at(position)?;
        if let Some(digest) = &mut digest {
            slot.replay(|octets| digest.update(octets))?;
        }
        Ok((position, counts.octets))
    };
    let (position, octets) = begin().map_err(|error: InboxError| refused(error.into()))?;
    claim.keep();
    Ok(Place {
        key,
        slot,
        digest,
        // What is held lies on a disk, so that it fits into 64 bits.
        start: RestartPosition::new(Structure::of(sfid), position, octets)
            .unwrap_or(RestartPosition::START),
        allowed,
    })
}

/// What the journal knows of a file that is offered.
fn known(shared: &Shared, sfid: &Sfid) -> Result<Option<FileRow>, JournalError> {
    let identity = identity_of(sfid);
    let find =
        |connection: &rusqlite::Connection| file::by_identity(connection, Way::In, &identity);
    shared.journal().read(find)
}

/// A file that is in our hands, until it turns out that it is not taken.
struct Claim<'a> {
    shared: &'a Shared,
    key: FileKey,
    kept: bool,
}

impl<'a> Claim<'a> {
    fn of(shared: &'a Shared, key: FileKey) -> Option<Self> {
        let kept = false;
        let claimed = shared.claim_file(key);
        claimed.then_some(Self { shared, key, kept })
    }

    /// From here on the session answers for it.
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.shared.release_file(self.key);
        }
    }
}
