//! TLS below a session (RFC 5024 2.3): rustls does the protocol, this moves its octets.
//!
//! rustls is used as the state machine that it is, on the same readiness of the socket as plain
//! TCP. An adapter with futures of its own (tokio-rustls) would bring a second set of buffers and
//! wakers between the two, and reads 4 KiB at a time; here the socket is read in large pieces.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use oftp_secure::Certificate;
use oftp_secure::tls::{TlsError, certificates};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::jobs::aside;
use super::link::swallow;

/// The longest time for a handshake (threat model S1).
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a partner may take to hear why its handshake failed.
const FAREWELL: Duration = Duration::from_secs(1);

/// As much is read from the socket at once: four records. A connection begins with less, so that
/// those who only connect cost little, and gets more where more comes.
const PIECE: usize = 64 * 1024;
const FIRST_PIECE: usize = 4 * 1024;

/// As much may wait for the socket, encrypted, before a session is held back.
const UNSENT: usize = 64 * 1024;

/// The first octets of a partner, kept to say what it speaks if that is not TLS.
const FIRST: usize = 24;

/// A TLS connection whose handshake is done.
#[derive(Debug)]
pub struct Tls {
    stream: TcpStream,
    connection: Connection,
    /// Octets of the socket; those from `start` to `end` are not given to TLS yet.
    piece: Vec<u8>,
    start: usize,
    end: usize,
    /// There may be more plain octets than the last read had room for.
    more: bool,
    first: Vec<u8>,
}

impl Tls {
    /// Calls: the handshake of the client, within this time. The partner's certificate is checked
    /// by `config` before it gets a word of ours (threat model S16).
    ///
    /// # Errors
    /// [`TlsError`] says what failed, and what would mend it.
    pub async fn connect(
        stream: TcpStream,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
        within: Duration,
    ) -> Result<Self, TlsError> {
        let connection = ClientConnection::new(config, name).map_err(TlsError::from)?;
        Self::shake_hands(stream, connection.into(), within).await
    }

    /// Is called: the handshake of the server, within this time.
    ///
    /// # Errors
    /// [`TlsError`] says what failed, and what would mend it.
    pub async fn accept(
        stream: TcpStream,
        config: Arc<ServerConfig>,
        within: Duration,
    ) -> Result<Self, TlsError> {
        let connection = ServerConnection::new(config).map_err(TlsError::from)?;
        Self::shake_hands(stream, connection.into(), within).await
    }

    async fn shake_hands(
        stream: TcpStream,
        mut connection: Connection,
        within: Duration,
    ) -> Result<Self, TlsError> {
        stream.set_nodelay(true).map_err(TlsError::Network)?;
        connection.set_buffer_limit(Some(UNSENT));
        let mut tls = Self {
            stream,
            connection,
            piece: vec![0; FIRST_PIECE],
            start: 0,
            end: 0,
            more: false,
            first: Vec::new(),
        };
        let failed = match timeout(within, tls.handshake()).await {
            Ok(Ok(())) => return Ok(tls),
            Ok(Err(error)) => tls.explained(error),
            Err(_) => TlsError::TimeOut {
                after: within,
                heard: !tls.first.is_empty(),
            },
        };
        // The alert says to the partner why; unread octets would tear it away from it.
        let told = async {
            if tls.flush().is_ok() && tls.stream.shutdown().await.is_ok() {
                swallow(&tls.stream).await;
            }
        };
        let _ = timeout(FAREWELL, told).await;
        Err(failed)
    }

