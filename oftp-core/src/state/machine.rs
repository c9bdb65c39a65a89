//! The one interpreter of the tables of RFC 5024 chapter 9.
//!
//! The five state tables and [`completion`](super::completion) are folded into one matrix of 39
//! events by 28 states when the crate is compiled. A step is one look-up and the predicates of one
//! row.

use std::fmt;

use super::completion::Code;
use super::matrix::MATRIX;
use super::output::Output;
use super::table::{Action, Branch, Condition, Letter, Next, Predicate, Table};
use super::vocabulary::{Event, State};

/// What is to be done about an event in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The row of the transition table, or the decision that stands in for it.
    pub row: Row,
    /// Which of the branches of the row, from 0.
    pub branch: usize,
    /// What sort of step it is.
    pub kind: Kind,
    /// The actions to be run, in this order; none unless it is a transition.
    pub actions: &'static [Action],
    /// The outputs to be issued after the actions, in this order; none unless it is a transition.
    pub outputs: &'static [Output],
    /// The state to be entered after that; the same state unless it is a transition.
    pub next: State,
}

/// What sort of step a cell makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Actions, outputs and a next state.
    Transition,
    /// The primitive is refused; nothing changes (ST-25).
    UserError,
    /// Cannot happen (9.2); nothing changes.
    Impossible,
    /// What came is dropped without a word.
    Discard,
}

/// A row of a transition table, or the decision that stands in for a hole in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Row {
    /// As printed, or amended: `9.10 K`.
    Printed {
        /// The table.
        table: Table,
        /// The index of the row.
        letter: Letter,
    },
    /// Supplied: `completion PV (ST-03)`.
    Completion {
        /// What is done.
        code: Code,
        /// The id of the ambiguity.
        why: &'static str,
    },
}

/// What the page has for an event in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Printed {
    /// Nothing: `no cell`.
    NoCell,
    /// A cell in the column of the state: `9.10/C`.
    Named(Table, Letter),
    /// A cell in a column "Other States": `9.10*/C`.
    OtherStates(Table, Letter),
}

/// A step as a line of a trace: `9.10 K OPOP SFPA -> OPO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace {
    /// The row taken.
    pub row: Row,
    /// What sort of step it was.
    pub kind: Kind,
    /// The state before.
    pub from: State,
    /// What happened.
    pub event: Event,
    /// The state after.
    pub next: State,
}

/// A cell of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// What the page has.
    pub printed: Printed,
    /// What holds.
    pub row: Row,
    /// The branches of that row; none where nothing can happen.
    pub branches: &'static [Branch],
}

/// Looks up what an event does in a state: which row, and which of its branches by the predicates
/// that `holds` answers. Predicates are asked for before any action is run (ST-50), and only
/// those of one table.
///
/// No cell panics. A `holds` that contradicts itself, so that no branch fits, makes the step
/// impossible: nothing is done.
pub fn step(state: State, event: Event, mut holds: impl FnMut(Predicate) -> bool) -> Step {
    let cell = cell(state, event);
    let table = cell.row.table();
    let mut fits = |branch: &Branch| {
        branch.when.iter().all(|condition| match *condition {
            Condition::P(number) => holds(Predicate { table, number }),
            Condition::Not(number) => !holds(Predicate { table, number }),
            Condition::Else | Condition::Words(_) => true,
        })
    };
    // The first that fits: "else" comes after the others.
    let mut branches = cell.branches.iter().enumerate();
    let taken = branches.find(|(_, branch)| fits(branch));
    let unchanged = |kind, branch| Step {
        row: cell.row,
        branch,
        kind,
        actions: &[],
        outputs: &[],
        next: state,
    };
    match taken {
        None => unchanged(Kind::Impossible, 0),
        Some((position, branch)) => match branch.next {
            Next::Blank => unchanged(Kind::Impossible, position),
            Next::Ue => unchanged(Kind::UserError, position),
            Next::State(next) => Step {
                row: cell.row,
                branch: position,
                kind: if next == state && branch.actions.is_empty() && branch.outputs.is_empty() {
                    Kind::Discard
                } else {
                    Kind::Transition
                },
                actions: branch.actions,
                outputs: branch.outputs,
                next,
            },
        },
    }
}

/// The cell of an event in a state.
#[must_use]
pub const fn cell(state: State, event: Event) -> &'static Cell {
    // In bounds: the matrix has a place for every state and event.
    &MATRIX[event as usize][state as usize]
}

impl Step {
    /// The step as a line of the trace.
    #[must_use]
    pub const fn trace(&self, from: State, event: Event) -> Trace {
        Trace {
            row: self.row,
            kind: self.kind,
            from,
            event,
            next: self.next,
        }
    }
}

impl Row {
    /// The table whose predicates and actions its branches number; a completion uses the actions
    /// of 9.9.
    #[must_use]
    pub const fn table(self) -> Table {
        match self {
            Self::Printed { table, .. } => table,
            Self::Completion { .. } => Table::T9_9,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Printed { table, letter } => write!(f, "{table} {letter}"),
            Self::Completion { code, why } => write!(f, "completion {} ({why})", code.name()),
        }
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCell => f.write_str("no cell"),
            Self::Named(table, letter) => write!(f, "{table}/{letter}"),
            Self::OtherStates(table, letter) => write!(f, "{table}*/{letter}"),
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} -> ", self.row, self.from, self.event)?;
        match self.kind {
            Kind::Transition | Kind::Discard => f.write_str(self.next.name()),
            Kind::UserError => f.write_str("user error"),
            Kind::Impossible => f.write_str("impossible"),
        }
    }
}
