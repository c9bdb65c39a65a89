//! The inbox as a session uses it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

struct House {
    folder: TempDir,
    options: InboxOptions,
}

impl House {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("folder"),
            options: InboxOptions::default(),
        }
    }

    fn inbox(&self) -> Inbox {
        Inbox::open(self.folder.path(), self.options).expect("inbox")
    }

    fn partial_files(&self) -> usize {
        fs::read_dir(self.folder.path().join(".partial"))
            .expect("partial")
            .count()
    }
}

fn offer(dsn: &str, format: Format, blocks: u64) -> Offer {
    Offer {
        identity: Identity {
            date: Field::new("20260131"),
            time: Field::new("1204550001"),
            dsn: Field::new(dsn),
            originator: Field::new("OA"),
            destination: Field::new("OB"),
        },
        partner: Field::new("OA"),
        format,
        blocks,
        attributes: BTreeMap::from([("SFIDUSER".to_owned(), Field::new("X"))]),
    }
}

#[test]
fn a_file_is_published_once() {
    let house = House::new();
    let offer = offer("INVOICE", Format::Unstructured, 1);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(b"one ", false).expect("write");
    slot.write(b"two", true).expect("write");
    assert_eq!(
        slot.counts(),
        Counts {
            octets: 7,
            records: 0
        }
    );
    let path = slot.publish().expect("publish");
    assert_eq!(fs::read(&path).expect("file"), b"one two");
    assert_eq!(
        path.file_name().expect("name"),
        "20260131.1204550001.INVOICE.OA.OB"
    );
    assert_eq!(house.partial_files(), 0);
    assert!(matches!(
        house.inbox().offer(&offer),
        Err(Refusal::Duplicate { .. })
    ));
    assert_eq!(house.partial_files(), 0);
}

#[test]
fn a_second_session_is_told_to_wait() {
    let house = House::new();
    let offer = offer("A", Format::Unstructured, 1);
    let slot = house.inbox().offer(&offer).expect("slot");
    assert!(matches!(
        house.inbox().offer(&offer),
        Err(Refusal::InUse { .. })
    ));
    drop(slot);
    house.inbox().offer(&offer).expect("free again");
}

#[test]
fn a_published_file_is_never_replaced() {
    let house = House::new();
    let mut slot = house
        .inbox()
        .offer(&offer("A", Format::Unstructured, 1))
        .expect("slot");
    slot.start_at(0).expect("start");
    let other = house.folder.path().join(slot.name());
    fs::write(&other, "first").expect("write");
    assert!(matches!(
        slot.publish(),
        Err(InboxError::AlreadyThere { .. })
    ));
    assert_eq!(fs::read(&other).expect("file"), b"first");
}

#[test]
fn a_cut_transfer_goes_on_at_a_whole_block() {
    let house = House::new();
    let offer = offer("CAD", Format::Unstructured, 3);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(&[1; 2500], false).expect("write");
    slot.suspend().expect("suspend");

    let mut slot = house.inbox().offer(&offer).expect("slot");
    assert_eq!((slot.held(), slot.answer(9), slot.answer(1)), (2, 2, 1));
    assert_eq!(
        slot.start_at(2).expect("start"),
        Counts {
            octets: 2048,
            records: 0
        }
    );
    slot.write(&[2; 3], true).expect("write");
    let content = fs::read(slot.publish().expect("publish")).expect("file");
    assert_eq!(content, [vec![1; 2048], vec![2; 3]].concat());
}

/// (threat model N13)
#[test]
fn what_was_not_made_safe_does_not_count() {
    let house = House {
        options: InboxOptions {
            checkpoint_octets: 4096,
            ..InboxOptions::default()
        },
        ..House::new()
    };
    let offer = offer("CAD", Format::Unstructured, 9);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(&[1; 3000], false).expect("write");
    slot.write(&[1; 3000], false).expect("write");
    slot.write(&[1; 3000], false).expect("write");
    drop(slot);
    assert_eq!(house.inbox().offer(&offer).expect("slot").held(), 5);
}

/// (threat model N15)
#[test]
fn only_the_same_offer_of_the_same_partner_goes_on() {
    let house = House::new();
    let first = offer("A", Format::Unstructured, 9);
    let changed: [fn(&mut Offer); 4] = [
        |offer| offer.partner = Field::new("OC"),
        |offer| offer.blocks = 10,
        |offer| offer.format = Format::Text,
        |offer| {
            _ = offer
                .attributes
                .insert("SFIDUSER".to_owned(), Field::new("Y"))
        },
    ];
    let mut slot = house.inbox().offer(&first).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(&[1; 5000], false).expect("write");
    slot.suspend().expect("suspend");
    for change in changed {
        let mut other = first.clone();
        change(&mut other);
        assert_eq!(
            house.inbox().offer(&other).expect("slot").held(),
            0,
            "{other:?}"
        );
    }
    assert_eq!(house.inbox().offer(&first).expect("slot").held(), 4);
}

