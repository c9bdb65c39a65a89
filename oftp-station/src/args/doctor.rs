//! `oftp doctor`.

use std::path::PathBuf;

use clap::Args;

use super::StationArg;

const EXAMPLES: &str = "\
Examples:
  Check all up to the session, which then ends:
    oftp doctor beta

  Send a small test file as well, and wait for its end response:
    oftp doctor beta --test-file

What the partner has for the station (files, end responses) stays there for the station.";

/// Options of `oftp doctor`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct DoctorArgs {
    /// The partner, by its name in oftp.toml
    pub partner: String,
    /// The station.
    #[command(flatten)]
    pub station: StationArg,
    /// Send a small file, made for it: the partner may have to do something with it
    #[arg(long)]
    pub test_file: bool,
    /// Send this file, format U, at most 16 MiB
    #[arg(long, value_name = "FILE", conflicts_with = "test_file")]
    pub send_test: Option<PathBuf>,
    /// The longest time for each step, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub timeout: u32,
}
