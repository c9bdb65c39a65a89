//! Holding, cancelling, sending again.

use std::fs;

use serde_json::json;

use super::super::{DAY, ManageError, cancel, hold, hold_partner};
use super::{Station, new_file};
use crate::station::config::Retention;
use crate::station::journal::event::{self, Kind};
use crate::station::journal::file::{self, Change, FileKey, FileState, Filter, Stamping};
use crate::station::journal::{now, partner};

#[test]
fn a_held_file_is_not_sent_until_it_is_released() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    let sendable = || {
        let rows = station
            .journal
            .read(|connection| file::sendable(connection, "beta", now(), 9));
        rows.expect("read").len()
    };
    assert_eq!(sendable(), 1);
    assert!(hold(&station.journal, key, true).expect("held").held);
    hold(&station.journal, key, true).expect("held already");
    assert_eq!(sendable(), 0);
    let later = Change {
        retry_at: Some(Some(now() + DAY)),
        ..Change::default()
    };
    station.write(move |connection| file::update(connection, key, later));
    let row = hold(&station.journal, key, false).expect("released");
    assert_eq!((row.held, row.retry_at), (false, None), "at once");
    assert_eq!(sendable(), 1);
    let kinds = station.kinds(key);
    assert_eq!(kinds, [Kind::FileQueued, Kind::FileHeld, Kind::FileHeld]);
}

#[test]
fn only_what_waits_to_be_sent_is_held() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    station.lead(key, &[FileState::EfidSent, FileState::Sent]);
    let incoming = station.receive("ORDER");
    for (key, why) in [
        (key, "it is sent"),
        (incoming, "it comes from beta"),
        (FileKey(99), "no file 99"),
    ] {
        let error = hold(&station.journal, key, true).expect_err("no");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_partner_is_held_once() {
    let station = Station::new();
    for held in [true, true, false, false] {
        hold_partner(&station.journal, "beta", held).expect("held");
        let known = station.journal.read(partner::all).expect("read");
        assert_eq!(known.get("beta").map(|row| row.held), Some(held));
    }
    let lines = station
        .journal
        .read(|connection| event::after(connection, 0, 9));
    let lines = lines.expect("read");
    let held: Vec<_> = lines.iter().map(|row| (row.kind, &row.detail)).collect();
    let expected = [json!({"held": true}), json!({"held": false})];
    assert_eq!(
        held,
        [
            (Kind::PartnerHeld, &expected[0]),
            (Kind::PartnerHeld, &expected[1])
        ]
    );
}

#[test]
fn what_is_cancelled_leaves_the_spool() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    let other = station.queue("INVOICE-2").key;
    let spool = station.folder.spool_out();
    fs::write(spool.join("INVOICE-spool.p7m"), "envelope").expect("envelope");
    let row = station.cancel(key, false).expect("cancelled");
    assert_eq!(row.state, FileState::Cancelled);
    assert_eq!(station.spooled(), ["INVOICE-2-spool"], "of it alone");
    station.lead(other, &[FileState::Failed]);
    station.cancel(other, false).expect("what failed, too");
    assert_eq!(station.spooled(), [""; 0]);
}

#[test]
fn octets_that_another_file_needs_stay() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    let mut twin = new_file("ORDER", false);
    twin.spool = "INVOICE-spool".to_owned();
    station.write(move |connection| {
        file::enqueue(connection, twin, Stamping::Kept, FileState::Queued)
    });
    station.cancel(key, false).expect("cancelled");
    assert_eq!(station.spooled(), ["INVOICE-spool"]);
}

#[test]
fn what_the_partner_may_have_is_not_cancelled() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    station.lead(key, &[FileState::EfidSent]);
    let error = station.cancel(key, false).expect_err("it may be there");
    assert!(error.to_string().contains("--force"), "{error}");
    assert!(error.is_refusal());
    assert_eq!(station.row(key).state, FileState::EfidSent);
    station.lead(key, &[FileState::Sent]);
    for force in [false, true] {
        let error = station.cancel(key, force).expect_err("it is there");
        assert!(error.to_string().contains("beta has it"), "{error}");
    }
    let incoming = station.receive("ORDER");
    station.cancel(incoming, true).expect_err("not ours");
    assert_eq!(station.spooled(), ["INVOICE-spool"]);
    let forced = station.queue("LOST").key;
    station.lead(forced, &[FileState::EfidSent]);
    station.cancel(forced, true).expect("a person knows better");
}

