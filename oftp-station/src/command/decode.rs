//! `oftp decode`: prints a recorded session.

use std::io::{self, IsTerminal, Read, Write};

use super::settings::{self, UsageError};
use crate::args::{self, DecodeArgs, OutputArgs};
use crate::decode::{Form, Options, Output};
use crate::exit_code::ExitCode;

/// Runs the command.
pub(super) fn run(args: &DecodeArgs, output: OutputArgs) -> Result<ExitCode, UsageError> {
    let input = read(args)?;
    let options = Options {
        level: args.level.map(settings::level),
        headers: !args.no_header,
        form: match args.form() {
            args::Form::Auto => Form::Any,
            args::Form::Raw => Form::Binary,
            args::Form::Hex => Form::Hex,
        },
        output: if output.json {
            Output::Json
        } else {
            Output::Text
        },
        passwords: args.show_passwords,
        full: args.full,
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let decoded = crate::decode::run(&input, &options, &mut out).and_then(|summary| {
        out.flush()?;
        Ok(summary)
    });
    match decoded {
        Ok(summary) if summary.is_good() => Ok(ExitCode::Done),
        Ok(_) => Ok(ExitCode::Protocol),
        // `oftp decode ... | head` has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::Done),
        Err(error) => Err(UsageError::Local(format!("{}: {error}", name(args)))),
    }
}

fn read(args: &DecodeArgs) -> Result<Vec<u8>, UsageError> {
    let local = |error: io::Error| UsageError::Local(format!("{}: {error}", name(args)));
    match &args.file {
        Some(path) if path.as_os_str() != "-" => std::fs::read(path).map_err(local),
        _ => {
            if io::stdin().is_terminal() {
                return Err(UsageError::Option(
                    "nothing to decode: name a file, or pipe a recording in".to_owned(),
                ));
            }
            let mut input = Vec::new();
            io::stdin().read_to_end(&mut input).map_err(local)?;
            Ok(input)
        }
    }
}

fn name(args: &DecodeArgs) -> String {
    match &args.file {
        Some(path) => path.display().to_string(),
        None => "standard input".to_owned(),
    }
}
