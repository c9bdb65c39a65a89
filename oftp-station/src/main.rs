//! The command `oftp`.

use clap::Parser;
use oftp_station::args::Cli;
use oftp_station::command;
use oftp_station::exit_code::ExitCode;

fn main() -> ExitCode {
    command::run(Cli::parse())
}
