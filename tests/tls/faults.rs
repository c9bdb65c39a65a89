//! What is said when the handshake fails: the wrong port, one that never comes, a certificate that
//! is refused.

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

use crate::common::{Bed, STUCK, call, open, pinned, server, trusting_beta};

fn says(error: &TlsError, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "{text:?} does not say {words:?}");
}

/// Nobody goes on in the clear (threat model L1).
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

/// Nobody goes on in the clear (threat model L1).
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

/// Who is slow in TLS is slow before any session (threat model S1).
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
