//! A transfer that is cut goes on where it stopped, and a file is delivered exactly once.

use oftp_core::wire::{Command, CommandCode, Level};

use crate::common::{Cut, Peer, Place, Process, Proxy, data, noise, sfid};

/// Small buffers, so that a cut falls within many of them.
const SMALL: [&str; 4] = ["--buffer", "1000", "--credit", "8"];

/// Sends over a line that breaks, then over a whole one: the file arrives once and whole.
#[track_caller]
fn cut_and_resume(cut: Cut, options: &[&str], octets: &[u8]) -> (u64, u64) {
    let place = Place::new();
    place.write("file", octets);
    let layout = ["--records", "length16"];
    let mut listener = place.listen(&[&["--sessions", "2"][..], &layout].concat());
    let arguments = [&["file"][..], &SMALL, options, &layout].concat();

    let line = Proxy::to(listener.address, cut);
    let run = place.send(line.address, &arguments);
    assert_ne!(run.code, Some(0), "{cut:?} {run}");
    let first = line.finish();
    listener.wait_for("session_ended");

    let line = Proxy::to(listener.address, Cut::Never);
    let run = place.send(line.address, &arguments);
    run.exits(0);
    let second = line.finish();
    let resumed = run.all("file_started").first().map_or(0, |started| {
        started["resumed_at"].as_u64().expect("a number")
    });
    let received = listener.terminate();
    assert_eq!(received.all("file_done").len(), 1, "{cut:?} {received}");
    assert!(place.contents() == [octets], "{cut:?}");
    assert_eq!((place.partial().len(), place.notes()), (0, 0), "{cut:?}");
    let sent = first + second;
    // Blocks that count from their beginning, what was on its way, and the commands.
    let waste = 8 * 1000 + 4096 + octets.len() as u64 / 50;
    assert!(
        sent < octets.len() as u64 + waste,
        "{cut:?}: {sent} octets were sent"
    );
    (resumed, second)
}

#[test]
fn a_u_file_goes_on_wherever_it_was_cut() {
    let octets = noise(60_000);
    for cut in [9_000, 20_000, 33_333, 55_000] {
        let (resumed, second) = cut_and_resume(Cut::Octets(cut), &[], &octets);
        assert!(
            resumed >= cut - 4000 && resumed.is_multiple_of(1024),
            "{cut}: {resumed}"
        );
        assert!(second < 60_000 - resumed + 4096, "{cut}: {second}");
    }
}

#[test]
fn an_f_file_goes_on_at_a_record() {
    let options = ["--format", "F", "--record-length", "70"];
    for cut in [9_000, 33_333] {
        let (resumed, _) = cut_and_resume(Cut::Octets(cut), &options, &noise(70 * 800));
        assert!(
            resumed >= cut - 4000 && resumed.is_multiple_of(70),
            "{cut}: {resumed}"
        );
    }
}

#[test]
fn a_v_file_goes_on_at_a_record() {
    let record = [&b"\x01\x2c"[..], &noise(300)].concat();
    for (cut, level) in [(9_000, "2.0"), (33_333, "1.2")] {
        let options = ["--format", "V", "--level", level];
        let (resumed, _) = cut_and_resume(Cut::Octets(cut), &options, &record.repeat(200));
        assert!(
            resumed >= cut - 4000 && resumed.is_multiple_of(300),
            "{cut}: {resumed}"
        );
    }
}

#[test]
fn a_cut_before_any_data_starts_from_the_beginning() {
    for cut in [
        Cut::Octets(10),
        Cut::After(CommandCode::Sfid),
        Cut::Before(CommandCode::Sfpa),
    ] {
        assert_eq!(cut_and_resume(cut, &[], &noise(30_000)).0, 0, "{cut:?}");
    }
}

#[test]
fn a_cut_within_the_end_of_the_file_sends_almost_nothing_again() {
    for cut in [
        Cut::Before(CommandCode::Efid),
        Cut::Within(CommandCode::Efid, 9),
    ] {
        let (resumed, second) = cut_and_resume(cut, &[], &noise(30_000));
        assert!(
            resumed > 28_000 && second < 2_500,
            "{cut:?}: {resumed} {second}"
        );
    }
}

