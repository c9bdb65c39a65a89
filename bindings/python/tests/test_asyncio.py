"""The driver for asyncio: back pressure both ways, cancelling, work aside."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import oftp
import oftp.asyncio
import pytest
from fronts import Sends, Takes, Threads, calling, pair, run, the_file
from oftp import Config, Session
from oftp._machine import SessionMachine, Told, Wait, Work
from oftp.asyncio._protocol import Driver
from test_blocking import Script

#: Without compression and with more credit than the file is large, only the network holds back.
WIDE = Config(compression=False, window=999)
PIECE = bytes(range(256)) * 256


async def still(count: Callable[[], int]) -> int:
    """Lets the loop turn until a number has not changed for a thousand turns."""
    last, turns = -1, 0
    while turns < 1000:
        await asyncio.sleep(0)
        turns = turns + 1 if count() == last else 0
        last = count()
    return last


class Counts:
    """Pieces of a file, and how many were asked for."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        self.asked = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.pieces):
            self.asked += len(PIECE)
            yield PIECE


def test_who_does_not_return_stops_the_partner() -> None:
    """26 MB are offered; what the partner can write, and what memory takes, has bounds."""
    one, other = pair(65536)
    data = Counts(400)
    sends = Sends(the_file(size=26_000), [])
    sends.pieces = data  # type: ignore[assignment]

    class Slow(Takes):
        def __init__(self) -> None:
            super().__init__()
            self.go_on = asyncio.Event()
            self.total = 0

        async def data_ind(self, session: Session, event: oftp.DataInd) -> None:  # type: ignore[override]
            await self.go_on.wait()
            self.total += len(event.data)

    async def both() -> None:
        takes = Slow()
        async with asyncio.TaskGroup() as group:
            tracemalloc.start()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            group.create_task(oftp.asyncio.run_session(calling(WIDE), sends, one))
            group.create_task(oftp.asyncio.run_session(Session(WIDE), takes, other))
            asked = await still(lambda: data.asked)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert 0 < asked < 4_000_000
            assert peak < 6_000_000
            assert grown < 16_384, f"grew by {grown} KiB"
            takes.go_on.set()
        assert takes.total == 400 * len(PIECE)

    asyncio.run(both())


def test_a_partner_that_does_not_read_stops_the_source() -> None:
    one, other = pair(65536)
    data = Counts(400)
    sends = Sends(the_file(size=26_000), [])
    sends.pieces = data  # type: ignore[assignment]

    class Stops(Takes):
        """Reads nothing more once data come."""

        def __init__(self) -> None:
            super().__init__()
            self.stopped = threading.Event()
            self.go_on = threading.Event()

        def data_ind(self, session: Session, event: oftp.DataInd) -> None:
            self.stopped.set()
            self.go_on.wait(60)
            self.octets += event.data

    async def send() -> None:
        task = asyncio.create_task(oftp.asyncio.run_session(calling(WIDE), sends, one))
        await asyncio.to_thread(takes.stopped.wait, 60)
        asked = await still(lambda: data.asked)
        takes.go_on.set()
        await task
        assert 0 < asked < 4_000_000

    takes = Stops()
    with Threads() as threads:
        second = threads.start("blocking", Session(WIDE), takes, other)
        asyncio.run(send())
        second.result()
    assert len(takes.octets) == 400 * len(PIECE)


async def driver_of(machine: object, sock: socket.socket) -> Driver[object]:
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    driver: Driver[object] = Driver(machine, sock)  # type: ignore[arg-type]
    await loop.create_connection(lambda: driver, sock=sock)
    return driver


def test_cancelling_leaves_a_session_that_goes_on() -> None:
    one, other = pair()

    async def ours() -> None:
        session = calling()
        driver = await driver_of(SessionMachine(session), one)
        # Again and again, at every turn of the loop.
        for turns in range(6):
            running = asyncio.create_task(driver.run(lambda event: True))
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            (done,) = await asyncio.gather(running, return_exceptions=True)
            assert isinstance(done, asyncio.CancelledError)
        second = threads.start("blocking", Session(), Takes(), other)
        event = await driver.run(lambda event: isinstance(event, oftp.ConnectCf))
        assert isinstance(event, oftp.ConnectCf)
        # In the middle of a handler: what it was told is told, and nothing else is lost.
        entered = asyncio.Event()

        async def slow(event: object) -> bool:
            entered.set()
            await asyncio.Event().wait()
            return True

        session.start_file_rq(the_file(size=1))
        running = asyncio.create_task(driver.run(slow))
        await entered.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        session.data_rq(b"octets")
        session.close_file_rq()
        event = await driver.run(lambda event: isinstance(event, oftp.CloseFileCf))
        assert isinstance(event, oftp.CloseFileCf)
        await driver.close(5)
        assert driver.is_over
        with pytest.raises(oftp.EmergencyCloseDown):
            await asyncio.wrap_future(second)

    with Threads() as threads:
        asyncio.run(ours())


def test_cancelling_run_session_ends_the_session() -> None:
    one, other = pair()

    class Waits(Sends):
        def connect_cf(self, session: Session, event: oftp.ConnectCf) -> None:
            up.set()

    async def ours() -> None:
        monitor = Waits(the_file(), [])
        task = asyncio.create_task(oftp.asyncio.run_session(calling(), monitor, one))
        await up.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    up = asyncio.Event()
    with Threads() as threads:
        second = threads.start("blocking", Session(), Takes(), other)
        asyncio.run(ours())
        with pytest.raises(oftp.UnspecifiedAbort):
            second.result()


def test_work_is_done_aside_while_the_session_goes_on() -> None:
    one, other = pair()
    told = threading.Event()
    log: list[str] = []
    loop_thread = threading.get_ident()

    def work() -> None:
        assert threading.get_ident() != loop_thread
        assert told.wait(30)
        log.append("run")

    def then() -> None:
        assert threading.get_ident() == loop_thread
        log.append("then")
        script.actions = [Told("last")]

    script = Script(Work(work, then), Told("meanwhile"), Wait(None))

    async def ours() -> None:
        driver = await driver_of(script, one)
        assert await driver.run(lambda event: True) == "meanwhile"
        told.set()
        assert await driver.run(lambda event: True) == "last"
        script.actions = [Wait(None)]
        other.close()
        assert await driver.run() is None
        assert log == ["run", "then"]

    asyncio.run(ours())


def test_what_work_raises_comes_out_of_run() -> None:
    one, other = pair()

    def work() -> None:
        raise LookupError("aside")

    async def ours() -> None:
        driver = await driver_of(Script(Work(work, work), Wait(None)), one)
        with pytest.raises(LookupError, match="aside"):
            await driver.run()
        await driver.close()

    with other:
        other.shutdown(socket.SHUT_WR)
        asyncio.run(ours())


def test_a_timer_of_the_session_ends_it() -> None:
    one, other = pair()
    config = Config(start=0.01, disconnect=0.01)
    with other:
        with pytest.raises(oftp.SessionAborted):
            run("asyncio", calling(config), Sends(the_file(), []), one)
