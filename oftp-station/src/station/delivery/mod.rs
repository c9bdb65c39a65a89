//! What happens to a file between `received` and `delivered`: it is opened, converted, published,
//! and answered; or forwarded; or put aside (design chapter "Delivery"; RFC 5024 3.3.5, 6.3).
//!
//! A file lies in one place at a time, and each step makes the next place whole before it gives up
//! the last one, so that after a kill the places alone say where to go on:
//!
//! ```text
//! spool/in/.partial/NAME   as it came                 open, or convert
//! spool/in/NAME            out of its envelope        convert
//! spool/in/NAME.out        converted                  rename
//! inbox/PARTNER/...        delivered: a rename that takes the place of nothing
//! (none of them)           it was delivered, and the journal does not know it yet
//! ```

mod answer;
mod places;
mod publish;

use oftp_core::virtual_file::Structure;
use oftp_core::wire::{NerpReason, Sfid};
use serde_json::{Value, json};

pub(super) use answer::sign;
pub use publish::first_path;

use super::config::PartnerConfig;
use super::config::rule::receive_rule;
use super::hooks::Verdict;
use super::journal::file::{self, Change, FileKey, FileRow, FileState};
use super::journal::{JournalError, event, now};
use super::{Shared, route};
use crate::exchange::Voice;
use crate::inbox::{InboxError, SealedFile};
use crate::security::{self, Opened, Opening};
use places::{Place, Places};

/// How long a file that cannot be delivered now is left alone, in milliseconds.
const PAUSE: i64 = 60_000;

/// What has become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Its response waits for its partner.
    Answered,
    /// It is delivered, and there is no response yet, or none at all.
    Unanswered,
    /// It stays where it is, and is tried again.
    Later,
}

/// Why a file is not delivered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Inbox(#[from] InboxError),
    #[error("{0}")]
    Disk(String),
    #[error("{0}")]
    Config(String),
    /// Somebody wants it tried later.
    #[error("{0}")]
    Later(String),
}

/// Delivers and answers a file that is in state `received` and in our hands. Takes as long as
/// opening it does. What is wrong on this side leaves it where it is.
pub fn deliver(shared: &Shared, key: FileKey, voice: &Voice) -> Delivered {
    match try_deliver(shared, key, voice) {
        Ok(delivered) => delivered,
        Err(fault) => {
            voice.error(&format!(
                "file {key} is received and not delivered: {fault}"
            ));
            let why = fault.to_string();
            shared.journal().post(move |connection| {
                let what = Change {
                    retry_at: Some(Some(now() + PAUSE)),
                    ..Change::default()
                };
                file::update(connection, key, what)?;
                file::note_trouble(connection, key, &why)
            });
            Delivered::Later
        }
    }
}

fn try_deliver(shared: &Shared, key: FileKey, voice: &Voice) -> Result<Delivered, Fault> {
    let row = shared
        .journal()
        .read(|connection| file::get(connection, key))?;
    if row.state != FileState::Received {
        return Ok(Delivered::Unanswered);
    }
    let config = shared.config();
    let partner = config.partner(&row.partner).cloned().ok_or_else(|| {
        Fault::Config(format!(
            "partner {} is not in oftp.toml any more: put it back until its files are delivered",
            row.partner
        ))
    })?;
    let targets = route::targets(&config, &row)?;
    if !targets.is_empty() {
        route::forward(shared, &row, &targets)?;
        return Ok(Delivered::Unanswered);
    }
    local(shared, &row, &partner, voice)
}

/// A file for us.
fn local(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    voice: &Voice,
) -> Result<Delivered, Fault> {
    let rule = receive_rule(partner, &row.sfid.dsn);
    let job = publish::conversion(row, &rule);
    let places = Places::of(shared, row);
    let mut said = json!({});
    loop {
        let place = places.find(shared, row)?;
        let is_enveloped = Structure::of(&row.sfid).is_enveloped();
        let from = match place {
            Place::Raw(sealed) if is_enveloped => {
                match open(shared, row, partner, &sealed)? {
                    Ok(detail) => said = detail,
                    Err(refused) => {
                        voice.error(&format!("file {}: {}", row.key, refused.why));
                        let from = Place::Raw(sealed);
                        return refuse(shared, row, partner, &refused, &from);
                    }
                }
                sealed.opened()?;
                continue;
            }
            Place::Gone => {
                publish::published_before(row)?;
                break;
            }
            place => place,
        };
        // After a kill they may still be there, and would count once the file is in the inbox.
        places.give_up_all_before(&from)?;
        if !matches!(from, Place::Out) && !job.changes_nothing() {
            if let Some(refused) = publish::convert(job, &from, &places)? {
                voice.error(&format!("file {}: {}", row.key, refused.why));
                return refuse(shared, row, partner, &refused, &from);
            }
            continue;
        }
        if let Some(refused) = judged(shared, row, &places.path(&from))? {
            voice.error(&format!("file {}: {}", row.key, refused.why));
            return refuse(shared, row, partner, &refused, &from);
        }
        publish::publish(shared, row, partner, &from, &places)?;
        break;
    }
    answer::delivered(shared, row, partner, said)
}

