//! Faults before the session: the connection, TLS, and who else may answer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use super::{PLAIN, TLS, examine, fails_at, verdicts, with_listener};
use crate::common::{BETA, Place, Process};

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
fn a_partner_that_hangs_up_or_is_silent() {
    let place = Place::with_keys();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // As often as it is called: for the session, and for the look whether TLS is spoken there.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let run = examine(&place, address, &[PLAIN], &[]);
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
