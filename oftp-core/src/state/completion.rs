//! What RFC 5024 chapter 9 leaves open or prints wrongly, and what this engine does instead.
//!
//! This module is the only home of such decisions; the files of the five tables hold what is
//! printed and nothing else. Two kinds of decisions:
//!
//! * [`OVERRIDES`]: the 428 cells for which the page has no letter, or one that cannot be meant.
//!   They get one of the nine [`Code`]s.
//! * [`AMENDMENTS`]: rows of the transition tables that do something else than printed;
//!   [`READINGS`]: rows that do what is printed, read with a grain of salt.
//!
//! Each carries the ids (ST-..) by which DESIGN.md and the tests know it. One engine serves all
//! levels: where RFC 2204 (levels 1.2, 1.3) differs in chapter 8, it is in timers, in
//! confirmations to the User Monitor, or in commands that those levels do not have and that are
//! an Invalid Buffer there (ST-46).
//!
//! Special logic (ST-12, ST-21) exists on X.25 only. The rows that know of it are kept as printed;
//! on TCP 9.10 P4 always holds and 9.12 P5 never does, see [`on_tcp`].

use super::State::{self, *};
use super::output::Output::{Esid, FAbortInd, NDiscRq, UserError};
use super::output::{D, L, R02};
use super::table::{Branch, Table, branches};
use super::{Event, Predicate};

mod amendments;

pub use amendments::{AMENDMENTS, Amendment, READINGS, Reading, amendment};

/// 9.8: the challenge in AUCH could be opened and has 20 octets (ST-34).
pub const CHALLENGE_OPENED: u8 = 101;
/// 9.8: a new challenge could be sealed for the partner, whose certificate is at hand (ST-34).
pub const CHALLENGE_SEALED: u8 = 102;

/// Predicates that the amended rows need beside the printed ones.
pub const ADDED_PREDICATES: &[(Table, u8, &str)] = &[
    (
        Table::T9_8,
        CHALLENGE_OPENED,
        "I.AUCH.Challenge opens to 20 octets",
    ),
    (
        Table::T9_8,
        CHALLENGE_SEALED,
        "V.Challenge is sealed for the partner",
    ),
];

/// Actions that the amended rows need beside the printed ones (ST-11).
pub const ADDED_ACTIONS: &[(Table, u8, &str)] = &[
    (Table::T9_8, 101, "V.Window = C.Max-window"),
    (
        Table::T9_8,
        102,
        "V.Caller = No, V.Called-addr and V.Calling-addr from N_CON_IND",
    ),
    (
        Table::T9_8,
        103,
        "V.Id, V.Pswd and the answers for mode and restart from I.F_CONNECT_RS",
    ),
];

/// What a cell does that the page leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Cannot happen: no connection, no running timer, no such primitive. Nothing is done.
    Imp,
    /// User error: the primitive is refused, nothing changes, nothing is sent (ST-25).
    Ue,
    /// Protocol violation, as 9.10 C: ESID(R=02), F_ABORT_IND, then wait for the disconnect.
    Pv,
    /// Abnormal release by the peer, as 9.12 D: F_ABORT_IND with its reason, disconnect.
    Pa,
    /// The Exchange Buffer is dropped while the disconnect is awaited, as 9.10 S and 9.9 H.
    Dis,
    /// Both sides have sent ESID: disconnect. The user knows already.
    Col,
    /// The connection attempt took too long: as 9.9 B, without ESID.
    Tmo,
    /// The connection attempt failed: as 9.9 E.
    Ncf,
    /// The request is taken for F_ABORT_RQ: as 9.9 C.
    Uab,
}

/// Cells that get a [`Code`] in place of what is printed.
#[derive(Debug, Clone, Copy)]
pub struct Override {
    /// What they do.
    pub code: Code,
    /// Why: the id of the ambiguity, or the section that says so.
    pub why: &'static str,
    /// The rows.
    pub events: &'static [Event],
    /// The columns, in groups.
    pub states: &'static [&'static [State]],
}

// The states in groups, each state in one of them.
const IDLE: &[State] = &[Idle];
const CONNECTING: &[State] = &[IWfNc];
const READY: &[State] = &[IWfRm];
const INITIATOR: &[State] = &[IWfSsid];
const RESPONDER: &[State] = &[ANcOnly, AWfConrs];
const SECURITY: &[State] = &[WfSecd, WfAuch, WfAurp];
const SPEAKER: &[State] = &[IdleSp, IdleSpCd, Opop, WfRtr];
const OUTPUT: &[State] = &[Opo, OpoWfc, Clop];
const TURNING: &[State] = &[WfCd, ErStWfCd, NrStWfCd, SfStWfCd, CdStWfCd];
const LISTENER: &[State] = &[IdleLi, IdleLiCd, Opip, Opi, Clip, Rtrp];
const ENDING: &[State] = &[WfNdisc];

macro_rules! overrides {
    ($($code:ident $why:literal [$($event:ident)+] [$($states:ident)+];)+) => {
        &[$(Override {
            code: Code::$code,
            why: $why,
            events: &[$(Event::$event),+],
            states: &[$($states),+],
        }),+]
    };
}

