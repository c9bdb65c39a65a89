"""A connection of a `Peer`: what goes out passes its faults, what comes in is taken apart into
Exchange Buffers (RFC 5024 8.2)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from typing import Literal, TypeAlias

from oftp import WireError, wire

from ._faults import Close, Faults, How, Octets, Pause
from ._transcript import ExpectationFailed, Transcript

__all__ = ["End", "Line"]

#: Why nothing more comes: the partner has closed (FIN) or reset (RST), or octets came that no
#: Stream Transmission Header begins.
End: TypeAlias = Literal["closed", "reset", "garbled"]


class Line:
    """One connection. A thread may wait in `receive` while another calls `stop`."""

    def __init__(self, connection: socket.socket, transcript: Transcript) -> None:
        self._socket = connection
        self._transcript = transcript
        self._stream = wire.Stream()
        self._stopped = threading.Event()
        self.faults = Faults(transcript.fault)
        #: How a fault or `close` has ended it; ``half``: it can still be read.
        self.cut: How | None = None
        #: Whether it was a fault.
        self.was_cut = False
        self._end: End | None = None
        with contextlib.suppress(OSError):  # not TCP: no pieces to keep apart
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, octets: bytes, name: str, within: float) -> None:
        """Sends a command, or what faults make of it. That the partner has gone is noted; whoever
        waits for its answer will learn it."""
        for step in self.faults.through(octets, name):
            if self.cut is not None:
                return
            match step:
                case Octets(out):
                    self._write(out, within)
                case Pause(seconds):
                    self._stopped.wait(seconds)
                case Close(how):
                    self._transcript.connection(f"a fault ends the connection: {how}")
                    self.was_cut = True
                    self.close(how)

    def _write(self, octets: bytes, within: float) -> None:
        try:
            self._socket.settimeout(within)
            self._socket.sendall(octets)
        except TimeoutError:
            text = f"the system under test takes no octets for {within:g} s"
            raise ExpectationFailed(text, self._transcript) from None
        except OSError as error:
            self._transcript.connection(f"{len(octets)} octets could not be sent: {error}")

    def receive(self, deadline: float) -> bytes | End | None:
        """The next Exchange Buffer, or the end; ``None``: nothing until `deadline`, a moment of
        `time.monotonic`."""
        while True:
            try:
                buffer = next(self._stream, None)
            except WireError as error:
                self._transcript.connection(f"what came is no Exchange Buffer: {error}")
                self._end = "garbled"
                buffer = None
            if buffer is not None:
                return buffer
            if self._end is not None:
                return self._end
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                return None

    def _read(self, seconds: float) -> bool:
        """Whether something came, be it the end."""
        try:
            self._socket.settimeout(seconds)
            octets = self._socket.recv(65_536)
        except TimeoutError:
            return False
        except ConnectionResetError:
            self._end = "reset"
        except ssl.SSLError as error:
            self._transcript.connection(f"TLS: {error}")
            self._end = "reset"
        else:
            if octets:
                self._stream.feed(octets)
                return True
            self._end = "closed"
        self._transcript.connection(
            "stopped" if self._stopped.is_set() else f"the partner has {self._end} the connection"
        )
        return True

    def close(self, how: How = "close") -> None:
        """Ends the connection. With TLS, ``close`` says so by a close_notify; the others break
        off."""
        if self.cut not in (None, "half"):
            return
        self.cut = how
        with contextlib.suppress(OSError):  # the partner may be gone already
            if how == "half":
                self._socket.shutdown(socket.SHUT_WR)
                return
            if how == "reset":
                # RST instead of FIN: SO_LINGER with no time to linger.
                linger = struct.pack("ii", 1, 0)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            elif isinstance(self._socket, ssl.SSLSocket):
                self._socket.settimeout(0)  # the close_notify goes out, nobody waits for the other
                self._socket.unwrap()
        self._socket.close()

    def stop(self) -> None:
        """Wakes the thread that uses this connection: it sees an end."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
