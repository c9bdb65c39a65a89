//! C programs against the library: whole exchanges under sanitizers and valgrind, older and newer
//! headers, a fork, a host with an OpenSSL of its own.

#[path = "support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use support::{SANITIZED, build, has_tool, here, run};

fn source(name: &str) -> std::path::PathBuf {
    here().join("tests/c").join(name)
}

fn built(folder: &Path, name: &str, flags: &[&str]) -> Command {
    let program = folder.join(name);
    build(&source(&format!("{name}.c")), &program, flags);
    Command::new(program)
}

#[test]
fn exchanges_at_every_level_in_every_format_leave_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(&mut built(folder.path(), "exchange", SANITIZED));
    assert!(said.contains("512 exchanges, 0 failed"), "{said}");
    if has_tool("valgrind") {
        build(&source("exchange.c"), &folder.path().join("plain"), &[]);
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["-q", "--error-exitcode=9", "--leak-check=full"])
            .arg(folder.path().join("plain"))
            .arg("short");
        run(&mut valgrind);
    }
}

#[test]
fn rules_of_sessions_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(&mut built(folder.path(), "rules", SANITIZED));
    assert!(said.contains("all rules hold"), "{said}");
}

#[test]
fn memory_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(&mut built(folder.path(), "memory", &["-D_GNU_SOURCE"]));
    assert!(said.contains("OFTP_E_MEMORY"), "{said}");
}

/// A structure that has grown since a program was built, and one that has grown before the library
/// did: what the other side does not know keeps its default.
#[test]
fn programs_built_with_older_and_newer_headers_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = std::fs::read_to_string(support::root().join("include/oftp.h")).expect("header");
    let versions = [
        ("older", without_last(&header)),
        ("newer", with_one_more(&header)),
    ];
    for (name, text) in versions {
        assert_ne!(text, header);
        let include = folder.path().join(name);
        std::fs::create_dir(&include).expect("a folder");
        std::fs::write(include.join("oftp.h"), text).expect("written");
        let program = folder.path().join(format!("{name}_program"));
        let first = format!("-I{}", include.display());
        let mut flags = vec![first.as_str()];
        flags.extend(SANITIZED);
        build(&source("other_header.c"), &program, &flags);
        let said = run(&mut Command::new(program));
        assert!(said.contains("all is well"), "{said}");
    }
}

/// The structures that a host fills and that may have a shorter past.
const GROWING: &[(&str, &str)] = &[
    ("oftp_config", "quirks"),
    ("oftp_user_monitor", "trace"),
    ("oftp_network_service", "n_disc_rq"),
    ("oftp_connect", "calling"),
    ("oftp_virtual_file", "description"),
];

fn without_last(header: &str) -> String {
    let mut header = header.to_owned();
    for (structure, last) in GROWING {
        let end = header
            .find(&format!("\n}} {structure};"))
            .expect("a structure");
        let body = &header[..end];
        // The text of the last member stands before it.
        let member = body.rfind("    /**").expect("its text");
        assert!(
            body[member..].contains(last),
            "{structure} does not end with {last}"
        );
        header.replace_range(member..end, "");
    }
    header
}

fn with_one_more(header: &str) -> String {
    let mut header = header.to_owned();
    for (structure, _) in GROWING {
        let end = format!("\n}} {structure};");
        header = header.replace(&end, &format!("\n    uint64_t from_the_future[4];{end}"));
    }
    header
}

/// The child of a fork is told, and the parent goes on (threat model X7).
#[test]
fn a_child_does_not_use_its_parents_sessions() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(&mut built(
        folder.path(),
        "forked",
        &["-D_POSIX_C_SOURCE=200809L"],
    ));
    assert!(
        said.contains("OFTP_E_FORKED") && said.contains("the parent goes on"),
        "{said}"
    );
}

#[test]
fn a_child_does_not_use_its_parents_station() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[station]\nid = \"OALPHA\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
                  [partner.beta]\nid = \"OBETA\"\ntls = \"off\"\n";
    std::fs::write(folder.path().join("oftp.toml"), config).expect("written");
    let flags = &["-D_POSIX_C_SOURCE=200809L"];
    let said = run(built(folder.path(), "forked_station", flags).arg(folder.path()));
    assert_eq!(said, "the parent goes on\n");
}

/// A host that gives the library back too early has its code all the same (threat model X7).
#[test]
fn a_session_outlives_dlclose() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("unloaded");
    let library = support::library();
    // Not linked with the library: it is loaded by hand.
    let output = support::cc()
        .args([
            "-std=c99",
            "-D_GNU_SOURCE",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-g",
        ])
        .arg(source("unloaded.c"))
        .arg("-I")
        .arg(support::root().join("include"))
        .arg("-o")
        .arg(&program)
        .args(["-ldl", "-lpthread"])
        .output()
        .expect("a C compiler");
    assert!(output.status.success(), "{}", support::text(&output));
    let said = run(Command::new(program).arg(library.join("liboftp.so")));
    assert!(said.contains("outlives dlclose"), "{said}");
}

/// Signals, locale and errno are the host's (threat model X7).
#[test]
fn a_host_keeps_its_signals_its_locale_and_errno() {
    let folder = tempfile::tempdir().expect("a folder");
    let flags = &["-D_POSIX_C_SOURCE=200809L"];
    let said = run(&mut built(folder.path(), "host_state", flags));
    assert_eq!(said, "the host is as it was\n");
}

/// Nothing of the library's cryptography reaches a host that links its own (threat model X7).
#[test]
fn a_host_keeps_its_own_openssl() {
    let there = Command::new("pkg-config")
        .args(["--exists", "libcrypto"])
        .status();
    let required = std::env::var("OFTP_TOOLS").is_ok_and(|value| value == "required");
    if !there.is_ok_and(|status| status.success()) {
        assert!(
            !required,
            "libssl-dev is not installed, and OFTP_TOOLS=required"
        );
        println!("libssl-dev is not installed: left out");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let library = support::library();
    for (name, link) in [
        (
            "shared",
            vec![format!("-L{}", library.display()), "-loftp".to_owned()],
        ),
        (
            "static",
            vec![library.join("liboftp.a").display().to_string()],
        ),
    ] {
        // In both orders: who comes first must not matter.
        for first in [true, false] {
            let program = folder.path().join(name);
            let mut cc = support::cc();
            cc.args(["-std=c99", "-g"]).arg(source("own_openssl.c"));
            cc.arg("-I")
                .arg(support::root().join("include"))
                .arg("-o")
                .arg(&program);
            if !first {
                cc.arg("-lcrypto");
            }
            cc.args(&link);
            cc.args(["-lcrypto", "-lpthread", "-ldl", "-lm"]);
            cc.arg(format!("-Wl,-rpath,{}", library.display()));
            let output = cc.output().expect("a C compiler");
            assert!(output.status.success(), "{}", support::text(&output));
            let said = run(&mut Command::new(&program));
            assert!(said.contains("its own OpenSSL"), "{name}: {said}");
        }
    }
}
