"""Two sessions, a network in memory that can do what real ones do, and a clock that only moves
when it is told to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import oftp
from oftp import Config, Connect, Event, Session, WireError, wire

from ._faults import Close, Fault, Faults, How, Octets, Pause
from ._transcript import ExpectationFailed, Transcript

__all__ = ["Pair"]

_E = TypeVar("_E", bound=Event)

#: Who is who, unless a test says so itself.
INITIATOR = "O0000INITIATOR"
RESPONDER = "O0000RESPONDER"


class Pair:
    """An Initiator and a Responder without sockets, for tests of code that drives
    `oftp.Session`, and of what sessions do when the network fails.

    Call primitives of the sessions, then `run`: octets go to and fro until both wait. What the
    sessions tell is collected in `initiator_events` and `responder_events`; `take` gives the next
    event of one side and says what came if it is another. A run ends at once where nothing is due:
    nothing here waits, and the same test does the same each time.

    :param initiator: How the calling session is configured.
    :param responder: How the one called is.

    :ivar initiator: The session that calls.
    :ivar responder: The session that is called.
    :ivar initiator_events: What the Initiator has told, but for the network's requests, traces and
        waits.
    :ivar responder_events: What the Responder has told.
    :ivar now: The time, in seconds since the beginning.
    :ivar transcript: What was sent.
    """

    def __init__(self, initiator: Config | None = None, responder: Config | None = None) -> None:
        self.now = 0.0
        self.transcript = Transcript("pair of sessions", lambda: self.now)
        self._one = _Side("I>", self._session(initiator), self)
        self._other = _Side("R>", self._session(responder), self)
        self._one.partner, self._other.partner = self._other, self._one
        self.initiator: Session = self._one.session
        self.responder: Session = self._other.session
        self.initiator_events: list[Event] = self._one.events
        self.responder_events: list[Event] = self._other.events

    @staticmethod
    def _session(config: Config | None) -> Session:
        session = Session(replace(config or Config(), trace=False))
        session.tick(0.0)
        return session

    def start_session(
        self, initiator: Connect | None = None, responder: Connect | None = None
    ) -> None:
        """Brings the session up, as far as F_CONNECT_CF (RFC 5024 4.2).

        :raises ExpectationFailed: It did not come up.
        """
        self.initiator.connect_rq(initiator or Connect(code=INITIATOR))
        self.run()
        self.take(self.responder, oftp.ConnectInd)
        self.responder.connect_rs(responder or Connect(code=RESPONDER))
        self.run()
        self.take(self.initiator, oftp.ConnectCf)

    def run(self) -> None:
        """Drains both sessions, and carries what they say, until both wait and nothing is on its
        way that is due now."""
        moved = True
        while moved:
            moved = False
            for side in (self._one, self._other):
                side.session.tick(self.now)
                moved |= side.drain()
                moved |= side.deliver()

    def advance(self, seconds: float) -> None:
        """Moves the clock, and runs: at each moment on the way where a timer fires or delayed
        octets arrive, and at the end.

        :param seconds: 0 or more.
        """
        end = self.now + seconds
        self.run()
        while (moment := self._next_moment()) is not None and moment <= end:
            self.now = max(self.now, moment)
            self.run()
            if self._next_moment() == moment:
                break
        self.now = end
        self.run()

    def fault(self, session: Session, *faults: Fault) -> None:
        """Applies faults to all that a session sends from now on. Delays are of the virtual
        clock; a half close is a close, as sessions do not answer after one."""
        self._side(session).faults.add(*faults)

    def cut(self, how: How = "reset") -> None:
        """The network fails between them: both see it. What was on its way is lost."""
        self.transcript.connection(f"the connection is cut: {how}")
        for side in (self._one, self._other):
            side.cut(how)
        self.run()

    def take(self, session: Session, kind: type[_E]) -> _E:
        """The next event that a session has told; it must be of this kind.

        :raises ExpectationFailed: It is another, or there is none.
        """
        side = self._side(session)
        who = "Initiator" if side is self._one else "Responder"
        if not side.events:
            text = f"expected {kind.__name__} of the {who}, but it has told nothing more"
            raise ExpectationFailed(text, self.transcript)
        event = side.events.pop(0)
        if not isinstance(event, kind):
            text = f"expected {kind.__name__} of the {who}, but it told {event!r}"
            raise ExpectationFailed(text, self.transcript)
        return event

    def expect_nothing_more(self) -> None:
        """Neither side has told anything that the test has not taken.

        :raises ExpectationFailed: One has.
        """
        if self.initiator_events or self.responder_events:
            text = (
                f"expected nothing more, but the Initiator has told {self.initiator_events!r} "
                f"and the Responder {self.responder_events!r}"
            )
            raise ExpectationFailed(text, self.transcript)

    def _side(self, session: Session) -> _Side:
        return self._one if session is self.initiator else self._other

    def _next_moment(self) -> float | None:
        moments = [side.deadline for side in (self._one, self._other)]
        moments += [side.way[0][0] for side in (self._one, self._other) if side.way]
        return min((moment for moment in moments if moment is not None), default=None)


class _Side:
    """A session and what is on its way from it."""

    partner: _Side

    def __init__(self, mark: str, session: Session, pair: Pair) -> None:
        self.mark = mark
        self.session = session
        self.events: list[Event] = []
        #: What was sent and has not arrived: the moment when it will, and what it is.
        self.way: deque[tuple[float, Octets | Close]] = deque()
        self.faults = Faults(pair.transcript.fault)
        #: When its timer fires.
        self.deadline: float | None = None
        self._pair = pair
        self._commands = _Commands(self._say)
        self._connected = False

    def drain(self) -> bool:
        """Whether there was anything to do."""
        moved = False
        while True:
            match self.session.poll_output():
                case oftp.Wait(deadline):
                    self.deadline = deadline
                    return moved
                case oftp.NDataRq(octets):
                    self.session.sent(len(octets))
                    self._commands.feed(octets)
                case oftp.NConRq():
                    self._pair.transcript.connection("the Initiator calls")
                    self._connected = self.partner._connected = True
                    self.partner.session.n_con_ind()
                    self.session.n_con_cf()
                case oftp.NDiscRq():
                    self._send(Close("close"))
                    self._connected = False
                case oftp.NConRs() | oftp.Trace():
                    pass
                case event:
                    self.events.append(event)
            moved = True

    def deliver(self) -> bool:
        """Gives what has arrived to the partner, as far as it reads. Whether there was any."""
        partner, moved = self.partner, False
        while self.way and self.way[0][0] <= self._pair.now:
            match self.way[0][1]:
                case Octets(octets):
                    if partner._connected and not partner.session.wants_octets:
                        return moved
                    if partner._connected:
                        partner.session.n_data_ind(octets)
                        partner.drain()
                case Close(how):
                    partner.disconnect(how)
                    self.disconnect(how)  # if it was a fault, and not this side itself
            self.way.popleft()
            moved = True
        return moved

    def disconnect(self, how: How) -> None:
        """The session learns that the connection has ended."""
        if not self._connected:
            return
        self._connected = False
        if how == "reset":
            self.session.n_rst_ind()
        else:
            self.session.n_disc_ind()

    def cut(self, how: How) -> None:
        """The same, and what is on its way is lost."""
        self.way.clear()
        self.disconnect(how)

    def _say(self, octets: bytes) -> None:
        """A whole command was sent."""
        agreed = self.session.agreed
        level = agreed.level if agreed else oftp.Level.V2_0
        try:
            command = wire.parse(octets[4:], level)
        except WireError:
            command = wire.Raw(octets)
        self._pair.transcript.command(self.mark, command, len(octets) - 4)
        pause = 0.0
        for step in self.faults.through(octets, command.name):
            if isinstance(step, Pause):
                pause += step.seconds
            else:
                self._send(step, pause)
                pause = 0.0

    def _send(self, step: Octets | Close, pause: float = 0.0) -> None:
        """What was sent before arrives before; pauses add up, as on a line."""
        last = self.way[-1][0] if self.way else self._pair.now
        self.way.append((last + pause, step))
        if isinstance(step, Close):
            self._pair.transcript.connection(f"{self.mark} ends the connection: {step.how}")


class _Commands:
    """Puts octets together to commands with their Stream Transmission Header."""

    def __init__(self, told: Callable[[bytes], None]) -> None:
        self._told = told
        self._held = bytearray()

    def feed(self, octets: bytes) -> None:
        """Tells each command that is complete."""
        self._held += octets
        while len(self._held) >= 4:
            size = int.from_bytes(self._held[1:4], "big")
            if len(self._held) < size:
                return
            command = bytes(self._held[:size])
            del self._held[:size]
            self._told(command)
