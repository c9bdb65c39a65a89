//! Running other programs, and the one installation that all tests share.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// oftp-ffi.
pub(crate) fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of this test; empty when the first one asks for it in a run of the tests.
pub(crate) fn scratch(name: &str) -> PathBuf {
    static EMPTIED: OnceLock<()> = OnceLock::new();
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed");
    EMPTIED.get_or_init(|| {
        let _ = std::fs::remove_dir_all(&all);
    });
    let folder = all.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// `make install` or `uninstall` below `root`, of the profile that this test was built with.
pub(crate) fn make(target: &str, root: &Path) {
    // target/PROFILE/deps/this
    let this = std::env::current_exe().expect("a program");
    let built = this.ancestors().nth(2).expect("a folder of the profile");
    let profile = match built.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut command = tool("make");
    command
        .arg("-s")
        .arg("-C")
        .arg(crate_folder().join(".."))
        .arg(target)
        .arg(format!("PROFILE={profile}"))
        // Not where it is found later: so it is shown that the folder may be moved.
        .arg("PREFIX=/opt/oftp")
        .arg(format!("DESTDIR={}", root.display()))
        .arg(concat!("CARGO=", env!("CARGO")))
        .env(
            "CARGO_TARGET_DIR",
            built.ancestors().nth(1).expect("target"),
        )
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL");
    run(&mut command);
}

/// Where the library is installed.
pub(crate) fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let root = scratch("root");
        make("install", &root);
        root.join("opt/oftp")
    })
}

pub(crate) fn tool(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Whether a tool is there; says so where it is not.
pub(crate) fn has(program: &str) -> bool {
    let there = tool(program).arg("--version").output().is_ok();
    if !there {
        let required = std::env::var("OFTP_TOOLS").is_ok_and(|tools| tools == "required");
        assert!(!required, "{program} is not installed");
        eprintln!("skipped: {program} is not installed");
    }
    there
}

/// The compilers for C and for C++.
pub(crate) fn compilers() -> (Vec<String>, Vec<String>) {
    let mut all = (vec!["cc".to_owned()], vec!["c++".to_owned()]);
    if has("clang") {
        all.0.push("clang".to_owned());
    }
    if has("clang++") {
        all.1.push("clang++".to_owned());
    }
    all
}

/// Runs a program to its good end; what it wrote to standard output and error.
pub(crate) fn outcome(command: &mut Command) -> (String, String) {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}"),
    };
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let status = output.status;
    assert!(status.success(), "{command:?}: {status}\n{out}\n{err}");
    (out, err)
}

/// As [`outcome`], without standard error.
pub(crate) fn run(command: &mut Command) -> String {
    outcome(command).0
}

/// A server that is running, and is ended with the test.
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, out }
    }

    /// The port that it says it listens on.
    pub(crate) fn port(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("text");
        let port = line.trim().strip_prefix("listening on port ");
        port.unwrap_or_else(|| panic!("no port in {line:?}"))
            .to_owned()
    }

    /// Waits for its good end; what it wrote.
    pub(crate) fn finish(mut self) -> String {
        let mut said = String::new();
        self.out.read_to_string(&mut said).expect("text");
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}\n{said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every line of `text` that holds `word`.
pub(crate) fn lines<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.contains(word)).collect()
}
