//! TLS over a socket of the host (RFC 5024 2.3): rustls as the state machine that it is, on the
//! same readiness as a plain connection.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use oftp_secure::Certificate;
use oftp_secure::tls::{TlsError, certificates};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use super::link::Socket;

/// As much is read from the socket at once: four records. A connection begins with less.
const PIECE: usize = 64 * 1024;
const FIRST_PIECE: usize = 4 * 1024;

/// As much may wait for the socket, encrypted, before a session is held back.
const UNSENT: usize = 64 * 1024;

/// The first octets of a partner, kept to say what it speaks if that is not TLS.
const FIRST: usize = 24;

/// TLS over the socket.
pub(super) struct Tls {
    socket: Socket,
    connection: Connection,
    /// Octets of the socket; those from `start` to `end` are not given to TLS yet.
    piece: Vec<u8>,
    start: usize,
    end: usize,
    /// There may be more plain octets than the last read had room for.
    more: bool,
    said_goodbye: bool,
    first: Vec<u8>,
}

impl Tls {
    pub(super) fn client(
        socket: Socket,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<Self, TlsError> {
        let connection = ClientConnection::new(config, name).map_err(TlsError::from)?;
        Ok(Self::new(socket, connection.into()))
    }

    pub(super) fn server(socket: Socket, config: Arc<ServerConfig>) -> Result<Self, TlsError> {
        let connection = ServerConnection::new(config).map_err(TlsError::from)?;
        Ok(Self::new(socket, connection.into()))
    }

    fn new(socket: Socket, mut connection: Connection) -> Self {
        connection.set_buffer_limit(Some(UNSENT));
        Self {
            socket,
            connection,
            piece: vec![0; FIRST_PIECE],
            start: 0,
            end: 0,
            more: false,
            said_goodbye: false,
            first: Vec::new(),
        }
    }

    /// Goes on with the handshake; false: it waits for the network.
    pub(super) fn shake_hands(&mut self) -> Result<bool, TlsError> {
        match self.try_shake_hands() {
            Ok(done) => Ok(done),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => {
                // The alert says to the partner why.
                let _ = self.flush();
                Err(match TlsError::from(error) {
                    TlsError::Protocol(_) if !is_tls(&self.first) => TlsError::NotTls {
                        sent: self.first.clone(),
                    },
                    other => other,
                })
            }
        }
    }

    fn try_shake_hands(&mut self) -> io::Result<bool> {
        loop {
            self.flush()?;
            if !self.connection.is_handshaking() {
                return Ok(true);
            }
            if self.receive()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    pub(super) const fn socket(&self) -> Socket {
        self.socket
    }

    /// Whether something waits here for the socket.
    pub(super) fn wants_write(&self) -> bool {
        self.connection.wants_write()
    }

    /// Whether there are octets to be read that the socket does not know of.
    pub(super) const fn has_more(&self) -> bool {
        self.more
    }

    /// close_notify, once; false: not all is out yet.
    pub(super) fn say_goodbye(&mut self) -> io::Result<bool> {
        if !self.said_goodbye {
            self.connection.send_close_notify();
            self.said_goodbye = true;
        }
        self.flush()
    }

    /// The handshake was not done in time.
    pub(super) const fn too_late(&self, after: Duration) -> TlsError {
        TlsError::TimeOut {
            after,
            heard: !self.first.is_empty(),
        }
    }

    /// The partner's certificates, its own first; empty where it has shown none.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        certificates(self.connection.peer_certificates().unwrap_or_default())
    }

    /// Plain octets, as many as there are and as fit; 0 after the partner's close_notify.
    /// `UnexpectedEof`: it closed without. `InvalidData`: TLS has failed.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // What TLS itself has to say; whether the socket takes it, reading does not mind.
        let _ = self.flush();
        self.more = false;
        let mut filled = 0;
        let some = |filled, error| if filled > 0 { Ok(filled) } else { Err(error) };
        while filled < out.len() {
            match self.connection.reader().read(&mut out[filled..]) {
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
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if !self.flush()? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let octets = self.connection.writer().write_vectored(slices)?;
        self.flush()?;
        Ok(octets)
    }

    /// Gives TLS one step of what the socket has. 0: the partner has closed below.
    fn receive(&mut self) -> io::Result<usize> {
        if self.start == self.end {
            if self.end == self.piece.len() && self.end < PIECE {
                self.piece.resize(2 * self.end, 0);
            }
            (self.start, self.end) = (0, 0);
            self.end = self.socket.recv(&mut self.piece)?;
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
            match self.connection.write_tls(&mut self.socket) {
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

/// A record of TLS begins with its kind, an alert or a part of a handshake, and with version 3.
fn is_tls(first: &[u8]) -> bool {
    matches!(first, [21 | 22, 3, ..] | [21 | 22] | [])
}
