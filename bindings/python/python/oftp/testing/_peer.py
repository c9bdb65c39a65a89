"""A scripted peer on a socket, in either role: it says single commands, legal or not, and expects
others. What makes whole scenes of them is in `_scenes`."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Generator
from types import TracebackType
from typing import Literal, Self

from oftp import Level, wire

from ._faults import Fault, How
from ._line import End, Line
from ._recording import lower
from ._summary import summary
from ._transcript import ExpectationFailed, Transcript

__all__ = ["BasePeer", "ConnectionCut"]


class ConnectionCut(Exception):  # noqa: N818
    """A fault, or the script itself, has ended the connection, and the script goes on as if it had
    not: see `Peer.until_cut`."""


class BasePeer:
    """What a peer does with single commands; see `Peer`."""

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
        #: Whether this peer has the turn (RFC 5024 1.4.1): commands CD move it.
        self.is_speaker = self.is_initiator
        #: The release level: the lower one of both SSIDs; 2.0 before them.
        self.level = Level.V2_0
        #: The SSIDs that were sent and received.
        self.own_ssid: wire.Command | None = None
        self.partner_ssid: wire.Command | None = None
        self._tls = tls
        self._listener = listener
        self._waiting: list[Fault] = []
        self._line: Line | None = None
        #: The last thing was a CD that was not asked for: ESID 00 is allowed (IDLESPCD).
        self._may_end = False
        self._asked_turn = False
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

    # -- Saying

    def send(self, command: wire.Command | wire.Raw | bytes) -> None:
        """Sends a command with its Stream Transmission Header, whatever its fields hold; octets go
        as they are, without a header. Whether it has come, only an answer tells: one that goes to
        a connection that the system under test has closed is noted in the transcript."""
        self.accept()
        if isinstance(command, bytes):
            said: wire.Command | wire.Raw = wire.Raw(command)
            octets, name, size = command, "?", len(command)
        else:
            said, name = command, command.name
            octets, size = wire.frame(command), len(command.encode())
        line = self._open()
        if line.cut is None:
            self.transcript.command("->", said, size)
            self._note(said, sent=True)
            line.send(octets, name, self.patience)

    # -- Expecting

    def next(self, within: float | None = None) -> wire.Command | wire.Raw:
        """The next command, whichever it is.

        :param within: Seconds; ``None``: `patience`.
        :raises ExpectationFailed: None came.
        """
        return self._next("a command", within)

    def expect(self, name: str, *, within: float | None = None, **fields: object) -> wire.Command:
        """The next command must be this one.

        :param name: As in ``"SFID"``.
        :param within: Seconds; ``None``: `patience`.
        :param fields: What its fields must hold, by the RFC's names without the command's:
            ``rest=0``, ``dsn="INVOICE"``, ``cd=False``; octets are compared with those of the
            field.
        :raises ExpectationFailed: Another came, or none, or with something else in a field.
        """
        wanted = " ".join([name, *(f"{key}={value!r}" for key, value in fields.items())])
        came = self._next(wanted, within)
        if came.name != name or isinstance(came, wire.Raw):
            raise self._failed(f"expected {wanted}, but {summary(came)} came")
        for key, value in fields.items():
            held = came[name + key.upper()] if isinstance(value, bytes) else getattr(came, key)
            if held != ("NY"[value] if isinstance(value, bool) else value):
                raise self._failed(
                    f"expected {wanted}, but {name}{key.upper()} is {held!r} instead of {value!r}"
                )
        return came

    def expect_any(self, *names: str, within: float | None = None) -> wire.Command:
        """The next command must be one of these."""
        wanted = " or ".join(names)
        came = self._next(wanted, within)
        if came.name not in names or isinstance(came, wire.Raw):
            raise self._failed(f"expected {wanted}, but {summary(came)} came")
        return came

    def expect_close(self, within: float | None = None) -> Literal["closed", "reset"]:
        """The system under test must end the connection, with nothing said before. Then this side
        ends it, too.

        :returns: How: ``closed`` (FIN) or ``reset`` (RST).
        """
        came = self._receive("the end of the connection", within)
        if isinstance(came, wire.Command | wire.Raw):
            raise self._failed(f"expected the end of the connection, but {summary(came)} came")
        if came == "garbled":
            raise self._failed("expected the end of the connection, but octets came")
        self.close()
        return came

    def expect_nothing(self, for_: float = 0.2) -> None:
        """Nothing must come for that many seconds, and the connection must stay. The test takes
        them, each time; where something else must come later, expecting that says more."""
        line = self._open()
        came = line.receive(time.monotonic() + for_)
        if came is not None:
            raise self._failed(f"expected nothing for {for_:g} s, but {self._came(came)}")

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

    def _next(self, wanted: str, within: float | None) -> wire.Command | wire.Raw:
        came = self._receive(wanted, within)
        if isinstance(came, wire.Command | wire.Raw):
            return came
        raise self._failed(f"expected {wanted}, but {self._came(came)}")

    def _receive(self, wanted: str, within: float | None) -> wire.Command | wire.Raw | End:
        line = self._open()
        seconds = self.patience if within is None else within
        came = line.receive(time.monotonic() + seconds)
        if came is None:
            raise self._failed(f"expected {wanted}, but nothing came within {seconds:g} s")
        if isinstance(came, str):
            return came
        command = wire.parse(came, self.level)
        self.transcript.command("<-", command, len(came))
        self._note(command, sent=False)
        return command

    def _came(self, came: object) -> str:
        match came:
            case "closed" | "reset":
                return f"the system under test has {came} the connection"
            case bytes():
                command = wire.parse(came, self.level)
                self.transcript.command("<-", command, len(came))
                return f"{summary(command)} came"
            case _:
                return "octets that are no Exchange Buffer came"

    def _note(self, command: wire.Command | wire.Raw, *, sent: bool) -> None:
        """What a command means for the level and the turn."""
        self._may_end = False
        if isinstance(command, wire.Raw):
            return
        match command.name:
            case "SSID":
                if sent:
                    self.own_ssid = command
                else:
                    self.partner_ssid = command
                self.level = lower(self.level, command)
            case "CD":
                self.is_speaker = not sent
                self._may_end = not sent and not self._asked_turn
                self._asked_turn = False
            case "EFPA" if sent:
                self._asked_turn = command["EFPACD"] == b"Y"
            case _:
                pass

    def _failed(self, text: str) -> ExpectationFailed:
        return ExpectationFailed(text, self.transcript)
