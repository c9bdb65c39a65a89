"""One command of RFC 5024 section 5.3, whatever its fields hold."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from .._exceptions import UserError
from .._oftp import wire_check
from .._values import Level
from ._contents import octets_of, value_of
from ._explanation import explain
from ._layout import layout
from ._raw import Raw, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ._contents import Value
    from ._explanation import Explanation
    from ._layout import Field, Layout

__all__ = ["Command"]

#: Octets of a value that ``repr`` shows.
_SHOWN = 64


class Command:
    """A command as its fields: immutable, hashable, equal by its octets and how they are cut.

    Its fields are keywords: the RFC's names without that of the command, in lower case
    (SFIDREST is ``rest``). A field that is not given is legal: digits are zero, reserved fields
    blank, flags ``N``. Text and numbers are put into the form of the field; **octets are taken as
    they are, of any length**: that is how one builds what is illegal. A length field (SFIDDESCL)
    follows what it measures unless it is given.

    Fields are read the same way: ``command.rest`` is a number, text, or the octets where they are
    neither (stamps are text, binary fields octets); ``command["SFIDREST"]`` is always the octets.

    :param name: The name in the RFC, as in ``SFID``.
    :param level: The release level whose layout it has.
    :param fields: Contents of its fields.
    :raises UserError: There is no such command at this level, or no such field; a value does not
        fit its field.
    """

    __slots__ = ("_fields", "_layout", "_trailing")

    _fields: dict[str, bytes]
    _layout: Layout
    _trailing: bytes

    def __init__(self, name: str, level: Level = Level.V2_0, /, **fields: Value) -> None:
        self._layout = layout(name, level)
        defaults = {field.name: field.default for field in self._layout.fields}
        self._fields = _changed(self._layout, defaults, fields)
        self._trailing = b""

    @classmethod
    def of(cls, layout: Layout, fields: Mapping[str, bytes], trailing: bytes = b"") -> Command:
        """A command of octets that are cut already.

        :param layout: Its box.
        :param fields: The octets of the fields that are there, by the RFC's names and in its order.
        :param trailing: Octets behind the last one.
        """
        command = cls.__new__(cls)
        command._layout, command._fields, command._trailing = layout, dict(fields), trailing
        return command

    @property
    def name(self) -> str:
        """The name in the RFC, as in ``SFID``."""
        return self._layout.command

    @property
    def level(self) -> Level:
        """The release level whose layout it has."""
        return self._layout.level

    @property
    def fields(self) -> Mapping[str, bytes]:
        """The octets of the fields that are there, by the RFC's names and in its order."""
        return MappingProxyType(self._fields)

    @property
    def trailing(self) -> bytes:
        """Octets behind the last field. Only what was received has any."""
        return self._trailing

    def __getitem__(self, name: str) -> bytes:
        """The octets of a field by its name in the RFC, as in ``command["SFIDREST"]``.

        :raises KeyError: The command does not have it.
        """
        return self._fields[name]

    def __getattr__(self, keyword: str) -> int | str | bytes:
        field = None if keyword.startswith("_") else self._layout.field(keyword)
        if field is None or keyword != field.keyword or field.name not in self._fields:
            raise AttributeError(f"{type(self).__name__} has no {keyword!r}", obj=self)
        return value_of(field, self._fields[field.name])

    def replace(self, **fields: Value) -> Command:
        """The command with other contents of some fields. A length field follows when what it
        measures is changed, unless it is given too.

        :raises UserError: There is no such field; a value does not fit.
        """
        return self.of(self._layout, _changed(self._layout, self._fields, fields), self._trailing)

    def without(self, *names: str) -> Command:
        """The command with some fields left out, by their names in the RFC; what follows moves
        up. Everything else stays as it is, length fields too.

        :raises UserError: The command does not have one of them.
        """
        for name in names:
            if name not in self._fields:
                raise UserError(f"{self.name} has no {name} that could be left out")
        kept = {name: octets for name, octets in self._fields.items() if name not in names}
        return self.of(self._layout, kept, self._trailing)

    def encode(self) -> bytes:
        """The Exchange Buffer, without Stream Transmission Header (`frame` adds it)."""
        return b"".join(self._fields.values()) + self._trailing

    def truncate(self, octets: int) -> Raw:
        """The first octets of the Exchange Buffer.

        :raises UserError: It has not as many.
        """
        return cut(self.encode(), octets, self.level)

    def check(self, quirks: Iterable[str] = ("strict",)) -> tuple[str, ...]:
        """Checks the command as a partner should that has these quirks.

        :param quirks: Names of `oftp.quirk_names`, ``strict`` or ``tolerant``.
        :returns: The names of those that were needed.
        :raises WireError: The partner should refuse it, with the ESID of `WireError.reason`.
        """
        return tuple(wire_check(self.encode(), self.level, list(quirks)))

    def explain(self) -> Explanation:
        """What its octets say, field by field, to whoever receives them."""
        return explain(self.encode(), self.level)

    def __bytes__(self) -> bytes:
        return self.encode()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Command):
            return NotImplemented
        return (self.name, self._fields, self._trailing) == (
            other.name,
            other._fields,
            other._trailing,
        )

    def __hash__(self) -> int:
        return hash((self.name, self.encode()))

    def __repr__(self) -> str:
        """The call that makes it, without the fields that have their defaults."""
        parts = [] if self.level == Level.V2_0 else [f"Level.{self.level.name}"]
        parts += [
            f"{field.keyword}={_shown(field, self._fields[field.name])}"
            for field in self._layout.fields
            if field.name in self._fields and not self._follows(field)
        ]
        missing = [f.name for f in self._layout.fields if f.name not in self._fields]
        more = f".without({', '.join(map(repr, missing))})" if missing else ""
        more += f" + {_cut(self._trailing)}" if self._trailing else ""
        return f"{self.name.capitalize()}({', '.join(parts)}){more}"

    def __dir__(self) -> list[str]:
        there = (field for field in self._layout.fields if field.name in self._fields)
        return [*super().__dir__(), *(field.keyword for field in there)]

    def _follows(self, field: Field) -> bool:
        """Whether a field holds what it would hold if it was not given."""
        measured = self._layout.measured_by(field.name)
        octets = self._fields[field.name]
        if measured is None or measured.name not in self._fields:
            return octets == field.default
        return octets == _length(field, measured, self._fields[measured.name], default=octets)


