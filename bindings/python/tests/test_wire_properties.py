"""What holds for all commands, octets and streams (RFC 5024 chapters 5, 7 and 8)."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oftp import Level, WireError, wire

LAYOUTS = [
    wire.layout(name, level)
    for name in wire.COMMANDS
    for level in Level
    if not (name == "NERP" and level < Level.V1_4)
    and not (name in ("SECD", "AUCH", "AURP") and level < Level.V2_0)
]

# How long it takes depends on the machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LATIN_1 = "".join(chr(octet) for octet in range(0x20, 0x100) if octet != 0x7F)
UNICODE = LATIN_1 + "\0\r\n\u2028\u20ac\u3042\U0001d11e"


def letters(allowed: str) -> st.SearchStrategy[str]:
    return st.sampled_from(allowed)


def legal(layout: wire.Layout, field: wire.Field) -> st.SearchStrategy[Any]:
    """Values that a field may hold, by the letter of the RFC."""
    match field.keyword:
        case "cmd" | "msg" | "rsv1":
            return st.just(field.default)
        case "cr":
            return st.sampled_from([b"\r", b"\x8d"])
        case "lev":
            return st.just(int(layout.level))
        case "sdeb":
            return st.integers(128, 99_999)
        case "cred":
            return st.integers(1, 999)
        case "sr":
            return letters("SRB")
        case "fmt":
            return letters("FVUT")
        case "lrecl":
            return st.just(0)
        case "sec":
            return st.integers(0, 3)
        case "date" | "time":
            assert isinstance(field.length, int)
            return st.text("0123456789", min_size=field.length, max_size=field.length)
        case _:
            pass
    match field.type, field.length:
        case "X", 1:
            return st.booleans()
        case "X", int(width):
            return st.text(LATIN_1, max_size=width)
        case "9", int(width):
            return st.integers(0, 10**width - 1)
        case "T", _:
            return st.text(UNICODE, max_size=200)
        case "U", int(width):
            return st.binary(min_size=width, max_size=width)
        case _:
            return st.binary(max_size=300)


@st.composite
def commands(draw: st.DrawFn) -> tuple[wire.Command, dict[str, Any]]:
    """A legal command, and the values that it was given."""
    layout = draw(st.sampled_from(LAYOUTS))
    values = {
        field.keyword: draw(legal(layout, field))
        for field in layout.fields
        if layout.measured_by(field.name) is None
    }
    return wire.Command(layout.command, layout.level, **values), values


@unhurried
@given(commands())
def test_legal_commands_come_back_as_they_were(made: tuple[wire.Command, dict[str, Any]]) -> None:
    command, values = made
    read = wire.decode(command.encode(), command.level, ("strict",))
    assert read == command == wire.parse(command.encode(), command.level)
    assert (read.encode(), read.level) == (command.encode(), command.level)
    assert command.check() == ()
    assert hash(read) == hash(command)
    for keyword, value in values.items():
        if isinstance(value, bool):
            value = "Y" if value else "N"
        if isinstance(value, str) and keyword not in ("desc", "reast"):
            value = value.rstrip(" ")
        if not isinstance(value, bytes):
            assert getattr(read, keyword) == value


@unhurried
@given(commands())
def test_an_explanation_accounts_for_every_octet(
    made: tuple[wire.Command, dict[str, Any]],
) -> None:
    command, _ = made
    explanation = command.explain()
    assert b"".join(row.octets for row in explanation.rows) == command.encode()
    assert explanation.fault is None
    lines = str(explanation).splitlines()
    assert len(lines) == 2 + len(explanation.rows)
    assert all(line.isprintable() for line in lines)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Octets that are nearly a command."""
    octets = bytearray(draw(commands())[0].encode())
    for _ in range(draw(st.integers(0, 3))):
        if octets:
            octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
    cut = draw(st.integers(0, len(octets)))
    return bytes(octets[:cut]) + draw(st.binary(max_size=10)) if draw(st.booleans()) else (
        bytes(octets)
    )


@unhurried
@given(st.one_of(st.binary(max_size=400), damaged()), st.sampled_from(Level))
def test_any_octets_are_parsed_and_encode_to_themselves(octets: bytes, level: Level) -> None:
    parsed = wire.parse(octets, level)
    assert parsed.encode() == octets
    assert isinstance(repr(parsed) + str(parsed.explain()), str)
    for quirks in (("strict",), ("tolerant",), ("tolerant", "digit_lengths")):
        try:
            command = wire.decode(octets, level, quirks)
        except WireError as error:
            assert error.reason in (1, 6, 7)
            assert 0 <= error.offset <= len(octets)
        else:
            assert command.encode() == octets
            assert command == parsed


@unhurried
@given(commands(), st.data())
def test_octets_of_any_length_stand_where_they_were_put(
    made: tuple[wire.Command, dict[str, Any]], data: st.DataObject
) -> None:
    command, _ = made
    layout = wire.layout(command.name, command.level)
    field = data.draw(st.sampled_from(layout.fields))
    octets = data.draw(st.binary(max_size=60))
    changed = command.replace(**{field.keyword: octets})
    assert changed[field.name] == octets
    assert changed.encode() == b"".join(changed.fields.values())
    at = list(changed.fields).index(field.name)
    before = b"".join(list(changed.fields.values())[:at])
    assert changed.encode()[len(before) :].startswith(octets)


@unhurried
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.data())
def test_any_split_of_a_stream_gives_the_same_buffers(
    buffers: list[bytes], data: st.DataObject
) -> None:
    octets = b"".join(map(wire.frame, buffers))
    cuts = data.draw(st.lists(st.integers(0, len(octets)), max_size=10).map(sorted))
    stream = wire.Stream()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        stream.feed(octets[start:end])
        found += list(stream)
    assert found == buffers
    assert stream.pending == 0


PIECES = st.one_of(st.binary(max_size=80), st.integers(0, 200).map(b" ".__mul__))


@unhurried
@given(st.lists(PIECES, max_size=8), st.booleans(), st.data())
def test_subrecords_give_back_octets_and_ends(
    pieces: list[bytes], compression: bool, data: st.DataObject
) -> None:
    octets = b"".join(pieces)
    ends = data.draw(st.lists(st.integers(0, len(octets)), max_size=6).map(sorted))
    payload = wire.subrecords(octets, ends, compression)
    assert wire.data_of(payload, compression) == (octets, tuple(ends))


@unhurried
@given(st.binary(max_size=200), st.booleans())
def test_any_payload_is_read_or_refused(payload: bytes, compression: bool) -> None:
    try:
        octets, ends = wire.data_of(payload, compression)
    except WireError as error:
        assert error.reason in (6, 7)
        assert 1 <= error.offset <= len(payload)
    else:
        assert all(end <= len(octets) for end in ends)
