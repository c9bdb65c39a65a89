"""`run_session`: one session with its `UserMonitor` over a socket, for asyncio."""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl as tls
from collections.abc import AsyncIterator, Awaitable, Iterator

from .._dispatch import Dispatch
from .._machine import HANDSHAKE, LINGER, DataWanted
from .._monitor import Piece, UserMonitor
from .._oftp import Session
from ._protocol import Driver

__all__ = ["run_session"]


async def run_session(
    session: Session,
    monitor: UserMonitor,
    sock: socket.socket,
    *,
    ssl: tls.SSLContext | None = None,
    server_side: bool = False,
    server_hostname: str | None = None,
) -> None:
    """Runs one session over a connection, until both are over.

    A session of which `Session.connect_rq` was asked is the Initiator, another one the Responder.

    :param session: A new session.
    :param monitor: Decides what it does; its methods are functions or coroutines.
    :param sock: A connected socket, plain. It is closed at the end.
    :param ssl: Use TLS over it.
    :param server_side: Be the server of TLS.
    :param server_hostname: The name that the certificate of the server must have.
    :raises SessionAborted: The session has failed, and the monitor does not define
        `UserMonitor.abort_ind`.
    :raises OSError: The handshake of TLS has failed.

    What a method raises ends the session with ESID 99, and is raised. Cancelling ends it so, too.
    """
    loop = asyncio.get_running_loop()
    dispatch = Dispatch(session, monitor)
    driver = Driver(dispatch.machine, None if ssl else sock)
    sock.setblocking(False)
    try:
        if server_side:
            await loop.connect_accepted_socket(
                lambda: driver,
                sock,
                ssl=ssl,
                ssl_handshake_timeout=HANDSHAKE if ssl else None,
                ssl_shutdown_timeout=LINGER if ssl else None,
            )
        else:
            await loop.create_connection(
                lambda: driver,
                sock=sock,
                ssl=ssl,
                server_hostname=(server_hostname or "") if ssl else None,
                ssl_handshake_timeout=HANDSHAKE if ssl else None,
                ssl_shutdown_timeout=LINGER if ssl else None,
            )
    except BaseException:
        sock.close()
        raise
    monitored = _Monitored(dispatch, driver)
    runners = monitor.__dict__.setdefault("_runners", {})
    runners[id(session)] = driver.call_soon
    try:
        await driver.run(monitored)
    finally:
        del runners[id(session)]
        dispatch.machine.has_data = False
        try:
            await driver.close()
        finally:
            await monitored.close()
    dispatch.raise_abort()


class _Monitored:
    """Shows the monitor what is told."""

    def __init__(self, dispatch: Dispatch, driver: Driver[object]) -> None:
        self._dispatch = dispatch
        self._driver = driver
        self._fetching: asyncio.Task[Piece] | None = None

    def __call__(self, event: object) -> bool | Awaitable[bool]:
        if isinstance(event, DataWanted):
            self._supply()
            return False
        dispatch = self._dispatch
        try:
            answer = dispatch.ask(event)
            if answer is not None and inspect.isawaitable(answer):
                return self._later(event, answer)
            more = dispatch.take(event, answer)
        except Exception as error:
            if not dispatch.came_too_late(error):
                raise
            return False
        return False if more is None else self(more)

    async def _later(self, event: object, coming: Awaitable[object]) -> bool:
        try:
            more = self._dispatch.take(event, await coming)
        except Exception as error:
            if not self._dispatch.came_too_late(error):
                raise
            return False
        if more is not None:
            answer = self(more)
            if not isinstance(answer, bool):
                await answer
        return False

    def _supply(self) -> None:
        dispatch = self._dispatch
        sending = dispatch.sending
        while sending is not None and sending.has_room:
            if sending.wants_piece:
                pieces = sending.pieces
                try:
                    if isinstance(pieces, Iterator):
                        sending.give(next(pieces))
                    elif self._fetching is None:
                        self._fetch(pieces)
                        return
                    else:
                        fetched, self._fetching = self._fetching, None
                        sending.give(fetched.result())
                except (StopIteration, StopAsyncIteration):
                    sending.end()
            elif sending.put():
                dispatch.machine.has_data, dispatch.sending = False, None
                return

    def _fetch(self, pieces: AsyncIterator[Piece]) -> None:
        """The session goes on while a piece is waited for."""

        async def fetch() -> Piece:
            return await anext(pieces)

        def fetched(task: asyncio.Task[Piece]) -> None:
            if task is self._fetching:
                self._dispatch.machine.has_data = True
                self._driver.wake()

        self._dispatch.machine.has_data = False
        self._fetching = asyncio.ensure_future(fetch())
        self._fetching.add_done_callback(fetched)

    async def close(self) -> None:
        """Lets a generator that gave data clean up."""
        fetching, self._fetching = self._fetching, None
        if fetching is not None:
            fetching.cancel()
            await asyncio.wait([fetching])
            if not fetching.cancelled():
                fetching.exception()
        sending, self._dispatch.sending = self._dispatch.sending, None
        if sending is None:
            return
        if isinstance(sending.pieces, Iterator):
            close = getattr(sending.pieces, "close", None)
            if close is not None:
                close()
        else:
            aclose = getattr(sending.pieces, "aclose", None)
            if aclose is not None:
                await aclose()
