"""A scripted peer says single commands, legal or not, and expects others."""

from __future__ import annotations

import time
from typing import Literal

from oftp import Level, wire

from ._endpoint import Endpoint
from ._line import End
from ._recording import lower
from ._summary import summary

__all__ = ["CommandPeer"]


class CommandPeer(Endpoint):
    """What a peer does with single commands; see `Peer`.

    :ivar level: The release level: the lower one of both SSIDs; 2.0 before them.
    :ivar own_ssid: The SSID that was sent.
    :ivar partner_ssid: The SSID that came.
    """

    level: Level = Level.V2_0
    own_ssid: wire.Command | None = None
    partner_ssid: wire.Command | None = None
    #: Who has the turn; ``None``: nobody has given it away yet.
    _speaker: bool | None = None
    #: The last thing was a CD that was not asked for: ESID 00 is allowed (IDLESPCD).
    _may_end = False
    _asked_turn = False

    @property
    def is_speaker(self) -> bool:
        """Whether this peer has the turn (RFC 5024 4.3.1): the Initiator first, then CD moves
        it."""
        return self.is_initiator if self._speaker is None else self._speaker

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
                self._speaker = not sent
                self._may_end = not sent and not self._asked_turn
                self._asked_turn = False
            case "EFPA" if sent:
                self._asked_turn = command["EFPACD"] == b"Y"
            case _:
                pass
