"""Record a session on its way, save it, play one side of it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from command import Sent, listening
from oftp import UserError, wire
from oftp.testing import (
    Corrupt,
    ExpectationFailed,
    Peer,
    Peers,
    Piece,
    Recording,
    Replace,
    record,
    replay,
    vectors,
)

DATA = bytes(range(256)) * 40


def station(peer: Peer) -> None:
    """Takes a file and responds."""
    peer.start_session(password="GEHEIM")
    assert peer.receive_file() == DATA
    peer.respond()
    peer.end()


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "INVOICE"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def recording(oftp_peer: Peers, tmp_path: Path, invoice: Path) -> Recording:
    """`oftp send` with a peer."""
    with oftp_peer.script(station) as peer, record(to=peer.address) as recorder:
        sent = Sent(recorder.address, tmp_path, invoice, "--credit", "2", "--buffer", "1000")
        recorded = recorder.wait()
    assert sent.code == 0, sent.output
    assert recorder.recordings == [recorded]
    return recorded


def test_a_recording_has_both_directions(recording: Recording) -> None:
    said = [
        (said.side[0], said.command.name) for said in recording.commands()
        if said.command.name not in ("DATA", "CDT")
    ]  # fmt: skip
    assert " ".join(f"{side}:{name}" for side, name in said) == (
        "r:SSRM i:SSID r:SSID i:SFID r:SFPA i:EFID r:EFPA i:CD r:EERP i:RTR r:CD i:ESID"
    )
    times = [piece.at for piece in recording.pieces]
    assert times == sorted(times) and times[0] >= 0
    assert "I> SFID dsn=INVOICE" in recording.transcript
    assert recording.octets("responder").startswith(wire.frame(wire.Ssrm()))


def test_a_recording_is_text_and_reads_back(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "session.txt"
    recording.save(path)
    text = path.read_text()
    assert text.splitlines()[1].split()[1:] == ["R", wire.frame(wire.Ssrm()).hex()]
    assert "I end\n" in text
    read = Recording.load(path)
    assert [(piece.side, piece.octets) for piece in read.pieces] == [
        (piece.side, piece.octets) for piece in recording.pieces
    ]
    read.save(path)
    assert path.read_text() == text


@pytest.mark.parametrize("line", ["0.1 X 00", "0.1 I", "0.1 I zz", "soon I 00"])
def test_what_is_no_recording_is_refused_with_the_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "session.txt"
    path.write_text(f"# a comment\n\n{line}\n")
    with pytest.raises(UserError, match="line 3: expected seconds"):
        Recording.load(path)


def test_the_responder_is_played_to_the_same_caller(
    recording: Recording, oftp_peer: Peers, tmp_path: Path, invoice: Path
) -> None:
    (sfid,) = [said.octets for said in recording.commands() if said.command.name == "SFID"]
    older = Recording(
        tuple(
            replace(piece, octets=piece.octets.replace(sfid[30:48], b"199912312359590001"))
            for piece in recording.pieces
        )
    )
    assert "EERP dsn=INVOICE date=19991231" in older.transcript

    def recorded(peer: Peer) -> None:
        replay(older, side="responder", peer=peer)

    with oftp_peer.script(recorded) as peer:
        sent = Sent(peer.address, tmp_path / "another", invoice, "--credit", "2",
                    "--buffer", "1000")  # fmt: skip
    assert sent.code == 0, sent.output
    assert "EERP dsn=INVOICE date=20" in peer.transcript


def test_the_first_difference_is_named(
    recording: Recording, oftp_peer: Peers, tmp_path: Path, invoice: Path
) -> None:
    def recorded(peer: Peer) -> None:
        replay(recording, side="responder", peer=peer)

    invoice.write_bytes(DATA + b"more")
    with (
        pytest.raises(ExpectationFailed, match="command 4 of [0-9]+ of the recording, SFID: "
                      "SFIDFSIZ is '0000000000011', it was '0000000000010'"),
        oftp_peer.script(recorded) as peer,
    ):  # fmt: skip
        Sent(peer.address, tmp_path / "another", invoice, "--credit", "2", "--buffer", "1000")


def test_the_initiator_is_played_to_a_listener(recording: Recording, tmp_path: Path) -> None:
    with listening(tmp_path, "--any-partner", "--accept-destination", "O0000TEST-PEER",
                   "--credit", "2", "--no-restart") as station:  # fmt: skip
        with record(to=station.address) as recorder:
            # Its identity is its own; what it says of itself is not compared.
            with pytest.raises(ExpectationFailed, match="SSID: SSIDCODE is 'O0000BETA'"):
                replay(recording, side="initiator", to=recorder.address)
        own = {"SSIDCODE", "SSIDSDEB"}
        replay(
            recording,
            side="initiator",
            to=station.address,
            ignore={"SSIDPSWD", "EERPHSH", *own},
        )
        assert list(station.files().values()) == [DATA]


def test_another_command_is_a_difference(recording: Recording, oftp_peer: Peers) -> None:
    listener = oftp_peer.listen()
    listener.fault(Replace("SSID", wire.Esid(reas=4)))

    def refusing(peer: Peer) -> None:
        peer.start_session()
        peer.expect_close()

    with oftp_peer.script(refusing, peer=listener):
        with pytest.raises(ExpectationFailed, match="was SSID, but ESID reas=04"):
            replay(recording, side="initiator", to=listener.address)


def test_a_golden_trace_can_be_replayed(oftp_peer: Peers) -> None:
    trace = vectors.traces()[3]
    golden = Recording(
        tuple(Piece(0.0, step.side, step.octets) for step in trace.steps)
        + (Piece(0.0, "initiator", b""),)
    )
    listener, problem = oftp_peer.listen(), Corrupt(10_000)
    listener.fault(problem)

    def recorded(peer: Peer) -> None:
        replay(golden, side="responder", peer=peer)

    with oftp_peer.script(recorded, peer=listener):
        replay(golden, side="initiator", to=listener.address, ignore=())


def test_a_station_that_is_not_there(oftp_peer: Peers, tmp_path: Path, invoice: Path) -> None:
    gone = oftp_peer.listen()
    gone.close()
    with record(to=gone.address) as recorder:
        assert Sent(recorder.address, tmp_path, invoice).code != 0
        assert recorder.wait() == Recording()


def test_the_side_must_fit(recording: Recording) -> None:
    with pytest.raises(UserError, match="`responder` needs peer="):
        replay(recording, side="responder", to=("127.0.0.1", 1))
