//! `oftp decode`: prints a recorded session.

use super::settings::UsageError;
use crate::args::{DecodeArgs, OutputArgs};
use crate::exit_code::ExitCode;

/// Runs the command.
pub(super) fn run(args: &DecodeArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let _ = (args, output);
    Ok(ExitCode::Other)
}
