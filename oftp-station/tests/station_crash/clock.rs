//! The clock on the wall jumps: what waits goes on, by a clock that does not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pair::{Pair, Side};
use crate::running::{Running, oftp};
use crate::settled::{self, journal};

/// An hour that is lost or won, years, and the time before there were certificates.
const JUMPS: [i64; 5] = [-3_500, 3_600, 3 * 365 * 86_400, -5 * 365 * 86_400, 0];

/// The library that makes the clock wrong; `None`: it cannot be had here, which is said loudly.
fn library(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/station_crash/clock.c");
    let library = folder.join("clock.so");
    let built = Command::new("cc")
        .args(["-std=gnu11", "-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .output();
    let why = match built {
        Ok(output) if output.status.success() => return Some(library),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("cc: {error}"),
    };
    let required = std::env::var("OFTP_TOOLS").is_ok_and(|tools| tools == "required");
    assert!(!required, "{why}");
    eprintln!("LEFT OUT: a clock that jumps is not tried: {why}");
    None
}

#[test]
fn a_clock_that_jumps_stops_nothing() {
    let place = tempfile::tempdir().expect("a folder");
    let Some(library) = library(place.path()) else {
        return;
    };
    let mut pair = Pair::new();
    let wrong = place.path().join("wrong");
    let set = |seconds: i64| {
        // At once, whole: the clock is read all the time.
        let new = place.path().join("new");
        std::fs::write(&new, seconds.to_string()).expect("a file");
        std::fs::rename(&new, &wrong).expect("a file");
    };
    set(0);
    let run = |pair: &Pair, side: Side| {
        let mut command = oftp(&pair.folder(side), &["run", "--json"]);
        command
            .env("LD_PRELOAD", &library)
            .env("OFTP_CLOCK", &wrong);
        Running::spawn(&mut command)
    };
    let beta = pair.run(Side::Beta);
    let alpha = run(&pair, Side::Alpha);
    assert!(alpha.listens() && beta.listens(), "{}", alpha.said());
    for (number, seconds) in JUMPS.into_iter().enumerate() {
        set(seconds);
        let octets = format!("{number} at {seconds}").into_bytes();
        pair.submit(Side::Alpha, &[(format!("file{number}"), octets)]);
        settled::wait(&pair, [&alpha, &beta], &format!("at {seconds}"));
    }
    drop(alpha);
    // Written by a clock that was ahead, by less and by more than any pause.
    for ahead in [40 * 60, 90 * 86_400] {
        let octets = format!("put off by {ahead}").into_bytes();
        let name = format!("off{ahead}");
        pair.submit(Side::Alpha, &[(name.clone(), octets)]);
        let put_off = "UPDATE file SET changed = changed + ?1 * 1000, \
                       retry_at = changed + ?1 * 1000 + 1000 WHERE name = ?2";
        let changed = journal(&pair, Side::Alpha).execute(put_off, (ahead, name));
        assert_eq!(changed.expect("put off"), 1);
        let mut alpha = pair.run(Side::Alpha);
        assert!(alpha.listens(), "{}", alpha.said());
        settled::wait(&pair, [&alpha, &beta], &format!("put off by {ahead}"));
        assert_eq!(alpha.stop(), 0, "{}", alpha.said());
    }
    let mut beta = beta;
    assert_eq!(beta.stop(), 0, "{}", beta.said());
    for side in Side::BOTH {
        settled::check(&pair, side, "a clock that jumped");
    }
}
