//! Every word of the tables against the transcription.

use std::collections::BTreeMap;

use oftp_core::state::completion::{self, AMENDMENTS, Code, OVERRIDES, READINGS};
use oftp_core::state::machine::{self, Row};
use oftp_core::state::{Event, Output, Sink, Source, State, Table};
use serde::Deserialize;

use crate::page::{Branch, Page};

#[derive(Deserialize)]
pub(crate) struct Spec {
    state: Vec<Named>,
    input_event: Vec<Input>,
    output_event: Vec<Sunk>,
    pub(crate) table: Vec<SpecTable>,
    amendment: Vec<Amendment>,
    resolution_code: Vec<ResolutionCode>,
    resolved_columns: Columns,
    pub(crate) resolved: Vec<SpecRow>,
    #[serde(rename = "override")]
    overrides: Vec<Override>,
    ambiguity: Vec<Ambiguity>,
    pub(crate) table_2204: Vec<SpecTable>,
    counts: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    source: String,
}

#[derive(Deserialize)]
struct Sunk {
    name: String,
    sink: String,
}

#[derive(Deserialize)]
pub(crate) struct SpecTable {
    pub(crate) section: String,
    #[serde(default)]
    pub(crate) title: String,
    pub(crate) columns: Vec<String>,
    #[serde(default)]
    predicates: BTreeMap<String, String>,
    #[serde(default)]
    actions: BTreeMap<String, String>,
    pub(crate) row: Vec<SpecRow>,
    pub(crate) transition: Vec<SpecTransition>,
}

#[derive(Deserialize)]
pub(crate) struct SpecRow {
    pub(crate) event: String,
    pub(crate) cells: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct SpecTransition {
    pub(crate) id: String,
    pub(crate) branch: Vec<Branch>,
}

#[derive(Deserialize)]
struct Amendment {
    table: String,
    transition: String,
    why: String,
}

#[derive(Deserialize)]
struct ResolutionCode {
    code: String,
}

#[derive(Deserialize)]
struct Columns {
    states: Vec<String>,
}

#[derive(Deserialize)]
struct Override {
    event: String,
    printed: String,
    resolved: String,
    why: String,
    states: Vec<String>,
}

#[derive(Deserialize)]
struct Ambiguity {
    id: String,
}

impl Spec {
    pub(crate) fn read() -> Self {
        toml::from_str(include_str!("../spec/state_tables.toml")).expect("the transcription parses")
    }

