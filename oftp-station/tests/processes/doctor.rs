//! `oftp doctor` against real listeners: each fault is found at its step, and explained.

mod network;
mod session;

use std::net::SocketAddr;

use serde_json::Value;

use crate::common::{BETA, Place, Process, Run};

/// A partner that is called at this address with these lines of oftp.toml.
fn examine(place: &Place, address: SocketAddr, partner: &[&str], options: &[&str]) -> Run {
    let config = format!(
        "[station]\nid = \"OALPHA\"\n\n[keys]\nall = [\"alpha.key\", \"alpha.pem\"]\n\n\
         [partner.beta]\nid = \"OBETA\"\naddress = \"{address}\"\n{}\n",
        partner.join("\n")
    );
    place.write("oftp.toml", config);
    let mut command = place.oftp(&["doctor", "beta", "--json"]);
    if !options.contains(&"--timeout") {
        command.args(["--timeout", "20"]);
    }
    Process::spawn(command.args(options)).finish()
}

/// The same for a listener with these options; what it received is still there.
fn with_listener(partner: &[&str], of_listener: &[&str], options: &[&str]) -> (Place, Run) {
    let place = Place::with_keys();
    for (name, password) in [("right", "SECRET1"), ("wrong", "SECRET2")] {
        let path = place.write(name, password);
        private(&path);
    }
    let listener = place.listen(of_listener);
    let run = examine(&place, listener.address, partner, options);
    listener.terminate();
    assert!(!run.out.contains("SECRET"), "a password is shown: {run}");
    (place, run)
}

fn private(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// The steps by name, with their verdicts.
fn verdicts(run: &Run) -> Vec<(String, String)> {
    let text = |step: &Value, key: &str| step[key].as_str().unwrap_or_default().to_owned();
    let steps = run.all("step").into_iter();
    steps
        .map(|step| (text(step, "step"), text(step, "verdict")))
        .collect()
}

#[track_caller]
fn verdict(run: &Run, step: &str) -> String {
    let found = verdicts(run).into_iter().find(|(name, _)| name == step);
    found.unwrap_or_else(|| panic!("no step {step} in {run}")).1
}

/// Fails unless the check failed at this step and no other, with this code and words, and says
/// what it means and what to try.
#[track_caller]
fn fails_at(run: &Run, stage: &str, code: i32, words: &[&str]) {
    run.exits(code);
    let failed: Vec<_> = run
        .all("step")
        .into_iter()
        .filter(|step| step["verdict"] == "failed")
        .collect();
    let [step] = failed[..] else {
        panic!("not one failure in {run}");
    };
    assert_eq!(step["step"], stage, "{run}");
    let text = step.to_string();
    for words in words {
        assert!(text.contains(words), "no `{words}` in {text}");
    }
    assert!(
        step["meaning"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{run}"
    );
    assert!(
        step["advice"].as_array().is_some_and(|all| !all.is_empty()),
        "{run}"
    );
    let end = run.one("checked");
    assert_eq!(
        (&end["ok"], &end["exit_code"]),
        (&false.into(), &code.into()),
        "{run}"
    );
}

const PLAIN: &str = "tls = \"off\"";
const TLS: &str = "certificates = \"beta.pem\"";

#[test]
fn all_is_well_over_plain_tcp() {
    let (place, run) = with_listener(&[PLAIN], &[], &[]);
    run.exits(0);
    assert_eq!(run.one("checked")["ok"], true, "{run}");
    for step in ["configuration", "keys", "tcp", "ssrm", "ssid", "end"] {
        assert_eq!(verdict(&run, step), "ok", "{run}");
    }
    for step in ["dns", "tls", "authentication"] {
        assert_eq!(verdict(&run, step), "skipped", "{run}");
    }
    assert!(
        run.out.contains("level 2.0, buffer 99999, credit 64"),
        "{run}"
    );
    assert!(run.out.contains("SSIDCODE=OBETA"), "{run}");
    assert_eq!(place.received(), []);
}

#[test]
fn all_is_well_with_everything() {
    let (place, run) = with_listener(
        &[
            TLS,
            "authentication = true",
            "[partner.beta.protect]\nsign = true\nencrypt = true\ncompress = true\nsigned_eerp = true",
        ],
        &[&["--tls", "--auth"][..], &BETA].concat(),
        &["--test-file"],
    );
    run.exits(0);
    for step in [
        "keys",
        "tls",
        "ssid",
        "authentication",
        "file",
        "response",
        "end",
    ] {
        assert_eq!(verdict(&run, step), "ok", "{run}");
    }
    for words in [
        "TLSv1_3",
        "CN=beta",
        "beta.example",
        "days left",
        "EERP, signed by CN=beta",
    ] {
        assert!(run.out.contains(words), "no `{words}` in {run}");
    }
    let received = String::from_utf8(place.contents().concat()).expect("text");
    assert!(received.contains("oftp doctor"), "{received}");
}

#[test]
fn a_file_of_the_user_is_sent() {
    let place = Place::with_keys();
    place.write("mine.edi", [0, 1, 2, b'\n', 255]);
    place.write("empty", "");
    let listener = place.listen(&[]);
    for (file, octets) in [("mine.edi", 5), ("empty", 0)] {
        let run = examine(&place, listener.address, &[PLAIN], &["--send-test", file]);
        run.exits(0);
        assert!(run.out.contains(&format!("{octets} octets sent")), "{run}");
    }
    let missing = examine(&place, listener.address, &[PLAIN], &["--send-test", "none"]);
    fails_at(&missing, "file", 11, &["none"]);
    listener.terminate();
    let mut received = place.contents();
    received.sort();
    assert_eq!(received, [vec![], vec![0, 1, 2, b'\n', 255]]);
}

#[test]
fn text_for_people_and_quiet() {
    let place = Place::with_keys();
    let listener = place.listen(&["--sessions", "2"]);
    examine(&place, listener.address, &[PLAIN], &[]).exits(0);
    let text = Process::spawn(&mut place.oftp(&["doctor", "beta"])).finish();
    listener.finish().exits(0);
    text.exits(0);
    assert!(text.out.starts_with("beta (OBETA)\n"), "{text}");
    assert!(
        text.out
            .contains("  ok   identification (SSID)    level 2.0"),
        "{text}"
    );
    assert!(text.out.ends_with("all is well\n"), "{text}");
    // Nobody is there any more.
    let quiet = Process::spawn(&mut place.oftp(&["doctor", "beta", "--quiet"])).finish();
    quiet.exits(3);
    assert!(
        quiet.out.contains("FAIL") && !quiet.out.contains("ok  "),
        "{quiet}"
    );
    let trace = Process::spawn(&mut place.oftp(&["doctor", "beta", "--trace"])).finish();
    trace.exits(3);
}

#[test]
fn a_partner_that_calls_us_and_one_that_is_not_there() {
    let place = Place::with_keys();
    let config = "[station]\nid = \"OALPHA\"\n[partner.beta]\nid = \"OBETA\"\ntls = \"off\"\n";
    place.write("oftp.toml", config);
    let run = Process::spawn(&mut place.oftp(&["doctor", "beta", "--json"])).finish();
    run.exits(0);
    assert!(run.out.contains("the partner calls us"), "{run}");
    let run = Process::spawn(&mut place.oftp(&["doctor", "gamma", "--json"])).finish();
    run.exits(2)
        .says("there is no partner")
        .says("there is beta");
}
