"""`oftp.testing.Pair`: two sessions, a network that fails on purpose, a clock that is moved."""

from __future__ import annotations

import oftp
import pytest
from oftp import Config, VirtualFile, wire
from oftp.testing import (
    Alter,
    Corrupt,
    Cut,
    Delay,
    Drop,
    ExpectationFailed,
    Fault,
    How,
    Insert,
    Pair,
    Repeat,
    Replace,
    Split,
)

FILE = VirtualFile(
    dsn="INVOICE",
    date="20261126",
    time="1011120001",
    destination="O0000RESPONDER",
    originator="O0000INITIATOR",
    size=1,
)


def offer(pair: Pair) -> None:
    pair.initiator.start_file_rq(FILE)
    pair.run()


def test_a_file_goes_over_and_nothing_else_is_told(oftp_pair: Pair) -> None:
    pair = oftp_pair
    pair.start_session()
    offer(pair)
    assert pair.take(pair.responder, oftp.StartFileInd).file == FILE
    pair.responder.start_file_rs()
    pair.run()
    pair.take(pair.initiator, oftp.StartFileCf)
    assert pair.initiator.data_rq(b"octets") == 6
    pair.initiator.close_file_rq()
    pair.run()
    assert pair.take(pair.responder, oftp.DataInd).data == b"octets"
    assert pair.take(pair.responder, oftp.CloseFileInd).octets == 6
    pair.responder.close_file_rs()
    pair.run()
    pair.take(pair.initiator, oftp.CloseFileCf)
    pair.initiator.cd_rq()
    pair.run()
    pair.take(pair.responder, oftp.CdInd)
    pair.responder.release_rq()
    pair.run()
    pair.take(pair.initiator, oftp.ReleaseInd)
    pair.expect_nothing_more()
    assert pair.initiator.is_over and pair.responder.is_over
    said = [line.split()[1:3] for line in str(pair.transcript).splitlines()[1:]]
    commands = [name for mark, name in said if mark in ("I>", "R>")]
    assert commands == "SSRM SSID SSID SFID SFPA DATA EFID EFPA CD ESID".split()


def test_the_virtual_clock_fires_time_outs_of_hours_at_once(oftp_pair: Pair) -> None:
    oftp_pair.start_session()
    offer(oftp_pair)
    oftp_pair.take(oftp_pair.responder, oftp.StartFileInd)
    oftp_pair.advance(179)
    oftp_pair.expect_nothing_more()
    oftp_pair.advance(3 * 3600)
    assert oftp_pair.take(oftp_pair.initiator, oftp.AbortInd).reason == 9
    assert oftp_pair.now == 179 + 3 * 3600


def test_a_delay_lasts_as_long_as_it_says(oftp_pair: Pair) -> None:
    pair = oftp_pair
    pair.start_session()
    pair.fault(pair.initiator, Delay(20))
    offer(pair)
    pair.advance(19.9)
    pair.expect_nothing_more()
    pair.advance(0.1)
    assert pair.take(pair.responder, oftp.StartFileInd).file == FILE


def test_what_follows_a_delayed_command_does_not_overtake_it(oftp_pair: Pair) -> None:
    pair = oftp_pair
    pair.start_session()
    offer(pair)
    pair.responder.start_file_rs()
    pair.run()
    pair.fault(pair.initiator, Delay(5, count=2))
    pair.initiator.data_rq(b"octets")
    pair.initiator.close_file_rq()
    pair.advance(9.9)
    assert [type(event) for event in pair.responder_events] == [oftp.StartFileInd, oftp.DataInd]
    pair.advance(0.1)
    assert isinstance(pair.responder_events[-1], oftp.CloseFileInd)


