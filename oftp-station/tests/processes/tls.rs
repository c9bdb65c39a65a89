//! TLS below the session (RFC 5024 2.3): whose certificates are taken, what is said of the others,
//! and that there is never a fallback to a line without it.

use crate::common::{ALPHA, BETA, Place, Process, Run};

/// Sends a file over TLS with these options on the two sides.
fn over_tls(of_sender: &[&str], of_listener: &[&str]) -> (Run, Run) {
    calls(
        &[&["--tls"][..], of_sender].concat(),
        &[&["--tls"][..], of_listener].concat(),
    )
}

/// Sends a file with these options on the two sides. It arrives where both are content.
fn calls(of_sender: &[&str], of_listener: &[&str]) -> (Run, Run) {
    let place = Place::with_keys();
    place.write("file", "x");
    let listener = place.listen(&[&["--once"][..], of_listener].concat());
    let run = place.send(listener.address, &[&["file"][..], of_sender].concat());
    let received = listener.finish();
    let arrived = place.received().len();
    assert_eq!(
        arrived,
        usize::from(run.code == Some(0)),
        "{run} {received}"
    );
    (run, received)
}

/// Neither side began a session, over TLS or without.
#[track_caller]
fn no_session(run: &Run, received: &Run) {
    for end in [run, received] {
        assert_eq!(end.all("session_started").len(), 0, "{end}");
        assert!(end.all("connected").len() <= 1, "no second call: {end}");
    }
}

/// The listener with a certificate of the authority.
pub(crate) const BETA_BY_CA: [&str; 6] = [
    "--own-key",
    "beta.key",
    "--own-cert",
    "beta-by-ca.pem",
    "--partner-ca",
    "ca.pem",
];

#[test]
fn pinned_certificates_on_both_sides() {
    let require = ["--tls-client-cert", "require"];
    let (run, received) = over_tls(&ALPHA, &[&BETA[..], &require].concat());
    for (end, whose) in [(run, "CN=beta"), (received, "CN=alpha")] {
        end.exits(0);
        let secured = end.one("secured");
        let protocol = secured["protocol"].as_str().unwrap_or_default();
        assert!(protocol.starts_with("TLSv1_3 "), "{end}");
        let certificate = secured["certificate"].as_str().unwrap_or_default();
        assert!(certificate.contains(whose), "{end}");
    }
}

#[test]
fn everything_together() {
    let services = [
        "--auth",
        "--sign",
        "--compress",
        "--encrypt",
        "--signed-eerp",
    ];
    let policy = ["--auth", "--require", "sign,compress,encrypt,signed-eerp"];
    let (run, received) = over_tls(
        &[&ALPHA[..], &services].concat(),
        &[&BETA[..], &policy].concat(),
    );
    run.exits(0);
    received.exits(0);
}

#[test]
fn an_authority_vouches_for_the_host_that_is_called() {
    let by_ca = ["--partner-ca", "ca.pem"];
    let named = |name| [&by_ca[..], &["--tls-name", name]].concat();
    let (run, received) = over_tls(&named("beta.example"), &BETA_BY_CA);
    run.exits(0);
    received.exits(0);
    let (run, received) = over_tls(&named("gamma.example"), &BETA_BY_CA);
    run.exits(4)
        .says("is for \"beta.example\" instead of \"gamma.example\"")
        .says("ask the partner whether the name is right");
    received.exits(3);
    no_session(&run, &received);
    // The address that is called is the name where no other is given.
    let (run, received) = over_tls(&by_ca, &BETA_BY_CA);
    run.exits(4).says("instead of \"127.0.0.1\"");
    no_session(&run, &received);
    // A name of the partner, wherever it is reached.
    let partner = ["--partner-name", "beta.example"];
    let (run, _) = over_tls(&[&by_ca[..], &partner].concat(), &BETA_BY_CA);
    run.exits(0);
}

#[test]
fn another_certificate_than_the_pinned_one() {
    let (run, received) = over_tls(&["--partner-cert", "gamma.pem"], &BETA);
    run.exits(4)
        .says("the partner is not trusted: certificate CN=beta")
        .says("someone else's")
        .says("if the partner confirms its SHA-256");
    received
        .exits(3)
        .says("the partner refused our certificate");
    no_session(&run, &received);
}

#[test]
fn an_authority_that_is_not_known() {
    let (run, received) = over_tls(&["--partner-cert", "gamma.pem"], &BETA_BY_CA);
    run.exits(4).says("the partner is not trusted");
    no_session(&run, &received);
}

#[test]
fn a_certificate_that_has_expired() {
    let expired = [
        "--tls",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta-expired.pem",
    ];
    let (run, received) = calls(&["--tls", "--partner-cert", "beta-expired.pem"], &expired);
    run.exits(4)
        .says("expired on 2021-01-01")
        .says("ask its owner for the new one");
    received
        .exits(3)
        .says("the partner refused our certificate");
    no_session(&run, &received);
}

