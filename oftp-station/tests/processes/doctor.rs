//! `oftp doctor` against real listeners: each fault is found at its step, and explained.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use oftp_core::mailbox::eerp_for;
use oftp_core::wire::{Command, CommandCode, Level};
use serde_json::Value;

use crate::common::{BETA, Peer, Place, Process, Run, sfid};

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
fn a_file_that_is_refused() {
    let of_listener = ["--require", "sign"];
    let of_listener = [&of_listener[..], &BETA].concat();
    let (_, run) = with_listener(&[PLAIN], &of_listener, &["--test-file"]);
    fails_at(&run, "file", 5, &["SFNA 20", "sign = true"]);
    assert_eq!(verdict(&run, "end"), "ok", "{run}");
    // We sign with a key that the partner does not know.
    let protect = "[partner.beta.protect]\nsign = true";
    let other = [
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "gamma.pem",
    ];
    let (_, run) = with_listener(&[PLAIN, protect], &other, &["--test-file"]);
    fails_at(&run, "response", 6, &["NERP", "compare the certificates"]);
}

#[test]
fn nobody_listens() {
    let place = Place::with_keys();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    drop(port);
    let run = examine(&place, address, &[PLAIN], &[]);
    let words = ["connection refused", "nobody listens on this port"];
    fails_at(&run, "tcp", 3, &words);
}

#[test]
fn the_second_address_is_tried() {
    let place = Place::with_keys();
    let listener = place.listen(&[]);
    let dead = TcpListener::bind("127.0.0.1:0").expect("a port");
    let dead_address = dead.local_addr().expect("an address");
    drop(dead);
    let config = format!(
        "[station]\nid = \"OALPHA\"\n[partner.beta]\nid = \"OBETA\"\ntls = \"off\"\n\
         address = [\"{dead_address}\", \"{}\"]\n",
        listener.address
    );
    place.write("oftp.toml", config);
    let run = Process::spawn(&mut place.oftp(&["doctor", "beta", "--json"])).finish();
    run.exits(0);
    let tcp: Vec<_> = verdicts(&run)
        .into_iter()
        .filter(|(step, _)| step == "tcp")
        .collect();
    let tcp: Vec<_> = tcp.iter().map(|(_, verdict)| verdict.as_str()).collect();
    assert_eq!(tcp, ["warning", "ok"], "{run}");
    listener.terminate();
}

/// A server that says this to whoever calls, as often as it is called.
fn server(said: &'static [u8]) -> SocketAddr {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("an address");
    std::thread::spawn(move || {
        for client in server.incoming().map_while(Result::ok) {
            let mut client = client;
            let _ = client.write_all(said);
            let _ = client.read(&mut [0; 512]);
        }
    });
    address
}

#[test]
fn a_server_of_another_protocol() {
    let place = Place::with_keys();
    let address = server(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let run = examine(&place, address, &[PLAIN], &[]);
    fails_at(&run, "ssrm", 8, &["HTTP", "check host and port"]);
    let run = examine(&place, address, &[TLS], &[]);
    fails_at(
        &run,
        "tls",
        8,
        &["HTTP", "something else than an OFTP station"],
    );
}

#[test]
fn tls_where_plain_is_expected_and_the_reverse() {
    let (_, run) = with_listener(
        &[PLAIN],
        &[&["--tls"][..], &BETA].concat(),
        &["--timeout", "2"],
    );
    let words = ["TLS is spoken there", "tls = \\\"required\\\""];
    fails_at(&run, "ssrm", 8, &words);
    let (_, run) = with_listener(&[TLS], &[], &[]);
    fails_at(
        &run,
        "tls",
        8,
        &["ODETTE FTP READY", "but without TLS", "6619"],
    );
}

#[test]
fn another_certificate_than_the_one_that_is_known() {
    let other = [
        "--tls",
        "--own-key",
        "gamma.key",
        "--own-cert",
        "gamma.pem",
        "--partner-cert",
        "alpha.pem",
    ];
    let (_, run) = with_listener(&[TLS], &other, &[]);
    let words = [
        "CN=gamma",
        "by telephone",
        "we have",
        "CN=beta",
        "SHA-256",
        "gamma.example",
    ];
    fails_at(&run, "tls", 4, &words);
}

#[test]
fn a_certificate_for_another_name() {
    let by_ca = [
        "--tls",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta-by-ca.pem",
        "--partner-cert",
        "alpha.pem",
    ];
    let ca = "authorities = \"ca.pem\"";
    let (_, run) = with_listener(&[ca], &by_ca, &[]);
    let words = ["127.0.0.1", "beta.example", "tls_name"];
    fails_at(&run, "tls", 4, &words);
    let (_, run) = with_listener(&[ca, "tls_name = \"beta.example\""], &by_ca, &[]);
    run.exits(0);
    assert!(
        run.out
            .contains("an authority of the partner vouches for it"),
        "{run}"
    );
}

#[test]
fn a_certificate_that_has_ended() {
    let old = [
        "--tls",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta-expired.pem",
        "--partner-cert",
        "alpha.pem",
    ];
    let (_, run) = with_listener(&["certificates = \"beta-expired.pem\""], &old, &[]);
    fails_at(
        &run,
        "tls",
        4,
        &["expired on 2021-01-01", "0 days left", "new certificate"],
    );
}

#[test]
fn our_certificate_is_refused() {
    let strict = [
        "--tls",
        "--tls-client-cert",
        "require",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "gamma.pem",
    ];
    let (_, run) = with_listener(&[TLS], &strict, &[]);
    fails_at(
        &run,
        "tls",
        4,
        &[
            "refused our certificate",
            "give the partner our certificate",
        ],
    );
}

#[test]
fn our_code_is_not_known() {
    let (_, run) = with_listener(&[PLAIN], &["--partner", "OGAMMA"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["ESID 03", "`OALPHA`", "own_id", "SSIDCODE=OALPHA"],
    );
}

#[test]
fn another_station_answers() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        Peer::answer(&listener, "OOTHER", Level::V2_0)
            .expect_esid()
            .0
    });
    let run = examine(&place, address, &[PLAIN], &[]);
    assert_eq!(script.join().expect("the station"), 3);
    let words = [
        "OOTHER answered instead of OBETA",
        "SSIDCODE=OOTHER",
        "`stations`",
    ];
    fails_at(&run, "ssid", 4, &words);
}

