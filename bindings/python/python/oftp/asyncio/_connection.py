"""`connect`: a session with files, for asyncio (RFC 5024 chapters 3 and 4)."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self, Unpack

from .._base import Base
from .._exchange import Calls
from .._fields import Config, EndResponse
from .._files import Handler, ReceivedFile, SentFile
from .._machine import HANDSHAKE, LINGER
from .._oftp import Mailbox
from .._opening import Tls, address_of, context, mailbox_of
from .._pool import Pool
from .._sources import How, Source
from .._stations import Identity, Partner
from ..mailbox import Progress, Result, Told
from ._protocol import Driver

__all__ = ["Connection", "connect"]


async def connect(
    host: str,
    port: int | None = None,
    *,
    partner: Partner | str,
    identity: Identity | None = None,
    inbox: str | os.PathLike[str] | None = None,
    handler: Handler | None = None,
    config: Config | None = None,
    tls: Tls = False,
    timeout: float | None = 60.0,
    mailbox: Mailbox | None = None,
) -> Connection:
    """Calls a partner, and returns when the session is up. As `oftp.connect`; methods of `handler`
    may be coroutines."""
    partners = [partner] if isinstance(partner, Partner) else []
    code = partner.code if isinstance(partner, Partner) else partner
    box = mailbox_of(identity, partners, config=config, inbox=inbox, mailbox=mailbox)
    secured = context(box, tls, server=False, required=False)
    loop = asyncio.get_running_loop()
    # What an earlier process left in the folder may take its time.
    await loop.run_in_executor(None, box.call, code)
    connection = Connection(
        box,
        handler or Handler(),
        has_folder=box.has_folder,
        calls=(code, host),
        own_context=isinstance(tls, ssl.SSLContext),
    )
    address = address_of(host, port, tls)
    try:
        async with asyncio.timeout(timeout):
            await loop.create_connection(
                lambda: connection._driver,
                *address,
                ssl=secured,
                server_hostname=host if secured else None,
                ssl_handshake_timeout=HANDSHAKE if secured else None,
                ssl_shutdown_timeout=LINGER if secured else None,
            )
            await connection._run(lambda: connection.is_up)
    except BaseException:
        await connection.close()
        raise
    return connection


class Connection(Base):
    """A session with a partner, for asyncio. Tasks may share it: each waits for its own file.

    It stands still while none of its methods is awaited. As an asynchronous context manager it
    ends the session in order; leaving by an exception, a cancellation too, ends it at once (ESID
    99). What was not finished goes on by ``connect(..., mailbox=connection.mailbox)``. Time limits
    are `asyncio.timeout`'s: a call that is cancelled leaves everything as it is.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        handler: Handler,
        *,
        has_folder: bool,
        calls: tuple[str, str] | None = None,
        own_context: bool = False,
        required: bool = False,
        pool: Pool | None = None,
    ) -> None:
        super().__init__(
            mailbox,
            handler,
            has_folder=has_folder,
            calls=calls,
            own_context=own_context,
            required=required,
            pool=pool,
        )
        self._driver: Driver[Told | Progress] = Driver(self._machine)
        #: Who runs the session for all that wait, and how many wait for that.
        self._running = asyncio.Lock()
        self._waiting = 0

    def _tls(self) -> object:
        return self._driver.tls

    # -- files ------------------------------------------------------------------------------------

    async def send(self, source: Source, **how: Unpack[How]) -> SentFile:
        """Sends a file, and returns when the partner has stored it (EFPA): as
        `oftp.Connection.send`."""
        sent = await self.queue(source, **how)
        await self.wait_stored(sent)
        return sent

    async def queue(self, source: Source, **how: Unpack[How]) -> SentFile:
        """As `send`, but only queues it: it is sent by the calls that follow. It is hashed and
        sealed now, on another thread."""
        async with self._turn():
            work = functools.partial(self._queue, source, how)
            # A thread cannot be taken back: the mailbox is its own until it is done.
            return await _uninterrupted(asyncio.get_running_loop().run_in_executor(None, work))

    async def wait_stored(self, sent: SentFile) -> None:
        """Until the partner has stored a file that was queued: as `oftp.Connection.wait_stored`."""
        await self._run(lambda: sent.stored or sent.error is not None)
        self._check_stored(sent)

    async def wait_response(self, sent: SentFile) -> EndResponse:
        """Until the end response of a file came: as `oftp.Connection.wait_response`."""
        await self._run(lambda: sent.response is not None or sent.error is not None)
        return self._response_of(sent)

    async def receive(self) -> ReceivedFile | None:
        """The next file that came: as `oftp.Connection.receive`."""
        came = self._exchange.came
        await self._run(lambda: bool(came))
        return came.popleft() if came else None

    async def __aiter__(self) -> AsyncIterator[ReceivedFile]:
        """The files that come, to the end of the session."""
        while (received := await self.receive()) is not None:
            yield received

    # -- the end ----------------------------------------------------------------------------------

    async def finish(self) -> Result:
        """Runs the session to its end: as `oftp.Connection.finish`."""
        await self._run(lambda: False)
        return self.result

    async def close(self) -> None:
        """Ends the session at once, by ESID 99 where it has not ended; never raises but when it is
        cancelled. What was not finished stays in `mailbox`."""
        async with self._turn():
            try:
                await self._driver.close(99, "closed")
            except OSError:
                pass  # The connection is gone in any case.
            finally:
                self._leave()

    def end_soon(self) -> None:
        """Has the session ended by ESID 05."""
        self._driver.call_soon(self._end)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                await self.finish()
        finally:
            await self.close()

    # -- within -----------------------------------------------------------------------------------

    async def _run(self, done: Callable[[], bool]) -> None:
        """Runs until `done`, or to the end of the session; or waits while another task does."""

        async def until(told: Told | Progress) -> bool:
            self._note(told)
            await self._make(self._exchange.on(told))
            # What was told may be what another task waits for: it looks, and runs the session on.
            return done() or self._waiting > 0

        while not done() and not self._driver.is_over:
            async with self._turn():
                if not done() and not self._driver.is_over:
                    await self._driver.run(until)
        if not done():
            self._check()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """The session is this task's. The lock is fair: who waits longest is next."""
        self._waiting += 1
        try:
            await self._running.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._running.release()

    async def _make(self, calls: Calls) -> None:
        """Makes the calls of the user's, and waits for them."""
        try:
            call = next(calls)
            while True:
                try:
                    result = call()
                    if inspect.isawaitable(result):
                        result = await result
                except BaseException as error:
                    call = calls.throw(error)
                else:
                    call = calls.send(result)
        except StopIteration:
            pass
        except BaseException as error:
            self._exchange.fail(error)
            raise


async def _uninterrupted(future: asyncio.Future[SentFile]) -> SentFile:
    """Waits for it to the end; a cancellation comes after it."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise
