//! What is said when TLS fails: the wrong port, a handshake that never comes, a cut connection,
//! octets that were tampered with.

use std::net::SocketAddr;
use std::time::Duration;

use oftp_core::mailbox::Ended;
use oftp_core::session::AbortCause;
use oftp_secure::tls::{ClientCertificates, ClientTls, TlsError, client_config, server_name};
use oftp_station::driver::{HANDSHAKE, Tls};
use oftp_station::serve::ServeLimits;
use oftp_tests::pair::{ALPHA, code};
use oftp_tests::pki::self_signed;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{Bed, STUCK, Side, call, content, pinned, server};

fn trusting_beta() -> ClientTls {
    ClientTls {
        trust: pinned(&self_signed("beta")),
        credential: None,
    }
}

fn open() -> Option<oftp_secure::tls::ServerTls> {
    let beta = self_signed("beta");
    Some(server(&beta, Vec::new(), ClientCertificates::Ignored))
}

fn says(error: &TlsError, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "{text:?} does not say {words:?}");
}

#[tokio::test]
async fn tls_on_the_port_without() {
    let bed = Bed::listen(None).await;
    let error = call(bed.address, Some(trusting_beta()), None).await;
    let error = error.expect_err("not TLS");
    assert!(matches!(error, TlsError::NotTls { .. }), "{error:?}");
    says(
        &error,
        "does not speak TLS (it sent \"ODETTE FTP READY\" in the clear)",
    );
    says(&error, "use the port with TLS (6619)");
    let (done, _) = bed.finish().await;
    let Some(Ended::Failed(ind)) = &done[0].1.ended else {
        panic!("{:?}", done[0].1.ended);
    };
    assert!(ind.cause.to_string().contains("TLS"), "{}", ind.cause);
}

#[tokio::test]
async fn no_tls_on_the_port_with() {
    // A caller without TLS waits for the Ready Message, and the port waits for its ClientHello.
    let limits = ServeLimits {
        handshake: Duration::from_millis(50),
        ..ServeLimits::default()
    };
    let bed = Bed::with(open(), None, Vec::new(), limits).await;
    let caller = call(bed.address, None, None).await.expect("a session");
    let Some(Ended::Failed(ind)) = &caller.ended else {
        panic!("{:?}", caller.ended);
    };
    // The alert that says why is no ODETTE-FTP; it is named.
    assert!(
        matches!(
            ind.cause,
            AbortCause::Disconnected { .. } | AbortCause::Invalid(_)
        ),
        "{:?}",
        ind.cause
    );
    let (done, failed) = bed.finish().await;
    assert!(done.is_empty());
    assert!(failed[0].contains("not done within 0.05 s"), "{failed:?}");
    assert!(failed[0].contains("nothing came at all: a caller that does not use TLS"));
}

#[tokio::test]
async fn a_handshake_has_its_time_and_no_more() {
    let limits = ServeLimits {
        handshake: Duration::from_millis(50),
        ..ServeLimits::default()
    };
    let bed = Bed::with(open(), None, Vec::new(), limits).await;
    let mut slow = TcpStream::connect(bed.address).await.expect("a connection");
    // The beginning of a ClientHello, whose rest never comes.
    slow.write_all(&[22, 3, 1, 0, 200, 1, 0, 0, 196])
        .await
        .expect("octets");
    let mut rest = Vec::new();
    let read = tokio::time::timeout(STUCK, slow.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "the connection is still open");
    drop(slow);
    let (_, failed) = bed.finish().await;
    assert!(
        failed[0].contains("began one and did not go on"),
        "{failed:?}"
    );
    assert_eq!(HANDSHAKE, Duration::from_secs(10));
}

#[tokio::test]
async fn http_on_the_tls_port() {
    let bed = Bed::listen(open()).await;
    let mut browser = TcpStream::connect(bed.address).await.expect("a connection");
    browser
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("octets");
    let mut alert = Vec::new();
    browser.read_to_end(&mut alert).await.expect("an alert");
    // An alert, and nothing in the clear.
    assert_eq!(alert.first(), Some(&21), "{alert:?}");
    drop(browser);
    let (_, failed) = bed.finish().await;
    assert!(failed[0].contains("it sent \"GET / HTTP/1.1"), "{failed:?}");
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_explained_on_both_sides() {
    let (alpha, beta) = (self_signed("alpha"), self_signed("beta"));
    let partners = vec![(code(ALPHA), pinned(&alpha))];
    let tls = server(&beta, partners, ClientCertificates::Required);
    let bed = Bed::listen(Some(tls)).await;
    // In TLS 1.3 the handshake of the client is done before its certificate is looked at.
    let stranger = ClientTls {
        credential: Some(self_signed("stranger")),
        ..trusting_beta()
    };
    let caller = call(bed.address, Some(stranger), None)
        .await
        .expect("a session");
    let [fault] = &caller.faults[..] else {
        panic!("{:?}", caller.faults);
    };
    assert!(fault.contains("refused our certificate"), "{fault}");
    assert!(
        matches!(caller.ended, Some(Ended::Failed(_))),
        "{:?}",
        caller.ended
    );
    let without = call(bed.address, Some(trusting_beta()), None)
        .await
        .expect("a session");
    assert!(
        without.faults[0].contains("requires a certificate of ours"),
        "{:?}",
        without.faults
    );
    let (done, failed) = bed.finish().await;
    assert!(done.is_empty());
    assert!(failed[0].contains("certificate CN=stranger"), "{failed:?}");
    assert!(failed[1].contains("showed no certificate"), "{failed:?}");
}

/// What a network does to what the caller sends.
#[derive(Clone, Copy)]
enum Fault {
    Close,
    Flip,
}

/// In the middle of a large file.
const AFTER: usize = 1 << 20;

/// A network between a caller and a port, with this fault after [`AFTER`] octets of the caller.
async fn between(port: SocketAddr, fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (caller, _) = listener.accept().await.expect("a caller");
        let called = TcpStream::connect(port).await.expect("a connection");
        let (mut from_caller, mut to_caller) = caller.into_split();
        let (mut from_called, mut to_called) = called.into_split();
        let back = tokio::spawn(async move {
            let _ = tokio::io::copy(&mut from_called, &mut to_caller).await;
        });
        let mut first = (&mut from_caller).take(AFTER as u64);
        tokio::io::copy(&mut first, &mut to_called)
            .await
            .expect("octets");
        match fault {
            Fault::Close => back.abort(),
            Fault::Flip => {
                let octet = from_caller.read_u8().await.expect("an octet");
                to_called.write_u8(octet ^ 1).await.expect("an octet");
                let _ = tokio::io::copy(&mut from_caller, &mut to_called).await;
            }
        }
    });
    address
}

