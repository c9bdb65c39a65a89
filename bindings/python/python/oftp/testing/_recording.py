"""A session as it crossed the line: a readable file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from oftp import Level, UserError, wire

from ._transcript import Transcript

__all__ = ["Piece", "Recording", "Said", "Side", "lower"]

#: ``initiator``: who has called; ``responder``: who was called.
Side: TypeAlias = Literal["initiator", "responder"]

_HEAD = "# OFTP recording 1: seconds, who sent (I: the Initiator, R: the Responder), octets or end"


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets of one side, as they came in one read.

    :ivar at: Seconds since the connection was opened.
    :ivar side: Who sent them.
    :ivar octets: The octets; empty: this side has closed the connection.
    """

    at: float
    side: Side
    octets: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A whole command of a recording.

    :ivar octets: The Exchange Buffer, without its Stream Transmission Header.
    """

    at: float
    side: Side
    octets: bytes
    command: wire.Command | wire.Raw


@dataclass(frozen=True, slots=True)
class Recording:
    """Both directions of one connection, in the order in which the pieces came."""

    pieces: tuple[Piece, ...] = ()

    def octets(self, side: Side) -> bytes:
        """All that one side has sent."""
        return b"".join(piece.octets for piece in self.pieces if piece.side == side)

    def commands(self) -> list[Said]:
        """The commands of both sides, each where its last octet was sent.

        :raises WireError: The octets of a side have no Stream Transmission Headers, or bad ones:
            a session over TLS, or no OFTP."""
        streams: dict[Side, wire.Stream] = {"initiator": wire.Stream(), "responder": wire.Stream()}
        level = Level.V2_0
        said: list[Said] = []
        for piece in self.pieces:
            if not piece.octets:
                continue
            streams[piece.side].feed(piece.octets)
            for octets in streams[piece.side]:
                command = wire.parse(octets, level)
                if isinstance(command, wire.Command) and command.name == "SSID":
                    level = lower(level, command)
                said.append(Said(piece.at, piece.side, bytes(octets), command))
        return said

    @property
    def transcript(self) -> Transcript:
        """What was said, in the RFC's names; ``I>`` by the Initiator."""
        now = 0.0
        transcript = Transcript("recording", lambda: now)
        for said in self.commands():
            now = said.at
            mark = "I>" if said.side == "initiator" else "R>"
            transcript.command(mark, said.command, len(said.octets))
        return transcript

    def save(self, path: str | Path) -> None:
        """Writes it as text, one line for a piece. Passwords and files are in it as they were
        sent."""
        lines = [_HEAD]
        for piece in self.pieces:
            lines.append(
                f"{piece.at:.6f} {piece.side[0].upper()} {piece.octets.hex() or 'end'}"
            )
        Path(path).write_text("\n".join([*lines, ""]), encoding="ascii")

    @staticmethod
    def load(path: str | Path) -> Recording:
        """Reads what `save` has written. Empty lines and lines that begin with ``#`` are for
        people.

        :raises UserError: It is no recording; the text says which line.
        """
        pieces: list[Piece] = []
        sides: dict[str, Side] = {"I": "initiator", "R": "responder"}
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                at, side, octets = line.split()
                pieces.append(
                    Piece(float(at), sides[side], b"" if octets == "end" else bytes.fromhex(octets))
                )
            except (ValueError, KeyError):
                raise UserError(
                    f"{path}, line {number}: expected seconds, I or R, and octets in hex or `end`"
                ) from None
        return Recording(tuple(pieces))


def lower(level: Level, ssid: wire.Command) -> Level:
    """The level that holds after an SSID: the lower one. What is no level of the RFC changes
    nothing."""
    told = ssid["SSIDLEV"]
    return min(level, Level(int(told))) if told in (b"1", b"2", b"4") else level