#[test]
fn records_are_laid_out_and_resumed() {
    for (layout, first, whole) in [
        (RecordLayout::Lf, &b"ab\n\n"[..], &b"ab\nX\n"[..]),
        (RecordLayout::Crlf, b"ab\r\n\r\n", b"ab\r\nX\r\n"),
        (RecordLayout::Length16, b"\0\x02ab\0\0", b"\0\x02ab\0\x01X"),
        (
            RecordLayout::Length32,
            b"\0\0\0\x02ab\0\0\0\0",
            b"\0\0\0\x02ab\0\0\0\x01X",
        ),
    ] {
        let options = InboxOptions {
            layout,
            ..InboxOptions::default()
        };
        let house = House {
            options,
            ..House::new()
        };
        let offer = offer("V", Format::Variable(80), 1);
        let mut slot = house.inbox().offer(&offer).expect("slot");
        slot.start_at(0).expect("start");
        slot.write(b"a", false).expect("write");
        slot.write(b"b", true).expect("write");
        slot.write(b"", true).expect("write");
        slot.write(b"open", false).expect("write");
        let name = slot.name().to_owned();
        assert_eq!(
            slot.suspend().expect("suspend"),
            Counts {
                octets: 2,
                records: 2
            }
        );
        let partial = fs::read(house.folder.path().join(".partial").join(name)).expect("partial");
        assert!(partial.starts_with(first), "{layout:?}");

        let mut slot = house.inbox().offer(&offer).expect("slot");
        assert_eq!(slot.held(), 2);
        assert_eq!(
            slot.start_at(1).expect("start"),
            Counts {
                octets: 2,
                records: 1
            }
        );
        slot.write(b"X", true).expect("write");
        assert!(!slot.is_ambiguous());
        let path = slot.publish().expect("publish");
        assert_eq!(fs::read(path).expect("file"), whole, "{layout:?}");
    }
}

#[test]
fn records_that_cannot_be_told_apart_resume_where_they_stopped_or_afresh() {
    let options = InboxOptions {
        layout: RecordLayout::Crlf,
        ..InboxOptions::default()
    };
    let house = House {
        options,
        ..House::new()
    };
    let offer = offer("V", Format::Variable(80), 1);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(b"a\r", false).expect("write");
    slot.write(b"\nb", true).expect("write");
    slot.write(b"c", true).expect("write");
    assert!(slot.is_ambiguous());
    slot.suspend().expect("suspend");
    let mut slot = house.inbox().offer(&offer).expect("slot");
    assert_eq!((slot.answer(2), slot.answer(1)), (2, 0));
    assert_eq!(
        slot.start_at(2).expect("start"),
        Counts {
            octets: 5,
            records: 2
        }
    );
}

#[test]
fn fixed_records_resume_at_a_whole_record() {
    let house = House::new();
    let offer = offer("F", Format::Fixed(4), 1);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(b"aaaa", true).expect("write");
    slot.write(b"bb", false).expect("write");
    slot.suspend().expect("suspend");
    let mut slot = house.inbox().offer(&offer).expect("slot");
    assert_eq!(
        slot.start_at(1).expect("start"),
        Counts {
            octets: 4,
            records: 1
        }
    );
    slot.write(b"cccc", true).expect("write");
    assert_eq!(
        fs::read(slot.publish().expect("publish")).expect("file"),
        b"aaaacccc"
    );
}

/// (threat model N8, N9)
#[test]
fn limits_are_kept() {
    let options = InboxOptions {
        longest_file: Some(1500),
        ..InboxOptions::default()
    };
    let house = House {
        options,
        ..House::new()
    };
    let refused = house.inbox().offer(&offer("A", Format::Unstructured, 3));
    assert!(matches!(refused, Err(Refusal::TooBig { .. })));
    let mut slot = house
        .inbox()
        .offer(&offer("A", Format::Unstructured, 2))
        .expect("slot");
    slot.start_at(0).expect("start");
    slot.write(&[0; 1500], false).expect("write");
    assert!(matches!(
        slot.write(&[0], false),
        Err(InboxError::TooBig { .. })
    ));
    drop(slot);

    let house = House::new();
    let refused = house
        .inbox()
        .offer(&offer("A", Format::Unstructured, u64::MAX));
    assert!(matches!(refused, Err(Refusal::NoSpace { .. })));
    assert_eq!(house.partial_files(), 0);
}

/// (threat model N4)
#[test]
fn a_folder_open_to_others_or_a_link_is_not_used() {
    let house = House::new();
    let partial = house.folder.path().join(".partial");
    fs::create_dir(&partial).expect("folder");
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o755)).expect("mode");
    let error = Inbox::open(house.folder.path(), house.options).expect_err("open to others");
    assert!(error.to_string().contains("chmod 700"), "{error}");

    fs::set_permissions(&partial, fs::Permissions::from_mode(0o700)).expect("mode");
    // Only root can make a folder somebody else's.
    if std::os::unix::fs::chown(&partial, Some(1), None).is_ok() {
        Inbox::open(house.folder.path(), house.options).expect_err("of another user");
    }

    fs::remove_dir(&partial).expect("remove");
    symlink("/tmp", &partial).expect("link");
    Inbox::open(house.folder.path(), house.options).expect_err("link");
}

