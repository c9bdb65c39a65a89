//! RFC 5024 9.8: Session Connection State Table, from the network connection to the end of the
//! start phase, with the secure authentication of 4.2.3.
//!
//! The letters X and U of this table have no row in 9.8.2; 9.2 says what they mean. Action 6 is
//! used by no row (ST-09), and the signature that P6 and P7 name is AURPRSP (ST-10):
//! [`completion`](super::completion) mends both.

use super::State;
use super::output::Output::*;
use super::output::{L, R02, R10, R11, R12};
use super::table::Condition::{Else, Not, P};
use super::table::{Column, GridRow, Letter, StateTable, Table, Transition, grid, transitions};

/// The section as printed.
pub const TABLE: StateTable = StateTable {
    table: Table::T9_8,
    title: "Session Connection State Table",
    columns: COLUMNS,
    rows: ROWS,
    transitions: TRANSITIONS,
    predicates: PREDICATES,
    actions: ACTIONS,
    misprints: MISPRINTS,
};

/// 9.8.1: the columns, left to right.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    Column::Of(State::Idle),
    Column::Of(State::IWfNc),
    Column::Of(State::IWfRm),
    Column::Of(State::IWfSsid),
    Column::Of(State::ANcOnly),
    Column::Of(State::AWfConrs),
    Column::Of(State::WfAuch),
    Column::Of(State::WfAurp),
    Column::Of(State::WfSecd),
    Column::OtherStates,
];

/// 9.8.1: the state table.
#[rustfmt::skip]
const ROWS: &[GridRow] = grid! {
    //                                                      Other States
    //                                                    WF_SECD
    //                                                  WF_AURP
    //                                                WF_AUCH
    //                                              A_WF_CONRS
    //                                            A_NC_ONLY
    //                                          I_WF_SSID
    //                                        I_WF_RM
    //                                      I_WF_NC
    //                                    IDLE
    "F_CONNECT_RQ" FConnectRq           : A X X X X X X X X X ;
    "N_CON_CF"     NConCf               : X C X X X X X X X X ;
    "SSRM"         Ssrm                 : X X H X X X L L L X ;
    "SSID"         Ssid                 : X X X D E F L L L F ;
    "N_CON_IND"    NConInd              : B X X X X X X X X X ;
    "F_CONNECT_RS" FConnectRs           : X U U U U G X X X U ;
    "ESID"         EsidNormal EsidError : X X X F X X F F F X ;
    "AUCH"         Auch                 : X X U U X X I L L U ;
    "AURP"         Aurp                 : X X U U X X L K L U ;
    "SECD"         Secd                 : X X U U X X L L J U ;
};

/// 9.8.2: the transition table.
#[rustfmt::skip]
const TRANSITIONS: &[Transition] = transitions! { T9_8:
    //I| Predicate             Actions   Output Events                        Next State
    A  | [P(1)]                []        [FAbortInd { ao: None }]          => Idle
       | [Not(1)]              [1, 2]    [NConRq]                          => IWfNc;
    B  | [P(3)]                []        [NDiscRq]                         => Idle
       | [Not(3)]              [2]       [NConRs, Ssrm]                    => ANcOnly;
    C  | []                    [4, 2]    []                                => IWfRm;
    D  | [P(2), P(8), P(11)]   [4, 2, 5] [Secd]                            => WfAuch
       | [P(2), P(8), Not(11)] [4, 2, 5] [FConnectCf]                      => IdleSp
       | [P(2), Not(8)]        [4, 2]    [Esid(R12), FAbortInd { ao: L }]  => WfNdisc
       | [Else]                [4, 2]    [Esid(R10), FAbortInd { ao: L }]  => WfNdisc;
    E  | [P(4)]                [4]       [NDiscRq]                         => Idle
       | [Not(4)]              [4, 2]    [FConnectInd]                     => AWfConrs;
    F  | []                    [4]       [FAbortInd { ao: None }, NDiscRq] => Idle;
    G  | [P(2), P(9), P(10)]   [4, 2, 5] [Ssid]                            => WfSecd
       | [P(2), Not(9), P(10)] [4, 2, 5] [Ssid]                            => IdleLi
       | [Not(10)]             [4, 2]    [Esid(R12), FAbortInd { ao: L }]  => WfNdisc
       | [Else]                [4, 2]    [Esid(R10), FAbortInd { ao: L }]  => WfNdisc;
    H  | []                    [4, 2, 3] [Ssid]                            => IWfSsid;
    I  | [P(5)]                [4, 2]    [Aurp]                            => WfSecd
       | [Not(5)]              [4, 2]    [Aurp]                            => IdleLi;
    J  | []                    [4, 2]    [Auch]                            => WfAurp;
    K  | [P(6)]                [4, 2]    [FConnectCf]                      => IdleSp
       | [P(7)]                [4, 2]    [Secd]                            => WfAuch
       | [Else]                [4, 2]    [Esid(R11), FAbortInd { ao: L }]  => WfNdisc;
    L  | []                    [4, 2]    [Esid(R02), FAbortInd { ao: L }]  => WfNdisc;
};

/// 9.8.3, without the notes.
#[rustfmt::skip]
const PREDICATES: &[(u8, &str)] = &[
    (1, "(No resources available) OR (C.Cap-init = Responder) OR (C.Cap-mode = \
         Sender-only AND I.F_CONNECT_RQ.Mode = Receiver-only) OR (C.Cap-mode = \
         Receiver-only AND I.F_CONNECT_RQ.Mode = Sender-only)"),
    (2, "SSID negotiation is successful (for these, Buf-size, Restart, Compression, Mode, \
         Special logic, and Window, compare the inbound SSID with the local constants to \
         set the local variables. Any incompatibilities result in failure of the \
         negotiation.)"),
    (3, "C.Cap-init = Initiator"),
    (4, "Mode in SSID incompatible with C.Cap-mode"),
    (5, "V.Caller = Yes"),
    (6, "(V.Caller = Yes) AND (AURP.Signature verifies with V.Challenge)"),
    (7, "(V.Caller = No) AND (AURP.Signature verifies with V.Challenge)"),
    (8, "V.Authentication = I.SSID.Authentication"),
    (9, "I.F_CONNECT_RS.Authentication = Yes"),
    (10, "O.F_CONNECT_IND.Authentication = I.F_CONNECT_RS.Authentication"),
    (11, "V.Authentication = Yes"),
];

/// 9.8.3: the actions.
#[rustfmt::skip]
const ACTIONS: &[(u8, &str)] = &[
    (1, "Set V.Mode from (C.Cap-mode, I.F_CONNECT_RQ.Mode) Set V.Pswd, V.Id, V.Restart, \
         and V.Authentication from I.F_CONNECT_RQ Set V.Buf-size = C.Max-buf-size Set \
         V.Compression = C.Cap-compression Set V.Caller = Yes Build O.N_CON_RQ"),
    (2, "Start inactivity timer"),
    (3, "Set parameters in O.SSID = from local variables"),
    (4, "Stop timer"),
    (5, "Set V.Mode, V.Restart, V.Compression, V.Buf-size, V.Window, V.Authentication = \
         from SSID"),
    (6, "Set V.Challenge = A random number unique to the session"),
];

/// 9.8.2, where the page differs from the form of [`Output`](super::Output).
const MISPRINTS: &[(Letter, usize, usize, &str)] = &[];
