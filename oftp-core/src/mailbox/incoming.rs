//! Receiving: files offered by the Speaker, and what becomes of them.

use super::Mailbox;
use super::limits::passes;
use super::mail::{Event, Response};
use super::response;
use crate::session::{CloseFileInd, CloseFileRs, StartFileRs, UserError};
use crate::virtual_file::RestartPosition;
use crate::wire::{EfnaReason, EsidReason, NerpReason, Sfid, SfnaReason, Text};

/// What the file's originator is told after the file is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The file is where it belongs: EERP, unsigned. For a file with SFIDSIGN say
    /// [`Later`](Self::Later) and queue a signed one; an unsigned one is better than none
    /// (CF-17), but its originator may hold the file open for ever.
    Eerp,
    /// The file is stored but cannot be processed: NERP with this reason.
    Nerp {
        /// NERPREAS.
        reason: NerpReason,
        /// NERPREAST.
        text: Text,
    },
    /// The answer comes later, by [`Mailbox::queue_response`] in this or another session.
    Later,
}

impl Mailbox {
    pub(super) fn start_file_ind(&mut self, sfid: Box<Sfid>) {
        let Some(partner) = &self.partner else {
            return self.give_up("a file came before a partner was known");
        };
        let own = self.identity().code;
        match partner.policy.check(&sfid, &own, &partner.code) {
            Ok(()) => {
                self.incoming = Some(sfid.clone());
                self.tell(Event::FileOffered { sfid });
            }
            Err(refusal) => {
                self.tell(Event::FileTurnedAway {
                    sfid,
                    reason: refusal.reason,
                    text: refusal.text.clone(),
                });
                let refused = self.refuse(refusal.reason, refusal.retry, &refusal.text);
                debug_assert!(refused.is_ok(), "a file is offered");
            }
        }
    }

    /// Answers [`Event::FileOffered`]: the file is taken, from this position on.
    ///
    /// # Errors
    /// [`UserError`] when no file is offered, or when the position is above SFIDREST.
    pub fn accept_file(&mut self, position: RestartPosition) -> Result<(), UserError> {
        self.session
            .start_file_rs(StartFileRs::Positive(position))?;
        self.counters.refusals = 0;
        Ok(())
    }

    /// Answers [`Event::FileOffered`]: the file is not taken. `retry`: another try in a later
    /// session makes sense.
    ///
    /// # Errors
    /// [`UserError`] when no file is offered.
    pub fn refuse_file(
        &mut self,
        reason: SfnaReason,
        retry: bool,
        text: &str,
    ) -> Result<(), UserError> {
        self.refuse(reason, retry, text)?;
        self.incoming = None;
        Ok(())
    }

    fn refuse(&mut self, reason: SfnaReason, retry: bool, text: &str) -> Result<(), UserError> {
        self.session.start_file_rs(StartFileRs::Negative {
            reason,
            retry,
            text: Text::new(text),
        })?;
        if passes(&mut self.counters.refusals, self.settings.limits.refusals) {
            self.give_up("too many files in a row had to be refused");
        }
        Ok(())
    }

    pub(super) fn close_file_ind(&mut self, ind: CloseFileInd) {
        match ind.verdict {
            Ok(()) => self.tell(Event::FileComplete),
            Err(fault) => {
                self.incoming = None;
                let reason = fault.reason;
                let text = Text::new(&fault.text);
                self.tell(Event::FileBroken { fault });
                self.close(CloseFileRs::Negative { reason, text });
            }
        }
    }

    /// Answers [`Event::FileComplete`]: the file cannot get lost any more. EFPA is sent, and the
    /// reply queued for the next turn.
    ///
    /// # Errors
    /// [`UserError`] when no file is complete.
    pub fn file_stored(&mut self, reply: Reply) -> Result<(), UserError> {
        let speaker = self.settings.ask_for_turn && self.may_ask_for_turn(&reply);
        self.session
            .close_file_rs(CloseFileRs::Positive { speaker })?;
        self.counters.idle_turns = 0;
        let own = self.identity().code;
        if let Some(sfid) = self.incoming.take() {
            match reply {
                Reply::Eerp => {
                    self.queue_response(Response::Eerp(Box::new(response::eerp_for(&sfid))));
                }
                Reply::Nerp { reason, text } => {
                    let nerp = response::nerp_for(&sfid, own, reason, text);
                    self.queue_response(Response::Nerp(Box::new(nerp)));
                }
                Reply::Later => {}
            }
        }
        Ok(())
    }

    fn may_ask_for_turn(&self, reply: &Reply) -> bool {
        use crate::wire::{Capability, Level};
        let both_ways = self
            .session
            .agreed()
            .is_some_and(|a| a.level >= Level::V1_4 || a.mode == Capability::Both);
        both_ways && (*reply != Reply::Later || self.to_send() > 0)
    }

    /// Answers [`Event::FileComplete`]: the file could not be stored. EFNA is sent.
    ///
    /// # Errors
    /// [`UserError`] when no file is complete.
    pub fn file_failed(&mut self, reason: EfnaReason, text: &str) -> Result<(), UserError> {
        self.session.close_file_rs(CloseFileRs::Negative {
            reason,
            text: Text::new(text),
        })?;
        self.incoming = None;
        Ok(())
    }

    /// The data of the file being received cannot be stored any more: a disk is full or broken.
    /// RFC 5024 has no answer in the data phase, so ESID 08 ends the session; the file can be
    /// restarted in another one (threat model D11). `why` is for [`Ended::ByUs`](super::Ended) and
    /// stays here: it may name folders and users.
    pub fn cannot_store(&mut self, why: &str) {
        let reason = EsidReason::RESOURCES_NOT_AVAILABLE;
        self.end_session(reason, "the file cannot be stored", why);
    }

    fn close(&mut self, rs: CloseFileRs) {
        let closed = self.session.close_file_rs(rs);
        debug_assert!(closed.is_ok(), "a file is complete: {closed:?}");
    }
}