def test_a_lost_command_is_a_time_out(oftp_pair: Pair) -> None:
    oftp_pair.start_session()
    oftp_pair.fault(oftp_pair.responder, Drop(name="SFPA"))
    offer(oftp_pair)
    oftp_pair.responder.start_file_rs()
    oftp_pair.run()
    oftp_pair.advance(180)
    assert oftp_pair.take(oftp_pair.initiator, oftp.AbortInd).reason == 9
    assert "!! Drop(count=1, name='SFPA') at SFPA" in str(oftp_pair.transcript)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Repeat(), 2),
        (Corrupt(4), 1),
        (Insert(b"GET / HTTP/1.1\r\n"), 7),
        (Replace("SFID", wire.Efid()), 2),
        (Alter(lambda octets: octets[:3] + bytes([octets[3] + 1]) + octets[4:] + b"?"), 7),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_strict_session_refuses_what_a_fault_makes(fault: Fault, reason: int) -> None:
    pair = Pair(responder=Config(quirks=("strict",)))
    pair.start_session()
    pair.fault(pair.initiator, fault)
    offer(pair)
    ends = [event for event in pair.responder_events if isinstance(event, oftp.AbortInd)]
    assert [(end.reason, end.origin) for end in ends] == [(reason, oftp.Origin.LOCAL)]
    assert f"R> ESID reas={reason:02}" in str(pair.transcript)


@pytest.mark.parametrize("sizes", [[1], [4, 1], [3, 200]])
def test_pieces_of_any_size_are_put_together(oftp_pair: Pair, sizes: list[int]) -> None:
    oftp_pair.fault(oftp_pair.initiator, Split(sizes, pause=0.25))
    oftp_pair.initiator.connect_rq(oftp.Connect(code="ALPHA"))
    oftp_pair.advance(29)
    oftp_pair.take(oftp_pair.responder, oftp.ConnectInd)


def test_octet_by_octet_too_slowly_is_a_time_out(oftp_pair: Pair) -> None:
    oftp_pair.fault(oftp_pair.initiator, Split([1], pause=0.5))
    oftp_pair.initiator.connect_rq(oftp.Connect(code="ALPHA"))
    oftp_pair.advance(31)
    assert oftp_pair.take(oftp_pair.responder, oftp.AbortInd).reason == 9


@pytest.mark.parametrize(
    ("how", "seen"), [("reset", "reset"), ("close", "closed"), ("half", "closed")]
)
@pytest.mark.parametrize("after", [0, 1, 4, 100, 168])
def test_both_sides_see_a_cut(oftp_pair: Pair, after: int, how: How, seen: str) -> None:
    oftp_pair.start_session()
    oftp_pair.fault(oftp_pair.initiator, Cut(after, how))
    offer(oftp_pair)
    for session in (oftp_pair.initiator, oftp_pair.responder):
        end = oftp_pair.take(session, oftp.AbortInd)
        assert end.reason is None and end.text.startswith(f"connection {seen}")
        assert session.is_over


def test_the_network_can_fail_between_two_primitives(oftp_pair: Pair) -> None:
    oftp_pair.start_session()
    oftp_pair.cut("close")
    oftp_pair.take(oftp_pair.initiator, oftp.AbortInd)
    oftp_pair.take(oftp_pair.responder, oftp.AbortInd)
    oftp_pair.expect_nothing_more()


def test_another_event_fails_with_the_transcript(oftp_pair: Pair) -> None:
    oftp_pair.start_session()
    offer(oftp_pair)
    with pytest.raises(ExpectationFailed, match="expected EerpInd of the Responder, but it told "
                       "StartFileInd") as caught:  # fmt: skip
        oftp_pair.take(oftp_pair.responder, oftp.EerpInd)
    assert "I> SFID dsn=INVOICE date=20261126" in caught.value.transcript
    assert caught.value.transcript in str(caught.value)
    with pytest.raises(ExpectationFailed, match="has told nothing more"):
        oftp_pair.take(oftp_pair.responder, oftp.EerpInd)


def test_passwords_are_not_in_the_transcript(oftp_pair: Pair) -> None:
    oftp_pair.start_session(oftp.Connect(code="ALPHA", password="GEHEIM"))
    assert "SSID" in str(oftp_pair.transcript) and "GEHEIM" not in str(oftp_pair.transcript)
