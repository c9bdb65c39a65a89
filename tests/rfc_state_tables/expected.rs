//! What each cell has to do, in words: from the transcription, and for what [[amendment]] and
//! [[resolution_code]] say in prose, from the lists below.

use oftp_core::state::Event;

use crate::page::Branch;
use crate::transcription::Spec;

/// An amended row: section, row, the event it is for ("" for all), and its branches as
/// `predicates | actions | outputs | next state`.
type Amended = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

#[rustfmt::skip]
const AMENDED: &[Amended] = &[
    ("9.8", "A", "", &["P1 || F_ABORT_IND(R,AO=L) | IDLE",
                       "!P1 | 1,101,2 | N_CON_RQ | I_WF_NC"]),
    ("9.8", "B", "", &["P3 || N_DISC_RQ | IDLE",
                       "!P3 | 102,2 | N_CON_RS SSRM | A_NC_ONLY"]),
    ("9.8", "E", "", &["P4 | 4,2 | ESID(R=10) | WF_NDISC",
                       "!P4 | 4,2 | F_CONNECT_IND | A_WF_CONRS"]),
    ("9.8", "F", "ESID R=Normal", &["| 4 | F_ABORT_IND(R,AO=D) N_DISC_RQ | IDLE"]),
    ("9.8", "F", "ESID R=Error", &["| 4 | F_ABORT_IND(R,AO=D) N_DISC_RQ | IDLE"]),
    ("9.8", "F", "SSID", &["| 4 | F_ABORT_IND(R,AO=L) N_DISC_RQ | IDLE"]),
    ("9.8", "G", "", &["P2 & P9 & P10 | 4,2,103,5,3 | SSID | WF_SECD",
                       "P2 & !P9 & P10 | 4,2,103,5,3 | SSID | IDLELI",
                       "!P10 | 4,2 | ESID(R=12) F_ABORT_IND(R,AO=L) | WF_NDISC",
                       "else | 4,2 | ESID(R=10) F_ABORT_IND(R,AO=L) | WF_NDISC"]),
    ("9.8", "I", "", &["!P101 | 4,2 | ESID(R=11) F_ABORT_IND(R,AO=L) | WF_NDISC",
                       "P101 & P5 | 4,2 | AURP | WF_SECD",
                       "P101 & !P5 | 4,2 | AURP | IDLELI"]),
    ("9.8", "J", "", &["!P102 | 4,2 | ESID(R=11) F_ABORT_IND(R,AO=L) | WF_NDISC",
                       "P102 | 4,2,6 | AUCH | WF_AURP"]),
    ("9.9", "B", "", &["|| ESID(R=09) F_ABORT_IND(R,AO=L) N_DISC_RQ | IDLE"]),
    ("9.9", "D", "", &["| 1 | N_DISC_RQ F_ABORT_IND(R,AO=D) | IDLE"]),
    ("9.9", "E", "", &["|| F_ABORT_IND(R,AO=D) | IDLE"]),
    ("9.9", "G", "", &["| 1 | F_ABORT_IND(R,AO=D) | IDLE"]),
    ("9.9", "I", "", &["| 1,2 | ESID(R) F_ABORT_IND(R,AO=L) | WF_NDISC"]),
    ("9.10", "N", "", &["| 1,2 | F_RTR_CF | IDLESP"]),
    ("9.10", "O", "", &["| 1,2,12 | F_DATA_CF | OPO"]),
    ("9.10", "R", "", &["P5 | 1,2,9,18 | EERP | WF_RTR",
                        "!P5 | 1,2,9 | EERP | WF_RTR"]),
    ("9.10", "Y", "", &["P4 & P5 | 1,2,15,18 | NERP | WF_RTR",
                        "!P4 & !P5 | 1,2,15,14 | NERP | WF_RTR",
                        "P4 & !P5 | 1,2,15 | NERP | WF_RTR",
                        "!P4 & P5 | 1,2,15,18,14 | NERP | WF_RTR"]),
    ("9.10", "Z1", "", &["P4 & P5 | 1,2,17,18 | NERP | WF_RTR",
                         "!P4 & !P5 | 1,2,17,14 | NERP | WF_RTR",
                         "P4 & !P5 | 1,2,17 | NERP | WF_RTR",
                         "!P4 & P5 | 1,2,17,18,14 | NERP | WF_RTR"]),
];