#[test]
fn a_discarded_file_starts_afresh() {
    let house = House::new();
    let offer = offer("A", Format::Unstructured, 9);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(&[1; 5000], false).expect("write");
    slot.discard().expect("discard");
    assert_eq!(house.partial_files(), 0);
    assert_eq!(house.inbox().offer(&offer).expect("slot").held(), 0);
}

#[test]
fn a_sealed_file_counts_as_received_until_it_is_opened_or_refused() {
    let house = House::new();
    let offer = offer("DRAWING", Format::Unstructured, 1);
    let seal = || {
        let mut slot = house.inbox().offer(&offer).expect("slot");
        slot.start_at(0).expect("start");
        slot.write(b"sealed", true).expect("write");
        slot.keep_sealed().expect("kept")
    };
    let sealed = seal();
    let is_duplicate = || matches!(house.inbox().offer(&offer), Err(Refusal::Duplicate { .. }));
    assert!(is_duplicate());
    assert!(
        house.inbox().sealed_files().expect("list").is_empty(),
        "it is being opened"
    );
    let path = sealed.refused().expect("put aside");
    assert_eq!(fs::read(path).expect("file"), b"sealed");
    assert!(!is_duplicate(), "a file that was refused may come again");

    drop(seal());
    // As after a kill: another process finds it, with all that was said of it.
    let mut left = house.inbox().sealed_files().expect("list");
    let sealed = left.pop().expect("one");
    assert_eq!(sealed.offer(), &offer);
    let mut octets = Vec::new();
    std::io::Read::read_to_end(&mut sealed.reader().expect("file"), &mut octets).expect("read");
    assert_eq!(octets, b"sealed");
    let mut content = sealed.content(Format::Variable(9)).expect("place");
    content.write(b"one", true).expect("write");
    content.write(b"two", true).expect("write");
    let path = content.publish().expect("publish");
    sealed.opened().expect("removed");
    assert_eq!(fs::read(path).expect("file"), b"one\ntwo\n");
    assert!(is_duplicate());
    assert!(house.inbox().sealed_files().expect("list").is_empty());
    assert_eq!(house.partial_files(), 0);
}

#[test]
fn what_is_held_is_read_back_as_it_came() {
    for format in [Format::Unstructured, Format::Variable(80)] {
        let house = House::new();
        let offer = offer("HASHED", format, 4);
        let mut slot = house.inbox().offer(&offer).expect("slot");
        slot.start_at(0).expect("start");
        for _ in 0..40 {
            slot.write(&[b'x'; 64], true).expect("write");
        }
        slot.suspend().expect("suspend");
        let mut slot = house.inbox().offer(&offer).expect("slot");
        let held = slot.held();
        let counts = slot.start_at(held).expect("start");
        let mut read = Vec::new();
        slot.replay(|octets| read.extend_from_slice(octets))
            .expect("replay");
        assert_eq!(read, vec![b'x'; counts.octets as usize], "{format:?}");
        assert!(counts.octets >= 2048);
        slot.write(b"the rest", true).expect("write");
        let path = slot.publish().expect("publish");
        assert!(fs::read(path).expect("file").ends_with(b"xthe rest") || format.has_records());
    }
}

/// Killed between the decision and its deed, or right behind it.
#[test]
fn what_was_decided_on_an_envelope_is_done_once() {
    let house = House::new();
    let offer = offer("DRAWING", Format::Unstructured, 1);
    let mut slot = house.inbox().offer(&offer).expect("slot");
    slot.start_at(0).expect("start");
    slot.write(b"sealed", true).expect("write");
    let sealed = slot.keep_sealed().expect("kept");
    assert_eq!(sealed.verdict(), None);
    let mut content = sealed.content(Format::Unstructured).expect("place");
    content.write(b"content", true).expect("write");
    let killed = || {
        sealed.decide(Verdict::Publish)?;
        Err(InboxError::BeyondHeld { position: 0 })
    };
    content.publish_after(killed).expect_err("killed");
    drop(sealed);

    let again = || {
        house
            .inbox()
            .sealed_files()
            .expect("list")
            .pop()
            .expect("one")
    };
    let sealed = again();
    assert_eq!(sealed.verdict(), Some(Verdict::Publish));
    sealed.finish_publishing().expect("published");
    let path = sealed.published_path();
    assert_eq!(fs::read(&path).expect("file"), b"content");
    // Its reader takes it, and the station is killed once more before the envelope goes.
    fs::remove_file(&path).expect("taken");
    drop(sealed);
    let sealed = again();
    sealed.finish_publishing().expect("nothing to do");
    assert!(!path.exists(), "it is not delivered twice");
    sealed.decide(Verdict::Refuse(31)).expect("noted");
    drop(sealed);
    assert_eq!(again().verdict(), Some(Verdict::Refuse(31)));
}
