//! What becomes of an offer (RFC 5024 5.3.3 to 5.3.5): the host takes it, or the folder, or nobody;
//! and what is answered for a host that says nothing.

use oftp_core::mailbox::{Response, eerp_for};
use oftp_core::virtual_file::{RestartPosition, Structure};
use oftp_core::wire::{EfnaReason, RecordFormat, Sfid, SfnaReason};
use oftp_secure::crypto::Digest;

use super::incoming::{Incoming, Sink};
use super::{Answer, Monitor, MonitorError};
use crate::exchange::{offer_of, sfna, words};
use crate::inbox::{Inbox, Refusal};
use crate::security::Use;

/// The longest record that 2 octets can say: V files lie in the folder as they are sent.
const LONGEST: u32 = 65_535;

/// Why the folder does not take a file: SFNA and its words, and more for the user.
type No = (SfnaReason, bool, &'static str, Option<String>);

impl Monitor {
    /// Takes the file that [`Tell::Offered`](super::Tell::Offered) told: its octets come by
    /// [`Step::Data`](super::Step::Data), from `position` on: records (F, V), or blocks of 1,024
    /// octets (U, T and secured files), at most its `rest`; 0: all of it. `octets` are those before
    /// this position, and count for plain V files only. The end response to a file that did not
    /// come as a whole is not signed.
    ///
    /// # Errors
    /// [`MonitorError::NoSession`], [`MonitorError::NotOffered`]; [`MonitorError::Value`],
    /// [`MonitorError::User`]: the position is above the offer; the answer is then still owed.
    pub fn accept_file(&mut self, position: u64, octets: u64) -> Result<(), MonitorError> {
        let run = self.run.as_mut().ok_or(MonitorError::NoSession)?;
        let sfid = run.offered.as_ref().ok_or(MonitorError::NotOffered)?;
        let start = RestartPosition::new(Structure::of(sfid), position, octets)
            .map_err(|error| MonitorError::value(error.to_string()))?;
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
            open: 0,
            worthless: false,
        });
        self.kick = true;
        Ok(())
    }

    /// Refuses the file that [`Tell::Offered`](super::Tell::Offered) told (SFNA). `retry` says
    /// whether another try makes sense; `text` are words for the partner, at most 999 octets of
    /// them, sent at level 2.0.
    ///
    /// # Errors
    /// [`MonitorError::NoSession`], [`MonitorError::NotOffered`], [`MonitorError::User`].
    pub fn refuse_file(
        &mut self,
        reason: SfnaReason,
        retry: bool,
        text: &str,
    ) -> Result<(), MonitorError> {
        let run = self.run.as_mut().ok_or(MonitorError::NoSession)?;
        if run.offered.is_none() {
            return Err(MonitorError::NotOffered);
        }
        run.mailbox.refuse_file(reason, retry, text)?;
        run.offered = None;
        self.kick = true;
        self.score.turned_away += 1;
        Ok(())
    }

    /// Whether the file that [`Tell::Offered`](super::Tell::Offered) told still waits for an answer:
    /// not when the session has ended meanwhile.
    #[must_use]
    pub fn waits_for_answer(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.offered.is_some())
    }

    /// The host does not answer the offer: the folder takes the file, or it is refused. Nothing
    /// where no offer waits.
    pub fn offer_passed(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        // Once the session has ended there is nobody to be answered.
        let asked = run.offered.take();
        let Some(sfid) = asked.filter(|_| !run.mailbox.session().is_over()) else {
            return;
        };
        self.kick = true;
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
                let partner = self.session_partner();
                self.owe(partner, Response::Eerp(Box::new(eerp_for(&sfid))));
            }
            self.turned_away(sfid, Answer::Sfna(reason), text);
        }
    }

    fn take_into(&mut self, inbox: &Inbox, sfid: &Sfid) -> Result<(), No> {
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
            Ok::<_, Refusal>((slot, position, counts))
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
            open: 0,
            worthless: false,
        });
        Ok(())
    }

    /// The octets of [`Step::Data`](super::Step::Data) cannot be stored: the session is ended
    /// (ESID), and the file not kept here.
    pub fn cannot_store(&mut self, why: &str) {
        if let Some(run) = &mut self.run {
            run.mailbox.cannot_store(why);
            self.kick = true;
        }
    }

    /// The host does not answer for the complete file: it is not accepted (EFNA 12). Nothing where
    /// none waits.
    pub fn complete_passed(&mut self) {
        let reason = EfnaReason::ACCESS_METHOD_FAILURE;
        let _ = self.not_stored(reason, "nobody stores the file");
    }

    /// The host will not answer any more: what it was asked is answered for it. False: nothing was
    /// asked.
    pub fn answer_now(&mut self) -> bool {
        let (offered, complete) = match &self.run {
            Some(run) => (run.offered.is_some(), run.complete),
            None => return false,
        };
        if offered {
            self.offer_passed();
        } else if complete {
            self.complete_passed();
        }
        // A question is asked once, whatever became of the answer.
        if let Some(run) = &mut self.run {
            run.close_questions();
        }
        offered || complete
    }
}
