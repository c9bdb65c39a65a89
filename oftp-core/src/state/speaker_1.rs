//! RFC 5024 9.10: Speaker State Table 1: requests of a Speaker, the turn, files up to their data.
//!
//! There is no row V (ST-27). The order of actions 14 and 18 in the last case of Y (ST-20), the
//! missing signing in R and Z1 (ST-19) and the missing timers in N and O (ST-18) are as printed;
//! [`completion`](super::completion) mends them.

use super::State;
use super::output::Output::*;
use super::output::{L, R, R00, R02};
use super::table::Condition::{Not, P, Words};
use super::table::{Column, GridRow, Letter, StateTable, Table, Transition, grid, transitions};

/// The section as printed.
pub const TABLE: StateTable = StateTable {
    table: Table::T9_10,
    title: "Speaker State Table 1",
    columns: COLUMNS,
    rows: ROWS,
    transitions: TRANSITIONS,
    predicates: PREDICATES,
    actions: ACTIONS,
    misprints: MISPRINTS,
};

/// 9.10.1: the columns, left to right.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    Column::Of(State::IdleSp),
    Column::Of(State::IdleSpCd),
    Column::Of(State::WfRtr),
    Column::Of(State::WfCd),
    Column::Of(State::ErStWfCd),
    Column::Of(State::NrStWfCd),
    Column::Of(State::SfStWfCd),
    Column::Of(State::CdStWfCd),
    Column::Of(State::Opop),
    Column::Of(State::Opo),
    Column::Of(State::OpoWfc),
    Column::Of(State::WfNdisc),
    Column::OtherStates,
];

/// 9.10.1: the state table.
#[rustfmt::skip]
const ROWS: &[GridRow] = grid! {
    //                                                                   Other States
    //                                                                WF_NDISC
    //                                                             OPOWFC
    //                                                          OPO
    //                                                       OPOP
    //                                                    CDSTWFCD
    //                                                 SFSTWFCD
    //                                              NRSTWFCD
    //                                           ERSTWFCD
    //                                        WF_CD
    //                                     WF_RTR
    //                                  IDLESPCD
    //                               IDLESP
    "F_EERP_RQ"       FEerpRq      : A  A  W  F  W  W  U  U  U  U  U  U  U ;
    "F_NERP_RQ"       FNerpRq      : Y  Y  W  Z  W  W  U  U  U  U  U  U  U ;
    "F_START_FILE_RQ" FStartFileRq : B  B  W  G  W  W  U  U  U  U  U  X  U ;
    "SFPA"            Sfpa         : C  C  C  C  C  C  C  C  K  C  C  S  C ;
    "SFNA"            Sfna         : C  C  C  C  C  C  C  C  L  C  C  S  C ;
    "CD"              Cd           : C  C  C  H  R  Z1 I  J  C  C  C  S  C ;
    "F_DATA_RQ"       FDataRq      : U  U  U  U  U  U  U  U  U  M  U  S  U ;
    "CDT"             Cdt          : C  C  C  C  C  C  C  C  C  P  O  S  C ;
    "F_CD_RQ"         FCdRq        : D  U  W  T  W  W  U  U  U  U  U  X  U ;
    "F_REL_RQ(Ok)"    FRelRqOk     : U  E  U  U  U  U  U  U  U  U  U  X  U ;
    "F_REL_RQ(Err)"   FRelRqErr    : Q  Q  Q  Q  Q  Q  Q  Q  Q  Q  Q  S  Q ;
    "RTR"             Rtr          : C  C  N  C  C  C  C  C  C  C  C  S  C ;
};

