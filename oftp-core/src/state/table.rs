//! The form of a state table with its transition table, predicates and actions (RFC 5024 9.1).

use std::fmt;

use super::output::Output;
use super::vocabulary::{Event, State};

/// One of the five tables of chapter 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Session Connection State Table.
    T9_8,
    /// Error and Abort State Table.
    T9_9,
    /// Speaker State Table 1.
    T9_10,
    /// Speaker State Table 2.
    T9_11,
    /// Listener State Table.
    T9_12,
}

/// A predicate, by the number that its table gives it (9.8.3 to 9.12.3).
///
/// Numbers from 101 are not of the RFC:
/// [`completion::ADDED_PREDICATES`](super::completion::ADDED_PREDICATES).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Predicate {
    /// The table whose number it is.
    pub table: Table,
    /// The number as printed, without the `P`.
    pub number: u8,
}

/// An action, by the number that its table gives it (9.8.3 to 9.12.3).
///
/// Numbers from 101 are not of the RFC:
/// [`completion::ADDED_ACTIONS`](super::completion::ADDED_ACTIONS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Action {
    /// The table whose number it is.
    pub table: Table,
    /// The number as printed.
    pub number: u8,
}

/// One section of chapter 9, as printed.
#[derive(Debug, Clone, Copy)]
pub struct StateTable {
    /// Which section.
    pub table: Table,
    /// Its heading.
    pub title: &'static str,
    /// The columns of the state table, left to right (the page stacks them bottom to top).
    pub columns: &'static [Column],
    /// The rows of the state table, top to bottom.
    pub rows: &'static [GridRow],
    /// The transition table, top to bottom.
    pub transitions: &'static [Transition],
    /// The predicates: number and text.
    pub predicates: &'static [(u8, &'static str)],
    /// The actions: number and text.
    pub actions: &'static [(u8, &'static str)],
    /// The outputs that the page prints otherwise than [`Output`] displays them: letter, branch,
    /// place in its outputs, and the text as printed.
    pub misprints: &'static [(Letter, usize, usize, &'static str)],
}

/// A column of a state table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The column of one state.
    Of(State),
    /// `Other States`: every state that no table has a cell for (ST-02).
    OtherStates,
}

/// A row of a state table.
#[derive(Debug, Clone, Copy)]
pub struct GridRow {
    /// The name of the row as printed.
    pub name: &'static str,
    /// The events it stands for: one, or two for the row ESID of 9.8.
    pub events: &'static [Event],
    /// The letters, one for each column.
    pub cells: &'static [Letter],
}

/// A cell of a state table: the index of a row of the transition table of the same section and of
/// no other (ST-01), or X or U.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the letters mean what their table says")]
#[rustfmt::skip]
pub enum Letter {
    A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T,
    /// A user error (9.2).
    U,
    /// A user error with a note (9.10).
    W,
    /// Impossible, or a fault of the Network Service (9.2).
    X,
    Y, Z, Z1,
}

/// A row of a transition table.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// Its index.
    pub letter: Letter,
    /// What it does under which predicates; of the branches exactly one holds.
    pub branches: &'static [Branch],
}

/// One case of a row of a transition table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The predicates, all of which have to hold; empty: unconditional.
    pub when: &'static [Condition],
    /// The actions in printed order.
    pub actions: &'static [Action],
    /// The output events in printed order.
    pub outputs: &'static [Output],
    /// The next state.
    pub next: Next,
}

/// One word of the column "Predicate".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// `P1`: the predicate holds.
    P(u8),
    /// `!P1`: the predicate does not hold.
    Not(u8),
    /// `else`: none of the branches above was taken.
    Else,
    /// Words that are no predicate and that nothing depends on (ST-37).
    Words(&'static str),
}

/// The column "Next State".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The entity enters this state.
    State(State),
    /// `UE`: the primitive is refused and the state stays as it is (ST-25).
    Ue,
    /// Nothing is printed (9.10 X, 9.11 E).
    Blank,
}

