//! Commands that look at a station: `oftp queue`, `history`, `show`, `events`, `partners`,
//! `status`.

use clap::{Args, ValueEnum};

use super::StationArg;
use crate::station::journal::file::{FileState, Way};

const QUEUE: &str = "\
Examples:
  What waits or is under way, both ways:
    oftp queue

  What failed for one partner, for a program:
    oftp queue --partner beta --state failed --json

The columns STATE and WAITS FOR say how far a file has come and what is next. `oftp show ID` tells
the rest. With --json each file is one object on a line: id, direction, state, partner, dsn, date,
time, originator, destination, name, waits_for, octets, position, priority, held, attempts,
retry_at, parent, trouble, created, changed, transferred, due, path.";

/// Options of `oftp queue`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = QUEUE)]
pub struct QueueArgs {
    /// Only from or to this partner
    #[arg(long, value_name = "PARTNER")]
    pub partner: Option<String>,
    /// Only in this state, be it open or over
    #[arg(long, value_name = "STATE", value_parser = state())]
    pub state: Option<FileState>,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

const HISTORY: &str = "\
Examples:
  The last files:
    oftp history

  What went out to one partner this month, and the invoices of the last week:
    oftp history --partner beta --direction out --since 2026-11-01
    oftp history --text invoice --since 7d

With --json each file is one object on a line, as of `oftp queue --json`.";

/// Options of `oftp history`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = HISTORY)]
pub struct HistoryArgs {
    /// Only from or to this partner
    #[arg(long, value_name = "PARTNER")]
    pub partner: Option<String>,
    /// Only in this state
    #[arg(long, value_name = "STATE", value_parser = state())]
    pub state: Option<FileState>,
    /// Changed since: 2026-11-01, 2026-11-01T12:30, or 90m, 12h, 7d ago
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<i64>,
    /// Only this way
    #[arg(long, value_name = "WAY")]
    pub direction: Option<WayArg>,
    /// Only with this text in the dataset name, the local name or the description
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// At most so many, the last first; 0: all
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub limit: u32,
    /// Only files before this one: the next page
    #[arg(long, value_name = "ID")]
    pub before: Option<i64>,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// A way on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WayArg {
    /// Files that came
    In,
    /// Files of ours
    Out,
}

impl From<WayArg> for Way {
    fn from(way: WayArg) -> Self {
        match way {
            WayArg::In => Self::In,
            WayArg::Out => Self::Out,
        }
    }
}

/// Options of `oftp show`.
#[derive(Args, Clone, Debug)]
pub struct ShowFileArgs {
    /// The number of the file, as `oftp queue` and `oftp history` show it
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

const EVENTS: &str = "\
Examples:
  Everything that happens from now on, as lines of JSON, until interrupted:
    oftp events --follow --json

  What a program has missed since the last line that it knows:
    oftp events --after 4711 --json

With --json each line is one object: id, at, event, partner, file, detail. No line is lost, none
comes twice, and the ids only grow.";

/// Options of `oftp events`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EVENTS)]
pub struct EventsArgs {
    /// Go on with what happens, until interrupted. Without --after it begins with now
    #[arg(long)]
    pub follow: bool,
    /// Begin behind the line with this id; 0: with the first line that is kept
    #[arg(long, value_name = "ID")]
    pub after: Option<i64>,
    /// Without --after and --follow: so many of the last lines
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub limit: u32,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

const PARTNERS: &str = "\
With --json each partner is one object on a line: name, code, addresses, level, tls, held,
last_session, failures, last_failure, trouble, to_send, unanswered, incoming, responses, failed,
most_sessions.";

/// Options of `oftp partners`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = PARTNERS)]
pub struct PartnersArgs {
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

const STATUS: &str = "\
With --json it is one object: running, process, files (direction, state, count), responses,
oldest_waiting, overdue, alarms, free.";

/// Options of `oftp status`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = STATUS)]
pub struct StatusArgs {
    /// End with exit code 3 unless a process runs the station: for supervisors of all kinds
    #[arg(long)]
    pub check: bool,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// A state by its name; the help lists them.
fn state() -> impl clap::builder::TypedValueParser<Value = FileState> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    let names = FileState::ALL.map(FileState::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn since(text: &str) -> Result<i64, String> {
    crate::station::manage::time::parse(text, crate::station::journal::now())
}
