//! The connection below a session: a socket of the host, plain or with TLS over it. Nothing here
//! waits, and nothing closes the descriptor.

use std::io::{self, IoSlice, Read, Write};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

use oftp_secure::Certificate;
use oftp_secure::tls::{TlsError, certificates};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

/// A socket that is not ours.
#[derive(Clone, Copy)]
pub(super) struct Socket(pub(super) RawFd);

/// How many slices one write takes.
const SLICES: usize = 8;

impl Socket {
    /// Whether this is a connected stream.
    pub(super) fn check(self) -> io::Result<()> {
        let mut kind: libc::c_int = 0;
        let mut len = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: both places are valid for what they are.
        let got = unsafe {
            let place = (&raw mut kind).cast();
            libc::getsockopt(self.0, libc::SOL_SOCKET, libc::SO_TYPE, place, &raw mut len)
        };
        if got != 0 {
            return Err(io::Error::last_os_error());
        }
        if kind != libc::SOCK_STREAM {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no stream socket",
            ));
        }
        let on: libc::c_int = 1;
        // Commands are small and wait for answers. A socket that is not TCP says no.
        // SAFETY: the value is valid for its length.
        unsafe {
            let value = (&raw const on).cast();
            libc::setsockopt(self.0, libc::IPPROTO_TCP, libc::TCP_NODELAY, value, len);
        }
        Ok(())
    }

    fn recv(self, out: &mut [u8]) -> io::Result<usize> {
        uninterrupted(|| {
            let (room, len) = (out.as_mut_ptr().cast(), out.len());
            // SAFETY: the room is there.
            unsafe { libc::recv(self.0, room, len, libc::MSG_DONTWAIT) }
        })
    }

    fn send(self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        // SAFETY: all zero is an empty message.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        // An IoSlice is an iovec (std's promise), which is only read.
        message.msg_iov = slices.as_ptr().cast_mut().cast();
        message.msg_iovlen = slices.len() as _;
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        // SAFETY: the message points to slices that live.
        uninterrupted(|| unsafe { libc::sendmsg(self.0, &raw const message, flags) })
    }

    fn shutdown(self) -> io::Result<()> {
        // SAFETY: a number goes in.
        match unsafe { libc::shutdown(self.0, libc::SHUT_WR) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// A system call that is made again where a signal came in between.
fn uninterrupted(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        match usize::try_from(call()) {
            Ok(octets) => return Ok(octets),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.send(&[IoSlice::new(octets)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.send(&slices[..slices.len().min(SLICES)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A connection to a partner.
pub(super) enum Link {
    Plain(Socket),
    Tls(Box<Tls>),
}

impl Link {
    pub(super) const fn socket(&self) -> Socket {
        match self {
            Self::Plain(socket) => *socket,
            Self::Tls(tls) => tls.socket,
        }
    }

    /// Reads what is there; 0: the partner has closed.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.recv(out),
            Self::Tls(tls) => tls.read(out),
        }
    }

    /// Writes as much as is taken now.
    pub(super) fn write<'a>(
        &mut self,
        octets: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        for (slot, slice) in slices.iter_mut().zip(octets) {
            *slot = IoSlice::new(slice);
            count += 1;
        }
        match self {
            Self::Plain(socket) => socket.send(&slices[..count]),
            Self::Tls(tls) => tls.write(&slices[..count]),
        }
    }

    /// Whether something waits here for the socket.
    pub(super) fn wants_write(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.connection.wants_write())
    }

    /// Whether there are octets to be read that the socket does not know of.
    pub(super) const fn has_more(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.more)
    }

    /// Says that nothing more will be written; false: not all is out yet.
    pub(super) fn shutdown(&mut self) -> io::Result<bool> {
        if let Self::Tls(tls) = self {
            if !tls.said_goodbye {
                tls.connection.send_close_notify();
                tls.said_goodbye = true;
            }
            if !tls.flush()? {
                return Ok(false);
            }
        }
        self.socket().shutdown().map(|()| true)
    }

    /// Reads and forgets; 0: the partner has closed.
    pub(super) fn swallow(&self) -> io::Result<usize> {
        self.socket().recv(&mut [0; 4096])
    }
}

/// As much is read from the socket at once: four records. A connection begins with less.
const PIECE: usize = 64 * 1024;
const FIRST_PIECE: usize = 4 * 1024;

/// As much may wait for the socket, encrypted, before a session is held back.
const UNSENT: usize = 64 * 1024;

/// The first octets of a partner, kept to say what it speaks if that is not TLS.
const FIRST: usize = 24;

/// TLS over the socket (RFC 5024 2.3): rustls as a state machine.
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
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
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
    fn write(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
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
