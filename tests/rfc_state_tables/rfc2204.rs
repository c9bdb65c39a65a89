//! RFC 2204 chapter 8 against the same tables: one engine serves all levels, so whatever differs
//! there is listed here with the reason why it does not need tables of its own.

use std::collections::BTreeSet;

use crate::transcription::{Spec, table};

/// Cells with another letter than in RFC 5024.
const CELLS: &[(&str, &str, &str, &str)] = &[
    // A user error either way; V only adds a note on local flow control.
    ("8.10", "F_DATA_RQ", "OPOWFC", "V"),
    // G is E with a slip on the page: the indication is sent without being built.
    ("8.12", "EERP", "IDLELICD", "G"),
];

/// Rows with another content than in RFC 5024, and rows that it no longer has.
const TRANSITIONS: &[(&str, &str)] = &[
    ("8.8", "A"),  // no timer while connecting
    ("8.8", "B"),  // no timer
    ("8.8", "C"),  // no timer to stop
    ("8.8", "D"),  // no authentication: 9.8 D with P8 and without P11
    ("8.8", "E"),  // the timer is not started again
    ("8.8", "F"),  // the timer is not stopped
    ("8.8", "G"),  // no authentication: 9.8 G with P10 and without P9
    ("8.10", "A"), // no signing: P5 does not hold below level 2.0
    ("8.10", "M"), // no F_DATA_CF: a local matter
    ("8.10", "N"), // no F_RTR_CF: a local matter
    ("8.10", "O"), // no F_DATA_CF: a local matter
    ("8.10", "V"), // see CELLS
    ("8.10", "W"), // the note has another number
    ("8.12", "E"), // RTR at once: 9.12 E and M with a user that answers at once
    ("8.12", "G"), // see CELLS
    ("8.12", "H"), // no credit with SFPA (ST-38), no special logic
    ("8.12", "I"), // other numbers, no special logic
    ("8.12", "K"), // no special logic
];

#[test]
fn rfc_2204_differs_only_where_it_is_known_to() {
    let spec = Spec::read();
    let mut cells = BTreeSet::new();
    let mut transitions = BTreeSet::new();
    for old in &spec.table_2204 {
        let section = old.section.replacen('8', "9", 1);
        let new = crate::page::Page::of(table(&section).page());
        for row in &old.row {
            let name = row.event.split("(R=10)").next().unwrap_or_default();
            let found = new.rows.iter().find(|(event, _)| event == name);
            let (_, letters) = found.unwrap_or_else(|| panic!("{section} has no row {name}"));
            assert_eq!(row.cells.len(), old.columns.len());
            for (column, letter) in old.columns.iter().zip(&row.cells) {
                let column = column
                    .replace("Other State", "Other States")
                    .replace("Statess", "States");
                let place = new.columns.iter().position(|new| *new == column);
                let place = place.unwrap_or_else(|| panic!("{section} has no column {column}"));
                if letters[place] != *letter {
                    cells.insert((old.section.clone(), name.to_owned(), column, letter.clone()));
                }
            }
        }
        for row in &old.transition {
            let found = new.transitions.iter().find(|(letter, _)| *letter == row.id);
            if found.is_none_or(|(_, branches)| *branches != row.branch) {
                transitions.insert((old.section.clone(), row.id.clone()));
            }
        }
    }
    let expected = CELLS.iter().map(|(section, event, state, letter)| {
        (
            (*section).to_owned(),
            (*event).to_owned(),
            (*state).to_owned(),
            (*letter).to_owned(),
        )
    });
    assert_eq!(cells, expected.collect());
    let expected = TRANSITIONS
        .iter()
        .map(|(section, letter)| ((*section).to_owned(), (*letter).to_owned()));
    assert_eq!(transitions, expected.collect());
}
