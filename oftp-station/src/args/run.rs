//! `oftp run`.

use clap::Args;

use super::station::StationArg;

const EXAMPLES: &str = "\
Examples:
  Run the station in /srv/oftp until it is stopped (SIGTERM, Ctrl-C, or `oftp stop`):
    oftp run --station /srv/oftp

  Read oftp.toml again without a restart:
    oftp check && oftp reload          (or: kill -HUP PROCESS, systemctl reload oftp@NAME)

One process runs a station; another one on the same folder is refused. `oftp send`, `oftp queue` and
the others work beside it. Asked to stop, it begins nothing new and gives sessions 30 seconds to
end; asked once more, it ends at once. A transfer that is cut goes on after the next start.";

/// Options of `oftp run`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct RunArgs {
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}
