//! `oftp queue`, `history`, `show`, `events`, `partners` and `status`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use oftp_station::station::journal::file::{self, FileState};
use serde_json::json;

use crate::common::{Said, Station, lead};

/// A dataset name that would clear the screen, leave the folder, and forge a line.
const HELL: &str = "\u{1b}[2J/../A\n99 out";

#[test]
fn a_queue_of_both_ways() {
    let station = Station::new();
    station.queue("INVOICE");
    let sent = station.queue("ORDER");
    station.lead(sent, &[FileState::EfidSent, FileState::Sent]);
    let done = station.queue("OLD");
    station.lead(done, &[FileState::Done]);
    station.receive("DELIVERY");
    let said = station.oftp(&["queue"]).exits(0);
    let lines = said.lines();
    assert_eq!(lines.len(), 4, "{said}");
    assert!(
        lines[0].contains("ID  WAY  PARTNER  DATASET NAME"),
        "{said}"
    );
    let words: Vec<&str> = lines[1].split_whitespace().collect();
    assert_eq!(
        words[..7],
        ["1", "out", "beta", "INVOICE", "7", "queued", "a"]
    );
    assert!(
        lines[2].contains("its end response") && lines[3].contains(" in "),
        "{said}"
    );
    let done = station
        .oftp(&["queue", "--state", "done", "--json"])
        .exits(0);
    assert_eq!(done.json()[0]["dsn"], "OLD");
    let none = station.oftp(&["queue", "--partner", "gamma"]).exits(0);
    assert_eq!(none.lines(), ["nothing waits and nothing is under way"]);
    let wrong = station.oftp(&["queue", "--state", "lost"]).exits(2);
    assert!(wrong.err.contains("efid_sent"), "it lists them: {wrong}");
}

#[test]
fn a_queue_for_programs() {
    let station = Station::new();
    station.queue("INVOICE");
    let said = station.oftp(&["--json", "queue"]).exits(0);
    let rows = said.json();
    let row = rows[0].as_object().expect("an object");
    let documented = [
        "id",
        "direction",
        "state",
        "partner",
        "dsn",
        "date",
        "time",
        "originator",
        "destination",
        "name",
        "waits_for",
        "octets",
        "position",
        "priority",
        "held",
        "attempts",
        "retry_at",
        "parent",
        "trouble",
        "created",
        "changed",
        "transferred",
        "due",
        "path",
    ];
    let mut names: Vec<&str> = row.keys().map(String::as_str).collect();
    let mut expected = documented.to_vec();
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(row["waits_for"], "session");
    assert!(
        row["created"]
            .as_str()
            .is_some_and(|time| time.ends_with("+00:00")),
        "{said}"
    );
    let help = station.oftp(&["queue", "--help"]).exits(0);
    let help = help.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(&documented.join(", ")), "{help}");
}

#[test]
fn names_from_hell_are_shown_and_do_nothing() {
    let station = Station::new();
    let key = station.queue(HELL);
    station.write(move |connection| {
        file::note_trouble(connection, key, "partner says \u{1b}]0;x\u{7}\u{202e}")
    });
    let id = key.to_string();
    for command in [
        &["queue"][..],
        &["history"],
        &["show", &id],
        &["events", "--after", "0"],
        &["status"],
        &["queue", "--json"],
        &["show", &id, "--json"],
        &["events", "--after", "0", "--json"],
        &["cancel", &id],
    ] {
        let said = station.oftp(command).exits(0);
        let forges = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.out.contains(forges), "{command:?}: {said}");
        assert!(
            !said.out.lines().any(|line| line.starts_with("99 out")),
            "{said}"
        );
        assert!(
            !said.out.contains("\\u001b"),
            "no reader of JSON gets it either: {said}"
        );
    }
    let said = station.oftp(&["history"]);
    assert!(said.out.contains("\\u{1b}[2J/../A\\u{a}99 out"), "{said}");
}

