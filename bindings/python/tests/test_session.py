"""Two sessions without sockets: a file and its response (RFC 5024 chapters 3 and 4)."""

from __future__ import annotations

import oftp
import pytest
from oftp import Connect, Session, VirtualFile

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"


def drain(own: Session, other: Session) -> list[object]:
    """What `own` tells until it waits; its octets go to `other`."""
    told: list[object] = []
    while True:
        match own.poll_output():
            case oftp.NDataRq(octets):
                other.n_data_ind(octets)
                own.sent(len(octets))
            case oftp.NConRq():
                other.n_con_ind()
                own.n_con_cf()
            case oftp.Wait():
                return told
            case event:
                told.append(event)


def up() -> tuple[Session, Session]:
    a, b = Session(), Session()
    a.connect_rq(Connect(code=ALPHA, password="SECRET"))
    assert drain(a, b) == []
    assert drain(b, a)[0] == oftp.NConRs()
    assert drain(a, b) == []
    (ind,) = drain(b, a)
    assert isinstance(ind, oftp.ConnectInd) and ind.ssid.code == ALPHA
    b.connect_rs(Connect(code=BETA, password="GEHEIM"))
    drain(b, a)
    (cf,) = drain(a, b)
    assert isinstance(cf, oftp.ConnectCf) and cf.agreed.level == oftp.Level.V2_0
    return a, b


def file(**more: object) -> VirtualFile:
    return VirtualFile(
        dsn="INVOICE",
        date="20261126",
        time="1011120001",
        destination=BETA,
        originator=ALPHA,
        **more,  # type: ignore[arg-type]
    )


def test_a_file_of_records_arrives_with_their_ends() -> None:
    a, b = up()
    offered = file(format=oftp.RecordFormat.V, record_length=10, size=1)
    a.start_file_rq(offered)
    drain(a, b)
    assert drain(b, a) == [oftp.StartFileInd(offered)]
    b.start_file_rs()
    drain(b, a)
    assert drain(a, b) == [oftp.StartFileCf(0)]
    assert a.data_rq(b"onethree", ends=[3, 8]) == 8
    assert a.data_rq(bytearray(b""), ends=[0]) == 0
    a.close_file_rq()
    drain(a, b)
    told = drain(b, a)
    assert told == [
        oftp.DataInd(b"onethree", (3, 8)),
        oftp.DataInd(b"", (0,)),
        oftp.CloseFileInd(3, 8),
    ]


def test_a_mistake_of_the_caller_names_primitive_and_state() -> None:
    session = Session()
    with pytest.raises(oftp.UserError) as caught:
        session.cd_rq()
    assert caught.value.primitive == "F_CD_RQ"
    assert caught.value.state == "IDLE"
    with pytest.raises(oftp.UserError, match="longer than 26"):
        session.start_file_rq(
            VirtualFile(
                dsn="X" * 27, date="20261126", time="1011120001", destination=BETA, originator=ALPHA
            )
        )
