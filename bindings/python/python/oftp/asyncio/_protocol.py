"""Carries a `Machine` over a transport of asyncio (RFC 5024 chapter 2).

Nothing piles up: no output is asked for while the transport is full (`pause_writing`), and nothing
is read while the session does not want octets (`pause_reading`): who is slow stops the partner by
credit, and in the end by the network. Only public parts of asyncio are used, so any loop will do.

`Driver.run` may be cancelled at any moment and called again: nothing is lost. While nobody runs it,
the session stands still.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

from .._machine import (
    LAST_WORDS,
    LINGER,
    SWALLOWED,
    Disconnect,
    Machine,
    Told,
    Wait,
    Work,
    Write,
)

__all__ = ["Driver"]

E = TypeVar("E")

#: As many octets are read at once, at first and at most: a read that fills its room doubles it.
#: Idle sessions stay small, and a large file takes few turns of the loop.
_ROOM, _MOST = 16 * 1024, 1024 * 1024
#: After as many octets one way others have their turn.
_TURN = 256 * 1024


class Driver(asyncio.BufferedProtocol, Generic[E]):
    """One session over one transport, made by the protocol factory of
    `asyncio.loop.create_connection` or `asyncio.loop.connect_accepted_socket`. One task at a time
    may `run` it.

    :param machine: What has not been told that it is connected.
    :param sock: The plain socket below, where it is known: a partner's last words are read from it
        once the transport has given up.
    """

    def __init__(self, machine: Machine[E], sock: socket.socket | None = None) -> None:
        self.machine = machine
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._sock = sock
        self._transport: asyncio.Transport | None = None
        self._room = memoryview(bytearray(_ROOM))
        self._told: deque[E] = deque()
        self._works: list[tuple[asyncio.Future[object], Work]] = []
        self._calls: deque[Callable[[], object]] = deque()
        self._waker: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._full = False
        self._reading = True
        #: The machine asked for the end: what comes is swallowed.
        self._ending = False
        self._swallowed = 0
        self._lost = False
        self._reset_due = False
        self._heard_eof = False
        #: The end of the connection, which the machine is told when it has worked off what came
        #: before: an EFPA, say, that its handler's coroutine keeps waiting.
        self._eof_due = False
        self._gone_due = False
        self._limit: asyncio.TimerHandle | None = None
        self._over = False

    # -- what the transport says ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                pass  # Not TCP: a pair of sockets, say.
        self._tick()
        self.machine.connected()
        self._wake()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        if self._ending:
            self._swallowed += nbytes
            if self._swallowed >= SWALLOWED:
                self._wake()
            return
        self._tick()
        self.machine.received(self._room[:nbytes])
        if nbytes == len(self._room) < _MOST:
            self._room = memoryview(bytearray(2 * nbytes))
        if not self.machine.wants_octets:
            self._read(False)
        self._wake()

    def eof_received(self) -> bool:
        if not self._ending and not self._heard_eof:
            self._heard_eof = self._eof_due = True
        self._swallowed = SWALLOWED
        self._wake()
        # A plain transport stays until we close it; one of TLS closes itself, whatever is said.
        return self._transport is None or self._transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if not self._ending and not self._heard_eof:
            if exc is None:
                self._eof_due = True
            else:
                if isinstance(exc, ssl.SSLError):
                    self.machine.fault(f"TLS: {exc}")
                self._hear_last_words()
        self._gone_due = True
        if self._limit is not None:
            self._limit.cancel()
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    # -- what the host does -----------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether the session is over, and all of it told."""
        return self._over and not self._told

    @property
    def tls(self) -> object:
        """The `ssl.SSLObject` of the connection; ``None``: it is plain."""
        return None if self._transport is None else self._transport.get_extra_info("ssl_object")

    async def run(self, until: Callable[[E], bool | Awaitable[bool]] | None = None) -> E | None:
        """Runs the session.

        :param until: A function or coroutine that is shown everything that is told, once and in
            its order; the first that it says yes to is returned. While it takes its time, nothing
            more is told, and no more is read than the session holds. ``None``: to the end.
        :returns: ``None``: the session is over.
        """
        written = 0
        while True:
            if self._told:
                event = self._told.popleft()
                if until is not None:
                    answer = until(event)
                    if not isinstance(answer, bool):
                        answer = await answer
                    if answer:
                        return event
            elif self._calls:
                self._calls.popleft()()
            elif self._finish_works():
                pass
            elif self._over:
                return None
            elif self._ending and not self._lost:
                await self._close()
            elif self._full and not self._lost:
                if self._eof_due:
                    # Nobody reads what is left to be written.
                    self._eof_due = False
                    self.machine.eof()
                elif self.machine.is_over:
                    self._end()
                else:
                    self._resume_reading()
                    await self._wait(None)
            else:
                action = self.machine.next()
                if isinstance(action, Write):
                    self._write(action.octets)
                    written += len(action.octets)
                    if written >= _TURN:
                        written = 0
                        await asyncio.sleep(0)
                elif isinstance(action, Told):
                    self._told.append(action.event)
                elif isinstance(action, Work):
                    self._begin(action)
                elif self._eof_due and isinstance(action, Wait):
                    self._eof_due = False
                    self.machine.eof()
                elif self._gone_due:
                    self._gone_due = False
                    self.machine.disconnected(broken=self._reset_due)
                elif isinstance(action, Disconnect):
                    self._end()
                elif isinstance(action, Wait) and not self._lost:
                    self._resume_reading()
                    await self._wait(action.deadline)
                elif self._reset_due:
                    # F_ABORT_IND comes behind N_DISC_RQ (9.9 D).
                    self._reset_due = False
                    self.machine.reset()
                elif not self._lost:
                    self._end()
                elif self._works:
                    await self._wait(None)
                else:
                    self._over = True
                    if self._timer is not None:
                        self._timer.cancel()

    async def close(self, reason: int = 99, text: str = "") -> None:
        """Ends the session by ESID, where it has not ended, and closes the connection. What is
        told meanwhile is dropped.

        :param reason: An `EsidReason`.
        :param text: Words for the partner, level 2.0.
        """
        try:
            # A thread cannot be taken back.
            await self.settle()
            if self._transport is None:
                # There is nobody to say anything to.
                self._lost = True
                self.machine.disconnected(broken=False)
            elif not self._ending and not self._lost:
                self.machine.release(reason, text)
            self._calls.clear()
            await self.run()
        finally:
            self._over = True
            self._told.clear()
            if self._timer is not None:
                self._timer.cancel()
            if self._transport is not None and not self._lost:
                self._transport.abort()

    async def settle(self) -> None:
        """Waits until no work is done aside. May be cancelled."""
        while self._works:
            await asyncio.wait([future for future, _ in self._works])
            self._finish_works()

    def cut(self) -> None:
        """Drops the connection without a word."""
        if self._transport is not None and not self._lost:
            self._transport.abort()

    def call_soon(self, function: Callable[[], object]) -> None:
        """Has this called by `run`, between two steps: for answers from other tasks and threads."""
        self._calls.append(function)
        self._loop.call_soon_threadsafe(self._wake)

    def wake(self) -> None:
        """Has `run` ask the machine again."""
        self._wake()

    # -- within -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.machine.tick(self._loop.time() - self._begun)

    def _wake(self) -> None:
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    def _alarm(self) -> None:
        self._timer = None
        self._wake()

    async def _wait(self, deadline: float | None) -> None:
        """Until something happens, or this time of the machine has come. The one place where the
        machine waits: there is nothing in flight that cancelling could lose."""
        waker = self._waker = self._loop.create_future()
        if deadline is not None:
            when = self._begun + deadline
            if self._timer is None or self._timer.when() != when:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = self._loop.call_at(when, self._alarm)
        try:
            await waker
        finally:
            self._waker = None
        if not self._ending:
            self._tick()

    def _read(self, wanted: bool) -> None:
        if wanted is self._reading or self._transport is None or self._lost:
            return
        self._reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if not self._reading and self.machine.wants_octets:
            self._read(True)

    def _write(self, octets: bytes) -> None:
        # A transport takes all. Of one that is lost nobody hears anything.
        if self._transport is not None and not self._lost and not self._ending:
            self._transport.write(octets)
        self.machine.sent(len(octets))

    def _begin(self, work: Work) -> None:
        future = self._loop.run_in_executor(None, work.run)
        future.add_done_callback(lambda _: self._wake())
        self._works.append((future, work))

    def _finish_works(self) -> bool:
        for index, (future, work) in enumerate(self._works):
            if future.done():
                del self._works[index]
                future.result()
                work.then()
                return True
        return False

    def _hear_last_words(self) -> None:
        """The transport has given up while we were writing. What the partner said before says
        why; of TLS it cannot be read any more."""
        self._reset_due = True
        if self._sock is None:
            return
        try:
            self.machine.received(self._sock.recv(LAST_WORDS))
        except OSError:
            pass

    def _end(self) -> None:
        """The session wants the connection closed (2.2.3)."""
        if self._ending:
            return
        self._ending = True
        transport = self._transport
        if transport is None or self._lost:
            return
        self._limit = self._loop.call_later(LINGER, self._too_late)
        if self.machine.has_sent_esid and self._swallowed < SWALLOWED:
            if transport.can_write_eof():
                transport.write_eof()
            self._read(True)
        else:
            transport.close()

    def _too_late(self) -> None:
        self._swallowed = SWALLOWED
        if self._transport is not None and not self._lost:
            self._transport.abort()

    async def _close(self) -> None:
        if self._swallowed >= SWALLOWED and self._transport is not None:
            self._transport.close()
        await self._wait(None)
