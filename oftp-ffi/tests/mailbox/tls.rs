//! TLS in both roles: certificates are bound to partners.

use std::os::fd::AsRawFd;
use std::ptr::null;

use oftp::*;

use super::support::{Station, key, last_error, noise, run, sized, sockets};

fn station(code: &'static str, name: &str) -> Station {
    let read = |kind: &str| {
        let path = key(&format!("{name}.{kind}"));
        std::fs::read(path.to_str().unwrap()).unwrap()
    };
    let octets = [read("key"), read("pem")].concat();
    Station::new(code, |config| {
        config.own_keys_data = octets.as_ptr();
        config.own_keys_len = octets.len();
    })
}

fn knows(station: &Station, code: &str, certificate: &str) {
    let certificate = key(certificate);
    station.knows(code, |partner| {
        partner.certificates = certificate.as_ptr();
        partner.tls = oftp_choice::OFTP_YES as i32;
    });
}

/// A session with TLS; with what each side was told to do.
fn session(caller: &Station, called: &Station, one: &oftp_tls, two: &oftp_tls) {
    let (a, b) = sockets();
    caller.calls(called.code);
    called.answers();
    caller.attach(a.as_raw_fd(), Some(one));
    called.attach(b.as_raw_fd(), Some(two));
    run((caller, &a), (called, &b));
}

fn endings(one: &Station, two: &Station) -> (i32, i32) {
    (one.result().ending, two.result().ending)
}

const NORMAL: i32 = oftp_ending::OFTP_ENDING_NORMAL as i32;
const TLS: i32 = oftp_ending::OFTP_ENDING_TLS as i32;

#[test]
fn files_travel_both_ways() {
    let (alpha, beta) = (station("OALPHA", "alpha"), station("OBETA", "beta"));
    knows(&alpha, "OBETA", "beta.pem");
    knows(&beta, "OALPHA", "alpha.pem");
    let octets = noise(3_000_000);
    let u = || oftp_format::OFTP_FORMAT_U;
    alpha.send(&alpha.file("A", "OBETA", u(), 0), &octets);
    beta.send(&beta.file("B", "OALPHA", u(), 0), &octets);
    session(&alpha, &beta, &sized(), &sized());
    assert_eq!(endings(&alpha, &beta), (NORMAL, NORMAL));
    assert!(alpha.only_stored() == octets && beta.only_stored() == octets);
    assert_eq!(alpha.result().files_delivered, 1);
}

#[test]
fn a_server_with_another_certificate_is_refused() {
    let (alpha, beta) = (station("OALPHA", "alpha"), station("OBETA", "gamma"));
    knows(&alpha, "OBETA", "beta.pem");
    knows(&beta, "OALPHA", "alpha.pem");
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    session(&alpha, &beta, &sized(), &sized());
    assert_eq!(endings(&alpha, &beta), (TLS, TLS));
    let text = super::support::text(alpha.result().text);
    assert!(text.contains("not trusted"), "{text}");
    assert!(beta.stored().is_empty());
    assert_eq!(alpha.result().files_waiting, 1);
}

#[test]
fn a_caller_with_another_certificate_is_refused() {
    let (alpha, beta) = (station("OALPHA", "gamma"), station("OBETA", "beta"));
    knows(&alpha, "OBETA", "beta.pem");
    knows(&beta, "OALPHA", "alpha.pem");
    session(&alpha, &beta, &sized(), &sized());
    let (one, two) = endings(&alpha, &beta);
    // In TLS 1.3 a client hears after its handshake that it is refused.
    assert!(one == TLS || one == oftp_ending::OFTP_ENDING_FAILED as i32);
    assert_eq!(two, TLS);
}

#[test]
fn a_caller_with_the_certificate_of_another_partner_is_turned_away() {
    // GAMMA is a partner as well, and calls itself ALPHA.
    let (alpha, beta) = (station("OALPHA", "gamma"), station("OBETA", "beta"));
    knows(&alpha, "OBETA", "beta.pem");
    knows(&beta, "OALPHA", "alpha.pem");
    knows(&beta, "OGAMMA", "gamma.pem");
    session(&alpha, &beta, &sized(), &sized());
    let result = beta.result();
    assert_eq!(result.ending, oftp_ending::OFTP_ENDING_BY_US as i32);
    assert_eq!((result.reason, alpha.result().reason), (3, 3));
}

#[test]
fn an_authority_vouches_for_the_host_that_is_called() {
    let (alpha, beta) = (station("OALPHA", "alpha"), station("OBETA", "beta"));
    knows(&beta, "OALPHA", "alpha.pem");
    let by_ca = {
        let read = |name| std::fs::read(key(name).to_str().unwrap()).unwrap();
        [read("beta.key"), read("beta-by-ca.pem")].concat()
    };
    let ca = key("ca.pem");
    let beta_by_ca = Station::new("OBETA", |config| {
        config.own_keys_data = by_ca.as_ptr();
        config.own_keys_len = by_ca.len();
    });
    knows(&beta_by_ca, "OALPHA", "alpha.pem");
    drop(beta);
    alpha.knows("OBETA", |partner| partner.anchors = ca.as_ptr());
    let (a, _b) = sockets();
    alpha.calls("OBETA");
    // Any host that the authority has certified would do.
    // SAFETY: a valid structure.
    let refused =
        unsafe { oftp_mailbox_attach_fd(alpha.handle, a.as_raw_fd(), &sized::<oftp_tls>()) };
    assert_eq!(refused, oftp_code::OFTP_E_VALUE as i32);
    for (host, ending) in [(c"gamma.example", TLS), (c"beta.example", NORMAL)] {
        let tls = oftp_tls {
            host: host.as_ptr(),
            ..sized()
        };
        session(&alpha, &beta_by_ca, &tls, &sized());
        assert_eq!(alpha.result().ending, ending, "{:?}", alpha.log.lines);
    }
}

