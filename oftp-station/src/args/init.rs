//! `oftp init`.

use std::path::PathBuf;

use clap::Args;

use super::values;

const EXAMPLES: &str = "\
Examples:
  Make a station, then its key and certificate, and look at what is to be filled in:
    oftp init /srv/oftp --id O0013000001EXAMPLE
    oftp keygen --name oftp.example.com --id O0013000001EXAMPLE --host oftp.example.com \\
      --out /srv/oftp/keys/station
    oftp check --station /srv/oftp

Nothing that is there is overwritten.";

/// Options of `oftp init`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct InitArgs {
    /// The folder of the station; it is made if it is not there
    #[arg(value_name = "FOLDER", env = "OFTP_STATION", default_value = ".")]
    pub folder: PathBuf,
    /// Identification code of the station; it can be written into oftp.toml later
    #[arg(long, value_name = "ID", value_parser = values::code)]
    pub id: Option<String>,
}
