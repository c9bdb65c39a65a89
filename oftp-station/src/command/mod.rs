//! The commands of `oftp`: what the command line asks for, done.

mod cert;
mod check;
mod cms;
mod decode;
mod doctor;
mod evidence;
mod init;
mod keygen;
mod listen;
mod run;
mod security;
mod send;
mod settings;
mod shell;
mod station;

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
        Command::Run(args) => run::run(&args, cli.output, &voice),
        Command::Evidence(args) => evidence::run(&args, cli.output),
        Command::Queue(args) => station::queue::run(&args, cli.output),
        Command::History(args) => station::queue::history(&args, cli.output),
        Command::Show(args) => station::show::run(&args, cli.output),
        Command::Resend(args) => station::steer::resend(&args, cli.output, &voice),
        Command::Hold(args) => station::steer::hold(&args, true, cli.output, &voice),
        Command::Release(args) => station::steer::hold(&args, false, cli.output, &voice),
        Command::Cancel(args) => station::steer::cancel(&args, cli.output, &voice),
        Command::Partners(args) => station::partners::run(&args, cli.output),
        Command::Status(args) => station::status::run(&args, cli.output),
        Command::Events(args) => station::events::run(&args, cli.output),
        Command::Call(args) => station::order::call(&args, cli.output, &voice),
        Command::Reload(args) => station::order::reload(&args, cli.output),
        Command::Stop(args) => station::order::stop(&args, cli.output, &voice),
        Command::Completion(args) => shell::completion(&args),
        Command::Man(args) => shell::man(&args),
    };
    result.unwrap_or_else(|error| {
        voice.error(&error.to_string());
        error.exit_code()
    })
}
