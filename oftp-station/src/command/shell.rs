//! `oftp completion` and `oftp man`: what comes of the command line itself.

use std::fs;
use std::io::{self, Write};

use clap::CommandFactory;

use super::settings::UsageError;
use crate::args::{Cli, CompletionArgs, ManArgs};
use crate::exit_code::ExitCode;

/// Runs `oftp completion`.
pub(super) fn completion(args: &CompletionArgs) -> Result<ExitCode, UsageError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "oftp", &mut script);
    write(&script)
}

/// Runs `oftp man`.
pub(super) fn man(args: &ManArgs) -> Result<ExitCode, UsageError> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return write(&page);
    };
    let local = |error: io::Error| UsageError::Local(format!("{}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(local)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(local)?;
    Ok(ExitCode::Done)
}

/// A reader that has gone has seen enough.
fn write(octets: &[u8]) -> Result<ExitCode, UsageError> {
    let mut out = io::stdout().lock();
    match out.write_all(octets).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UsageError::Local(format!("standard output: {error}")))
        }
        _ => Ok(ExitCode::Done),
    }
}
