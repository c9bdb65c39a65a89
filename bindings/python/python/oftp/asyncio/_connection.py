"""`connect`: a session with files, for asyncio (RFC 5024 chapters 3 and 4)."""

# `connect` and the server are of the family.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import functools
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from inspect import isawaitable
from types import TracebackType
from typing import Self, Unpack, cast

from .._base import Base
from .._exceptions import UserError
from .._exchange import Aside, Call, Calls
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

    def begin() -> tuple[Mailbox, ssl.SSLContext | None]:
        box = mailbox_of(identity, partners, config=config, inbox=inbox, mailbox=mailbox)
        secured = context(box, tls, server=False, required=False)
        box.call(code)
        return box, secured

    loop = asyncio.get_running_loop()
    # Keys may take their time, and what an earlier process left in the folder.
    future = loop.run_in_executor(None, begin)
    try:
        box, secured = await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        if not future.cancelled() and future.exception() is None:
            future.result()[0].suspend()
        raise
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
        connection._check_up()
    except BaseException:
        await connection.close()
        raise
    return connection


class Connection(Base):
    """A session with a partner, for asyncio. Tasks may share it: each waits for its own file.

    It stands still while none of its methods is awaited. What is called by it, a `Handler`, may
    `queue` files, but not wait for it. As an asynchronous context manager it
    ends the session in order; leaving by an exception, a cancellation too, ends it at once (ESID
    99). What was not finished goes on by ``connect(..., mailbox=connection.mailbox)``. Time limits
    are `asyncio.timeout`'s: a call that is cancelled leaves everything as it is; a file of `send`
    that was queued already stays so, and a method of the handler is waited for by the next call.
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
        collects: bool = True,
    ) -> None:
        super().__init__(
            mailbox,
            handler,
            has_folder=has_folder,
            calls=calls,
            own_context=own_context,
            required=required,
            pool=pool,
            collects=collects,
        )
        self._driver: Driver[Told | Progress] = Driver(self._machine)
        #: Who runs the session for all that wait, and how many wait for that.
        self._running = asyncio.Lock()
        self._waiting = 0
        #: A call of the handler that is waited for.
        self._handling: asyncio.Future[object] | None = None
        #: A call of the handler that goes on although nobody waits for it.
        self._left: tuple[Calls, asyncio.Future[object]] | None = None
        self._end_of_all: asyncio.Task[None] | None = None

    def _tls(self) -> object:
        return self._driver.tls

    def _cut(self) -> None:
        self._driver.cut()

    # -- files ------------------------------------------------------------------------------------

    async def send(self, source: Source, **how: Unpack[How]) -> SentFile:
        """Sends a file, and returns when the partner has stored it (EFPA): as
        `oftp.Connection.send`."""
        if self._is_inside:
            raise _inside()
        sent = await self.queue(source, **how)
        await self.wait_stored(sent)
        return sent

    async def queue(self, source: Source, **how: Unpack[How]) -> SentFile:
        """As `send`, but only queues it: it is sent by the calls that follow. It is hashed and
        sealed now, on another thread."""
        self._check_session()
        if self._is_inside:
            return await self._queue_aside(source, how)
        async with self._turn():
            await self._driver.settle()
            self._check_session()
            return await self._queue_aside(source, how)

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
        cancelled, which drops the connection. What was not finished stays in `mailbox`. Called by a
        handler it is as `end_soon`."""
        if self._closed:
            return
        if os.getpid() != self._pid:
            self._closed = True  # The session is the parent's.
            return
        if self._is_inside:
            self.end_soon()
            return
        if self._end_of_all is None:
            self._end_of_all = asyncio.create_task(self._close())
        try:
            await asyncio.shield(self._end_of_all)
        except asyncio.CancelledError:
            self._driver.cut()
            await asyncio.wait([self._end_of_all])
            raise

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
            if kind is None and not self._closed:
                await self.finish()
        finally:
            await self.close()

    # -- within -----------------------------------------------------------------------------------

    async def _run(self, done: Callable[[], bool]) -> None:
        """Runs until `done`, or to the end of the session; or waits while another task does."""

        async def until(told: Told | Progress) -> bool:
            await self._make(self._on(told))
            # What was told may be what another task waits for: it looks, and runs the session on.
            return done() or self._waiting > 0

        while not done():
            self._check_open()
            if self._is_inside:
                raise _inside()
            if self._driver.is_over and self._left is None:
                return self._check()
            async with self._turn():
                if not done() and not self._driver.is_over:
                    await self._driver.run(until)

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None, None]:
        """The session is this task's. The lock is fair: who waits longest is next."""
        self._waiting += 1
        try:
            await self._running.acquire()
        finally:
            self._waiting -= 1
        try:
            if self._left is not None:
                (calls, future), self._left = self._left, None
                await self._make(calls, future)
            yield
        finally:
            self._running.release()

    async def _close(self) -> None:
        if self._running.locked():
            # Who runs it runs it to its end.
            self._driver.call_soon(lambda: self._machine.release(99, "closed"))
        async with self._running:
            try:
                await self._forget()
                await self._driver.close(99, "closed")
            except OSError:
                pass  # The connection is gone in any case.
            finally:
                self._leave()

    async def _forget(self) -> None:
        """What a handler that was left says is of no interest any more."""
        if self._left is not None:
            (calls, future), self._left = self._left, None
            if isinstance(future, asyncio.Task):  # Else it is a thread.
                future.cancel()
            await asyncio.wait([future])
            if not future.cancelled():
                future.exception()
            calls.close()

    # -- calls of the user's, and work ------------------------------------------------------------

    async def _make(self, calls: Calls, waits: asyncio.Future[object] | None = None) -> None:
        """Makes the calls of the user's, and waits for them.

        :param waits: A call that was made before."""
        call: Call | None = None
        answer: object = None
        try:
            if waits is None:
                call = next(calls)
            while True:
                try:
                    if call is not None:
                        answer = self._aside(call) if isinstance(call, Aside) else call()
                        waits = asyncio.ensure_future(answer) if isawaitable(answer) else None
                    result = answer if waits is None else await self._wait(calls, waits)
                except BaseException as error:
                    if self._left is not None:
                        raise
                    call = calls.throw(error)
                else:
                    call = calls.send(result)
        except StopIteration:
            pass
        except BaseException as error:
            if self._left is None:
                self._exchange.fail(error)
            raise

    async def _wait(self, calls: Calls, future: asyncio.Future[object]) -> object:
        """Waits for a call of the handler; cancelled, it is left to go on."""
        self._handling = future
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.cancelled():
                self._left = (calls, future)
            raise
        finally:
            self._handling = None

    def _aside(self, work: Callable[[], object]) -> asyncio.Future[object]:
        """Works with the mailbox on another thread."""
        self._machine.begin_work()
        future = asyncio.get_running_loop().run_in_executor(None, work)
        future.add_done_callback(self._worked)
        return future

    def _worked(self, _: object) -> None:
        self._machine.end_work()
        self._driver.wake()

    async def _queue_aside(self, source: Source, how: How) -> SentFile:
        future = self._aside(functools.partial(self._queue, source, how))
        try:
            return cast(SentFile, await asyncio.shield(future))
        except asyncio.CancelledError:
            # A thread cannot be taken back.
            await asyncio.wait([future])
            if not future.cancelled() and future.exception() is None:
                sent = cast(SentFile, future.result())
                if self.mailbox.cancel(sent.id):
                    del self._exchange.sent[sent.id]
            raise

    @property
    def _is_inside(self) -> bool:
        return self._handling is not None and asyncio.current_task() is self._handling


def _inside() -> UserError:
    return UserError("a handler cannot wait for the connection that waits for it")
