"""Every fault of `oftp.testing`, and what the command `oftp` makes of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from command import Sent, listening
from oftp import wire
from oftp.testing import (
    Alter,
    ConnectionCut,
    Corrupt,
    Cut,
    Delay,
    Drop,
    ExpectationFailed,
    Fault,
    Header,
    How,
    Insert,
    Octets,
    Pause,
    Peer,
    Peers,
    Repeat,
    Replace,
    Split,
    Step,
)

DATA = bytes(range(256)) * 40


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    path = tmp_path / "INVOICE"
    path.write_bytes(DATA)
    return path


def called(oftp_peer: Peers, address: tuple[str, int], *faults: Fault) -> Peer:
    """A session that is up; then the faults."""
    peer = oftp_peer.call(*address)
    peer.start_session(password="GEHEIM")
    peer.fault(*faults)
    return peer


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Corrupt(4), 1),
        (Corrupt(0, 0x20), 7),
        (Corrupt(4 + 106), 6),
        (Header(version=2), 7),
        (Header(length=4), 7),
        (Header(length=0xFF_FFFF), 7),
        (Insert(b"GET / HTTP/1.1\r\n\r\n"), 7),
        (Repeat(), 2),
        (Replace("SFID", wire.Sfid(fmt=b"X")), 6),
        (Replace("SFID", wire.Efid()), 2),
        (Replace("SFID", wire.frame(b"Z")), 1),
        (Alter(lambda octets: wire.frame(octets[4:100])), 7),
    ],
    ids=str,
)
def test_a_listener_answers_octets_that_are_wrong(
    oftp_peer: Peers, tmp_path: Path, fault: Fault, reason: int
) -> None:
    with listening(tmp_path, "--quirks", "strict") as station:
        peer = called(oftp_peer, station.address, fault)
        peer.offer_file("INVOICE", DATA)
        came = peer.expect_any("ESID", "SFPA")
        if came.name == "SFPA":  # a repeated SFID is wrong after the first was taken
            came = peer.expect("ESID")
        assert came.reas == reason
        peer.close()
        assert station.files() == {}


@pytest.mark.parametrize("fault", [Split([1]), Split([3, 70, 1]), Header(flags=15)], ids=str)
def test_what_is_strange_and_legal_is_taken(
    oftp_peer: Peers, tmp_path: Path, fault: Fault
) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, fault)
        peer.send_file("INVOICE", DATA)
        peer.expect_response()
        peer.end()
        assert list(station.files().values()) == [DATA]


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("after", [0, 3, 4, 100, 169, 5000])
def test_a_listener_survives_a_cut_anywhere_and_resumes(
    oftp_peer: Peers, tmp_path: Path, how: How, after: int
) -> None:
    date, time = "20261126", "1200000001"
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Cut(after, how))
        with peer.until_cut():
            peer.send_file("INVOICE", DATA, date=date, time=time)
        assert f"a fault ends the connection: {how}" in peer.transcript
        station.wait_for("session_ended")
        assert station.files() == {}
        again = oftp_peer.call(*station.address)
        again.start_session(password="GEHEIM", rest="Y")
        again.send_file("INVOICE", DATA, rest=3, date=date, time=time)
        again.expect_response()
        again.end()
        assert list(station.files().values()) == [DATA]


def test_a_half_close_lets_the_answer_in(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Cut(169, "half"))
        with peer.until_cut():
            peer.offer_file("INVOICE", DATA)
        assert peer.expect_any("SFPA", "ESID").name == "SFPA"
        peer.expect_close()


def hostile(peer: Peer, *faults: Fault) -> None:
    """A station that takes a file, with faults."""
    peer.fault(*faults)
    peer.start_session(password="GEHEIM")
    peer.receive_file()
    peer.respond()
    peer.end()


def test_a_caller_waits_for_credit_no_longer_than_told(
    oftp_peer: Peers, tmp_path: Path, invoice: Path
) -> None:
    def no_credit(peer: Peer) -> None:
        peer.start_session(password="GEHEIM", cred=2)
        peer.expect("SFID")
        peer.send(wire.Sfpa())
        peer.expect("DATA")
        peer.expect("DATA")
        peer.expect("ESID", reas=9)

    with oftp_peer.script(no_credit) as peer:
        sent = Sent(peer.address, tmp_path, invoice, "--timeout", "1")
    assert sent.code != 0
    assert "<- DATA x 2 (4,096 octets)" in peer.transcript


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (wire.Sfna(reas=13), "duplicate"),
        (wire.Sfna(reas=99, reast="no thanks"), "no thanks"),
        (wire.Esid(reas=5), "local site emergency close down"),
    ],
    ids=["duplicate", "unspecified", "emergency"],
)
def test_a_caller_reports_an_answer_that_is_no_consent(
    oftp_peer: Peers, tmp_path: Path, invoice: Path, answer: wire.Command, shown: str
) -> None:
    def refusing(peer: Peer) -> None:
        peer.fault(Replace("SFPA", answer))
        peer.start_session(password="GEHEIM")
        peer.expect("SFID")
        peer.send(wire.Sfpa())
        if answer.name == "SFNA":
            peer.end()
        else:
            peer.expect_close()

    with oftp_peer.script(refusing) as peer:
        sent = Sent(peer.address, tmp_path, invoice)
    assert sent.code != 0 and shown in sent.output


@pytest.mark.parametrize("name", ["SSRM", "SSID", "SFPA", "EFPA", "EERP"])
def test_a_caller_does_not_wait_for_ever(
    oftp_peer: Peers, tmp_path: Path, invoice: Path, name: str
) -> None:
    def silent(peer: Peer) -> None:
        with pytest.raises(ExpectationFailed, match="ESID reas=09|closed the connection"):
            hostile(peer, Drop(name=name))

    with oftp_peer.script(silent) as peer:
        sent = Sent(peer.address, tmp_path, invoice, "--timeout", "1")
    assert sent.code != 0
    assert f"!! Drop(count=1, name='{name}') at {name}" in peer.transcript


def test_a_caller_bears_a_slow_partner(oftp_peer: Peers, tmp_path: Path, invoice: Path) -> None:
    began = time.monotonic()
    with oftp_peer.script(lambda peer: hostile(peer, Delay(0.2), Split([40], 0.01))) as peer:
        sent = Sent(peer.address, tmp_path, invoice)
    assert sent.code == 0, sent.output
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("after", [10, 23, 60, 88, 105, 110])
def test_a_caller_that_was_cut_off_sends_the_rest_later(
    oftp_peer: Peers, tmp_path: Path, invoice: Path, after: int
) -> None:
    def cutting(peer: Peer) -> None:
        with peer.until_cut():
            hostile(peer, Cut(after))

    with oftp_peer.script(cutting) as peer:
        assert Sent(peer.address, tmp_path, invoice).code != 0
    with oftp_peer.script(hostile) as peer:
        again = Sent(peer.address, tmp_path, invoice)
    assert again.code == 0, again.output


def test_faults_work_together_commands_before_octets(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Split([50]), Drop())
        peer.offer_file("LOST", DATA)
        peer.send_file("INVOICE", DATA)
        peer.expect_response()
        peer.end()
        assert list(station.files().values()) == [DATA]


def test_no_faults_any_more(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Drop(None))
        peer.offer_file("LOST", DATA)
        peer.no_faults()
        peer.send_file("INVOICE", DATA)
        peer.expect_response()
        peer.end()


def test_an_own_fault(oftp_peer: Peers, tmp_path: Path) -> None:
    class Lowercase(Fault):
        by_command = True

        def apply(self, step: Octets) -> list[Step]:
            return [Pause(0), Octets(step.octets.lower(), step.name)]

    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Lowercase())
        peer.offer_file("INVOICE", DATA)
        peer.expect("ESID", reas=1)


def test_octets_that_are_no_command(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        peer.expect("SSRM")
        peer.send(b"\x16\x03\x01\x02\x00\x01")
        peer.expect("ESID", reas=7)
        assert "-> ? 16 03 01 02 00 01 (6 octets)" in peer.transcript


def test_a_command_that_was_cut_short(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        peer.expect("SSRM")
        peer.send(wire.Ssid(code="O0000TEST-PEER").truncate(40))
        peer.expect("ESID", reas=7)


def test_a_cut_that_was_not_reached_fails(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Cut(1_000_000))
        with pytest.raises(ExpectationFailed, match="no fault has cut"), peer.until_cut():
            peer.end()


def test_a_script_that_goes_on_after_its_cut_is_told_so(
    oftp_peer: Peers, tmp_path: Path
) -> None:
    with listening(tmp_path) as station:
        peer = called(oftp_peer, station.address, Cut(10))
        with pytest.raises(ConnectionCut, match=r"`with peer.until_cut\(\):`"):
            peer.send_file("INVOICE", DATA)


def test_a_partner_that_does_not_read_is_noticed(oftp_peer: Peers) -> None:
    listener = oftp_peer.listen()
    peer = oftp_peer.call(*listener.address)
    peer.patience = 0.1
    listener.accept()
    with pytest.raises(ExpectationFailed, match="takes no octets for 0.1 s"):
        peer.send(bytes(64 << 20))


@pytest.mark.parametrize(
    ("how", "seen"), [("reset", "reset"), ("close", "closed"), ("half", "closed")]
)
def test_the_ways_to_end_a_connection_differ(oftp_peer: Peers, how: How, seen: str) -> None:
    listener = oftp_peer.listen()
    peer = oftp_peer.call(*listener.address)
    peer.fault(Cut(0, how))
    listener.accept()
    with peer.until_cut():
        peer.send(wire.Ssrm())
    assert listener.expect_close() == seen


@pytest.mark.parametrize("field", ["ucnt", "rcnt"])
def test_wrong_counts_are_seen(oftp_peer: Peers, field: str) -> None:
    listener = oftp_peer.listen()

    def lying(peer: Peer) -> None:
        counts = {"ucnt": 3, "rcnt": 1} | {field: 2}
        peer.fault(Replace("EFID", wire.Efid(**counts)))
        peer.start_session()
        with pytest.raises(ExpectationFailed):
            peer.send_file("RECORDS", records=[b"one"])

    with oftp_peer.script(lying, peer=oftp_peer.call(*listener.address)):
        listener.start_session()
        with pytest.raises(ExpectationFailed, match=f"EFID{field.upper()} is 2, but"):
            listener.receive_file()
        listener.close()
