"""Carries a `Machine` over a socket and waits where it must (RFC 5024 chapter 2).

`Driver.run` can be left at any moment, by what it looks for, by a time-out, by Ctrl-C or by an
exception of the host, and called again: nothing is lost, and nothing is written twice.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Generic, TypeVar

from ._interrupts import Interrupts
from ._link import Link, Stuck
from ._machine import (
    HANDSHAKE,
    LAST_WORDS,
    LINGER,
    SWALLOWED,
    Machine,
    Over,
    Told,
    Wait,
    Work,
    Write,
)

__all__ = ["Driver"]

E = TypeVar("E")

#: As many octets are read at once, at first and at most: a read that fills its room doubles it.
_ROOM, _MOST = 16 * 1024, 1024 * 1024


class _Stage(Enum):
    HANDSHAKE = auto()
    SESSION = auto()
    CLOSING = auto()
    SWALLOWING = auto()
    #: The connection is gone; the machine may still tell something.
    DRAINING = auto()
    OVER = auto()


class Driver(Generic[E]):
    """One session over one connection. One thread at a time may use it, but for `call_soon`.

    :param machine: What has not been told that it is connected.
    :param sock: A connected socket, plain or `ssl.SSLSocket`, its handshake done or not. It belongs
        to the driver, which closes it at the end.
    """

    def __init__(self, machine: Machine[E], sock: socket.socket) -> None:
        self.machine = machine
        self._begun = time.monotonic()
        self._link = Link(sock)
        self._stage = _Stage.HANDSHAKE
        self._until = self._begun + HANDSHAKE
        self._swallowed = 0
        self._broken = False
        self._torn = False
        self._told: deque[E] = deque()
        self._works: deque[Work] = deque()
        self._room = memoryview(bytearray(_ROOM))
        self._interrupts = Interrupts()
        self._calls: deque[Callable[[], object]] = deque()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._link.watch(self._ear)

    @property
    def is_over(self) -> bool:
        """Whether the session is over, and all of it told."""
        return self._stage is _Stage.OVER and not self._told

    def run(
        self, until: Callable[[E], bool] | None = None, timeout: float | None = None
    ) -> E | None:
        """Runs the session.

        :param until: Is shown everything that is told, once and in its order; the first that it
            says yes to is returned. ``None``: to the end.
        :param timeout: Seconds.
        :returns: ``None``: the session is over.
        :raises TimeoutError: Nothing is lost: run again.
        :raises OSError: The handshake of TLS has failed; the connection is closed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        interrupts = self._interrupts
        with interrupts:
            while True:
                interrupts.held = True
                events: int | None = 0
                due: float | None = None
                try:
                    if not self._told and not self._calls and not self._works:
                        events, due = self._step()
                except BaseException as error:
                    if self._stage is not _Stage.OVER or not isinstance(error, OSError):
                        # Whether octets went out is not known: not one more may follow.
                        self._torn = True
                    raise
                finally:
                    interrupts.release()
                if self._told:
                    event = self._told.popleft()
                    if until is not None and until(event):
                        return event
                elif self._calls:
                    self._calls.popleft()()
                elif self._works:
                    work = self._works[0]
                    work.run()
                    self._works.popleft()
                    work.then()
                elif self._stage is _Stage.OVER:
                    return None
                elif events is not None:
                    self._wait(events, due, end)
                if end is not None and time.monotonic() >= end:
                    raise TimeoutError(f"the session has not come so far in {timeout} seconds")

    def close(self, reason: int = 99, text: str = "") -> None:
        """Ends the session by ESID, where it has not ended, and closes the connection. What is
        told meanwhile is dropped.

        :param reason: An `EsidReason`.
        :param text: Words for the partner, level 2.0.
        """
        try:
            if self._stage is _Stage.HANDSHAKE:
                self._stage = _Stage.OVER
            elif self._stage is _Stage.SESSION and not self._torn:
                self.machine.release(reason, text)
            self._calls.clear()
            self.run()
        finally:
            self._stage = _Stage.OVER
            self._told.clear()
            self._give_back()

    def cut(self) -> None:
        """Drops the connection without a word, at the next step."""
        self._stage = _Stage.OVER

    def forsake(self) -> None:
        """Gives back what this process has of it, and says nothing: it is another process's."""
        self._stage = _Stage.OVER
        self._told.clear()
        self._give_back()

    def call_soon(self, function: Callable[[], object]) -> None:
        """Has this called by `run`, between two steps: for answers from other threads."""
        self._calls.append(function)
        try:
            self._bell.send(b"\0")
        except (BlockingIOError, OSError):
            pass  # It rings already, or everything is over.

    def _step(self) -> tuple[int | None, float | None]:
        """Does one thing. What to wait for after it: ``None``: nothing; else events of the socket,
        and a time."""
        if self._torn:
            self._torn = False
            if self._stage is _Stage.SESSION:
                self._drain(broken=True)
        match self._stage:
            case _Stage.SESSION:
                return self._session()
            case _Stage.HANDSHAKE:
                return self._shake_hands()
            case _Stage.CLOSING:
                return self._close()
            case _Stage.SWALLOWING:
                return self._swallow()
            case _Stage.DRAINING:
                self._drained()
            case _Stage.OVER:
                self._give_back()
        return None, None

    def _shake_hands(self) -> tuple[int | None, float | None]:
        try:
            self._link.shake_hands()
        except Stuck as stuck:
            if time.monotonic() < self._until:
                return stuck.events, self._until
            self._stage = _Stage.OVER
            self._give_back()
            raise ConnectionAbortedError(
                f"the partner has not finished the handshake of TLS in {HANDSHAKE:g} seconds"
            ) from None
        except OSError:
            self._stage = _Stage.OVER
            self._give_back()
            raise
        self._tick()
        self.machine.connected()
        self._stage = _Stage.SESSION
        return None, None

    def _session(self) -> tuple[int | None, float | None]:
        machine = self.machine
        action = machine.next()
        if isinstance(action, Told):
            self._told.append(action.event)
        elif isinstance(action, Write):
            try:
                machine.sent(self._link.write(action.octets))
            except Stuck as stuck:
                # Nobody reads what is left of a session that is over.
                if machine.is_over:
                    self._end()
                else:
                    return self._read(stuck.events, None)
            except OSError:
                self._hear_last_words()
        elif isinstance(action, Wait):
            return self._read(0, action.deadline)
        elif isinstance(action, Work):
            self._works.append(action)
        else:
            self._end()
        return None, None

    def _read(self, events: int, deadline: float | None) -> tuple[int | None, float | None]:
        """Octets are there more often than not: they are read before anything is waited for."""
        machine = self.machine
        if machine.wants_octets:
            try:
                octets = self._link.read(self._room)
            except Stuck as stuck:
                events |= stuck.events
            except OSError as error:
                if isinstance(error, ssl.SSLError):
                    machine.fault(f"TLS: {error}")
                machine.reset()
                return None, None
            else:
                self._tick()
                if octets:
                    machine.received(self._room[:octets])
                    if octets == len(self._room) < _MOST:
                        self._room = memoryview(bytearray(2 * octets))
                else:
                    machine.eof()
                return None, None
        return events, None if deadline is None else self._begun + deadline

    def _wait(self, events: int, due: float | None, end: float | None) -> None:
        times = [time for time in (due, end) if time is not None]
        self._link.wait(events, min(times, default=None))
        try:
            self._ear.recv(4096)
        except BlockingIOError:
            pass
        if self._stage is _Stage.SESSION:
            self._tick()

    def _tick(self) -> None:
        self.machine.tick(time.monotonic() - self._begun)

    def _hear_last_words(self) -> None:
        """The partner has closed while we were writing. What it said before says why."""
        heard = 0
        while heard < LAST_WORDS:
            try:
                octets = self._link.read(self._room[: LAST_WORDS - heard])
            except (Stuck, OSError):
                break
            if not octets:
                break
            self.machine.received(self._room[:octets])
            heard += octets
        self._drain(broken=True)

    def _end(self) -> None:
        """The session wants the connection closed (2.2.3)."""
        self._stage = _Stage.CLOSING
        self._until = time.monotonic() + LINGER

    def _close(self) -> tuple[int | None, float | None]:
        try:
            self._link.shut()
        except Stuck as stuck:
            if time.monotonic() < self._until:
                return stuck.events, self._until
            self._drain()
        except OSError:
            self._drain()
        else:
            if self.machine.has_sent_esid:
                self._stage = _Stage.SWALLOWING
            else:
                self._drain()
        return None, None

    def _swallow(self) -> tuple[int | None, float | None]:
        try:
            octets = self._link.swallow(self._room)
        except Stuck as stuck:
            if time.monotonic() < self._until:
                return stuck.events, self._until
            octets = 0
        except OSError:
            octets = 0
        self._swallowed += octets
        if not octets or self._swallowed >= SWALLOWED:
            self._drain()
        return None, None

    def _drain(self, *, broken: bool = False) -> None:
        """The partner is not kept waiting for what no longer concerns it."""
        self._broken = broken
        self._stage = _Stage.DRAINING
        self._link.close()
        self.machine.disconnected(broken=broken)

    def _drained(self) -> None:
        action = self.machine.next()
        if isinstance(action, Write):
            self.machine.sent(len(action.octets))
        elif isinstance(action, Told):
            self._told.append(action.event)
        elif isinstance(action, Work):
            self._works.append(action)
        elif isinstance(action, Wait) and self._broken:
            # F_ABORT_IND comes behind N_DISC_RQ (9.9 D).
            self._broken = False
            self.machine.reset()
        elif isinstance(action, Over | Wait):
            self._stage = _Stage.OVER
            self._give_back()

    def _give_back(self) -> None:
        self._link.close()
        self._bell.close()
        self._ear.close()
