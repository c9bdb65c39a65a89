"""A short constructor for each of the 18 commands (RFC 5024 section 5.3). The fields are those of
`layout`; see `Command` for what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._oftp import wire_split
from .._values import Level
from ._command import Command
from ._contents import octets_of
from ._layout import layout

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from ._contents import Value

__all__ = [
    "Auch",
    "Aurp",
    "Cd",
    "Cdt",
    "Data",
    "Eerp",
    "Efid",
    "Efna",
    "Efpa",
    "Esid",
    "Nerp",
    "Rtr",
    "Secd",
    "Sfid",
    "Sfna",
    "Sfpa",
    "Ssid",
    "Ssrm",
]


def Ssrm(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """SSRM, Start Session Ready Message (5.3.1): what a Responder sends first."""
    return Command("SSRM", level, **fields)


def Ssid(level: Level | None = None, /, **fields: Value) -> Command:
    """SSID, Start Session (5.3.2): what one side offers, and the other answers. Without `level` it
    has the layout that SSIDLEV (``lev``) tells."""
    if level is None:
        level = Level.V2_0
        lev = layout("SSID").field("lev")
        if lev is not None and "lev" in fields:
            start = layout("SSID").code + octets_of(lev, fields["lev"])
            level = Level(wire_split(start, level)[1])
    return Command("SSID", level, **fields)


def Sfid(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """SFID, Start File (5.3.3): the Speaker offers a Virtual File."""
    return Command("SFID", level, **fields)


def Sfpa(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """SFPA, Start File Positive Answer (5.3.4): the Listener takes it, from a position on."""
    return Command("SFPA", level, **fields)


def Sfna(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """SFNA, Start File Negative Answer (5.3.5): the Listener does not take it."""
    return Command("SFNA", level, **fields)


def Data(payload: ReadableBuffer = b"", level: Level = Level.V2_0, /) -> Command:
    """DATA, Data Exchange Buffer (5.3.6): a piece of the file as `subrecords`, right or wrong."""
    return Command("DATA", level, buf=bytes(memoryview(payload)))


def Cdt(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """CDT, Set Credit (5.3.7): the Listener lets a window of Data Exchange Buffers come."""
    return Command("CDT", level, **fields)


def Efid(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """EFID, End File (5.3.8): the Speaker has sent all, and counts it."""
    return Command("EFID", level, **fields)


def Efpa(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """EFPA, End File Positive Answer (5.3.9): the Listener has all."""
    return Command("EFPA", level, **fields)


def Efna(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """EFNA, End File Negative Answer (5.3.10): the Listener does not have it."""
    return Command("EFNA", level, **fields)


def Esid(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """ESID, End Session (5.3.11): normally with reason 0. Its text, and the
    layout, are those of the level."""
    return Command("ESID", level, **fields)


def Cd(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """CD, Change Direction (5.3.12): the Speaker gives the turn away."""
    return Command("CD", level, **fields)


def Eerp(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """EERP, End to End Response (5.3.13): the file has reached its destination."""
    return Command("EERP", level, **fields)


def Nerp(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """NERP, Negative End Response (5.3.14): it has not. From level 1.4 on."""
    return Command("NERP", level, **fields)


def Rtr(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """RTR, Ready To Receive (5.3.15): the answer to EERP and NERP."""
    return Command("RTR", level, **fields)


def Secd(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """SECD, Security Change Direction (5.3.16): level 2.0."""
    return Command("SECD", level, **fields)


def Auch(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """AUCH, Authentication Challenge (5.3.17): level 2.0."""
    return Command("AUCH", level, **fields)


def Aurp(level: Level = Level.V2_0, /, **fields: Value) -> Command:
    """AURP, Authentication Response (5.3.18): level 2.0."""
    return Command("AURP", level, **fields)
