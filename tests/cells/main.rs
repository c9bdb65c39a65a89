//! Every event in every state, in both roles, held against the resolved matrix of
//! `state_tables.toml`: what is sent, what the user is told, the next state, and the row.

mod branches;
mod expected;
mod fire;

use std::collections::{BTreeMap, BTreeSet};

use expected::{Case, Cell};
use fire::Fired;
use oftp_core::state::State;
use oftp_core::wire::{Cd, Cdt, Command, Efid, Efpa, Esid, EsidReason, Rtr, Sfpa, Text};
use oftp_tests::lone::{Did, Lone, Setup, Side};
use oftp_tests::spec::{StateTables, state, state_tables};

/// Rows and their cases that were seen.
type Seen = BTreeSet<(String, Case)>;

/// The states that the page gives to one side only.
const NEVER: &[(Side, &[&str])] = &[
    (Side::Initiator, &["A_NC_ONLY", "A_WF_CONRS"]),
    (Side::Responder, &["I_WF_NC", "I_WF_RM", "I_WF_SSID"]),
];

/// The states in which no timer runs, so that there is no time-out.
const WITHOUT_TIMER: &[&str] = &["IDLE"];

/// What cannot be done to a session, by side: whole states, and time-outs where no timer runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unreached {
    cells: usize,
    states: Vec<String>,
    timers: Vec<String>,
}

/// (threat model N12, N14, D1, D2, E3)
#[test]
fn every_event_in_every_state_does_what_the_matrix_says() {
    let tables = state_tables();
    let mut seen = Seen::new();
    let mut checked = 0;
    for (side, never) in NEVER {
        let unreached = all_cells(&tables, *side, &mut seen, &mut checked);
        assert_eq!(unreached.states, *never, "{side:?}");
        assert_eq!(unreached.timers, WITHOUT_TIMER, "{side:?}");
        assert_eq!(
            unreached.cells,
            39 * never.len() + unreached.timers.len(),
            "{side:?}"
        );
    }
    let missed: usize = NEVER
        .iter()
        .map(|(_, never)| 39 * never.len() + WITHOUT_TIMER.len())
        .sum();
    assert_eq!(checked + missed, 2 * 1092);
}

/// The commands of files, of responses and of the turn.
fn commands(setup: &Setup) -> Vec<Command<'static>> {
    vec![
        Command::Sfid(setup.peer_file()),
        Command::Sfpa(Sfpa { acnt: 0 }),
        Command::Data(b"\x81A"),
        Command::Cdt(Cdt),
        Command::Efid(Efid { rcnt: 0, ucnt: 0 }),
        Command::Efpa(Efpa { cd: false }),
        Command::Cd(Cd),
        Command::Eerp(setup.peer_eerp()),
        Command::Nerp(setup.peer_nerp()),
        Command::Rtr(Rtr),
    ]
}

/// Each has its place, in both roles; everywhere else it is ESID 02 and an abort, though the RFC
/// prints nothing for most of those cells (threat model T1, T3).
#[test]
fn commands_of_files_and_turns_out_of_their_place_are_02() {
    use State as S;
    for side in [Side::Initiator, Side::Responder] {
        for &state in State::ALL {
            if matches!(state, S::Idle | S::IWfNc | S::WfNdisc) {
                continue;
            }
            for at in 0..commands(&Setup::new(side)).len() {
                let Some(mut lone) = Lone::in_state(Setup::new(side), state) else {
                    continue;
                };
                let command = commands(&lone.setup).remove(at);
                let is_its_place = match &command {
                    Command::Sfpa(_) => state == S::Opop,
                    Command::Data(_) | Command::Efid(_) => state == S::Opi,
                    Command::Cdt(_) => state == S::OpoWfc,
                    Command::Efpa(_) => state == S::Clop,
                    Command::Rtr(_) => state == S::WfRtr,
                    // Straight back it would go to and fro for ever.
                    Command::Cd(_) => matches!(
                        state,
                        S::IdleLi | S::WfCd | S::CdStWfCd | S::ErStWfCd | S::NrStWfCd | S::SfStWfCd
                    ),
                    _ => matches!(state, S::IdleLi | S::IdleLiCd),
                };
                let what = format!("{side:?} {state} {}", command.code().name());
                lone.peer(&command);
                let refused = lone.outputs() == ["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"];
                assert_ne!(refused, is_its_place, "{what}: {:?}", lone.did);
            }
        }
    }
}

