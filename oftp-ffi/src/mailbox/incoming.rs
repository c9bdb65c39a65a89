//! Files that come: into a folder, or to the callbacks of the host.

use oftp_core::mailbox::{Reply, Response, eerp_for};
use oftp_core::session::{DataInd, FileFault};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EfnaReason, RecordFormat, Sfid, SfnaReason};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;
use oftp_station::exchange::{Unsigned, Work, offer_of, sfna, words};
use oftp_station::inbox::{Inbox, InboxError, Slot};

use super::object::{Instance, Run};
use super::responses::PATIENCE;
use super::tell::Tell;
use crate::session::oftp_data;
use crate::status::{Outcome, oftp_code};

/// The file that is being received.
pub(super) struct Incoming {
    pub(super) sfid: Box<Sfid>,
    sink: Sink,
    /// The suite of a signed response, and the hash that it will name.
    pub(super) suite: Option<&'static Suite>,
    pub(super) digest: Option<Digest>,
    /// Octets that came in this session, and how many may come.
    octets: u64,
    limit: u64,
    /// It must not be kept: it is larger than what is taken.
    worthless: bool,
}

enum Sink {
    Folder(Box<Slot>),
    Host,
}

/// The longest record that 2 octets can say: V files lie in the folder as they are sent.
const LONGEST: u32 = 65_535;

/// As much is decoded at a time for a folder.
const SCRATCH: usize = 100 * 1024;

/// A buffer that expanded further than this gives its memory back.
const KEPT: usize = 256 * 1024;

impl Run {
    /// The suite of a signed response to this file, if one is asked for.
    fn suite_of(&self, sfid: &Sfid) -> Option<&'static Suite> {
        let partner = self.mailbox.partner()?;
        Suite::of(partner.policy.suite_of(sfid)).filter(|_| sfid.sign)
    }

    /// How many octets a file of the partner may have.
    fn limit(&self) -> u64 {
        let blocks = self.mailbox.partner().and_then(|p| p.policy.max_blocks);
        blocks.map_or(u64::MAX, |blocks| blocks.saturating_mul(1024))
    }
}

impl Instance {
    pub(super) fn offered(&mut self, sfid: Box<Sfid>) {
        if let Some(run) = &mut self.run {
            run.offered = Some(sfid.clone());
            self.tell(Tell::Offered(sfid));
        }
    }

    /// The host does not answer the offer: the folder does.
    pub(super) fn offer_passed(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        let Some(sfid) = run.offered.take() else {
            return;
        };
        let refused = match self.inbox.clone() {
            Some(inbox) => self.take_into(&inbox, &sfid),
            None => Err((
                SfnaReason::FILE_DIRECTION_REFUSED,
                false,
                "no files are taken here",
                None,
            )),
        };
        if let Err((reason, retry, text, why)) = refused {
            if let Some(run) = &mut self.run {
                let _ = run.mailbox.refuse_file(reason, retry, text);
            }
            let text = why.unwrap_or_else(|| text.to_owned());
            self.turned_away(sfid, "SFNA", reason.code().into(), text);
        }
    }

    fn take_into(
        &mut self,
        inbox: &Inbox,
        sfid: &Sfid,
    ) -> Result<(), (SfnaReason, bool, &'static str, Option<String>)> {
        let Some(run) = &mut self.run else {
            return Ok(());
        };
        let plain = !Structure::of(sfid).is_enveloped();
        if sfid.fmt == RecordFormat::V && sfid.lrecl > LONGEST && plain {
            let reason = SfnaReason::RECORD_LENGTH_NOT_SUPPORTED;
            return Err((reason, false, "records of this length are not taken", None));
        }
        let suite = run.suite_of(sfid);
        let mut digest = suite.map(|suite| Digest::new(suite.hash));
        let mut begin = || {
            let mut slot = inbox.offer(&offer_of(sfid, &run.mailbox))?;
            let position = slot.answer(sfid.rest);
            let counts = slot.start_at(position)?;
            if let Some(digest) = &mut digest {
                slot.replay(|octets| digest.update(octets))?;
            }
            Ok::<_, oftp_station::inbox::Refusal>((slot, position, counts))
        };
        let (slot, position, counts) = begin().map_err(|refusal| {
            let (reason, retry) = sfna(&refusal);
            (reason, retry, words(&refusal), Some(refusal.to_string()))
        })?;
        let start = RestartPosition::new(Structure::of(sfid), position, counts.octets);
        let _ = run
            .mailbox
            .accept_file(start.unwrap_or(RestartPosition::START));
        run.incoming = Some(Incoming {
            sfid: Box::new(sfid.clone()),
            sink: Sink::Folder(Box::new(slot)),
            suite,
            digest,
            octets: counts.octets,
            limit: run.limit(),
            worthless: false,
        });
        Ok(())
    }

