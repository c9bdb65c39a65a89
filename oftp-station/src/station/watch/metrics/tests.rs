use std::collections::BTreeMap;

use serde_json::json;
use tokio::sync::oneshot;

use super::super::super::journal::event::{self, Kind};
use super::super::super::journal::file::FileState;
use super::super::super::testing;
use super::*;

/// What the text format 0.0.4 allows, and nothing else: the value of each series.
fn parsed(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut series = BTreeMap::new();
    let mut family = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().expect("a name");
            assert!(!types.contains_key(family), "{family} comes twice");
            continue;
        }
        if let Some(of) = line.strip_prefix("# TYPE ") {
            let (name, of) = of.split_once(' ').expect("a type");
            assert!(["counter", "gauge", "histogram"].contains(&of), "{line}");
            assert_eq!(name, family, "HELP goes before TYPE");
            assert!(types.insert(name, of).is_none(), "{line}");
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a value");
        let bare = name.split('{').next().expect("a name");
        assert!(
            bare.bytes().all(|o| o.is_ascii_alphanumeric() || o == b'_'),
            "{line}"
        );
        let is_of_family = match types[family] {
            "histogram" => ["_bucket", "_sum", "_count"]
                .iter()
                .any(|end| bare == format!("{family}{end}")),
            "counter" => bare == family && bare.ends_with("_total"),
            _ => bare == family,
        };
        assert!(is_of_family, "{line} is none of {family}");
        if let Some(labels) = name.strip_prefix(bare).filter(|labels| !labels.is_empty()) {
            check_labels(labels);
        }
        let value = value.parse().expect("a number");
        assert!(
            series.insert(name.to_owned(), value).is_none(),
            "{line} comes twice"
        );
    }
    series
}

/// `{name="value",...}` with `\\`, `\"` and `\n` in values.
fn check_labels(labels: &str) {
    let mut rest = labels.strip_prefix('{').expect("{");
    loop {
        let (name, value) = rest.split_once("=\"").expect("a label");
        assert!(
            name.bytes().all(|o| o.is_ascii_alphanumeric() || o == b'_'),
            "{labels}"
        );
        let mut end = None;
        let mut octets = value.bytes().enumerate();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'\\' => {
                    let (_, escaped) = octets.next().expect("an escape");
                    assert!(b"\\\"n".contains(&escaped), "{labels}");
                }
                b'"' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        rest = &value[end.expect("an end") + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return assert_eq!(rest, "}", "{labels}"),
        }
    }
}

fn figures(metrics: &Metrics) -> BTreeMap<String, f64> {
    let (of, text) = metrics.text().expect("figures");
    assert!(
        of.contains("text/plain") && of.contains("version=0.0.4"),
        "{of}"
    );
    parsed(&String::from_utf8(text).expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_follow_what_happens() {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |_| {});
    let journal = shared.journal();
    // What was before the process is none of its counters.
    testing::received(journal, testing::sfid(b"OLD"));
    let metrics = Metrics::new(shared.clone(), Tally::default()).expect("figures");
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(metrics.clone().follow(async {
        let _ = stopped.await;
    }));
    // It follows from the time when it was started: until then nothing is counted.
    let mut probes = 0;
    let alarms = "oftp_alarms_total{kind=\"alarm\"}";
    while !figures(&metrics).contains_key(alarms) {
        probes += 1;
        let none = json!({});
        let note = move |c: &rusqlite::Connection| event::note(c, Kind::Alarm, None, None, &none);
        journal.write_aside(note).await.expect("written");
    }
    assert!(probes > 0);
    let row = testing::received(journal, testing::sfid(b"NEW"));
    testing::lead(journal, row.key.0, FileState::Delivered, None);
    let hostile = "be\"t\\a\n";
    let detail = json!({"result": "lost"});
    let strange = json!({"result": "x y\n"});
    let note = move |c: &rusqlite::Connection| {
        event::note(c, Kind::SessionEnded, Some(hostile), None, &strange)?;
        event::note(c, Kind::SessionEnded, Some(hostile), None, &detail)
    };
    journal.write(note).expect("written");
    shared.count_session("beta", |sessions| sessions.incoming += 2);
    let ended = "oftp_sessions_total{partner=\"be\\\"t\\\\a\\n\",result=\"lost\"}";
    let mut now = figures(&metrics);
    while !now.contains_key(ended) {
        tokio::task::yield_now().await;
        now = figures(&metrics);
    }
    let of = |name: &str| now.get(name).copied();
    let file = |result| format!("{{direction=\"in\",partner=\"beta\",result=\"{result}\"}}");
    assert_eq!(
        of(&format!("oftp_files_total{}", file("received"))),
        Some(1.0)
    );
    assert_eq!(
        of(&format!("oftp_octets_total{}", file("received"))),
        Some(1000.0)
    );
    assert_eq!(
        of(&format!("oftp_files_total{}", file("delivered"))),
        Some(1.0)
    );
    assert_eq!(
        of("oftp_files{direction=\"in\",state=\"received\"}"),
        Some(1.0)
    );
    assert_eq!(
        of("oftp_files{direction=\"in\",state=\"delivered\"}"),
        Some(1.0)
    );
    assert_eq!(
        of("oftp_files{direction=\"out\",state=\"queued\"}"),
        Some(0.0)
    );
    assert_eq!(
        of("oftp_sessions{direction=\"in\",partner=\"beta\"}"),
        Some(2.0)
    );
    assert_eq!(of(&ended.replace("lost", "other")), Some(1.0));
    assert_eq!(of("oftp_journal_broken"), Some(0.0));
    assert!(of("oftp_journal_commit_seconds_count") >= Some(2.0));
    assert!(of("oftp_journal_last_commit_timestamp_seconds") > Some(1.7e9));
    assert!(of("oftp_disk_free_bytes") > Some(0.0));
    let build = format!(
        "oftp_build_info{{version=\"{}\"}}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(of(&build), Some(1.0));
    shared.count_session("beta", |sessions| sessions.incoming -= 2);
    let later = figures(&metrics);
    assert!(!later.contains_key("oftp_sessions{direction=\"in\",partner=\"beta\"}"));
    stop.send(()).expect("it runs");
    task.await.expect("no panic").expect("the journal is there");
}
