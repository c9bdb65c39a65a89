//! `oftp queue` and `oftp history`: files, one per row.

use super::print::{self, Column};
use super::{Desk, UsageError};
use crate::args::{HistoryArgs, OutputArgs, QueueArgs};
use crate::exit_code::ExitCode;
use crate::station::journal::file::{self, FileKey, FileRow, FileState, Filter, Way};
use crate::station::journal::{now, partner};
use crate::station::manage::{FileView, WaitsFor, time};

/// Runs `oftp queue`.
pub(in crate::command) fn run(
    args: &QueueArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let filter = Filter {
        partner: args.partner.clone(),
        state: args.state,
        // Who asks for a state wants it whether it is open or over.
        open: args.state.is_none().then_some(true),
        ..Filter::default()
    };
    let mut rows = rows(&desk, &filter)?;
    // As they will go, as far as one can say.
    rows.sort_by_key(|(row, _)| (row.way == Way::In, row.priority, row.key));
    print_rows(&rows, output, "nothing waits and nothing is under way")
}

/// Runs `oftp history`.
pub(in crate::command) fn history(
    args: &HistoryArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let filter = Filter {
        way: args.direction.map(Way::from),
        partner: args.partner.clone(),
        state: args.state,
        open: None,
        text: args.text.clone(),
        since: args.since,
        before: args.before.map(FileKey),
        limit: args.limit,
    };
    let rows = rows(&desk, &filter)?;
    print_rows(&rows, output, "no such file")
}

fn rows(desk: &Desk, filter: &Filter) -> Result<Vec<(FileRow, FileView)>, UsageError> {
    let now = now();
    Ok(desk.journal.read(|connection| {
        let partners = partner::all(connection)?;
        let rows = file::history(connection, filter)?.into_iter();
        let view = |row: FileRow| {
            let held = partners.get(&row.partner).is_some_and(|known| known.held);
            let view = FileView::new(&row, held, now);
            (row, view)
        };
        Ok(rows.map(view).collect())
    })?)
}

fn print_rows(
    rows: &[(FileRow, FileView)],
    output: OutputArgs,
    none: &str,
) -> Result<ExitCode, UsageError> {
    if output.json {
        return print::write(&print::json_lines(rows.iter().map(|(_, view)| view)));
    }
    if rows.is_empty() {
        return print::write(&format!("{none}\n"));
    }
    let columns = [
        Column::Right("ID"),
        Column::Left("WAY"),
        Column::Left("PARTNER"),
        Column::Left("DATASET NAME"),
        Column::Right("OCTETS"),
        Column::Left("STATE"),
        Column::Left("WAITS FOR"),
        Column::Left("CHANGED"),
        Column::Left("TROUBLE"),
    ];
    let cells = |(row, view): &(FileRow, FileView)| {
        vec![
            view.id.to_string(),
            view.direction.to_owned(),
            view.partner.clone(),
            view.file.dsn.to_string(),
            size(row),
            view.state.to_owned(),
            waits(row, view),
            time::short(row.changed),
            view.trouble.clone().unwrap_or_default(),
        ]
    };
    print::write(&print::table(&columns, rows.iter().map(cells).collect()))
}

/// Octets where they are known, else what SFID says, in blocks.
fn size(row: &FileRow) -> String {
    match (row.octets, row.state) {
        (0, FileState::Taking) => String::new(),
        (0, FileState::Receiving) => print::octets(row.sfid.fsiz.saturating_mul(1024)),
        (octets, _) => print::octets(octets),
    }
}

fn waits(row: &FileRow, view: &FileView) -> String {
    match (view.waits_for, row.retry_at) {
        (Some(WaitsFor::Retry), Some(at)) => format!("its next try at {}", time::short(at)),
        (Some(what), _) => what.text().to_owned(),
        (None, _) => String::new(),
    }
}
