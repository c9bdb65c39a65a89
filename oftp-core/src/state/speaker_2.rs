//! RFC 5024 9.11: Speaker State Table 2: the end of a file, sending side.
//!
//! P2 and action 8 are used by no row (ST-21). Row E, an F_CLOSE_FILE_RQ without credit, is a note
//! only; [`completion`](super::completion) refuses the request (ST-36).

use super::State;
use super::output::Output::*;
use super::output::{L, R02};
use super::table::Condition::{Not, P};
use super::table::{Column, GridRow, Letter, StateTable, Table, Transition, grid, transitions};

/// The section as printed.
pub const TABLE: StateTable = StateTable {
    table: Table::T9_11,
    title: "Speaker State Table 2",
    columns: COLUMNS,
    rows: ROWS,
    transitions: TRANSITIONS,
    predicates: PREDICATES,
    actions: ACTIONS,
    misprints: MISPRINTS,
};

/// 9.11.1: the columns, left to right.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    Column::Of(State::Opo),
    Column::Of(State::OpoWfc),
    Column::Of(State::Clop),
];

/// 9.11.1: the state table.
#[rustfmt::skip]
const ROWS: &[GridRow] = grid! {
    //                                   CLOP
    //                                 OPOWFC
    //                               OPO
    "F_CLOSE_FILE_RQ" FCloseFileRq : A E U ;
    "EFPA"            Efpa         : B B C ;
    "EFNA"            Efna         : B B D ;
};

/// 9.11.2: the transition table.
#[rustfmt::skip]
const TRANSITIONS: &[Transition] = transitions! { T9_11:
    //I| Predicate Actions      Output Events                                    Next State
    A  | []       [1, 2, 5, 7] [Efid]                                        => Clop;
    B  | []       [1, 2]       [Esid(R02), FAbortInd { ao: L }]              => WfNdisc;
    C  | [P(1)]   [1, 2, 3]    [FCloseFileCfPositive { speaker: false }, Cd] => IdleLi
       | [Not(1)] [1, 2, 4]    [FCloseFileCfPositive { speaker: true }]      => IdleSp;
    D  | []       [1, 2, 6]    [FCloseFileCfNegative]                        => IdleSp;
    E  | []       []           [UserError]                                   => BLANK;
    U  | []       []           [UserError]                                   => UE;
};

/// 9.11.3, without the notes.
#[rustfmt::skip]
const PREDICATES: &[(u8, &str)] = &[
    (1, "(I.EFPA.CD-Request = Yes)"),
    (2, "No special logic is in use"),
];

/// 9.11.3: the actions.
#[rustfmt::skip]
const ACTIONS: &[(u8, &str)] = &[
    (1, "Stop inactivity timer"),
    (2, "Start inactivity timer"),
    (3, "O.F_CLOSE_FILE_CF(+).Speaker = No"),
    (4, "O.F_CLOSE_FILE_CF(+).Speaker = Yes"),
    (5, "Build EFID from F_CLOSE_FILE_RQ"),
    (6, "Build F_CLOSE_FILE_CF(-) from EFNA"),
    (7, "Set V.Credit_S = 0"),
    (8, "Wrap Exchange buffer in special logic"),
];

/// 9.11.2, where the page differs from the form of [`Output`](super::Output).
const MISPRINTS: &[(Letter, usize, usize, &str)] = &[(Letter::E, 0, 0, "See Note 1")];
