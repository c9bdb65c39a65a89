"""The boxes of RFC 5024 and RFC 2204 section 5.3 as data. They are the engine's own."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from .._exceptions import UserError
from .._oftp import wire_layouts
from .._values import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "Field", "Layout", "layout"]


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a box: a field of a command.

    :ivar name: The name in the RFC, as in ``SFIDREST``.
    :ivar keyword: The same without that of the command, in lower case, as in ``rest``.
    :ivar offset: Octets from the start of the Exchange Buffer; ``None`` behind a field of variable
        length.
    :ivar format: ``F``: one of a fixed set of values; ``V``: variable.
    :ivar type: ``X``: characters, filled with spaces; ``9``: digits, filled with zeros; ``U``:
        binary, numbers in network order; ``T``: UTF-8.
    :ivar length: Octets; the name of the field that tells them; or ``None``: all that is left.
    :ivar default: The octets of the field when it is not given.
    :ivar secret: Whether its contents must not be shown (SSIDPSWD, AURPRSP).
    """

    name: str
    keyword: str
    offset: int | None
    format: Literal["F", "V"]
    type: Literal["X", "9", "U", "T"]
    length: int | str | None
    default: bytes
    secret: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The box of one command at one level.

    :ivar command: The name of the command in the RFC, as in ``SFID``.
    :ivar code: Its first octet.
    :ivar level: The level.
    :ivar min_octets: Octets of the shortest command.
    :ivar max_octets: Octets of the longest.
    :ivar fields: The rows, from the first to the last.
    """

    command: str
    code: bytes
    level: Level
    min_octets: int
    max_octets: int
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The row of a name or keyword: ``SFIDREST`` or ``rest``."""
        for field in self.fields:
            if name in (field.name, field.keyword):
                return field
        return None

    def measured_by(self, name: str) -> Field | None:
        """The row whose length the field of this name tells, as in ``SFIDDESC`` by
        ``SFIDDESCL``."""
        for field in self.fields:
            if field.length == name:
                return field
        return None


def _read() -> dict[tuple[str, Level], Layout]:
    layouts: dict[tuple[str, Level], Layout] = {}
    for command, code, digit, least, most, rows in wire_layouts():
        level = Level(digit)
        fields = tuple(
            Field(row[0], row[0].removeprefix(command).lower(), *row[1:]) for row in rows
        )
        layouts[command, level] = Layout(command, bytes([code]), level, least, most, fields)
    return layouts


_LAYOUTS: Final[Mapping[tuple[str, Level], Layout]] = MappingProxyType(_read())

#: The names of the 18 commands, in the order of RFC 5024 section 5.3.
COMMANDS: Final[tuple[str, ...]] = tuple(dict.fromkeys(name for name, _ in _LAYOUTS))


def layout(name: str, level: Level = Level.V2_0) -> Layout:
    """The box of a command at a level (RFC 5024, RFC 2204 section 5.3).

    :param name: The name in the RFC, as in ``SFID``; lower case will do.
    :param level: The release level.
    :raises UserError: There is no such command, or not at this level; no such level.
    """
    if level not in set(Level):
        raise UserError(f"level is {level!r}; use oftp.Level (RFC 5024 5.3.2 SSIDLEV)")
    found = find(name.upper(), level)
    if found is not None:
        return found
    if name.upper() in COMMANDS:
        raise UserError(f"{name.upper()} does not exist at level {Level(level)}")
    raise UserError(f"{name!r} is no command; there are {', '.join(COMMANDS)}")


def find(name: str | None, level: Level) -> Layout | None:
    """The same; ``None`` where there is none."""
    return _LAYOUTS.get((name or "", level))
