//! Programs of others that tests use where they are installed. The README promises that the tests
//! need none of them: a test that lacks one says so, past the capture of the test harness.

use std::io::Write;
use std::process::{Command, Stdio};

/// Set to `required`, a test that lacks a program fails: where all of them are installed none may
/// be left out in silence.
const VARIABLE: &str = "OFTP_TOOLS";

/// Whether a program is there, tried with this argument; says so where it is not.
#[must_use]
pub fn has(program: &str, argument: &str) -> bool {
    let found = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        skipped(&format!("there is no {program}"));
    }
    found
}

/// Says that a test, or a part of it, is left out.
///
/// # Panics
/// Where all programs are required.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("test");
    assert!(
        std::env::var_os(VARIABLE).is_none_or(|wanted| wanted != "required"),
        "{name} would be skipped: {why}"
    );
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {name}: {why} ***");
}
