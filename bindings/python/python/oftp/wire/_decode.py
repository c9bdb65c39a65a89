"""Octets of an Exchange Buffer as a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._exceptions import WireError
from .._oftp import wire_check, wire_split
from .._values import Level
from ._command import Command
from ._layout import Layout, find
from ._raw import Raw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer

__all__ = ["decode", "parse"]


def decode(
    octets: ReadableBuffer, level: Level = Level.V2_0, quirks: Iterable[str] = ("tolerant",)
) -> Command:
    """Reads one Exchange Buffer as a session would. The command encodes to the same octets.

    SSID and ESID are read by the layout that they show themselves.

    :param octets: The Exchange Buffer, without Stream Transmission Header.
    :param level: The release level of the session.
    :param quirks: Names of `oftp.quirk_names`, ``strict`` or ``tolerant``.
    :raises WireError: It is no command of the level, or has what the quirks do not tolerate; with
        the field, the offset and the reason of the ESID that answers it.
    """
    octets = bytes(memoryview(octets))
    wire_check(octets, level, list(quirks))
    layout, fields, trailing = _split(octets, level)
    # What was just checked is a command of the level.
    assert layout is not None
    return Command.of(layout, fields, trailing)


def parse(octets: ReadableBuffer, level: Level = Level.V2_0) -> Command | Raw:
    """Reads one Exchange Buffer as far as it can be read: never raises, and the result encodes to
    the same octets.

    :param octets: The Exchange Buffer, without Stream Transmission Header.
    :param level: The release level of the session.
    :returns: A command where all fields are there, whatever they hold, and where what is missing
        or too much is what a quirk tolerates. `Raw` for everything else.
    """
    octets = bytes(memoryview(octets))
    layout, fields, trailing = _split(octets, level)
    if layout is None:
        return Raw(octets, Level(level))
    if len(fields) < len(layout.fields):
        try:
            wire_check(octets, level, ("tolerant", "digit_lengths"))
        except WireError:
            return Raw(octets, Level(level))
    return Command.of(layout, fields, trailing)


def _split(octets: bytes, level: Level) -> tuple[Layout | None, dict[str, bytes], bytes]:
    name, shown, fields, trailing = wire_split(octets, level)
    own, used = find(name, Level(level)), find(name, Level(shown))
    # Lower levels share their boxes: the command then has the level that was asked for.
    return own if _rows(own) == _rows(used) else used, dict(fields), trailing


def _rows(layout: Layout | None) -> list[tuple[str, int | str | None]]:
    return [] if layout is None else [(field.name, field.length) for field in layout.fields]
