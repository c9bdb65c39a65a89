//! The connection below a session: plain TCP, or TLS over it.

use std::io::{self, IoSlice};
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::tls::Tls;

/// A connection to a partner.
#[derive(Debug)]
pub enum Link {
    /// Plain TCP (RFC 5024 2.2).
    Tcp(TcpStream),
    /// TLS over TCP, its handshake done (2.3).
    Tls(Box<Tls>),
}

/// As much is swallowed of a partner that has not heard the end.
const SWALLOWED: usize = 1 << 20;

impl From<TcpStream> for Link {
    fn from(stream: TcpStream) -> Self {
        Self::Tcp(stream)
    }
}

impl From<Tls> for Link {
    fn from(tls: Tls) -> Self {
        Self::Tls(Box::new(tls))
    }
}

impl Link {
    /// The partner's address.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream().peer_addr()
    }

    /// The TCP connection at the bottom.
    #[must_use]
    pub const fn stream(&self) -> &TcpStream {
        match self {
            Self::Tcp(stream) => stream,
            Self::Tls(tls) => tls.stream(),
        }
    }

    /// Reads what is there; 0: the partner has closed.
    pub(super) fn try_read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_read(space),
            Self::Tls(tls) => tls.try_read(space),
        }
    }

    /// Writes as much as is taken now.
    pub(super) fn try_write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write_vectored(slices),
            Self::Tls(tls) => tls.try_write_vectored(slices),
        }
    }

    /// Until reading may give something. May be dropped.
    pub(super) async fn readable(&self) {
        // An error shows when the connection is read.
        let _ = match self {
            Self::Tcp(stream) => stream.readable().await,
            Self::Tls(tls) => tls.readable().await,
        };
    }

    /// Until writing may take something. May be dropped.
    pub(super) async fn writable(&self) {
        let _ = self.stream().writable().await;
    }

    /// Says that nothing more will be written.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown().await,
            Self::Tls(tls) => tls.shutdown().await,
        }
    }
}

/// Reads what still comes, until the partner closes.
pub(super) async fn swallow(stream: &TcpStream) {
    let mut swallowed = 0;
    // Not in the task, which would carry it from its beginning.
    let mut octets = vec![0; 4096];
    while swallowed < SWALLOWED && stream.readable().await.is_ok() {
        match stream.try_read(&mut octets) {
            Ok(0) => return,
            Ok(n) => swallowed += n,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
