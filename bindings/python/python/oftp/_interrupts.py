"""Ctrl-C at a moment when nothing is half done.

Python raises `KeyboardInterrupt` between any two of its instructions: also between the one that
wrote octets and the one that says so, and a session that goes on would write them again. So it is
held back there, for the microseconds that such a step takes, and nowhere else.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

__all__ = ["Interrupts"]


class Interrupts:
    """While entered: SIGINT that comes while `held` waits for `release`. Elsewhere, and where its
    handler is not one of Python, it goes to that handler at once."""

    def __init__(self) -> None:
        self.held = False
        self._came: tuple[int, FrameType | None] | None = None
        self._handler: Callable[[int, FrameType | None], object] | None = None

    def __enter__(self) -> None:
        # Only the main thread hears of signals.
        if threading.current_thread() is not threading.main_thread():
            return
        handler = signal.getsignal(signal.SIGINT)
        # Ours: the last time an interrupt came in the middle of leaving.
        if callable(handler) and handler != self._hear:
            self._handler = handler
            try:
                signal.signal(signal.SIGINT, self._hear)
            except ValueError:  # The main thread of another interpreter.
                self._handler = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Who has set another handler meanwhile wants that one.
        if self._handler is not None and signal.getsignal(signal.SIGINT) == self._hear:
            signal.signal(signal.SIGINT, self._handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.held:
            self._came = (number, frame)
        elif self._handler is not None:
            self._handler(number, frame)

    def release(self) -> None:
        """The step is done: what was held back comes now."""
        self.held = False
        if self._came is not None:
            (number, frame), self._came = self._came, None
            if self._handler is not None:
                self._handler(number, frame)
