"""`serve`: a port where partners call, for asyncio (RFC 5024 2.2)."""

# `connect` and the server are of the family.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, Unpack

from .._exceptions import OftpError
from .._fields import Config
from .._files import Handler, SentFile
from .._machine import HANDSHAKE, LINGER
from .._oftp import Mailbox
from .._opening import Tls, address_of, context, listen, mailbox_of
from .._pool import Pool
from .._sources import How, Source
from .._stations import Identity, Partner
from ._connection import Connection

__all__ = ["Server", "serve"]

_log = logging.getLogger("oftp")

#: Seconds until calls are accepted again, where descriptors are short.
_PAUSE = 0.1

#: What makes a handler for each session.
Handlers = Handler | Callable[[], Handler] | None


async def serve(
    host: str = "127.0.0.1",
    port: int | None = None,
    *,
    identity: Identity,
    partners: Sequence[Partner],
    inbox: str | os.PathLike[str] | None = None,
    handler: Handlers = None,
    config: Config | None = None,
    tls: Tls = False,
    client_certificates: bool = False,
    max_sessions: int = 10_000,
) -> Server:
    """Opens a port where partners call, and answers from then on. As `oftp.serve`, but that each
    session is a task; methods of `handler` may be coroutines."""

    def begin() -> tuple[Pool, ssl.SSLContext | None]:
        first = mailbox_of(identity, partners, config=config, inbox=inbox)
        return Pool(first, partners), context(
            first, tls, server=True, required=client_certificates
        )

    # Keys may take their time, and what an earlier process left in the folder.
    pool, secured = await asyncio.get_running_loop().run_in_executor(None, begin)
    listener = listen(*address_of(host, port, tls), backlog=1024)
    return Server(
        listener,
        pool,
        handler,
        secured,
        has_folder=inbox is not None,
        own_context=isinstance(tls, ssl.SSLContext),
        required=client_certificates,
        max_sessions=max_sessions,
    )


class Server:
    """A port where partners call; each session is a task. As an asynchronous context manager it is
    closed at the end, sessions that run are ended (ESID 05)."""

    def __init__(
        self,
        listener: socket.socket,
        pool: Pool,
        handler: Handlers,
        context: ssl.SSLContext | None,
        *,
        has_folder: bool,
        own_context: bool,
        required: bool,
        max_sessions: int,
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._address: tuple[str, int] = listener.getsockname()[:2]
        self._pool = pool
        self._handler = handler
        self._context = context
        self._has_folder = has_folder
        self._own_context = own_context
        self._required = required
        self._room = asyncio.Semaphore(max_sessions)
        self._sessions: dict[asyncio.Task[None], Connection | None] = {}
        #: Those that have not had their first turn: cancelled before, they never have one.
        self._fresh: dict[asyncio.Task[None], socket.socket] = {}
        self._accepting = asyncio.create_task(self._accept(), name="oftp server")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens."""
        return self._address

    @property
    def port(self) -> int:
        """The port where it listens."""
        return self._address[1]

    def queue(self, partner: str, source: Source, **how: Unpack[How]) -> SentFile:
        """Keeps a file for a partner who will call: as `oftp.Server.queue`."""
        return self._pool.wait(partner, source, how)

    async def serve_forever(self) -> None:
        """Until it is closed."""
        await asyncio.wait([self._accepting])

    async def close(self) -> None:
        """Answers no more calls, ends the sessions that run (ESID 05) and waits for them, but for
        one that has called this itself."""
        self._accepting.cancel()
        await asyncio.wait([self._accepting])
        self._listener.close()
        me = asyncio.current_task()
        for task, connection in self._sessions.items():
            if connection is None:
                task.cancel()  # It is still in the handshake.
            else:
                connection.end_soon()
        others = [
            task
            for task, connection in self._sessions.items()
            if task is not me and not (connection is not None and connection._is_inside)
        ]
        if others:
            await asyncio.wait(others)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # -- within -----------------------------------------------------------------------------------

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._room.acquire()
            # Not `sock_accept`: cancelled at the wrong moment, it loses the call.
            readable: asyncio.Future[None] = loop.create_future()
            loop.add_reader(self._listener, _set, readable)
            try:
                await readable
            finally:
                loop.remove_reader(self._listener)
            try:
                sock, address = self._listener.accept()
            except (BlockingIOError, ConnectionError):
                self._room.release()
                continue
            except OSError as error:
                # No descriptor is left, for example: others must end first.
                _log.warning("a call could not be accepted: %s", error)
                self._room.release()
                await asyncio.sleep(_PAUSE)
                continue
            sock.setblocking(False)
            task = asyncio.create_task(self._session(sock, address), name=f"oftp {address[0]}")
            self._sessions[task] = None
            self._fresh[task] = sock
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sessions.pop(task, None)
        sock = self._fresh.pop(task, None)
        if sock is not None:
            sock.close()
        self._room.release()

    async def _session(self, sock: socket.socket, address: tuple[str, int]) -> None:
        task = asyncio.current_task()
        assert task is not None
        del self._fresh[task]
        try:
            connection = await self._answer(sock)
            self._sessions[task] = connection
            if self._accepting.done():
                connection.end_soon()
            async with connection:
                pass
        except (OftpError, OSError) as error:
            _log.warning("session with %s: %s", address[0], error)
        except Exception:
            _log.exception("session with %s: a handler has failed", address[0])

    async def _answer(self, sock: socket.socket) -> Connection:
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(None, self._begin)
        try:
            mailbox = await asyncio.shield(future)
        except BaseException:
            sock.close()
            await asyncio.wait([future])
            if not future.cancelled() and future.exception() is None:
                self._give_back(future.result())
            raise
        try:
            handler = self._handler() if callable(self._handler) else self._handler
            connection = Connection(
                mailbox,
                handler or Handler(),
                has_folder=self._has_folder,
                own_context=self._own_context,
                required=self._required,
                pool=self._pool,
                collects=False,
            )
        except BaseException:
            sock.close()
            self._give_back(mailbox)
            raise
        try:
            await loop.connect_accepted_socket(
                lambda: connection._driver,
                sock,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE if self._context else None,
                ssl_shutdown_timeout=LINGER if self._context else None,
            )
        except BaseException:
            await connection.close()
            raise
        return connection

    def _begin(self) -> Mailbox:
        mailbox = self._pool.take()
        try:
            mailbox.answer()
        except BaseException:
            self._give_back(mailbox)
            raise
        return mailbox

    def _give_back(self, mailbox: Mailbox) -> None:
        mailbox.suspend()
        self._pool.give_back(mailbox)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
