//! `oftp status`: the station as a whole.

use super::print::{self, Column};
use super::{Desk, UsageError};
use crate::args::{OutputArgs, StatusArgs};
use crate::exit_code::ExitCode;
use crate::station::manage::{EventView, FileView, Status, status};

/// Runs the command.
pub(in crate::command) fn run(
    args: &StatusArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let status = status(&desk.journal, &desk.folder)?;
    if output.json {
        print::write(&print::json(&status))?;
    } else if !output.quiet {
        print::write(&text(&status))?;
    }
    if args.check && !status.running {
        return Ok(ExitCode::Connection);
    }
    Ok(ExitCode::Done)
}

fn text(status: &Status) -> String {
    let runs = match (status.running, status.process) {
        (false, _) => "no".to_owned(),
        (true, None) => "yes".to_owned(),
        (true, Some(process)) => format!("yes, process {process}"),
    };
    let mut text = print::pairs(&[
        ("Runs", runs),
        ("Oldest to send", oldest(status.oldest_waiting.as_ref())),
        ("Responses owed", status.responses.to_string()),
        ("Overdue", status.overdue.len().to_string()),
        ("Alarms in 24 h", status.alarms.len().to_string()),
        ("Free disk", print::octets(status.free)),
    ]);
    let mut part = |title: &str, columns: &[Column], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let table = print::table(columns, rows);
            text.push_str(&format!("\n{title}\n{table}"));
        }
    };
    let counts = status.files.iter();
    let counts = counts.map(|count| {
        vec![
            count.direction.clone(),
            count.state.clone(),
            count.count.to_string(),
        ]
    });
    part(
        "Files",
        &[
            Column::Left("WAY"),
            Column::Left("STATE"),
            Column::Right("FILES"),
        ],
        counts.collect(),
    );
    part(
        "Overdue end responses",
        &[
            Column::Right("ID"),
            Column::Left("PARTNER"),
            Column::Left("DATASET NAME"),
            Column::Left("TRANSFERRED"),
        ],
        status.overdue.iter().map(overdue).collect(),
    );
    part(
        "Alarms",
        &[
            Column::Left("WHEN"),
            Column::Left("WHAT"),
            Column::Left("PARTNER"),
            Column::Right("FILE"),
            Column::Left("DETAIL"),
        ],
        status.alarms.iter().map(alarm).collect(),
    );
    text
}

fn oldest(file: Option<&FileView>) -> String {
    file.map_or_else(
        || "nothing".to_owned(),
        |file| {
            format!(
                "file {} for {}, since {}",
                file.id, file.partner, file.created
            )
        },
    )
}

fn overdue(file: &FileView) -> Vec<String> {
    vec![
        file.id.to_string(),
        file.partner.clone(),
        file.file.dsn.to_string(),
        file.transferred.clone().unwrap_or_default(),
    ]
}

fn alarm(event: &EventView) -> Vec<String> {
    vec![
        event.at.clone(),
        event.event.to_owned(),
        event.partner.clone().unwrap_or_default(),
        event.file.map(|file| file.to_string()).unwrap_or_default(),
        event.words(),
    ]
}
