"""The pytest plugin: what a tester sees when a test fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from oftp.testing.pki import Pki

Run = Callable[..., pytest.RunResult]

HOSTILE = '''
import socket
from oftp import wire

def test_it(oftp_peer):
    def station(peer):
        peer.send(wire.Ssrm())
        {script}

    with oftp_peer.script(station) as peer, socket.create_connection(peer.address) as connection:
        assert connection.recv(100)
        connection.sendall(wire.frame(wire.Sfid(dsn="INVOICE", fsiz=3)))
        {test}
'''

PAIR = '''
import oftp

def test_it(oftp_pair):
    oftp_pair.start_session()
    assert {condition}
'''


@pytest.fixture
def run(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> Run:
    """Runs pytest on a file, with the plugin as an installed package has it."""
    by_name = pytestconfig.pluginmanager.get_name(
        pytestconfig.pluginmanager.get_plugin("oftp.testing.plugin")
    ) == "oftp.testing.plugin"  # fmt: skip
    plugin = ["-p", "oftp.testing.plugin"] if by_name else []

    def run(text: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess(*plugin, *options)

    return run


def lines(result: pytest.RunResult, *patterns: str) -> None:
    result.stdout.fnmatch_lines([f"*{pattern}*" for pattern in patterns])


def test_a_failed_expectation_shows_the_transcript_once(run: Run) -> None:
    result = run(HOSTILE.format(script="peer.expect('SSID')", test="assert not connection.recv(9)"))
    result.assert_outcomes(failed=1)
    lines(
        result,
        "ExpectationFailed: expected SSID, but SFID dsn=INVOICE",
        "peer (Responder):",
        "-> SSRM (19 octets)",
        "<- SFID dsn=INVOICE *fsiz=3 *(165 octets)",
    )
    # pytest's closing summary repeats the message of a failure where CI is set; that is no second
    # transcript of ours.
    report = str(result.stdout).partition("short test summary info")[0]
    assert report.count("peer (Responder):") == 1


def test_an_exception_of_a_script_fails_the_test_with_the_transcript(run: Run) -> None:
    result = run(HOSTILE.format(script="peer.next(); assert 1 == 2, 'in the script'",
                                test="connection.recv(9)"))  # fmt: skip
    result.assert_outcomes(failed=1)
    lines(result, "AssertionError: in the script", "OFTP transcript", "<- SFID dsn=INVOICE")


def test_a_failure_of_the_test_itself_shows_it_too(run: Run) -> None:
    result = run(HOSTILE.format(script="peer.next(); peer.expect_close()", test="assert 3 == 4"))
    result.assert_outcomes(failed=1)
    lines(result, "assert 3 == 4", "OFTP transcript", "-> SSRM (19 octets)")


def test_a_pair_is_shown_as_well(run: Run) -> None:
    result = run(PAIR.format(condition="oftp_pair.now == 1"))
    result.assert_outcomes(failed=1)
    lines(result, "OFTP transcript", "pair of sessions:", "R> SSRM", "I> SSID lev=5")


def test_a_test_that_passes_shows_nothing_unless_asked(run: Run) -> None:
    text = PAIR.format(condition="True")
    result = run(text, "-rP")
    result.assert_outcomes(passed=1)
    assert "SSRM" not in str(result.stdout)
    result = run(text, "--oftp-trace")
    result.assert_outcomes(passed=1)
    lines(result, "::test_it", "pair of sessions:", "R> SSRM (19 octets)")


def test_peers_are_closed_at_the_end_of_a_test(run: Run) -> None:
    result = run(
        """
import pytest, socket

ADDRESS = []

def test_one(oftp_peer):
    ADDRESS.append(oftp_peer.listen().address)

def test_two():
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(ADDRESS[0])
"""
    )
    result.assert_outcomes(passed=2)


def test_a_test_without_oftp_is_left_alone(run: Run) -> None:
    result = run("def test_it(): assert 1 == 2")
    result.assert_outcomes(failed=1)
    assert "OFTP" not in str(result.stdout)


def test_there_are_certificates(oftp_pki: Pki) -> None:
    partner = oftp_pki.partner("O0177ALPHA")
    oftp_pki.trust("O0177ALPHA").check(partner.certificate)
