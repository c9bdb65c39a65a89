//! The matrix of all events and states, folded from the pages and the completion when the crate is
//! compiled. A cell without a value, or one that two tables name, does not compile.

use super::completion::{self, Code, OVERRIDES, Override, USER_ERROR};
use super::machine::{Cell, Printed, Row};
use super::table::{Branch, Column, Letter, Table};
use super::vocabulary::{Event, State};

const STATES: usize = State::ALL.len();
const EVENTS: usize = Event::ALL.len();

/// What the page and the completion make of every event in every state.
pub(super) static MATRIX: [[Cell; STATES]; EVENTS] = matrix();

const fn matrix() -> [[Cell; STATES]; EVENTS] {
    let printed = named_wins(printed_cells());
    let mut cells = [[NOTHING; STATES]; EVENTS];
    let mut event = 0;
    while event < EVENTS {
        let mut state = 0;
        while state < STATES {
            cells[event][state].printed = printed[event][state];
            if let Printed::Named(table, letter) | Printed::OtherStates(table, letter) =
                printed[event][state]
            {
                cells[event][state].row = Row::Printed { table, letter };
                cells[event][state].branches = branches(table, letter, Event::ALL[event]);
            }
            state += 1;
        }
        event += 1;
    }
    complete(cells)
}

/// A cell before anything is known of it; none is left when the matrix is done.
const NOTHING: Cell = Cell {
    printed: Printed::NoCell,
    row: Row::Completion {
        code: Code::Imp,
        why: "",
    },
    branches: &[],
};

/// The cells in the columns of states, and for each row its cell of "Other States".
struct PrintedCells {
    named: [[Printed; STATES]; EVENTS],
    others: [Printed; EVENTS],
}

const fn printed_cells() -> PrintedCells {
    let mut named = [[Printed::NoCell; STATES]; EVENTS];
    let mut others = [Printed::NoCell; EVENTS];
    let mut t = 0;
    while t < Table::ALL.len() {
        let table = Table::ALL[t];
        let page = table.page();
        let mut r = 0;
        while r < page.rows.len() {
            let row = &page.rows[r];
            assert!(row.cells.len() == page.columns.len());
            let mut c = 0;
            while c < page.columns.len() {
                let mut e = 0;
                while e < row.events.len() {
                    let event = row.events[e] as usize;
                    let cell = match page.columns[c] {
                        Column::Of(state) => &mut named[event][state as usize],
                        Column::OtherStates => &mut others[event],
                    };
                    assert!(matches!(cell, Printed::NoCell), "two tables name one cell");
                    *cell = match page.columns[c] {
                        Column::Of(_) => Printed::Named(table, row.cells[c]),
                        Column::OtherStates => Printed::OtherStates(table, row.cells[c]),
                    };
                    e += 1;
                }
                c += 1;
            }
            r += 1;
        }
        t += 1;
    }
    PrintedCells { named, others }
}

/// ST-02: "Other States" counts only where no table has a cell for the state.
const fn named_wins(cells: PrintedCells) -> [[Printed; STATES]; EVENTS] {
    let mut printed = cells.named;
    let mut event = 0;
    while event < EVENTS {
        let mut state = 0;
        while state < STATES {
            if let Printed::NoCell = printed[event][state] {
                printed[event][state] = cells.others[event];
            }
            state += 1;
        }
        event += 1;
    }
    printed
}

/// The branches of a printed row as they hold: amended, or as printed.
const fn branches(table: Table, letter: Letter, event: Event) -> &'static [Branch] {
    if let Some(amendment) = completion::amendment(table, letter, event) {
        return amendment.branches;
    }
    match (table.page().branches(letter), letter) {
        (Some(branches), _) => branches,
        (None, Letter::U) => USER_ERROR,
        (None, Letter::X) => &[],
        (None, _) => panic!("a letter without a row"),
    }
}

const fn complete(mut cells: [[Cell; STATES]; EVENTS]) -> [[Cell; STATES]; EVENTS] {
    let mut o = 0;
    while o < OVERRIDES.len() {
        let Override {
            code,
            why,
            events,
            states,
        } = OVERRIDES[o];
        let mut e = 0;
        while e < events.len() {
            let mut g = 0;
            while g < states.len() {
                let mut s = 0;
                while s < states[g].len() {
                    let cell = &mut cells[events[e] as usize][states[g][s] as usize];
                    assert!(!is_completed(cell.row), "completed twice");
                    cell.row = Row::Completion { code, why };
                    cell.branches = code.branches();
                    s += 1;
                }
                g += 1;
            }
            e += 1;
        }
        o += 1;
    }
    let mut event = 0;
    while event < EVENTS {
        let mut state = 0;
        while state < STATES {
            let row = cells[event][state].row;
            assert!(
                is_completed(row) || matches!(row, Row::Printed { .. }),
                "a hole"
            );
            state += 1;
        }
        event += 1;
    }
    cells
}

const fn is_completed(row: Row) -> bool {
    matches!(row, Row::Completion { why, .. } if !why.is_empty())
}
