//! What went wrong in a step: one verdict for ESID and for F_ABORT_IND.

use super::event::{AbortCause, AbortInd};
use super::input::Input;
use super::primitive::UserProblem;
use super::{Session, UserError};
use crate::state::{self, Origin, State};
use crate::wire::{CommandCode, EsidReason, Text};

/// Reason, origin and cause of the end of a session, should the step be one.
#[derive(Debug)]
pub(super) struct Fault {
    /// The reason that the rows leave open, or print wrongly; `None` where the row has it.
    pub(super) reason: Option<EsidReason>,
    pub(super) origin: Origin,
    pub(super) cause: AbortCause,
    /// What the partner is told beside the reason.
    pub(super) text: Text,
}

impl Fault {
    pub(super) fn of(session: &Session, event: state::Event, input: &Input) -> Self {
        let state = session.state;
        let local = |reason: Option<EsidReason>, cause: AbortCause| Self {
            reason,
            origin: Origin::Local,
            text: Text::new(&cause.to_string()),
            cause,
        };
        let silent = |reason, origin, cause| Self {
            reason,
            origin,
            cause,
            text: Text::default(),
        };
        match input {
            Input::Esid(esid) => silent(
                Some(esid.reas),
                Origin::Distant,
                AbortCause::EsidReceived {
                    text: esid.reast.clone(),
                    state,
                },
            ),
            Input::Release(reason, text) => Self {
                reason: Some(*reason),
                origin: Origin::Local,
                cause: AbortCause::NotCapable,
                text: text.clone(),
            },
            Input::Invalid(error) => local(Some(error.reason), AbortCause::Invalid(*error)),
            Input::InvalidData(error) => {
                local(Some(error.reason()), AbortCause::InvalidData(*error))
            }
            // One reaction for every cause, without a word (ST-34).
            Input::Opened(None) => silent(
                None,
                Origin::Local,
                AbortCause::Authentication("the partner's challenge could not be opened"),
            ),
            Input::Sealed(None) => silent(
                None,
                Origin::Local,
                AbortCause::Authentication("no certificate to seal a challenge for the partner"),
            ),
            Input::Response(_) if state == State::WfAurp => silent(
                None,
                Origin::Local,
                AbortCause::Authentication("partner's response differs from the challenge"),
            ),
            Input::ConnectRq(_) => silent(None, Origin::Local, AbortCause::NotCapable),
            _ => match event {
                state::Event::TimeOut => silent(
                    Some(EsidReason::TIME_OUT),
                    Origin::Local,
                    AbortCause::TimeOut { state },
                ),
                state::Event::NDiscInd => {
                    silent(None, Origin::Distant, AbortCause::Disconnected { state })
                }
                state::Event::NRstInd => silent(None, Origin::Distant, AbortCause::Reset { state }),
                _ => session.disagreement(event, input, &local),
            },
        }
    }
}

impl Session {
    /// A failed negotiation (9.8 D, E, G), or a command out of place.
    fn disagreement(
        &self,
        event: state::Event,
        input: &Input,
        local: &impl Fn(Option<EsidReason>, AbortCause) -> Fault,
    ) -> Fault {
        let negotiating = matches!(
            (self.state, event),
            (State::IWfSsid | State::ANcOnly, state::Event::Ssid)
                | (State::AWfConrs, state::Event::FConnectRs)
        );
        if negotiating {
            return match &self.vars.misfit {
                Some(misfit) => local(
                    Some(misfit.reason),
                    AbortCause::Incompatible(misfit.text.clone()),
                ),
                None => local(
                    None,
                    AbortCause::Incompatible(
                        "one side requires secure authentication (SSIDAUTH), the other does not \
                         want it"
                            .to_owned(),
                    ),
                ),
            };
        }
        let Some(command) = command_of(event) else {
            return local(None, AbortCause::NotCapable);
        };
        let detail = match input {
            Input::Sfpa(_) if self.state == State::Opop => {
                Some("its position is above the one offered")
            }
            Input::Sfid(sfid) if matches!(self.state, State::IdleLi | State::IdleLiCd) => {
                if sfid.rest > 0 {
                    Some("it wants to restart, which was not agreed")
                } else {
                    Some("this side only sends files")
                }
            }
            _ if command == CommandCode::Data && self.state == State::Opi => {
                Some("the credit is used up")
            }
            _ => None,
        };
        local(
            Some(EsidReason::PROTOCOL_VIOLATION),
            AbortCause::Violation {
                command,
                state: self.state,
                detail,
            },
        )
    }

    pub(super) fn abort_ind(&self, fault: &Fault, printed: Option<EsidReason>) -> AbortInd {
        AbortInd {
            reason: fault.reason.or(printed),
            origin: fault.origin,
            cause: fault.cause.clone(),
        }
    }

    pub(super) fn refuse(&self, primitive: &'static str, problem: UserProblem) -> UserError {
        UserError {
            primitive,
            state: self.state,
            problem,
        }
    }

    /// Why the tables refuse a primitive.
    pub(super) fn why_refused(
        &self,
        event: state::Event,
        input: &Input,
        row: String,
    ) -> UserProblem {
        let starts = matches!(self.state, State::IdleSp | State::IdleSpCd | State::WfCd);
        match (event, input) {
            (state::Event::FStartFileRq, Input::Sfid(sfid)) if starts => {
                UserProblem::Capability(if sfid.rest > 0 {
                    "a restart position needs restart agreed for the session (9.10 P1)"
                } else {
                    "this side only receives files in this session (9.10 P1)"
                })
            }
            (state::Event::FStartFileRs, _) if self.state == State::Opip => {
                UserProblem::Value("the restart position is above the one offered (9.12 P4)")
            }
            _ => UserProblem::State { row },
        }
    }
}

/// The command behind an event of the partner.
const fn command_of(event: state::Event) -> Option<CommandCode> {
    use CommandCode as Code;
    use state::Event;
    Some(match event {
        Event::Ssrm => Code::Ssrm,
        Event::Ssid => Code::Ssid,
        Event::Secd => Code::Secd,
        Event::Auch => Code::Auch,
        Event::Aurp => Code::Aurp,
        Event::Sfid => Code::Sfid,
        Event::Sfpa => Code::Sfpa,
        Event::Sfna => Code::Sfna,
        Event::Data => Code::Data,
        Event::Cdt => Code::Cdt,
        Event::Efid => Code::Efid,
        Event::Efpa => Code::Efpa,
        Event::Efna => Code::Efna,
        Event::EsidNormal | Event::EsidError => Code::Esid,
        Event::Cd => Code::Cd,
        Event::Eerp => Code::Eerp,
        Event::Nerp => Code::Nerp,
        Event::Rtr => Code::Rtr,
        _ => return None,
    })
}
