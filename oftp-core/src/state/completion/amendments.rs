//! The rows of the transition tables that hold otherwise than printed.

use super::super::Event;
use super::super::output::Output::{Auch, Aurp, Eerp, Esid, FAbortInd, FConnectInd, FDataCf};
use super::super::output::Output::{FRtrCf, NConRq, NConRs, NDiscRq, Nerp, Ssid, Ssrm};
use super::super::output::{D, L, R, R09, R10, R11, R12};
use super::super::table::Condition::{Else, Not, P};
use super::super::table::{Branch, Letter, Table, branches};
use super::{CHALLENGE_OPENED, CHALLENGE_SEALED};

/// A row of a transition table that does something else than printed.
#[derive(Debug, Clone, Copy)]
pub struct Amendment {
    /// The table.
    pub table: Table,
    /// The row.
    pub letter: Letter,
    /// The events it is amended for; empty: all.
    pub events: &'static [Event],
    /// The ids of the ambiguities.
    pub why: &'static [&'static str],
    /// What was changed.
    pub change: &'static str,
    /// The branches that hold.
    pub branches: &'static [Branch],
}

/// A row that is taken as printed, but not to the letter.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The table.
    pub table: Table,
    /// The row.
    pub letter: Letter,
    /// The id of the ambiguity.
    pub why: &'static str,
    /// How it is read.
    pub text: &'static str,
}

macro_rules! amendments {
    ($($table:ident $letter:ident [$($event:ident)*] [$($why:literal)+] $change:literal {
        $([$($when:expr),*] [$($action:literal),*] [$($output:expr),*] => $next:ident)+
    })+) => {
        &[$(Amendment {
            table: Table::$table,
            letter: Letter::$letter,
            events: &[$(Event::$event),*],
            why: &[$($why),+],
            change: $change,
            branches: branches!($table: $([$($when),*] [$($action),*] [$($output),*] => $next)+),
        }),+]
    };
}

