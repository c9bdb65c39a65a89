//! Hooks by what they do: real commands, a real journal.

use std::fs;
use std::path::{Path, PathBuf};

use oftp_core::wire::NerpReason;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::config::Config;
use super::super::journal::Journal;
use super::super::journal::file::{FileRow, FileState};
use super::super::testing;
use super::*;

/// A command that `sh` reads: the test's own, as a configuration may name one.
fn hook(name: &str, events: &[Kind], script: &str, arguments: &[&str]) -> HookConfig {
    let command = ["sh", "-c", script, name];
    let command = command.iter().chain(arguments);
    HookConfig {
        name: name.to_owned(),
        events: events.to_vec(),
        partners: Vec::new(),
        command: command.map(ToString::to_string).collect(),
        timeout: Duration::from_secs(60),
        attempts: 2,
        refuses: false,
    }
}

struct Place {
    folder: tempfile::TempDir,
    shared: Shared,
}

impl Place {
    fn new(hooks: Vec<HookConfig>) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let shared = testing::station(folder.path(), |config: &mut Config| config.hooks = hooks);
        Self { folder, shared }
    }

    fn journal(&self) -> &Journal {
        self.shared.journal()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn hooks(&self) -> Hooks {
        let moment = Duration::from_millis(1);
        Hooks::new(self.shared.clone()).with_pauses(moment, moment)
    }

    fn run(&self) -> Running {
        let (stop, stopped) = oneshot::channel();
        let hooks = self.hooks();
        let task = tokio::spawn(hooks.run(async {
            let _ = stopped.await;
        }));
        Running { stop, task }
    }

    fn delivered(&self, dsn: &str) -> FileRow {
        let row = testing::received(self.journal(), testing::sfid(dsn.as_bytes()));
        let path = self.path("inbox/beta").join(dsn);
        testing::lead(self.journal(), row.key.0, FileState::Delivered, Some(&path))
    }

    fn rows(&self, name: &str) -> Vec<HookRow> {
        let rows = self
            .journal()
            .read(|connection| hook::of_name(connection, name));
        rows.expect("rows")
    }

    fn kinds(&self) -> Vec<Kind> {
        let rows = self
            .journal()
            .read(|connection| event::after(connection, 0, 1000));
        rows.expect("rows").iter().map(|row| row.kind).collect()
    }

    /// Until the rows of a hook are so.
    async fn until(&self, name: &str, is_so: impl Fn(&[HookRow]) -> bool) -> Vec<HookRow> {
        let mut seen = 0;
        loop {
            let rows = self.rows(name);
            if is_so(&rows) {
                return rows;
            }
            seen = self.journal().changed(seen).await;
        }
    }

    async fn until_closed(&self, name: &str, count: usize) -> Vec<HookRow> {
        let is_closed = |row: &HookRow| row.state == "done" || row.state == "failed";
        self.until(name, |rows| {
            rows.len() == count && rows.iter().all(is_closed)
        })
        .await
    }
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), JournalError>>,
}

