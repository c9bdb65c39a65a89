//! The connection below a session: a socket of the host, plain or with TLS over it. Nothing here
//! waits, and nothing closes the descriptor.

use std::io::{self, IoSlice, Write};
use std::os::fd::RawFd;

use super::tls_link::Tls;

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
        let mut address = std::mem::MaybeUninit::<libc::sockaddr_storage>::uninit();
        let mut room = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        // SAFETY: there is room for any address.
        if unsafe { libc::getpeername(self.0, address.as_mut_ptr().cast(), &raw mut room) } != 0 {
            return Err(io::Error::last_os_error());
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

    pub(super) fn recv(self, out: &mut [u8]) -> io::Result<usize> {
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
            Self::Tls(tls) => tls.socket(),
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
        matches!(self, Self::Tls(tls) if tls.wants_write())
    }

    /// Whether there are octets to be read that the socket does not know of.
    pub(super) const fn has_more(&self) -> bool {
        matches!(self, Self::Tls(tls) if tls.has_more())
    }

    /// Says that nothing more will be written; false: not all is out yet.
    pub(super) fn shutdown(&mut self) -> io::Result<bool> {
        if let Self::Tls(tls) = self
            && !tls.say_goodbye()?
        {
            return Ok(false);
        }
        self.socket().shutdown().map(|()| true)
    }

    /// Reads and forgets; 0: the partner has closed.
    pub(super) fn swallow(&self) -> io::Result<usize> {
        self.socket().recv(&mut [0; 4096])
    }
}
