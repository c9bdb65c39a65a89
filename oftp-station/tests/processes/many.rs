//! Many at once, and much at once.

use std::fs::File;

use crate::common::{Place, Process, noise};

#[test]
fn eight_senders_and_one_listener() {
    let place = Place::new();
    let contents: Vec<Vec<u8>> = (0..8).map(|n| noise(200_000 + n)).collect();
    let mut partners = Vec::new();
    for (n, content) in contents.iter().enumerate() {
        place.write(&format!("file-{n}"), content);
        partners.push(format!("OSENDER{n}"));
    }
    let mut options = vec!["--sessions", "8"];
    for partner in &partners {
        options.extend(["--partner", partner]);
    }
    let listener = place.listen(&options);
    let address = listener.address.to_string();
    let running: Vec<Process> = (0..8)
        .map(|n| {
            let mut command = place.oftp(&["send", &address, &format!("file-{n}"), "--json"]);
            command.args([
                "--id",
                &partners[n],
                "--partner",
                "OBETA",
                "--state",
                "state",
            ]);
            // All under one name and, with luck, one time: only the originator differs.
            Process::spawn(command.args(["--dsn", "FILE"]))
        })
        .collect();
    for sender in running {
        sender.finish().exits(0);
    }
    listener.finish().exits(0);
    let mut received = place.contents();
    received.sort_by_key(Vec::len);
    assert!(received == contents);
}

#[test]
fn one_sender_with_the_same_name_eight_times() {
    let place = Place::new();
    for n in 0..8 {
        place.write(&format!("file-{n}"), format!("{n}"));
    }
    let listener = place.listen(&["--sessions", "8"]);
    // Level 1.3 has no counter: each file must get a second of its own.
    let running: Vec<Process> = (0..8)
        .map(|n| {
            let options = [&format!("file-{n}"), "--dsn", "FILE", "--level", "1.3"];
            Process::spawn(&mut place.sender(listener.address, &options))
        })
        .collect();
    for sender in running {
        sender.finish().exits(0);
    }
    listener.finish().exits(0);
    let mut received = place.contents();
    received.sort();
    let wanted: Vec<Vec<u8>> = (0..8).map(|n| format!("{n}").into_bytes()).collect();
    assert_eq!(received, wanted);
}

#[test]
fn a_large_file_takes_little_memory_on_both_sides() {
    const OCTETS: u64 = 300 << 20;
    const LIMIT_KIB: u64 = 6 * 1024;
    let place = Place::new();
    let file = File::create(place.path("large")).expect("a file");
    file.set_len(OCTETS).expect("a sparse file");
    let mut listener = place.listen(&["--once", "--no-sync"]);
    let options = ["large", "--no-wait-eerp", "--credit", "999"];
    let mut sender = Process::spawn(&mut place.sender(listener.address, &options));
    // Both still run when nearly all of it has gone by.
    let is_late = |event: &serde_json::Value| {
        event["event"] == "file_done" || event["octets"].as_u64() > Some(OCTETS / 4)
    };
    listener.wait_until("a quarter", is_late);
    let peaks = (listener.peak_kib(), sender.peak_kib());
    sender.wait_for("file_done");
    sender.finish().exits(0);
    let run = listener.finish();
    assert_eq!(run.one("file_done")["octets"], OCTETS, "{run}");
    match peaks {
        (Some(receiving), Some(sending)) => assert!(
            receiving < LIMIT_KIB && sending < LIMIT_KIB,
            "{receiving} KiB to receive, {sending} KiB to send"
        ),
        _ => eprintln!("SKIPPED: this system does not tell the memory of a process"),
    }
}
