//! The same work through the C functions and through the engine's own session: a transfer over
//! loopback, small buffers in memory, and the memory of idle sessions.
//!
//! ```text
//! cargo bench -p oftp-ffi [-- MIB ROUNDS]
//! ```
//!
//! Each measurement is a process of its own, C and Rust in turn, so that both meet the same noise;
//! medians and their ratio are what counts.

mod engine;

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    if arguments.first().is_some_and(|mode| mode == "engine") {
        return engine::run(&arguments[1..]);
    }
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (mib, rounds) = (number(0, 1024), number(1, 7));
    let folder = tempfile::tempdir().expect("a folder");
    let c = build(folder.path());
    let measure = |mode: &str, octets: u64| {
        let octets = octets.to_string();
        let (mut of_c, mut of_rust) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            of_c.push(figure(Command::new(&c).args([mode, &octets])));
            let own = std::env::current_exe().expect("a path");
            of_rust.push(figure(Command::new(own).args(["engine", mode, &octets])));
        }
        (median(of_c), median(of_rust))
    };
    let (of_c, of_rust) = measure("loopback", mib << 20);
    println!(
        "{mib} MiB over loopback: C {of_c:.3} s, Rust {of_rust:.3} s, speed of C {:.3} of Rust's",
        of_rust / of_c
    );
    let (of_c, of_rust) = measure("small", 32 << 20);
    println!(
        "a Data Exchange Buffer of 128 octets, sent and received: C {of_c:.0} ns, Rust {of_rust:.0} ns; the border and its callback cost {:.0} ns",
        of_c - of_rust
    );
    let idle = figure(Command::new(&c).arg("idle"));
    println!("an idle session, SSIDs exchanged: {idle:.0} octets");
}

/// The C program, against the library that this benchmark was built with.
fn build(folder: &Path) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = std::env::current_exe().expect("a path");
    let release = own
        .parent()
        .and_then(Path::parent)
        .expect("target/release/deps/<bench>");
    let target = release.parent().expect("target/release");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--release",
            "-p",
            "oftp-ffi",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(here)
        .status();
    assert!(
        built.expect("cargo runs").success(),
        "the library cannot be built"
    );
    let _ = std::os::unix::fs::symlink("liboftp.so", release.join("liboftp.so.0"));
    let program = folder.join("transfer");
    let compiled = Command::new("cc")
        .args(["-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror"])
        .arg(here.join("benches/c_api/transfer.c"))
        .arg("-I")
        .arg(here.join("../include"))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(release)
        .args(["-loftp", "-lpthread"])
        .arg(format!("-Wl,-rpath,{}", release.display()))
        .status();
    assert!(compiled.expect("a C compiler").success());
    program
}

fn figure(command: &mut Command) -> f64 {
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    said.trim()
        .parse()
        .unwrap_or_else(|_| panic!("{command:?}: {said} {complaint}"))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
