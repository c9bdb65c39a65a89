//! The examples of the folder `examples/rust`, against each other.
#![allow(clippy::duplicate_mod, reason = "each example is a program of its own")]

use std::net::{TcpListener, TcpStream};
use std::thread;

#[path = "../examples/rust/receive.rs"]
#[allow(dead_code, reason = "its main function is not run here")]
mod receive;
#[path = "../examples/rust/send.rs"]
#[allow(dead_code, reason = "its main function is not run here")]
mod send;

const ALPHA: &str = "O0013ALPHA";
const BETA: &str = "O0013BETA";

/// What each says of a session in which `alpha` sends this, as whom.
fn exchange(octets: &[u8], partner: &str) -> (Result<bool, String>, Result<usize, String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let content = octets.to_vec();
    let partner = partner.to_owned();
    let receiving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let files = receive::receive(&mut stream, (BETA, "SECRET", &partner));
        let files = files.map_err(|error| error.to_string())?;
        assert_eq!(files, [("INVOICE".to_owned(), content)]);
        Ok(files.len())
    });
    let mut stream = TcpStream::connect(address).expect("a listener");
    let file = ("INVOICE", "202611261204550001");
    let length = octets.len() as u64;
    let sent = send::send(&mut stream, (ALPHA, "SECRET", BETA), file, length, octets);
    let sent = sent.map_err(|error| error.to_string());
    drop(stream);
    (sent, receiving.join().expect("the receiver"))
}

#[test]
fn a_file_arrives_and_is_answered() {
    let long: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    for octets in [&b""[..], b"one line\n", &long] {
        assert_eq!(exchange(octets, ALPHA), (Ok(true), Ok(1)));
    }
}

#[test]
fn a_caller_that_is_not_the_partner_is_told_so() {
    let (sent, received) = exchange(b"content", "O0013GAMMA");
    assert!(sent.expect_err("turned away").contains("ESID"), "sent");
    assert!(received.is_err(), "{received:?}");
}
