//! Connections that end without the words of TLS, or whose octets were tampered with.

use std::io::{Read, Write};
use std::net::SocketAddr;

use oftp_core::mailbox::Ended;
use oftp_core::session::AbortCause;
use oftp_core::wire::{Command, Esid, EsidReason, Level, Text, sth};
use oftp_secure::tls::{ClientTls, client_config, server_name};
use oftp_tests::lone::{Setup, Side as Role};
use oftp_tests::pair::{ALPHA, code};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::{Bed, Side, call, content, open, trusting_beta};

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

/// (threat model L1)
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

/// (threat model L1)
#[tokio::test]
async fn a_close_without_that_of_tls_between_files_is_an_irregular_end() {
    // A partner by hand: the start of a session, then TCP is closed without close_notify.
    let bed = Bed::listen(open()).await;
    let stream = TcpStream::connect(bed.address).await.expect("a connection");
    let mut hand = ByHand::new(stream, trusting_beta());
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
async fn the_end_of_a_session_is_that_of_tls_too() {
    let bed = Bed::listen(open()).await;
    let stream = TcpStream::connect(bed.address).await.expect("a connection");
    let mut hand = ByHand::new(stream, trusting_beta());
    hand.start().await;
    hand.write(&Command::Esid(Esid {
        reas: EsidReason::NORMAL,
        reast: Text::default(),
    }));
    hand.flush().await;
    let mut rest = Vec::new();
    let read = hand.socket.read_to_end(&mut rest).await;
    read.expect("the end of TCP");
    let mut rest = rest.as_slice();
    while !rest.is_empty() {
        hand.tls.read_tls(&mut rest).expect("room");
        hand.tls.process_new_packets().expect("TLS");
    }
    // Without close_notify it would block for more.
    assert_eq!(hand.tls.reader().read(&mut [0]).ok(), Some(0));
    let (done, _) = bed.finish().await;
    assert_eq!(done.len(), 1);
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

/// A partner made by hand, over TLS.
struct ByHand {
    socket: TcpStream,
    tls: rustls::ClientConnection,
}

impl ByHand {
    fn new(socket: TcpStream, tls: ClientTls) -> Self {
        let config = client_config(tls).expect("a configuration");
        let name = server_name("beta.example").expect("a name");
        let tls = rustls::ClientConnection::new(config, name).expect("a client");
        Self { socket, tls }
    }

    /// SSRM comes, SSID goes, SSID comes.
    async fn start(&mut self) {
        self.receive(sth::OCTETS + 19).await;
        let mut ssid = Setup::new(Role::Responder).ssid();
        ssid.code = code(ALPHA);
        let octets = self.write(&Command::Ssid(ssid));
        self.receive(octets).await;
    }

    /// Gives a command to TLS; the octets that it takes.
    fn write(&mut self, command: &Command<'_>) -> usize {
        let mut buffer = Vec::new();
        command.encode(Level::V2_0, &mut buffer).expect("fits");
        let mut writer = self.tls.writer();
        writer
            .write_all(&sth::header(buffer.len()))
            .expect("memory");
        writer.write_all(&buffer).expect("memory");
        sth::OCTETS + buffer.len()
    }

    /// Sends what waits.
    async fn flush(&mut self) {
        let mut out = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut out).expect("memory");
        }
        self.socket.write_all(&out).await.expect("octets");
    }

    /// Sends what waits, and reads so many plain octets.
    async fn receive(&mut self, octets: usize) {
        let mut plain = Vec::new();
        let mut block = [0; 4096];
        loop {
            self.flush().await;
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
