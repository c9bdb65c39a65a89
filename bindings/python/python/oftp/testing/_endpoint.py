"""The connection of a `Peer`: how it comes about, what spoils it, how it ends."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Generator
from types import TracebackType
from typing import Self

from ._faults import Fault, How
from ._line import Line
from ._transcript import ExpectationFailed, Transcript

__all__ = ["ConnectionCut", "Endpoint"]


class ConnectionCut(Exception):  # noqa: N818
    """A fault, or the script itself, has ended the connection, and the script goes on as if it had
    not: see `Peer.until_cut`."""


class Endpoint:
    """What a peer does with its connection; see `Peer`."""

    @classmethod
    def listen(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        patience: float = 5.0,
    ) -> Self:
        """A peer that waits for one call, the Responder; `address` says where.

        :param port: 0: any that is free.
        :param tls: For a call over TLS: a context with the certificate of this peer.
        :param patience: Seconds that each expectation has, unless it says `within`.
        """
        listener = socket.create_server((host, port), backlog=1)
        return cls(listener=listener, tls=tls, patience=patience, title="peer (Responder)")

    @classmethod
    def call(
        cls,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
        patience: float = 5.0,
    ) -> Self:
        """A peer that has called the system under test, the Initiator.

        :param tls: To call over TLS: what to trust, and the certificate of this peer.
        :param server_hostname: The name that the certificate must have; ``None``: `host`.
        :param patience: Seconds that each expectation has, unless it says `within`.
        :raises OSError: There is no connection.
        """
        connection = socket.create_connection((host, port), timeout=patience)
        if tls is not None:
            try:
                connection = tls.wrap_socket(connection, server_hostname=server_hostname or host)
            except OSError:
                connection.close()
                raise
        return cls(connection=connection, patience=patience, title="peer (Initiator)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __init__(
        self,
        *,
        listener: socket.socket | None = None,
        connection: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        patience: float = 5.0,
        title: str = "peer",
    ) -> None:
        #: Seconds that each expectation has.
        self.patience = patience
        #: What was said.
        self.transcript = Transcript(title)
        #: Whether this peer has called, and not been called.
        self.is_initiator = listener is None
        self._tls = tls
        self._listener = listener
        self._waiting: list[Fault] = []
        self._line: Line | None = None
        if listener is not None:
            self._address = listener.getsockname()
        elif connection is not None:
            self._address = connection.getpeername()
            self._take(connection)

    # -- The connection

    @property
    def host(self) -> str:
        """Where it listens, or whom it has called."""
        return str(self._address[0])

    @property
    def port(self) -> int:
        """The port that belongs to `host`."""
        return int(self._address[1])

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return (self.host, self.port)

    def accept(self, within: float | None = None) -> None:
        """Waits for the call. Everything else does this first where it is needed.

        :param within: Seconds; ``None``: `patience`.
        :raises ExpectationFailed: Nobody called.
        :raises ssl.SSLError: TLS could not be agreed on.
        """
        if self._line is not None or self._listener is None:
            return
        seconds = self.patience if within is None else within
        try:
            self._listener.settimeout(seconds)
            connection, caller = self._listener.accept()
        except TimeoutError:
            raise self._failed(f"nobody called within {seconds:g} s") from None
        except OSError as error:
            raise ConnectionCut(f"this peer was closed before anybody called: {error}") from error
        self.transcript.connection(f"{caller[0]}:{caller[1]} has called")
        connection.settimeout(seconds)
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError as error:
                self.transcript.connection(f"TLS: {error}")
                connection.close()
                raise
        self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        if isinstance(connection, ssl.SSLSocket):
            self.transcript.connection(f"{connection.version()} is agreed on")
        self._line = Line(connection, self.transcript)
        self._line.faults.add(*self._waiting)

    def close(self, how: How = "close") -> None:
        """Ends the connection: ``close`` (FIN), ``reset`` (RST) or ``half`` (FIN, and still
        reading). A peer that listens stops listening."""
        if how != "half" and self._listener is not None:
            self._listener.close()
        if self._line is not None and self._line.cut in (None, "half"):
            self.transcript.connection(f"this side ends the connection: {how}")
            self._line.close(how)

    def stop(self) -> None:
        """Wakes a thread that is using this peer; what it waits for fails. For another thread."""
        for gone in (self._line, self._listener):
            if isinstance(gone, Line):
                gone.stop()
            elif gone is not None:
                with contextlib.suppress(OSError):  # closed, or no system that can do this
                    gone.shutdown(socket.SHUT_RDWR)

    # -- Faults

    def fault(self, *faults: Fault) -> None:
        """Applies faults to what is sent from now on; before the call has come: to all."""
        if self._line is None:
            self._waiting += faults
        else:
            self._line.faults.add(*faults)

    def no_faults(self) -> None:
        """Behaves from now on. What was cut stays cut."""
        self._waiting.clear()
        if self._line is not None:
            self._line.faults.clear()

    @contextlib.contextmanager
    def until_cut(self) -> Generator[None]:
        """What is inside is played until a fault cuts the connection.

        :raises ExpectationFailed: It was played to its end.
        """
        try:
            yield
        except ConnectionCut:
            pass
        if self._line is None or not self._line.was_cut:
            raise self._failed("all was played, and no fault has cut the connection")

    # -- Inside

    def _open(self) -> Line:
        self.accept()
        line = self._line
        if line is None or line.cut not in (None, "half"):
            raise ConnectionCut(
                "this side has ended the connection; what a fault may cut belongs inside of "
                f"`with peer.until_cut():`\n{self.transcript}"
            )
        return line

    def _failed(self, text: str) -> ExpectationFailed:
        return ExpectationFailed(text, self.transcript)
