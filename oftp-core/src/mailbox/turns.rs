//! The course of a session: who comes in, whose turn it is, and how it ends.

use super::Mailbox;
use super::directory::Partner;
use super::limits::passes;
use super::mail::{Ended, Event, Response};
use crate::session::{self, AbortCause, AbortInd, ConnectCf, ConnectInd, ConnectRs, UserError};
use crate::state::State;
use crate::wire::{EsidReason, Password, Text};

impl Mailbox {
    pub(super) fn handle(&mut self, event: session::Event) {
        use session::Event as In;
        match event {
            In::ConnectInd(ind) => self.connect_ind(&ind),
            In::PartnerInd(cf) => {
                self.is_called_partner(&cf);
            }
            In::ConnectCf(cf) => self.connect_cf(&cf),
            In::AuthenticationInd => self.is_up(),
            In::StartFileInd(sfid) => self.start_file_ind(sfid),
            In::StartFileCf(answer) => self.start_file_cf(answer),
            In::DataCf => self.close_when_possible(),
            In::CloseFileInd(ind) => self.close_file_ind(ind),
            In::CloseFileCf(answer) => self.close_file_cf(answer),
            In::CdInd => self.count_turn(),
            In::EerpInd(eerp) => self.tell(Event::ResponseReceived(Response::Eerp(eerp))),
            In::NerpInd(nerp) => self.tell(Event::ResponseReceived(Response::Nerp(nerp))),
            In::RtrCf => self.rtr_cf(),
            In::ReleaseInd { .. } => self.end(Ended::Normally),
            In::AbortInd(ind) => self.abort_ind(ind),
            In::SealChallengeInd { partner } => self.tell(Event::SealChallenge { partner }),
            In::OpenChallengeInd { sealed } => self.tell(Event::OpenChallenge { sealed }),
            In::QuirkInd { quirk, command } => self.tell(Event::Quirk { quirk, command }),
        }
    }

    /// Whether callers are turned away with ESID 08 when they say who they are: too many sessions
    /// are open. Before that it may change, and it does nothing later.
    pub const fn set_busy(&mut self, busy: bool) {
        self.settings.busy = busy;
    }

    fn connect_ind(&mut self, caller: &ConnectInd) {
        if self.settings.busy {
            return self.turn_away(
                EsidReason::RESOURCES_NOT_AVAILABLE,
                "too many sessions are open",
            );
        }
        // Nobody else is admitted in this session.
        let directory = std::mem::take(&mut self.directory);
        match directory.admit(&self.settings.identity, caller) {
            Ok(partner) => self.connect_rs(partner),
            Err(denial) => {
                self.wrong_password = directory.wrong_password(caller);
                self.turn_away(denial.reason, &denial.why);
            }
        }
    }

    fn connect_rs(&mut self, partner: Partner) {
        let config = &self.settings.config.capabilities;
        let capabilities = partner
            .capabilities
            .clone()
            .unwrap_or_else(|| config.clone());
        let identity = partner.identity.as_ref().unwrap_or(&self.settings.identity);
        let rs = ConnectRs {
            code: identity.code,
            password: identity.password,
            user: identity.user,
            mode: capabilities.mode,
            restart: capabilities.restart,
            authentication: partner.authentication,
            quirks: partner.quirks,
            capabilities: Some(capabilities),
        };
        self.partner = Some(partner);
        if let Err(error) = self.session.connect_rs(rs) {
            // Own settings that no session can have.
            return self.give_up(&error.to_string());
        }
        if self.session.state() == State::IdleLi {
            self.is_up();
        }
    }

    fn connect_cf(&mut self, cf: &ConnectCf) {
        if self.is_called_partner(cf) {
            self.is_up();
        }
    }

    /// The Responder has named itself: it must be the one we called (ST-48).
    fn is_called_partner(&mut self, cf: &ConnectCf) -> bool {
        let Some(partner) = &self.partner else {
            return false;
        };
        let answered = cf.ssid.code;
        let expects = |password: &Password| password.matches(&cf.ssid.pswd);
        if partner.code.trimmed() != answered.trimmed() {
            let why = format!("{answered} answered instead of {}", partner.code);
            self.turn_away(EsidReason::USER_CODE_NOT_KNOWN, &why);
            false
        } else if !partner.password.as_ref().is_none_or(expects) {
            let why = format!("wrong password from {answered}");
            self.turn_away(EsidReason::INVALID_PASSWORD, &why);
            false
        } else {
            true
        }
    }

    fn is_up(&mut self) {
        let (Some(partner), Some(agreed)) = (&self.partner, self.session.agreed()) else {
            return;
        };
        let event = Event::Up {
            partner: partner.code,
            agreed: *agreed,
        };
        self.up = true;
        self.expires = self.now.checked_add(self.settings.limits.session);
        self.tell(event);
    }