#[test]
fn what_is_sent_again_has_another_stamp_and_the_same_octets() {
    let station = Station::new();
    let old = station.queue("INVOICE");
    station.lead(old.key, &[FileState::Failed]);
    let new = station.resend(old.key, false).expect("queued");
    assert_ne!(new.key, old.key);
    assert_eq!(new.state, FileState::Queued);
    assert_ne!(new.sfid.stamp, old.sfid.stamp);
    assert_eq!((new.octets, new.sfid.fsiz), (7, 1));
    assert_eq!((new.sfid.dsn, &new.name), (old.sfid.dsn, &old.name));
    assert_ne!(new.spool, old.spool);
    let octets = fs::read(station.folder.spool_out().join(&new.spool)).expect("spool");
    assert_eq!(octets, b"content");
    assert_eq!(
        station.row(old.key).state,
        FileState::Failed,
        "it stays what it was"
    );
    assert_eq!(station.kinds(old.key).last(), Some(&Kind::FileResent));
    assert_eq!(station.kinds(new.key), [Kind::FileQueued, Kind::FileResent]);
    // The old one may go: the new one does not need it.
    station.cancel(old.key, false).expect("cancelled");
    assert_eq!(station.spooled(), [new.spool]);
}

#[test]
fn what_is_gone_cannot_be_sent_again() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    station.cancel(key, false).expect("cancelled");
    let error = station.resend(key, false).expect_err("gone");
    assert!(matches!(error, ManageError::Gone(_)), "{error}");
    assert!(
        error.is_refusal() && error.to_string().contains("spool"),
        "{error}"
    );
    let found = station
        .journal
        .read(|c| file::history(c, &Filter::default()));
    assert_eq!(found.expect("read").len(), 1, "nothing is queued");
}

#[test]
fn what_was_cancelled_can_be_sent_again_where_copies_are_kept() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    let (journal, folder) = (&station.journal, &station.folder);
    cancel(journal, folder, &Retention::default(), None, key, false).expect("cancelled");
    assert_eq!(station.spooled(), [""; 0]);
    let new = station.resend(key, false).expect("queued");
    let octets = fs::read(folder.spool_out().join(&new.spool)).expect("spool");
    assert_eq!(octets, b"content");
}

#[test]
fn only_what_is_over_is_sent_again() {
    let station = Station::new();
    let key = station.queue("INVOICE").key;
    station.resend(key, true).expect_err("it goes by itself");
    station.lead(key, &[FileState::EfidSent, FileState::Sent]);
    let error = station
        .resend(key, false)
        .expect_err("its response may come");
    assert!(error.to_string().contains("--force"), "{error}");
    station.resend(key, true).expect("a person knows better");
    let incoming = station.receive("ORDER");
    station.resend(incoming, true).expect_err("not ours");
}

#[test]
fn what_is_held_for_a_name_that_is_taken_goes_under_another_time() {
    let station = Station::new();
    let old = station.queue("INVOICE");
    hold(&station.journal, old.key, true).expect("held");
    let new = station.resend(old.key, false).expect("queued");
    assert_ne!(new.sfid.stamp, old.sfid.stamp);
    assert!(!new.held);
    let octets = fs::read(station.folder.spool_out().join(&new.spool)).expect("spool");
    assert_eq!(octets, b"content");
    assert_eq!(
        station.row(old.key).state,
        FileState::Cancelled,
        "it does not go besides"
    );
    hold(&station.journal, old.key, false).expect_err("nor ever again");
}

#[test]
fn what_is_forwarded_keeps_its_stamp() {
    let station = Station::new();
    let old = station.queue_plan("INVOICE", true);
    station.lead(old.key, &[FileState::Failed]);
    let again = station.resend(old.key, false).expect("queued");
    assert_eq!((again.key, again.state), (old.key, FileState::Queued));
    assert_eq!(again.sfid, old.sfid);
    station.lead(old.key, &[FileState::Rejected]);
    let error = station
        .resend(old.key, false)
        .expect_err("its response has gone back");
    assert!(error.to_string().contains("OALPHA"), "{error}");
}