/// 9.10.2: the transition table.
#[rustfmt::skip]
const TRANSITIONS: &[Transition] = transitions! { T9_10:
    //I| Predicate                 Actions            Output Events                      Next State
    A  | [P(5)]                    [1, 2, 3, 18]      [Eerp]                           => WfRtr
       | [Not(5)]                  [1, 2, 3]          [Eerp]                           => WfRtr;
    B  | [P(1)]                    []                 []                               => UE
       | [Not(1)]                  [1, 2, 5]          [Sfid]                           => Opop;
    C  | []                        [1, 2]             [Esid(R02), FAbortInd { ao: L }] => WfNdisc;
    D  | []                        [1, 2]             [Cd]                             => IdleLiCd;
    E  | []                        [1, 2]             [Esid(R00)]                      => WfNdisc;
    F  | []                        [4]                []                               => ErStWfCd;
    G  | [P(1)]                    []                 []                               => UE
       | [Not(1)]                  [6]                []                               => SfStWfCd;
    H  | []                        [1, 2]             []                               => IdleSp;
    I  | []                        [1, 2, 10]         [Sfid]                           => Opop;
    J  | []                        [1, 2]             [Cd]                             => IdleLiCd;
    K  | [P(2)]                    [1, 2]             [Esid(R02), FAbortInd { ao: L }] => WfNdisc
       | [Not(2)]                  [1, 2, 7, 12]      [FStartFileCfPositive]           => Opo;
    L  | []                        [1, 2, 8]          [FStartFileCfNegative]           => IdleSp;
    M  | [P(3)]                    [1, 2, 11, 13]     [Data]                           => OpoWfc
       | [Not(3)]                  [1, 2, 11, 13]     [Data, FDataCf]                  => Opo;
    N  | []                        []                 [FRtrCf]                         => IdleSp;
    O  | []                        [12]               [FDataCf]                        => Opo;
    P  | [Words("Protocol Error")] [1, 2]             [Esid(R02), FAbortInd { ao: L }] => WfNdisc;
    Q  | []                        [1, 2]             [Esid(R)]                        => WfNdisc;
    R  | []                        [1, 2, 9]          [Eerp]                           => WfRtr;
    S  | []                        []                 []                               => WfNdisc;
    T  | []                        []                 []                               => CdStWfCd;
    U  | []                        []                 [UserError]                      => UE;
    W  | []                        []                 [UserError]                      => UE;
    X  | []                        []                 [UserError]                      => BLANK;
    Y  | [P(4), P(5)]              [1, 2, 15, 18]     [Nerp]                           => WfRtr
       | [Not(4), Not(5)]          [1, 2, 15, 14]     [Nerp]                           => WfRtr
       | [P(4), Not(5)]            [1, 2, 15]         [Nerp]                           => WfRtr
       | [Not(4), P(5)]            [1, 2, 15, 14, 18] [Nerp]                           => WfRtr;
    Z  | []                        [16]               []                               => NrStWfCd;
    Z1 | [P(4)]                    [1, 2, 17]         [Nerp]                           => WfRtr
       | [Not(4)]                  [1, 2, 17, 14]     [Nerp]                           => WfRtr;
};

/// 9.10.3, without the notes.
#[rustfmt::skip]
const PREDICATES: &[(u8, &str)] = &[
    (1, "(I.F_START_FILE_RQ.Restart-pos > 0 AND V.Restart = No) OR (V.Mode = Receiver-only)"),
    (2, "I.SFPA.Restart-pos > V.Restart-pos"),
    (3, "V.Credit_S - 1 = 0"),
    (4, "No special logic is in use"),
    (5, "Signed EERP/NERP requested"),
];

/// 9.10.3: the actions.
#[rustfmt::skip]
const ACTIONS: &[(u8, &str)] = &[
    (1, "Stop inactivity timer"),
    (2, "Start inactivity timer"),
    (3, "Build an EERP from F_EERP_RQ"),
    (4, "Store F_EERP_RQ in V.Req-buf"),
    (5, "Build SFID from F_START_FILE_RQ V.Restart-pos = I.F_START_FILE_RQ.Restart-pos"),
    (6, "Store F_START_FILE_RQ in V.Req-buf"),
    (7, "Build F_START_FILE_CF(+) from I.SFPA"),
    (8, "Build F_START_FILE_CF(-) from I.SFNA"),
    (9, "Build EERP from F_EERP_RQ stored in V.Req-buf"),
    (10, "Build SFID from F_START_FILE_RQ stored in V.Req-buf Set V.Restart-pos"),
    (11, "Build Exchange Buffer"),
    (12, "V.Credit_S = V.Window"),
    (13, "V.Credit_S = V.Credit_S - 1"),
    (14, "Activate CRC-calculus function. Wrap Exchange buffer in special logic"),
    (15, "Build a NERP from F_NERP_RQ"),
    (16, "Store F_NERP_RQ in V.Req-buf"),
    (17, "Build NERP from F_NERP_RQ stored in V.Req-buf"),
    (18, "Sign the contents of NERP/EERP"),
];

/// 9.10.2, where the page differs from the form of [`Output`](super::Output).
const MISPRINTS: &[(Letter, usize, usize, &str)] = &[
    (Letter::W, 0, 0, "User Error - Note 1"),
    (Letter::X, 0, 0, "Error"),
];
