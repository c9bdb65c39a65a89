"""One line for a command: the fields that tell what happens, by the RFC's names without the
command's, as the constructors of `oftp.wire` take them."""

from __future__ import annotations

from collections.abc import Iterable

from oftp import EfnaReason, EsidReason, NerpReason, SfnaReason, wire

__all__ = ["summary"]

#: What is shown. Not the passwords, nor what only fills its place.
_FIELDS = {
    "SSID": "LEV CODE SDEB SR CMPR REST SPEC CRED AUTH",
    "SFID": "DSN DATE TIME ORIG DEST USER FMT LRECL FSIZ OSIZ REST SEC CIPH COMP ENV SIGN",
    "SFPA": "ACNT",
    "SFNA": "REAS RRTR REAST",
    "EFID": "RCNT UCNT",
    "EFPA": "CD",
    "EFNA": "REAS REAST",
    "ESID": "REAS REAST",
    "EERP": "DSN DATE TIME ORIG DEST USER HSHL SIGL",
    "NERP": "DSN DATE TIME ORIG DEST CREA REAS REAST",
}

#: Shown without the zeros before them.
_COUNTS = {"SDEB", "CRED", "LRECL", "FSIZ", "OSIZ", "REST", "ACNT", "RCNT", "UCNT"}

#: Not shown where they say nothing.
_QUIET = {
    "USER": "", "REAST": "", "LRECL": "0", "OSIZ": "0", "REST": "0", "SEC": "00", "CIPH": "00",
    "COMP": "0", "ENV": "0", "SIGN": "N", "SPEC": "N", "HSHL": "0", "SIGL": "0",
}  # fmt: skip

_REASONS: dict[str, Iterable[EsidReason | SfnaReason | EfnaReason | NerpReason]] = {
    "ESID": EsidReason, "SFNA": SfnaReason, "EFNA": EfnaReason, "NERP": NerpReason,
}  # fmt: skip


def summary(command: wire.Command | wire.Raw) -> str:
    """The command's name and main fields."""
    if isinstance(command, wire.Raw):
        head = bytes(command.octets[:16])
        return f"? {head.hex(' ')}{' ...' if len(command.octets) > len(head) else ''}"
    words = [command.name]
    for field in _FIELDS.get(command.name, "").split():
        octets = command.fields.get(command.name + field)
        if octets is None:  # not at this level, or cut off
            continue
        value = _shown(field, octets)
        if value == _QUIET.get(field):
            continue
        if field == "REAS":
            value += _meaning(command.name, value)
        quoted = repr(value) if " " in value and field != "REAS" else value
        words.append(f"{field.lower()}={quoted}")
    return " ".join(words)


def _shown(field: str, octets: bytes) -> str:
    if field in ("HSHL", "SIGL"):
        return str(int.from_bytes(octets, "big"))
    text = octets.decode("utf-8" if field == "REAST" else "latin-1", "replace").rstrip(" ")
    if field in _COUNTS and text.isdigit():
        text = text.lstrip("0") or "0"
    return text if text.isprintable() else ascii(text)


def _meaning(name: str, reason: str) -> str:
    for known in _REASONS[name]:
        if reason == f"{known.value:02}":
            return f" ({known.meaning})"
    return ""
