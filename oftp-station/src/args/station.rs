//! Which station a command is about.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::station::Folder;

/// Which station a command is about.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Station")]
pub struct StationArg {
    /// The folder of the station, made by `oftp init`; the current folder by default
    #[arg(
        long = "station",
        value_name = "FOLDER",
        env = "OFTP_STATION",
        default_value = "."
    )]
    pub folder: PathBuf,
}

impl StationArg {
    /// The folder.
    ///
    /// # Errors
    /// There is no station in it: what to do, for the user.
    pub fn folder(&self) -> Result<Folder, String> {
        let folder = Folder::new(&self.folder);
        if folder.is_station() {
            return Ok(folder);
        }
        let here = if self.folder == Path::new(".") {
            "the current folder".to_owned()
        } else {
            self.folder.display().to_string()
        };
        Err(format!(
            "there is no station in {here} (no oftp.toml); --station or OFTP_STATION names one, \
             `oftp init FOLDER` makes one"
        ))
    }
}