impl Running {
    async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.task
            .await
            .expect("no panic")
            .expect("the journal is there");
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_its_arguments_and_its_input() {
    let script =
        "cat > input; env > environment; printf '%s\\n' \"$0\" \"$@\" \"$OFTP_PATH\" > arguments";
    let arguments = ["{file}", "{path}", "{dsn}", "{partner}", "{event}", "{id}"];
    let place = Place::new(vec![hook("a", &[Kind::FileDelivered], script, &arguments)]);
    let running = place.run();
    let row = place.delivered("A B;C");
    place.until_closed("a", 1).await;
    running.stop().await;
    let path = place.path("inbox/beta").join("A B;C");
    let path = path.to_str().expect("text");
    let event = place.rows("a")[0].event;
    let id = format!("{}-{event}", row.key);
    let dsn = "A_20B_3BC";
    assert_eq!(
        lines(&place.path("arguments")),
        ["a", "1", path, dsn, "beta", "file_delivered", &id, path]
    );
    let mut variables = lines(&place.path("environment")).into_iter();
    assert!(
        std::env::var_os("CARGO_PKG_NAME").is_some(),
        "a variable of ours that it must not get"
    );
    assert!(!variables.any(|line| line.starts_with("CARGO_PKG_NAME=")));
    let input = fs::read(place.path("input")).expect("input");
    let input: serde_json::Value = serde_json::from_slice(&input).expect("JSON");
    assert_eq!(
        (&input["id"], &input["file"]["file"]),
        (&json!(id), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_a_hook_is_not_for_and_other_events_are_passed_over() {
    let mut other = hook("other", &[Kind::FileDelivered], "exit 0", &[]);
    other.partners = vec!["gamma".to_owned()];
    let place = Place::new(vec![
        hook("a", &[Kind::FileDelivered], "exit 0", &[]),
        hook("b", &[Kind::FileClosed], "exit 0", &[]),
        other,
    ]);
    let running = place.run();
    place.delivered("X");
    assert_eq!(place.until_closed("a", 1).await[0].state, "done");
    running.stop().await;
    assert!(place.rows("b").is_empty() && place.rows("other").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_tried_again_and_told() {
    let script = "echo run >> runs; echo first >&2; echo last words >&2; exit 3";
    let place = Place::new(vec![hook("a", &[Kind::FileDelivered], script, &[])]);
    let running = place.run();
    place.delivered("X");
    let row = place.until_closed("a", 1).await.remove(0);
    running.stop().await;
    assert_eq!((row.state.as_str(), row.attempts), ("failed", 3));
    assert_eq!(
        row.trouble.as_deref(),
        Some("exit code 3: first | last words")
    );
    assert_eq!(lines(&place.path("runs")).len(), 3);
    let told = place
        .journal()
        .read(|connection| event::after(connection, 0, 100));
    let told = told.expect("rows").pop().expect("a row");
    assert_eq!((told.kind, told.file), (Kind::HookFailed, row.file));
    assert_eq!(told.detail["hook"], "a");
    assert_eq!(told.detail["trouble"], "exit code 3: first | last words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_passes_is_done() {
    let script = "echo run >> runs; test $(wc -l < runs) -ge 2";
    let place = Place::new(vec![hook("a", &[Kind::FileDelivered], script, &[])]);
    let running = place.run();
    place.delivered("X");
    let row = place.until_closed("a", 1).await.remove(0);
    running.stop().await;
    assert_eq!(
        (row.state.as_str(), row.attempts, row.trouble),
        ("done", 2, None)
    );
    assert!(!place.kinds().contains(&Kind::HookFailed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_for_failed_hooks_that_fails_ends_there() {
    let mut alarm = hook("alarm", &[Kind::HookFailed], "exit 1", &[]);
    alarm.attempts = 0;
    let mut first = hook("first", &[Kind::FileDelivered], "exit 1", &[]);
    first.attempts = 0;
    let mark = hook("mark", &[Kind::Alarm], "exit 0", &[]);
    let place = Place::new(vec![alarm, first, mark]);
    let running = place.run();
    place.delivered("X");
    place.until_closed("alarm", 1).await;
    // What is told after it shows that nothing of it is still to come.
    let none = json!({});
    let note = move |connection: &_| event::note(connection, Kind::Alarm, None, None, &none);
    place.journal().write(note).expect("written");
    place.until_closed("mark", 1).await;
    running.stop().await;
    assert_eq!(place.rows("alarm").len(), 1);
    let failures = place
        .kinds()
        .into_iter()
        .filter(|kind| *kind == Kind::HookFailed);
    assert_eq!(failures.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_limit_ends_the_whole_group() {
    let script = "trap '' TERM; (trap '' TERM; exec sleep 600) & echo $! > child; exec sleep 600";
    let mut slow = hook("slow", &[Kind::FileDelivered], script, &[]);
    slow.timeout = Duration::from_millis(300);
    slow.attempts = 0;
    let place = Place::new(vec![slow]);
    let running = place.run();
    place.delivered("X");
    let row = place.until_closed("slow", 1).await.remove(0);
    running.stop().await;
    assert!(
        row.trouble
            .expect("why")
            .starts_with("not done after 0.3 s")
    );
    assert_is_gone(&place.path("child"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_leaves_behind_ends_with_it() {
    let script = "sleep 600 & echo $! > child; exit 0";
    let place = Place::new(vec![hook("a", &[Kind::FileDelivered], script, &[])]);
    let running = place.run();
    place.delivered("X");
    assert_eq!(place.until_closed("a", 1).await[0].state, "done");
    running.stop().await;
    assert_is_gone(&place.path("child"));
}

/// The process whose number is in the file does not run any more (nobody may have buried it yet).
fn assert_is_gone(number: &Path) {
    let id = lines(number)[0].clone();
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    assert!(matches!(state, None | Some('Z' | 'X')), "{stat}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_run_and_record_runs_it_again_with_the_same_id() {
    let script = "echo $OFTP_ID >> ids; test -e over || exec sleep 600";
    let place = Place::new(vec![hook("a", &[Kind::FileDelivered], script, &[])]);
    let running = place.run();
    place.delivered("X");
    place.until("a", |rows| rows.len() == 1).await;
    while lines(&place.path("ids")).is_empty() {
        tokio::task::yield_now().await;
    }
    // Nothing is written any more, as after kill -9.
    running.task.abort();
    let _ = running.task.await;
    fs::write(place.path("over"), "").expect("written");
    let again = place.run();
    let row = place.until_closed("a", 1).await.remove(0);
    again.stop().await;
    assert_eq!((row.state.as_str(), row.attempts), ("done", 1));
    let ids = lines(&place.path("ids"));
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_passed_over_and_nothing_told_twice_across_restarts() {
    let place = Place::new(vec![hook(
        "a",
        &[Kind::FileDelivered],
        "echo $OFTP_ID >> ids",
        &[],
    )]);
    for round in 0..3_usize {
        // What happens while nobody runs hooks, and what happens while somebody does.
        place.delivered(&format!("BEFORE{round}"));
        let running = place.run();
        place.delivered(&format!("DURING{round}"));
        place.until_closed("a", 2 * round + 2).await;
        running.stop().await;
    }
    // A place that was lost, as far as it is not written with the rows, does no harm.
    let back = |connection: &_| fact::set(connection, PLACE, "0");
    place.journal().write(back).expect("written");
    let running = place.run();
    place.delivered("LAST");
    place.until_closed("a", 7).await;
    running.stop().await;
    let mut ids = lines(&place.path("ids"));
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), lines(&place.path("ids")).len()), (7, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_is_told_in_order_even_where_the_first_fails() {
    let script = "test $OFTP_EVENT = file_received -a ! -e once && { : > once; exit 1; }; \
                  echo $OFTP_FILE $OFTP_EVENT >> told";
    let events = [Kind::FileReceived, Kind::FileDelivered, Kind::FileClosed];
    let place = Place::new(vec![hook("a", &events, script, &[])]);
    let row = place.delivered("X");
    testing::lead(place.journal(), row.key.0, FileState::Closed, None);
    let running = place.run();
    place.until_closed("a", 3).await;
    running.stop().await;
    let expected = ["1 file_received", "1 file_delivered", "1 file_closed"];
    assert_eq!(lines(&place.path("told")), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_hook_does_not_stop_another() {
    // The slow one ends when the quick one has told of all files: else it never would.
    let slow = "while ! test -e all; do sleep 0.05; done";
    let quick = "echo x >> told; test $(wc -l < told) -lt 12 || : > all";
    let place = Place::new(vec![
        hook("slow", &[Kind::FileDelivered], slow, &[]),
        hook("quick", &[Kind::FileDelivered], quick, &[]),
    ]);
    for number in 0..12 {
        place.delivered(&format!("F{number}"));
    }
    let running = place.run();
    place.until_closed("quick", 12).await;
    place.until_closed("slow", 12).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_end_of_a_long_output_is_kept_and_none_stops_the_command() {
    let script = "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1";
    let mut long = hook("a", &[Kind::FileDelivered], script, &[]);
    long.attempts = 0;
    let place = Place::new(vec![long]);
    let running = place.run();
    place.delivered("X");
    let row = place.until_closed("a", 1).await.remove(0);
    running.stop().await;
    let trouble = row.trouble.expect("why");
    assert!(
        trouble.ends_with("the end") && trouble.len() < 2000,
        "{}",
        trouble.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_is_configured_no_more_is_told_of() {
    let place = Place::new(vec![hook(
        "a",
        &[Kind::FileDelivered],
        "exec sleep 600",
        &[],
    )]);
    let running = place.run();
    place.delivered("X");
    place.until("a", |rows| rows.len() == 1).await;
    running.task.abort();
    let _ = running.task.await;
    place
        .shared
        .replace_config(testing::config(place.folder.path()));
    let running = place.run();
    let row = place.until_closed("a", 1).await.remove(0);
    running.stop().await;
    assert!(
        row.trouble
            .expect("why")
            .contains("not configured any more")
    );
}

fn judge(script: &str) -> HookConfig {
    let mut judge = hook("judge", &[Kind::FileReceived], script, &["{path}"]);
    judge.refuses = true;
    judge.attempts = 1;
    judge
}

async fn verdicts(place: &Place, count: usize) -> Vec<Verdict> {
    let row = testing::received(place.journal(), testing::sfid(b"X"));
    let hooks = place.hooks();
    let path = place.path("spool/in/x");
    let mut verdicts = Vec::new();
    while verdicts.len() < count {
        let verdict = hooks.judge(&row, &path).await;
        // Asked before its pause is over, it says the same as before.
        if verdicts.last() != Some(&verdict) {
            verdicts.push(verdict);
        }
    }
    verdicts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_agrees_is_asked_once() {
    let place = Place::new(vec![judge("echo $1 >> asked")]);
    assert_eq!(verdicts(&place, 1).await, [Verdict::Deliver]);
    let path = place.path("spool/in/x");
    let row = place
        .journal()
        .read(|c| file::get(c, file::FileKey(1)))
        .expect("there");
    assert_eq!(place.hooks().judge(&row, &path).await, Verdict::Deliver);
    assert_eq!(lines(&place.path("asked")), [path.to_str().expect("text")]);
    let running = place.run();
    running.stop().await;
    assert_eq!(
        place.rows("judge").len(),
        1,
        "nobody but the delivery asks a judge"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_refuses_after_its_attempts_and_chooses_the_reason() {
    for (script, code) in [
        ("echo bad >&2; exit 1", 34),
        ("echo reason=22; echo bad; exit 1", 22),
        ("echo reason=77; echo bad; exit 1", 34),
        ("echo reason=; echo reason=256; echo bad >&2; exit 1", 34),
    ] {
        let place = Place::new(vec![judge(script)]);
        let verdicts = verdicts(&place, 2).await;
        let Verdict::Later(why) = &verdicts[0] else {
            panic!("{verdicts:?}");
        };
        assert!(why.contains("exit code 1") && why.contains("bad"), "{why}");
        let Verdict::Refuse(reason, why) = &verdicts[1] else {
            panic!("{verdicts:?}");
        };
        assert_eq!(*reason, NerpReason::new(code), "{script}");
        assert!(why.contains("bad"), "{why}");
        let row = &place.rows("judge")[0];
        assert_eq!((row.state.as_str(), row.attempts), ("failed", 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_may_say_later_for_ever() {
    let script = "echo x >> asked; test $(wc -l < asked) -gt 5 || exit 75";
    let place = Place::new(vec![judge(script)]);
    let verdicts = verdicts(&place, 2).await;
    assert!(matches!(verdicts[0], Verdict::Later(_)), "{verdicts:?}");
    assert_eq!(verdicts[1], Verdict::Deliver);
    assert_eq!(lines(&place.path("asked")).len(), 6);
    assert_eq!(place.rows("judge")[0].attempts, 1, "later is no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_cannot_be_started_refuses_nothing() {
    let mut missing = judge("");
    missing.command = vec!["./not-there".to_owned()];
    let place = Place::new(vec![missing]);
    let row = testing::received(place.journal(), testing::sfid(b"X"));
    let hooks = place.hooks();
    while place
        .rows("judge")
        .first()
        .is_none_or(|row| row.attempts < 4)
    {
        let verdict = hooks.judge(&row, &place.path("x")).await;
        assert!(matches!(verdict, Verdict::Later(_)), "{verdict:?}");
    }
    let told = place
        .kinds()
        .into_iter()
        .filter(|kind| *kind == Kind::HookFailed);
    assert_eq!(told.count(), 1, "people are told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn judges_are_for_their_partners_and_each_must_agree() {
    let mut other = judge("exit 1");
    other.name = "other".to_owned();
    other.partners = vec!["gamma".to_owned()];
    let mut second = judge("echo second >> asked; exit 1");
    second.name = "second".to_owned();
    second.attempts = 0;
    let place = Place::new(vec![other, judge("echo first >> asked"), second]);
    let verdicts = verdicts(&place, 1).await;
    assert!(matches!(verdicts[0], Verdict::Refuse(..)), "{verdicts:?}");
    assert_eq!(lines(&place.path("asked")), ["first", "second"]);
}

#[test]
fn a_judge_ends_though_every_thread_that_may_block_waits_for_judges() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .expect("runtime");
    let place = Place::new(vec![judge("exit 0")]);
    let row = testing::received(place.journal(), testing::sfid(b"X"));
    let (hooks, handle) = (place.hooks(), runtime.handle().clone());
    // As the delivery of a file asks it.
    let asked = runtime.spawn_blocking(move || handle.block_on(hooks.judge(&row, Path::new("x"))));
    assert_eq!(runtime.block_on(asked).expect("asked"), Verdict::Deliver);
}
