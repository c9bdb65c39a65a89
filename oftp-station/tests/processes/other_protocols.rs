//! Another protocol on the port: both sides say which, and end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::common::{LIMIT, Place};

const HELLO: &[u8] = b"\x16\x03\x01\x00\xc5\x01\x00\x00\xc1\x03\x03 a TLS client hello";
const ALERT: &[u8] = b"\x15\x03\x03\x00\x02\x02\x46";

#[test]
fn a_client_of_another_protocol_calls() {
    for (said, name) in [
        (&b"GET / HTTP/1.1\r\nHost: beta\r\n\r\n"[..], "HTTP"),
        (HELLO, "TLS on the port without TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
    ] {
        let place = Place::new();
        let listener = place.listen(&["--once", "--timeout", "1"]);
        let mut client = TcpStream::connect(listener.address).expect("a listener");
        client.set_read_timeout(Some(LIMIT)).expect("an option");
        client.write_all(said).expect("an open connection");
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer);
        assert!(
            answer.starts_with(b"\x10\0\0\x17IODETTE"),
            "{}",
            answer.escape_ascii()
        );
        listener.finish().exits(8).says(name).says("(ESID 07)");
    }
}

#[test]
fn a_server_of_another_protocol_answers() {
    for (said, name) in [
        (
            &b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"[..],
            "HTTP",
        ),
        (ALERT, "TLS on the port without TLS"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
        (b"220 mail.example.com ESMTP\r\n", "a mail or FTP server"),
        (b"\0\0\0\0\0\0\0\0", "Exchange Buffer"),
    ] {
        let place = Place::new();
        place.write("file", "x");
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = server.local_addr().expect("an address");
        let script = std::thread::spawn(move || {
            let (mut client, _) = server.accept().expect("a caller");
            client.write_all(said).expect("an open connection");
            let mut heard = Vec::new();
            let _ = client.read_to_end(&mut heard);
            heard
        });
        let run = place.send(address, &["file", "--password", "SECRET", "--timeout", "1"]);
        run.exits(8).says(name).says("; ").says("check");
        let heard = script.join().expect("the server");
        let heard = heard.escape_ascii().to_string();
        assert!(!heard.contains("SECRET"), "told to a stranger: {heard}");
        assert_eq!(run.one("session_ended")["reason"]["code"], 7, "{run}");
    }
}
