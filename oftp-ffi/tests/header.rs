//! include/oftp.h is what this crate generates. `make header` writes it.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The header as cbindgen has it, without what its comments say to readers of Rust.
fn generated() -> String {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(crate_folder.join("cbindgen.toml")).expect("config");
    let bindings = cbindgen::Builder::new()
        .with_crate(crate_folder)
        .with_config(config)
        .generate()
        .expect("the crate can be read");
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = String::from_utf8(header).expect("text");
    let mut lines: Vec<&str> = Vec::new();
    let mut in_safety = false;
    for line in header.lines() {
        match line.trim() {
            "* # Safety" => {
                in_safety = true;
                while lines.last().is_some_and(|line| line.trim() == "*") {
                    lines.pop();
                }
            }
            "*/" => in_safety = false,
            _ => {}
        }
        let doubled = line.is_empty() && lines.last().is_some_and(|line| line.is_empty());
        if !in_safety && !doubled {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_committed_header_is_the_generated_one() {
    let path = root().join("include/oftp.h");
    let generated = generated();
    if std::env::var_os("OFTP_WRITE_HEADER").is_some() {
        std::fs::write(&path, &generated).expect("include/oftp.h can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let same = committed
        .lines()
        .zip(generated.lines())
        .take_while(|(a, b)| a == b)
        .count();
    assert!(
        committed == generated,
        "include/oftp.h is out of date from line {} on; run `make header`, and look at the change",
        same + 1
    );
}
