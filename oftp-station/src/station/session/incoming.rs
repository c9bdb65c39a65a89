//! Files that come (design chapter "Delivery", receive): the journal says `receiving`, the octets
//! are staged, the counts agree, the staged file reaches the disk, the journal says `received`, and
//! only then EFPA leaves. What follows is [`delivery`].

use oftp_core::mailbox::{Mailbox, Reply};
use oftp_core::session::{DataInd, FileFault};
use oftp_core::wire::{EfnaReason, Sfid, SfnaReason};
use oftp_secure::Suite;
use oftp_secure::certificate::hex;
use oftp_secure::crypto::Digest;
use serde_json::json;

use super::Visit;
use super::take::take;
use crate::driver::{Jobs, StoreFault, aside};
use crate::exchange::{grown, most_announced, offer_of};
use crate::inbox::{InboxError, Slot};
use crate::station::Shared;
use crate::station::config::{Config, PartnerConfig};
use crate::station::delivery::{self, Delivered};
use crate::station::journal::file::{Change, FileKey, FileState};
use crate::station::journal::virtual_file::identity_of;
use crate::station::journal::{event, file, now};

/// As much is decoded at a time: the largest exchange buffer, so that it is written in one piece.
const SCRATCH: usize = 100 * 1024;

/// The file that is being received.
#[derive(Debug)]
pub(super) struct Incoming {
    key: FileKey,
    slot: Slot,
    sfid: Box<Sfid>,
    /// The hash that its signed response will name, computed on the way.
    digest: Option<Digest>,
    /// No more octets than this are taken.
    limit: u64,
    /// It must not be kept: it is larger than what is taken.
    worthless: bool,
}

impl Visit {
    /// A file is offered (SFID), which the partner's policy allows.
    pub(super) fn offered(
        &mut self,
        mailbox: &mut Mailbox,
        sfid: Box<Sfid>,
        jobs: &mut Jobs<Self>,
    ) {
        let Some(partner) = self.partner.clone() else {
            return;
        };
        let offer = offer_of(&sfid, mailbox);
        let suite = mailbox.partner().map(|one| one.policy.suite_of(&sfid));
        let suite = suite.and_then(Suite::of).filter(|_| sfid.sign);
        let (shared, config) = (self.shared.clone(), self.config.clone());
        let limit = partner.file_size.or(config.limits.file_size);
        let asked = sfid.clone();
        jobs.spawn(
            move || take(&shared, &config, &partner, &asked, offer, suite),
            move |visit, mailbox, _, taken| match taken {
                Ok(place) => {
                    let start = place.start;
                    visit.incoming = Some(Box::new(Incoming {
                        key: place.key,
                        slot: place.slot,
                        sfid,
                        digest: place.digest,
                        limit: limit.unwrap_or(u64::MAX).min(place.allowed),
                        worthless: false,
                    }));
                    if visit.ended {
                        // The answer of the journal came too late for this session.
                        return visit.suspend_incoming();
                    }
                    // A session that does not wait for the answer any more has ended by itself.
                    let _ = mailbox.accept_file(start);
                }
                Err(no) => {
                    if !no.why.is_empty() {
                        visit.error(&no.why);
                    }
                    visit.turned_away(&sfid, no.reason, no.retry, &no.words);
                    let _ = mailbox.refuse_file(no.reason, no.retry, &no.words);
                }
            },
        );
    }

    /// A line in the history for a file that is not taken.
    pub(super) fn turned_away(&self, sfid: &Sfid, why: SfnaReason, retry: bool, text: &str) {
        let detail = json!({
            "file": identity_of(sfid).to_string(),
            "command": "SFNA",
            "reason": why.code(),
            "meaning": why.meaning(),
            "retry": retry,
            "text": text,
        });
        self.note(event::Kind::FileTurnedAway, None, detail);
    }

    /// Stores the octets of one exchange buffer.
    pub(super) fn store(&mut self, mut data: DataInd<'_>) -> Result<(), StoreFault> {
        let Some(incoming) = &mut self.incoming else {
            return Err(StoreFault("no file is open".to_owned()));
        };
        if self.scratch.is_empty() {
            self.scratch = vec![0; SCRATCH];
        }
        let before = incoming.slot.counts().octets;
        while let Some(chunk) = data.read(&mut self.scratch) {
            let octets = &self.scratch[..chunk.octets];
            if let Some(digest) = &mut incoming.digest {
                digest.update(octets);
            }
            let slot = &mut incoming.slot;
            let after = slot.counts().octets.saturating_add(octets.len() as u64);
            let written = if after > incoming.limit {
                let limit = incoming.limit;
                Err(InboxError::TooBig { limit })
            } else if slot.checkpoint_is_due(octets.len()) {
                let reserve = self.config.limits.free_space;
                let staging = self.shared.staging();
                aside(|| {
                    staging.check_reserve(reserve)?;
                    slot.write(octets, chunk.end_of_record)
                })
            } else {
                slot.write(octets, chunk.end_of_record)
            };
            if let Err(error) = written {
                // What is larger than it announced does not get the room of others to wait in.
                incoming.worthless = matches!(error, InboxError::TooBig { .. })
                    || after > most_announced(&incoming.sfid);
                let text = format!("{}: {error}", identity_of(&incoming.sfid));
                self.error(&text);
                // The partner is told this, and nothing of our folders and disks.
                return Err(StoreFault("the file cannot be stored now".to_owned()));
            }
        }
        let after = incoming.slot.counts().octets;
        if let Some(text) = grown(&incoming.sfid, before, after) {
            self.warn(&text);
        }
        Ok(())
    }

