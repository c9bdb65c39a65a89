//! Every event in every state, under every assignment of the predicates that its row uses, for
//! both roles, executed and compared with the model.

use std::collections::BTreeSet;

use oftp_core::state::machine::{self, Printed, Row};
use oftp_core::state::{Event, Kind, Output, Predicate, Sink, Source, State, Step, Table};

use crate::expected;
use crate::page::Branch;
use crate::transcription::{Spec, event, table};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Initiator,
    Responder,
}

/// One cell under one assignment.
struct Run {
    role: Role,
    state: State,
    event: Event,
    /// The predicates of the row that hold.
    holding: Vec<u8>,
    step: Step,
    /// The branches of the model.
    model: Vec<Branch>,
}

impl Run {
    fn holds(&self, number: u8) -> bool {
        self.holding.contains(&number)
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let trace = self.step.trace(self.state, self.event);
        write!(f, "{trace} ({:?}, holding {:?})", self.role, self.holding)
    }
}

/// Executes everything.
fn every_run(mut check: impl FnMut(&Run)) {
    let spec = Spec::read();
    let columns = spec.columns();
    let mut cells = BTreeSet::new();
    for row in &spec.resolved {
        let event = event(&row.event);
        for (&state, resolved) in columns.iter().zip(&row.cells) {
            cells.insert((state, event));
            let model = expected::branches(&spec, resolved, event);
            let used: BTreeSet<u8> = model.iter().flat_map(Branch::predicates).collect();
            for role in [Role::Initiator, Role::Responder] {
                for holding in assignments(&used) {
                    let table = machine::cell(state, event).row.table();
                    if !possible(table, role, &holding) {
                        continue;
                    }
                    let step = machine::step(state, event, |predicate: Predicate| {
                        assert_eq!(predicate.table, table, "{event} in {state}");
                        assert!(
                            used.contains(&predicate.number),
                            "{predicate:?} is not of the row"
                        );
                        holding.contains(&predicate.number)
                    });
                    check(&Run {
                        role,
                        state,
                        event,
                        holding,
                        step,
                        model: model.clone(),
                    });
                }
            }
        }
    }
    assert_eq!(cells.len(), 1092);
}

/// Every choice of some of the predicates.
fn assignments(used: &BTreeSet<u8>) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for &number in used {
        let with: Vec<Vec<u8>> = all
            .iter()
            .map(|held| [&held[..], &[number]].concat())
            .collect();
        all.extend(with);
    }
    all
}

/// Whether predicates can hold together: V.Caller is what the role makes it (9.8 P5, P6, P7), and
/// the credit cannot be exceeded and just used up at once (9.12 P6, P7).
fn possible(table: Table, role: Role, holding: &[u8]) -> bool {
    let holds = |number| holding.contains(&number);
    match table {
        Table::T9_8 => match role {
            Role::Initiator => !holds(7),
            Role::Responder => !holds(5) && !holds(6),
        },
        Table::T9_12 => !(holds(6) && holds(7)),
        _ => true,
    }
}

