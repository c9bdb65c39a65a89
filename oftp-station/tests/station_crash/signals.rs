//! What people and the system tell a station that runs: once is enough, end, read it again.

use std::fs;
use std::net::TcpStream;

use oftp_station::station::Folder;
use rusqlite::Connection;
use rustix::process::Signal;

use crate::chance::Chance;
use crate::line::Line;
use crate::pair::{Pair, Side, noise};
use crate::running::{oftp, until};
use crate::settled::{self, count, journal};

const MIB: u64 = 1 << 20;

#[test]
fn a_second_process_is_refused_and_the_lock_of_one_that_was_killed_is_not_in_the_way() {
    let pair = Pair::new();
    let mut first = pair.run(Side::Alpha);
    assert!(first.listens(), "{}", first.said());
    let second = oftp(&pair.folder(Side::Alpha), &["run"]).output();
    let second = second.expect("oftp");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(11), "{said}");
    let words = format!("runs already (process {})", first.id());
    assert!(said.contains(&words), "{said}");
    assert!(first.ended().is_none(), "{}", first.said());
    first.kill();
    let mut third = pair.run(Side::Alpha);
    assert!(third.listens(), "{}", third.said());
    assert_eq!(third.stop(), 0, "{}", third.said());
}

/// One large file and small ones behind it, over a line that is held in the midst of it.
fn in_mid_transfer() -> (Pair, Line) {
    let mut pair = Pair::new();
    let mut chance = Chance::from(3);
    let mut large = Vec::new();
    while (large.len() as u64) < 8 * MIB {
        large.extend(noise(&mut chance, MIB));
    }
    let mut files = vec![("a-large".to_owned(), large)];
    files.extend((0..5_u8).map(|number| (format!("small{number}"), vec![number; 100])));
    pair.submit(Side::Alpha, &files);
    let line = Line::to(pair.address(Side::Beta), Some(4 * MIB));
    pair.call_at(Side::Alpha, &line.address);
    pair.call_at(Side::Beta, "127.0.0.1:1");
    (pair, line)
}

/// Waits until a station that is stopped takes no calls any more.
fn until_deaf(pair: &Pair, side: Side) {
    let address = pair.address(side);
    until(
        || format!("{address} still answers"),
        || TcpStream::connect(address).is_err().then_some(()),
    );
}

fn is_clean(journal: &Connection) -> bool {
    count(journal, "fact WHERE name = 'clean' AND value = '1'") == 1
}

#[test]
fn told_to_end_a_station_ends_its_sessions_first() {
    let (pair, line) = in_mid_transfer();
    let mut beta = pair.run(Side::Beta);
    let mut alpha = pair.run(Side::Alpha);
    assert!(alpha.listens() && beta.listens());
    line.wait_until_held();
    alpha.signal(Signal::TERM);
    until_deaf(&pair, Side::Alpha);
    assert!(alpha.ended().is_none(), "it waits for the transfer");
    line.release();
    let ended = until(|| "it does not end".to_owned(), || alpha.ended());
    assert_eq!(ended, 0, "{}", alpha.said());
    assert!(is_clean(&journal(&pair, Side::Alpha)));
    let mut alpha = pair.run(Side::Alpha);
    assert!(alpha.listens(), "{}", alpha.said());
    settled::wait(&pair, [&alpha, &beta], "after the end");
    for station in [&mut alpha, &mut beta] {
        assert_eq!(station.stop(), 0, "{}", station.said());
    }
    for side in Side::BOTH {
        settled::check(&pair, side, "after the end");
    }
    let carried: u64 = line.carried().iter().sum();
    assert!(carried < 10 * MIB, "no octet twice: {:?}", line.carried());
}

#[test]
fn told_twice_a_station_ends_at_once_and_its_transfer_goes_on_later() {
    let (pair, line) = in_mid_transfer();
    let mut beta = pair.run(Side::Beta);
    let mut alpha = pair.run(Side::Alpha);
    assert!(alpha.listens() && beta.listens());
    line.wait_until_held();
    alpha.signal(Signal::TERM);
    until_deaf(&pair, Side::Alpha);
    assert_eq!(alpha.stop(), 130, "{}", alpha.said());
    assert!(!is_clean(&journal(&pair, Side::Alpha)));
    line.release();
    let mut alpha = pair.run(Side::Alpha);
    assert!(alpha.listens(), "{}", alpha.said());
    settled::wait(&pair, [&alpha, &beta], "after the end");
    for station in [&mut alpha, &mut beta] {
        assert_eq!(station.stop(), 0, "{}", station.said());
    }
    for side in Side::BOTH {
        settled::check(&pair, side, "after the end");
    }
}

#[test]
fn told_to_read_a_wrong_configuration_a_station_keeps_the_one_it_has() {
    let mut pair = Pair::new();
    let mut stations = Side::BOTH.map(|side| pair.run(side));
    for station in &stations {
        assert!(station.listens(), "{}", station.said());
    }
    let folder = Folder::new(&pair.folder(Side::Alpha));
    let reloads = |ok: bool| {
        let is = format!("event WHERE kind = 'config_reloaded' AND detail LIKE '%\"ok\":{ok}%'");
        count(&journal(&pair, Side::Alpha), &is)
    };
    let right = fs::read_to_string(folder.config()).expect("oftp.toml");
    fs::write(folder.config(), right.replace("id = \"OBETA\"", "id = 7")).expect("oftp.toml");
    stations[0].signal(Signal::HUP);
    until(
        || stations[0].said(),
        || (reloads(false) == 1).then_some(()),
    );
    until(
        || stations[0].said(),
        || stations[0].said().contains("partner.beta").then_some(()),
    );
    fs::write(folder.outbox("beta").join("file"), "goods").expect("a file");
    pair.sent[0] = vec![b"goods".to_vec()];
    let [alpha, beta] = &stations;
    settled::wait(&pair, [alpha, beta], "with the old configuration");
    let reloads = |ok: bool| {
        let is = format!("event WHERE kind = 'config_reloaded' AND detail LIKE '%\"ok\":{ok}%'");
        count(&journal(&pair, Side::Alpha), &is)
    };
    fs::write(folder.config(), right).expect("oftp.toml");
    stations[0].signal(Signal::HUP);
    until(|| stations[0].said(), || (reloads(true) == 1).then_some(()));
    for station in &mut stations {
        assert_eq!(station.stop(), 0, "{}", station.said());
    }
    for side in Side::BOTH {
        settled::check(&pair, side, "with the old configuration");
    }
}
