"""A proxy on loopback that writes down what passes."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from types import TracebackType

from ._recording import Piece, Recording, Side

__all__ = ["Recorder", "record"]


def record(*, to: tuple[str, int], host: str = "127.0.0.1") -> Recorder:
    """Begins to record: a station that calls `Recorder.address` in place of `to` reaches it
    through a proxy, and each connection becomes a `Recording`. Use it by ``with``.

    :param to: Host and port of the station that is called.
    :param host: Where the proxy listens, on a port that is free.
    """
    return Recorder(to, host)


class Recorder:
    """A proxy that records; see `record`. Octets pass as they are: of a session over TLS the
    recording has TLS records."""

    def __init__(self, to: tuple[str, int], host: str) -> None:
        self._to = to
        self._listener = socket.create_server((host, 0))
        self._news = threading.Condition()
        self._finished: list[Recording] = []
        self._open: set[socket.socket] = set()
        self._closed = False
        threading.Thread(target=self._accept, name="oftp recorder", daemon=True).start()

    @property
    def address(self) -> tuple[str, int]:
        """Where to call."""
        host, port = self._listener.getsockname()[:2]
        return (str(host), int(port))

    @property
    def recordings(self) -> list[Recording]:
        """Those of the connections that have ended, in the order of their ends."""
        with self._news:
            return list(self._finished)

    def wait(self, connections: int = 1, *, within: float = 10.0) -> Recording:
        """Waits until so many connections have ended.

        :returns: The recording of the one that ended last of them.
        :raises TimeoutError: They have not, within so many seconds.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self._finished) >= connections, within):
                ended = len(self._finished)
                raise TimeoutError(f"{ended} of {connections} connections ended in {within:g} s")
            return self._finished[connections - 1]

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Listens no more, and cuts what is open."""
        with self._news:
            self._closed = True
            open_now = list(self._open)
        for gone in (self._listener, *open_now):
            with contextlib.suppress(OSError):  # it has ended by itself
                gone.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:  # `close`
                return
            threading.Thread(
                target=self._serve, args=(caller,), name="oftp recorder", daemon=True
            ).start()

    def _serve(self, caller: socket.socket) -> None:
        began = time.monotonic()
        pieces: list[Piece] = []
        with caller, contextlib.suppress(OSError):  # a station that is not there: the caller sees
            with socket.create_connection(self._to, timeout=10) as called:
                called.settimeout(None)
                with self._news:
                    self._open |= {caller, called}
                    closed = self._closed
                if not closed:
                    self._pass(caller, called, began, pieces)
                with self._news:
                    self._open -= {caller, called}
        with self._news:
            self._finished.append(Recording(tuple(pieces)))
            self._news.notify_all()

    def _pass(
        self, caller: socket.socket, called: socket.socket, began: float, pieces: list[Piece]
    ) -> None:
        """Both directions, until both have ended or one is reset."""
        ways: dict[socket.socket, tuple[Side, socket.socket]] = {
            caller: ("initiator", called),
            called: ("responder", caller),
        }
        with selectors.DefaultSelector() as selector:
            for end in ways:
                selector.register(end, selectors.EVENT_READ)
            while ways:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket), "only sockets are registered"
                    side, other = ways[source]
                    octets = source.recv(65_536)
                    pieces.append(Piece(time.monotonic() - began, side, octets))
                    if octets:
                        other.sendall(octets)
                        continue
                    selector.unregister(source)
                    del ways[source]
                    other.shutdown(socket.SHUT_WR)
