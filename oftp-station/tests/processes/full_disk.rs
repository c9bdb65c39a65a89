//! No room for what comes: the sender is told, keeps its file, and sends it when there is room.

use std::process::Command as Shell;

use oftp_core::wire::{Command, CommandCode, Efid, Level};

use crate::common::{Listener, Peer, Place, data, noise, sfid};

/// `oftp listen` started by a line of shell that makes room scarce before `exec`.
fn listen_with(place: &Place, shell: &str, line: &str, arguments: &[&str]) -> Listener {
    let listener = place.listener(arguments);
    let mut command = Shell::new(shell);
    if shell == "unshare" {
        command.args(["--mount", "sh"]);
    }
    command.args(["-c", &format!("{line} && exec \"$@\""), "sh"]);
    command
        .arg(listener.get_program())
        .args(listener.get_args());
    command.current_dir(listener.get_current_dir().expect("a folder"));
    Listener::spawn(&mut command)
}

#[test]
fn a_file_grows_beyond_what_the_system_allows() {
    let place = Place::new();
    place.write("file", noise(400_000));
    // 64 blocks are 32 or 64 KiB, depending on the shell.
    let line = "trap '' XFSZ && ulimit -f 64";
    let listener = listen_with(&place, "sh", line, &["--once"]);
    let run = place.send(listener.address, &["file"]);
    run.exits(10)
        .says("(ESID 08); it is busy or out of room: try again later");
    let listened = listener.finish();
    listened
        .exits(11)
        .says("the disk is full while writing")
        .says("make room, then let the other");
    assert!(
        !format!("{run}").contains("make room"),
        "our business: {run}"
    );
    assert_eq!(place.received(), [], "nothing half is published");
    let listener = place.listen(&["--once"]);
    let run = place.send(listener.address, &["file"]);
    run.exits(0);
    listener.finish().exits(0);
    assert!(place.contents() == [noise(400_000)]);
    assert_eq!(place.notes(), 0);
}

/// ESID 08 keeps what is safe, for a restart (threat model D11).
#[test]
fn what_was_safe_before_the_disk_was_full_is_not_sent_again() {
    let place = Place::new();
    let octets = noise(1 << 20).repeat(40);
    place.write("file", &octets);
    // 18 or 36 MiB: what comes is made safe every 16 MiB.
    let line = "trap '' XFSZ && ulimit -f 36864";
    let listener = listen_with(&place, "sh", line, &["--once"]);
    let run = place.send(listener.address, &["file"]);
    run.exits(10).says("(ESID 08)");
    listener.finish().exits(11);
    let listener = place.listen(&["--once"]);
    let run = place.send(listener.address, &["file"]);
    run.exits(0);
    let resumed = run.one("file_started")["resumed_at"].as_u64();
    assert!(resumed >= Some(16 << 20), "{run}");
    listener.finish().exits(0);
    assert!(place.contents() == [octets]);
}

/// A size is a number, compared and never taken at its word; a position too (threat model N9).
#[test]
fn sizes_and_positions_beyond_all_disks() {
    let place = Place::with_keys();
    let listener = place.listen(&[&["--once"][..], &crate::common::BETA].concat());
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    let huge = 9_999_999_999_999;
    let mut offer = sfid(b"FILE");
    offer.fsiz = huge;
    peer.send(&Command::Sfid(offer));
    assert_eq!(peer.expect_sfna(), (6, true), "no disk is so large");
    let mut offer = sfid(b"FILE");
    (offer.osiz, offer.rest) = (huge, 99_999_999_999_999_999);
    (offer.comp, offer.env, offer.ciph) = (1, 1, 4);
    peer.send(&Command::Sfid(offer));
    assert_eq!(peer.expect_sfpa(), 0, "nothing is held of it");
    peer.send(&Command::Data(&data(b"no envelope")));
    peer.send(&Command::Efid(Efid { rcnt: 0, ucnt: 11 }));
    peer.expect(CommandCode::Efpa);
    peer.send(&Command::Cd(oftp_core::wire::Cd));
    peer.expect_after_turns(CommandCode::Nerp);
    if let Some(peak) = listener.peak_kib() {
        assert!(peak < 64 << 10, "{peak} KiB");
    }
    drop(peer);
    listener.finish();
    assert_eq!((place.received(), place.partial()), (vec![], vec![]));
}

/// Whether this user may mount a small disk; says so loudly where not.
fn can_mount() -> bool {
    let can = cfg!(target_os = "linux")
        && rustix::process::geteuid().is_root()
        && Shell::new("unshare")
            .args([
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=64k none /mnt",
            ])
            .output()
            .is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("SKIPPED: a real full disk needs Linux, root, and the right to mount");
    }
    can
}

const SMALL_DISK: &str = "mount -t tmpfs -o size=256k none inbox";

/// (threat model N8)
#[test]
fn a_file_that_cannot_fit_is_refused_at_once() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    place.write("file", noise(400_000));
    let listener = listen_with(&place, "unshare", SMALL_DISK, &["--once"]);
    let run = place.send(listener.address, &["file"]);
    run.exits(5);
    let refused = run.one("file_refused");
    assert_eq!(
        (&refused["reason"]["code"], &refused["retry"]),
        (&6.into(), &true.into())
    );
    assert_eq!(
        refused["reason"]["text"],
        "there is no room for the file now"
    );
    assert_eq!(place.notes(), 1, "to be sent again under the same stamps");
    let listened = listener.finish();
    let text = listened.one("file_refused")["reason"]["text"]
        .as_str()
        .expect("a text");
    assert!(text.contains("octets are free; make room"), "{text}");
}

/// (threat model N8, D11)
#[test]
fn a_disk_that_fills_in_the_middle_of_a_file() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let listener = listen_with(&place, "unshare", SMALL_DISK, &["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    // It announces less than it sends.
    peer.send(&Command::Sfid(sfid(b"FILE")));
    peer.expect_sfpa();
    for _ in 0..5 {
        peer.send(&Command::Data(&data(&noise(90_000))));
    }
    let (reason, text) = peer.expect_esid();
    assert_eq!(reason, 8);
    assert!(!text.contains("disk"), "our business: {text}");
    drop(peer);
    listener
        .finish()
        .exits(11)
        .says("the disk is full while writing");
}

/// (threat model D11)
#[test]
fn a_disk_that_is_full_at_the_end_of_a_file() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let line = format!("{SMALL_DISK} && mkdir -m 700 inbox/.partial");
    let listener = listen_with(&place, "unshare", &line, &["--once"]);
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(sfid(b"FILE")));
    peer.expect_sfpa();
    // The last octets wait in a buffer of the listener until the file is at its end.
    for _ in 0..3 {
        peer.send(&Command::Data(&data(&noise(90_000))));
    }
    peer.send(&Command::Efid(Efid {
        rcnt: 0,
        ucnt: 270_000,
    }));
    let answer = peer.receive().expect("an answer");
    let code = answer.code();
    assert!(
        [CommandCode::Efna, CommandCode::Esid].contains(&code),
        "{answer:?}"
    );
    if let Command::Efna(efna) = answer {
        assert_eq!(efna.reas.code(), 12);
        assert!(
            !efna.reast.to_string().contains("disk"),
            "our business: {efna:?}"
        );
    }
    drop(peer);
    listener.finish().exits(11).says("the disk is full while");
}
