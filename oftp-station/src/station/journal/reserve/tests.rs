//! A disk that fills up and empties again.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use rusqlite::Connection;

use super::super::{Journal, JournalError};
use super::*;

fn reserve() -> (tempfile::TempDir, Reserve) {
    let folder = tempfile::tempdir().expect("folder");
    let reserve = Reserve::of(&folder.path().join("journal.db"));
    (folder, reserve)
}

#[test]
fn it_is_given_up_slice_by_slice_and_made_again_when_there_is_room() {
    let (folder, reserve) = reserve();
    assert!(reserve.make_way_with(u64::MAX));
    let held = fs::metadata(folder.path().join("reserve")).expect("it is there");
    assert!(held.blocks() * 512 >= OCTETS, "a hole holds no room");
    assert!(reserve.make_way_with(LOW), "a transaction fits beside it");
    assert!(!reserve.whole_with(LOW - 1), "no new files");
    assert_eq!(reserve.held(), OCTETS, "asking costs nothing");
    for left in [3, 2, 1, 0, 0] {
        assert!(!reserve.make_way_with(LOW - 1));
        assert_eq!(reserve.held(), left * SLICE);
    }
    let just_too_little = OCTETS + ENOUGH - 1;
    assert!(!reserve.make_way_with(just_too_little));
    assert_eq!(reserve.held(), 0, "it must not come and go");
    assert!(reserve.whole_with(just_too_little + 1));
    assert_eq!(reserve.held(), OCTETS);
}

#[test]
fn one_that_is_not_whole_is_made_whole() {
    let (folder, reserve) = reserve();
    for octets in [4, OCTETS * 2] {
        let file = File::create(folder.path().join("reserve")).expect("a file");
        file.set_len(octets).expect("a length");
        assert!(reserve.whole_with(u64::MAX));
        assert_eq!(reserve.held(), OCTETS);
    }
}

#[test]
fn where_it_cannot_be_made_no_new_files_are_taken() {
    let (folder, reserve) = reserve();
    drop(folder);
    assert!(!reserve.whole_with(u64::MAX));
}

fn note(connection: &Connection, octets: usize) -> Result<(), JournalError> {
    let mut insert =
        connection.prepare("INSERT OR REPLACE INTO fact (name, value) VALUES (?1, ?2)")?;
    insert.execute(rusqlite::params![
        format!("test {octets}"),
        "x".repeat(octets)
    ])?;
    Ok(())
}

#[test]
fn a_transaction_that_does_not_fit_makes_room_for_the_next() {
    let folder = tempfile::tempdir().expect("folder");
    let journal = Journal::open(&folder.path().join("journal.db")).expect("open");
    let free = Reserve::of(&folder.path().join("journal.db")).free();
    if free < 2 * (OCTETS + ENOUGH) {
        eprintln!("SKIPPED: this disk is full");
        return;
    }
    assert!(journal.has_room());
    // SQLite says the same of a limit of its own as of a full disk.
    let full = journal.write(|connection| {
        connection.pragma_update(None, "max_page_count", 60)?;
        note(connection, 1 << 20)
    });
    assert!(matches!(full, Err(JournalError::Full)), "{full:?}");
    let held = fs::metadata(folder.path().join("reserve")).expect("it is there");
    assert_eq!(held.len(), OCTETS - SLICE);
    assert!(!journal.has_room(), "not at once: it may be a quota");
    assert_eq!(journal.broken(), None);
    journal
        .write(|connection| note(connection, 10))
        .expect("it fits");
}

/// Set to the folder of a small disk for the process that fills it.
const SMALL_DISK: &str = "OFTP_TEST_SMALL_DISK";

/// Runs itself once more with a small disk of its own.
#[test]
fn on_a_full_disk_the_states_of_running_files_are_written_and_new_files_are_not_taken() {
    if let Some(folder) = std::env::var_os(SMALL_DISK) {
        return fill_it(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("folder");
    let mount = format!(
        "mount -t tmpfs -o size=12m none {}",
        folder.path().display()
    );
    let run = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &format!("{mount} && {then}"), "sh"]);
        command
    };
    let can = run("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: a real full disk needs Linux, root, and the right to mount");
        return;
    }
    let name = std::thread::current().name().expect("a name").to_owned();
    let output = run("exec \"$@\"")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", &name, "--nocapture"])
        .env(SMALL_DISK, folder.path())
        .output()
        .expect("a process");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

fn fill_it(folder: &Path) {
    let journal = Journal::open(&folder.join("journal.db")).expect("open");
    journal
        .write(|connection| note(connection, 1))
        .expect("room");
    assert!(journal.has_room());
    let mut other = File::create(folder.join("other")).expect("a file");
    let block = [0; 4096];
    while other.write_all(&block).is_ok() {}
    assert!(!journal.has_room());
    // Nothing would fit without the reserve; and now and then others take all that they can get.
    for round in 0..24 {
        journal
            .write(move |connection| note(connection, 2_000 + round))
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        if round % 12 == 0 {
            while other.write_all(&block).is_ok() {}
        }
    }
    assert!(!journal.has_room());
    assert_eq!(journal.broken(), None);
    other.set_len(0).expect("room again");
    assert!(journal.has_room());
    journal.check().expect("sound");
}