    async fn handshake(&mut self) -> io::Result<()> {
        loop {
            let unsent = !self.flush()?;
            if !self.connection.is_handshaking() {
                return Ok(());
            }
            // Signatures are made and checked in here.
            match aside(|| self.receive()) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let interest = interest(unsent);
                    self.stream.ready(interest).await?;
                }
                received => {
                    received?;
                }
            }
        }
    }

    /// What a fault of the handshake means.
    fn explained(&self, error: io::Error) -> TlsError {
        match TlsError::from(error) {
            TlsError::Protocol(_) if !is_tls(&self.first) => TlsError::NotTls {
                sent: self.first.clone(),
            },
            other => other,
        }
    }

    /// The partner's certificates, its own first; empty where it has shown none.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        certificates(self.connection.peer_certificates().unwrap_or_default())
    }

    /// The version and the cipher suite agreed, such as `TLSv1_3 TLS13_AES_256_GCM_SHA384`.
    #[must_use]
    pub fn protocol(&self) -> String {
        let version = self.connection.protocol_version();
        let suite = self.connection.negotiated_cipher_suite();
        let version = version.and_then(|v| v.as_str()).unwrap_or("TLS");
        let suite = suite.and_then(|s| s.suite().as_str()).unwrap_or_default();
        format!("{version} {suite}")
    }

    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Plain octets, as many as there are and as fit; 0 after the partner's close_notify.
    /// `UnexpectedEof`: it closed without. `InvalidData`: TLS has failed, with its [`TlsError`].
    pub(super) fn try_read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        // What TLS itself has to say; whether the socket still takes it, reading does not mind.
        let _ = self.flush();
        self.more = false;
        let mut filled = 0;
        while filled < space.len() {
            match self.connection.reader().read(&mut space[filled..]) {
                Ok(0) => return Ok(filled),
                Ok(octets) => {
                    filled += octets;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return some(filled, error),
            }
            // One piece of the socket at a time, as with plain TCP.
            if filled > 0 && self.start == self.end {
                return Ok(filled);
            }
            if let Err(error) = self.receive() {
                return some(filled, error);
            }
        }
        self.more = true;
        Ok(filled)
    }

    /// Takes plain octets while no encrypted ones wait for the socket.
    pub(super) fn try_write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if !self.flush()? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let octets = self.connection.writer().write_vectored(slices)?;
        self.flush()?;
        Ok(octets)
    }

    /// Until there may be something to read, or what TLS has to say can be written.
    pub(super) async fn readable(&self) -> io::Result<()> {
        if !self.more {
            let interest = interest(self.connection.wants_write());
            self.stream.ready(interest).await?;
        }
        Ok(())
    }

    /// Sends what waits, close_notify after it, and the end of TCP.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        self.connection.send_close_notify();
        while !self.flush()? {
            self.stream.writable().await?;
        }
        self.stream.shutdown().await
    }

    /// Reads from the socket what TLS has not got yet, and gives it one step of that. 0: the
    /// partner has closed the connection below.
    fn receive(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            if self.end == self.piece.len() && self.end < PIECE {
                self.piece.resize(2 * self.end, 0);
            }
            (self.start, self.end) = (0, 0);
            self.end = self.stream.try_read(&mut self.piece)?;
            let missing = FIRST - self.first.len();
            let first = &self.piece[..self.end.min(missing)];
            self.first.extend_from_slice(first);
        }
        let mut waiting = &self.piece[self.start..self.end];
        // Memory gives what is asked for: an error is that of a record which cannot be.
        let taken = self.connection.read_tls(&mut waiting);
        let taken = taken.map_err(|_| failed(rustls::Error::PeerSentOversizedRecord))?;
        self.start += taken;
        self.connection.process_new_packets().map_err(failed)?;
        Ok(taken)
    }

    /// Writes encrypted octets; false when the socket takes no more of them now.
    fn flush(&mut self) -> io::Result<bool> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut Socket(&self.stream)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

fn failed(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, TlsError::from(error))
}

/// An error after octets comes again with the next read.
fn some(filled: usize, error: io::Error) -> io::Result<usize> {
    if filled > 0 { Ok(filled) } else { Err(error) }
}

fn interest(to_write: bool) -> Interest {
    if to_write {
        Interest::READABLE | Interest::WRITABLE
    } else {
        Interest::READABLE
    }
}

/// A record of TLS begins with its kind, an alert or a part of a handshake, and with version 3.
fn is_tls(first: &[u8]) -> bool {
    matches!(first, [21 | 22, 3, ..] | [21 | 22] | [])
}

/// The socket as rustls writes to it.
struct Socket<'a>(&'a TcpStream);

impl Write for Socket<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.try_write(octets)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
