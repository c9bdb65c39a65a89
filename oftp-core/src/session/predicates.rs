//! The predicates of 9.8.3 to 9.12.3, answered from the variables and the event.

use super::Session;
use super::authentication::equal;
use super::config::Role;
use super::input::{Input, Stored};
use super::negotiation::common_mode;
use crate::state::{Predicate, Table, completion};
use crate::wire::Capability;

impl Session {
    pub(super) fn holds(&self, predicate: Predicate, input: &Input) -> bool {
        match (predicate.table, predicate.number) {
            (Table::T9_8, number) => self.connection(number, input),
            (Table::T9_10, number) => self.speaker_1(number, input),
            (Table::T9_11, 1) => matches!(input, Input::Efpa(efpa) if efpa.cd),
            (Table::T9_12, number) => self.listener(number, input),
            _ => false,
        }
    }

    fn connection(&self, number: u8, input: &Input) -> bool {
        match (number, input) {
            (1, Input::ConnectRq(rq)) => {
                self.config.role == Role::Responder
                    || common_own(self.capabilities.mode, rq.mode).is_none()
            }
            (2, _) => self.vars.agreed.is_some() && self.vars.misfit.is_none(),
            (3, _) => self.config.role == Role::Initiator,
            (4, Input::Ssid(ssid)) => common_mode(self.capabilities.mode, ssid.sr).is_none(),
            (5, _) => self.vars.caller,
            (6, Input::Response(response)) => self.vars.caller && self.verifies(response),
            (7, Input::Response(response)) => !self.vars.caller && self.verifies(response),
            (8, Input::Ssid(ssid)) => {
                let own = self.vars.own_ssid.as_ref();
                own.is_some_and(|own| own.auth == ssid.auth)
            }
            (9, Input::ConnectRs(rs)) => rs.authentication,
            (10, Input::ConnectRs(rs)) => {
                let offer = self.vars.peer_ssid.as_ref();
                offer.is_some_and(|offer| offer.auth == rs.authentication)
            }
            (11, _) => self.vars.own_ssid.as_ref().is_some_and(|own| own.auth),
            (completion::CHALLENGE_OPENED, Input::Opened(opened)) => opened.is_some(),
            (completion::CHALLENGE_SEALED, Input::Sealed(sealed)) => sealed.is_some(),
            _ => false,
        }
    }

    fn verifies(&self, response: &[u8; 20]) -> bool {
        let challenge = self.vars.challenge.as_ref();
        challenge.is_some_and(|challenge| equal(challenge, response))
    }

    fn speaker_1(&self, number: u8, input: &Input) -> bool {
        match (number, input) {
            (1, Input::Sfid(sfid)) => {
                (sfid.rest > 0 && !self.restart_agreed()) || self.mode() == Capability::ReceiverOnly
            }
            (2, Input::Sfpa(sfpa)) => sfpa.acnt > self.vars.restart_pos,
            (3, _) => self.vars.credit_s <= 1,
            // No special logic on TCP (ST-12, ST-21).
            (4, _) => true,
            (5, Input::Eerp(eerp)) => !eerp.sig.is_empty(),
            (5, Input::Nerp(nerp)) => !nerp.sig.is_empty(),
            // CD releases the request in V.Req-buf (R, Z1).
            (5, _) => match &self.vars.stored {
                Some(Stored::Eerp(eerp)) => !eerp.sig.is_empty(),
                Some(Stored::Nerp(nerp)) => !nerp.sig.is_empty(),
                _ => false,
            },
            _ => false,
        }
    }

    fn listener(&self, number: u8, input: &Input) -> bool {
        use super::primitive::{CloseFileRs, StartFileRs};
        match (number, input) {
            (1, Input::Sfid(sfid)) => {
                (sfid.rest > 0 && !self.restart_agreed()) || self.mode() == Capability::SenderOnly
            }
            (2, Input::StartFileRs(rs)) => matches!(rs, StartFileRs::Positive(_)),
            (2, Input::CloseFileRs(rs)) => matches!(rs, CloseFileRs::Positive { .. }),
            (3, Input::CloseFileRs(rs)) => matches!(rs, CloseFileRs::Positive { speaker: true }),
            (4, Input::StartFileRs(StartFileRs::Positive(position))) => {
                position.count() > self.vars.restart_pos
            }
            (6, _) => self.vars.credit_l == 0,
            (7, _) => self.vars.credit_l == 1,
            _ => false,
        }
    }

    pub(super) fn restart_agreed(&self) -> bool {
        self.vars.agreed.is_some_and(|agreed| agreed.restart)
    }

    pub(super) fn mode(&self) -> Capability {
        self.vars
            .agreed
            .map_or(self.capabilities.mode, |agreed| agreed.mode)
    }
}

/// What an own wish leaves of an own capability (9.8 P1, action 1).
pub(super) const fn common_own(capability: Capability, wish: Capability) -> Option<Capability> {
    match (capability, wish) {
        (Capability::Both, wish) => Some(wish),
        (capability, Capability::Both) => Some(capability),
        (Capability::SenderOnly, Capability::SenderOnly) => Some(Capability::SenderOnly),
        (Capability::ReceiverOnly, Capability::ReceiverOnly) => Some(Capability::ReceiverOnly),
        _ => None,
    }
}
