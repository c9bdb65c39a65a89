"""What was said in a session, in the RFC's names: the text of every failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from oftp import wire

from ._summary import summary

__all__ = ["ExpectationFailed", "Transcript", "collected"]


class ExpectationFailed(AssertionError):
    """The system under test did something else than what was expected.

    :ivar transcript: What was said until then, as text; it is in the message, too.
    """

    def __init__(self, text: str, transcript: Transcript | str = "") -> None:
        self.transcript = str(transcript)
        super().__init__(f"{text}\n{self.transcript}" if self.transcript else text)


@dataclass(slots=True)
class _Line:
    """`commands` and `octets` count a run of DATA commands, which is one line."""

    at: float
    mark: str
    text: str
    name: str = ""
    commands: int = 1
    octets: int = 0

    def __str__(self) -> str:
        text = self.text
        if self.name:
            run = f" x {self.commands:,}" if self.commands > 1 else ""
            text = f"{text}{run} ({self.octets:,} octets)"
        return f"{self.at:9.3f}  {self.mark:<2} {text}"


#: The transcripts begun since `collected` was entered: what the plugin adds to a report.
_collecting: list[Transcript] | None = None


@contextmanager
def collected(into: list[Transcript]) -> Generator[None]:
    """Every transcript that is begun within goes to this list, whichever thread begins it."""
    global _collecting  # noqa: PLW0603
    before, _collecting = _collecting, into
    try:
        yield
    finally:
        _collecting = before


@dataclass(eq=False)
class Transcript:
    """What was said in one session. Its text has one line for a command, with the seconds since
    the beginning, an arrow (``->`` was sent by this side, ``<-`` came; in a `Pair` ``I>`` and
    ``R>``), the name, the main fields, and the length. Passwords are left out. Lines with ``!!``
    are faults that were applied, lines with ``--`` what happened to the connection. Commands DATA
    in a row are one line.

    :ivar title: Whose session it is.
    :ivar clock: Where the times come from.
    """

    title: str
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _lines: list[_Line] = field(default_factory=list[_Line], init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._began = self.clock()
        if _collecting is not None:
            _collecting.append(self)

    def command(self, mark: str, command: wire.Command | wire.Raw, octets: int) -> None:
        """Notes a command, and how many octets it has without its Stream Transmission Header."""
        with self._lock:
            last = self._lines[-1] if self._lines else None
            if command.name == "DATA" and last and (last.mark, last.name) == (mark, "DATA"):
                last.commands += 1
                last.octets += octets
                return
            self._lines.append(
                _Line(self._now(), mark, summary(command), command.name, octets=octets)
            )

    def fault(self, text: str) -> None:
        """Notes a fault that was applied."""
        self._note("!!", text)

    def connection(self, text: str) -> None:
        """Notes what happened to the connection."""
        self._note("--", text)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted."""
        return not self._lines

    def __contains__(self, text: str) -> bool:
        """Whether this was said, as in ``"-> SFNA reas=13" in transcript``."""
        return text in str(self)

    def __str__(self) -> str:
        with self._lock:
            lines = [str(line) for line in self._lines]
        return "\n".join([f"{self.title}:", *(lines or ["           (nothing was said)"])])

    def _note(self, mark: str, text: str) -> None:
        with self._lock:
            self._lines.append(_Line(self._now(), mark, text))

    def _now(self) -> float:
        return self.clock() - self._began
