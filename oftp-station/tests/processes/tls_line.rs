//! TLS on the line itself: its versions, and a partner that leaves it.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

use crate::common::{ALPHA, LIMIT, Place, certificate};
use crate::tls::BETA_BY_CA;

/// What a client with this version of TLS alone reads first.
fn first_octets(place: &Place, version: &'static SupportedProtocolVersion) -> Vec<u8> {
    let listener = place.listen(&[&["--once", "--tls"][..], &BETA_BY_CA].concat());
    let mut roots = RootCertStore::empty();
    let anchor = certificate("ca");
    roots
        .add(CertificateDer::from(anchor.der().to_vec()))
        .expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "beta.example".try_into().expect("a name");
    let mut tls = ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut line = TcpStream::connect(listener.address).expect("a listener");
    line.set_read_timeout(Some(LIMIT)).expect("an option");
    let mut octets = vec![0; 23];
    rustls::Stream::new(&mut tls, &mut line)
        .read_exact(&mut octets)
        .expect("the first command");
    drop(line);
    listener.finish();
    octets
}

#[test]
fn both_versions_of_tls_are_taken() {
    let place = Place::with_keys();
    for version in [&TLS12, &TLS13] {
        let octets = first_octets(&place, version);
        assert_eq!(octets, b"\x10\0\0\x17IODETTE FTP READY \r");
    }
}

#[test]
fn a_server_that_goes_away_within_the_handshake() {
    let place = Place::with_keys();
    place.write("file", "x");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address");
    let script = std::thread::spawn(move || {
        let (mut line, _) = port.accept().expect("a caller");
        let mut hello = [0; 5];
        line.read_exact(&mut hello).expect("a hello");
        line.shutdown(std::net::Shutdown::Write).expect("a line");
        // Whatever else is said; a call without TLS would be another one.
        std::io::copy(&mut line, &mut std::io::sink()).expect("a line");
        port.set_nonblocking(true).expect("an option");
        (hello, port.accept().is_ok())
    });
    let run = place.send(address, &[&["file", "--tls"][..], &ALPHA].concat());
    run.exits(4)
        .says("the partner closed the connection during the TLS handshake");
    let (hello, called_again) = script.join().expect("the server");
    assert!(hello.starts_with(&[22, 3]), "{hello:?}");
    assert!(!called_again);
}
