"""`oftp.testing.vectors`: all of the repository's vectors, as objects."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest
from oftp import Level, wire
from oftp.testing import vectors

TOML = Path(__file__).resolve().parents[3] / "tests" / "spec" / "vectors.toml"


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("command_vector", vectors.commands),
        ("large_vector", vectors.large),
        ("mapping_vector", vectors.mappings),
        ("negative_vector", vectors.negative),
        ("restart_vector", vectors.restarts),
        ("special_logic_vector", vectors.special_logic),
        ("sth_stream", vectors.streams),
        ("sth_vector", vectors.headers),
        ("tbs_vector", vectors.signed),
        ("text_vector", vectors.texts),
        ("trace", vectors.traces),
    ],
)
def test_none_is_missing(kind: str, function) -> None:  # type: ignore[no-untyped-def]
    known = tomllib.loads(TOML.read_text(encoding="utf-8"))[kind]
    assert [vector.id for vector in function()] == [vector["id"] for vector in known]
    assert function() is function()


def test_commands_are_those_of_wire() -> None:
    for vector in vectors.commands():
        for level in vector.levels:
            command = wire.parse(vector.octets, level)
            assert isinstance(command, wire.Command), vector.id
            assert command.encode() == vector.octets
            assert command.name == vector.command
            assert set(vector.fields) <= set(command.fields), vector.id


def test_streams_and_headers_are_those_of_wire() -> None:
    for vector in vectors.streams():
        stream = wire.Stream()
        found: list[bytes] = []
        for chunk in vector.chunks:
            stream.feed(chunk)
            found += stream
        assert tuple(found) == vector.exchange_buffers, vector.id
    for header in vectors.headers():
        assert wire.header(header.exchange_buffer_octets) == header.header


def test_parts_are_put_together() -> None:
    for vector in vectors.large():
        assert hashlib.sha256(vector.octets).hexdigest() == vector.sha256
    assert {text.is_valid for text in vectors.texts()} == {True, False}


def test_mappings_carry_their_files() -> None:
    for vector in vectors.mappings():
        data = b"".join(wire.data_of(buffer[1:])[0] for buffer in vector.buffers)
        whole = vector.stream if vector.records is None else b"".join(vector.records)
        assert data == whole and len(data) == vector.unit_count, vector.id


def test_negative_vectors_say_what_is_expected() -> None:
    for vector in vectors.negative():
        assert vector.level in Level
        assert set(vector.expect) <= {"esid", "sfna", "efna", "retry", "action"}
        assert vector.note
    (vector,) = [vector for vector in vectors.negative() if vector.id == "NEG-07-22"]
    assert vector.raw is not None and vector.octets is None
    assert vector.accept == ("99", "disconnect")


def test_traces_are_sessions() -> None:
    for vector in vectors.traces():
        for step in vector.steps:
            assert wire.parse(step.octets[4:], vector.level).name == step.command
    assert vectors.traces()[0].steps[0].side == "responder"
