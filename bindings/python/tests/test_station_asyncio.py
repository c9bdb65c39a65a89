"""`oftp.asyncio.Station`."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

import oftp.asyncio
from oftp import ConfigError, UserError
from oftp.asyncio import Station

from station_folders import LIMIT, folder_of


def alpha(tmp_path: Path, at_beta: Station | None = None) -> Path:
    port = None if at_beta is None else at_beta.addresses[0][1]
    return folder_of(tmp_path, "ALPHA", "BETA", port)


def beta(tmp_path: Path) -> Path:
    return folder_of(tmp_path, "BETA", "ALPHA")


def test_two_stations_in_one_loop(tmp_path: Path) -> None:
    async def main() -> None:
        async with Station(beta(tmp_path)) as at_beta, Station(alpha(tmp_path, at_beta)) as station:
            file = await station.submit("beta", b"goods", dsn="GOODS")
            kinds = []

            async def read() -> None:
                async for event in station.events():
                    if event.file == file.id:
                        kinds.append(event.kind)

            reader = asyncio.create_task(read())
            done, ticks = await asyncio.gather(station.wait(file, LIMIT), count(station))
            assert done.state == "done"
            assert ticks > 0
            (came,) = await at_beta.files(direction="in")
            came = await at_beta.wait(came, LIMIT)
            assert came.path is not None and Path(came.path).read_bytes() == b"goods"
            assert (await at_beta.status()).running
            await station.stop(LIMIT)
            await asyncio.wait_for(reader, LIMIT)
            assert kinds == ["file_queued", "file_efid_sent", "file_sent", "file_done"]
            assert (await station.file(file)).state == "done"

    async def count(station: Station) -> int:
        """The loop goes on meanwhile."""
        ticks = 0
        while await station.files(open=True):
            ticks += 1
            await asyncio.sleep(0)
        return ticks

    asyncio.run(main())


def test_what_waits_can_be_cancelled(tmp_path: Path) -> None:
    async def main() -> None:
        async with Station(beta(tmp_path)) as station:
            file = await station.submit("alpha", b"x", dsn="A")
            with pytest.raises(TimeoutError):
                await station.wait(file, 0)
            after = await station.last_event()

            async def read() -> None:
                async for event in station.events(after):
                    raise AssertionError(event)

            tasks = [asyncio.create_task(station.wait(file)), asyncio.create_task(read())]
            await asyncio.sleep(0)
            with socket.create_connection(station.addresses[0], timeout=LIMIT) as partner:
                assert await asyncio.to_thread(partner.recv, 64)
                stop = asyncio.create_task(station.stop(LIMIT))
                await asyncio.sleep(0)
                for task in [*tasks, stop]:
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                assert not await station.stop(0)
            assert not station.is_running

    asyncio.run(main())


def test_it_must_be_open(tmp_path: Path) -> None:
    async def main() -> None:
        station = Station(alpha(tmp_path))
        with pytest.raises(UserError, match="open"):
            await station.files()
        assert not station.is_running and station.addresses == []
        await station.open()
        file = await station.submit("beta", b"x", dsn="A")
        assert [event.file async for event in station.events()] == [file.id]
        assert (await station.cancel(file)).state == "cancelled"
        with pytest.raises(ConfigError):
            await Station(tmp_path).open()

    asyncio.run(main())


def test_it_has_all_that_the_other_one_has() -> None:
    def names(of: type) -> set[str]:
        return {name for name in vars(of) if not name.startswith("_")}

    assert names(oftp.Station) - {"look"} == names(Station) - {"open"}
