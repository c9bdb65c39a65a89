//! Files that are submitted, their ends, and what is kept no longer.

use std::fs;
use std::time::{Duration, SystemTime};

use oftp_core::wire::{Level, RecordFormat};

use super::super::config::Retention;
use super::super::fixture::{Place, code, old, partner, plain};
use super::super::journal::event::{self, Kind};
use super::super::journal::file::{Change, FileState};
use super::super::journal::{file, now};
use super::super::plan::Plan;
use super::dispose::put_away;
use super::*;
use crate::records::Format;

fn submission(octets: &'static [u8], name: &str, wishes: Wishes) -> Submission {
    Submission {
        content: Content::Reader(Box::new(octets)),
        name: name.to_owned(),
        wishes,
    }
}

fn submit_to(place: &Place, file: Submission) -> Result<FileRow, IntakeError> {
    submit(&place.journal, &place.config, place.partner(), file)
}

fn spool(place: &Place) -> Vec<String> {
    Place::names(&place.folder().spool_out())
}

/// Leads a file through these states.
fn lead(place: &Place, row: &FileRow, states: &[FileState]) -> FileRow {
    let (key, states) = (row.key, states.to_vec());
    let row = place.journal.write(move |db| {
        for state in states {
            file::change(db, key, state, Change::default(), &serde_json::json!({}))?;
        }
        file::get(db, key)
    });
    row.expect("row")
}

#[test]
fn a_file_is_queued_as_it_is_given() {
    let place = Place::new();
    let local = place.temporary.path().join("invoice_42.edi");
    fs::write(&local, vec![b'x'; 1500]).expect("file");
    let row = submit_to(&place, Submission::of_path(local.clone())).expect("queued");
    assert_eq!(row.state, FileState::Queued);
    assert_eq!((row.name.as_str(), row.octets), ("invoice_42.edi", 1500));
    assert_eq!(
        row.path.as_deref(),
        Some(local.canonicalize().expect("path")).as_deref()
    );
    let sfid = &row.sfid;
    assert_eq!(sfid.dsn.trimmed(), b"INVOICE-42.EDI");
    assert_eq!((sfid.fsiz, sfid.osiz, sfid.fmt), (2, 2, RecordFormat::U));
    assert_eq!((sfid.orig, sfid.dest), (code("OSELF"), code("OBETA")));
    assert!(local.exists(), "the caller's file is his");
    assert_eq!(spool(&place), [row.spool.as_str()]);
    let kept = fs::read(place.folder().spool_out().join(&row.spool)).expect("spool");
    assert_eq!(kept, vec![b'x'; 1500]);
    let again = place.restarted();
    assert_eq!(again.rows(), [row]);
}

#[test]
fn the_same_name_twice_gets_two_stamps() {
    let mut beta = partner("beta");
    beta.seconds_only = true;
    let place = Place::with(vec![beta]);
    let stamps: Vec<_> = (0..3)
        .map(|_| submit_to(&place, submission(b"x", "a", Wishes::default())).expect("queued"))
        .map(|row| row.sfid.stamp.for_level(Level::V1_3).to_string())
        .collect();
    assert!(stamps[0] != stamps[1] && stamps[1] != stamps[2] && stamps[0] != stamps[2]);
}

