"""One session with its User Monitor, by both front-ends (RFC 5024 chapter 3)."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from typing import Any

import oftp
import oftp.asyncio
import pytest
from fronts import (
    ALPHA,
    FRONTS,
    Contexts,
    Sends,
    Takes,
    Threads,
    calling,
    pair,
    run,
    the_file,
)
from oftp import Config, EsidReason, Level, RecordFormat, Session, UserMonitor

TEXT = b"Line of text\r\n" * 9000
RECORDS = [b"%07d" % n for n in range(9000)]


def pieces_of(format: RecordFormat) -> tuple[list[Any], bytes, list[int]]:
    """Pieces, and what is to arrive: octets and where records end."""
    match format:
        case RecordFormat.F:
            octets = b"".join(RECORDS)
            ends = list(range(7, len(octets) + 1, 7))
            return [(octets, ends)], octets, ends
        case RecordFormat.V:
            records = [record[: n % 8] for n, record in enumerate(RECORDS)]
            octets, ends = b"".join(records), []
            for record in records:
                ends.append((ends[-1] if ends else 0) + len(record))
            return [(bytearray(record), [len(record)]) for record in records], octets, ends
        case _:
            return [TEXT, memoryview(TEXT), bytearray(b"end")], TEXT + TEXT + b"end", []


@pytest.mark.parametrize("format", RecordFormat)
@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("receiving", FRONTS)
@pytest.mark.parametrize("sending", FRONTS)
def test_a_file_and_its_response(
    sending: str, receiving: str, level: Level, format: RecordFormat
) -> None:
    one, other = pair()
    config = Config(level=level, min_level=level, buffer_size=1024, window=7)
    pieces, octets, ends = pieces_of(format)
    length = 7 if format in (RecordFormat.F, RecordFormat.V) else 0
    file = the_file(config, format=format, record_length=length, size=len(octets) // 1024 + 1)
    sends, takes = Sends(file, pieces), Takes()
    with Threads() as threads:
        first = threads.start(sending, calling(config), sends, one)
        run(receiving, Session(config), takes, other)
        first.result()
    assert takes.octets == octets
    assert takes.ends == ends
    (eerp,) = sends.told
    assert isinstance(eerp, oftp.EerpInd) and eerp.response.identity == file.identity


@pytest.mark.parametrize("receiving", FRONTS)
@pytest.mark.parametrize("sending", FRONTS)
def test_over_tls(sending: str, receiving: str, tmp_path: Path) -> None:
    one, other = pair()
    contexts = Contexts(tmp_path)
    octets = bytes(range(256)) * 8000
    sends, takes = Sends(the_file(), [octets]), Takes()
    with Threads() as threads:
        first = threads.start(sending, calling(), sends, one, contexts)
        run(receiving, Session(), takes, other, contexts)
        first.result()
    assert takes.octets == octets
    assert [type(event) for event in sends.told] == [oftp.EerpInd]


@pytest.mark.parametrize("front", FRONTS)
def test_a_handshake_that_fails_is_raised(front: str, tmp_path: Path) -> None:
    one, other = pair()
    contexts = Contexts(tmp_path)
    other.sendall(b"this is no TLS\r\n" * 9)
    with pytest.raises(OSError, match="(?i)ssl|wrong version"):
        run(front, calling(), Sends(the_file(), []), one, contexts)
    other.close()


class Boom(Exception):
    """What the methods raise."""


METHODS_OF_SENDER = ("connect_cf", "start_file_cf", "close_file_cf", "eerp_ind")
METHODS_OF_RECEIVER = (
    "connect_ind",
    "start_file_ind",
    "data_ind",
    "close_file_ind",
    "cd_ind",
    "rtr_cf",
)


# The session is aborted, and its caller gets the exception (threat model Y1).
@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("method", METHODS_OF_SENDER + METHODS_OF_RECEIVER)
def test_what_a_method_raises_ends_the_session_and_is_raised(front: str, method: str) -> None:
    one, other = pair()
    sends, takes = Sends(the_file(), [TEXT]), Takes()
    faulty = sends if method in METHODS_OF_SENDER else takes

    def boom(session: Session, event: object) -> None:
        raise Boom(method)

    setattr(faulty, method, boom)
    with Threads() as threads:
        first = threads.start(front, calling(), sends, one)
        second = threads.start(front, Session(), takes, other)
        ours, theirs = (first, second) if faulty is sends else (second, first)
        with pytest.raises(Boom, match=method):
            ours.result()
        with pytest.raises(oftp.UnspecifiedAbort) as caught:
            theirs.result()
    assert caught.value.reason == EsidReason.UNSPECIFIED
    assert caught.value.origin == "D"


@pytest.mark.parametrize("front", FRONTS)
def test_what_the_source_of_data_raises_is_raised_and_the_source_is_closed(front: str) -> None:
    one, other = pair()
    closed = threading.Event()

    def pieces() -> Any:
        try:
            yield TEXT
            raise Boom
        finally:
            closed.set()

    sends = Sends(the_file(), [])
    sends.pieces = pieces()
    with Threads() as threads:
        first = threads.start(front, calling(), sends, one)
        second = threads.start(front, Session(), Takes(), other)
        with pytest.raises(Boom):
            first.result()
        with pytest.raises(oftp.UnspecifiedAbort):
            second.result()
    assert closed.is_set()


@pytest.mark.parametrize("front", FRONTS)
def test_what_nobody_else_holds_is_not_collected_during_a_call(front: str) -> None:
    """Sessions, monitors and pieces: the library has a reference of its own (threat model Y1)."""
    one, other = pair()
    taken: list[bytes] = []

    class Collects(Takes):
        def data_ind(self, session: Session, event: oftp.DataInd) -> None:
            gc.collect()
            super().data_ind(session, event)

        def close_file_ind(self, session: Session, event: oftp.CloseFileInd) -> bool:
            taken.append(bytes(self.octets))
            return True

    def pieces() -> Any:
        for _ in range(3):
            yield bytearray(TEXT)
            gc.collect()

    with Threads() as threads:
        sends = Sends(the_file(), [])
        sends.pieces = pieces()
        first = threads.start(front, calling(), sends, one)
        del sends
        run(front, Session(), Collects(), other)
        first.result()
    assert taken == [TEXT * 3]


def without(kind: type[UserMonitor], *methods: str) -> Any:
    """A monitor that does not define these."""
    inherited = {name: getattr(UserMonitor, name) for name in methods}
    return type(kind.__name__, (kind,), inherited)


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(
    ("method", "reason"),
    [("connect_ind", 3), ("data_ind", 8)],
)
def test_a_method_of_the_receiver_that_is_not_defined_ends_the_session(
    front: str, method: str, reason: int
) -> None:
    one, other = pair()
    takes = without(Takes, method)()
    with Threads() as threads:
        first = threads.start(front, calling(), Sends(the_file(), [TEXT]), one)
        second = threads.start(front, Session(), takes, other)
        with pytest.raises(oftp.SessionAborted) as caught:
            first.result()
        assert (caught.value.reason, caught.value.origin) == (reason, "D")
        if method == "data_ind":
            with pytest.raises(oftp.ResourcesNotAvailable, match="data_ind") as own:
                second.result()
            assert own.value.origin == "L"
        else:
            second.result()


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(
    ("method", "kind", "reason"),
    [
        ("start_file_ind", oftp.StartFileCfNegative, oftp.SfnaReason.FILE_DIRECTION_REFUSED),
        ("close_file_ind", oftp.CloseFileCfNegative, oftp.EfnaReason.UNSPECIFIED),
    ],
)
def test_a_file_that_nobody_takes_is_refused(
    front: str, method: str, kind: type, reason: int
) -> None:
    one, other = pair()
    sends = Sends(the_file(), [TEXT])
    with Threads() as threads:
        first = threads.start(front, calling(), sends, one)
        run(front, Session(), without(Takes, method, "cd_ind")(), other)
        first.result()
    (answer,) = sends.told
    assert isinstance(answer, kind)
    assert answer.reason is reason  # type: ignore[attr-defined]


@pytest.mark.parametrize("front", FRONTS)
def test_a_response_that_nobody_makes_safe_is_not_confirmed(front: str) -> None:
    one, other = pair()
    with Threads() as threads:
        first = threads.start(
            front, calling(), without(Sends, "eerp_ind")(the_file(), [TEXT]), one
        )
        takes = Takes()
        with pytest.raises(oftp.UnspecifiedAbort):
            run(front, Session(), takes, other)
        with pytest.raises(oftp.UnspecifiedAbort, match="end responses"):
            first.result()
    assert takes.told == []


@pytest.mark.parametrize("front", FRONTS)
def test_authentication_that_nobody_does_is_refused(front: str) -> None:
    one, other = pair()

    class Authenticates(Takes):
        def connect_ind(self, session: Session, event: oftp.ConnectInd) -> oftp.Connect:
            return oftp.Connect(code="O0177BETA", authentication=True)

    with Threads() as threads:
        sends = Sends(the_file(), [])
        first = threads.start(front, calling(authentication=True), sends, one)
        second = threads.start(front, Session(), Authenticates(), other)
        with pytest.raises(oftp.InvalidChallengeResponse):
            first.result()
        try:
            second.result()
        except oftp.InvalidChallengeResponse:
            pass


@pytest.mark.parametrize("front", FRONTS)
def test_a_monitor_without_methods_ends_normally(front: str) -> None:
    one, other = pair()
    with Threads() as threads:
        first = threads.start(front, calling(), UserMonitor(), one)
        takes = Takes()
        run(front, Session(), takes, other)
        first.result()


@pytest.mark.parametrize("front", FRONTS)
def test_a_name_with_control_characters_does_not_reach_the_monitor(front: str) -> None:
    one, other = pair()
    takes = Takes()
    # A partner that is not ours: its octets are made by hand.
    with Threads() as threads:
        second = threads.start(front, Session(), takes, other)
        with one, one.makefile("rb") as stream:
            assert stream.read(23)[4:5] == b"I"
            code = "O0177\x1b[31mRED".ljust(25).encode()
            ssid = b"X5" + code + b"SECRET  " + b"02048BYNN064NN" + b"    " + b"        \r"
            one.sendall(bytes([0x10, 0, 0, len(ssid) + 4]) + ssid)
            answer = stream.read(7)
        assert answer[4:7] == b"F03"
        with pytest.raises(oftp.UserCodeNotKnown, match="control characters"):
            second.result()


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(
    ("method", "answer"),
    [("connect_ind", ALPHA), ("start_file_ind", 17), ("data_ind", 5), ("close_file_ind", "ok")],
)
def test_an_answer_that_is_none_is_the_callers_mistake(
    front: str, method: str, answer: object
) -> None:
    one, other = pair()
    takes = Takes()
    setattr(takes, method, lambda session, event: answer)
    with Threads() as threads:
        first = threads.start(front, calling(), Sends(the_file(), [TEXT]), one)
        with pytest.raises(TypeError, match=f"{method} returned {type(answer).__name__}"):
            run(front, Session(), takes, other)
        with pytest.raises(oftp.UnspecifiedAbort):
            first.result()


def test_coroutines_are_for_asyncio() -> None:
    one, other = pair()

    class Coroutine(Takes):
        async def connect_ind(  # type: ignore[override]
            self, session: Session, event: oftp.ConnectInd
        ) -> oftp.Connect:
            return oftp.Connect(code="O0177BETA")

    with Threads() as threads:
        first = threads.start("blocking", calling(), Sends(the_file(), []), one)
        with pytest.raises(TypeError, match=r"use oftp\.asyncio\.run_session"):
            run("blocking", Session(), Coroutine(), other)
        with pytest.raises(oftp.UnspecifiedAbort):
            first.result()


@pytest.mark.parametrize("front", FRONTS)
def test_an_answer_may_be_given_later_by_another_thread(front: str) -> None:
    one, other = pair()

    class Later(Takes):
        def start_file_ind(self, session: Session, event: oftp.StartFileInd) -> None:  # type: ignore[override]
            self.file = event.file
            answer = lambda: self.call_soon(session, session.start_file_rs)  # noqa: E731
            threading.Thread(target=answer).start()

    takes, sends = Later(), Sends(the_file(), [TEXT])
    session = Session()
    with Threads() as threads:
        first = threads.start(front, calling(), sends, one)
        run(front, session, takes, other)
        first.result()
    assert takes.octets == TEXT
    with pytest.raises(RuntimeError, match="does not run"):
        takes.call_soon(session, session.cd_rq)


@pytest.mark.parametrize("front", FRONTS)
def test_who_deals_with_the_failure_is_not_raised_at(front: str) -> None:
    one, other = pair()

    class Deals(Takes):
        def abort_ind(self, session: Session, event: oftp.AbortInd) -> None:
            self.told.append(event)

    takes = Deals()
    with Threads() as threads:
        second = threads.start(front, Session(), takes, other)
        one.close()
        second.result()
    (abort,) = takes.told
    assert isinstance(abort, oftp.AbortInd) and abort.reason is None


def test_methods_and_data_may_be_coroutines() -> None:
    one, other = pair()

    async def pieces() -> Any:
        for _ in range(3):
            await asyncio.sleep(0)
            yield TEXT

    class AsyncTakes(Takes):
        async def connect_ind(self, session: Session, event: oftp.ConnectInd) -> oftp.Connect:  # type: ignore[override]
            await asyncio.sleep(0)
            return oftp.Connect(code="O0177BETA")

        async def data_ind(self, session: Session, event: oftp.DataInd) -> None:  # type: ignore[override]
            await asyncio.sleep(0)
            self.octets += event.data

    class AsyncSends(Sends):
        async def start_file_cf(self, session: Session, event: oftp.StartFileCf) -> Any:  # type: ignore[override]
            await asyncio.sleep(0)
            return pieces()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            sends = AsyncSends(the_file(), [])
            group.create_task(oftp.asyncio.run_session(calling(), sends, one))
            group.create_task(oftp.asyncio.run_session(Session(), takes, other))

    takes = AsyncTakes()
    asyncio.run(both())
    assert takes.octets == TEXT * 3
