//! RFC 5024 9.12: Listener State Table: files and End Responses, receiving side.
//!
//! There is no row G and no action 9 (ST-27). `V.Restart` in P4 means V.Restart-pos (ST-23), and
//! `A0=L` in row I is AO=L (ST-24).

use super::State;
use super::output::Output::*;
use super::output::{D, L, R02, R07};
use super::table::Condition::{Not, P};
use super::table::{Column, GridRow, Letter, StateTable, Table, Transition, grid, transitions};

/// The section as printed.
pub const TABLE: StateTable = StateTable {
    table: Table::T9_12,
    title: "Listener State Table",
    columns: COLUMNS,
    rows: ROWS,
    transitions: TRANSITIONS,
    predicates: PREDICATES,
    actions: ACTIONS,
    misprints: MISPRINTS,
};

/// 9.12.1: the columns, left to right.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    Column::Of(State::IdleLi),
    Column::Of(State::IdleLiCd),
    Column::Of(State::Opip),
    Column::Of(State::Opi),
    Column::Of(State::Clip),
    Column::Of(State::Rtrp),
];

/// 9.12.1: the state table.
#[rustfmt::skip]
const ROWS: &[GridRow] = grid! {
    //                                         RTRP
    //                                       CLIP
    //                                     OPI
    //                                   OPIP
    //                                 IDLELICD
    //                               IDLELI
    "SFID"            Sfid         : A A B B B B ;
    "DATA"            Data         : B B B I B B ;
    "EFID"            Efid         : B B B J B B ;
    "F_START_FILE_RS" FStartFileRs : U U H U U U ;
    "F_CLOSE_FILE_RS" FCloseFileRs : U U U U K U ;
    "CD"              Cd           : C B B B B B ;
    "ESID R=Normal"   EsidNormal   : D F D D D D ;
    "ESID R=Error"    EsidError    : D D D D D D ;
    "EERP"            Eerp         : E E B B B B ;
    "NERP"            Nerp         : L L B B B B ;
    "F_RTR_RS"        FRtrRs       : U U U U U M ;
};

/// 9.12.2: the transition table.
#[rustfmt::skip]
const TRANSITIONS: &[Transition] = transitions! { T9_12:
    //| Predicate                     Actions         Output Events                      Next State
    A | [P(1)]                         [1, 2]          [Esid(R02), FAbortInd { ao: L }] => WfNdisc
      | [Not(1)]                       [1, 2, 3]       [FStartFileInd]                  => Opip;
    B | []                             [1, 2]          [Esid(R02), FAbortInd { ao: L }] => WfNdisc;
    C | []                             [1, 2]          [FCdInd]                         => IdleSpCd;
    D | []                             [1]             [FAbortInd { ao: D }, NDiscRq]   => Idle;
    E | []                             [1, 2, 4]       [FEerpInd]                       => Rtrp;
    F | []                             [1]             [FReleaseInd, NDiscRq]           => Idle;
    H | [P(4)]                         []              [UserError]                      => UE
      | [P(2), Not(4), Not(5)]         [1, 2, 8]       [Sfpa]                           => Opi
      | [Not(2), Not(4), Not(5)]       [1, 2]          [Sfna]                           => IdleLi
      | [P(2), Not(4), P(5)]           [1, 2, 5, 8]    [Sfpa]                           => Opi
      | [Not(2), Not(4), P(5)]         [1, 2, 5]       [Sfna]                           => IdleLi;
    I | [P(6)]                         [1, 2]          [Esid(R02), FAbortInd { ao: L }] => WfNdisc
      | [Not(5), Not(6), Not(7)]       [1, 2, 7]       [FDataInd]                       => Opi
      | [Not(5), Not(6), P(7)]         [1, 2, 8]       [FDataInd, Cdt]                  => Opi
      | [P(5), Not(6), P(8)]           [1, 2]          [Esid(R07), FAbortInd { ao: L }] => WfNdisc
      | [P(5), Not(6), Not(7), Not(8)] [1, 2, 6, 7]    [FDataInd]                       => Opi
      | [P(5), Not(6), P(7), Not(8)]   [1, 2, 5, 6, 8] [FDataInd, Cdt]                  => Opi;
    J | []                             [1, 2]          [FCloseFileInd]                  => Clip;
    K | [P(2), P(3), Not(5)]           [1, 2]          [Efpa { cd: true }]              => WfCd
      | [P(2), Not(3), Not(5)]         [1, 2]          [Efpa { cd: false }]             => IdleLi
      | [Not(2), Not(5)]               [1, 2]          [Efna]                           => IdleLi
      | [P(2), Not(3), P(5)]           [1, 2, 5]       [Efpa { cd: false }]             => IdleLi
      | [Not(2), P(5)]                 [1, 2, 5]       [Efna]                           => IdleLi
      | [P(2), P(3), P(5)]             [1, 2, 5]       [Efpa { cd: true }]              => WfCd;
    L | []                             [1, 2, 10]      [FNerpInd]                       => Rtrp;
    M | []                             [1, 2]          [Rtr]                            => IdleLi;
    U | []                             []              [UserError]                      => UE;
};

/// 9.12.3, without the notes.
#[rustfmt::skip]
const PREDICATES: &[(u8, &str)] = &[
    (1, "(I.SFID.Restart-pos > 0 AND V.Restart = No) OR (V.Mode = Sender-only)"),
    (2, "Positive Response"),
    (3, "I.F_CLOSE_FILE_RS(+).Speaker = Yes"),
    (4, "I.F_START_FILE_RS(+).Restart-pos > V.Restart"),
    (5, "Special logic is used"),
    (6, "V.Credit_L - 1 < 0"),
    (7, "V.Credit_L - 1 = 0"),
    (8, "The calculus of the received CRC indicates an error"),
];

/// 9.12.3: the actions.
#[rustfmt::skip]
const ACTIONS: &[(u8, &str)] = &[
    (1, "Stop inactivity timer"),
    (2, "Start inactivity timer"),
    (3, "Build F_START_FILE_IND from I.SFID V.Restart-pos = I.SFID.Restart-pos"),
    (4, "Build F_EERP_IND from I.EERP"),
    (5, "Add special logic header to the command to be sent to the Speaker"),
    (6, "Suppress the special logic header from the data buffer before giving it to the user"),
    (7, "V.Credit_L = V.Credit_L - 1"),
    (8, "V.Credit_L = V.Window"),
    (10, "Build F_NERP_IND from I.NERP"),
];

/// 9.12.2, where the page differs from the form of [`Output`](super::Output).
const MISPRINTS: &[(Letter, usize, usize, &str)] = &[
    (Letter::D, 0, 0, "F_ABORT_IND(Received ESID Reason,AO=D)"),
    (Letter::I, 0, 1, "F_ABORT_IND(R,A0=L)"),
    (Letter::I, 1, 0, "F_DATA_IND (See Note 1)"),
    (Letter::I, 2, 1, "CDT (See Note 1)"),
    (Letter::I, 3, 1, "F_ABORT_IND(R,A0=L)"),
    (Letter::I, 4, 0, "F_DATA_IND (See Note 1)"),
    (Letter::I, 5, 1, "CDT (See Note 1)"),
];
