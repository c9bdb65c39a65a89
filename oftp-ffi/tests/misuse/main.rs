//! Every function of the header is misused in every way that can be told from the header: NULL,
//! handles that were freed, are none, or are of another kind, structures of a wrong size, values
//! that are none, a wrong state, and a call inside each callback (threat model X1 to X3).
//!
//! The C program is generated, so that a new function is in it, or the test says what to teach it.

#[path = "../support/mod.rs"]
mod support;

mod program;

use std::process::Command;

use support::header::Header;

/// Each call is misused by itself (threat model X1), inside every callback (threat model X2), and with
/// handles that were freed or are none (threat model X3).
#[test]
fn every_function_says_what_is_wrong_and_nothing_breaks() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("misuse.c");
    let header = Header::read();
    std::fs::write(&source, program::generate(&header)).expect("written");
    let sanitized = folder.path().join("misuse_sanitized");
    let keys = support::root().join("oftp-station/tests/data/keys");
    let keys = format!("-DKEYS=\"{}\"", keys.display());
    let station = folder.path().join("station");
    std::fs::create_dir(&station).expect("a folder");
    // The name is the string that every function is given.
    let config = "[station]\nid = \"OALPHA\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
                  [partner.words]\nid = \"OBETA\"\ntls = \"off\"\n";
    std::fs::write(station.join("oftp.toml"), config).expect("written");
    let station = format!("-DSTATION=\"{}\"", station.display());
    let flags = [support::SANITIZED, &[&keys, &station]].concat();
    support::build(&source, &sanitized, &flags);
    let said = support::run(&mut Command::new(&sanitized));
    let cases: usize = said
        .lines()
        .rev()
        .find_map(|line| line.strip_suffix(" cases")?.parse().ok())
        .unwrap_or_else(|| panic!("the number of cases is missing: {said}"));
    let functions = header.functions().len();
    println!("{functions} functions, {cases} cases");
    assert!(
        cases > 20 * functions,
        "only {cases} cases for {functions} functions"
    );
    if support::has_tool("valgrind") {
        let plain = folder.path().join("misuse_plain");
        support::build(&source, &plain, &[&keys, &station]);
        let mut valgrind = Command::new("valgrind");
        valgrind.args([
            "-q",
            "--error-exitcode=9",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite",
        ]);
        support::run(valgrind.arg(&plain).arg("short"));
    }
}

/// The reference manual: every function says what it takes and gives.
#[test]
fn every_parameter_and_result_is_described() {
    let functions = Header::read().functions();
    assert!(functions.len() > 30, "the header was not understood");
    let mut missing = Vec::new();
    for function in functions {
        if !function.documentation.contains("\\return") {
            missing.push(format!("{}: \\return", function.name));
        }
        for parameter in &function.parameters {
            if parameter.documentation.trim().is_empty() {
                missing.push(format!("{}: \\param {}", function.name, parameter.name));
            }
        }
    }
    assert!(missing.is_empty(), "not described: {missing:#?}");
}