#[test]
fn a_call_without_anything_known_of_the_partner_is_not_made() {
    let place = Place::with_keys();
    place.write("file", "x");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    place
        .send(nowhere, &["file", "--tls"])
        .exits(2)
        .says("--tls: nothing is known of the partner's certificate");
    let mut command = place.listener(&["--tls"]);
    Process::spawn(&mut command)
        .finish()
        .exits(2)
        .says("--tls: there is no own key")
        .says("oftp keygen");
}

#[test]
fn the_certificate_of_another_partner_does_not_open_the_session_of_this_one() {
    let partners = ["--partner", "OALPHA", "--partner", "OGAMMA"];
    let theirs = [
        "--partner-cert",
        "OALPHA:alpha.pem",
        "--partner-cert",
        "OGAMMA:gamma.pem",
    ];
    let of_listener = [&BETA[..4], &partners, &theirs].concat();
    let gamma = ["--own-key", "gamma.key", "--own-cert", "gamma.pem"];
    let of_sender = [&gamma[..], &["--partner-cert", "beta.pem"]].concat();
    let (run, received) = over_tls(&of_sender, &of_listener);
    run.exits(4).says("(ESID 03)");
    received
        .exits(4)
        .says("the certificate shown for TLS is not this partner's: CN=gamma");
    assert_eq!(
        received.one("session_ended")["reason"]["code"],
        3,
        "{received}"
    );
    no_session(&run, &received);
    // As itself it may call.
    let place = Place::with_keys();
    place.write("file", "x");
    let listener = place.listen(&[&["--once", "--tls"][..], &of_listener].concat());
    let address = listener.address.to_string();
    let as_itself = ["--id", "OGAMMA", "--partner", "OBETA", "--state", "state"];
    let call = ["send", &address, "file", "--tls"];
    let mut command = place.oftp(&[&call[..], &as_itself, &of_sender].concat());
    Process::spawn(&mut command).finish().exits(0);
    listener.finish().exits(0);
}

#[test]
fn a_certificate_that_is_nobody_s_ends_the_handshake() {
    let gamma = ["--own-key", "gamma.key", "--own-cert", "gamma.pem"];
    let (run, received) = over_tls(
        &[&gamma[..], &["--partner-cert", "beta.pem"]].concat(),
        &BETA,
    );
    assert_ne!(run.code, Some(0));
    run.says("the partner refused our certificate");
    received
        .exits(3)
        .says("the partner is not trusted: certificate CN=gamma");
    no_session(&run, &received);
}

#[test]
fn a_caller_without_a_certificate_where_one_is_required() {
    let require = ["--tls-client-cert", "require"];
    let (run, received) = over_tls(&ALPHA[4..], &[&BETA[..], &require].concat());
    assert_ne!(run.code, Some(0));
    run.says("the partner requires a certificate of ours, and we showed none");
    received
        .exits(3)
        .says("the partner showed no certificate, and this side requires one");
    no_session(&run, &received);
    // Where it is only asked for, it may do without.
    let (run, received) = over_tls(&ALPHA[4..], &BETA);
    run.exits(0);
    assert_eq!(
        received.one("secured")["certificate"],
        serde_json::Value::Null
    );
}

#[test]
fn a_caller_over_tls_on_the_port_without() {
    let (run, received) = calls(&[&["--tls"][..], &ALPHA].concat(), &BETA);
    run.exits(4)
        .says("the other side does not speak TLS (it sent \"ODETTE FTP READY\" in the clear)")
        .says("use the port with TLS (6619)");
    received.exits(8).says("TLS on the port without TLS");
    no_session(&run, &received);
}

#[test]
fn a_caller_without_tls_on_the_port_with() {
    let (run, received) = calls(
        &[&["--timeout", "1"][..], &ALPHA].concat(),
        &[&["--tls"][..], &BETA].concat(),
    );
    // Each waits for the other to speak first.
    run.exits(9).says("or a port with TLS (--tls)?");
    received.exits(3);
    no_session(&run, &received);
}

/// With TLS the floor is level 2.0 (threat model S9).
#[test]
fn a_partner_of_an_old_level_is_not_enough_over_tls() {
    let (run, received) = calls(
        &[&["--tls"][..], &ALPHA].concat(),
        &[
            &["--tls", "--level", "1.4", "--min-level", "1.4"][..],
            &BETA,
        ]
        .concat(),
    );
    run.exits(4)
        .says("partner speaks release level 1.4, the lowest allowed here is 2.0");
    received.exits(4);
    assert_eq!(received.all("file_offered").len(), 0, "{received}");
}
