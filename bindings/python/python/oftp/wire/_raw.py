"""An Exchange Buffer that is no command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._exceptions import UserError
from .._oftp import wire_check
from .._values import Level
from ._explanation import explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._explanation import Explanation

__all__ = ["Raw"]


@dataclass(frozen=True, slots=True)
class Raw:
    """An Exchange Buffer that is no command, or not all of one: an unknown code, a command that
    was cut. What a scripted peer sends and receives is `Command | Raw`.

    :ivar octets: The Exchange Buffer, without Stream Transmission Header.
    :ivar level: The release level by whose layouts it is explained and checked.
    """

    octets: bytes
    level: Level = Level.V2_0

    def __post_init__(self) -> None:
        # Through a memoryview: the octets of a number would be as many zeros.
        object.__setattr__(self, "octets", bytes(memoryview(self.octets)))

    @property
    def name(self) -> str:
        """``?``: it has no name."""
        return "?"

    def encode(self) -> bytes:
        """The octets."""
        return self.octets

    def truncate(self, octets: int) -> Raw:
        """The first octets of it.

        :raises UserError: It has not as many.
        """
        return cut(self.octets, octets, self.level)

    def check(self, quirks: Iterable[str] = ("strict",)) -> tuple[str, ...]:
        """Like `Command.check`: nothing keeps the octets from being legal.

        :returns: The names of the quirks that were needed.
        :raises WireError: The partner should refuse it.
        """
        return tuple(wire_check(self.octets, self.level, list(quirks)))

    def explain(self) -> Explanation:
        """What can be said of it."""
        return explain(self.octets, self.level)

    def __bytes__(self) -> bytes:
        return self.octets


def cut(octets: bytes, at: int, level: Level) -> Raw:
    """The first octets of an Exchange Buffer."""
    if not 0 <= at <= len(octets):
        raise UserError(f"octets is {at}; the Exchange Buffer has {len(octets)}")
    return Raw(octets[:at], level)
