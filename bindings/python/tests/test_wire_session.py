"""Commands that were built, and a session that gets them."""

from __future__ import annotations

import oftp
import pytest
from oftp import Session, wire

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"


def replies(session: Session) -> list[wire.Command | wire.Raw]:
    """What a session sends until it waits."""
    stream = wire.Stream()
    while not isinstance(event := session.poll_output(), oftp.Wait):
        if isinstance(event, oftp.NDataRq):
            stream.feed(event.octets)
            session.sent(len(event.octets))
    return [wire.parse(octets) for octets in stream]


def responder() -> Session:
    session = Session()
    session.n_con_ind()
    assert replies(session) == [wire.Ssrm()]
    return session


def test_a_session_takes_a_command_that_was_built() -> None:
    session = responder()
    session.n_data_ind(wire.frame(wire.Ssid(code=ALPHA, pswd="SECRET", cmpr=True, cred=7)))
    match session.poll_output():
        case oftp.ConnectInd(ssid=ssid):
            assert (ssid.code, ssid.window) == (ALPHA, 7)
        case other:
            pytest.fail(repr(other))
    session.connect_rs(oftp.Connect(code=BETA, password="GEHEIM"))
    (answer,) = replies(session)
    assert isinstance(answer, wire.Command)
    assert (answer.name, answer.code, answer.cmpr, answer.lev) == ("SSID", BETA, "Y", 5)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (bytes(wire.Ssid(code=ALPHA, sr=b"Q")), 6),
        (bytes(wire.Ssid(code=ALPHA))[:50], 7),
        (b"Z", 1),
        (bytes(wire.Cd()), 2),
    ],
)
def test_a_session_answers_what_is_illegal(octets: bytes, reason: int) -> None:
    session = responder()
    session.n_data_ind(wire.frame(octets))
    (answer,) = replies(session)
    assert isinstance(answer, wire.Command)
    assert (answer.name, answer.reas) == ("ESID", reason)
