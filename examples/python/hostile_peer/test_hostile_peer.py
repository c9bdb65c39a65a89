"""A hostile partner calls a station: here the command `oftp listen`, in your tests your own system.

Run it by `pytest`; ``OFTP_BIN`` names the command, if it is not on the path. When a test fails,
pytest prints what was said, command by command.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oftp import wire
from oftp.testing import Corrupt, Cut, Drop, Fault, Header, Peers, Replace

DRAWING = bytes(range(256)) * 400
Station = tuple[tuple[str, int], Iterator[dict[str, Any]], Path]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A station that takes files into a folder: its address, its events, and the folder."""
    command = [os.environ.get("OFTP_BIN", "oftp"), "listen", "127.0.0.1:0", "--json",
               "--id", "O0177BETA", "--any-partner", "--directory", str(tmp_path),
               "--timeout", "1", "--quirks", "strict"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        events: Iterator[dict[str, Any]] = (json.loads(line) for line in process.stdout)
        listening = next(event for event in events if event["event"] == "listening")
        host, port = listening["address"].rsplit(":", 1)
        yield (host, int(port)), events, tmp_path
        process.kill()


def delivered(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


def test_a_good_partner_delivers(oftp_peer: Peers, station: Station) -> None:
    address, _, folder = station
    peer = oftp_peer.call(*address)
    peer.start_session(code="O0177ALPHA")
    peer.send_file("DRAWING", DRAWING)
    assert peer.expect_response().dsn == "DRAWING"
    peer.end()
    assert delivered(folder) == [DRAWING]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Corrupt(offset=4), 1),  # the command code of SFID, behind its header
        (Replace("SFID", wire.Cdt()), 2),
        (Replace("SFID", wire.Sfid(dsn="DRAWING", fmt=b"?")), 6),
        (Header(version=2), 7),
        (Drop(None), 9),
    ],
    ids=str,
)
def test_a_bad_offer_is_answered(
    oftp_peer: Peers, station: Station, fault: Fault, reason: int
) -> None:
    peer = oftp_peer.call(*station[0])
    peer.start_session(code="O0177ALPHA")
    peer.fault(fault)
    peer.offer_file("DRAWING", DRAWING)
    peer.expect("ESID", reas=reason)


def test_a_file_that_was_cut_off_goes_on(oftp_peer: Peers, station: Station) -> None:
    address, events, folder = station
    peer = oftp_peer.call(*address)
    peer.start_session(code="O0177ALPHA", rest=True)
    peer.fault(Cut(after=70_000))
    with peer.until_cut():
        peer.send_file("DRAWING", DRAWING, date="20261126", time="1200000001")
    assert any(event["event"] == "session_ended" for event in events)
    assert delivered(folder) == []
    again = oftp_peer.call(*address)
    again.start_session(code="O0177ALPHA", rest=True)
    again.send_file("DRAWING", DRAWING, date="20261126", time="1200000001", rest=60)
    again.expect_response()
    again.end()
    assert delivered(folder) == [DRAWING]
