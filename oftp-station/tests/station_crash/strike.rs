//! The program that strikes another one at a moment (`strike.c`), and what it reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::point::Strike;

/// The program; `None`: it cannot be had here, which is said once and loudly.
pub(crate) fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PROGRAM.get_or_init(|| match build() {
        Ok(program) => Some(program),
        Err(why) => {
            let text = format!("kills and faults at any system call are not tried: {why}");
            let required = std::env::var("OFTP_TOOLS").is_ok_and(|tools| tools == "required");
            assert!(!required, "{text}");
            eprintln!("LEFT OUT: {text}");
            None
        }
    });
    found.as_deref()
}

fn build() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/station_crash/strike.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let program = folder.join(format!("strike-{}", std::process::id()));
    let built = Command::new("cc")
        .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&program, &source])
        .output()
        .map_err(|error| format!("cc: {error}"))?;
    if !built.status.success() {
        return Err(String::from_utf8_lossy(&built.stderr).into_owned());
    }
    let last = folder.join("strike");
    std::fs::rename(&program, &last).map_err(|error| error.to_string())?;
    let report = folder.join(format!("report-{}", std::process::id()));
    let tried = Command::new(&last)
        .arg(&report)
        .args(["count", "none", "0", "0", "/bin/true"])
        .output()
        .map_err(|error| error.to_string())?;
    let _ = std::fs::remove_file(&report);
    if tried.status.success() {
        Ok(last)
    } else {
        Err(String::from_utf8_lossy(&tried.stderr).into_owned())
    }
}

/// The command, under the program.
pub(crate) fn under(strike: Option<Strike>, report: &Path, command: &Command) -> Command {
    let mut under = Command::new(program().expect("asked before"));
    let strike = strike.map_or_else(
        || ["count", "none", "0", "0"].map(str::to_owned).to_vec(),
        |strike| strike.arguments(),
    );
    under.arg(report).args(strike);
    under.arg(command.get_program()).args(command.get_args());
    under
}

/// Whether something was done by now.
pub(crate) fn has_struck(report: &Path) -> bool {
    let mut mark = report.as_os_str().to_owned();
    mark.push(".struck");
    Path::new(&mark).exists()
}

/// How many calls of each kind there were.
pub(crate) fn calls(report: &Path) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(report).expect("a report");
    let count = |line: &str| {
        let (kind, number) = line.split_once(' ').expect("two words");
        (kind.to_owned(), number.parse().expect("a number"))
    };
    let mut calls: BTreeMap<_, _> = text.lines().map(count).collect();
    calls.remove("struck");
    calls
}
