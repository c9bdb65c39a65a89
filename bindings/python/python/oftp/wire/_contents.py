"""Values and octets of a field, by its type (RFC 5024 section 5.3: X, 9, U and T)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeAlias

from .._exceptions import UserError

if TYPE_CHECKING:
    from ._layout import Field

#: What a field can be given: text and numbers are put into the form that its type has; octets are
#: taken as they are. ``True`` and ``False`` are ``Y`` and ``N``.
Value: TypeAlias = int | str | bool | bytes | bytearray | memoryview


def octets_of(field: Field, value: Value) -> bytes:
    """The octets of a value, as wide as the field is.

    :raises UserError: The value does not fit the field.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, bool):
        return _flag(field, value)
    if isinstance(value, int):
        return _number(field, value)
    if isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _text(field, value)
    # Not every caller has its types checked.
    return _refuse(field, value, "use int, str, bool or bytes")


def value_of(field: Field, octets: bytes) -> int | str | bytes:
    """The value of octets: a number for digits and for lengths, text for characters; the octets
    themselves where they are none of these, or binary."""
    match field.type:
        case "9" if octets.isdigit() and octets.isascii():
            # Stamps are digits, but a name more than a number.
            return octets.decode("ascii") if _is_stamp(field) else int(octets)
        case "U" if _is_number(field) and len(octets) == field.length:
            return int.from_bytes(octets, "big")
        case "X" if len(octets) == field.length:
            return octets.decode("latin-1").rstrip(" ")
        case "T":
            try:
                return octets.decode("utf-8")
            except UnicodeDecodeError:
                return octets
        case _:
            return octets


def _flag(field: Field, value: bool) -> bytes:
    if field.type != "X" or field.length != 1:
        _refuse(field, value, "only fields of Y and N take a bool")
    return b"Y" if value else b"N"


def _number(field: Field, value: int) -> bytes:
    length = field.length
    if not isinstance(length, int) or field.type in ("X", "T"):
        _refuse(field, value, "the field is no number; use str or bytes")
    if value < 0:
        _refuse(field, value, "a field has no sign")
    if field.type == "U":
        if not _is_number(field):
            _refuse(field, value, "the field is binary; use bytes")
        if value >= 1 << 8 * length:
            _refuse(field, value, f"the field says at most {(1 << 8 * length) - 1}")
        return value.to_bytes(length, "big")
    digits = str(int(value)).encode("ascii")
    if len(digits) > length:
        _refuse(field, value, f"the field has {length} digits")
    return digits.rjust(length, b"0")


def _text(field: Field, value: str) -> bytes:
    if field.type == "U":
        _refuse(field, value, "the field is binary; use bytes")
    if field.type == "T":
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            _refuse(field, value, "a surrogate stands alone, which UTF-8 does not have")
    length = field.length
    assert isinstance(length, int), "fields of characters and digits have a fixed length"
    if field.type == "9":
        if not (value.isascii() and value.isdigit()):
            _refuse(field, value, "the field is made of digits; use bytes for anything else")
        if _is_stamp(field) and len(value) != length:
            _refuse(field, value, f"a stamp has all of its {length} digits")
        filled = value.rjust(length, "0").encode("ascii")
    else:
        try:
            octets = value.encode("latin-1")
        except UnicodeEncodeError:
            _refuse(field, value, "a character is not in Latin 1; use bytes")
        if any(octet < 0x20 or octet == 0x7F for octet in octets) and octets != b"\r":
            _refuse(field, value, "it holds a control character; use bytes")
        filled = octets.ljust(length, b" ")
    if len(filled) > length:
        _refuse(field, value, f"the field has {length} octets; use bytes to send more")
    return filled


def _is_stamp(field: Field) -> bool:
    return field.name.endswith(("DATE", "TIME"))


def _is_number(field: Field) -> bool:
    """Whether binary octets are a number: the length of what follows (EERPHSHL, AUCHCHLL ...)."""
    return isinstance(field.length, int) and field.name.endswith("L")


def _refuse(field: Field, value: object, why: str) -> NoReturn:
    shown = "***" if field.secret else repr(value)
    where = "" if field.offset is None else f" at octet {field.offset}"
    kind = f"{field.type}({field.length})"
    raise UserError(f"{field.name}{where}, {kind}: {shown} does not fit: {why}")