fn words(step: &Step) -> (Vec<u8>, Vec<String>) {
    (
        step.actions.iter().map(|action| action.number).collect(),
        step.outputs.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn every_cell_takes_exactly_the_branch_that_fits() {
    every_run(|run| {
        let step = &run.step;
        let fitting: Vec<_> = (0..run.model.len())
            .filter(|&at| run.model[at].fits(|number| run.holds(number)))
            .collect();
        let otherwise = run.model.iter().position(|branch| branch.when == "else");
        let taken = match (&*fitting, otherwise) {
            ([one], _) => Some(*one),
            ([], Some(otherwise)) => Some(otherwise),
            ([], None) if run.model.is_empty() => None,
            _ => panic!("{run}: branches {fitting:?} of {:?} fit", run.model),
        };
        let Some(taken) = taken else {
            assert_eq!(step.kind, Kind::Impossible, "{run}");
            assert_eq!(
                (words(step), step.next),
                (Default::default(), run.state),
                "{run}"
            );
            return;
        };
        assert_eq!(step.branch, taken, "{run}");
        let branch = &run.model[taken];
        if branch.next == "UE" {
            assert_eq!(step.kind, Kind::UserError, "{run}");
            assert_eq!(
                (words(step), step.next),
                (Default::default(), run.state),
                "{run}"
            );
        } else {
            let dropped = run.state == State::WfNdisc && step.outputs.is_empty();
            let dropped = dropped && step.next == State::WfNdisc;
            let kind = if dropped {
                Kind::Discard
            } else {
                Kind::Transition
            };
            assert_eq!(step.kind, kind, "{run}");
            assert_eq!(
                words(step),
                (branch.actions.clone(), branch.outputs.clone()),
                "{run}"
            );
            assert_eq!(step.next.name(), branch.next, "{run}");
        }
    });
}

#[test]
fn every_branch_of_every_row_is_reached() {
    let mut reached = BTreeSet::new();
    let mut codes = BTreeSet::new();
    every_run(|run| match run.step.row {
        Row::Printed { table, letter } => {
            reached.insert((table, letter, run.step.branch));
        }
        Row::Completion { code, .. } => {
            codes.insert(code);
        }
    });
    assert_eq!(codes, machine_codes(), "every code is used");
    let mut missed = Vec::new();
    for &table in Table::ALL {
        for row in table.page().transitions {
            let of_row = Event::ALL.iter().flat_map(|&event| {
                State::ALL
                    .iter()
                    .map(move |&state| machine::cell(state, event))
            });
            // As many branches as the row has after its amendment.
            let row_of = Row::Printed {
                table,
                letter: row.letter,
            };
            let branches = of_row
                .filter(|cell| cell.row == row_of)
                .map(|cell| cell.branches.len());
            let Some(branches) = branches.max() else {
                missed.push(format!("{table} {}", row.letter));
                continue;
            };
            for branch in 0..branches {
                assert!(
                    reached.contains(&(table, row.letter, branch)),
                    "branch {branch} of {row_of} is never taken"
                );
            }
        }
    }
    // All cells of these two are completed: ST-44 and ST-36.
    assert_eq!(missed, ["9.10 X", "9.11 E"]);
}

fn machine_codes() -> BTreeSet<oftp_core::state::completion::Code> {
    oftp_core::state::completion::Code::ALL
        .iter()
        .copied()
        .collect()
}

#[test]
fn x_and_u_put_nothing_on_the_wire() {
    every_run(|run| {
        let printed = machine::cell(run.state, run.event).printed;
        let (Printed::Named(_, letter) | Printed::OtherStates(_, letter)) = printed else {
            return;
        };
        if matches!(run.step.row, Row::Printed { .. }) && matches!(letter.name(), "X" | "U" | "W") {
            assert!(run.step.outputs.is_empty(), "{run}");
            assert_eq!(run.step.next, run.state, "{run}");
        }
    });
}

#[test]
fn what_is_refused_or_dropped_changes_nothing() {
    every_run(|run| {
        if run.step.kind != Kind::Transition {
            assert!(
                run.step.actions.is_empty() && run.step.outputs.is_empty(),
                "{run}"
            );
            assert_eq!(run.step.next, run.state, "{run}");
        }
    });
}

#[test]
fn only_a_primitive_can_be_a_user_error() {
    every_run(|run| {
        if run.step.kind == Kind::UserError {
            assert_eq!(run.event.source(), Source::User, "{run}");
        }
        // And a primitive is never impossible: the caller can always call.
        if run.step.kind == Kind::Impossible {
            assert_ne!(run.event.source(), Source::User, "{run}");
        }
    });
}

#[test]
fn esid_is_understood_in_every_connected_state() {
    every_run(|run| {
        if matches!(run.event, Event::EsidNormal | Event::EsidError) {
            let connected = !matches!(run.state, State::Idle | State::IWfNc);
            if connected {
                assert_eq!(run.step.next, State::Idle, "{run}");
                let wire = run
                    .step
                    .outputs
                    .iter()
                    .filter(|o| o.sink() == Some(Sink::Peer));
                assert_eq!(wire.count(), 0, "{run}: ESID is never answered");
            } else {
                assert_eq!(run.step.kind, Kind::Impossible, "{run}");
            }
        }
    });
}

#[test]
fn a_command_out_of_place_is_esid_02_and_nothing_else() {
    every_run(|run| {
        let violation = matches!(
            run.step.outputs,
            [Output::Esid(Some(2)), Output::FAbortInd { .. }]
        );
        if violation {
            assert_eq!(run.step.next, State::WfNdisc, "{run}");
            assert_eq!(run.event.source(), Source::Peer, "{run}");
        }
        let esid_02 = run.step.outputs.contains(&Output::Esid(Some(2)));
        assert_eq!(esid_02, violation, "{run}");
    });
}

#[test]
fn nothing_reaches_the_user_before_authentication_ends_but_what_opens_or_ends_the_session() {
    const BEFORE: &[State] = &[
        State::IWfNc,
        State::IWfRm,
        State::IWfSsid,
        State::ANcOnly,
        State::AWfConrs,
        State::WfSecd,
        State::WfAuch,
        State::WfAurp,
    ];
    let mut told = BTreeSet::new();
    every_run(|run| {
        if !BEFORE.contains(&run.state) || run.event.source() == Source::User {
            return;
        }
        for output in run.step.outputs {
            match output {
                Output::FAbortInd { .. } => {}
                other if other.sink() == Some(Sink::User) => {
                    told.insert((run.step.row.to_string(), other.name(), run.state));
                }
                _ => {}
            }
        }
    });
    let expected = [
        ("9.8 D".to_owned(), "F_CONNECT_CF", State::IWfSsid),
        ("9.8 E".to_owned(), "F_CONNECT_IND", State::ANcOnly),
        ("9.8 K".to_owned(), "F_CONNECT_CF", State::WfAurp),
    ];
    assert_eq!(told, expected.into_iter().collect());
}

#[test]
fn the_start_phase_is_left_only_where_authentication_is_done_or_not_wanted() {
    let phase = |state| {
        matches!(
            state,
            State::Idle
                | State::IWfNc
                | State::IWfRm
                | State::IWfSsid
                | State::ANcOnly
                | State::AWfConrs
                | State::WfSecd
                | State::WfAuch
                | State::WfAurp
                | State::WfNdisc
        )
    };
    let mut ways = BTreeSet::new();
    every_run(|run| {
        if phase(run.state) && !phase(run.step.next) {
            let way = run.step.trace(run.state, run.event).to_string();
            let authentication_wanted = match run.step.row.to_string().as_str() {
                "9.8 D" => run.holds(11),
                "9.8 G" => run.holds(9),
                "9.8 I" => !run.holds(101),
                "9.8 K" => !run.holds(6),
                _ => true,
            };
            assert!(!authentication_wanted, "{run}");
            ways.insert(way);
        }
    });
    let expected = [
        "9.8 D I_WF_SSID SSID -> IDLESP",
        "9.8 G A_WF_CONRS F_CONNECT_RS -> IDLELI",
        "9.8 I WF_AUCH AUCH -> IDLELI",
        "9.8 K WF_AURP AURP -> IDLESP",
    ];
    assert_eq!(ways, expected.map(str::to_owned).into_iter().collect());
}

#[test]
fn answers_that_contradict_each_other_do_nothing() {
    // P4 is asked for four times by the four branches of 9.10 Y: no, yes, no, yes.
    let mut answer = true;
    let step = machine::step(State::IdleSp, Event::FNerpRq, |_| {
        answer = !answer;
        answer
    });
    assert_eq!((step.kind, step.next), (Kind::Impossible, State::IdleSp));
    assert!(step.actions.is_empty() && step.outputs.is_empty());
}

#[test]
fn a_step_prints_like_a_line_of_the_rfc() {
    let show = |state, event, held: bool| {
        machine::step(state, event, |_| held)
            .trace(state, event)
            .to_string()
    };
    assert_eq!(
        show(State::Opop, Event::Sfpa, false),
        "9.10 K OPOP SFPA -> OPO"
    );
    assert_eq!(
        show(State::Opop, Event::Sfpa, true),
        "9.10 K OPOP SFPA -> WF_NDISC"
    );
    assert_eq!(
        show(State::WfCd, Event::Sfid, false),
        "completion PV (ST-03) WF_CD SFID -> WF_NDISC"
    );
    assert_eq!(
        show(State::OpoWfc, Event::FCloseFileRq, false),
        "completion UE (ST-36) OPOWFC F_CLOSE_FILE_RQ -> user error"
    );
    assert_eq!(
        show(State::Idle, Event::NConCf, false),
        "9.8 X IDLE N_CON_CF -> impossible"
    );
    assert_eq!(table("9.10").to_string(), "9.10");
}
