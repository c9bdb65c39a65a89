//! What a cell of the resolved matrix makes visible: the printed outputs with the amendments and
//! the parameters that the page leaves out.

use oftp_tests::spec::{StateTables, Table};

/// One case of a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    /// Outputs in order.
    pub(crate) outputs: Vec<String>,
    /// The state after it.
    pub(crate) next: String,
}

fn case(outputs: &[&str], next: &str) -> Case {
    Case {
        outputs: outputs.iter().map(|&text| text.to_owned()).collect(),
        next: next.to_owned(),
    }
}

/// What a cell is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The primitive is refused.
    UserError,
    /// Nothing can happen.
    Impossible,
    /// This row is taken, and one of its cases seen.
    Row(String, Vec<Case>),
}

/// What holds for `text`, a cell of the resolved matrix.
pub(crate) fn cell(tables: &StateTables, text: &str, event: &str) -> Cell {
    let completion = |code: &str, case: Case| Cell::Row(format!("completion {code}"), vec![case]);
    let received = if event == "ESID R=Normal" { "00" } else { "05" };
    match text {
        "+UE" => return Cell::UserError,
        "+IMP" => return Cell::Impossible,
        "+PV" => return completion("PV", violation()),
        "+PA" => {
            let abort = format!("F_ABORT_IND(R={received},AO=D)");
            return completion("PA", case(&[&abort, "N_DISC_RQ"], "IDLE"));
        }
        "+DIS" => return completion("DIS", case(&[], "WF_NDISC")),
        "+COL" => return completion("COL", case(&["N_DISC_RQ"], "IDLE")),
        "+TMO" => {
            let outputs = ["F_ABORT_IND(R=09,AO=L)", "N_DISC_RQ"];
            return completion("TMO", case(&outputs, "IDLE"));
        }
        "+NCF" => return completion("NCF", case(&["F_ABORT_IND(R=-,AO=D)"], "IDLE")),
        "+UAB" => return completion("UAB", case(&["N_DISC_RQ"], "IDLE")),
        _ => {}
    }
    let (section, letter) = text.split_once('/').expect("section and letter");
    let section = section.trim_end_matches('*');
    match letter {
        "U" | "W" => return Cell::UserError,
        "X" => return Cell::Impossible,
        _ => {}
    }
    let table = tables.table.iter().find(|table| table.section == section);
    let cases = cases(table.expect(section), letter, event, received);
    Cell::Row(format!("{section} {letter}"), cases)
}

fn violation() -> Case {
    case(&["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"], "WF_NDISC")
}

/// The cases of a row, amended.
fn cases(table: &Table, letter: &str, event: &str, received: &str) -> Vec<Case> {
    let section = table.section.as_str();
    let row = table.transition.iter().find(|row| row.id == letter);
    let printed = row.expect(letter).branch.iter();
    let mut cases: Vec<Case> = printed
        // Special logic is never on TCP (ST-12, ST-21).
        .filter(|branch| !is_special_logic(section, &branch.when))
        .map(|branch| Case {
            outputs: with_parameters(&branch.outputs, section, letter, event, received),
            next: branch.next.clone(),
        })
        .collect();
    match (section, letter) {
        // ST-13.
        ("9.8", "E") => cases[0] = case(&["ESID(R=10)"], "WF_NDISC"),
        // ST-34, ST-09.
        ("9.8", "I" | "J") => {
            cases.push(case(&["ESID(R=11)", "F_ABORT_IND(R=11,AO=L)"], "WF_NDISC"));
        }
        // ST-16.
        ("9.9", "B") => {
            cases[0] = case(
                &["ESID(R=09)", "F_ABORT_IND(R=09,AO=L)", "N_DISC_RQ"],
                "IDLE",
            );
        }
        _ => {}
    }
    cases
}

fn is_special_logic(section: &str, when: &str) -> bool {
    let mut conditions = when.split(" & ");
    match section {
        "9.12" => conditions.any(|condition| condition == "P5"),
        "9.10" => conditions.any(|condition| condition == "!P4"),
        _ => false,
    }
}

/// The outputs as printed, with the reasons and origins that are known only in the event (ST-40).
fn with_parameters(
    printed: &[String],
    section: &str,
    letter: &str,
    event: &str,
    received: &str,
) -> Vec<String> {
    let esid = printed.iter().find_map(|output| {
        let digits = output.strip_prefix("ESID(R=")?.strip_suffix(')')?;
        Some(digits.to_owned())
    });
    let parameters = |output: &String| match output.replace("A0=", "AO=").as_str() {
        "ESID(R)" => "ESID(R=08)".to_owned(),
        "F_ABORT_IND(R,AO=L)" => {
            format!("F_ABORT_IND(R={},AO=L)", esid.as_deref().unwrap_or("-"))
        }
        "F_ABORT_IND(Received ESID Reason,AO=D)" => format!("F_ABORT_IND(R={received},AO=D)"),
        "F_ABORT_IND" => match (section, letter, event) {
            ("9.8", "A", _) => "F_ABORT_IND(R=-,AO=L)".to_owned(),
            ("9.8", "F", "SSID") => "F_ABORT_IND(R=02,AO=L)".to_owned(),
            ("9.8", "F", _) => format!("F_ABORT_IND(R={received},AO=D)"),
            _ => "F_ABORT_IND(R=-,AO=D)".to_owned(),
        },
        output => output.trim_end_matches(" (See Note 1)").to_owned(),
    };
    printed.iter().map(parameters).collect()
}
