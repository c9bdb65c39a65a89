//! Local files and options that are not what they should be.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use oftp_core::wire::{Cdt, Command, CommandCode, Level, Sfpa, Ssid, Ssrm};

use crate::common::{Peer, Place, Process, Run, noise, ssid};

/// A partner that takes a file one buffer at a time, and lets `act` happen after the first.
fn slow_partner(act: impl FnOnce() + Send + 'static) -> (SocketAddr, JoinHandle<CommandCode>) {
    let partner = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::accept(&partner, Level::V2_0);
        peer.send(&Command::Ssrm(Ssrm));
        peer.expect(CommandCode::Ssid);
        let ssid = ssid("OBETA", Level::V2_0);
        peer.send(&Command::Ssid(Ssid { cred: 1, ..ssid }));
        peer.expect_sfid();
        peer.send(&Command::Sfpa(Sfpa { acnt: 0 }));
        peer.expect(CommandCode::Data);
        act();
        loop {
            peer.send(&Command::Cdt(Cdt));
            match peer.receive().expect("an open session").code() {
                CommandCode::Data => {}
                last => return last,
            }
        }
    });
    (address, script)
}

/// Does this to a file of 1 MB while it is sent; the last command of the sender, and its run.
fn while_sent(act: impl FnOnce(&std::path::Path) + Send + 'static) -> (Place, CommandCode, Run) {
    let place = Place::new();
    let path = place.write("file", noise(1_000_000));
    let (address, script) = slow_partner(move || act(&path));
    let run = place.send(address, &["file", "--no-wait-eerp"]);
    (place, script.join().expect("the partner"), run)
}

#[test]
fn a_file_that_shrinks_while_it_is_sent() {
    let (place, last, run) = while_sent(|path| {
        let file = File::options().write(true).open(path).expect("a file");
        file.set_len(300_000).expect("a shorter file");
    });
    assert_eq!(
        last,
        CommandCode::Esid,
        "the partner must not take it for whole"
    );
    run.exits(11)
        .says("changed while it was sent; send it again when nobody writes to it");
    let listener = place.listen(&["--once"]);
    place.send(listener.address, &["file"]).exits(0);
    listener.finish().exits(0);
    assert!(
        place.contents() == [&noise(1_000_000)[..300_000]],
        "what it is now"
    );
}

#[test]
fn a_file_that_is_changed_while_it_is_sent() {
    let (_, last, run) = while_sent(|path| {
        let mut file = File::options().write(true).open(path).expect("a file");
        std::io::Write::write_all(&mut file, b"new").expect("a changed file");
        // The same size and, on a coarse clock, the same moment: make the change seen.
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
        file.set_modified(later).expect("a new time");
    });
    assert_eq!(last, CommandCode::Esid);
    run.exits(11).says("changed while it was sent");
}

#[test]
fn a_file_that_grows_while_it_is_sent() {
    let (_, last, run) = while_sent(|path| {
        let mut file = File::options().append(true).open(path).expect("a file");
        std::io::Write::write_all(&mut file, b"more").expect("a longer file");
    });
    assert_eq!(last, CommandCode::Esid);
    run.exits(11).says("changed while it was sent");
}

#[test]
fn a_file_that_is_removed_while_it_is_sent_is_sent_whole() {
    let (_, last, run) = while_sent(|path| std::fs::remove_file(path).expect("a file"));
    // EFID came: all of it had been read from the open file. The partner then left.
    assert_eq!(last, CommandCode::Efid);
    assert!(run.all("error").is_empty() || run.code == Some(10), "{run}");
}

/// What cannot be sent is known before anybody is called.
#[track_caller]
fn not_sent(place: &Place, arguments: &[&str]) -> Run {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    place.send(nobody, arguments)
}

#[test]
fn files_that_are_none() {
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).expect("a folder");
    place.write("good", "x");
    not_sent(&place, &["good", "missing"])
        .exits(11)
        .says("missing: cannot be read: ")
        .says("No such");
    not_sent(&place, &["folder"])
        .exits(11)
        .says("folder: not a regular file; save it as a file");
    not_sent(&place, &["/dev/null"])
        .exits(11)
        .says("/dev/null: not a regular file");
}

#[test]
fn records_that_are_none() {
    let place = Place::new();
    place.write("odd", noise(81));
    let options = ["odd", "--format", "F", "--record-length", "80"];
    let run = not_sent(&place, &options);
    run.exits(11)
        .says("81 octets are no multiple of the record length 80; check --record-length");
    place.write("cut", b"\0\x01a\0\x09b");
    let run = not_sent(&place, &["cut", "--format", "V", "--records", "length16"]);
    run.exits(11)
        .says("the file ends within record 2; is the layout (--records) right?");
    place.write("long", vec![b'x'; 100_000]);
    let run = not_sent(&place, &["long", "--format", "V"]);
    run.exits(11).says("record 1 is longer than 99999 octets");
    place.write("lines", "12345\n123456\n");
    let run = not_sent(&place, &["lines", "--format", "V", "--record-length", "5"]);
    run.exits(11)
        .says("record 2 has 6 octets, more than --record-length 5");
}

#[test]
fn a_text_that_is_none_is_sent_with_a_warning() {
    for (content, problem) in [
        (&b"one\r\ntwo\n"[..], "LF without CR"),
        (b"\x80\r\n", "octet 80 hex is not ASCII"),
        (&[b'x'; 2049], "line longer than 2048 characters"),
        (b"a\0b\r\n", "control character 00 hex"),
    ] {
        let place = Place::new();
        place.write("text", content);
        let listener = place.listen(&["--once"]);
        let run = place.send(listener.address, &["text", "--format", "T"]);
        run.exits(0);
        let warning = run.warnings();
        let says = |text| assert!(warning.contains(text), "no `{text}` in {run}");
        says(problem);
        says("a T file cannot hold this, U can; it is sent as it is");
        listener.finish().exits(0);
        assert_eq!(place.contents(), [content]);
    }
}