fn cause(side: &Side) -> &AbortCause {
    match &side.ended {
        Some(Ended::Failed(ind)) => &ind.cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_close_without_that_of_tls_is_a_lost_connection() {
    let bed = Bed::listen(open()).await;
    let address = between(bed.address, Fault::Close).await;
    let file = Some(content(8 * AFTER));
    let caller = call(address, Some(trusting_beta()), file).await;
    let caller = caller.expect("a session");
    assert!(
        matches!(
            cause(&caller),
            AbortCause::Disconnected { .. } | AbortCause::Reset { .. }
        ),
        "{:?}",
        caller.ended
    );
    let (done, _) = bed.finish().await;
    let called = &done[0].1;
    assert!(
        matches!(cause(called), AbortCause::Disconnected { .. }),
        "{:?}",
        called.ended
    );
    assert!(!called.stored && !called.received.is_empty());
}

#[tokio::test]
async fn a_close_without_that_of_tls_between_files_is_an_irregular_end() {
    // A partner by hand: the start of a session, then TCP is closed without close_notify.
    let beta = self_signed("beta");
    let bed = Bed::listen(open()).await;
    let stream = TcpStream::connect(bed.address).await.expect("a connection");
    let tls = ClientTls {
        trust: pinned(&beta),
        credential: None,
    };
    let mut hand = ByHand::connect(stream, tls).await;
    hand.start().await;
    hand.socket.shutdown().await.expect("a close");
    let (done, failed) = bed.finish().await;
    assert_eq!(failed, [""; 0]);
    assert!(
        matches!(done[0].1.ended, Some(Ended::Irregularly(_))),
        "{:?}",
        done[0].1.ended
    );
    assert_eq!(done[0].1.faults, [""; 0]);
}

#[tokio::test]
async fn an_octet_that_was_tampered_with_ends_the_session() {
    let bed = Bed::listen(open()).await;
    let address = between(bed.address, Fault::Flip).await;
    let file = Some(content(8 * AFTER));
    let caller = call(address, Some(trusting_beta()), file).await;
    let caller = caller.expect("a session");
    assert!(
        matches!(cause(&caller), AbortCause::Reset { .. }),
        "{:?}",
        caller.ended
    );
    let (done, _) = bed.finish().await;
    let called = &done[0].1;
    assert!(
        matches!(cause(called), AbortCause::Reset { .. }),
        "{:?}",
        called.ended
    );
    let faults = &called.faults;
    assert!(
        faults[0].contains("a record of TLS is damaged"),
        "{faults:?}"
    );
    assert!(!called.stored);
}

#[tokio::test]
async fn who_closes_in_the_handshake_is_named_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let closing = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let mut hello = [0; 1024];
        let _ = stream.read(&mut hello).await;
    });
    let stream = TcpStream::connect(address).await.expect("a connection");
    let config = client_config(trusting_beta()).expect("a configuration");
    let name = server_name("beta.example").expect("a name");
    let error = Tls::connect(stream, config, name, STUCK).await;
    says(
        &error.expect_err("closed"),
        "closed the connection during the TLS handshake",
    );
    closing.await.expect("no panic");
}

/// A partner made by hand, over TLS.
struct ByHand {
    socket: TcpStream,
    tls: rustls::ClientConnection,
}

impl ByHand {
    async fn connect(socket: TcpStream, tls: ClientTls) -> Self {
        let config = client_config(tls).expect("a configuration");
        let name = server_name("beta.example").expect("a name");
        let tls = rustls::ClientConnection::new(config, name).expect("a client");
        Self { socket, tls }
    }

    /// SSRM comes, SSID goes, SSID comes.
    async fn start(&mut self) {
        use oftp_core::wire::{Command, Level, sth};
        use oftp_tests::lone::{Setup, Side};
        use std::io::Write;
        self.receive(sth::OCTETS + 19).await;
        let mut ssid = Setup::new(Side::Responder).ssid();
        ssid.code = code(ALPHA);
        let mut buffer = Vec::new();
        Command::Ssid(ssid)
            .encode(Level::V2_0, &mut buffer)
            .expect("fits");
        let mut writer = self.tls.writer();
        writer
            .write_all(&sth::header(buffer.len()))
            .expect("memory");
        writer.write_all(&buffer).expect("memory");
        self.receive(sth::OCTETS + buffer.len()).await;
    }

    /// Sends what waits, and reads so many plain octets.
    async fn receive(&mut self, octets: usize) {
        use std::io::Read;
        let mut plain = Vec::new();
        let mut block = [0; 4096];
        loop {
            let mut out = Vec::new();
            while self.tls.wants_write() {
                self.tls.write_tls(&mut out).expect("memory");
            }
            self.socket.write_all(&out).await.expect("octets");
            let _ = self.tls.reader().read_to_end(&mut plain);
            if plain.len() >= octets {
                return;
            }
            let read = self.socket.read(&mut block).await.expect("octets");
            assert_ne!(read, 0, "closed after {} octets", plain.len());
            self.tls.read_tls(&mut &block[..read]).expect("room");
            self.tls.process_new_packets().expect("TLS");
        }
    }
}
