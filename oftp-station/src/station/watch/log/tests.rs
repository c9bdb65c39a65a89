use std::fs;
use std::path::Path;

use oftp_core::session::Trace;
use oftp_core::wire::{
    Auch, Aurp, Capability, Command, IdentificationCode, Level, Password, Ssid, UserData, X,
};
use serde_json::json;

use super::super::super::journal::event::{self, Kind};
use super::super::super::journal::file::FileKey;
use super::super::super::testing;
use super::*;
use crate::exchange::Voice;
use crate::trace;

fn log(folder: &Path, json: bool) -> Log {
    let config = LogConfig {
        file: Some(folder.join("log")),
        json,
        trace: true,
    };
    Log::open(&config).expect("a file")
}

fn written(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("log")).expect("the log");
    text.lines().map(str::to_owned).collect()
}

fn event(detail: Value) -> EventRow {
    EventRow {
        id: 9,
        at: 1_764_164_701_123,
        kind: Kind::FileFailed,
        partner: Some("beta".to_owned()),
        file: Some(FileKey(17)),
        detail,
    }
}

#[test]
fn a_line_says_when_what_with_whom_and_which_file() {
    let folder = tempfile::tempdir().expect("folder");
    let log = log(folder.path(), false);
    log.event(&event(
        json!({"name": "a.txt", "tries": 3, "why": "no room"}),
    ));
    log.of_partner("beta")
        .message(Severity::Error, 7, "it is gone");
    log.info("ready");
    let lines = written(folder.path());
    assert_eq!(
        lines[0],
        "2025-11-26T13:45:01.123Z warning file_failed partner=beta file=17 name=a.txt tries=3 \
         why=\"no room\""
    );
    let rest: Vec<&str> = lines[1..]
        .iter()
        .filter_map(|l| l.split_once(' '))
        .map(|l| l.1)
        .collect();
    assert_eq!(
        rest,
        [
            "error message partner=beta session=7 it is gone",
            "info message ready"
        ]
    );
}

#[test]
fn a_line_of_json_says_the_same() {
    let folder = tempfile::tempdir().expect("folder");
    let log = log(folder.path(), true);
    log.event(&event(json!({"why": "no\u{202e}room"})));
    log.of_partner("beta").message(Severity::Warning, 7, "a\nb");
    let lines = written(folder.path());
    let first: Value = serde_json::from_str(&lines[0]).expect("JSON");
    let all = json!({
        "time": "2025-11-26T13:45:01.123Z", "level": "warning", "event": "file_failed",
        "number": 9, "partner": "beta", "file": 17, "detail": {"why": "no\\u{202e}room"},
    });
    assert_eq!(first, all);
    let second: Value = serde_json::from_str(&lines[1]).expect("JSON");
    assert_eq!(
        (&second["session"], &second["text"]),
        (&json!(7), &json!("a\\u{a}b"))
    );
}

/// (threat model T6)
#[test]
fn a_partner_cannot_forge_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let log = log(folder.path(), false);
    let forged = "x\r\n2026-11-26T13:45:01Z info file_done \u{1b}[2J\u{202e}\u{2028}";
    log.event(&event(
        json!({"name": forged, forged: forged, "quoted": "a\" file=18"}),
    ));
    log.of_partner(forged).warn(forged);
    let text = fs::read_to_string(folder.path().join("log")).expect("the log");
    assert_eq!(text.matches('\n').count(), 2);
    let shown = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2028}".contains(c));
    assert!(!text.contains(shown), "{text:?}");
    assert!(text.contains("quoted=\"a\\\" file=18\""), "{text}");
}

/// What a session with password and authentication leaves in its trace, hidden there or not.
fn session_trace() -> Vec<String> {
    let ssid = Command::Ssid(Ssid {
        lev: 5,
        code: IdentificationCode::new("OBETA").expect("code"),
        pswd: Password::new(X::new("TOP S3CR").expect("password")),
        sdeb: 2048,
        sr: Capability::Both,
        cmpr: true,
        rest: true,
        spec: false,
        cred: 64,
        auth: true,
        user: UserData::default(),
    });
    let chal = Command::Auch(Auch {
        chal: b"CHALLENGE-OCTETS".to_vec(),
    });
    let rsp = Command::Aurp(Aurp {
        rsp: *b"RESPONSE-OF-20-OCTET",
    });
    let lines = [ssid, chal, rsp].into_iter().flat_map(|command| {
        let mut octets = Vec::new();
        command.encode(Level::V2_0, &mut octets).expect("encoded");
        let level = Level::V2_0;
        let len = octets.len();
        trace::lines(&Trace::Received { level, octets, len })
    });
    lines.collect()
}

