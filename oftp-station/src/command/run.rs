//! `oftp run`: the station, until it is stopped.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use super::settings::UsageError;
use crate::args::{OutputArgs, RunArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::report::Event;
use crate::station::config::{Config, LogConfig};
use crate::station::run::{Ears, Handle, Station, StationError};
use crate::station::watch::Log;

/// The exit code of who was interrupted while it ended.
const INTERRUPTED: i32 = 130;

/// Runs the command.
pub(super) fn run(
    args: &RunArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    let folder = args.station.folder().map_err(UsageError::Option)?;
    let station = Station::open(&folder).map_err(fault)?;
    let config = station.shared().config();
    let log = Log::open(&LogConfig {
        trace: output.trace || config.log.trace,
        ..config.log.clone()
    })
    .map_err(|error| UsageError::Local(format!("the log: {error}")))?;
    if output.trace && !config.session.config.trace {
        let mut traced = Config::clone(&config);
        traced.session.config.trace = true;
        station.shared().replace_config(traced);
    }
    drop(config);
    station.troubles().iter().for_each(|text| log.warn(text));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ears = Ears {
        voice: Voice::logging(log.clone()),
        log: Some(log),
    };
    runtime.block_on(async {
        // Who reads that we listen may ask us at once to stop.
        hear_signals(station.handle())?;
        let listening = |addresses: &[std::net::SocketAddr]| {
            for &address in addresses {
                voice.tell(&Event::Listening { address });
            }
        };
        station.run(ears, listening).await.map_err(fault)
    })?;
    Ok(ExitCode::Done)
}

fn fault(error: StationError) -> UsageError {
    let text = error.to_string();
    match error {
        StationError::Config(_) => UsageError::Option(text),
        StationError::NoTls(_) => UsageError::Key(text),
        StationError::Port { .. } | StationError::Metrics(_) => UsageError::Network(text),
        StationError::Part(_) => UsageError::System(io::Error::other(text)),
        StationError::Lock(_)
        | StationError::Folder(_)
        | StationError::Journal(_)
        | StationError::Spool(_) => UsageError::Local(text),
    }
}

/// SIGTERM and Ctrl-C stop the station, SIGHUP makes it read its configuration again.
fn hear_signals(handle: Handle) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = hangup.recv() => handle.reload(),
                _ = interrupt.recv() => stop(&handle),
                _ = terminate.recv() => stop(&handle),
            }
        }
    });
    Ok(())
}

/// Who asks a second time does not want to wait: the journal is as good then as after a kill.
fn stop(handle: &Handle) {
    if handle.is_stopped() {
        std::process::exit(INTERRUPTED);
    }
    handle.stop();
}
