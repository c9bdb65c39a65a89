//! Commands that steer a station: `oftp resend`, `hold`, `release`, `cancel`, `call`, `reload`,
//! `stop`.

use std::time::Duration;

use clap::Args;

use super::StationArg;

/// Options of `oftp resend`.
#[derive(Args, Clone, Debug)]
pub struct ResendArgs {
    /// Numbers of files that are done, rejected, failed or cancelled
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<i64>,
    /// Also where the partner has the file and its end response does not come
    #[arg(long)]
    pub force: bool,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// Options of `oftp hold` and `oftp release`.
#[derive(Args, Clone, Debug)]
pub struct HoldArgs {
    /// Numbers of files that wait to be sent
    #[arg(value_name = "ID", required_unless_present = "partner")]
    pub ids: Vec<i64>,
    /// The partner as a whole: whether it is called, and anything sent to it
    #[arg(long, value_name = "PARTNER", conflicts_with = "ids")]
    pub partner: Option<String>,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// Options of `oftp cancel`.
#[derive(Args, Clone, Debug)]
pub struct CancelArgs {
    /// Numbers of files that are not sent yet
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<i64>,
    /// Also where all of the file was sent and only the answer is missing: the partner may have it
    #[arg(long)]
    pub force: bool,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// Options of `oftp call`.
#[derive(Args, Clone, Debug)]
pub struct CallArgs {
    /// The partner, by its name in oftp.toml
    #[arg(value_name = "PARTNER")]
    pub partner: String,
    /// Wait until the session is over, or for so many seconds at most; the exit code says how it
    /// went
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "0", value_parser = clap::value_parser!(u32).range(0..=604_800))]
    pub wait: Option<u32>,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

impl CallArgs {
    /// How long it is waited for; `None`: not at all, and `Some(None)`: without end.
    #[must_use]
    pub fn patience(&self) -> Option<Option<Duration>> {
        patience(self.wait)
    }
}

/// `--wait` without a number is 0.
pub(super) fn patience(wait: Option<u32>) -> Option<Option<Duration>> {
    wait.map(|seconds| (seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

/// Options of `oftp reload`.
#[derive(Args, Clone, Debug)]
pub struct ReloadArgs {
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

/// Options of `oftp stop`.
#[derive(Args, Clone, Debug)]
pub struct StopArgs {
    /// Wait until it has ended, or for so many seconds at most
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "0", value_parser = clap::value_parser!(u32).range(0..=604_800))]
    pub wait: Option<u32>,
    /// Which station.
    #[command(flatten)]
    pub station: StationArg,
}

impl StopArgs {
    /// How long it is waited for; `None`: not at all, and `Some(None)`: without end.
    #[must_use]
    pub fn patience(&self) -> Option<Option<Duration>> {
        patience(self.wait)
    }
}
