//! `oftp call`, `reload` and `stop`: what the running process is told.

use serde_json::json;

use super::print;
use super::wait::{Waited, session_exit, wait};
use super::{Desk, UsageError};
use crate::args::{CallArgs, OutputArgs, ReloadArgs, StopArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::station::journal::event::{self, Kind};
use crate::station::journal::order::{self, Order};
use crate::station::manage::EventView;

/// Runs `oftp call`.
pub(in crate::command) fn call(
    args: &CallArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let name = args.partner.as_str();
    let config = desk.config_or_warning(voice);
    desk.check_partner(config.as_ref(), name)?;
    let partner = config.as_ref().and_then(|config| config.partner(name));
    if partner.is_some_and(|it| it.addresses.is_empty()) {
        return Err(UsageError::Option(format!(
            "partner {name} has no address in oftp.toml: it calls us"
        )));
    }
    let runs = desk.folder.running().is_some();
    if let (false, Some(_)) = (runs, args.wait) {
        return Err(desk.not_running(", so that nobody can call"));
    }
    let before = desk.journal.read(event::last)?;
    leave(&desk, Order::Call(name.to_owned()))?;
    if !runs {
        voice.warn(&format!(
            "no process runs the station: {name} is called when `oftp run` begins"
        ));
    }
    let Some(patience) = args.patience() else {
        let done = json!({ "order": "call", "partner": name, "running": runs });
        return told(output, &done, &format!("{name} will be called"));
    };
    let mut seen = before;
    let ended = wait(&desk, patience, || {
        let (rows, reach) = desk.journal.read(|connection| {
            let reach = event::reach(connection, seen, 1000)?;
            Ok((event::after(connection, seen, 1000)?, reach))
        })?;
        seen = rows.last().map_or(reach, |row| row.id.max(reach));
        let is_it = |row: &event::EventRow| {
            row.kind == Kind::SessionEnded
                && row.partner.as_deref() == Some(name)
                && row.detail["by"] != "partner"
        };
        Ok(rows.into_iter().find(is_it))
    })?;
    match ended {
        Waited::Came(row) => {
            let exit = session_exit(&row.detail);
            let view = EventView::new(&row);
            let text = format!("the session with {name} is over; {}", view.words());
            told(output, &json!(view), text.trim_end_matches("; "))?;
            Ok(exit)
        }
        Waited::Late => {
            voice.error(&format!("the session with {name} is not over yet"));
            Ok(ExitCode::TimeOut)
        }
        Waited::Stopped => Err(desk.not_running(" any more")),
    }
}

/// Runs `oftp reload`.
pub(in crate::command) fn reload(
    args: &ReloadArgs,
    output: OutputArgs,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    if desk.folder.running().is_none() {
        return Err(desk.not_running(""));
    }
    // What is wrong in it is told here, and not only in the log of the station.
    desk.config()?;
    leave(&desk, Order::Reload)?;
    told(
        output,
        &json!({ "order": "reload" }),
        "the station will read oftp.toml again",
    )
}

/// Runs `oftp stop`.
pub(in crate::command) fn stop(
    args: &StopArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    if desk.folder.running().is_none() {
        return Err(desk.not_running(""));
    }
    leave(&desk, Order::Stop)?;
    let order = json!({ "order": "stop" });
    let Some(patience) = args.patience() else {
        return told(output, &order, "the station will end its work");
    };
    match wait::<()>(&desk, patience, || Ok(None))? {
        Waited::Late => {
            voice.error("the station has not ended its work yet");
            Ok(ExitCode::TimeOut)
        }
        Waited::Came(()) | Waited::Stopped => {
            told(output, &order, "the station has ended its work")
        }
    }
}

fn leave(desk: &Desk, order: Order) -> Result<(), UsageError> {
    Ok(desk
        .journal
        .write(move |connection| order::leave(connection, &order))?)
}

fn told(
    output: OutputArgs,
    object: &serde_json::Value,
    text: &str,
) -> Result<ExitCode, UsageError> {
    print::write(&if output.json {
        print::json(object)
    } else {
        format!("{text}\n")
    })
}
