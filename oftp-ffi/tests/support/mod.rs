//! What the tests of the C library share: the header as data, and programs in C built against the
//! library that cargo has just built.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod c_side;
pub(crate) mod header;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of this crate.
pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    here().join("..")
}

/// The folder in which cargo has put liboftp.so and liboftp.a of this profile.
///
/// The library of a test run stands beside the tests with a hash in its name; this builds the one
/// without, which is there already but for the first time.
pub(crate) fn library() -> PathBuf {
    use std::sync::LazyLock;
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let exe = std::env::current_exe().expect("a test has a path");
        let profile = exe
            .parent()
            .and_then(Path::parent)
            .expect("target/<profile>/deps/<test>");
        let target = profile.parent().expect("target/<profile>");
        let name = profile
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("debug");
        let cargo_profile = if name == "debug" { "dev" } else { name };
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "-p",
                "oftp-ffi",
                "--profile",
                cargo_profile,
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(root())
            .status();
        assert!(
            built.expect("cargo runs").success(),
            "the library cannot be built"
        );
        let soname = profile.join("liboftp.so.0");
        if !soname.exists() {
            // Another test may be quicker.
            let _ = std::os::unix::fs::symlink("liboftp.so", &soname);
        }
        profile.to_owned()
    });
    FOLDER.clone()
}

/// The compiler of C.
pub(crate) fn cc() -> Command {
    Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".to_owned()))
}

/// Flags that every C program of the tests is built with.
pub(crate) const STRICT: &[&str] = &["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-g"];

/// Address and undefined-behaviour sanitizers.
pub(crate) const SANITIZED: &[&str] = &[
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
];

/// Builds a C program against the shared library.
pub(crate) fn build(source: &Path, program: &Path, flags: &[&str]) {
    let library = library();
    let output = cc()
        .args(STRICT)
        .args(flags)
        .arg(source)
        .arg("-I")
        .arg(root().join("include"))
        .arg("-I")
        .arg(here().join("tests/c"))
        .arg("-o")
        .arg(program)
        .arg("-L")
        .arg(&library)
        .args(["-loftp", "-lpthread"])
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .expect("a C compiler is installed");
    assert!(
        output.status.success(),
        "{}: {}",
        source.display(),
        text(&output)
    );
}

/// Runs a program, which has to end with 0; what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        text(&output)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All that a program printed.
pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Whether a tool is installed. Where `OFTP_TOOLS=required` is set it must be.
pub(crate) fn has_tool(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    let required = std::env::var("OFTP_TOOLS").is_ok_and(|value| value == "required");
    assert!(
        found || !required,
        "{tool} is not installed, and OFTP_TOOLS=required"
    );
    if !found {
        println!("{tool} is not installed: left out");
    }
    found
}