#[test]
fn a_lost_efpa_is_told_from_a_duplicate() {
    for cut in [
        Cut::After(CommandCode::Efid),
        Cut::Within(CommandCode::Efpa, 5),
    ] {
        let place = Place::new();
        place.write("file", noise(30_000));
        let mut listener = place.listen(&["--sessions", "2"]);
        let line = Proxy::to(listener.address, cut);
        place.send(line.address, &["file"]).exits(10);
        line.finish();
        listener.wait_for("session_ended");
        let run = place.send(listener.address, &["file"]);
        run.exits(0);
        assert_eq!(run.all("file_started").len(), 0, "{run}");
        assert_eq!(run.one("file_done")["octets"], 30_000, "{run}");
        assert_eq!(run.one("response")["command"], "EERP", "{run}");
        let received = listener.finish();
        assert_eq!(received.all("file_done").len(), 1, "{received}");
        assert_eq!(
            received.one("file_refused")["reason"]["code"],
            13,
            "{received}"
        );
        assert_eq!((place.contents().len(), place.notes()), (1, 0));
    }
}

/// It is owed until RTR has come (threat model R7).
#[test]
fn a_response_that_was_cut_off_comes_in_the_next_session() {
    for cut in [
        Cut::After(CommandCode::Efpa),
        Cut::Before(CommandCode::Eerp),
    ] {
        let place = Place::new();
        place.write("file", noise(3_000));
        let mut listener = place.listen(&["--sessions", "2"]);
        let line = Proxy::to(listener.address, cut);
        let run = place.send(line.address, &["file"]);
        assert_ne!(run.code, Some(0), "{run}");
        assert_eq!(run.all("file_done").len(), 1, "{run}");
        line.finish();
        listener.wait_for("session_ended");
        let run = place.send(listener.address, &["file"]);
        run.exits(0);
        assert_eq!(run.all("file_done").len(), 0, "it was sent already: {run}");
        assert_eq!(run.one("response")["command"], "EERP", "{run}");
        listener.finish();
        assert_eq!((place.contents().len(), place.notes()), (1, 0));
    }
}

/// It is owed until RTR has come (threat model R7).
#[test]
fn a_response_whose_confirmation_was_cut_off_comes_twice() {
    let place = Place::new();
    place.write("file", "x");
    let mut listener = place.listen(&["--sessions", "2"]);
    let line = Proxy::to(listener.address, Cut::Before(CommandCode::Rtr));
    let run = place.send(line.address, &["file"]);
    assert_eq!(run.all("response").len(), 1, "{run}");
    assert_eq!(place.notes(), 0, "the response is here");
    line.finish();
    listener.wait_for("session_ended");
    place.write("other", "y");
    let run = place.send(listener.address, &["other"]);
    run.exits(0);
    assert_eq!(run.all("response").len(), 2, "{run}");
    listener.finish();
}

#[test]
fn a_receiver_that_is_killed_goes_on() {
    let place = Place::new();
    let octets = noise(1 << 20).repeat(40);
    place.write("file", &octets);
    let mut listener = place.listen(&[]);
    let sender = Process::spawn(&mut place.sender(listener.address, &["file"]));
    listener.wait_for("file_progress");
    listener.kill();
    assert_ne!(sender.finish().code, Some(0));
    assert_eq!(place.received(), [], "nothing half is published");
    let listener = place.listen(&["--once"]);
    place.send(listener.address, &["file"]).exits(0);
    listener.finish().exits(0);
    assert!(place.contents() == [octets]);
    assert_eq!((place.partial().len(), place.notes()), (0, 0));
}

#[test]
fn a_sender_that_is_killed_goes_on() {
    let place = Place::new();
    // Enough for the sender to note how far it is while it runs.
    let octets = noise(1 << 20).repeat(100);
    place.write("file", &octets);
    let mut listener = place.listen(&["--sessions", "2"]);
    let line = Proxy::to(listener.address, Cut::Hold(80 << 20));
    let sender = Process::spawn(&mut place.sender(line.address, &["file"]));
    line.wait_until_held();
    sender.kill();
    line.finish();
    listener.wait_for("session_ended");
    let run = place.send(listener.address, &["file"]);
    run.exits(0);
    let received = listener.finish();
    assert_eq!(received.all("file_done").len(), 1, "{received}");
    assert!(place.contents() == [octets]);
    assert_eq!((place.partial().len(), place.notes()), (0, 0));
    let started = run.one("file_started");
    assert!(started["resumed_at"].as_u64() >= Some(64 << 20), "{run}");
}