#[test]
fn what_the_caller_says_counts() {
    let place = Place::new();
    let wishes = Wishes {
        dsn: Some("ORDERS".to_owned()),
        description: Some("Bestellung für Köln".to_owned()),
        destination: Some(code("OGAMMA")),
        originator: Some(code("OPLANT2")),
        user_data: Some("NIGHT".to_owned()),
        format: Some(Format::Variable(0)),
        layout: Some(RecordLayout::Lf),
        priority: Some(1),
        held: true,
        ..Wishes::default()
    };
    let row = submit_to(&place, submission(b"one\nthree\n\n", "x", wishes)).expect("queued");
    let sfid = &row.sfid;
    assert_eq!(sfid.dsn.trimmed(), b"ORDERS");
    assert_eq!(sfid.desc.to_string(), "Bestellung für Köln");
    assert_eq!((sfid.orig, sfid.dest), (code("OPLANT2"), code("OGAMMA")));
    assert_eq!(sfid.user.trimmed(), b"NIGHT");
    assert_eq!((sfid.fmt, sfid.lrecl), (RecordFormat::V, 5));
    assert_eq!((row.priority, row.held), (1, true));
    assert_eq!((row.octets, row.records), (8, 3));
    assert_eq!(row.layout, RecordLayout::Length32);
    let kept = fs::read(place.folder().spool_out().join(&row.spool)).expect("spool");
    assert_eq!(kept, b"\0\0\0\x03one\0\0\0\x05three\0\0\0\0");
    let plan = Plan::from_json(&row.plan).expect("plan");
    assert_eq!(plan.format, Format::Variable(5));
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let place = Place::with(vec![old(partner("beta"))]);
    let format = |format| Wishes {
        format: Some(format),
        ..Wishes::default()
    };
    let dsn = |dsn: &str| Wishes {
        dsn: Some(dsn.to_owned()),
        ..Wishes::default()
    };
    let signed = Wishes {
        protection: Some(Protection {
            signed_response: true,
            ..plain()
        }),
        ..Wishes::default()
    };
    for (octets, wishes, told) in [
        (&b"abcde"[..], format(Format::Fixed(4)), "record 2 has 1"),
        (
            b"abc\nlonger\n",
            format(Format::Variable(4)),
            "record 2 has 6",
        ),
        (b"x", dsn("A-NAME-OF-MORE-THAN-26-OCTETS"), "26 of A-Z"),
        (b"x", dsn("small"), "dataset name"),
        (b"x", dsn(""), "dataset name"),
        (b"x", signed, "needs level 2.0"),
        (
            b"x",
            Wishes {
                priority: Some(10),
                ..Wishes::default()
            },
            "priority 10",
        ),
    ] {
        let error = submit_to(&place, submission(octets, "file", wishes)).expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.is_the_files(), "{error}");
        assert_eq!(spool(&place), [""; 0], "{error}");
    }
    assert_eq!(place.rows(), []);
}

#[test]
fn a_size_that_the_level_cannot_tell_is_refused() {
    let place = Place::with(vec![old(partner("beta")), partner("gamma")]);
    let facts = |octets| crate::outbox::Facts {
        format: Format::Unstructured,
        octets,
        records: 0,
        local_octets: octets,
        modified: SystemTime::now(),
    };
    let check = |partner: &PartnerConfig, octets| {
        let wanted = Wanted::decide(&place.config, partner, "x", &Wishes::default());
        let nowhere = std::path::Path::new("x");
        let layout = RecordLayout::Length32;
        let facts = facts(octets);
        wanted
            .expect("fits")
            .check_facts(partner, &place.config, "x", nowhere, layout, &facts)
    };
    let [beta, gamma] = &place.config.partners[..] else {
        panic!("two partners");
    };
    let limit = 9_999_999 * 1024;
    check(beta, limit).expect("just fits");
    let error = check(beta, limit + 1).expect_err("7 digits");
    assert!(matches!(error, IntakeError::TooBig { .. }), "{error}");
    check(gamma, limit + 1).expect("level 2.0");
}

#[test]
fn a_long_record_cannot_be_secured() {
    let place = Place::new();
    let wishes = |longest, compress| Wishes {
        format: Some(Format::Variable(longest)),
        protection: Some(Protection {
            compress,
            ..plain()
        }),
        ..Wishes::default()
    };
    let long: &'static [u8] = vec![b'x'; 65_536].leak();
    for longest in [0, 99_999] {
        let error = submit_to(&place, submission(long, "x", wishes(longest, Some(6))))
            .expect_err("no room for its length");
        assert!(
            matches!(error, IntakeError::LongRecord { octets: 65_536, .. }),
            "{error}"
        );
    }
    submit_to(&place, submission(b"short\n", "x", wishes(99_999, Some(6)))).expect("fits");
    submit_to(&place, submission(long, "x", wishes(0, None))).expect("not secured");
}

#[test]
fn a_missing_key_is_told_at_once() {
    let place = Place::new();
    let wishes = Wishes {
        protection: Some(Protection {
            sign: true,
            ..plain()
        }),
        ..Wishes::default()
    };
    let error = submit_to(&place, submission(b"x", "x", wishes)).expect_err("no key");
    assert!(matches!(error, IntakeError::Key { .. }), "{error}");
}

#[test]
fn the_copy_of_a_file_that_is_over_is_kept_in_sent() {
    let place = Place::new();
    let keep = place.config.retention;
    let row = submit_to(&place, submission(b"x", "a/b", Wishes::default())).expect("queued");
    let envelope = spool::entry(&place.folder().spool_out(), &row.spool, spool::ENVELOPE);
    fs::write(&envelope, b"sealed").expect("envelope");
    put_away(place.folder(), &keep, &row).expect("nothing to do");
    assert_eq!(spool(&place).len(), 2, "its end response has not come");
    let sent = lead(&place, &row, &[FileState::EfidSent, FileState::Sent]);
    put_away(place.folder(), &keep, &sent).expect("nothing to do");
    assert_eq!(spool(&place).len(), 2, "its end response has not come");
    let done = lead(&place, &row, &[FileState::Done]);
    for _ in 0..2 {
        put_away(place.folder(), &keep, &done).expect("put away");
        assert_eq!(spool(&place), [""; 0]);
        assert_eq!(Place::names(&place.folder().sent("beta")), ["1-a-b"]);
    }
    assert_eq!(
        fs::read(sent_copy(place.folder(), &done)).expect("copy"),
        b"x"
    );
}

