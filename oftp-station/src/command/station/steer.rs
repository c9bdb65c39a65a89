//! `oftp resend`, `hold`, `release` and `cancel`.

use super::print;
use super::{Desk, UsageError};
use crate::args::{CancelArgs, HoldArgs, OutputArgs, ResendArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::outbox::Stamp;
use crate::station::journal::file::{self, FileKey, FileRow};
use crate::station::manage::{self, FileView, ManageError};

/// Runs `oftp hold` (`held`) and `oftp release`.
pub(in crate::command) fn hold(
    args: &HoldArgs,
    held: bool,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let word = if held { "held" } else { "released" };
    if let Some(partner) = &args.partner {
        desk.check_partner(desk.config_or_warning(voice).as_ref(), partner)?;
        manage::hold_partner(&desk.journal, partner, held)?;
        let text = format!("partner {partner} is {word}\n");
        let json = serde_json::json!({ "partner": partner, "held": held });
        return print::write(&if output.json {
            print::json(&json)
        } else {
            text
        });
    }
    each(&args.ids, &desk, voice, |key| {
        let row = manage::hold(&desk.journal, key, held)?;
        Ok((format!("file {key} is {word}"), row))
    })
}

/// Runs `oftp cancel`.
pub(in crate::command) fn cancel(
    args: &CancelArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let config = desk.config_or_warning(voice);
    let config = config.as_ref();
    let retention = config.map(|config| config.retention).unwrap_or_default();
    each(&args.ids, &desk, voice, |key| {
        let (journal, folder) = (&desk.journal, &desk.folder);
        let row = manage::cancel(journal, folder, &retention, config, key, args.force)?;
        Ok((format!("file {key} is cancelled"), row))
    })
}

/// Runs `oftp resend`.
pub(in crate::command) fn resend(
    args: &ResendArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let desk = Desk::open(&args.station, output)?;
    let config = desk.config_or_warning(voice);
    each(&args.ids, &desk, voice, |key| {
        let old = desk.journal.read(|connection| file::get(connection, key))?;
        let seconds_only = match &config {
            Some(config) => {
                let partner = config.partner(&old.partner).ok_or_else(|| {
                    ManageError::Gone(format!(
                        "file {key} cannot be sent again: oftp.toml has no partner {} any more",
                        old.partner
                    ))
                })?;
                partner.seconds_only
            }
            // Right for every partner.
            None => true,
        };
        let (journal, folder) = (&desk.journal, &desk.folder);
        let row = manage::resend(journal, folder, key, Stamp::now(), seconds_only, args.force)?;
        let text = match row.key == key {
            true => format!("file {key} is queued again as it was"),
            false => format!(
                "file {key} is queued again as file {}, with the stamp {}",
                row.key, row.sfid.stamp
            ),
        };
        Ok((text, row))
    })
}

/// Does something to each file. One that it cannot be done to does not keep it from the others.
fn each(
    ids: &[i64],
    desk: &Desk,
    voice: &Voice,
    mut work: impl FnMut(FileKey) -> Result<(String, FileRow), ManageError>,
) -> Result<ExitCode, UsageError> {
    let mut worst = ExitCode::Done;
    for id in ids {
        match work(FileKey(*id)) {
            Ok((text, row)) => {
                let line = if desk.output.json {
                    print::json(&FileView::now(&desk.journal, &row)?)
                } else {
                    format!("{text}\n")
                };
                worst = worst.or(print::write(&line)?);
            }
            Err(error) => {
                let error = UsageError::from(error);
                voice.error(&error.to_string());
                worst = worst.or(error.exit_code());
            }
        }
    }
    Ok(worst)
}
