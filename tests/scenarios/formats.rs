//! Files of every format in both directions of one session: empty ones, records and lines of no
//! octets, records as long as can be, and more data than a buffer holds.

use oftp_core::mailbox::Ended;
use oftp_core::wire::{Level, RecordFormat};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

fn random(octets: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (state >> 16) as u8
    };
    (0..octets).map(next).collect()
}

/// Name, format, LRECL and records.
fn files() -> Vec<(&'static str, RecordFormat, u32, Vec<Vec<u8>>)> {
    use RecordFormat::{F, T, U, V};
    vec![
        ("U-EMPTY", U, 0, vec![Vec::new()]),
        ("T-EMPTY", T, 0, vec![Vec::new()]),
        ("F-EMPTY", F, 80, vec![]),
        ("V-EMPTY", V, 80, vec![]),
        ("U-ONE", U, 0, vec![vec![0]]),
        ("U-RANDOM", U, 0, vec![random(7_777)]),
        ("U-ZEROS", U, 0, vec![vec![0; 20_000]]),
        (
            "T-LINES",
            T,
            0,
            vec![b"UNH+1'\r\n\r\nUNT+2'\r\n".repeat(40)],
        ),
        ("F-ONE", F, 1, vec![vec![1], vec![2], vec![3]]),
        (
            "F-LONG",
            F,
            999,
            (0..9).map(|n| random(999 + n)[n..].to_vec()).collect(),
        ),
        ("V-ZERO", V, 80, vec![Vec::new(), Vec::new()]),
        (
            "V-MIXED",
            V,
            500,
            vec![random(500), Vec::new(), vec![9; 500], vec![7], Vec::new()],
        ),
    ]
}

fn send(station: &mut Station, from: &str, to: &str) {
    for (name, format, lrecl, records) in files() {
        station.send(SendFile {
            sfid: sfid(name, from, to, format, lrecl),
            records,
        });
    }
}

fn check(link: &Link, what: &str) {
    for (receiver, sender) in [(&link.called, &link.caller), (&link.caller, &link.called)] {
        for (name, format, _, records) in files() {
            let file = &receiver.inbox[name];
            assert!(file.complete, "{what} {name}");
            assert!(file.octets == records.concat(), "{what} {name}");
            if matches!(format, RecordFormat::F | RecordFormat::V) {
                assert_eq!(file.ends.len(), records.len(), "{what} {name}");
                let lengths: Vec<usize> = std::iter::once(&0)
                    .chain(&file.ends)
                    .zip(&file.ends)
                    .map(|(start, end)| end - start)
                    .collect();
                let wanted: Vec<usize> = records.iter().map(Vec::len).collect();
                assert_eq!(lengths, wanted, "{what} {name}");
            }
        }
        assert_eq!(sender.sent.len(), files().len(), "{what}");
        assert_eq!(sender.responses.len(), files().len(), "{what}");
        assert_eq!(sender.ended(), Some(&Ended::Normally), "{what}");
    }
}

#[test]
fn all_formats_go_both_ways_at_any_level_buffer_and_credit() {
    for level in [Level::V1_2, Level::V1_3, Level::V1_4, Level::V2_0] {
        for (buffer_size, window, compression) in [
            (128, 1, true),
            (128, 7, false),
            (501, 2, true),
            (99_999, 999, true),
        ] {
            let mut link = Link::with(
                |side| side.capabilities().level = level,
                |side| {
                    side.capabilities().buffer_size = buffer_size;
                    side.capabilities().window = window;
                    side.capabilities().compression = compression;
                },
            );
            send(&mut link.caller, ALPHA, BETA);
            send(&mut link.called, BETA, ALPHA);
            link.run();
            check(
                &link,
                &format!("{level} {buffer_size}/{window} {compression}"),
            );
        }
    }
}
