//! The commands of `oftp`: what the command line asks for, done.

mod cert;
mod check;
mod cms;
mod decode;
mod doctor;
mod init;
mod keygen;
mod listen;
mod security;
mod send;
mod settings;

use crate::args::{Cli, Command};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::report::Reporter;

pub use settings::UsageError;

/// Does what the command line asks for.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let voice = Voice::new(Reporter::new(cli.output.style()));
    let result = match cli.command {
        Command::Send(args) => send::run(&args, cli.output, &voice),
        Command::Listen(args) => listen::run(&args, cli.output, &voice),
        Command::Decode(args) => decode::run(&args, cli.output),
        Command::Doctor(args) => doctor::run(&args, cli.output, &voice),
        Command::Cms(args) => cms::run(&args, &voice),
        Command::Keygen(args) => keygen::run(&args, cli.output, &voice),
        Command::Cert(args) => cert::run(&args, cli.output, &voice),
        Command::Init(args) => init::run(&args, cli.output),
        Command::Check(args) => check::run(&args, cli.output),
    };
    result.unwrap_or_else(|error| {
        voice.error(&error.to_string());
        error.exit_code()
    })
}