#[test]
fn options_that_are_wrong() {
    let place = Place::new();
    place.write("file", "x");
    place.write("long", "NINECHARS");
    for (options, text) in [
        (&["--buffer", "127"][..], "127 is not in 128..=99999"),
        (&["--credit", "0"], "0 is not in 1..=999"),
        (&["--level", "1.5"], "possible values: 1.2, 1.3, 1.4, 2.0"),
        (
            &["--min-level", "2.0", "--level", "1.4"],
            "--min-level is above --level",
        ),
        (&["--format", "F"], "--record-length"),
        (&["--dsn", "A-NAME-OF-TWENTY-SEVEN-CHARS"], "at most 26 fit"),
        (
            &["--dsn", "A", "--dsn", "B"],
            "--dsn is given 2 times for 1 files",
        ),
        (&["--dsn", "a_b"], "--dsn"),
        (&["--stamp", "2026"], "is no stamp; write CCYYMMDDHHMMSS"),
        (&["--quirks", "no_such"], "--quirks"),
        (&["--partner", "oalpha"], "--partner"),
        (&["--password-file", "none"], "cannot be read"),
        (&["--password-file", "long"], "at most 8"),
        (
            &["--password-env", "NOT_SET"],
            "NOT_SET for the password is not set; export it first",
        ),
        (&["--wrong"], "unexpected argument '--wrong'"),
    ] {
        let run = not_sent(&place, &[&["file"][..], options].concat());
        run.exits(2).says(text);
        assert!(!format!("{run}").contains("NINECHARS"), "{run}");
        assert_eq!(place.notes(), 0, "{options:?} leaves nothing behind");
    }
    let mut listen = place.oftp(&["listen", "127.0.0.1:0", "--id", "OBETA"]);
    Process::spawn(&mut listen)
        .finish()
        .exits(2)
        .says("--any-partner");
}

#[test]
fn the_same_file_twice_in_one_command() {
    let place = Place::new();
    place.write("file", "x");
    not_sent(&place, &["file", "./file"])
        .exits(2)
        .says("given twice");
    assert_eq!(place.notes(), 0);
    let listener = place.listen(&["--once"]);
    let names = ["file", "./file", "--dsn", "ONE", "--dsn", "TWO"];
    place.send(listener.address, &names).exits(0);
    listener.finish().exits(0);
    assert_eq!(place.contents().len(), 2);
}

#[test]
fn folders_that_cannot_be_used() {
    let place = Place::new();
    let mut listen = place.oftp(&["listen", "127.0.0.1:0", "--id", "OBETA", "--any-partner"]);
    listen.args(["--json", "--directory", "missing"]);
    let run = Process::spawn(&mut listen).finish();
    run.exits(11)
        .says("opening the folder missing failed")
        .says("--directory");
    let shared = place.inbox().join(".partial");
    std::fs::create_dir(&shared).expect("a folder");
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(&shared, everybody).expect("permissions");
    let run = Process::spawn(&mut place.listener(&["--once"])).finish();
    run.exits(11).says("only to this user (chmod 700)");
    place.write("state", "no folder");
    place.write("file", "x");
    let run = not_sent(&place, &["file"]);
    run.exits(11).says("choose another folder with --state");
}

#[test]
fn a_damaged_note_is_named() {
    let place = Place::new();
    place.write("file", "x");
    std::fs::create_dir(place.path("state")).expect("a folder");
    place.write("state/transfers.jsonl", "junk\n");
    let run = not_sent(&place, &["file"]);
    run.exits(11)
        .says("transfers.jsonl")
        .says("choose another folder with --state");
}

/// (threat model N8)
#[test]
fn a_file_larger_than_the_limit() {
    let place = Place::new();
    place.write("file", noise(10_241));
    let limit = ["--once", "--max-file-size", "10240"];
    let listener = place.listen(&limit);
    let run = place.send(listener.address, &["file"]);
    run.exits(5);
    let reason = &run.one("file_refused")["reason"];
    assert_eq!(
        (&reason["code"], &reason["text"]),
        (&6.into(), &"files of this size are not taken here".into())
    );
    listener.finish().exits(0);
    place.write("fits", noise(10_240));
    let listener = place.listen(&limit);
    place.send(listener.address, &["fits"]).exits(0);
    listener.finish().exits(0);
    assert!(place.contents() == [noise(10_240)]);
}

/// It is stopped, dropped, and refused when it is offered again (threat model D10).
#[test]
fn a_file_that_grows_beyond_the_limit_on_its_way() {
    let place = Place::new();
    let mut listener = place.listen(&["--sessions", "2", "--max-file-size", "2048"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(crate::common::sfid(b"FILE")));
    peer.expect_sfpa();
    peer.send(&Command::Data(&crate::common::data(&noise(3_000))));
    assert_eq!(peer.expect_esid().0, 8);
    drop(peer);
    listener.wait_for("session_ended");
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(crate::common::sfid(b"FILE")));
    assert_eq!(peer.expect_sfna(), (6, false));
    drop(peer);
    listener
        .finish()
        .exits(11)
        .says("file exceeds the limit of 2048 octets (--max-file-size)");
    assert_eq!(
        (place.received(), place.partial()),
        (vec![], vec![]),
        "it is worth nothing"
    );
}
