"""A `Mailbox` as a machine for the drivers."""

from __future__ import annotations

import functools
from collections.abc import Callable

from ._machine import Action, Disconnect, Over, Told, Wait, Work, Write
from ._oftp import Mailbox
from . import mailbox as m

__all__ = ["MailboxMachine"]

#: Progress is told each time so many octets have moved.
_PROGRESS = 1 << 20


class MailboxMachine:
    """A mailbox whose session has begun by `Mailbox.call` or `Mailbox.answer`, as a machine. It
    tells what `oftp.mailbox.Told` has, and `oftp.mailbox.Progress`. While somebody works with the
    mailbox on another thread, what is said to it waits.

    :param connect: Says that the connection is up: `Mailbox.connected` with what is known of TLS.
    :ivar is_connected: Whether the connection has been there.
    :ivar wants_progress: Whether `oftp.mailbox.Progress` is told.
    """

    def __init__(self, mailbox: Mailbox, connect: Callable[[float], None]) -> None:
        self._mailbox = mailbox
        self._connect = connect
        self._now = 0.0
        self._working = False
        self.is_connected = False
        self._early: list[Callable[[], None]] = []
        self._moved = 0
        self.wants_progress = False

    @property
    def wants_octets(self) -> bool:
        return not self._working and self._mailbox.wants_octets

    @property
    def has_sent_esid(self) -> bool:
        return not self._working and self._mailbox.has_sent_esid

    @property
    def is_over(self) -> bool:
        return not self._working and self._mailbox.is_over

    def connected(self) -> None:
        self.is_connected = True
        self._connect(self._now)

    def tick(self, now: float) -> None:
        self._now = now
        if not self._working:
            self._mailbox.tick(now)

    def received(self, octets: bytes | memoryview) -> None:
        self._moved += len(octets)
        if self._working:
            # The transport had them already.
            self._early.append(functools.partial(self._mailbox.n_data_ind, bytes(octets)))
        else:
            self._mailbox.n_data_ind(octets)

    def fault(self, why: str) -> None:
        self._now_or_later(functools.partial(self._mailbox.fault, why))

    def eof(self) -> None:
        self._now_or_later(self._mailbox.n_disc_ind)

    def reset(self) -> None:
        self._now_or_later(self._mailbox.n_rst_ind)

    def _now_or_later(self, say: Callable[[], None]) -> None:
        if self._working:
            self._early.append(say)
        else:
            say()

    def sent(self, octets: int) -> None:
        self._moved += octets
        self._mailbox.sent(octets)

    def release(self, reason: int, text: str = "") -> None:
        def say() -> None:
            if self._mailbox.has_session:
                self._mailbox.release(reason, text)

        self._now_or_later(say)

    def next(self) -> Action[m.Told | m.Progress]:
        if self._working:
            return Wait(None)
        mailbox = self._mailbox
        if self.wants_progress and self._moved >= _PROGRESS:
            self._moved = 0
            progress = mailbox.sending or mailbox.receiving
            if progress is not None:
                return Told(progress)
        step = mailbox.next()
        if isinstance(step, m.Write):
            return Write(step.octets)
        if isinstance(step, Wait):
            return step
        if isinstance(step, m.Work):
            self.begin_work()
            return Work(mailbox.work, self.end_work)
        if isinstance(step, m.Disconnect):
            return Disconnect()
        if isinstance(step, m.Over):
            return Over()
        return Told(step)

    def begin_work(self) -> None:
        """The mailbox is somebody else's until `end_work`."""
        self._working = True

    def end_work(self) -> None:
        """What was said meanwhile is said now."""
        self._working = False
        self._mailbox.tick(self._now)
        early, self._early = self._early, []
        for say in early:
            say()

    def disconnected(self, *, broken: bool) -> None:
        self._now_or_later(self._mailbox.write_failed if broken else self._mailbox.disconnected)