/// A file that is not what it should be.
pub(super) struct Refused {
    pub(super) reason: NerpReason,
    /// For this side only (threat model E4).
    pub(super) why: String,
    /// For the partner.
    pub(super) words: String,
}

/// Opens an envelope: what was in it lies in the next place then, or it is refused.
fn open(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    sealed: &SealedFile,
) -> Result<Result<Value, Refused>, Fault> {
    let config = shared.config();
    let settings = &config.security;
    let opening = Opening {
        sfid: row.sfid.clone(),
        keys: settings
            .ring
            .of_station(&row.sfid.orig, &partner.mailbox.code),
        no_legacy: settings.no_legacy,
        limit: partner.file_size.or(config.limits.file_size),
        envelopes: settings.envelopes.clone(),
    };
    match security::open(sealed, &opening)? {
        Opened::Published {
            octets,
            records,
            signers,
            ..
        } => {
            alarm_at_ratio(shared, row, octets);
            Ok(Ok(json!({
                "octets": octets,
                "records": records,
                "signed_by": signers,
            })))
        }
        Opened::Refused { reason, why } => Ok(Err(Refused {
            reason,
            why,
            words: String::new(),
        })),
    }
}

/// People are told of an envelope that has become so many times as large (threat model C1).
const RATIO: u64 = 1_000;

fn alarm_at_ratio(shared: &Shared, row: &FileRow, octets: u64) {
    let sealed = row.octets.max(1);
    if octets / sealed < RATIO {
        return;
    }
    let trouble = format!("an envelope of {sealed} octets has become {octets}, as a bomb would");
    let (key, partner) = (row.key, row.partner.clone());
    shared.journal().post(move |connection| {
        let detail = json!({ "trouble": trouble });
        let kind = event::Kind::Alarm;
        event::note(connection, kind, Some(&partner), Some(key), &detail)
    });
}

/// What a hook says of a file that is to be delivered.
fn judged(
    shared: &Shared,
    row: &FileRow,
    path: &std::path::Path,
) -> Result<Option<Refused>, Fault> {
    if !shared.config().hooks.iter().any(|hook| hook.refuses) {
        return Ok(None);
    }
    let (Some(hooks), Ok(runtime)) = (shared.hooks(), tokio::runtime::Handle::try_current()) else {
        return Err(Fault::Later("the station does not run".to_owned()));
    };
    match runtime.block_on(hooks.judge(row, path)) {
        Verdict::Deliver => Ok(None),
        Verdict::Refuse(reason, why) => Ok(Some(Refused {
            reason,
            why,
            words: String::new(),
        })),
        Verdict::Later(why) => Err(Fault::Later(why)),
    }
}

/// A file that came whole and is not what it should be: its originator gets a NERP, and people find
/// it in `refused`. It may come again as soon as the journal says that it is refused, so that only
/// what lies at `from`, still held against others, is touched.
fn refuse(
    shared: &Shared,
    row: &FileRow,
    partner: &PartnerConfig,
    refused: &Refused,
    from: &Place,
) -> Result<Delivered, Fault> {
    let places = Places::of(shared, row);
    places.give_up_all_but(from)?;
    let delivered = answer::refused(shared, row, partner, refused)?;
    let path = places.path(from);
    if let Err(fault) = places.put_aside(&path, &shared.folder().refused(), row.key) {
        // Where it stays it would be taken for the file that comes in its place.
        places.remove_all()?;
        return Err(fault);
    }
    Ok(delivered)
}

/// Puts what is left of a refused file where people find it, after a kill.
pub(super) fn put_rest_aside(shared: &Shared, row: &FileRow) -> Result<(), Fault> {
    let places = Places::of(shared, row);
    places.put_rest_aside(&shared.folder().refused(), row.key)
}

/// Removes what is left of a file that is delivered: after a kill its places before the last one
/// may still be there.
pub(super) fn remove_rest(shared: &Shared, row: &FileRow) -> Result<(), Fault> {
    Places::of(shared, row).remove_all()
}

/// The code by which this partner knows us.
pub(super) fn own_code(
    shared: &Shared,
    partner: &PartnerConfig,
) -> oftp_core::wire::IdentificationCode {
    let special = partner.mailbox.identity.as_ref();
    special.map_or_else(|| shared.config().own.code, |identity| identity.code)
}

/// The suite of the signed response to a file; `None`: it is not to be signed.
pub(super) fn suite_of(
    partner: &PartnerConfig,
    sfid: &Sfid,
) -> Option<&'static oftp_secure::Suite> {
    let suite = partner.mailbox.policy.suite_of(sfid);
    oftp_secure::Suite::of(suite).filter(|_| sfid.sign)
}