    /// The host takes the file itself.
    pub(super) fn accept(&mut self, position: u64, octets: u64) -> Outcome {
        if self.events.data.is_none() {
            return Err(oftp_code::OFTP_E_USER
                .because("data of oftp_mailbox_events is not set: the file cannot be received"));
        }
        let Some(run) = &mut self.run else {
            return Err(no_run());
        };
        let Some(sfid) = &run.offered else {
            return Err(oftp_code::OFTP_E_USER.because("no file waits for an answer"));
        };
        let start = RestartPosition::new(Structure::of(sfid), position, octets)
            .map_err(|error| oftp_code::OFTP_E_VALUE.because(error.to_string()))?;
        run.mailbox.accept_file(start)?;
        let Some(sfid) = run.offered.take() else {
            return Ok(());
        };
        let suite = run.suite_of(&sfid);
        // What came in an earlier session is not here to be hashed.
        let digest = suite.filter(|_| position == 0);
        run.incoming = Some(Incoming {
            sfid,
            sink: Sink::Host,
            suite,
            digest: digest.map(|suite| Digest::new(suite.hash)),
            octets: start.octets(),
            limit: run.limit(),
            worthless: false,
        });
        run.kick = true;
        Ok(())
    }

    /// Where received octets lie now: for a callback; `None`: they are in the folder.
    pub(super) fn receive(
        incoming: Option<&mut Incoming>,
        scratch: &mut Vec<u8>,
        ends: &mut Vec<usize>,
        mut data: DataInd<'_>,
    ) -> Result<Option<oftp_data>, String> {
        let Some(incoming) = incoming else {
            return Err("no file is open".to_owned());
        };
        incoming.octets = incoming.octets.saturating_add(data.octets());
        if incoming.octets > incoming.limit {
            incoming.worthless = true;
            return Err("the file is larger than max_size of its partner".to_owned());
        }
        let expanded = usize::try_from(data.octets()).unwrap_or(usize::MAX).max(1);
        let room = match &incoming.sink {
            Sink::Folder(_) => SCRATCH,
            Sink::Host => expanded,
        };
        if scratch.len() > KEPT && room <= KEPT {
            *scratch = Vec::new();
        }
        if scratch.len() < room {
            scratch
                .try_reserve_exact(room - scratch.len())
                .map_err(|_| "no memory for a buffer".to_owned())?;
            scratch.resize(room, 0);
        }
        let mut len = 0;
        ends.clear();
        while let Some(chunk) = data.read(&mut scratch[len..]) {
            let octets = &scratch[len..len + chunk.octets];
            if let Some(digest) = &mut incoming.digest {
                digest.update(octets);
            }
            match &mut incoming.sink {
                Sink::Folder(slot) => {
                    if let Err(error) = slot.write(octets, chunk.end_of_record) {
                        incoming.worthless = matches!(error, InboxError::TooBig { .. });
                        return Err(error.to_string());
                    }
                }
                Sink::Host => {
                    len += chunk.octets;
                    if chunk.end_of_record {
                        ends.push(len);
                    }
                }
            }
        }
        let shown = oftp_data {
            struct_size: size_of::<oftp_data>(),
            octets: scratch.as_ptr(),
            len,
            record_ends: ends.as_ptr(),
            record_count: ends.len(),
        };
        Ok(matches!(incoming.sink, Sink::Host).then_some(shown))
    }

    /// All of the file is here and its counts agree.
    pub(super) fn complete(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        match run.incoming.take() {
            None => {
                let reason = EfnaReason::ACCESS_METHOD_FAILURE;
                let _ = run.mailbox.file_failed(reason, "no file is open");
            }
            Some(incoming) if matches!(incoming.sink, Sink::Host) => {
                let sfid = incoming.sfid.clone();
                run.incoming = Some(incoming);
                run.complete = true;
                self.tell(Tell::Complete(sfid));
            }
            Some(incoming) => self.store(incoming),
        }
    }

