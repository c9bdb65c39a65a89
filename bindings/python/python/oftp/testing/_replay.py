"""One side of a recording, played to a station, and its answers compared with those of then."""

from __future__ import annotations

from collections.abc import Collection

from oftp import UserError, wire

from ._peers import Peers
from ._recording import Recording, Said, Side
from ._scenes import Peer
from ._summary import summary
from ._transcript import ExpectationFailed

__all__ = ["VOLATILE", "replay"]

#: Fields that differ from session to session: stamps, challenges, hashes and signatures, and what
#: is a matter of the station alone. `replay` does not compare them by default.
VOLATILE: frozenset[str] = frozenset(
    "SFIDDATE SFIDTIME EERPDATE EERPTIME NERPDATE NERPTIME SSIDPSWD AUCHCHLL AUCHCHAL AURPRSP "
    "EERPHSHL EERPHSH EERPSIGL EERPSIG NERPHSHL NERPHSH NERPSIGL NERPSIG ESIDREASL ESIDREAST "
    "SFNAREASL SFNAREAST EFNAREASL EFNAREAST".split()
)

#: Where a stamp of the file goes in a response to it.
_ECHOED = {
    "EERP": {"EERPDATE": "SFIDDATE", "EERPTIME": "SFIDTIME"},
    "NERP": {"NERPDATE": "SFIDDATE", "NERPTIME": "SFIDTIME"},
}


def replay(
    recording: Recording,
    *,
    side: Side,
    to: tuple[str, int] | None = None,
    peer: Peer | None = None,
    ignore: Collection[str] = VOLATILE,
    within: float = 5.0,
) -> None:
    """Plays one side of a recording: its commands are sent when those of the other side have come
    that had come then, and each that comes is compared with the one of then, field by field.
    Responses in the recording go out with the stamps of the file as it is offered now.

    :param recording: What to play.
    :param side: Which side is played: ``initiator`` calls, ``responder`` is called.
    :param to: Host and port of the station, for ``initiator``.
    :param peer: A peer that listens, for ``responder``; or one that has called.
    :param ignore: Fields by the RFC's names that may differ.
    :param within: Seconds for each command of the station.
    :raises ExpectationFailed: At the first difference; the text says which command and field.
    :raises UserError: Neither `to` nor `peer` fits the side.
    """
    if peer is not None:
        _Replay(recording, side, peer, ignore, within).run()
        return
    if to is None or side != "initiator":
        raise UserError("replay: side `initiator` needs to=(host, port), `responder` needs peer=")
    peers = Peers(patience=within)
    try:
        _Replay(recording, side, peers.call(*to), ignore, within).run()
    finally:
        peers.close()


class _Replay:
    def __init__(
        self,
        recording: Recording,
        side: Side,
        peer: Peer,
        ignore: Collection[str],
        within: float,
    ) -> None:
        self._script = recording.commands()
        self._ends = [piece.side for piece in recording.pieces if not piece.octets][:1]
        self._side = side
        self._peer = peer
        self._ignore = ignore
        self._within = within
        #: Stamps of then, and those of now.
        self._stamps: dict[tuple[str, bytes], bytes] = {}

    def run(self) -> None:
        for number, said in enumerate(self._script, 1):
            if said.side == self._side:
                self._peer.send(self._now(said))
            else:
                self._compare(number, said)
        if self._ends and self._ends[0] != self._side:
            self._peer.expect_close(self._within)
        else:
            self._peer.close()

    def _compare(self, number: int, then: Said) -> None:
        where = f"command {number} of {len(self._script)} of the recording"
        name = then.command.name
        now = self._peer.next(self._within)
        if now.name != name:
            raise self._failed(f"{where} was {name}, but {summary(now)} came")
        if not isinstance(now, wire.Command) or not isinstance(then.command, wire.Command):
            if now.encode() != then.octets:
                raise self._failed(f"{where} was {then.octets.hex()}, {now.encode().hex()} came")
            return
        for field, before in then.command.fields.items():
            value = now.fields.get(field)
            if field in ("SFIDDATE", "SFIDTIME") and value is not None:
                self._stamps[field, before] = value
            if value != before and field not in self._ignore:
                raise self._failed(
                    f"{where}, {name}: {field} is {_shown(value)}, it was {_shown(before)}"
                )

    def _now(self, said: Said) -> wire.Command | wire.Raw:
        """What is sent: that of then, with the stamps of now."""
        command = said.command
        if isinstance(command, wire.Raw):
            return command
        for field, source in _ECHOED.get(command.name, {}).items():
            stamp = self._stamps.get((source, command[field]))
            if stamp is not None:
                command = command.replace(**{field.removeprefix(command.name).lower(): stamp})
        return command

    def _failed(self, text: str) -> ExpectationFailed:
        return ExpectationFailed(text, self._peer.transcript)


def _shown(octets: bytes | None) -> str:
    if octets is None:
        return "missing"
    text = octets.decode("latin-1").rstrip(" ")
    return repr(text) if text.isprintable() and len(text) < 80 else octets[:80].hex(" ")
