"""What carries a machine without I/O over a connection needs of it: `Machine`, and what that tells,
`Action` (RFC 5024 chapter 2).

A driver asks `Machine.next` until it is told to `Wait`, after everything that it hands in. What is
told comes in one order: octets are written before what follows them is looked at.

```text
Write       octets for the partner; say by `Machine.sent` how many were taken
Told        something for the host
Work        something that takes long, to be run beside the session
Disconnect  close the connection; the machine may still have something to tell
Wait        nothing to do until octets come, or until a time
Over        nothing will ever come again
```

The end of a connection (2.2.3): both sides close after `Disconnect`. A side that has sent ESID says
that nothing follows, and swallows what the partner still sends, at most `SWALLOWED` octets and for
`LINGER` seconds: a close with unread octets would reset the connection, and the partner could lose
our last words. The other way about, a partner that closes while we write has said before why: up to
`LAST_WORDS` octets of that are still heard.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeAlias, TypeVar

from ._events import DataCf, DataInd, NConRq, NConRs, NDataRq, NDiscRq, Wait
from ._exceptions import UserError
from ._oftp import Session

__all__ = [
    "AHEAD",
    "HANDSHAKE",
    "LAST_WORDS",
    "LINGER",
    "SWALLOWED",
    "Action",
    "DataWanted",
    "Disconnect",
    "Machine",
    "Over",
    "SessionMachine",
    "Told",
    "Wait",
    "Work",
    "Write",
]

#: Seconds that the handshake of TLS may take.
HANDSHAKE = 10.0
#: Seconds that the end of a connection may take after the last octet.
LINGER = 2.0
#: As many octets are swallowed of a partner that has not heard the end.
SWALLOWED = 1 << 20
#: As many octets are heard of a partner that has closed while we were writing.
LAST_WORDS = 64 * 1024
#: As many octets wait for the network before more data of a file are asked for.
AHEAD = 64 * 1024

E_co = TypeVar("E_co", covariant=True)


class Write:
    """Octets for the partner. They come again, without those that were `Machine.sent`."""

    __slots__ = ("octets",)

    def __init__(self, octets: bytes) -> None:
        self.octets = octets


class Told(Generic[E_co]):
    """Something for the host. It is told once."""

    __slots__ = ("event",)

    def __init__(self, event: E_co) -> None:
        self.event = event


class Work:
    """Something that takes long: `run` is called aside, in any thread, and must not touch the
    machine; then `then`, in the thread of the driver. Meanwhile the session goes on."""

    __slots__ = ("run", "then")

    def __init__(self, run: Callable[[], object], then: Callable[[], object]) -> None:
        self.run = run
        self.then = then


class Disconnect:
    """Close the connection."""

    __slots__ = ()


class Over:
    """Nothing will ever come again."""

    __slots__ = ()


Action: TypeAlias = Write | Told[E_co] | Work | Disconnect | Wait | Over

_DISCONNECT = Disconnect()
_OVER = Over()


class Machine(Protocol[E_co]):
    """A session without I/O, as a driver sees it."""

    @property
    def wants_octets(self) -> bool:
        """Whether to read from the connection. What is not read, the network holds back."""
        ...

    @property
    def has_sent_esid(self) -> bool:
        """Whether this side has ended the session: its last octets must not get lost."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nobody waits any more for octets that are not written."""
        ...

    def connected(self) -> None:
        """N_CON_CF or N_CON_IND: the connection is there, and with it TLS where it is used."""

    def tick(self, now: float) -> None:
        """The time, in seconds since any fixed moment: before each input, and at the deadline of
        `Wait`."""

    def received(self, octets: bytes | memoryview) -> None:
        """Octets of the partner, copied."""

    def eof(self) -> None:
        """The partner has closed the connection."""

    def fault(self, why: str) -> None:
        """Why the connection is broken, in words; before `reset`."""

    def reset(self) -> None:
        """The connection is broken."""

    def disconnected(self, *, broken: bool) -> None:
        """The connection is closed, as `Disconnect` wanted it; or `broken`: the partner was gone
        when we wrote."""

    def next(self) -> Action[E_co]:
        """What to do now."""
        ...

    def sent(self, octets: int) -> None:
        """So many octets of `Write` are written."""

    def release(self, reason: int, text: str = "") -> None:
        """Ends the session by ESID, whatever it does. Nothing where it has ended."""


class DataWanted:
    """There is credit, and room, for data of the file that is being sent."""

    __slots__ = ()


_DATA_WANTED: Told[object] = Told(DataWanted())


class SessionMachine:
    """A `Session` as a machine. Its events are told as they are, but those of the network. A
    session of which `Session.connect_rq` was asked opened the connection, another one answers.

    :ivar has_data: Whether somebody has data for the file that is being sent: then `DataWanted` is
        told where the session would only wait, and can take them.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.has_data = False
        self.tick = session.tick
        self.received = session.n_data_ind
        self.eof = session.n_disc_ind
        self.reset = session.n_rst_ind
        self.sent = session.sent

    @property
    def wants_octets(self) -> bool:
        return self.session.wants_octets

    @property
    def has_sent_esid(self) -> bool:
        return self.session.has_sent_esid

    @property
    def is_over(self) -> bool:
        return self.session.is_over

    def connected(self) -> None:
        if self.session.is_initiator:
            self.session.n_con_cf()
        else:
            self.session.n_con_ind()

    def fault(self, why: str) -> None:
        pass  # A session has no words for it.

    def disconnected(self, *, broken: bool) -> None:
        pass  # The session has said N_DISC_RQ, or is told N_RST_IND.

    def release(self, reason: int, text: str = "") -> None:
        if self.session.is_over or self.session.has_sent_esid:
            return
        try:
            self.session.release_rq(reason, text)
        except UserError:
            # IDLE: nobody has heard of the session. An ESID needs a connection.
            if self.session.state != "IDLE":
                raise
            self.session.n_con_ind()
            self.session.abort_rq()

    def next(self) -> Action[object]:
        session = self.session
        while True:
            event = session.poll_output()
            kind = type(event)
            if kind is DataInd:
                return Told(event)
            if isinstance(event, NDataRq):
                return Write(event.octets)
            if isinstance(event, Wait):
                if self.has_data and session.can_send_data and session.transmit_pending < AHEAD:
                    return _DATA_WANTED
                return _OVER if session.is_over else event
            if kind is NDiscRq:
                return _DISCONNECT
            # The connection was there before the session; and who is asked for data by
            # `DataWanted` needs no F_DATA_CF.
            if kind is NConRq or kind is NConRs or (kind is DataCf and self.has_data):
                continue
            return Told(event)