/// ESID counts in every state with a connection, also where the RFC prints that it cannot come:
/// the session is over, and nothing is sent (threat model T4).
#[test]
fn esid_ends_a_session_in_every_connected_state() {
    for side in [Side::Initiator, Side::Responder] {
        for &state in State::ALL {
            for reas in [EsidReason::NORMAL, EsidReason::TIME_OUT] {
                let Some(mut lone) = Lone::in_state(Setup::new(side), state) else {
                    continue;
                };
                if matches!(state, State::Idle | State::IWfNc) {
                    continue;
                }
                let reast = Text::default();
                lone.peer(&Command::Esid(Esid { reas, reast }));
                let what = format!("{side:?} {state} {reas}");
                let abort = format!("F_ABORT_IND(R={:02},AO=D)", reas.code());
                let expected = match (state, reas) {
                    (State::WfNdisc, _) => vec!["N_DISC_RQ"],
                    // The only one in which ESID 00 is due.
                    (State::IdleLiCd, EsidReason::NORMAL) => vec!["F_RELEASE_IND", "N_DISC_RQ"],
                    _ => vec![abort.as_str(), "N_DISC_RQ"],
                };
                assert_eq!(lone.outputs(), expected, "{what}");
                assert_eq!(lone.session.state(), State::Idle, "{what}");
            }
        }
    }
}

fn all_cells(tables: &StateTables, side: Side, seen: &mut Seen, checked: &mut usize) -> Unreached {
    let mut unreached = Unreached::default();
    for (column, name) in tables.resolved_columns.states.iter().enumerate() {
        for row in &tables.resolved {
            let cell = expected::cell(tables, &row.cells[column], &row.event);
            let Some(mut lone) = Lone::in_state(Setup::new(side), state(name)) else {
                unreached.cells += 1;
                if !unreached.states.contains(name) {
                    unreached.states.push(name.clone());
                }
                continue;
            };
            let fired = fire::fire(&mut lone, &row.event);
            if fired == Fired::NoTimer {
                unreached.cells += 1;
                unreached.timers.push(name.clone());
                continue;
            }
            let what = format!("{side:?} {name} {}", row.event);
            check(&lone, state(name), &fired, &cell, &what, seen);
            *checked += 1;
        }
    }
    unreached
}

fn check(lone: &Lone, before: State, fired: &Fired, cell: &Cell, what: &str, seen: &mut Seen) {
    let outputs = lone.outputs();
    let rows: Vec<&Did> = lone
        .did
        .iter()
        .filter(|did| matches!(did, Did::Row(..)))
        .collect();
    match cell {
        Cell::UserError => {
            assert_eq!(*fired, Fired::Refused, "{what}");
            assert!(lone.did.is_empty(), "{what}: {:?}", lone.did);
            assert_eq!(lone.session.state(), before, "{what}");
        }
        Cell::Impossible => {
            assert_eq!(*fired, Fired::Done, "{what}");
            assert!(lone.did.is_empty(), "{what}: {:?}", lone.did);
            assert_eq!(lone.session.state(), before, "{what}");
        }
        Cell::Row(row, cases) => {
            assert_eq!(*fired, Fired::Done, "{what}");
            let [Did::Row(taken, next)] = rows[..] else {
                panic!("{what}: one row, not {rows:?}");
            };
            assert!(
                taken == row || taken.starts_with(&format!("{row} (")),
                "{what}: {taken}, not {row}"
            );
            assert_eq!(*next, lone.session.state(), "{what}");
            let done = Case {
                outputs: outputs.iter().map(|&text| text.to_owned()).collect(),
                next: next.name().to_owned(),
            };
            assert!(cases.contains(&done), "{what}: {done:?}, not {cases:?}");
            seen.insert((row.clone(), done));
        }
    }
}

/// Cases that a session on TCP cannot come to.
const NEVER_SEEN: &[(&str, &str)] = &[
    // P1 and P4 refuse a primitive: a user error leaves no row in the trace (branches.rs has them).
    ("9.10 B", ""),
    ("9.10 G", ""),
    ("9.12 H", "User Error"),
    // P6: the CDT leaves in the step that uses the credit up, so the credit is never 0 in OPI.
    ("9.12 I", "ESID(R=02)"),
];

#[test]
fn every_case_of_every_row_is_seen() {
    let tables = state_tables();
    let mut seen = Seen::new();
    for (side, _) in NEVER {
        all_cells(&tables, *side, &mut seen, &mut 0);
    }
    branches::all(&tables, &mut seen);
    let mut wanted: BTreeMap<(String, Case), ()> = BTreeMap::new();
    for row in &tables.resolved {
        for text in &row.cells {
            if let Cell::Row(name, cases) = expected::cell(&tables, text, &row.event) {
                for case in cases {
                    wanted.insert((name.clone(), case), ());
                }
            }
        }
    }
    let missing: Vec<_> = wanted
        .into_keys()
        .filter(|key| !seen.contains(key))
        .map(|(row, case)| (row, case.outputs.first().cloned().unwrap_or_default()))
        .collect();
    let never: Vec<_> = NEVER_SEEN
        .iter()
        .map(|&(row, output)| (row.to_owned(), output.to_owned()))
        .collect();
    assert_eq!(missing, never);
}
