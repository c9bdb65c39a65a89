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
    let stamp = |text: &str| text.parse::<Stamp>().expect("stamp");
    let take =
        |last: Option<&str>, now: &str| free_stamp(last.map(stamp), stamp(now), true).to_string();
    assert_eq!(take(None, "20261025025959"), "202610250259590001");
    assert_eq!(
        take(Some("202610250259590001"), "20261025020000"),
        "202610250300000001"
    );
    assert_eq!(
        take(Some("202610250300000001"), "20261025040000"),
        "202610250400000001"
    );
}

#[test]
fn two_processes_share_the_notes() {
    let folder = tempfile::tempdir().expect("folder");
    let open = || Outbox::open(folder.path(), false).expect("open");
    let (mut one, mut two) = (open(), open());
    let first = one.begin(subject("A", 1), None, false).expect("begin");
    let second = two.begin(subject("A", 2), None, false).expect("begin");
    assert!(
        first.stamp < second.stamp,
        "stamps of other processes count"
    );
    two.finish(&first).expect("finish");
    one.save(&second).expect("save");
    assert_eq!(one.find(&subject("A", 1)), None);
}

#[test]
fn the_file_is_written_anew_when_most_of_it_counts_no_more() {
    let folder = tempfile::tempdir().expect("folder");
    let mut other = Outbox::open(folder.path(), false).expect("open");
    let mut outbox = Outbox::open(folder.path(), false).expect("open");
    let kept = outbox
        .begin(subject("KEPT", 1), None, false)
        .expect("begin");
    let mut last = kept.stamp;
    for _ in 0..WASTE {
        let transfer = outbox.begin(subject("A", 1), None, false).expect("begin");
        outbox.finish(&transfer).expect("finish");
        last = transfer.stamp;
    }
    let octets = || {
        let file = folder.path().join("transfers.jsonl");
        fs::metadata(file).expect("file").len()
    };
    let before = octets();
    let mut anew = Outbox::open(folder.path(), false).expect("open");
    assert!(octets() < before / 100);
    assert_eq!(anew.find(&subject("KEPT", 1)), Some(&kept));
    // Who had the old file open goes on in the new one.
    let transfer = other.begin(subject("A", 1), None, false).expect("begin");
    assert!(transfer.stamp > last);
    let found = anew.begin(subject("B", 1), None, false).map(|_| ());
    found.expect("begin");
    assert_eq!(anew.find(&subject("A", 1)), Some(&transfer));
}

#[test]
fn a_line_that_a_crash_cut_short_is_passed_over() {
    let folder = tempfile::tempdir().expect("folder");
    let mut outbox = Outbox::open(folder.path(), true).expect("open");
    let whole = outbox.begin(subject("A", 1), None, false).expect("begin");
    drop(outbox.begin(subject("B", 1), None, false));
    let file = folder.path().join("transfers.jsonl");
    let octets = fs::read(&file).expect("read");
    for cut in 0..octets.len() {
        fs::write(&file, &octets[..cut]).expect("write");
        let mut outbox = Outbox::open(folder.path(), true).expect("open");
        let later = outbox.begin(subject("C", 1), None, false).expect("begin");
        let outbox = Outbox::open(folder.path(), true).expect("open");
        assert_eq!(outbox.find(&subject("C", 1)), Some(&later), "cut at {cut}");
        let first_line = octets.iter().position(|&octet| octet == b'\n');
        if first_line.is_some_and(|end| cut > end) {
            assert_eq!(outbox.find(&subject("A", 1)), Some(&whole));
        }
    }
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