/// (threat model T6)
#[test]
fn no_secret_of_a_session_gets_into_the_log() {
    let folder = tempfile::tempdir().expect("folder");
    let voice = Voice::logging(log(folder.path(), false)).of_session(3);
    for line in session_trace() {
        voice.tell(&Event::Trace { line });
    }
    // What no part of the program writes: it is hidden all the same.
    voice.warn("refused: SSIDCODE=OBETA SSIDPSWD=TOP S3CR SSIDSDEB=02048");
    voice.error("AUCHCHAL=CHALLENGE-OCTETS");
    voice.error("AURPRSP=RESPONSE-OF-20-OCTET");
    voice.error("a key: -----BEGIN PRIVATE KEY-----\nTOP S3CR\n-----END PRIVATE KEY-----");
    log(folder.path(), true).event(&event(json!({
        "password": "TOP S3CR", "why": "ESID 04 after password=S3CR", "challenge": [1, 2],
    })));
    let text = written(folder.path()).join("\n");
    for secret in [
        "S3CR",
        "CHALLENGE-OCTETS",
        "4348414c",
        "RESPONSE-OF",
        "524553504f4e5345",
        "[1,2]",
    ] {
        assert!(
            !text.to_lowercase().contains(&secret.to_lowercase()),
            "{secret} in {text}"
        );
    }
    for kept in ["session=3", "OBETA", "SSIDSDEB=02048", "AUCH", "ESID 04"] {
        assert!(text.contains(kept), "{kept} not in {text}");
    }
}

#[test]
fn a_session_is_heard_where_the_history_says_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let silent = LogConfig {
        file: Some(folder.path().join("log")),
        ..LogConfig::default()
    };
    let log = Log::open(&silent).expect("a file");
    let voice = Voice::logging(log.of_partner("beta")).of_session(4);
    voice.tell(&Event::Trace {
        line: "a step".to_owned(),
    });
    voice.warn("careful");
    voice.error("gone");
    voice.tell(&Event::QuirkUsed {
        name: "late_cdt".to_owned(),
    });
    let words: Vec<String> = written(folder.path());
    let words: Vec<&str> = words
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|l| l.1)
        .collect();
    assert_eq!(
        words,
        [
            "warning message partner=beta session=4 careful",
            "error message partner=beta session=4 gone",
            "info message partner=beta session=4 tolerated of the other side: late_cdt",
        ]
    );
}

#[test]
fn a_file_that_was_moved_away_is_opened_again() {
    let folder = tempfile::tempdir().expect("folder");
    let log = log(folder.path(), false);
    let clone = log.of_partner("beta");
    log.info("one");
    fs::rename(folder.path().join("log"), folder.path().join("log.1")).expect("rotated");
    clone.info("two");
    log.reopen().expect("a file");
    clone.info("three");
    assert_eq!(
        fs::read_to_string(folder.path().join("log.1"))
            .expect("old")
            .lines()
            .count(),
        2
    );
    assert!(written(folder.path())[0].ends_with("partner=beta three"));
    let nowhere = LogConfig {
        file: Some(folder.path().join("not/there")),
        ..LogConfig::default()
    };
    let error = log.reload(&nowhere).expect_err("no folder");
    assert!(error.to_string().contains("not/there"), "{error}");
    log.info("four");
    assert_eq!(written(folder.path()).len(), 2);
}

#[tokio::test]
async fn every_line_of_the_history_is_logged_once_across_restarts() {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |_| {});
    let journal = shared.journal();
    let note = |number: i64| {
        let detail = json!({"number": number});
        let note = move |c: &rusqlite::Connection| event::note(c, Kind::Alarm, None, None, &detail);
        journal.write(note).expect("written");
    };
    for round in 0..3 {
        note(2 * round);
        let log = log(folder.path(), false);
        // What is written when it is asked to stop is in it too.
        let stop = async { note(2 * round + 1) };
        log.follow(journal, stop)
            .await
            .expect("the journal is there");
    }
    let lines = written(folder.path());
    let numbers: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split_once("number="))
        .map(|l| l.1)
        .collect();
    assert_eq!(numbers, ["0", "1", "2", "3", "4", "5"]);
}