/// The 428 cells. Everything else is as printed.
#[rustfmt::skip]
pub const OVERRIDES: &[Override] = overrides! {
    // Commands out of place: ESID(R=02) wherever there is a connection. The page has no cell for
    // them, or prints X (impossible) or U (user error) for what a faulty peer can well send.
    Pv  "ST-03" [Sfid Data Efid Eerp Nerp]
        [READY INITIATOR RESPONDER SECURITY SPEAKER OUTPUT TURNING];
    Pv  "ST-03" [Efpa Efna]
        [READY INITIATOR RESPONDER SECURITY SPEAKER TURNING LISTENER];
    Pv  "ST-06" [Secd Auch Aurp]           [READY INITIATOR SPEAKER OUTPUT TURNING LISTENER];
    Pv  "ST-07" [Secd Auch Aurp]           [RESPONDER];
    Pv  "ST-07" [Ssrm]                     [INITIATOR RESPONDER SPEAKER OUTPUT TURNING LISTENER];
    Pv  "ST-07" [Ssid]                     [READY];
    // No connection, no command.
    Imp "9.2"   [Sfid Sfpa Sfna Data Cdt Efid Efpa Efna Cd Eerp Nerp Rtr] [IDLE CONNECTING];
    // ESID is understood in every connected state.
    Pa  "ST-04" [EsidNormal EsidError]     [READY RESPONDER SPEAKER OUTPUT TURNING];
    // What is still in flight after our ESID; an ESID among it means that both have ended.
    Dis "ST-05" [Ssrm Ssid Secd Auch Aurp Sfid Data Efid Efpa Efna Eerp Nerp] [ENDING];
    Col "ST-05" [EsidNormal EsidError]     [ENDING];
    // 9.8 A starts a timer since RFC 5024, and a connection can be refused.
    Tmo "ST-08" [TimeOut]                  [CONNECTING];
    Ncf "ST-08" [NRstInd]                  [CONNECTING];
    // There is no connection for ESID, or the Responder has to speak first.
    Ue  "ST-26" [FRelRqErr]                [IDLE];
    Uab "ST-26" [FRelRqErr]                [CONNECTING READY];
    // Half-duplex: no EFID without credit.
    Ue  "ST-36" [FCloseFileRq]             [NO_CREDIT];
    // A user can issue any primitive at any time.
    Ue  "ST-44" [FConnectRq]
        [CONNECTING READY INITIATOR RESPONDER SECURITY SPEAKER OUTPUT TURNING LISTENER ENDING];
    Ue  "ST-44" [FConnectRs]               [IDLE SECURITY];
    Ue  "ST-44" [FStartFileRq FCdRq FRelRqOk] [ENDING];
    Ue  "ST-44" [FStartFileRs FCloseFileRs FRtrRs]
        [IDLE CONNECTING READY INITIATOR RESPONDER SECURITY SPEAKER OUTPUT TURNING ENDING];
    Ue  "ST-44" [FCloseFileRq]
        [IDLE CONNECTING READY INITIATOR RESPONDER SECURITY SPEAKER TURNING LISTENER ENDING];
    Ue  "ST-44" [FAbortRq]                 [IDLE];
    Uab "ST-44" [FAbortRq]                 [ENDING];
};

const NO_CREDIT: &[State] = &[OpoWfc];

impl Code {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Imp,
        Self::Ue,
        Self::Pv,
        Self::Pa,
        Self::Dis,
        Self::Col,
        Self::Tmo,
        Self::Ncf,
        Self::Uab,
    ];

    /// The code, `PV`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Imp => "IMP",
            Self::Ue => "UE",
            Self::Pv => "PV",
            Self::Pa => "PA",
            Self::Dis => "DIS",
            Self::Col => "COL",
            Self::Tmo => "TMO",
            Self::Ncf => "NCF",
            Self::Uab => "UAB",
        }
    }

    /// What it does, with the actions of 9.9.3. [`Code::Imp`] does nothing.
    #[must_use]
    #[rustfmt::skip]
    pub const fn branches(self) -> &'static [Branch] {
        match self {
            Self::Imp => &[],
            Self::Ue  => USER_ERROR,
            Self::Pv  => branches! { T9_9: [] [1, 2] [Esid(R02), FAbortInd { ao: L }] => WfNdisc },
            Self::Pa  => branches! { T9_9: [] [1]    [FAbortInd { ao: D }, NDiscRq]   => Idle },
            Self::Dis => branches! { T9_9: [] []     []                               => WfNdisc },
            Self::Col => branches! { T9_9: [] [1]    [NDiscRq]                        => Idle },
            Self::Tmo => branches! { T9_9: [] [1]    [FAbortInd { ao: L }, NDiscRq]   => Idle },
            Self::Ncf => branches! { T9_9: [] [1]    [FAbortInd { ao: D }]            => Idle },
            Self::Uab => branches! { T9_9: [] [1]    [NDiscRq]                        => Idle },
        }
    }
}

/// What the letter U does also in 9.8 and 9.9, which have no row for it.
pub(super) const USER_ERROR: &[Branch] = branches! { T9_9: [] [] [UserError] => UE };

/// What running over TCP decides once for all: there is no special logic (ST-12, ST-21).
#[must_use]
pub const fn on_tcp(predicate: Predicate) -> Option<bool> {
    match (predicate.table, predicate.number) {
        (Table::T9_10, 4) | (Table::T9_11, 2) => Some(true),
        (Table::T9_12, 5 | 8) => Some(false),
        _ => None,
    }
}
