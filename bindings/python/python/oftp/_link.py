"""A connected socket, plain or TLS by `ssl`, that never waits (RFC 5024 2.2, 2.3)."""

from __future__ import annotations

import selectors
import socket
import ssl
import time

__all__ = ["Link", "Stuck"]


class Stuck(Exception):
    """Not now: wait until the socket can be read or written."""

    def __init__(self, events: int) -> None:
        super().__init__(events)
        self.events = events


def _to_read() -> Stuck:
    # A new one each time: an exception keeps the frames that it has passed, and all they know.
    return Stuck(selectors.EVENT_READ)


def _to_write() -> Stuck:
    return Stuck(selectors.EVENT_WRITE)


class Link:
    """Reads and writes what can be now.

    :param sock: A connected socket; it belongs to the link from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        try:
            # Commands are small and wait for answers: nothing may wait for more octets.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            pass  # Not TCP: a pair of sockets, say.
        self._socket = sock
        self._selector = selectors.DefaultSelector()
        self._waits_for = selectors.EVENT_READ
        self._selector.register(sock, self._waits_for)

    def watch(self, sock: socket.socket) -> None:
        """Wakes `wait`, too, when this one can be read."""
        self._selector.register(sock, selectors.EVENT_READ)

    def shake_hands(self) -> None:
        """The handshake of TLS, where there is one and it is not done.

        :raises Stuck: It is not finished.
        :raises OSError: It has failed.
        """
        if isinstance(self._socket, ssl.SSLSocket):
            try:
                self._socket.do_handshake()
            except ssl.SSLWantReadError:
                raise _to_read() from None
            except ssl.SSLWantWriteError:
                raise _to_write() from None

    def read(self, room: memoryview) -> int:
        """Reads what is there. 0: the partner has closed, with or without the end of TLS: whether
        that is early, the session knows."""
        try:
            return self._socket.recv_into(room)
        except (BlockingIOError, ssl.SSLWantReadError):
            raise _to_read() from None
        except ssl.SSLWantWriteError:
            raise _to_write() from None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return 0

    def write(self, octets: bytes) -> int:
        """Writes as much as is taken now."""
        try:
            return self._socket.send(octets)
        except (BlockingIOError, ssl.SSLWantWriteError):
            raise _to_write() from None
        except ssl.SSLWantReadError:
            raise _to_read() from None

    def shut(self) -> None:
        """Says that nothing more will be written."""
        if isinstance(self._socket, ssl.SSLSocket):
            try:
                self._socket.unwrap()
            except ssl.SSLWantReadError:
                pass  # Ours is said; the partner's is of no interest.
            except ssl.SSLWantWriteError:
                raise _to_write() from None
            except ValueError:
                pass  # No handshake was done.
        self._socket.shutdown(socket.SHUT_WR)

    def swallow(self, room: memoryview) -> int:
        """Reads and forgets what is below TLS; 0: the partner has closed."""
        try:
            # After `shut` an SSLSocket is a plain one.
            return self._socket.recv_into(room)
        except BlockingIOError:
            raise _to_read() from None

    def wait(self, events: int, until: float | None) -> None:
        """Until the socket can do one of these, a watched one is read, or the time of
        `time.monotonic` has come."""
        if events != self._waits_for:
            if not events:
                self._selector.unregister(self._socket)
            elif not self._waits_for:
                self._selector.register(self._socket, events)
            else:
                self._selector.modify(self._socket, events)
            self._waits_for = events
        self._selector.select(None if until is None else max(0.0, until - time.monotonic()))

    def close(self) -> None:
        """Gives everything back."""
        self._selector.close()
        self._socket.close()
