"""Stream Transmission Headers and subrecords, right and wrong (RFC 5024 sections 7.2 and 8.2)."""

from __future__ import annotations

import oftp
import pytest
from oftp import UserError, WireError, wire


def test_headers_can_say_what_they_must_not() -> None:
    assert wire.header(1) == b"\x10\x00\x00\x05"
    assert wire.header(-4) == b"\x10\x00\x00\x00"
    assert wire.header(0xFF_FFFF - 4, version=15, flags=15) == b"\xff\xff\xff\xff"
    assert wire.frame(wire.Cd()) == wire.frame(b"R") == wire.frame(wire.Raw(b"R"))
    for wrong in ((-5, 1, 0), (1 << 24, 1, 0), (1 << 70, 1, 0), (1, 16, 0), (1, -1, 0), (1, 1, 16)):
        with pytest.raises(UserError):
            wire.header(wrong[0], version=wrong[1], flags=wrong[2])


def test_a_stream_is_lost_by_a_bad_header() -> None:
    stream = wire.Stream()
    stream.feed(wire.frame(b"R") + wire.header(1, version=2) + b"R" + wire.frame(b"R"))
    assert next(stream) == b"R"
    with pytest.raises(WireError, match="version is not 1") as caught:
        next(stream)
    assert caught.value.reason == oftp.EsidReason.SIZE_ERROR
    stream.feed(wire.frame(b"R"))
    assert stream.pending == 0
    with pytest.raises(WireError):
        next(stream)
    http = wire.Stream()
    http.feed(b"GET / HTTP/1.1")
    with pytest.raises(WireError, match="HTTP"):
        list(http)


def test_a_stream_takes_buffers_up_to_its_limit() -> None:
    stream = wire.Stream(max_octets=128)
    stream.feed(wire.frame(b"D" * 128) + wire.header(129))
    assert next(stream) == b"D" * 128
    with pytest.raises(WireError, match="129 octets, allowed are 128") as caught:
        next(stream)
    assert caught.value.reason == oftp.EsidReason.SIZE_ERROR
    with pytest.raises(UserError, match="max_octets is 0"):
        wire.Stream(max_octets=0)


def test_subrecords_of_a_payload() -> None:
    assert wire.subrecords(b"AB    CD", [8], compression=True) == b"\x02AB\x44 \x82CD"
    assert wire.subrecords(b"AB    CD") == b"\x08AB    CD"
    assert wire.subrecords(b"", [0, 0]) == b"\x80\x80"
    assert wire.data_of(b"\x02AB\x44 \x82CD") == (b"AB    CD", (8,))
    assert len(wire.subrecords(b"x" * 125, limit=128)) == 127
    with pytest.raises(UserError, match="125 of 126 octets fit"):
        wire.subrecords(b"x" * 126, limit=128)
    with pytest.raises(UserError, match="ends must rise"):
        wire.subrecords(b"abc", [4])
    with pytest.raises(UserError, match="ends must rise"):
        wire.subrecords(b"abc", [2, 1])
    with pytest.raises(UserError, match="negative"):
        wire.subrecords(b"abc", [-1])


def test_bad_subrecords_name_their_place() -> None:
    with pytest.raises(WireError, match="5 octets, 3 are left") as caught:
        wire.data_of(b"\x81a\x05abc")
    error = caught.value
    assert (error.command, error.field, error.offset, error.reason) == ("DATA", "DATABUF", 3, 7)
    with pytest.raises(WireError, match="compression was not agreed") as caught:
        wire.data_of(b"\x45 ", compression=False)
    assert caught.value.reason == oftp.EsidReason.INVALID_DATA
