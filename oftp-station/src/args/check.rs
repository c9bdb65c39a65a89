//! `oftp check`.

use clap::Args;

use super::station::StationArg;

const EXAMPLES: &str = "\
Examples:
  Check a configuration before the station reads it again:
    oftp check --station /srv/oftp && systemctl reload oftp@NAME

Exit code 0: the station would run with it, warnings or not. 2: it has faults, and the text says
where each is and what to do.";

/// Options of `oftp check`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct CheckStationArgs {
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
    /// List the profiles for partners with a known product, and what each sets
    #[arg(long)]
    pub profiles: bool,
}
