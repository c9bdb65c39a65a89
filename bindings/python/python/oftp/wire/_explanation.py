"""An Exchange Buffer explained field by field, for people who look at a trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .._oftp import wire_explain
from .._values import Level

if TYPE_CHECKING:
    from .._exceptions import WireError

__all__ = ["Explanation", "Row", "explain"]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of an Exchange Buffer.

    :ivar name: The name in the RFC.
    :ivar offset: Octets from the start of the Exchange Buffer.
    :ivar octets: Its octets. Those of SSIDPSWD and AURPRSP are secret: show `value` instead.
    :ivar value: The contents as text; secrets as ``***``.
    :ivar meaning: What the field is, and what its value stands for.
    """

    name: str
    offset: int
    octets: bytes = field(repr=False)
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """An Exchange Buffer taken apart; ``str`` is a table of it.

    :ivar command: The command; ``None`` where its code is unknown.
    :ivar level: The level whose layout was used: SSID and ESID show it themselves.
    :ivar rows: The fields that are there in full.
    :ivar trailing: Octets that belong to no field.
    :ivar fault: What is wrong by the letter of the RFC; ``None``: nothing. It tells no more than
        the first thing.
    """

    command: str | None
    level: Level
    rows: tuple[Row, ...]
    trailing: bytes = field(repr=False)
    fault: WireError | None = field(default=None, compare=False)

    def __str__(self) -> str:
        octets = sum(len(row.octets) for row in self.rows) + len(self.trailing)
        lines = [f"{self.command or '?'}, level {self.level}, {octets} octets"]
        table = [("offset", "octets", "field", "value", "meaning")]
        table += [
            (str(row.offset), str(len(row.octets)), row.name, _printable(row.value), row.meaning)
            for row in self.rows
        ]
        wide = [max(len(line[column]) for line in table) for column in range(5)]
        for offset, size, name, value, meaning in table:
            numbers = f"{offset:>{wide[0]}}  {size:>{wide[1]}}"
            lines.append(f"{numbers}  {name:<{wide[2]}}  {value:<{wide[3]}}  {meaning}".rstrip())
        if self.trailing:
            more = " ..." if len(self.trailing) > 32 else ""
            octets = len(self.trailing)
            lines.append(f"{octets} octets of no field: {self.trailing[:32].hex(' ')}{more}")
        if self.fault is not None:
            lines.append(f"wrong: {self.fault}")
        return "\n".join(lines)


def _printable(text: str) -> str:
    """The text of a partner for one cell: what would break or turn around a line is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def explain(octets: bytes, level: Level) -> Explanation:
    """Explains an Exchange Buffer; never fails."""
    command, digit, rows, trailing, fault = wire_explain(octets, level)
    return Explanation(command, Level(digit), tuple(Row(*row) for row in rows), trailing, fault)
