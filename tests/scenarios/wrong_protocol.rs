//! Something else than OFTP on the port, or what is left of OFTP after a broken header.

use oftp_core::session::Event;
use oftp_core::state::State;
use oftp_tests::lone::{Lone, Setup, Side};

/// What the User Monitor of the side that is called is told.
fn told(side: Side, state: State, octets: &[u8]) -> String {
    let mut lone = Lone::in_state(Setup::new(side), state).expect("its side");
    lone.stream(octets);
    let [Event::AbortInd(ind)] = &lone.events[..] else {
        panic!("{:?}", lone.events);
    };
    assert_eq!(lone.outputs(), ["ESID(R=07)", "F_ABORT_IND(R=07,AO=L)"]);
    let told = ind.cause.to_string();
    assert!(!told.contains('\n'), "{told}");
    // Nothing that follows is looked at.
    lone.forget();
    lone.stream(octets);
    lone.stream(b"\x10\x00\x00\x0bF00000\r");
    assert!(lone.did.is_empty(), "{:?}", lone.did);
    told
}

#[test]
fn http_and_tls_are_named() {
    for (octets, name) in [
        (&b"GET / HTTP/1.1\r\nHost: beta\r\n\r\n"[..], "HTTP"),
        (b"POST /upload HTTP/1.1\r\n", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
    ] {
        let told = told(Side::Responder, State::ANcOnly, octets);
        assert!(told.contains(name), "{told}");
    }
    for (octets, name) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "HTTP"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "TLS"),
        (b"220 mail.example ESMTP\r\n", "mail"),
    ] {
        let told = told(Side::Initiator, State::IWfRm, octets);
        assert!(told.contains(name), "{told}");
    }
}

/// Nothing after such a header can be told apart (threat model F1, F2).
#[test]
fn a_bad_header_in_the_middle_of_a_session_is_07() {
    for octets in [
        &b"\x20\x00\x00\x05R"[..],
        b"\x10\x00\x00\x04",
        b"\x10\xff\xff\xffR",
    ] {
        let told = told(Side::Responder, State::IdleLi, octets);
        assert!(told.contains("07"), "{told}");
    }
}

/// Flags are reserved (threat model F1).
#[test]
fn flags_in_the_header_do_not_matter() {
    let setup = Setup::new(Side::Responder);
    let mut lone = Lone::in_state(setup, State::IdleLi).expect("Listener");
    lone.stream(b"\x1f\x00\x00\x05R");
    assert_eq!(lone.outputs(), ["F_CD_IND"]);
}
