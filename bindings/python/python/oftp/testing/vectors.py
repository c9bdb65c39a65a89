"""Golden vectors: commands, headers, mappings and whole sessions octet by octet, worked out by hand
from the text of RFC 5024 and RFC 2204. They are those that this project's own engine is tested
with, so that others can be measured by them, in any language.

Octets are Exchange Buffers, without a Stream Transmission Header, unless it says otherwise. Each
function reads them once; all objects are frozen.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from oftp import Level

from ._vectors import (
    CommandVector,
    HeaderVector,
    LargeVector,
    MappingVector,
    NegativeVector,
    RestartVector,
    SignedVector,
    SpecialLogicVector,
    Step,
    StreamVector,
    TextVector,
    TraceVector,
)

__all__ = [
    "CommandVector",
    "HeaderVector",
    "LargeVector",
    "MappingVector",
    "NegativeVector",
    "RestartVector",
    "SignedVector",
    "SpecialLogicVector",
    "Step",
    "StreamVector",
    "TextVector",
    "TraceVector",
    "commands",
    "headers",
    "large",
    "mappings",
    "negative",
    "restarts",
    "signed",
    "special_logic",
    "streams",
    "texts",
    "traces",
]


@cache
def commands() -> tuple[CommandVector, ...]:
    """Every command at every level."""
    return tuple(
        CommandVector(
            **_named(each),
            command=each["command"],
            levels=tuple(_LEVELS[level] for level in each["levels"]),
            octets=bytes.fromhex(each["hex"]),
            fields=MappingProxyType(each["fields"]),
            receive_only=each.get("receive_only", False),
        )
        for each in _all("command_vector")
    )


@cache
def signed() -> tuple[SignedVector, ...]:
    """What signatures of responses cover."""
    return tuple(
        SignedVector(
            **_named(each),
            command=each["command"],
            octets=bytes.fromhex(each["hex"]),
            sha1=each["sha1"],
        )
        for each in _all("tbs_vector")
    )


@cache
def headers() -> tuple[HeaderVector, ...]:
    """Stream Transmission Headers."""
    return tuple(
        HeaderVector(
            **_named(each),
            exchange_buffer_octets=each["oeb_octets"],
            header=bytes.fromhex(each["sth"]),
            buffer=_octets(each.get("stb")),
        )
        for each in _all("sth_vector")
    )


@cache
def streams() -> tuple[StreamVector, ...]:
    """Streams in pieces."""
    return tuple(
        StreamVector(
            **_named(each),
            chunks=tuple(map(bytes.fromhex, each["chunks"])),
            exchange_buffers=tuple(map(bytes.fromhex, each["exchange_buffers"])),
            receive_only=each.get("receive_only", False),
        )
        for each in _all("sth_stream")
    )


@cache
def mappings() -> tuple[MappingVector, ...]:
    """Files and their Data Exchange Buffers."""
    return tuple(
        MappingVector(
            **_named(each),
            format=each["fmt"],
            max_buffer=each["max_buffer"],
            compression=each["compression"],
            policy=each["policy"],
            stream=_octets(each.get("stream_hex")),
            records=tuple(map(bytes.fromhex, each["records_hex"]))
            if "records_hex" in each
            else None,
            record_length=each.get("lrecl", 0),
            record_count=each["rc"],
            unit_count=each["uc"],
            buffers=tuple(map(bytes.fromhex, each["buffers_hex"])),
            receive_only=each.get("receive_only", False),
        )
        for each in _all("mapping_vector")
    )


@cache
def large() -> tuple[LargeVector, ...]:
    """Data Exchange Buffers near the limits."""
    return tuple(
        LargeVector(
            **_named(each),
            format=each["fmt"],
            max_buffer=each["max_buffer"],
            octets=_parts(each["parts"]),
            sha256=each["sha256"],
            file_sha256=each.get("file_sha256", ""),
            record_count=each["rc"],
            unit_count=each["uc"],
        )
        for each in _all("large_vector")
    )


@cache
def texts() -> tuple[TextVector, ...]:
    """Contents of T files, good and bad."""
    return tuple(
        TextVector(
            **_named(each),
            octets=_parts(each["parts"]),
            is_valid=each["valid"],
            is_ambiguous=each.get("ambiguous", False),
        )
        for each in _all("text_vector")
    )


@cache
def restarts() -> tuple[RestartVector, ...]:
    """Positions of restarts."""
    known = {"id", "note", "fmt", "treated_as", "offered", "answer"}
    return tuple(
        RestartVector(
            **_named(each),
            format=each["fmt"],
            counted_as=each["treated_as"],
            offered=each["offered"],
            answer=each.get("answer"),
            more=MappingProxyType({key: each[key] for key in each if key not in known}),
        )
        for each in _all("restart_vector")
    )


@cache
def special_logic() -> tuple[SpecialLogicVector, ...]:
    """Envelopes of Special Logic."""
    return tuple(
        SpecialLogicVector(
            **_named(each),
            exchange_buffer=_octets(each.get("exchange_buffer")),
            block_sequence_number=each.get("bsn"),
            checksum=_octets(each.get("checksum")),
            envelope=bytes.fromhex(each["envelope"]),
        )
        for each in _all("special_logic_vector")
    )


@cache
def negative() -> tuple[NegativeVector, ...]:
    """What must be refused."""
    return tuple(
        NegativeVector(
            id=each["id"],
            note=each["why"],
            level=_LEVELS[each["level"]],
            state=each["state"],
            octets=_octets(each.get("hex")),
            raw=_octets(each.get("stb")),
            expect=MappingProxyType(each["expect"]),
            accept=tuple(each.get("accept", ())),
            context=MappingProxyType(each.get("context", {})),
        )
        for each in _all("negative_vector")
    )


@cache
def traces() -> tuple[TraceVector, ...]:
    """Whole sessions."""
    return tuple(
        TraceVector(
            **_named(each),
            level=_LEVELS[each["level"]],
            steps=tuple(
                Step("initiator" if side == "I>" else "responder", name, bytes.fromhex(octets))
                for side, name, octets in each["steps"]
            ),
            final=(each["final"][0], each["final"][1]),
            parameters=MappingProxyType(each.get("params", {})),
        )
        for each in _all("trace")
    )


_LEVELS = {str(level): level for level in Level}


@cache
def _data() -> dict[str, Any]:
    # A link to the file that the Rust tests read; in the wheel it is a copy.
    return tomllib.loads(files("oftp.testing").joinpath("vectors.toml").read_text(encoding="utf-8"))


def _all(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _data()[kind]
    return found


def _named(each: dict[str, Any]) -> dict[str, str]:
    return {"id": each["id"], "note": each.get("note", "")}


def _octets(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def _parts(parts: list[tuple[int, str]]) -> bytes:
    """Each part is so many times these octets."""
    return b"".join(bytes.fromhex(digits) * times for times, digits in parts)