    /// Whether it is ours to say what comes next. In WF_CD the turn is on its way, and the
    /// request is held until it is here (9.3).
    pub(super) fn is_idle_speaker(&self) -> bool {
        self.up
            && !self.ended
            && matches!(
                self.session.state(),
                State::IdleSp | State::IdleSpCd | State::WfCd
            )
    }

    /// Nothing to send: ends the session where that is allowed, else passes the turn (3.4.1).
    pub(super) fn yield_turn(&mut self) {
        if self.session.state() == State::IdleSpCd {
            let released = self.session.release_rq(EsidReason::NORMAL, Text::default());
            debug_assert!(released.is_ok(), "the turn has just come: {released:?}");
            return self.end(Ended::Normally);
        }
        if self.count_one_turn() {
            return;
        }
        let passed = self.session.cd_rq();
        debug_assert!(passed.is_ok(), "the turn is ours: {passed:?}");
    }

    fn count_turn(&mut self) {
        self.count_one_turn();
    }

    /// Counts a change of direction; true when the limit ended the session.
    fn count_one_turn(&mut self) -> bool {
        let passed = passes(
            &mut self.counters.idle_turns,
            self.settings.limits.idle_turns,
        );
        if passed {
            self.give_up("the turn went to and fro too often without a file or a response");
        }
        passed
    }

    /// Answers [`Event::ResponseReceived`]: it is safe, and `matched` says whether it belongs to
    /// a file of ours. RTR is sent either way (threat model R1 to R5).
    ///
    /// # Errors
    /// [`UserError`] when no response waits.
    pub fn response_taken(&mut self, matched: bool) -> Result<(), UserError> {
        self.session.rtr_rs()?;
        if matched {
            self.counters.idle_turns = 0;
        } else if passes(
            &mut self.counters.unknown_responses,
            self.settings.limits.unknown_responses,
        ) {
            self.give_up("too many responses belong to no file of ours");
        }
        Ok(())
    }

    /// Ends the session abnormally for a reason of our own, such as 05 or 08. The partner is told
    /// `why` as well (ESIDREAST, level 2.0), once the session is up.
    ///
    /// Reason 00 counts as 99: the normal end is the mailbox's own business.
    pub fn release(&mut self, reason: EsidReason, why: &str) {
        let reason = if reason == EsidReason::NORMAL {
            EsidReason::UNSPECIFIED
        } else {
            reason
        };
        self.turn_away(reason, why);
    }

    /// A limit is reached or something local failed: ESID 99.
    pub(super) fn give_up(&mut self, why: &str) {
        self.turn_away(EsidReason::UNSPECIFIED, why);
    }

    fn turn_away(&mut self, reason: EsidReason, why: &str) {
        self.end_session(reason, why, why);
    }

    /// Ends the session with a text for the partner and one for our side.
    pub(super) fn end_session(&mut self, reason: EsidReason, text: &str, why: &str) {
        // A caller learns the code only (S2, S3).
        let text = if self.up {
            Text::new(text)
        } else {
            Text::default()
        };
        if self.session.release_rq(reason, text).is_ok() {
            self.end(Ended::ByUs {
                reason,
                why: why.to_owned(),
            });
        }
    }

    /// The session has turned a caller away by itself, which RFC 5024 tells nobody (9.8 B, E).
    pub(super) fn end_untold(&mut self) {
        let (reason, why) = self.session.misfit().unwrap_or((
            EsidReason::UNSPECIFIED,
            "this side takes no calls, it only makes them",
        ));
        let why = why.to_owned();
        self.end(Ended::ByUs { reason, why });
    }

    fn abort_ind(&mut self, ind: AbortInd) {
        let left = match &ind.cause {
            AbortCause::EsidReceived { state, .. } if ind.reason == Some(EsidReason::NORMAL) => {
                Some(*state)
            }
            AbortCause::Disconnected { state }
            | AbortCause::Reset { state }
            | AbortCause::TimeOut { state } => Some(*state),
            _ => None,
        };
        self.end(if self.up && left.is_some_and(is_between) {
            Ended::Irregularly(ind)
        } else {
            Ended::Failed(ind)
        });
    }

    fn end(&mut self, how: Ended) {
        if !std::mem::replace(&mut self.ended, true) {
            self.expires = None;
            self.wants_data = false;
            self.tell(Event::Ended(how));
        }
    }
}

/// Whether neither a file nor a response is in progress (ST-04). While CD is awaited the last file
/// is confirmed, and what waits for the turn has not begun.
const fn is_between(state: State) -> bool {
    use State as S;
    matches!(
        state,
        S::IdleLi
            | S::IdleLiCd
            | S::IdleSp
            | S::IdleSpCd
            | S::WfCd
            | S::ErStWfCd
            | S::NrStWfCd
            | S::SfStWfCd
            | S::CdStWfCd
    )
}