/// The codes of the completed cells.
#[rustfmt::skip]
const CODES: &[(&str, &[&str])] = &[
    ("+IMP", &[]),
    ("+UE",  &["|| User Error | UE"]),
    ("+PV",  &["| 1,2 | ESID(R=02) F_ABORT_IND(R,AO=L) | WF_NDISC"]),
    ("+PA",  &["| 1 | F_ABORT_IND(R,AO=D) N_DISC_RQ | IDLE"]),
    ("+DIS", &["||| WF_NDISC"]),
    ("+COL", &["| 1 | N_DISC_RQ | IDLE"]),
    ("+TMO", &["| 1 | F_ABORT_IND(R,AO=L) N_DISC_RQ | IDLE"]),
    ("+NCF", &["| 1 | F_ABORT_IND(R,AO=D) | IDLE"]),
    ("+UAB", &["| 1 | N_DISC_RQ | IDLE"]),
];

/// The branches that a cell of the resolved matrix stands for.
pub(crate) fn branches(spec: &Spec, resolved: &str, event: Event) -> Vec<Branch> {
    if let Some((_, lines)) = CODES.iter().find(|(code, _)| *code == resolved) {
        return lines.iter().map(|line| parsed(line)).collect();
    }
    let (section, letter) = resolved.split_once('/').expect("a section and a letter");
    let section = section.trim_end_matches('*');
    let amended = AMENDED.iter().find(|(table, row, only, _)| {
        (*table, *row) == (section, letter) && (only.is_empty() || *only == event.name())
    });
    if let Some((_, _, _, lines)) = amended {
        return lines.iter().map(|line| parsed(line)).collect();
    }
    let table = spec.table.iter().find(|table| table.section == section);
    let rows = &table.expect("a section of the transcription").transition;
    match rows.iter().find(|row| row.id == letter) {
        Some(row) => row.branch.iter().map(meant).collect(),
        None if letter == "U" => vec![parsed("|| User Error | UE")],
        None if letter == "X" => Vec::new(),
        None => panic!("{section} has no row {letter}"),
    }
}

/// A branch as it is meant, without notes and slips of the page.
fn meant(branch: &Branch) -> Branch {
    let outputs = branch.outputs.iter().map(|output| {
        let output = output.replace(" (See Note 1)", "").replace("A0=", "AO=");
        let output = output.replace("Received ESID Reason", "R");
        output.replace(" - Note 1", "")
    });
    Branch {
        outputs: outputs.collect(),
        when: branch.when.replace("Protocol Error", ""),
        ..branch.clone()
    }
}

fn parsed(line: &str) -> Branch {
    let fields: Vec<_> = line.split('|').map(str::trim).collect();
    let &[when, actions, outputs, next] = &*fields else {
        panic!("{line}")
    };
    let outputs = match outputs {
        "User Error" => vec![outputs.to_owned()],
        _ => outputs.split_whitespace().map(str::to_owned).collect(),
    };
    Branch {
        when: when.to_owned(),
        actions: actions
            .split(',')
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().expect("an action"))
            .collect(),
        outputs,
        next: next.to_owned(),
    }
}

impl Branch {
    /// The numbers of its predicates.
    pub(crate) fn predicates(&self) -> impl Iterator<Item = u8> {
        let terms = self
            .when
            .split(" & ")
            .filter(|term| !matches!(*term, "" | "else"));
        terms.map(|term| {
            let number = term.trim_start_matches('!').trim_start_matches('P');
            number.parse().expect("a predicate")
        })
    }

    /// Whether all its predicates hold, `else` apart.
    pub(crate) fn fits(&self, holds: impl Fn(u8) -> bool) -> bool {
        let terms = self.when.split(" & ").filter(|term| !term.is_empty());
        let mut wanted = terms.map(|term| !term.starts_with('!'));
        let mut predicates = self.predicates();
        self.when != "else" && predicates.all(|n| wanted.next() == Some(holds(n)))
    }
}