#[test]
fn passwords_on_both_sides() {
    let ours = "password = { file = \"wrong\" }";
    let (_, run) = with_listener(&[PLAIN, ours], &["--partner", "OALPHA:right"], &[]);
    fails_at(&run, "ssid", 4, &["ESID 04", "does not take our password"]);
    let theirs = "their_password = { file = \"right\" }";
    let (_, run) = with_listener(&[PLAIN, theirs], &["--password-file", "wrong"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["wrong password from OBETA", "their_password"],
    );
}

#[test]
fn keys_of_authentication_that_do_not_fit() {
    let auth = "authentication = true";
    // The partner has somebody else's certificate for ours: we cannot open its challenge.
    let for_gamma = [
        "--auth",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
        "--partner-cert",
        "gamma.pem",
    ];
    let (_, run) = with_listener(&[PLAIN, TLS, auth], &for_gamma, &[]);
    let words = [
        "encrypted for",
        "CN=gamma",
        "we can open those for",
        "CN=alpha",
        "serial",
        "present certificate",
    ];
    fails_at(&run, "authentication", 4, &words);
    // We have somebody else's for the partner's: it cannot open ours.
    let other = "certificates = \"gamma.pem\"";
    let (_, run) = with_listener(
        &[PLAIN, other, auth],
        &[&["--auth"][..], &BETA].concat(),
        &[],
    );
    let words = [
        "ESID 11",
        "our challenge was for",
        "CN=gamma",
        "could not open our challenge",
    ];
    fails_at(&run, "authentication", 4, &words);
}

#[test]
fn authentication_on_one_side_alone() {
    let (_, run) = with_listener(&[PLAIN], &[&["--auth"][..], &BETA].concat(), &[]);
    fails_at(&run, "ssid", 4, &["SSIDAUTH", "authentication = true"]);
}

#[test]
fn levels_that_do_not_fit() {
    let lowest = "lowest_level = \"2.0\"";
    let (_, run) = with_listener(&[PLAIN, lowest], &["--level", "1.4"], &[]);
    fails_at(
        &run,
        "ssid",
        4,
        &["2.0 down to 2.0", "lowest_level", "SSIDLEV=4"],
    );
}

#[test]
fn responses_for_the_station_stay_with_the_partner() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let mut peer = Peer::answer(&listener, "OBETA", Level::V2_0);
        peer.expect(CommandCode::Cd);
        // An end response to a file that the station sent some time ago.
        peer.send(&Command::Eerp(eerp_for(&sfid(b"REAL-FILE"))));
        peer.expect_esid()
    });
    let run = examine(&place, address, &[PLAIN], &[]);
    let (reason, text) = script.join().expect("the partner");
    // No RTR: it has to send it again.
    assert_eq!(reason, 99);
    assert!(text.contains("keep the response"), "{text}");
    run.exits(0);
    assert!(run.out.contains("the check left them there"), "{run}");
}

#[test]
fn a_partner_that_hangs_up_or_is_silent() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        // For the session, and for the look whether it is TLS that is spoken there.
        for _ in 0..2 {
            drop(listener.accept());
        }
    });
    let run = examine(&place, address, &[PLAIN], &[]);
    script.join().expect("the partner");
    fails_at(
        &run,
        "ssrm",
        10,
        &["closed the connection", "known addresses only"],
    );
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let run = examine(&place, address, &[PLAIN], &["--timeout", "1"]);
    fails_at(&run, "ssrm", 9, &["said nothing in time", "does not greet"]);
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
