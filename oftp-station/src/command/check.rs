//! `oftp check`: whether the configuration of a station is right, and what it would do with it.

mod lines;

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::SystemTime;

use self::lines::Line;
use super::settings::UsageError;
use crate::args::{CheckStationArgs, OutputArgs};
use crate::exit_code::ExitCode;
use crate::station::Folder;
use crate::station::config::profiles::Profiles;
use crate::station::config::{Config, Fault, validity};

/// Runs the command.
pub(super) fn run(args: &CheckStationArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let (lines, code) = if args.profiles {
        (profiles(), ExitCode::Done)
    } else {
        let folder = args.station.folder().map_err(UsageError::Option)?;
        check(&folder)
    };
    let mut out = io::stdout().lock();
    let written = lines
        .iter()
        .filter(|line| !output.quiet || line.is_trouble())
        .try_for_each(|line| {
            if output.json {
                serde_json::to_writer(&mut out, line)?;
                writeln!(out)
            } else {
                writeln!(out, "{line}")
            }
        });
    match written {
        // `oftp check | head` has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}

fn profiles() -> Vec<Line> {
    let known = Profiles::known();
    let lines = known.names().map(|name| Line::Profile {
        name: name.to_owned(),
        about: known.about(name).unwrap_or_default().to_owned(),
        settings: known
            .settings(name)
            .into_iter()
            .map(str::to_owned)
            .collect(),
    });
    lines.collect()
}

fn check(folder: &Folder) -> (Vec<Line>, ExitCode) {
    let mut lines = Vec::new();
    let permissions = permissions(folder);
    let code = match Config::load(folder) {
        Err(errors) => {
            lines.extend(errors.0.into_iter().map(Line::Fault));
            ExitCode::Usage
        }
        Ok(config) => {
            lines.push(lines::station(&config));
            lines.extend(lines::ports(&config));
            lines.extend(
                config
                    .partners
                    .iter()
                    .map(|partner| lines::partner(partner)),
            );
            let names = config.partners.iter().map(|partner| partner.name.as_str());
            let elsewhere = folder.elsewhere(names);
            lines.extend(
                elsewhere
                    .map(|text| about(folder.path().to_owned(), text))
                    .map(Line::Fault),
            );
            let certificates = validity::certificates(&config, SystemTime::now());
            lines.extend(certificates.into_iter().map(lines::certificate));
            lines.extend(config.warnings.0.into_iter().map(Line::Warning));
            if lines.iter().any(|line| matches!(line, Line::Fault(_))) {
                ExitCode::Usage
            } else {
                ExitCode::Done
            }
        }
    };
    lines.extend(permissions);
    let count = |wanted: fn(&Line) -> bool| lines.iter().filter(|line| wanted(line)).count();
    let faults = count(|line| matches!(line, Line::Fault(_)));
    lines.push(Line::Checked {
        faults,
        warnings: count(Line::is_trouble) - faults,
    });
    (lines, code)
}

/// What others can do with the folder of the station: nothing, if it is as it was made.
fn permissions(folder: &Folder) -> Vec<Line> {
    let mut lines = Vec::new();
    let private = [folder.path().to_owned(), folder.keys(), folder.journal()];
    for (path, forbidden, mend) in private
        .into_iter()
        .map(|path| (path, 0o077, "go-rwx"))
        // It says which commands are run.
        .chain([(folder.config(), 0o022, "go-w")])
    {
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & forbidden != 0 {
            let text = format!(
                "other users of this machine can {} it (mode {mode:03o}); chmod {mend} mends that",
                if mode & 0o022 == 0 { "read" } else { "change" }
            );
            lines.push(Line::Warning(about(path, text)));
        }
    }
    lines
}

/// Something about a file or a folder as a whole.
const fn about(file: PathBuf, text: String) -> Fault {
    Fault {
        line: 0,
        column: 0,
        key: String::new(),
        text,
        file,
    }
}
