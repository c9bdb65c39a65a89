use std::time::Duration;

use proptest::prelude::*;

use super::super::super::journal::event::Kind;
use super::super::super::journal::file::FileState;
use super::super::super::testing;
use super::*;

fn hook(command: &[&str]) -> HookConfig {
    HookConfig {
        name: "test".to_owned(),
        events: vec![Kind::FileDelivered],
        partners: Vec::new(),
        command: command.iter().map(ToString::to_string).collect(),
        timeout: Duration::from_secs(10),
        attempts: 0,
        refuses: false,
    }
}

fn event(partner: &str, file: Option<FileKey>) -> EventRow {
    EventRow {
        id: 42,
        at: 1_764_164_701_000,
        kind: Kind::FileDelivered,
        partner: Some(partner.to_owned()),
        file,
        detail: json!({"why": "no\nreason"}),
    }
}

fn arguments(run: &Run) -> Vec<&str> {
    let text = |argument: &'_ OsString| argument.to_str().map(str::to_owned);
    assert!(
        run.arguments
            .iter()
            .all(|argument| text(argument).is_some())
    );
    run.arguments
        .iter()
        .filter_map(|one| one.to_str())
        .collect()
}

/// (threat model N5)
#[test]
fn hostile_values_stay_one_argument_and_no_option() {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |_| {});
    let sfid = testing::sfid(b"-rf $(id);\n{path}'");
    let row = testing::received(shared.journal(), sfid);
    let path = Path::new("/in box/{dsn} $(reboot)");
    let row = testing::lead(
        shared.journal(),
        row.key.0,
        FileState::Delivered,
        Some(path),
    );
    let event = event("beta", Some(row.key));
    let subject = Subject {
        event: &event,
        file: Some(&row),
        path: None,
    };
    let hook = hook(&[
        "true",
        "{file}",
        "{path}",
        "{dsn}",
        "--of={partner}",
        "{event}",
        "{id}",
        "{x}{{id}}",
        "{",
    ]);
    let run = subject.run(&hook, shared.folder()).expect("a command");
    assert_eq!(
        arguments(&run),
        [
            "1",
            "/in box/{dsn} $(reboot)",
            "__2D72662024286964293B0A7B706174687D27",
            "--of=beta",
            "file_delivered",
            "1-42",
            "{x}{1-42}",
            "{",
        ]
    );
    assert_eq!(run.program, Path::new("true"));
    let relative = Subject {
        path: Some(Path::new("-rf")),
        ..subject
    };
    let run = relative.run(&hook, shared.folder()).expect("a command");
    assert!(arguments(&run)[1].starts_with('/') && arguments(&run)[1].ends_with("/-rf"));
}

#[test]
fn a_partner_cannot_be_named_into_an_option() {
    let folder = Folder::new(Path::new("/station"));
    let event = event("--force", None);
    let subject = Subject {
        event: &event,
        file: None,
        path: None,
    };
    let error = subject.run(&hook(&["true", "{partner}"]), &folder);
    assert!(error.expect_err("an option").contains("become an option"));
    let run = subject.run(&hook(&["true", "-p{partner}", "{path}"]), &folder);
    let run = run.expect("the option is the configuration's own");
    assert_eq!(arguments(&run), ["-p--force", ""]);
}

#[test]
fn the_environment_has_no_secret() {
    let folder = Folder::new(Path::new("/station"));
    let event = event("beta", None);
    let subject = Subject {
        event: &event,
        file: None,
        path: None,
    };
    let run = subject.run(&hook(&["true"]), &folder).expect("a command");
    let names = run.environment.iter().map(|(name, _)| name.to_str());
    let mut names: Vec<&str> = names.map(|name| name.expect("text")).collect();
    names.retain(|name| !PASSED_ON.contains(name));
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "OFTP_DSN",
            "OFTP_EVENT",
            "OFTP_FILE",
            "OFTP_ID",
            "OFTP_PARTNER",
            "OFTP_PATH",
            "OFTP_STATION",
        ]
    );
}

#[test]
fn standard_input_is_one_line_of_json() {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |_| {});
    let row = testing::received(shared.journal(), testing::sfid(b"INVOICE\x01"));
    let event = event("beta", Some(row.key));
    let subject = Subject {
        event: &event,
        file: Some(&row),
        path: Some(Path::new("/spool/x")),
    };
    let line = String::from_utf8(subject.json()).expect("text");
    assert_eq!(line.matches('\n').count(), 1);
    let mut value: Value = serde_json::from_str(&line).expect("JSON");
    let file = value["file"].take();
    let head = json!({
        "id": "1-42", "event": "file_delivered", "number": 42, "at": "2025-11-26T13:45:01Z",
        "partner": "beta", "detail": {"why": "no\nreason"}, "file": null,
    });
    assert_eq!(value, head);
    assert_eq!(file["path"], "/spool/x");
    assert_eq!(
        (&file["direction"], &file["state"]),
        (&json!("in"), &json!("received"))
    );
    let virtual_file = json!({
        "SFIDDSN": "INVOICE\\u{1}", "SFIDDATE": "20261126", "SFIDTIME": "1345010001",
        "SFIDUSER": "", "SFIDDEST": "OALPHA", "SFIDORIG": "OBETA", "SFIDFMT": "U",
        "SFIDLRECL": 0, "SFIDFSIZ": 1, "SFIDOSIZ": 1, "SFIDSEC": 0, "SFIDCIPH": 0,
        "SFIDCOMP": 0, "SFIDENV": 0, "SFIDSIGN": false, "SFIDDESC": "",
    });
    assert_eq!(file["virtual_file"], virtual_file);
}

#[test]
fn nothing_that_came_is_ever_run() {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |_| {});
    let inbox = folder.path().join("inbox/beta/x");
    let link = folder.path().join("hook");
    std::fs::write(&inbox, "#!/bin/sh\n").expect("a file");
    std::os::unix::fs::symlink(&inbox, &link).expect("a link");
    let event = event("beta", None);
    let subject = Subject {
        event: &event,
        file: None,
        path: None,
    };
    for program in [
        "inbox/beta/x",
        "./hook",
        &inbox.to_string_lossy(),
        "keys/../inbox/beta/x",
    ] {
        let error = subject.run(&hook(&[program]), shared.folder());
        assert!(
            error
                .expect_err(program)
                .contains("nothing there is ever run"),
            "{program}"
        );
    }
    let run = subject
        .run(&hook(&["./other"]), shared.folder())
        .expect("it lies elsewhere");
    assert_eq!(run.program, folder.path().join("./other"));
}

proptest! {
    #[test]
    fn any_argument_without_placeholders_stays(argument in "[^{]*") {
        let values = [("id", OsString::from("x"))];
        prop_assert_eq!(replaced(&argument, &values), OsString::from(argument));
    }

    #[test]
    fn values_are_not_looked_into(value in "\\PC*") {
        let values = [("id", OsString::from(&value)), ("path", OsString::from("no"))];
        let expected = format!("a{value}b{{{value}");
        prop_assert_eq!(replaced("a{id}b{{id}", &values), OsString::from(expected));
    }
}
