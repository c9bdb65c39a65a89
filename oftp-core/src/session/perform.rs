//! Performs one step of the state machine: predicates, actions, outputs, next state (9.2, ST-50).

use super::clock::Limit;
use super::fault::Fault;
use super::input::{Input, Stored};
use super::primitive::{UserError, UserProblem};
use super::trace::Trace;
use super::{Incoming, Session};
use crate::state::{self, Action, Kind, State, Table, machine};
use crate::virtual_file::Structure;

impl Session {
    /// Runs `event` through the tables.
    ///
    /// An error is the refusal of a primitive; for anything else it cannot occur.
    pub(super) fn run(&mut self, event: state::Event, mut input: Input) -> Result<(), UserError> {
        if self.over {
            return Err(self.refuse(event.name(), UserProblem::Over));
        }
        let from = self.state;
        let step = machine::step(from, event, |predicate| self.holds(predicate, &input));
        match step.kind {
            Kind::UserError => {
                let problem = self.why_refused(event, &input, step.row.to_string());
                return Err(self.refuse(event.name(), problem));
            }
            // No connection, no timer: a call that has nothing to act on.
            Kind::Impossible => return Ok(()),
            Kind::Transition | Kind::Discard => {}
        }
        if self.config.trace {
            self.push_trace(Trace::Step(step.trace(from, event)));
        }
        // Only a step that ends the session needs words, and data steps must not allocate.
        let ends = step.outputs.iter().any(|output| {
            matches!(
                output,
                state::Output::Esid(_) | state::Output::FAbortInd { .. }
            )
        });
        let fault = ends.then(|| Fault::of(self, event, &input));
        let mut timer = Timer::Untouched;
        for action in step.actions {
            self.act(*action, &mut input, &mut timer);
        }
        for output in step.outputs {
            self.put(output, &mut input, fault.as_ref());
        }
        self.enter(step.next, timer);
        Ok(())
    }

    /// Runs an event that is no primitive: the tables have no user error for it.
    pub(super) fn happen(&mut self, event: state::Event, input: Input) {
        let done = self.run(event, input);
        debug_assert!(
            done.is_ok() || self.over,
            "only primitives can be refused: {done:?}"
        );
    }

    fn act(&mut self, action: Action, input: &mut Input, timer: &mut Timer) {
        match (action.table, action.number) {
            (Table::T9_8, 4) | (Table::T9_9 | Table::T9_10 | Table::T9_11 | Table::T9_12, 1) => {
                *timer = Timer::Stopped;
            }
            (_, 2) => *timer = Timer::Started,
            (Table::T9_8, 1) => {
                self.vars.caller = true;
                if let Input::ConnectRq(rq) = input {
                    self.vars.addresses = rq.addresses.clone();
                    self.vars.own_ssid = Some(self.offered_ssid(rq));
                }
            }
            (Table::T9_8, 6) => {
                if let Input::Sealed(Some(challenge)) = input {
                    self.vars.challenge = Some(challenge.plain);
                }
            }
            (Table::T9_10, 4) => self.store(input, |input| match input {
                Input::Eerp(eerp) => Some(Stored::Eerp(eerp)),
                _ => None,
            }),
            (Table::T9_10, 16) => self.store(input, |input| match input {
                Input::Nerp(nerp) => Some(Stored::Nerp(nerp)),
                _ => None,
            }),
            (Table::T9_10, 6) => self.store(input, |input| match input {
                Input::Sfid(sfid) => Some(Stored::Sfid(sfid)),
                _ => None,
            }),
            (Table::T9_10, 5) => {
                if let Input::Sfid(sfid) = input {
                    self.vars.restart_pos = sfid.rest;
                }
            }
            (Table::T9_10, 9 | 17 | 10) => self.recall(input),
            (Table::T9_10, 12) => self.vars.credit_s = self.window(),
            (Table::T9_10, 13) => self.vars.credit_s = self.vars.credit_s.saturating_sub(1),
            (Table::T9_11, 7) => self.vars.credit_s = 0,
            (Table::T9_12, 3) => {
                if let Input::Sfid(sfid) = input {
                    self.vars.restart_pos = sfid.rest;
                    self.vars.incoming = Some(Incoming {
                        stream: !Structure::of(sfid).has_records(),
                        offer: Some(sfid.clone()),
                        record: None,
                    });
                }
            }
            (Table::T9_12, 7) => self.vars.credit_l = self.vars.credit_l.saturating_sub(1),
            (Table::T9_12, 8) => {
                self.vars.credit_l = self.window();
                self.vars.credit_line = self.receive.arrived_to();
            }
            // The other actions build the output that follows them: put() does.
            _ => {}
        }
    }

    fn store(&mut self, input: &mut Input, stored: impl FnOnce(Input) -> Option<Stored>) {
        self.vars.stored = stored(std::mem::replace(input, Input::Nothing));
    }

    /// The request held in V.Req-buf takes the place of the CD that released it.
    fn recall(&mut self, input: &mut Input) {
        *input = match self.vars.stored.take() {
            Some(Stored::Eerp(eerp)) => Input::Eerp(eerp),
            Some(Stored::Nerp(nerp)) => Input::Nerp(nerp),
            Some(Stored::Sfid(sfid)) => {
                self.vars.restart_pos = sfid.rest;
                Input::Sfid(sfid)
            }
            None => Input::Nothing,
        };
    }

    fn window(&self) -> u32 {
        self.vars
            .agreed
            .map_or(1, |agreed| u32::from(agreed.window))
    }

    /// The next state, and with it the timers that run there.
    fn enter(&mut self, next: State, timer: Timer) {
        let from = std::mem::replace(&mut self.state, next);
        let timers = &self.config.timers;
        match timer {
            Timer::Untouched => {}
            Timer::Stopped => self.clock.inactivity = None,
            Timer::Started => {
                self.clock.inactivity = Some(Limit::For(if next == State::WfNdisc {
                    timers.disconnect
                } else {
                    timers.inactivity
                }));
            }
        }
        if phase_of(from) != phase_of(next) {
            self.clock.phase = match phase_of(next) {
                Phase::Start => Some(Limit::For(timers.start)),
                Phase::Authentication => Some(Limit::For(timers.authentication)),
                Phase::Other => None,
            };
        }
        if from == State::WfAurp {
            // One try: no second response is held against it (A3).
            self.vars.challenge = None;
        }
        if next == State::Idle {
            self.over = true;
            // Not for the session: an ESID of this step may not find room in the connection.
            self.clock.inactivity = Some(Limit::For(timers.disconnect));
            self.vars.stored = None;
            self.vars.challenge = None;
            self.vars.incoming = None;
        }
        if matches!(next, State::Idle | State::WfNdisc) {
            self.local = None;
            self.held = None;
        }
    }
}

/// What the actions of a step do to the timer; how long it runs depends on the next state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timer {
    Untouched,
    Stopped,
    Started,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Start,
    Authentication,
    Other,
}

/// The parts of a session that have a deadline of their own (threat model S1). The time that the
/// own User Monitor takes (A_WF_CONRS) is not the partner's.
const fn phase_of(state: State) -> Phase {
    match state {
        State::IWfRm | State::IWfSsid | State::ANcOnly => Phase::Start,
        State::WfSecd | State::WfAuch | State::WfAurp => Phase::Authentication,
        _ => Phase::Other,
    }
}