#[test]
fn a_partner_that_must_use_tls_does_not_come_in_without() {
    let (alpha, beta) = (station("OALPHA", "alpha"), station("OBETA", "beta"));
    alpha.knows("OBETA", |_| {});
    knows(&beta, "OALPHA", "alpha.pem");
    super::support::session(&alpha, &beta);
    assert_eq!(beta.result().reason, 10, "{:?}", beta.log.lines);
    // Nor is it called without.
    beta.calls("OALPHA");
    let (a, _b) = sockets();
    // SAFETY: no structure.
    let refused = unsafe { oftp_mailbox_attach_fd(beta.handle, a.as_raw_fd(), null()) };
    assert_eq!(refused, oftp_code::OFTP_E_VALUE as i32);
    assert!(last_error().contains("must use TLS"));
}

#[test]
fn who_does_not_speak_tls_ends_the_handshake() {
    let (alpha, beta) = (station("OALPHA", "alpha"), station("OBETA", "beta"));
    knows(&alpha, "OBETA", "beta.pem");
    beta.knows("OALPHA", |_| {});
    let (a, b) = sockets();
    alpha.calls("OBETA");
    beta.answers();
    alpha.attach(a.as_raw_fd(), Some(&sized()));
    beta.attach(b.as_raw_fd(), None);
    run((&alpha, &a), (&beta, &b));
    assert_eq!(alpha.result().ending, TLS);
}

#[test]
fn the_blocking_form_says_that_tls_failed() {
    let alpha = station("OALPHA", "alpha");
    knows(&alpha, "OBETA", "beta.pem");
    let (a, b) = sockets();
    drop(b);
    alpha.calls("OBETA");
    let mut result: oftp_result = sized();
    // SAFETY: valid structures.
    let done = unsafe {
        oftp_run_fd(
            alpha.handle,
            a.as_raw_fd(),
            &sized::<oftp_tls>(),
            &raw mut result,
        )
    };
    assert_eq!(done, oftp_code::OFTP_E_TLS as i32, "{}", last_error());
    assert_eq!(result.ending, TLS);
}

#[test]
fn a_handshake_takes_only_its_time() {
    let alpha = station("OALPHA", "alpha");
    knows(&alpha, "OBETA", "beta.pem");
    // Nobody says anything.
    let (a, _b) = sockets();
    alpha.calls("OBETA");
    let tls = oftp_tls {
        handshake_ms: 1,
        ..sized()
    };
    let mut result: oftp_result = sized();
    // SAFETY: valid structures.
    let done = unsafe { oftp_run_fd(alpha.handle, a.as_raw_fd(), &raw const tls, &raw mut result) };
    assert_eq!(done, oftp_code::OFTP_E_TLS as i32);
    assert!(
        last_error().contains("was not done within"),
        "{}",
        last_error()
    );
}

/// A partner that finishes the handshake with a record behind it that is broken, and is gone.
#[test]
fn why_tls_failed_is_told_when_it_fails_in_writing_too() {
    use std::io::{Read, Write};

    use oftp_secure::keystore::Keystore;
    use oftp_secure::tls::{ClientTls, client_config, server_name};

    let beta = station("OBETA", "beta");
    beta.knows("OALPHA", |_| {});
    let trust = oftp_secure::Trust {
        pinned: Keystore::load(key("beta.pem").to_str().unwrap().as_ref(), None)
            .unwrap()
            .certificates,
        ..Default::default()
    };
    let config = client_config(ClientTls {
        trust,
        credential: None,
    });
    let name = server_name("0.0.0.0").unwrap();
    let mut client = rustls::ClientConnection::new(config.unwrap(), name).unwrap();
    let (mut a, b) = sockets();
    beta.answers();
    let tls = oftp_tls {
        client_certificate: oftp_choice::OFTP_NO as i32,
        ..sized()
    };
    beta.attach(b.as_raw_fd(), Some(&tls));
    while client.is_handshaking() {
        while client.wants_write() && client.is_handshaking() {
            let mut out = Vec::new();
            client.write_tls(&mut out).unwrap();
            a.write_all(&out).unwrap();
            assert!(!beta.ready());
        }
        let mut heard = vec![0; 64 << 10];
        let len = a.read(&mut heard).unwrap();
        let mut heard = &heard[..len];
        while !heard.is_empty() {
            client.read_tls(&mut heard).unwrap();
            client.process_new_packets().unwrap();
        }
    }
    // Longer than what is read at once: it is not looked at before the handshake is done.
    client.writer().write_all(&[0; 12_000]).unwrap();
    let mut out = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut out).unwrap();
    }
    *out.last_mut().unwrap() ^= 1;
    a.write_all(&out).unwrap();
    drop(a);
    while !beta.ready() {}
    let result = beta.result();
    assert_eq!(result.ending, oftp_ending::OFTP_ENDING_FAILED as i32);
    let text = super::support::text(result.text);
    assert!(text.contains("TLS"), "{text}");
}

#[test]
fn a_caller_that_says_nothing_does_not_keep_the_host_busy() {
    let beta = station("OBETA", "beta");
    knows(&beta, "OALPHA", "alpha.pem");
    let (_silent, b) = sockets();
    beta.answers();
    beta.attach(b.as_raw_fd(), Some(&sized()));
    assert!(!beta.ready());
    let (mut events, mut timeout) = (0, 0);
    // SAFETY: valid places.
    let asked = unsafe { oftp_mailbox_poll_set(beta.handle, &raw mut events, &raw mut timeout) };
    assert_eq!(asked, 0, "{}", last_error());
    assert_ne!(timeout, 0, "it waits for the caller, and nothing else");
}
