"""`Station` for asyncio: what touches the disk is done by the executor, what is waited for is looked
for now and then, so that no thread is kept waiting and any task can be cancelled."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, ParamSpec, Self, TypeVar, Unpack

from .._exceptions import UserError
from .._sources import Source
from .._station import Station as _Blocking
from .._station_values import (
    StationEvent,
    StationFile,
    StationPartner,
    StationStatus,
    Submission,
)

__all__ = ["Station"]

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds between two looks.
_PAUSE = 0.1


class Station:
    """`oftp.Station` for asyncio: the same methods, and those that wait or touch the disk are
    coroutines. It is opened by `open`, and opened and started by ``async with``::

        async with oftp.asyncio.Station("/var/lib/oftp") as station:
            async for event in station.events(after=last):
                ...

    Tasks may share it, also those of different loops. A coroutine that is cancelled loses nothing;
    what it had begun on the disk is done.

    :param folder: The folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        #: The folder.
        self.folder: str = os.path.abspath(str(os.fspath(folder)))
        self._opened: _Blocking | None = None

    async def open(self) -> None:
        """Opens the station, without running it; nothing where it is open.

        :raises ConfigError: There is no station, or its configuration has faults.
        :raises OSError: The folder or the journal cannot be used.
        """
        if self._opened is None:
            self._opened = await _aside(_Blocking, self.folder)

    async def start(self) -> None:
        """Runs the station, as `oftp.Station.start`; opens it where that is not done."""
        await self.open()
        await _aside(self._station.start)

    async def stop(self, timeout: float = 30.0) -> bool:
        """Stops the station, as `oftp.Station.stop`. Cancelled, it leaves a station that has begun
        to stop.

        :returns: Whether it ended in good order.
        """
        await self.begin_stop()
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while self.is_running and loop.time() < end:
            await asyncio.sleep(_PAUSE)
        return await _aside(self._station.stop, 0.0)

    async def begin_stop(self) -> None:
        """As `oftp.Station.begin_stop`."""
        await _aside(self._station.begin_stop)

    async def is_run(self) -> bool:
        """As `oftp.Station.is_run`."""
        return await _aside(lambda: self._station.is_run)

    @property
    def is_running(self) -> bool:
        """Whether this object runs the station, up to the very end of `stop`."""
        return self._opened is not None and self._opened.is_running

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Hosts and ports that are listened on. None while it does not run."""
        return [] if self._opened is None else self._opened.addresses

    async def reload(self) -> None:
        """As `oftp.Station.reload`."""
        await _aside(self._station.reload)

    async def messages(self) -> list[str]:
        """As `oftp.Station.messages`."""
        return await _aside(self._station.messages)

    async def submit(
        self, partner: str, source: Source, **said: Unpack[Submission]
    ) -> StationFile:
        """As `oftp.Station.submit`. File objects and iterables are read by another thread."""
        return await _aside(lambda: self._station.submit(partner, source, **said))

    async def files(
        self,
        *,
        direction: Literal["in", "out"] | None = None,
        partner: str | None = None,
        state: str | None = None,
        open: bool | None = None,
        text: str | None = None,
        since: datetime | None = None,
        before: StationFile | int | None = None,
        limit: int = 0,
    ) -> list[StationFile]:
        """As `oftp.Station.files`."""
        return await _aside(
            self._station.files,
            direction=direction,
            partner=partner,
            state=state,
            open=open,
            text=text,
            since=since,
            before=before,
            limit=limit,
        )

    async def file(self, file: StationFile | int) -> StationFile:
        """As `oftp.Station.file`."""
        return await _aside(self._station.file, file)

    async def details(self, file: StationFile | int) -> dict[str, Any]:
        """As `oftp.Station.details`."""
        return await _aside(self._station.details, file)

    async def wait(self, file: StationFile | int, timeout: float | None = None) -> StationFile:
        """As `oftp.Station.wait`."""
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            try:
                return await _aside(self._station.wait, file, 0.0)
            except TimeoutError:
                if end is not None and loop.time() >= end:
                    raise
            await asyncio.sleep(_PAUSE)

    async def hold(self, file: StationFile | int) -> StationFile:
        """As `oftp.Station.hold`."""
        return await _aside(self._station.hold, file)

    async def release(self, file: StationFile | int) -> StationFile:
        """As `oftp.Station.release`."""
        return await _aside(self._station.release, file)

    async def cancel(self, file: StationFile | int, *, force: bool = False) -> StationFile:
        """As `oftp.Station.cancel`."""
        return await _aside(self._station.cancel, file, force=force)

    async def resend(self, file: StationFile | int, *, force: bool = False) -> StationFile:
        """As `oftp.Station.resend`."""
        return await _aside(self._station.resend, file, force=force)

    async def partners(self) -> list[StationPartner]:
        """As `oftp.Station.partners`."""
        return await _aside(self._station.partners)

    async def call(self, partner: str) -> None:
        """As `oftp.Station.call`."""
        await _aside(self._station.call, partner)

    async def hold_partner(self, partner: str) -> None:
        """As `oftp.Station.hold_partner`."""
        await _aside(self._station.hold_partner, partner)

    async def release_partner(self, partner: str) -> None:
        """As `oftp.Station.release_partner`."""
        await _aside(self._station.release_partner, partner)

    async def status(self) -> StationStatus:
        """As `oftp.Station.status`."""
        return await _aside(self._station.status)

    async def events(
        self, after: int = 0, timeout: float | None = None
    ) -> AsyncIterator[StationEvent]:
        """As `oftp.Station.events`."""
        station, loop = self._station, asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            # Before the look: what it wrote last is seen by this look.
            runs = await self.is_run()
            events = await _aside(station.look, after)
            for event in events:
                after = event.id
                yield event
            if events:
                end = None if timeout is None else loop.time() + timeout
            elif not runs or (end is not None and loop.time() >= end):
                return
            else:
                await asyncio.sleep(_PAUSE)

    async def last_event(self) -> int:
        """As `oftp.Station.last_event`."""
        return await _aside(lambda: self._station.last_event)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"<Station {self.folder!r}>"

    @property
    def _station(self) -> _Blocking:
        if self._opened is None:
            raise UserError("the station is not open: `await station.open()`, or `async with`")
        return self._opened


async def _aside(work: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> T:
    return await asyncio.to_thread(work, *arguments, **more)