    fn store(&mut self, incoming: Incoming) {
        let Some(run) = &mut self.run else {
            return;
        };
        let Incoming {
            sfid,
            sink: Sink::Folder(slot),
            suite,
            digest,
            ..
        } = incoming
        else {
            return;
        };
        let is_enveloped = Structure::of(&sfid).is_enveloped();
        let partner = run.mailbox.partner().map(|p| p.code).unwrap_or_default();
        let hash = digest.map(Digest::finish);
        // The hash of an envelope can be computed again, that of other files is known now only.
        let unsigned = match (&hash, suite) {
            (Some(hash), Some(suite)) if !is_enveloped => {
                let mut eerp = eerp_for(&sfid);
                hash.clone_into(&mut eerp.hsh);
                Some(Unsigned {
                    partner,
                    response: Response::Eerp(Box::new(eerp)),
                    suite: suite.code,
                })
            }
            _ => None,
        };
        let mut not_kept = None;
        let stored = if is_enveloped {
            slot.keep_sealed().map(|sealed| (Some(sealed), None))
        } else {
            if let Some(Err(error)) = unsigned.as_ref().map(|one| self.owed.keep_unsigned(one)) {
                not_kept = Some(format!(
                    "a response would be lost if this process were killed: {error}"
                ));
            }
            slot.publish().map(|path| (None, Some(path)))
        };
        match stored {
            Ok((sealed, path)) => {
                self.score.received += 1;
                if sfid.sign || is_enveloped {
                    let keys = self.security.ring.of_station(&sfid.orig, &partner);
                    run.todo.push_back(Work {
                        sealed,
                        sfid: (*sfid).clone(),
                        partner,
                        own: run.mailbox.identity().code,
                        hash,
                        suite,
                        keys,
                        reply: Reply::Eerp,
                        settings: self.security.clone(),
                        owed: self.owed.clone(),
                    });
                    let _ = run.mailbox.file_stored(Reply::Later);
                    run.mailbox.hold_turn(Some(PATIENCE));
                } else {
                    let response = Response::Eerp(Box::new(eerp_for(&sfid)));
                    run.unconfirmed.push(response);
                    let _ = run.mailbox.file_stored(Reply::Eerp);
                }
                if let Some(path) = path {
                    self.tell(Tell::Received { sfid, path });
                }
            }
            Err(error) => {
                if let Some(unsigned) = unsigned {
                    self.owed.confirmed(&unsigned.response);
                }
                let (reason, words) = match error {
                    InboxError::AlreadyThere { .. } => {
                        (EfnaReason::DUPLICATE_FILE, "the file is there already")
                    }
                    InboxError::TooBig { .. } => (EfnaReason::FILE_SIZE_TOO_BIG, "file too big"),
                    _ => (EfnaReason::ACCESS_METHOD_FAILURE, "file cannot be stored"),
                };
                let _ = run.mailbox.file_failed(reason, words);
                self.turned_away(sfid, "EFNA", reason.code().into(), error.to_string());
            }
        }
        if let Some(text) = not_kept {
            self.warn(text);
        }
    }

    /// What came is not what its sender says; it was refused (EFNA) and starts afresh.
    pub(super) fn broken(&mut self, fault: &FileFault) {
        let Some(incoming) = self.run.as_mut().and_then(|run| run.incoming.take()) else {
            return;
        };
        if let Sink::Folder(slot) = incoming.sink
            && let Err(error) = slot.discard()
        {
            self.warn(error.to_string());
        }
        let reason = fault.reason.code().into();
        self.turned_away(incoming.sfid, "EFNA", reason, fault.text.clone());
    }

    /// The host could not store the file.
    pub(super) fn not_stored(&mut self, reason: EfnaReason, text: &str) -> Outcome {
        let Some(run) = &mut self.run else {
            return Err(no_run());
        };
        run.mailbox.file_failed(reason, text)?;
        run.complete = false;
        run.kick = true;
        if let Some(incoming) = run.incoming.take() {
            self.turned_away(incoming.sfid, "EFNA", reason.code().into(), text.to_owned());
        }
        Ok(())
    }

    pub(super) fn turned_away(
        &mut self,
        sfid: Box<Sfid>,
        answer: &'static str,
        reason: i32,
        text: String,
    ) {
        self.score.turned_away += 1;
        self.tell(Tell::TurnedAway {
            sfid,
            answer,
            reason,
            text,
        });
    }

    /// Keeps what has come of a file, for a restart.
    pub(super) fn suspend_incoming(&mut self) {
        let Some(incoming) = self.run.as_mut().and_then(|run| run.incoming.take()) else {
            return;
        };
        let mut text = "the session ended before all of it was here".to_owned();
        if let Sink::Folder(slot) = incoming.sink {
            let kept = if incoming.worthless {
                slot.discard()
            } else {
                slot.suspend().map(drop)
            };
            if let Err(error) = kept {
                text = format!("it cannot be kept whole for a restart: {error}");
            }
        }
        self.tell(Tell::TurnedAway {
            sfid: incoming.sfid,
            answer: "",
            reason: -1,
            text,
        });
    }
}

pub(super) fn no_run() -> crate::status::Fail {
    oftp_code::OFTP_E_USER.because("no session runs on this mailbox")
}
