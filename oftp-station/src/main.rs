//! The command `oftp`.

use clap::Parser;
use oftp_station::args::Cli;

fn main() {
    let _ = Cli::parse();
}