impl Table {
    /// Every one of them, in the order of the RFC.
    pub const ALL: &'static [Self] = &[
        Self::T9_8,
        Self::T9_9,
        Self::T9_10,
        Self::T9_11,
        Self::T9_12,
    ];

    /// The number of the section, `9.8`.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::T9_8 => "9.8",
            Self::T9_9 => "9.9",
            Self::T9_10 => "9.10",
            Self::T9_11 => "9.11",
            Self::T9_12 => "9.12",
        }
    }

    /// What the section prints.
    #[must_use]
    pub const fn page(self) -> &'static StateTable {
        match self {
            Self::T9_8 => &super::session_connection::TABLE,
            Self::T9_9 => &super::error_and_abort::TABLE,
            Self::T9_10 => &super::speaker_1::TABLE,
            Self::T9_11 => &super::speaker_2::TABLE,
            Self::T9_12 => &super::listener::TABLE,
        }
    }
}

impl StateTable {
    /// The branches of a row of the transition table; X and U have none in 9.8 and 9.9.
    #[must_use]
    pub const fn branches(&self, letter: Letter) -> Option<&'static [Branch]> {
        let mut i = 0;
        while i < self.transitions.len() {
            if self.transitions[i].letter as u8 == letter as u8 {
                return Some(self.transitions[i].branches);
            }
            i += 1;
        }
        None
    }
}

impl Letter {
    /// The letter as printed.
    #[must_use]
    #[rustfmt::skip]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A", Self::B => "B", Self::C => "C", Self::D => "D", Self::E => "E",
            Self::F => "F", Self::G => "G", Self::H => "H", Self::I => "I", Self::J => "J",
            Self::K => "K", Self::L => "L", Self::M => "M", Self::N => "N", Self::O => "O",
            Self::P => "P", Self::Q => "Q", Self::R => "R", Self::S => "S", Self::T => "T",
            Self::U => "U", Self::W => "W", Self::X => "X", Self::Y => "Y", Self::Z => "Z",
            Self::Z1 => "Z1",
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.section())
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P(number) => write!(f, "P{number}"),
            Self::Not(number) => write!(f, "!P{number}"),
            Self::Else => f.write_str("else"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => f.write_str(state.name()),
            Self::Ue => f.write_str("UE"),
            Self::Blank => Ok(()),
        }
    }
}

/// Writes a state table so that it reads like the page: a row's name, its event or events, and
/// its letters.
macro_rules! grid {
    ($($name:literal $($event:ident)+ : $($letter:ident)+ ;)+) => {
        &[$($crate::state::table::GridRow {
            name: $name,
            events: &[$($crate::state::Event::$event),+],
            cells: &[$($crate::state::table::Letter::$letter),+],
        }),+]
    };
}

/// Writes branches so that they read like the page: predicates, actions, output events, next
/// state. Actions carry the numbers of the table named first.
macro_rules! branches {
    (@next UE) => { $crate::state::table::Next::Ue };
    (@next BLANK) => { $crate::state::table::Next::Blank };
    (@next $state:ident) => { $crate::state::table::Next::State($crate::state::State::$state) };
    ($table:ident: $(
        [$($when:expr),*] [$($action:literal),*] [$($output:expr),*] => $next:ident
    )+) => {
        &[$($crate::state::table::Branch {
            when: &[$($when),*],
            actions: &[$($crate::state::table::Action {
                table: $crate::state::table::Table::$table,
                number: $action,
            }),*],
            outputs: &[$($output),*],
            next: $crate::state::table::branches!(@next $next),
        }),+]
    };
}

/// Writes a transition table so that it reads like the page: the index, then its branches, each
/// after a bar.
macro_rules! transitions {
    ($table:ident: $($letter:ident $(
        | [$($when:expr),*] [$($action:literal),*] [$($output:expr),*] => $next:ident
    )+ ;)+) => {
        &[$($crate::state::table::Transition {
            letter: $crate::state::table::Letter::$letter,
            branches: $crate::state::table::branches!($table: $(
                [$($when),*] [$($action),*] [$($output),*] => $next
            )+),
        }),+]
    };
}

pub(super) use {branches, grid, transitions};