#[test]
fn a_file_that_was_changed_is_another_file() {
    let place = Place::new();
    place.write("file", noise(30_000));
    let mut listener = place.listen(&["--sessions", "2"]);
    let line = Proxy::to(listener.address, Cut::Octets(20_000));
    place
        .send(line.address, &[&["file"][..], &SMALL].concat())
        .exits(10);
    line.finish();
    listener.wait_for("session_ended");
    place.write("file", noise(29_000));
    let run = place.send(listener.address, &["file"]);
    run.exits(0);
    assert_eq!(run.one("file_prepared")["resumes"], false, "{run}");
    assert_eq!(run.one("file_started")["resumed_at"], 0, "{run}");
    listener.finish();
    assert!(place.contents() == [noise(29_000)]);
}

#[test]
fn without_restart_everything_is_sent_again() {
    let place = Place::new();
    place.write("file", noise(30_000));
    let listener = place.listen(&["--sessions", "2"]);
    let arguments = [&["file", "--no-restart"][..], &SMALL].concat();
    let line = Proxy::to(listener.address, Cut::Octets(20_000));
    place.send(line.address, &arguments).exits(10);
    line.finish();
    let run = place.send(listener.address, &arguments);
    run.exits(0);
    assert_eq!(run.one("file_started")["resumed_at"], 0, "{run}");
    listener.finish();
    assert!(place.contents() == [noise(30_000)]);
}

#[test]
fn a_duplicate_is_refused_and_not_sent() {
    let place = Place::new();
    place.write("file", "x");
    let listener = place.listen(&["--sessions", "2"]);
    let arguments = ["file", "--stamp", "20260131120455"];
    place.send(listener.address, &arguments).exits(0);
    let run = place.send(listener.address, &arguments);
    run.exits(5);
    let refused = run.one("file_refused");
    assert_eq!(
        (&refused["reason"]["code"], &refused["retry"]),
        (&13.into(), &false.into())
    );
    assert!(
        run.warnings()
            .contains("--again sends this one under a new time"),
        "{run}"
    );
    listener.finish().exits(0);
    assert_eq!(place.contents(), [b"x"]);
}

#[test]
fn a_file_in_two_sessions_at_once_is_refused_in_one_and_may_come_again() {
    let place = Place::new();
    let mut listener = place.listen(&["--sessions", "3"]);
    let mut first = Peer::call(listener.address, "OALPHA", Level::V2_0);
    first.send(&Command::Sfid(sfid(b"FILE")));
    assert_eq!(first.expect_sfpa(), 0);
    first.send(&Command::Data(&data(b"one")));
    let mut second = Peer::call(listener.address, "OALPHA", Level::V2_0);
    second.send(&Command::Sfid(sfid(b"FILE")));
    assert_eq!(second.expect_sfna(), (13, true));
    drop(first);
    drop(second);
    listener.wait_for("session_ended");
    listener.wait_for("session_ended");
    let mut third = Peer::call(listener.address, "OALPHA", Level::V2_0);
    third.send(&Command::Sfid(sfid(b"FILE")));
    assert_eq!(third.expect_sfpa(), 0);
    drop(third);
    listener.finish();
    assert_eq!(place.received(), []);
}

#[test]
fn a_file_that_another_session_still_receives_does_not_count_as_sent() {
    let place = Place::new();
    place.write("file", noise(3_000));
    let listener = place.listen(&["--sessions", "2"]);
    // EFID was sent, but has not arrived when the line breaks ...
    let arguments = ["file", "--no-wait-eerp"];
    let line = Proxy::to(listener.address, Cut::Before(CommandCode::Efid));
    place.send(line.address, &arguments).exits(10);
    line.finish();
    listener.terminate();
    // ... and the partner has not noticed: for it the first session goes on.
    let partner = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = partner.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        use oftp_core::wire::{Sfna, SfnaReason, Text};
        let mut peer = Peer::answer(&partner, "OBETA", Level::V2_0);
        peer.expect_sfid();
        let (reas, rrtr) = (SfnaReason::DUPLICATE_FILE, true);
        let reast = Text::new("being received");
        peer.send(&Command::Sfna(Sfna { reas, rrtr, reast }));
        while peer
            .receive()
            .is_some_and(|command| command.code() != CommandCode::Esid)
        {
            peer.send(&Command::Cd(oftp_core::wire::Cd));
        }
    });
    let run = place.send(address, &arguments);
    run.exits(5);
    assert_eq!(run.all("file_done").len(), 0, "{run}");
    script.join().expect("the partner");
    let listener = place.listen(&["--once"]);
    place.send(listener.address, &arguments).exits(0);
    listener.finish().exits(0);
    assert!(place.contents() == [noise(3_000)]);
}
