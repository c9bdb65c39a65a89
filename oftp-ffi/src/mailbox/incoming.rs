//! Files that come: into a folder, or to the callbacks of the host.

use oftp_core::mailbox::{Response, eerp_for};
use oftp_core::session::DataInd;
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{RecordFormat, Sfid, SfnaReason};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;
use oftp_station::exchange::{offer_of, sfna, words};
use oftp_station::inbox::{Inbox, InboxError, Slot};
use oftp_station::security::Use;

use super::object::{Instance, Run};
use super::tell::Tell;
use crate::session::oftp_data;
use crate::status::{Outcome, oftp_code};

/// The file that is being received.
pub(super) struct Incoming {
    pub(super) sfid: Box<Sfid>,
    pub(super) sink: Sink,
    /// The suite of a signed response, and the hash that it will name.
    pub(super) suite: Option<&'static Suite>,
    pub(super) digest: Option<Digest>,
    /// Octets that came in this session, and how many may come.
    octets: u64,
    pub(super) limit: u64,
    /// It must not be kept: it is larger than what is taken.
    pub(super) worthless: bool,
}

pub(super) enum Sink {
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
        // Once the session has ended there is nobody to be answered.
        let asked = run.offered.take();
        let Some(sfid) = asked.filter(|_| !run.mailbox.session().is_over()) else {
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
            if let Some(run) = &mut self.run
                && run.mailbox.refuse_file(reason, retry, text).is_err()
            {
                return;
            }
            let text = why.unwrap_or_else(|| text.to_owned());
            // Its sender may have missed our EFPA and what followed it. A response that takes keys
            // lies on the disk until it is confirmed.
            let plain = !sfid.sign && !Structure::of(&sfid).is_enveloped();
            if reason == SfnaReason::DUPLICATE_FILE && !retry && plain && self.inbox.is_some() {
                let partner = self.partner();
                self.owe(partner, Response::Eerp(Box::new(eerp_for(&sfid))));
            }
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
        // What cannot be opened is better refused now than by NERP.
        let partner = run.mailbox.partner().map(|p| p.code).unwrap_or_default();
        let keys = self.security.ring.of_station(&sfid.orig, &partner);
        if sfid.sec.is_encrypted() && keys.own.all(Use::Encrypt).is_empty() {
            let reason = SfnaReason::ENCRYPTED_FILE_NOT_ALLOWED;
            return Err((reason, false, "encrypted files are not taken", None));
        }
        if sfid.sec.is_signed() && !keys.partner.knows(Use::Sign) {
            let reason = SfnaReason::SIGNED_FILE_NOT_ALLOWED;
            return Err((reason, false, "signed files are not taken", None));
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
}

pub(super) fn no_run() -> crate::status::Fail {
    oftp_code::OFTP_E_USER.because("no session runs on this mailbox")
}