#[test]
fn a_copy_that_nobody_keeps_is_removed_and_what_failed_stays() {
    let place = Place::new();
    let keep_none = Retention {
        sent: None,
        ..Retention::default()
    };
    let row = submit_to(&place, submission(b"x", "a", Wishes::default())).expect("queued");
    let failed = lead(&place, &row, &[FileState::Failed]);
    put_away(place.folder(), &keep_none, &failed).expect("nothing to do");
    assert_eq!(spool(&place).len(), 1, "`resend` needs it");
    let cancelled = lead(&place, &row, &[FileState::Cancelled]);
    put_away(place.folder(), &keep_none, &cancelled).expect("removed");
    assert_eq!(spool(&place), [""; 0]);
    assert_eq!(Place::names(&place.folder().sent("beta")), [""; 0]);
}

#[test]
fn orphans_are_removed_when_they_are_old_and_files_without_a_row_are_told() {
    let place = Place::new();
    let folder = place.folder().spool_out();
    let queued = submit_to(&place, submission(b"q", "q", Wishes::default())).expect("queued");
    let over = submit_to(&place, submission(b"o", "o", Wishes::default())).expect("queued");
    lead(&place, &over, &[FileState::Done]);
    let lost = spool::fresh_name();
    for name in [
        format!("{}.new", spool::fresh_name()),
        format!("{}.p7m", spool::fresh_name()),
        format!("{}.taken", queued.spool),
        format!("{}.p7m.new", queued.spool),
        lost.clone(),
        "README".to_owned(),
        "forward-7-0".to_owned(),
    ] {
        fs::write(folder.join(name), b"left").expect("orphan");
    }
    let orphans = |now| {
        remove_orphans(&place.journal, place.folder(), &place.config.retention, now)
            .expect("looked through")
    };
    let now = SystemTime::now();
    let first = orphans(now);
    assert_eq!(first.removed, 1, "the copy of what is over");
    assert_eq!(
        first.unknown,
        [folder.join("README")],
        "the others are young"
    );
    assert_eq!(Place::names(&place.folder().sent("beta")), ["2-o"]);
    let later = orphans(now + Duration::from_secs(25 * 3600));
    assert_eq!(later.removed, 4);
    // What a spool file is called is chance.
    let mut unknown = [folder.join(&lost), folder.join("README")];
    unknown.sort();
    assert_eq!(later.unknown, unknown);
    let passed_on = "forward-7-0".to_owned();
    let mut left = vec![queued.spool, lost, "README".to_owned(), passed_on];
    left.sort();
    assert_eq!(spool(&place), left);
}

#[test]
fn what_is_old_is_kept_no_longer() {
    const DAY: i64 = 24 * 3600 * 1000;
    let place = Place::new();
    let mut rows = Vec::new();
    for name in ["done", "open"] {
        rows.push(submit_to(&place, submission(b"x", name, Wishes::default())).expect("queued"));
    }
    let done = lead(&place, &rows[0], &[FileState::Done]);
    put_away(place.folder(), &place.config.retention, &done).expect("put away");
    fs::write(place.folder().sent("beta").join("note"), b"mine").expect("file");
    let alarm = |db: &rusqlite::Connection| {
        event::note(db, Kind::Alarm, None, None, &serde_json::json!({}))
    };
    place.journal.write(alarm).expect("noted");
    let today = now();
    assert_eq!(
        prune(&place.journal, &place.config, today).expect("pruned"),
        Pruned::default()
    );
    // A clock that jumps makes nothing old: a day counts at most.
    let jumped = prune(&place.journal, &place.config, today + 500 * DAY);
    assert_eq!(jumped.expect("pruned"), Pruned::default());
    let mut all = Pruned::default();
    for day in 2..=401 {
        let pruned = prune(&place.journal, &place.config, today + day * DAY).expect("pruned");
        all.files += pruned.files;
        all.events += pruned.events;
        all.copies += pruned.copies;
        if day == 32 {
            assert_eq!((all.files, all.events, all.copies), (0, 1, 1));
        }
    }
    assert_eq!((all.files, all.events, all.copies), (1, 1, 1));
    let left: Vec<_> = place.rows().into_iter().map(|row| row.name).collect();
    assert_eq!(left, ["open"]);
    assert_eq!(Place::names(&place.folder().sent("beta")), ["note"]);
}
