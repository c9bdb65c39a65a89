"""Nothing is lost between the engine and Python: events, records, what is owed."""

from __future__ import annotations

import oftp
import oftp._events
import pytest
from oftp import Connect, Session, VirtualFile, mailbox
from oftp._oftp import wire_header, wire_subrecords
from oftp._sending import Sending

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


def sending(window: int = 64) -> tuple[Session, Session]:
    """Two sessions with the smallest buffers, and a V file that is taken."""
    a, b = Session(oftp.Config(buffer_size=128, window=window)), Session()
    a.connect_rq(Connect(code=ALPHA, password="SECRET"))
    drain(a, b), drain(b, a), drain(a, b), drain(b, a)
    b.connect_rs(Connect(code=BETA, password="GEHEIM"))
    drain(b, a), drain(a, b)
    file = VirtualFile(
        dsn="INVOICE",
        date="20261126",
        time="1011120001",
        destination=BETA,
        originator=ALPHA,
        format=oftp.RecordFormat.V,
        record_length=10,
        size=1,
    )
    a.start_file_rq(file)
    drain(a, b), drain(b, a)
    b.start_file_rs()
    drain(b, a), drain(a, b)
    return a, b


def records(told: list[object]) -> list[bytes]:
    found, octets = [], b""
    for event in told:
        if isinstance(event, oftp.DataInd):
            start = 0
            for end in event.ends:
                found.append(octets + event.data[start:end])
                octets, start = b"", end
            octets += event.data[start:]
    return found


#: More empty records than buffers have room for: before, behind, between and without octets.
PIECES = [
    (b"", [0] * 300),
    (b"abc", [3] * 300),
    (b"abc", [0] * 300 + [3]),
    (b"abc", [0] * 300 + [1] * 127 + [3] * 200),
]


@pytest.mark.parametrize("window", [1, 64])
@pytest.mark.parametrize("piece", PIECES)
def test_empty_records_arrive_whatever_a_buffer_holds(
    piece: tuple[bytes, list[int]], window: int
) -> None:
    octets, ends = piece
    a, b = sending(window)
    data = Sending(a, iter([(b"x", [1]), piece, (b"y", [1]), piece]))
    told: list[object] = []
    closed = False
    while not closed:
        assert data.has_room
        while data.has_room and not closed:
            if data.wants_piece:
                try:
                    data.give(next(data.pieces))  # type: ignore[arg-type]
                except StopIteration:
                    data.end()
            else:
                closed = data.put()
        drain(a, b)
        told += drain(b, a)
        drain(a, b)
    one = [octets[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    assert records(told) == [b"x", *one, b"y", *one]
    assert told[-1] == oftp.CloseFileInd(2 * len(ends) + 2, 2 * len(octets) + 2)


def test_ends_that_wait_go_before_efid() -> None:
    a, b = sending()
    assert a.data_rq(b"", [0] * 200) == 0
    assert a.ends_wait == 200 - 127
    a.close_file_rq()
    assert a.ends_wait == 0
    drain(a, b)
    assert drain(b, a)[-1] == oftp.CloseFileInd(200, 0)


def test_an_event_that_cannot_be_made_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = sending()
    a.data_rq(b"abc", [3])
    drain(a, b)

    def fails(*_: object) -> object:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(oftp._events, "DataInd", fails)
        with pytest.raises(MemoryError):
            b.poll_output()
    assert drain(b, a) == [oftp.DataInd(b"abc", (3,))]


def test_what_a_mailbox_cannot_make_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    own = mailbox.Mailbox(oftp.Identity(code=ALPHA))
    own.add_partner(oftp.Partner(code=BETA))
    own.call(BETA)
    own.connection_failed("nobody there")
    assert own.next() == mailbox.Disconnect()
    own.disconnected()

    def fails(*_: object) -> object:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(mailbox, "Ended", fails)
        with pytest.raises(MemoryError):
            own.next()
    assert isinstance(own.next(), mailbox.Ended)
    assert own.next() == mailbox.Over()


def test_a_record_without_an_end_does_not_fill_the_memory() -> None:
    own, partner = mailbox.Mailbox(oftp.Identity(code=BETA)), Session()
    own.add_partner(oftp.Partner(code=ALPHA))
    told: list[object] = []

    def turn() -> None:
        """Both sides, until both wait."""
        for _ in range(6):
            while not isinstance(step := own.next(), oftp.Wait | mailbox.Over):
                if isinstance(step, mailbox.Write):
                    partner.n_data_ind(step.octets)
                    own.sent(len(step.octets))
                elif isinstance(step, mailbox.Disconnect):
                    own.disconnected()
                else:
                    told.append(step)
                if isinstance(step, mailbox.Offered):
                    own.accept_file()
            while not isinstance(event := partner.poll_output(), oftp.Wait):
                if isinstance(event, oftp.NDataRq):
                    own.n_data_ind(event.octets)
                    partner.sent(len(event.octets))
                elif isinstance(event, oftp.NConRq):
                    partner.n_con_cf()

    partner.connect_rq(Connect(code=ALPHA))
    own.answer()
    own.connected(0.0)
    turn()
    partner.start_file_rq(
        VirtualFile(
            dsn="ENDLESS",
            date="20261126",
            time="1011120001",
            destination=BETA,
            originator=ALPHA,
            format=oftp.RecordFormat.V,
            record_length=100,
            size=1,
        )
    )
    turn()
    # A session would not send that: 3 MB of one record in a buffer of 100 KB.
    data = wire_subrecords(bytes(3_000_000), [], True, 99_999)
    own.n_data_ind(wire_header(len(data) + 1, 1, 0) + b"D" + data)
    turn()
    assert not any(isinstance(one, mailbox.Data) for one in told)
    assert mailbox.Warning("a record is longer than 99999 octets") in told
    assert own.has_sent_esid