    /// The states of the columns of the resolved matrix.
    pub(crate) fn columns(&self) -> Vec<State> {
        let columns = self.resolved_columns.states.iter();
        columns.map(|name| state(name)).collect()
    }
}

impl SpecTable {
    pub(crate) fn page(&self) -> Page {
        Page {
            columns: self.columns.clone(),
            rows: self
                .row
                .iter()
                .map(|row| (row.event.clone(), row.cells.clone()))
                .collect(),
            transitions: self
                .transition
                .iter()
                .map(|row| (row.id.clone(), row.branch.clone()))
                .collect(),
        }
    }
}

pub(crate) fn state(name: &str) -> State {
    let found = State::ALL.iter().find(|state| state.name() == name);
    *found.unwrap_or_else(|| panic!("no state {name}"))
}

pub(crate) fn event(name: &str) -> Event {
    let found = Event::ALL.iter().find(|event| event.name() == name);
    *found.unwrap_or_else(|| panic!("no event {name}"))
}

pub(crate) fn table(section: &str) -> Table {
    let found = Table::ALL.iter().find(|table| table.section() == section);
    *found.unwrap_or_else(|| panic!("no section {section}"))
}

#[test]
fn the_states_are_those_of_9_3() {
    let spec = Spec::read();
    let printed: Vec<_> = spec.state.iter().map(|state| state.name.as_str()).collect();
    let ours: Vec<_> = State::ALL.iter().map(|state| state.name()).collect();
    assert_eq!(ours, printed);
    assert_eq!(ours.len(), spec.counts["states"]);
}

#[test]
fn the_input_events_are_those_of_9_4() {
    let spec = Spec::read();
    // ST-45: where the rows of the tables and the list of 9.4 name an event differently.
    let listed = |event: Event| match event {
        Event::FStartFileRs => vec!["F_START_FILE_RS(+)", "F_START_FILE_RS(-)"],
        Event::FCloseFileRs => vec!["F_CLOSE_FILE_RS(+)", "F_CLOSE_FILE_RS(-)"],
        Event::FRelRqOk | Event::FRelRqErr => vec!["F_RELEASE_RQ"],
        Event::EsidNormal | Event::EsidError => vec!["ESID"],
        Event::InvalidBuffer => vec!["N_DATA_IND"],
        other => vec![other.name()],
    };
    let source = |event: Event| match event {
        Event::InvalidBuffer => "network",
        event => match event.source() {
            Source::User => "user monitor",
            Source::Network => "network",
            Source::Peer => "peer",
            Source::Timer => "internal",
        },
    };
    let mut ours: Vec<_> = Event::ALL
        .iter()
        .flat_map(|&event| {
            listed(event)
                .into_iter()
                .map(move |name| (name, source(event)))
        })
        .collect();
    let mut printed: Vec<_> = spec
        .input_event
        .iter()
        .map(|event| (event.name.as_str(), event.source.as_str()))
        .collect();
    ours.sort_unstable();
    ours.dedup();
    printed.sort_unstable();
    assert_eq!(ours, printed);
}

#[test]
fn the_output_events_are_those_of_9_5() {
    let spec = Spec::read();
    let mut printed: Vec<_> = spec
        .output_event
        .iter()
        .map(|event| (event.name.as_str(), event.sink.as_str()))
        // Every command is one (ST-33).
        .filter(|(name, _)| *name != "N_DATA_RQ")
        .collect();
    let mut ours: Vec<_> = every_output()
        .filter_map(|output| {
            let sink = match output.sink()? {
                Sink::User => "user monitor",
                Sink::Network => "network",
                Sink::Peer => "peer",
            };
            Some((output.name(), sink))
        })
        .collect();
    ours.sort_unstable();
    ours.dedup();
    printed.sort_unstable();
    assert_eq!(ours, printed);
}

/// Every output event of the printed rows.
fn every_output() -> impl Iterator<Item = Output> {
    let rows = Table::ALL.iter().flat_map(|table| table.page().transitions);
    let branches = rows.flat_map(|row| row.branches);
    branches.flat_map(|branch| branch.outputs.iter().copied())
}

#[test]
fn the_five_tables_are_as_transcribed() {
    let spec = Spec::read();
    assert_eq!(spec.table.len(), Table::ALL.len());
    for printed in &spec.table {
        let ours = table(&printed.section).page();
        assert_eq!(ours.title, printed.title);
        Page::of(ours).assert_is(&printed.page(), &printed.section);
        let mut numbers: Vec<_> = ours
            .predicates
            .iter()
            .map(|(n, _)| format!("P{n}"))
            .collect();
        numbers.sort_unstable();
        let expected: Vec<_> = printed.predicates.keys().cloned().collect();
        assert_eq!(numbers, expected, "predicates of {}", printed.section);
        let mut numbers: Vec<_> = ours.actions.iter().map(|(n, _)| n.to_string()).collect();
        numbers.sort_unstable();
        let expected: Vec<_> = printed.actions.keys().cloned().collect();
        assert_eq!(numbers, expected, "actions of {}", printed.section);
    }
    let rows = || Table::ALL.iter().flat_map(|table| table.page().rows);
    let cells: usize = rows().map(|row| row.cells.len()).sum();
    assert_eq!(cells, spec.counts["printed_cells"]);
    let rows = || Table::ALL.iter().flat_map(|table| table.page().transitions);
    assert_eq!(rows().count(), spec.counts["transitions"]);
    let branches: usize = rows().map(|row| row.branches.len()).sum();
    assert_eq!(branches, spec.counts["branches"]);
}

#[test]
fn every_cell_of_the_matrix_is_as_resolved() {
    let spec = Spec::read();
    let columns = spec.columns();
    let (mut cells, mut named, mut others) = (0, 0, 0);
    for row in &spec.resolved {
        assert_eq!(row.cells.len(), columns.len());
        for (&state, resolved) in columns.iter().zip(&row.cells) {
            let cell = machine::cell(state, event(&row.event));
            let ours = match cell.row {
                Row::Printed { .. } => cell.printed.to_string(),
                Row::Completion { code, .. } => format!("+{}", code.name()),
            };
            assert_eq!(&ours, resolved, "{} in {state}", row.event);
            cells += 1;
            named += usize::from(!ours.starts_with('+') && !ours.contains('*'));
            others += usize::from(ours.contains('*'));
        }
    }
    assert_eq!(cells, State::ALL.len() * Event::ALL.len());
    assert_eq!(cells, spec.counts["resolved_cells"]);
    assert_eq!(named, spec.counts["resolved_named"]);
    assert_eq!(others, spec.counts["resolved_other_states"]);
}

#[test]
fn the_completed_cells_are_the_overrides() {
    let spec = Spec::read();
    let mut expected = BTreeMap::new();
    for cells in &spec.overrides {
        for name in &cells.states {
            let place = (event(&cells.event), state(name));
            let value = (&*cells.printed, &*cells.resolved, &*cells.why);
            assert_eq!(expected.insert(place, value), None, "{place:?} twice");
        }
    }
    let mut count = 0;
    for &event in Event::ALL {
        for &state in State::ALL {
            let cell = machine::cell(state, event);
            let ours = match cell.row {
                Row::Printed { .. } => None,
                Row::Completion { code, why } => {
                    count += 1;
                    Some((cell.printed.to_string(), format!("+{}", code.name()), why))
                }
            };
            let ours = ours
                .as_ref()
                .map(|(printed, code, why)| (&**printed, &**code, *why));
            assert_eq!(
                ours,
                expected.get(&(event, state)).copied(),
                "{event} in {state}"
            );
        }
    }
    assert_eq!(
        count,
        spec.counts["resolved_replaced"] + spec.counts["resolved_holes"]
    );
    assert_eq!(count, 428);
    let mut codes: Vec<_> = Code::ALL.iter().map(|c| format!("+{}", c.name())).collect();
    let mut expected: Vec<_> = spec
        .resolution_code
        .iter()
        .map(|c| c.code.clone())
        .collect();
    codes.sort_unstable();
    expected.sort_unstable();
    assert_eq!(codes, expected);
}

#[test]
fn every_amendment_is_made_or_read() {
    let spec = Spec::read();
    assert_eq!(spec.amendment.len(), spec.counts["amendments"]);
    for expected in &spec.amendment {
        let place = (&*expected.table, &*expected.transition);
        let made = AMENDMENTS.iter().any(|ours| {
            (ours.table.section(), ours.letter.name()) == place
                && ours.why.contains(&expected.why.as_str())
        });
        let read = READINGS.iter().any(|ours| {
            (ours.table.section(), ours.letter.name()) == place && ours.why == expected.why
        });
        assert!(made || read, "{} {} ({})", place.0, place.1, expected.why);
    }
    for ours in AMENDMENTS {
        let printed = ours.table.page().branches(ours.letter);
        assert!(
            printed.is_some(),
            "{} {} is amended",
            ours.table,
            ours.letter
        );
        assert_ne!(
            printed,
            Some(ours.branches),
            "{} {}",
            ours.table,
            ours.letter
        );
    }
}

#[test]
fn every_decision_names_its_ambiguity() {
    let spec = Spec::read();
    let overrides = OVERRIDES.iter().map(|cells| cells.why);
    let amendments = AMENDMENTS.iter().flat_map(|row| row.why.iter().copied());
    let readings = READINGS.iter().map(|row| row.why);
    for why in overrides.chain(amendments).chain(readings) {
        assert!(
            why == "9.2" || spec.ambiguity.iter().any(|ambiguity| ambiguity.id == why),
            "{why}"
        );
    }
}

#[test]
fn every_number_used_in_a_row_has_a_text() {
    use oftp_core::state::table::Condition;
    let pages = Table::ALL.iter().flat_map(|table| {
        table
            .page()
            .transitions
            .iter()
            .map(|row| (*table, row.branches))
    });
    let amended = AMENDMENTS.iter().map(|row| (row.table, row.branches));
    for (table, branches) in pages.chain(amended) {
        let page = table.page();
        for branch in branches {
            for condition in branch.when {
                if let Condition::P(n) | Condition::Not(n) = condition {
                    let added = completion::ADDED_PREDICATES
                        .iter()
                        .map(|(t, n, _)| (*t, *n));
                    let mut known = page
                        .predicates
                        .iter()
                        .map(|(n, _)| (table, *n))
                        .chain(added);
                    assert!(known.any(|known| known == (table, *n)), "{table} P{n}");
                }
            }
            for action in branch.actions {
                let added = completion::ADDED_ACTIONS.iter().map(|(t, n, _)| (*t, *n));
                let mut known = page.actions.iter().map(|(n, _)| (table, *n)).chain(added);
                assert_eq!(action.table, table);
                assert!(
                    known.any(|known| known == (table, action.number)),
                    "{action:?}"
                );
            }
        }
    }
}
