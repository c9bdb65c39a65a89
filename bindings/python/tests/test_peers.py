"""Every kind of station with every other one, in both roles: at every level, in formats U and V,
and secured. All that passes is read by `oftp.wire` as a strict partner would read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from more_peers import KINDS
from oftp import Level, wire
from oftp.testing import Recording, record, vectors
from oftp.testing.pki import Pki
from peers import ALPHA, BETA, Case

UNSTRUCTURED = bytes(range(256)) * 50
RECORDS = [b"A" * 300, b"", bytes(range(200)), b"x", b"last" * 700]
VARIABLE = b"".join(len(record).to_bytes(2, "big") + record for record in RECORDS)


def plain() -> Iterator[tuple[str, str, Level, str]]:
    """All that can be: a level is said by one of both, a format by the sender."""
    for sends, sender in KINDS.items():
        for receives, receiver in KINDS.items():
            for level in Level:
                for format in sender.formats:
                    if level == Level.V2_0 or sender.levels or receiver.levels:
                        yield sends, receives, level, format


def exchange(case: Case, sends: str, receives: str) -> Recording:
    """The conformance of two stations: one file from one to the other, its response back, and a
    session that ends as it should. What has passed."""
    case.file.write_bytes(case.content)
    case.inbox.mkdir()
    port, wait = KINDS[receives].receive(case)
    with record(to=("127.0.0.1", port)) as recorder:
        KINDS[sends].send(case, recorder.address[1])
        recording = recorder.wait(within=60)
    wait()
    delivered = [path.read_bytes() for path in case.inbox.iterdir() if path.is_file()]
    assert delivered == [case.content]
    return recording


def look(recording: Recording, level: Level) -> list[str]:
    """Reads all that was said, strictly. The commands in their order, those of data once."""
    names: list[str] = []
    for said in recording.commands():
        at = Level.V2_0 if said.command.name in ("SSRM", "SSID") else level
        command = wire.decode(said.octets, at, ("strict",))
        assert bytes(command) == said.octets
        if command.name not in ("DATA", "CDT"):
            names.append(f"{said.side[0].upper()} {command.name}")
        elif names[-1] != "DATA":
            names.append("DATA")
    return names


BEGINNING = ["R SSRM", "I SSID", "R SSID", "I SFID", "R SFPA", "DATA", "I EFID", "R EFPA"]
#: Who has the turn may end the session, or give it back.
ENDS = [["I CD", "R EERP", "I RTR", *end] for end in (["R ESID"], ["R CD", "I ESID"])]


@pytest.mark.parametrize(("sends", "receives", "level", "format"), list(plain()))
def test_plain(sends: str, receives: str, level: Level, format: str, tmp_path: Path) -> None:
    content = VARIABLE if format == "V" else UNSTRUCTURED
    recording = exchange(Case(tmp_path, level, format, content, {}), sends, receives)
    names = look(recording, level)
    assert names[: len(BEGINNING)] == BEGINNING, recording.transcript
    assert names[len(BEGINNING) :] in ENDS, recording.transcript
    ssids = [said.octets for said in recording.commands() if said.command.name == "SSID"]
    assert min(wire.decode(octets).lev for octets in ssids) == level


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Keys and certificate of both, by their codes."""
    folder = tmp_path_factory.mktemp("keys")
    pki, written = Pki(), dict[str, tuple[Path, Path]]()
    for code in (ALPHA, BETA):
        partner = pki.self_signed(code)
        certificate = folder / f"{code}.certificate.pem"
        certificate.write_text(partner.certificate.pem)
        written[code] = (partner.write(folder), certificate)
    return written


SECURED = [
    (sends, receives)
    for sends, sender in KINDS.items()
    for receives, receiver in KINDS.items()
    # A mailbox opens and signs what it is asked to: the example in C receives all, without
    # authentication, which it has no option for.
    if sender.secures and (receiver.secures or receives == "c")
]


@pytest.mark.parametrize(("sends", "receives"), SECURED)
def test_secured(
    sends: str, receives: str, tmp_path: Path, keys: dict[str, tuple[Path, Path]]
) -> None:
    """Signed, encrypted, compressed, with a signed response, over TLS, authenticated."""
    authentication = KINDS[receives].secures
    case = Case(tmp_path, Level.V2_0, "U", UNSTRUCTURED, keys, authentication)
    recording = exchange(case, sends, receives)
    # TLS from the first octet on: not one of our commands can be seen.
    assert recording.octets("initiator")[:2] == b"\x16\x03"
    assert b"SSRM" not in recording.octets("responder")


def test_the_vectors_are_read_as_strictly() -> None:
    """What reads the recordings above reads the vectors of the repository."""
    for vector in vectors.commands():
        for level in vector.levels:
            command = wire.decode(vector.octets, level, ("strict",))
            assert (command.name, bytes(command)) == (vector.command, vector.octets)