    /// All of the file is here and its counts agree.
    pub(super) fn complete(&mut self, mailbox: &mut Mailbox, jobs: &mut Jobs<Self>) {
        let (Some(incoming), Some(partner)) = (self.incoming.take(), self.partner.clone()) else {
            let _ = mailbox.file_failed(EfnaReason::ACCESS_METHOD_FAILURE, "no file is open");
            return;
        };
        let key = incoming.key;
        let shared = self.shared.clone();
        let config = self.config.clone();
        jobs.spawn(
            move || {
                let received = make_received(&shared, &config, &partner, *incoming);
                if received.is_err() {
                    shared.release_file(key);
                }
                received
            },
            move |visit, mailbox, jobs, received| match received {
                Ok(()) => {
                    visit.moved += 1;
                    let _ = mailbox.file_stored(Reply::Later);
                    visit.deliver(mailbox, key, jobs);
                }
                Err((reason, words, why)) => {
                    visit.error(&why);
                    let _ = mailbox.file_failed(reason, words);
                }
            },
        );
    }

    /// The file is received: it is delivered and answered, in this session where that is quick.
    fn deliver(&mut self, mailbox: &mut Mailbox, key: FileKey, jobs: &mut Jobs<Self>) {
        let shared = self.shared.clone();
        let asks = shared.config().hooks.iter().any(|hook| hook.refuses);
        let turn = asks.then(|| shared.may_deliver());
        if let Some(None) = turn {
            // A partner that sends faster than hooks decide must not take the threads of others.
            return shared.release_file(key);
        }
        self.hold(mailbox);
        let voice = self.voice.clone();
        jobs.spawn(
            move || {
                let _turn = turn;
                let delivered = delivery::deliver(&shared, key, &voice);
                shared.release_file(key);
                delivered
            },
            |visit, mailbox, jobs, delivered| {
                if let Delivered::Answered = delivered
                    && !visit.ended
                {
                    visit.take_responses(mailbox, jobs);
                }
                visit.let_go(mailbox);
            },
        );
    }

    /// What came is not what its sender says; it was refused (EFNA) and starts afresh.
    pub(super) fn broken(&mut self, fault: &FileFault) {
        let Some(incoming) = self.incoming.take() else {
            return;
        };
        let key = incoming.key;
        let detail = json!({
            "file": identity_of(&incoming.sfid).to_string(),
            "command": "EFNA",
            "reason": fault.reason.code(),
            "meaning": fault.reason.meaning(),
            "text": fault.text,
        });
        let name = self.partner_name().map(str::to_owned);
        // First the octets: without the row nobody would clear them away.
        if let Err(error) = incoming.slot.discard() {
            self.warn(&error.to_string());
        }
        self.shared.journal().post(move |connection| {
            file::drop_reception(connection, key)?;
            let kind = event::Kind::FileTurnedAway;
            event::note(connection, kind, name.as_deref(), None, &detail)
        });
        self.shared.release_file(key);
    }

    /// Keeps what has come of a file, for a restart.
    pub(super) fn suspend_incoming(&mut self) {
        let Some(incoming) = self.incoming.take() else {
            return;
        };
        let Incoming {
            key,
            slot,
            worthless,
            ..
        } = *incoming;
        if worthless {
            if let Err(error) = slot.discard_outgrown() {
                self.warn(&error.to_string());
            }
            self.shared
                .journal()
                .post(move |connection| file::drop_reception(connection, key));
        } else {
            match aside(|| slot.suspend()) {
                Ok(counts) => {
                    let detail = json!({ "interrupted_at": counts.octets });
                    self.note(event::Kind::FileTrouble, Some(key), detail);
                }
                Err(error) => self.warn(&format!(
                    "a file cannot be kept whole for a restart: {error}"
                )),
            }
        }
        self.shared.release_file(key);
    }
}

/// What the partner and this side are told where a file cannot be received after all.
type NotReceived = (EfnaReason, &'static str, String);

/// Makes the staged file safe, then the journal says that it is received. EFPA is behind this.
fn make_received(
    shared: &Shared,
    config: &Config,
    partner: &PartnerConfig,
    incoming: Incoming,
) -> Result<(), NotReceived> {
    let Incoming {
        key,
        slot,
        sfid,
        digest,
        ..
    } = incoming;
    let counts = slot.counts();
    let fault = |error: &dyn std::fmt::Display| {
        (
            EfnaReason::ACCESS_METHOD_FAILURE,
            "the file cannot be stored",
            format!("{}: {error}", identity_of(&sfid)),
        )
    };
    let _staged = slot.stage().map_err(|error| fault(&error))?;
    let path = delivery::first_path(shared.folder(), config, partner, &sfid);
    let what = Change {
        octets: Some(counts.octets),
        records: Some(counts.records),
        hash: digest.map(|digest| hex(&digest.finish())),
        transferred: Some(now()),
        path,
        ..Change::default()
    };
    let detail = json!({ "octets": counts.octets, "records": counts.records });
    let received = shared
        .journal()
        .write(move |connection| file::change(connection, key, FileState::Received, what, &detail));
    received.map(drop).map_err(|error| fault(&error))
}