/// The amended rows, whole, in the order of the tables.
#[rustfmt::skip]
pub const AMENDMENTS: &[Amendment] = amendments! {
    T9_8 A [] ["ST-11" "ST-40"] "V.Window is set before action 3 uses it; the abort is local" {
        [P(1)]                     []                 [FAbortInd { ao: L }]            => Idle
        [Not(1)]                   [1, 101, 2]        [NConRq]                         => IWfNc
    }
    T9_8 B [] ["ST-11"] "V.Caller and the addresses are set" {
        [P(3)]                     []                 [NDiscRq]                        => Idle
        [Not(3)]                   [102, 2]           [NConRs, Ssrm]                   => ANcOnly
    }
    T9_8 E [] ["ST-13"] "ESID(R=10) as in G, in place of a bare disconnect" {
        [P(4)]                     [4, 2]             [Esid(R10)]                      => WfNdisc
        [Not(4)]                   [4, 2]             [FConnectInd]                    => AWfConrs
    }
    T9_8 F [EsidNormal EsidError] ["ST-40"] "the abort comes from the peer, with its reason" {
        []                         [4]                [FAbortInd { ao: D }, NDiscRq]   => Idle
    }
    T9_8 F [Ssid] ["ST-40" "ST-41"] "the abort is local, with R=02; there is no ESID" {
        []                         [4]                [FAbortInd { ao: L }, NDiscRq]   => Idle
    }
    T9_8 G [] ["ST-11"] "the answers of the user are taken and SSID is filled" {
        [P(2), P(9), P(10)]        [4, 2, 103, 5, 3]  [Ssid]                           => WfSecd
        [P(2), Not(9), P(10)]      [4, 2, 103, 5, 3]  [Ssid]                           => IdleLi
        [Not(10)]                  [4, 2]             [Esid(R12), FAbortInd { ao: L }] => WfNdisc
        [Else]                     [4, 2]             [Esid(R10), FAbortInd { ao: L }] => WfNdisc
    }
    T9_8 I [] ["ST-34"] "a challenge that cannot be opened ends the session" {
        [Not(CHALLENGE_OPENED)]    [4, 2]             [Esid(R11), FAbortInd { ao: L }] => WfNdisc
        [P(CHALLENGE_OPENED), P(5)]   [4, 2]          [Aurp]                           => WfSecd
        [P(CHALLENGE_OPENED), Not(5)] [4, 2]          [Aurp]                           => IdleLi
    }
    T9_8 J [] ["ST-09" "ST-34"] "the challenge is drawn; if it cannot be sealed, the end" {
        [Not(CHALLENGE_SEALED)]    [4, 2]             [Esid(R11), FAbortInd { ao: L }] => WfNdisc
        [P(CHALLENGE_SEALED)]      [4, 2, 6]          [Auch]                           => WfAurp
    }
    T9_9 B [] ["ST-16" "ST-40"] "ESID(R=09) goes out first if anything can be written" {
        []                         []    [Esid(R09), FAbortInd { ao: L }, NDiscRq]     => Idle
    }
    T9_9 D [] ["ST-40"] "the abort comes from the network" {
        []                         [1]                [NDiscRq, FAbortInd { ao: D }]   => Idle
    }
    T9_9 E [] ["ST-40"] "the abort comes from the network" {
        []                         []                 [FAbortInd { ao: D }]            => Idle
    }
    T9_9 G [] ["ST-40"] "the abort comes from the network" {
        []                         [1]                [FAbortInd { ao: D }]            => Idle
    }
    T9_9 I [] ["ST-15"] "the reason is 01, 06 or 07, whichever the fault is" {
        []                         [1, 2]             [Esid(R), FAbortInd { ao: L }]   => WfNdisc
    }
    T9_10 N [] ["ST-18"] "the timer starts again" {
        []                         [1, 2]             [FRtrCf]                         => IdleSp
    }
    T9_10 O [] ["ST-18"] "the timer starts again" {
        []                         [1, 2, 12]         [FDataCf]                        => Opo
    }
    T9_10 R [] ["ST-19"] "a held EERP is signed as in A" {
        [P(5)]                     [1, 2, 9, 18]      [Eerp]                           => WfRtr
        [Not(5)]                   [1, 2, 9]          [Eerp]                           => WfRtr
    }
    T9_10 Y [] ["ST-20"] "signed first, then wrapped in special logic" {
        [P(4), P(5)]               [1, 2, 15, 18]     [Nerp]                           => WfRtr
        [Not(4), Not(5)]           [1, 2, 15, 14]     [Nerp]                           => WfRtr
        [P(4), Not(5)]             [1, 2, 15]         [Nerp]                           => WfRtr
        [Not(4), P(5)]             [1, 2, 15, 18, 14] [Nerp]                           => WfRtr
    }
    T9_10 Z1 [] ["ST-19"] "a held NERP is signed as in Y" {
        [P(4), P(5)]               [1, 2, 17, 18]     [Nerp]                           => WfRtr
        [Not(4), Not(5)]           [1, 2, 17, 14]     [Nerp]                           => WfRtr
        [P(4), Not(5)]             [1, 2, 17]         [Nerp]                           => WfRtr
        [Not(4), P(5)]             [1, 2, 17, 18, 14] [Nerp]                           => WfRtr
    }
};

/// The rows that are not read to the letter.
pub const READINGS: &[Reading] = &[
    Reading {
        table: Table::T9_8,
        letter: Letter::D,
        why: "ST-47",
        text: "R=12 is R=10 below level 2.0, which does not have it; likewise in G",
    },
    Reading {
        table: Table::T9_8,
        letter: Letter::K,
        why: "ST-10",
        text: "AURP.Signature verifies: AURPRSP equals V.Challenge",
    },
    Reading {
        table: Table::T9_10,
        letter: Letter::P,
        why: "ST-37",
        text: "\"Protocol Error\" is a comment, not a predicate",
    },
    Reading {
        table: Table::T9_12,
        letter: Letter::H,
        why: "ST-23",
        text: "P4 compares with V.Restart-pos, not with V.Restart; the entity stays in OPIP",
    },
    Reading {
        table: Table::T9_12,
        letter: Letter::I,
        why: "ST-24",
        text: "A0=L is AO=L",
    },
    Reading {
        table: Table::T9_12,
        letter: Letter::I,
        why: "ST-22",
        text: "R=07 for a wrong CRC comes when the retries of C.2.5 are used up",
    },
];

/// The amendment that holds for a row when this event comes.
#[must_use]
pub const fn amendment(table: Table, letter: Letter, event: Event) -> Option<&'static Amendment> {
    let mut i = 0;
    while i < AMENDMENTS.len() {
        let amendment = &AMENDMENTS[i];
        if amendment.table as u8 == table as u8
            && amendment.letter as u8 == letter as u8
            && (amendment.events.is_empty() || contains(amendment.events, event))
        {
            return Some(amendment);
        }
        i += 1;
    }
    None
}

const fn contains(events: &[Event], event: Event) -> bool {
    let mut i = 0;
    while i < events.len() {
        if events[i] as u8 == event as u8 {
            return true;
        }
        i += 1;
    }
    false
}
