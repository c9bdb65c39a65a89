//! `oftp hold`, `release`, `cancel` and `resend`.

use oftp_station::station::journal::file::{self, FileKey, FileState};
use oftp_station::station::journal::{now, partner};

use crate::common::{Station, entries};

#[test]
fn holding_and_releasing() {
    let station = Station::new();
    let key = station.queue("INVOICE");
    let sendable = || {
        let rows = station
            .journal
            .read(|connection| file::sendable(connection, "beta", now(), 9));
        rows.expect("read").len()
    };
    let said = station.oftp(&["hold", "1"]).exits(0);
    assert_eq!(said.lines(), ["file 1 is held"]);
    assert_eq!(sendable(), 0);
    let waits = station.oftp(&["queue"]).exits(0);
    assert!(waits.out.contains("a person"), "{waits}");
    let told = station.oftp(&["release", "1", "--json"]).exits(0).json();
    assert_eq!(told[0]["held"], false);
    assert_eq!(sendable(), 1);
    station.lead(key, &[FileState::Done]);
    station.oftp(&["hold", "1"]).exits(2).says("it is done");
}

#[test]
fn holding_a_partner() {
    let station = Station::new();
    let held = || {
        let known = station.journal.read(partner::all).expect("read");
        known.get("beta").is_some_and(|row| row.held)
    };
    station.oftp(&["hold", "--partner", "beta"]).exits(0);
    assert!(held());
    station.oftp(&["release", "--partner", "beta"]).exits(0);
    assert!(!held());
    let said = station.oftp(&["hold", "--partner", "delta"]).exits(2);
    said.says("it has: beta, gamma");
    station.oftp(&["hold"]).exits(2);
    station.oftp(&["hold", "1", "--partner", "beta"]).exits(2);
}

#[test]
fn what_cannot_be_done_to_one_file_is_done_to_the_others() {
    let station = Station::new();
    station.queue("INVOICE");
    station.queue("ORDER");
    let said = station.oftp(&["hold", "1", "99", "2"]).exits(2);
    assert_eq!(said.lines(), ["file 1 is held", "file 2 is held"]);
    said.says("no file 99");
}

#[test]
fn cancelling_and_its_refusals() {
    let station = Station::new();
    station.queue("INVOICE");
    station.oftp(&["cancel", "1"]).exits(0);
    assert_eq!(station.row(FileKey(1)).state, FileState::Cancelled);
    assert_eq!(station.spooled(), 0);
    station
        .oftp(&["cancel", "1"])
        .exits(2)
        .says("it is cancelled already");
    let sent = station.queue("ORDER");
    station.lead(sent, &[FileState::EfidSent]);
    station
        .oftp(&["cancel", "2"])
        .exits(2)
        .says("beta may have it");
    station.lead(sent, &[FileState::Sent]);
    station
        .oftp(&["cancel", "2", "--force"])
        .exits(2)
        .says("beta has it");
    station.receive("DELIVERY");
    station
        .oftp(&["cancel", "3"])
        .exits(2)
        .says("it comes from beta");
    assert_eq!(station.spooled(), 1);
}

#[test]
fn sending_again_under_a_new_stamp() {
    let station = Station::new();
    let old = station.queue("INVOICE");
    station
        .oftp(&["resend", "1"])
        .exits(2)
        .says("goes by itself");
    station.lead(old, &[FileState::Failed]);
    let told = station.oftp(&["resend", "1", "--json"]).exits(0).json();
    assert_eq!(
        (told[0]["id"].as_i64(), told[0]["dsn"].as_str()),
        (Some(2), Some("INVOICE"))
    );
    let (old, new) = (station.row(old), station.row(FileKey(2)));
    assert_ne!(new.sfid.stamp, old.sfid.stamp);
    assert_eq!(new.state, FileState::Queued);
    let octets = std::fs::read(station.folder.spool_out().join(&new.spool)).expect("spool");
    assert_eq!(octets, b"content");
}

#[test]
fn sending_again_from_the_copy_that_is_kept() {
    let station = Station::new();
    station.queue("INVOICE");
    station.oftp(&["cancel", "1"]).exits(0);
    let sent = station.folder.sent("beta");
    assert_eq!(entries(&sent), 1);
    station.oftp(&["resend", "1"]).exits(0);
    assert_eq!(station.spooled(), 1);
    for entry in std::fs::read_dir(&sent).expect("folder") {
        std::fs::remove_file(entry.expect("entry").path()).expect("removed");
    }
    let said = station.oftp(&["resend", "1"]).exits(2);
    said.says("any more").says("oftp send beta");
    assert_eq!(station.spooled(), 1);
}

#[test]
fn a_fault_in_the_configuration_keeps_nobody_from_steering() {
    let station = Station::new();
    station.queue("INVOICE");
    std::fs::write(station.folder.config(), "[station]\nid = 7\n").expect("oftp.toml");
    for command in [
        &["hold", "--partner", "beta"][..],
        &["cancel", "1"],
        &["resend", "1"],
        &["call", "beta"],
    ] {
        station.oftp(command).exits(0).says("oftp.toml:2");
    }
    for name in ["delta", "../inbox", ".", ""] {
        station.oftp(&["hold", "--partner", name]).exits(2);
    }
}
