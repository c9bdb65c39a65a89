//! A table in words, whichever source it comes from, so that the sources can be compared.

use oftp_core::state::table::{Column, StateTable};
use serde::Deserialize;

/// A state table and its transition table.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<String>)>,
    pub(crate) transitions: Vec<(String, Vec<Branch>)>,
}

/// A branch of a row of a transition table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(crate) struct Branch {
    pub(crate) when: String,
    pub(crate) actions: Vec<u8>,
    pub(crate) outputs: Vec<String>,
    pub(crate) next: String,
}

impl Page {
    /// The engine's data as it was printed.
    pub(crate) fn of(table: &StateTable) -> Self {
        Self {
            columns: table
                .columns
                .iter()
                .map(|column| match column {
                    Column::Of(state) => state.name().to_owned(),
                    Column::OtherStates => "Other States".to_owned(),
                })
                .collect(),
            rows: table
                .rows
                .iter()
                .map(|row| {
                    let cells = row.cells.iter().map(|letter| letter.name().to_owned());
                    (row.name.to_owned(), cells.collect())
                })
                .collect(),
            transitions: table
                .transitions
                .iter()
                .map(|row| {
                    let branches = row.branches.iter().enumerate();
                    let branches = branches.map(|(place, branch)| {
                        let mut words = Branch::of(branch);
                        for (letter, at, output, printed) in table.misprints {
                            if (*letter, *at) == (row.letter, place) {
                                assert_ne!(words.outputs[*output], *printed, "no misprint");
                                words.outputs[*output] = (*printed).to_owned();
                            }
                        }
                        words
                    });
                    (row.letter.name().to_owned(), branches.collect())
                })
                .collect(),
        }
    }

    /// Compares word by word, so that a failure names the place.
    pub(crate) fn assert_is(&self, expected: &Self, section: &str) {
        assert_eq!(self.columns, expected.columns, "columns of {section}");
        assert_eq!(self.rows.len(), expected.rows.len(), "rows of {section}");
        for ((name, cells), (expected_name, expected_cells)) in self.rows.iter().zip(&expected.rows)
        {
            assert_eq!(name, expected_name, "row of {section}");
            assert_eq!(cells, expected_cells, "row {name} of {section}");
        }
        for ((letter, branches), (expected_letter, expected_branches)) in
            self.transitions.iter().zip(&expected.transitions)
        {
            assert_eq!(letter, expected_letter, "transition of {section}");
            assert_eq!(branches, expected_branches, "transition {section} {letter}");
        }
        let rows = self.transitions.len();
        assert_eq!(rows, expected.transitions.len(), "transitions of {section}");
    }
}

impl Branch {
    /// The engine's data in words.
    pub(crate) fn of(branch: &oftp_core::state::table::Branch) -> Self {
        let when: Vec<_> = branch.when.iter().map(ToString::to_string).collect();
        Self {
            when: when.join(" & "),
            actions: branch.actions.iter().map(|action| action.number).collect(),
            outputs: branch.outputs.iter().map(ToString::to_string).collect(),
            next: branch.next.to_string(),
        }
    }
}
