"""What a hostile peer, or a bad network, does to the octets that one side sends.

A fault is applied to all that is sent from the moment it is given to a `Peer` or a `Pair`. Several
work together: first those that count commands (`Drop`, `Delay`, `Repeat`, `Replace`, `Alter`,
`Header`), then those that count octets (`Insert`, `Corrupt`, `Split`, `Cut`), each in the order in
which they were given. An object holds where it stands, so it belongs to one stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from oftp import wire

__all__ = [
    "Alter",
    "Close",
    "Corrupt",
    "Cut",
    "Delay",
    "Drop",
    "Fault",
    "Faults",
    "Header",
    "How",
    "Insert",
    "Octets",
    "Pause",
    "Repeat",
    "Replace",
    "Split",
    "Step",
]

#: How a connection ends: ``reset`` (RST), ``close`` (FIN), ``half`` (FIN, and still reading).
How: TypeAlias = Literal["reset", "close", "half"]


@dataclass(frozen=True, slots=True)
class Octets:
    """Octets to be sent. For faults that count commands they are one command with its Stream
    Transmission Header, and `name` says which; ``"?"`` is none that the RFC knows."""

    octets: bytes
    name: str = "?"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """The connection ends."""

    how: How


#: What faults make of what is sent.
Step: TypeAlias = Octets | Pause | Close


class Fault:
    """One thing that goes wrong. To make an own one, override `apply`."""

    #: Whether `apply` gets whole commands; else octets as the faults before it left them.
    by_command: ClassVar[bool] = False

    def apply(self, step: Octets) -> Iterable[Step]:
        """What becomes of these octets; nothing at all, if they are lost."""
        raise NotImplementedError


class _Counting(Fault):
    """Acts on the next `count` commands of the name."""

    by_command = True
    _done = 0

    def _hits(self, step: Octets, name: str | None, count: int | None) -> bool:
        if (name is not None and step.name != name) or (count is not None and self._done >= count):
            return False
        self._done += 1
        return True


@dataclass
class Drop(_Counting):
    """Swallows commands.

    :ivar count: How many; ``None``: all from now on (``Drop(None)``: never answer).
    :ivar name: Only commands of this name (``Drop(None, "CDT")``: grant no credit).
    """

    count: int | None = 1
    name: str | None = None

    def apply(self, step: Octets) -> Iterable[Step]:
        return () if self._hits(step, self.name, self.count) else (step,)


@dataclass
class Delay(_Counting):
    """Waits before commands: seconds of the real clock for a `Peer`, of the virtual one for a
    `Pair`."""

    seconds: float
    count: int | None = 1
    name: str | None = None

    def apply(self, step: Octets) -> Iterable[Step]:
        return (Pause(self.seconds), step) if self._hits(step, self.name, self.count) else (step,)


@dataclass
class Repeat(_Counting):
    """Sends commands once more, or `times` more."""

    times: int = 1
    count: int | None = 1
    name: str | None = None

    def apply(self, step: Octets) -> Iterable[Step]:
        return (step,) * (1 + self.times if self._hits(step, self.name, self.count) else 1)


@dataclass
class Replace(_Counting):
    """Sends something else in place of commands: a refusal in place of a consent, a wrong reason,
    or octets that are no command (those go as they are, without a header)."""

    name: str
    by: wire.Command | wire.Raw | bytes
    count: int | None = 1

    def apply(self, step: Octets) -> Iterable[Step]:
        if not self._hits(step, self.name, self.count):
            return (step,)
        if isinstance(self.by, bytes):
            return (Octets(self.by),)
        return (Octets(wire.frame(self.by), self.by.name),)


@dataclass
class Alter(_Counting):
    """Sends what a function makes of a command: it gets the octets with the Stream Transmission
    Header, and gives those to be sent, or ``None`` for none."""

    function: Callable[[bytes], bytes | None]
    count: int | None = 1
    name: str | None = None

    def apply(self, step: Octets) -> Iterable[Step]:
        if not self._hits(step, self.name, self.count):
            return (step,)
        octets = self.function(step.octets)
        return () if octets is None else (Octets(octets, step.name),)


@dataclass
class Header(_Counting):
    """Spoils the Stream Transmission Header of commands (RFC 5024 8.2).

    :ivar version: Its version, 0 to 15; 1 is right.
    :ivar flags: Its reserved flags, 0 to 15; 0 is right.
    :ivar length: The length that it tells, 0 to 16,777,215; right is that of the command and 4.
    """

    version: int = 1
    flags: int = 0
    length: int | None = None
    count: int | None = 1
    name: str | None = None

    def apply(self, step: Octets) -> Iterable[Step]:
        if not self._hits(step, self.name, self.count):
            return (step,)
        length = len(step.octets) if self.length is None else self.length
        word = self.version << 28 | self.flags << 24 | length
        return (Octets(word.to_bytes(4, "big") + step.octets[4:], step.name),)


@dataclass
class Insert(Fault):
    """Sends octets that nobody asked for, before the octet at this offset of what is sent from now
    on."""

    octets: bytes
    offset: int = 0
    _passed = 0
    _done = False

    def apply(self, step: Octets) -> Iterable[Step]:
        at = self.offset - self._passed
        self._passed += len(step.octets)
        if self._done or at >= len(step.octets):
            return (step,)
        self._done = True
        return (Octets(step.octets[:at] + self.octets + step.octets[at:], step.name),)


@dataclass
class Corrupt(Fault):
    """Changes the octet at this offset of what is sent from now on, by an exclusive or. The first
    four octets of a command are its Stream Transmission Header."""

    offset: int
    xor: int = 0xFF
    _passed = 0

    def apply(self, step: Octets) -> Iterable[Step]:
        at = self.offset - self._passed
        self._passed += len(step.octets)
        if not 0 <= at < len(step.octets):
            return (step,)
        octets = bytearray(step.octets)
        octets[at] ^= self.xor
        return (Octets(bytes(octets), step.name),)


@dataclass
class Split(Fault):
    """Sends in pieces of these sizes, over and over (``Split([1])``: octet by octet), with a pause
    before each but the first. Without a pause, TCP may join them again."""

    sizes: Sequence[int]
    pause: float = 0.0
    _turn = 0

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1:
            raise ValueError("Split: sizes are to be 1 or more, and at least one is needed")

    def apply(self, step: Octets) -> Iterator[Step]:
        at = 0
        while at < len(step.octets):
            size = self.sizes[self._turn % len(self.sizes)]
            if self._turn and self.pause:
                yield Pause(self.pause)
            self._turn += 1
            yield Octets(step.octets[at : at + size], step.name)
            at += size


@dataclass
class Cut(Fault):
    """Ends the connection after so many octets of what is sent from now on. Nothing is sent
    afterwards.

    :ivar how: ``reset`` (RST: what the other side has not read yet may be lost), ``close`` (FIN),
        ``half`` (FIN, while this side goes on reading).
    """

    after: int
    how: How = "reset"
    _passed = 0
    _done = False

    def apply(self, step: Octets) -> Iterator[Step]:
        if self._done:
            return
        left = self.after - self._passed
        self._passed += len(step.octets)
        if len(step.octets) < left:
            yield step
            return
        if left:
            yield Octets(step.octets[:left], step.name)
        self._done = True
        yield Close(self.how)


class Faults:
    """The faults of one stream. `told` gets a line for each command that one of them changes."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._list: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Applies them to what is sent from now on."""
        self._list += faults

    def clear(self) -> None:
        """Applies none any more."""
        self._list.clear()

    def through(self, octets: bytes, name: str) -> list[Step]:
        """What is to be done in place of sending this command."""
        steps: list[Step] = [Octets(octets, name)]
        for fault in sorted(self._list, key=lambda fault: not fault.by_command):
            before, steps = steps, []
            for step in before:
                steps += fault.apply(step) if isinstance(step, Octets) else (step,)
            if steps != before:
                self._told(f"{fault!r} at {name}")
        return steps
