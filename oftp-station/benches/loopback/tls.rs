//! A large file over TLS, through mailbox and driver, beside a bare copy through rustls. Both from
//! memory to memory, so that no disk hides what TLS costs.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener as BareListener, TcpStream as BareStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use oftp_core::mailbox::{Ended, Event, Mailbox, Reply, Supply};
use oftp_core::session::DataInd;
use oftp_core::virtual_file::RestartPosition;
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, client_config, server_config, server_name,
};
use oftp_secure::{Certificate, Credential, PrivateKey, Trust};
use oftp_station::driver::{self, Clock, HANDSHAKE, Handler, Jobs, Link, StoreFault, Tls};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};
use tokio::net::{TcpListener, TcpStream};

use crate::sessions;

/// Blocks of the bare copy, near the largest exchange buffer.
const BLOCK: usize = 100 * 1024;

/// Both sides of TLS, with a certificate that is pinned.
pub(crate) struct Configs {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
}

impl Configs {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let certificate = Certificate::from_der(made.cert.der()).expect("a certificate");
        let credential = Credential {
            key: PrivateKey::from_pkcs8(made.signing_key.serialize_der().into()),
            certificate: certificate.clone(),
            chain: Vec::new(),
        };
        let client = client_config(ClientTls {
            trust: Trust {
                pinned: vec![certificate],
                ..Trust::default()
            },
            credential: None,
        });
        let server = server_config(ServerTls {
            credentials: vec![credential],
            partners: Arc::new(Partners::default()),
            client_certificates: ClientCertificates::Ignored,
        });
        Self {
            client: client.expect("a configuration"),
            server: server.expect("a configuration"),
        }
    }
}

/// memory -> rustls -> socket -> rustls -> memory, with blocking calls in two threads.
pub(crate) fn bare_copy(configs: &Configs, octets: usize) -> io::Result<Duration> {
    let listener = BareListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let server = ServerConnection::new(configs.server.clone()).map_err(io::Error::other)?;
    let receiver = thread::spawn(move || -> io::Result<usize> {
        let (socket, _) = listener.accept()?;
        let mut tls = StreamOwned::new(server, socket);
        let mut block = vec![0; BLOCK];
        let mut received = 0;
        loop {
            match tls.read(&mut block)? {
                0 => return Ok(received),
                octets => received += octets,
            }
        }
    });
    let name = server_name("localhost").map_err(io::Error::other)?;
    let client = ClientConnection::new(configs.client.clone(), name).map_err(io::Error::other)?;
    let socket = BareStream::connect(address)?;
    socket.set_nodelay(true)?;
    let mut tls = StreamOwned::new(client, socket);
    // The handshake is not part of the copy.
    tls.conn.complete_io(&mut tls.sock)?;
    let start = Instant::now();
    let block = noise();
    let mut left = octets;
    while left > 0 {
        let piece = left.min(block.len());
        tls.write_all(&block[..piece])?;
        left -= piece;
    }
    tls.conn.send_close_notify();
    tls.flush()?;
    let received = receiver.join().expect("the receiver does not panic")?;
    assert_eq!(received, octets);
    Ok(start.elapsed())
}

/// One session with one file of so many octets; `None`: without TLS.
pub(crate) async fn transfer(configs: Option<&Configs>, octets: usize) -> io::Result<Duration> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let server = configs.map(|configs| configs.server.clone());
    let called = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let link = match server {
            None => Link::from(stream),
            Some(config) => Tls::accept(stream, config, HANDSHAKE)
                .await
                .map_err(io::Error::other)?
                .into(),
        };
        let mut mailbox = sessions::called();
        let clock = Clock::default();
        mailbox.tick(clock.now());
        mailbox.n_con_ind(oftp_core::session::Addresses::default());
        let mut side = Side::new(0);
        driver::run(link, &mut mailbox, &mut side, clock).await?;
        io::Result::Ok(side)
    });
    let stream = TcpStream::connect(address).await?;
    let link = match configs {
        None => Link::from(stream),
        Some(configs) => {
            let name = server_name("localhost").map_err(io::Error::other)?;
            let tls = Tls::connect(stream, configs.client.clone(), name, HANDSHAKE).await;
            tls.map_err(io::Error::other)?.into()
        }
    };
    let start = Instant::now();
    let mut mailbox = sessions::calling();
    mailbox.queue_file(sessions::file());
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    let mut side = Side::new(octets);
    driver::run(link, &mut mailbox, &mut side, clock).await?;
    let time = start.elapsed();
    let called = called.await.expect("the called side does not panic")?;
    assert!(side.good && called.good && called.received == octets as u64);
    Ok(time)
}

/// Sends octets from memory, and forgets what it receives.
struct Side {
    left: usize,
    block: Vec<u8>,
    received: u64,
    scratch: Vec<u8>,
    good: bool,
}

impl Side {
    fn new(left: usize) -> Self {
        Self {
            left,
            block: noise(),
            received: 0,
            scratch: vec![0; BLOCK],
            good: false,
        }
    }
}

impl Handler for Side {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, _jobs: &mut Jobs<Self>) {
        let answered = match event {
            Event::FileOffered { .. } => mailbox.accept_file(RestartPosition::START),
            Event::FileComplete => mailbox.file_stored(Reply::Eerp),
            Event::FileWanted { .. } => mailbox.source_ready(RestartPosition::START),
            Event::DataWanted { .. } => mailbox.supply(|buffer| {
                while self.left > 0 && !buffer.is_full() {
                    let piece = self.left.min(self.block.len());
                    let written = buffer.write(&self.block[..piece], piece == self.left);
                    self.left -= written.octets;
                }
                if self.left == 0 {
                    Supply::End
                } else {
                    Supply::More
                }
            }),
            Event::ResponseReceived(_) => mailbox.response_taken(true),
            Event::Ended(ended) => {
                self.good = ended == Ended::Normally;
                Ok(())
            }
            _ => Ok(()),
        };
        answered.expect("the event waits for this answer");
    }

    fn data(&mut self, mut data: DataInd<'_>) -> Result<(), StoreFault> {
        while let Some(chunk) = data.read(&mut self.scratch) {
            self.received += chunk.octets as u64;
        }
        Ok(())
    }
}

fn noise() -> Vec<u8> {
    crate::noise().take(BLOCK).collect()
}
