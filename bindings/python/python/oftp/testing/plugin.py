"""The pytest plugin: the fixtures `oftp_peer`, `oftp_pair` and `oftp_pki`, and the transcripts in
reports. It is there as soon as the package is installed; ``-p no:oftp`` leaves it out.

``--oftp-trace`` prints the transcripts of tests that pass, too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from . import Pair, Peers, Transcript
from ._transcript import collected

if TYPE_CHECKING:
    from .pki import Pki

__all__ = ["oftp_pair", "oftp_peer", "oftp_pki"]

_TITLE = "OFTP transcript"

_TRANSCRIPTS: pytest.StashKey[list[Transcript]] = pytest.StashKey()


@pytest.fixture
def oftp_peer() -> Iterator[Peers]:
    """Makes scripted peers on loopback: ``oftp_peer.listen()`` is called by the system under test,
    ``oftp_peer.call(host, port)`` calls it, ``oftp_peer.script(function)`` plays one in the
    background. They are closed at the end of the test."""
    peers = Peers()
    yield peers
    peers.close()


@pytest.fixture
def oftp_pair() -> Pair:
    """Two sessions without sockets, not connected yet: ``oftp_pair.start_session()``."""
    return Pair()


@pytest.fixture
def oftp_pki() -> Pki:
    """A throw-away authority with partners, good and bad."""
    # Imported here: few tests need what makes certificates.
    from .pki import Pki

    return Pki()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option ``--oftp-trace``."""
    parser.getgroup("oftp").addoption(
        "--oftp-trace",
        action="store_true",
        help="print the transcripts of OFTP sessions of tests that pass, too",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Collects the transcripts that are begun during a test."""
    transcripts = item.stash[_TRANSCRIPTS] = []
    with collected(transcripts):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts them into the report of a failure, but for one that the exception shows already."""
    report = yield
    wanted = report.failed or item.config.getoption("--oftp-trace")
    if wanted and (call.when == "call" or report.failed):
        shown = getattr(call.excinfo and call.excinfo.value, "transcript", "")
        for transcript in item.stash.setdefault(_TRANSCRIPTS, []):
            text = str(transcript)
            # What the exception does not show yet is that the connection was closed.
            if not transcript.is_empty and not (shown and text.startswith(shown)):
                report.sections.append((_TITLE, text))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints the transcripts of tests that pass, for ``--oftp-trace``."""
    if not config.getoption("--oftp-trace"):
        return
    for report in terminalreporter.getreports("passed"):
        for title, text in report.sections:
            if title == _TITLE:
                terminalreporter.write_sep("-", report.nodeid)
                terminalreporter.write_line(text)