def _changed(
    layout: Layout, before: Mapping[str, bytes], given: Mapping[str, Value]
) -> dict[str, bytes]:
    known = [field.keyword for field in layout.fields]
    for keyword in given:
        if keyword not in known:
            raise UserError(
                f"{layout.command} has no field {keyword!r} at level {layout.level}; "
                f"it has {', '.join(known)}"
            )
    fields: dict[str, bytes] = {}
    for field in layout.fields:
        if field.keyword in given:
            fields[field.name] = octets_of(field, given[field.keyword])
        elif field.name in before:
            fields[field.name] = before[field.name]
    for field in layout.fields:
        measured = layout.measured_by(field.name)
        if measured and measured.keyword in given and field.keyword not in given:
            fields[field.name] = _length(field, measured, fields[measured.name])
    return {field.name: fields[field.name] for field in layout.fields if field.name in fields}


def _length(field: Field, measured: Field, octets: bytes, default: bytes | None = None) -> bytes:
    """What a length field holds; `default` where it cannot say it."""
    try:
        return octets_of(field, len(octets))
    except UserError:
        if default is not None:
            return default
        raise UserError(
            f"{measured.name} has {len(octets)} octets, which {field.name} cannot say; "
            f"give {field.keyword} too to send them all the same"
        ) from None


def _shown(field: Field, octets: bytes) -> str:
    if field.secret:
        return "***"
    value = value_of(field, octets)
    try:
        exact = octets_of(field, value) == octets
    except UserError:
        exact = False
    return _cut(value if exact else octets)


def _cut(value: int | str | bytes) -> str:
    if isinstance(value, int) or len(value) <= _SHOWN:
        return repr(value)
    return f"{value[:_SHOWN]!r}...({len(value)})"
