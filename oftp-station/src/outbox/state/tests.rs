//! What is remembered of transfers.

use super::*;

fn subject(dsn: &str, octets: u64) -> Subject {
    Subject {
        path: PathBuf::from("/tmp/a"),
        octets,
        modified: SystemTime::UNIX_EPOCH,
        partner: Field::new("OB"),
        dsn: Field::new(dsn),
        originator: Field::new("OA"),
        destination: Field::new("OB"),
        format: "U".to_owned(),
    }
}

#[test]
fn a_cut_transfer_is_found_again_with_its_stamp() {
    let folder = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(folder.path(), true).expect("open");
    let mut transfer = outbox.begin(subject("A", 1), None, false).expect("begin");
    (transfer.sent, transfer.phase) = (7, Phase::EfidSent);
    outbox.save(&transfer).expect("save");

    let mut outbox = Outbox::open(folder.path(), true).expect("open again");
    assert_eq!(outbox.find(&subject("A", 1)), Some(&transfer));
    assert_eq!(
        outbox.find(&subject("A", 2)),
        None,
        "a changed file is another file"
    );
    outbox.finish(&transfer).expect("finish");
    assert_eq!(outbox.transfers().count(), 0);
    assert_eq!(
        Outbox::open(folder.path(), true)
            .expect("open")
            .transfers()
            .count(),
        0
    );
}

#[test]
fn stamps_are_unique_even_for_finished_transfers() {
    let folder = tempfile::tempdir().expect("folder");
    for seconds_only in [false, true] {
        let mut last = None;
        for _ in 0..20 {
            let mut outbox = Outbox::open(folder.path(), false).expect("open");
            let transfer = outbox
                .begin(subject("A", 1), None, seconds_only)
                .expect("begin");
            outbox.finish(&transfer).expect("finish");
            assert!(last < Some(transfer.stamp));
            last = Some(transfer.stamp);
        }
    }
}

#[test]
fn a_clock_that_is_set_back_repeats_no_stamp() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("A");
    let take = |now: &str| {
        let now = now.parse().expect("stamp");
        take_stamp(&path, now, true, false)
            .expect("stamp")
            .to_string()
    };
    assert_eq!(take("20261025025959"), "202610250259590001");
    assert_eq!(take("20261025020000"), "202610250300000001");
    assert_eq!(take("20261025040000"), "202610250400000001");
}

#[test]
fn a_stamp_of_the_user_is_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(folder.path(), true).expect("open");
    let stamp = "202601311204550042".parse().expect("stamp");
    let transfer = outbox
        .begin(subject("../A", 1), Some(stamp), false)
        .expect("begin");
    assert_eq!(transfer.stamp, stamp);
}
