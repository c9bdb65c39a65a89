//! `oftp init`: makes the folder of a station.

use std::io::{self, Write};

use oftp_secure::keystore::write_secret;
use serde::Serialize;

use super::settings::{self, UsageError};
use crate::args::{InitArgs, OutputArgs};
use crate::exit_code::ExitCode;
use crate::station::Folder;
use crate::station::config::template;

/// Runs the command.
pub(super) fn run(args: &InitArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let id = args.id.as_deref();
    if let Some(id) = id {
        settings::code("--id", id)?;
    }
    let folder = Folder::new(&args.folder);
    let config = folder.config();
    // Before anything is made: what is there belongs to somebody.
    if config.symlink_metadata().is_ok() {
        return Err(UsageError::Local(format!(
            "{} exists: there is a station already, and nothing of it is overwritten; `oftp check` \
             looks at it",
            config.display()
        )));
    }
    let local = |error: io::Error| UsageError::Local(error.to_string());
    folder.make(std::iter::empty()).map_err(local)?;
    // Only its owner can write it: it says which commands are run.
    write_secret(&config, template::text(id).as_bytes(), false)
        .map_err(|error| UsageError::Local(format!("{}: {error}", config.display())))?;
    let made = Made {
        event: "station_made",
        folder: folder.path().display().to_string(),
        config: config.display().to_string(),
        id: id.unwrap_or(template::PLACEHOLDER),
    };
    let mut out = io::stdout().lock();
    if output.json {
        serde_json::to_writer(&mut out, &made).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if !output.quiet {
        write!(out, "{made}")?;
    }
    Ok(ExitCode::Done)
}

/// What was made.
#[derive(Serialize)]
struct Made<'a> {
    event: &'static str,
    folder: String,
    config: String,
    id: &'a str,
}

impl std::fmt::Display for Made<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            folder, config, id, ..
        } = self;
        write!(
            f,
            "A station was made in {folder}. What comes next:\n\
             1. Make its key and certificate, and give keys/station.pem to your partners:\n   \
             oftp keygen --name HOST --host HOST --id \"{id}\" --out {folder}/keys/station\n\
             2. Put each password into a file of its own that only you can read:\n   \
             (umask 077 && printf %s PASSWORD > {folder}/keys/PARTNER.password)\n\
             3. Write who you are and who your partners are: {config}\n\
             4. See whether it is right, and start: oftp check --station {folder}\n"
        )
    }
}
