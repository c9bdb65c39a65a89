"""The vectors of the repository, through `oftp.wire`: every command of RFC 5024 and RFC 2204 octet
by octet, and what must be refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from oftp import Level, WireError, wire

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "spec" / "vectors.toml"
LEVELS = {str(level): level for level in Level}

with VECTORS.open("rb") as file:
    ALL: dict[str, list[dict[str, Any]]] = tomllib.load(file)


def params(kind: str) -> list[Any]:
    return [pytest.param(vector, id=vector["id"]) for vector in ALL[kind]]


def value(field: wire.Field, printed: str | int) -> wire.Value:
    """A field as the vectors print it, as a value."""
    if field.name.endswith("CR") and field.length == 1:
        return bytes.fromhex(str(printed))
    if field.type != "U":
        return str(printed)
    return int(printed) if isinstance(field.length, int) and field.length == 2 else (
        bytes.fromhex(str(printed))
    )


@pytest.mark.parametrize("vector", params("command_vector"))
def test_a_command_is_made_of_its_fields_and_read_into_them(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["hex"])
    for name in vector["levels"]:
        level = LEVELS[name]
        command = wire.decode(octets, level)
        assert command.name == vector["command"]
        assert len(command.encode()) == vector["octets"]
        layout = wire.layout(command.name, command.level)
        given: dict[str, wire.Value] = {}
        for field in layout.fields:
            if field.name in vector["fields"]:
                given[field.keyword] = value(field, vector["fields"][field.name])
        assert len(given) == len(vector["fields"])
        # The vectors leave out the code and texts that are empty.
        filled = {name for name, octets in command.fields.items() if octets}
        assert filled - {layout.fields[0].name} <= set(vector["fields"]) <= set(command.fields)
        built = wire.Command(command.name, command.level, **given)
        missing = [name for name in built.fields if name not in command.fields]
        built = built.without(*missing)
        assert built == command
        assert built.encode() == octets
        if not vector.get("receive_only"):
            assert command.check() == ()


# Faults of the octets; what else is refused is for the session to know.
REFUSED = [v for v in ALL["negative_vector"] if v["expect"].get("esid") in ("01", "06", "07")]


def test_vectors_of_all_three_reasons_are_there() -> None:
    assert len(REFUSED) == 51


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["id"]) for vector in REFUSED])
def test_what_must_be_refused_is_refused_with_its_reason(vector: dict[str, Any]) -> None:
    context = vector.get("context", {})
    stream = wire.Stream(context.get("max_buffer"))
    octets = bytes.fromhex(vector.get("stb") or wire.frame(bytes.fromhex(vector["hex"])).hex())
    stream.feed(octets)
    with pytest.raises(WireError) as caught:
        for octets in stream:
            command = wire.decode(octets, LEVELS[vector["level"]], ("strict",))
            if command.name == "DATA":
                wire.data_of(command["DATABUF"], context["compression"])
    assert f"{caught.value.reason:02}" == vector["expect"]["esid"]


def test_what_must_be_refused_is_parsed_all_the_same() -> None:
    for vector in ALL["negative_vector"]:
        octets = bytes.fromhex(vector.get("hex", ""))
        assert wire.parse(octets, LEVELS[vector["level"]]).encode() == octets


@pytest.mark.parametrize("vector", params("sth_vector"))
def test_headers(vector: dict[str, Any]) -> None:
    assert wire.header(vector["oeb_octets"]).hex() == vector["sth"]
    if "stb" in vector:
        stream = wire.Stream()
        stream.feed(bytes.fromhex(vector["stb"]))
        (octets,) = stream
        assert wire.frame(octets).hex() == vector["stb"]


@pytest.mark.parametrize("vector", params("sth_stream"))
def test_streams(vector: dict[str, Any]) -> None:
    stream = wire.Stream()
    found: list[str] = []
    for chunk in vector["chunks"]:
        stream.feed(bytes.fromhex(chunk))
        found += (octets.hex() for octets in stream)
    assert found == vector["exchange_buffers"]


@pytest.mark.parametrize("vector", params("mapping_vector"))
def test_subrecords(vector: dict[str, Any]) -> None:
    records = [bytes.fromhex(record) for record in vector.get("records_hex", ())]
    whole = b"".join(records) if records else bytes.fromhex(vector.get("stream_hex", ""))
    read, ends = b"", 0
    for buffer in vector["buffers_hex"]:
        command = wire.decode(bytes.fromhex(buffer), quirks=("strict",))
        octets, ended = wire.data_of(command["DATABUF"], vector["compression"])
        read, ends = read + octets, ends + len(ended)
    assert read == whole
    if vector["fmt"] in "FV":
        assert ends == vector["rc"]
    if vector["policy"] == "fill" and len(vector["buffers_hex"]) == 1 and whole:
        offsets = [len(b"".join(records[: n + 1])) for n in range(len(records))] or [len(whole)]
        payload = wire.subrecords(whole, offsets, vector["compression"], vector["max_buffer"])
        assert bytes(wire.Data(payload)).hex() == vector["buffers_hex"][0]
