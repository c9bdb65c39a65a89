//! `oftp events`: the history, as it grows.

use std::time::Duration;

use super::print;
use super::{Desk, UsageError};
use crate::args::{EventsArgs, OutputArgs};
use crate::exit_code::ExitCode;
use crate::station::journal::event::{self, EventRow};
use crate::station::manage::{EventView, time};

/// How many lines are read at a time.
const MOST: u32 = 1000;

/// How often it is looked whether something has happened.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// Runs the command.
pub(in crate::command) fn run(
    args: &EventsArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    // What happens after this look is noticed, so it comes first.
    let mut watch = desk.journal.watch()?;
    let last = desk.journal.read(event::last)?;
    let mut after = match args.after {
        Some(after) => after,
        None if args.follow => last,
        None => last.saturating_sub(args.limit.into()),
    };
    loop {
        loop {
            let (rows, reach) = desk.journal.read(|connection| {
                // In this order: what is written between the two is printed, and not passed over.
                let reach = event::reach(connection, after, MOST)?;
                Ok((event::after(connection, after, MOST)?, reach))
            })?;
            let lines: String = rows.iter().map(|row| line(row, output)).collect();
            if !print::put(&lines)? {
                return Ok(ExitCode::Done);
            }
            // Lines of a newer version are passed over, and counted.
            let before = std::mem::replace(
                &mut after,
                rows.last().map_or(reach, |last| last.id.max(reach)),
            );
            if after == before {
                break;
            }
        }
        if !args.follow {
            return Ok(ExitCode::Done);
        }
        while !watch.has_changed()? {
            std::thread::sleep(PAUSE);
        }
    }
}

fn line(row: &EventRow, output: OutputArgs) -> String {
    let view = EventView::new(row);
    if output.json {
        return print::json(&view);
    }
    let mut words = vec![time::short(row.at), format!("{:17}", view.event)];
    words.extend(view.partner.clone());
    words.extend(view.file.map(|file| format!("file {file}")));
    let mut line = words.join("  ");
    let detail = view.words();
    if !detail.is_empty() {
        line.push_str("  ");
        line.push_str(&detail);
    }
    format!("{}\n", line.trim_end())
}
