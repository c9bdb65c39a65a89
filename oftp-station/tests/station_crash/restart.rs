//! A secured file of which the transfer is cut by `kill -9` at either side goes on where it was, and
//! with the same envelope: another one would not fit to what is there.

use std::fs;
use std::path::PathBuf;

use oftp_station::station::Folder;

use crate::chance::Chance;
use crate::line::Line;
use crate::pair::{Pair, Side};
use crate::running::until;
use crate::settled;

const MIB: u64 = 1 << 20;

/// How much of the envelope goes over the line before the kill.
const BEFORE: u64 = 18 * MIB;

/// What the receiver has made safe by then, and does not want again.
const SAFE: u64 = 16 * MIB;

#[test]
fn a_secured_file_goes_on_after_a_kill_of_its_sender() {
    goes_on(Side::Alpha);
}

#[test]
fn a_secured_file_goes_on_after_a_kill_of_its_receiver() {
    goes_on(Side::Beta);
}

fn goes_on(killed: Side) {
    let mut pair = Pair::new();
    let mut chance = Chance::from(7);
    let file: Vec<u8> = (0..20 * MIB / 8)
        .flat_map(|_| chance.next().to_le_bytes())
        .collect();
    pair.submit(Side::Alpha, &[("large".to_owned(), file)]);
    let line = Line::to(pair.address(Side::Beta), Some(BEFORE));
    pair.call_at(Side::Alpha, &line.address);
    // Who answers does not call: all goes over the line.
    pair.call_at(Side::Beta, "127.0.0.1:1");
    let mut stations = Side::BOTH.map(|side| pair.run(side));
    for station in &stations {
        assert!(station.listens(), "{}", station.said());
    }
    line.wait_until_held();
    let staged = Folder::new(&pair.folder(Side::Beta)).spool_in();
    let octets = || -> u64 {
        let files = settled::files(&staged).into_iter();
        // A file may be renamed while it is looked at.
        let length = |path: PathBuf| fs::metadata(path).map_or(0, |data| data.len());
        files.map(length).sum()
    };
    until(
        || format!("{} octets are staged", octets()),
        || (octets() > SAFE).then_some(()),
    );
    let envelope = envelope(&pair);
    stations[killed as usize].kill();
    line.release();
    assert_eq!(self::envelope(&pair), envelope);
    stations[killed as usize] = pair.run(killed);
    let [alpha, beta] = &stations;
    assert!(stations[killed as usize].listens());
    settled::wait(&pair, [alpha, beta], "after the kill");
    for station in &mut stations {
        assert_eq!(station.stop(), 0, "{}", station.said());
    }
    for side in Side::BOTH {
        settled::check(&pair, side, "after the kill");
    }
    let carried = line.carried();
    let afterwards: u64 = carried[1..].iter().sum();
    let rest = envelope.len() as u64 - SAFE;
    assert!(
        afterwards < rest + MIB,
        "not more than is missing: {carried:?}"
    );
}

/// The envelope in the spool of the sender.
fn envelope(pair: &Pair) -> Vec<u8> {
    let spool = Folder::new(&pair.folder(Side::Alpha)).spool_out();
    let files = settled::files(&spool).into_iter();
    let mut envelopes = files.filter(|path| path.extension().is_some_and(|end| end == "p7m"));
    fs::read(envelopes.next().expect("an envelope")).expect("octets")
}
