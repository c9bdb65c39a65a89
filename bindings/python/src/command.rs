//! The command `oftp`, the very same as the program of the crate `oftp-station`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::catch_unwind;

use clap::Parser;
use oftp_station::args::Cli;
use oftp_station::command;
use pyo3::prelude::*;

/// What a Rust program ends with after a panic; its text has been printed by then.
const PANICKED: i32 = 101;

/// The command ``oftp`` with these arguments, without its name: prints, and returns the exit
/// code. It holds no interpreter; `oftp.__main__` sees to the signals.
#[pyfunction]
pub(crate) fn run(py: Python<'_>, arguments: Vec<OsString>) -> i32 {
    py.detach(|| {
        let code = catch_unwind(|| parse_and_run(arguments)).unwrap_or(PANICKED);
        // At the end of a program this is done by the standard library, in an extension by nobody.
        // As there, nobody is left to hear that it failed.
        let _ = io::stdout().flush();
        code
    })
}

fn parse_and_run(arguments: Vec<OsString>) -> i32 {
    let line = [OsString::from("oftp")].into_iter().chain(arguments);
    match Cli::try_parse_from(line) {
        Ok(cli) => command::run(cli).number().into(),
        // Help and the version come this way, too.
        Err(error) => {
            let _ = error.print();
            error.exit_code()
        }
    }
}