#[test]
fn a_history_by_what_people_know() {
    let station = Station::new();
    for dsn in ["INVOICE.1", "ORDER", "INVOICE.2"] {
        station.queue(dsn);
    }
    station.receive("DELIVERY");
    let ids = |arguments: &[&str]| -> Vec<i64> {
        let all = [&["--json", "history"][..], arguments].concat();
        let said = station.oftp(&all).exits(0);
        said.json()
            .iter()
            .filter_map(|row| row["id"].as_i64())
            .collect()
    };
    assert_eq!(ids(&[]), [4, 3, 2, 1]);
    assert_eq!(ids(&["--text", "voice."]), [3, 1]);
    assert_eq!(ids(&["--direction", "in"]), [4]);
    assert_eq!(ids(&["--limit", "2"]), [4, 3]);
    assert_eq!(ids(&["--limit", "2", "--before", "3"]), [2, 1]);
    assert_eq!(ids(&["--since", "1h"]), [4, 3, 2, 1]);
    assert_eq!(ids(&["--since", "2999-01-01"]), [0; 0]);
    assert_eq!(ids(&["--partner", "gamma"]), [0; 0]);
    station
        .oftp(&["history", "--since", "soon"])
        .exits(2)
        .says("7d");
}

#[test]
fn everything_about_a_file() {
    let station = Station::new();
    let key = station.queue("INVOICE");
    station.lead(key, &[FileState::Failed]);
    let said = station.oftp(&["show", "1"]).exits(0);
    for text in [
        "SFIDDSN",
        "INVOICE",
        "file_failed",
        "(7 octets)",
        "Waits for",
        "a person",
    ] {
        assert!(said.out.contains(text), "no {text}: {said}");
    }
    let told = station.oftp(&["show", "1", "--json"]).exits(0);
    let object = &told.json()[0];
    assert_eq!(object["state"], "failed");
    assert_eq!(object["events"][1]["event"], "file_failed");
    station.oftp(&["show", "99"]).exits(2).says("no file 99");
}

#[test]
fn partners_and_how_it_goes() {
    let station = Station::new();
    station.queue("INVOICE");
    station.oftp(&["hold", "--partner", "gamma"]).exits(0);
    let said = station.oftp(&["partners"]).exits(0);
    let lines = said.lines();
    assert!(
        lines[1].starts_with("beta") && lines[1].contains("127.0.0.1:1"),
        "{said}"
    );
    assert!(
        lines[2].contains("it calls us") && lines[2].contains("held"),
        "{said}"
    );
    let told = station.oftp(&["partners", "--json"]).exits(0).json();
    assert_eq!(
        (&told[0]["to_send"], &told[0]["level"]),
        (&json!(1), &json!("2.0"))
    );
    assert_eq!(
        (&told[1]["held"], &told[1]["level"]),
        (&json!(true), &json!("1.3"))
    );
}

#[test]
fn the_station_as_a_whole() {
    let station = Station::new();
    let key = station.queue("INVOICE");
    station.lead(key, &[FileState::Failed]);
    let said = station.oftp(&["status"]).exits(0);
    assert!(
        said.lines()[0].starts_with("Runs") && said.lines()[0].ends_with("no"),
        "{said}"
    );
    assert!(said.out.contains("file_failed"), "{said}");
    station.oftp(&["status", "--check"]).exits(3);
    let quiet = station.oftp(&["status", "--check", "--quiet"]).exits(3);
    assert_eq!(quiet.out, "");
    let _lock = station.folder.lock().expect("lock");
    let told = station
        .oftp(&["status", "--check", "--json"])
        .exits(0)
        .json();
    assert_eq!(told[0]["process"], std::process::id());
    assert_eq!(
        told[0]["files"][0],
        json!({"direction": "out", "state": "failed", "count": 1})
    );
}

#[test]
fn there_must_be_a_station() {
    let station = Station::new();
    let said = station
        .command(&["queue", "--station", "nowhere"])
        .output()
        .expect("oftp");
    Said::of(said)
        .exits(2)
        .says("there is no station in nowhere")
        .says("oftp init");
}

#[test]
fn the_history_is_followed() {
    let station = Station::new();
    let key = station.queue("INVOICE");
    let said = station.oftp(&["events", "--json", "--after", "0"]).exits(0);
    assert_eq!(said.json()[0]["event"], "file_queued");
    let said = station.oftp(&["events", "--json", "--after", "1"]).exits(0);
    assert_eq!(said.out, "");
    let mut following = station
        .command(&["events", "--json", "--follow", "--after", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("oftp");
    let mut lines = BufReader::new(following.stdout.take().expect("piped")).lines();
    let mut next = || -> serde_json::Value {
        let line = lines.next().expect("a line").expect("UTF-8");
        serde_json::from_str(&line).expect("JSON")
    };
    assert_eq!(next()["event"], "file_queued");
    lead(&station.journal, key, &[FileState::Failed]);
    let failed = next();
    assert_eq!(
        (&failed["event"], &failed["file"]),
        (&json!("file_failed"), &json!(1))
    );
    following.kill().expect("a child");
    following.wait().expect("a child");
}
