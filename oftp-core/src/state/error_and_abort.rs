//! RFC 5024 9.9: Error and Abort State Table: time-outs, aborts, the network, and Exchange Buffers
//! that cannot be decoded.
//!
//! The rows that leave reasons open or print too few of them are mended in
//! [`completion`](super::completion) (ST-15, ST-16, ST-40).

use super::State;
use super::output::Output::*;
use super::output::{L, R01};
use super::table::{Column, GridRow, Letter, StateTable, Table, Transition, grid, transitions};

/// The section as printed.
pub const TABLE: StateTable = StateTable {
    table: Table::T9_9,
    title: "Error and Abort State Table",
    columns: COLUMNS,
    rows: ROWS,
    transitions: TRANSITIONS,
    predicates: PREDICATES,
    actions: ACTIONS,
    misprints: MISPRINTS,
};

/// 9.9.1: the columns, left to right.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    Column::Of(State::Idle),
    Column::Of(State::IWfNc),
    Column::Of(State::WfNdisc),
    Column::OtherStates,
];

/// 9.9.1: the state table.
#[rustfmt::skip]
const ROWS: &[GridRow] = grid! {
    //                                     Other States
    //                                   WF_NDISC
    //                                 I_WF_NC
    //                               IDLE
    "TIME-OUT"       TimeOut       : X X A B ;
    "F_ABORT_RQ"     FAbortRq      : X A X C ;
    "N_RST_IND"      NRstInd       : X X A D ;
    "N_DISC_IND"     NDiscInd      : X E F G ;
    "Invalid Buffer" InvalidBuffer : X X H I ;
};

/// 9.9.2: the transition table.
#[rustfmt::skip]
const TRANSITIONS: &[Transition] = transitions! { T9_9:
    //I| Predicate Actions Output Events                        Next State
    A  | [] []     [NDiscRq]                         => Idle;
    B  | [] []     [FAbortInd { ao: None }, NDiscRq] => Idle;
    C  | [] [1]    [NDiscRq]                         => Idle;
    D  | [] [1]    [NDiscRq, FAbortInd { ao: None }] => Idle;
    E  | [] []     [FAbortInd { ao: None }]          => Idle;
    F  | [] [1]    []                                => Idle;
    G  | [] [1]    [FAbortInd { ao: None }]          => Idle;
    H  | [] []     []                                => WfNdisc;
    I  | [] [1, 2] [Esid(R01), FAbortInd { ao: L }]  => WfNdisc;
};

/// 9.9.3, without the notes.
#[rustfmt::skip]
const PREDICATES: &[(u8, &str)] = &[];

/// 9.9.3: the actions.
#[rustfmt::skip]
const ACTIONS: &[(u8, &str)] = &[(1, "Stop inactivity timer"), (2, "Start inactivity timer")];

/// 9.9.2, where the page differs from the form of [`Output`](super::Output).
const MISPRINTS: &[(Letter, usize, usize, &str)] = &[];
