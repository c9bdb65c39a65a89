"""Scripts in the background: what fails in them fails the test."""

from __future__ import annotations

import socket
import threading

import pytest
from oftp import wire
from oftp.testing import ExpectationFailed, Peer, Peers


def called(peer: Peer) -> socket.socket:
    return socket.create_connection(peer.address, timeout=5)


def test_the_exception_of_a_script_is_raised_in_the_test(oftp_peer: Peers) -> None:
    def failing(peer: Peer) -> None:
        peer.accept()
        raise ZeroDivisionError("in the script")

    with pytest.raises(ZeroDivisionError, match="in the script") as caught:
        with oftp_peer.script(failing) as peer, called(peer) as connection:
            assert connection.recv(1) == b"", "the peer has not closed"
    assert "failing" in [entry.name for entry in caught.traceback]


def test_an_expectation_of_a_script_fails_with_its_transcript(oftp_peer: Peers) -> None:
    def station(peer: Peer) -> None:
        peer.send(wire.Ssrm())
        peer.expect("SSID")

    with pytest.raises(ExpectationFailed, match="expected SSID, but the system under test has "
                       "closed") as caught:  # fmt: skip
        with oftp_peer.script(station) as peer, called(peer) as connection:
            assert connection.recv(23).endswith(b"READY \r")
    assert "-> SSRM" in caught.value.transcript


def test_where_both_fail_the_one_is_a_note_to_the_other(oftp_peer: Peers) -> None:
    def failing(peer: Peer) -> None:
        peer.accept()
        raise ZeroDivisionError("in the script")

    with pytest.raises(KeyError) as caught, oftp_peer.script(failing) as peer:
        with called(peer) as connection:
            assert connection.recv(1) == b""
        raise KeyError("in the test")
    (note,) = caught.value.__notes__
    assert "The script of the peer had failed" in note and "ZeroDivisionError: in the" in note


def test_a_test_that_fails_does_not_wait_for_its_script(oftp_peer: Peers) -> None:
    def waiting(peer: Peer) -> None:
        peer.patience = 3600
        peer.expect("SSID")

    peer = oftp_peer.listen()
    with called(peer), pytest.raises(KeyError) as caught, oftp_peer.script(waiting, peer=peer):
        raise KeyError("in the test")
    assert not hasattr(caught.value, "__notes__"), "the script was stopped, it did not fail"


def test_a_script_that_nobody_calls_does_not_outlive_a_failed_test(oftp_peer: Peers) -> None:
    def waiting(peer: Peer) -> None:
        peer.accept(within=3600)

    with pytest.raises(KeyError), oftp_peer.script(waiting):
        raise KeyError("in the test")
    assert "oftp script" not in [thread.name for thread in threading.enumerate()]


def test_a_script_that_does_not_end_is_said_to(oftp_peer: Peers) -> None:
    def waiting(peer: Peer) -> None:
        peer.patience = 3600
        peer.expect("SSID")

    with pytest.raises(ExpectationFailed, match="has not ended 0.1 s after the test's part"):
        with oftp_peer.script(waiting, within=0.1) as peer:
            connection = called(peer)
    connection.close()


def test_a_peer_that_calls_can_be_a_script(oftp_peer: Peers) -> None:
    listening = oftp_peer.listen()
    calling = oftp_peer.call(*listening.address)

    def initiator(peer: Peer) -> None:
        assert peer is calling
        peer.start_session(code="ALPHA")
        peer.send_file("FILE", b"octets", records=None)
        peer.expect_response()
        peer.end()

    with oftp_peer.script(initiator, peer=calling):
        listening.start_session(code="BETA")
        assert listening.receive_file(cd=True) == b"octets"
        listening.respond()
        listening.end()


def test_pytest_fail_in_a_script_counts(oftp_peer: Peers) -> None:
    def failing(peer: Peer) -> None:
        pytest.fail("as the script says")

    with pytest.raises(pytest.fail.Exception, match="as the script says"):
        with oftp_peer.script(failing):
            pass
