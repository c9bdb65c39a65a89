"""What a connection does with files, the same for both front-ends: a `Mailbox` as a machine for the
drivers, and who is asked and told what (RFC 5024 chapter 3).

Questions to the user's `Handler` are yielded as calls, so that one front-end can make them and the
other can wait for them: `Exchange.on` is a generator that is sent what the call returned, or thrown
what it raised.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, TypeAlias

from ._exceptions import FileRefused, NotDelivered, SessionAborted, UserError
from ._fields import VirtualFile
from ._files import MEMORY, Handler, ReceivedFile, Refuse, SentFile
from ._machine import Action, Disconnect, Over, Told, Wait, Work, Write
from ._oftp import Mailbox
from ._reasons import EfnaReason, EsidReason, SfnaReason
from ._values import RecordFormat
from . import mailbox as m

__all__ = ["Call", "Calls", "Exchange", "MailboxMachine"]

#: A call of the user's, and a generator of such calls.
Call: TypeAlias = Callable[[], object]
Calls: TypeAlias = Generator[Call, object, None]

#: Progress is told each time so many octets have moved.
_PROGRESS = 1 << 20


class MailboxMachine:
    """A mailbox whose session has begun by `Mailbox.call` or `Mailbox.answer`, as a machine. It
    tells what `oftp.mailbox.Told` has, and `oftp.mailbox.Progress`.

    :param connect: Says that the connection is up: `Mailbox.connected` with what is known of TLS.
    """

    def __init__(self, mailbox: Mailbox, connect: Callable[[float], None]) -> None:
        self._mailbox = mailbox
        self._connect = connect
        self._now = 0.0
        self._working = False
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
        if self._mailbox.has_session:
            self._mailbox.release(reason, text)

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
            self._working = True
            return Work(mailbox.work, self._worked)
        if isinstance(step, m.Disconnect):
            return Disconnect()
        if isinstance(step, m.Over):
            return Over()
        return Told(step)

    def _worked(self) -> None:
        self._working = False
        self._mailbox.tick(self._now)
        early, self._early = self._early, []
        for say in early:
            say()

    def disconnected(self, *, broken: bool) -> None:
        self._now_or_later(self._mailbox.write_failed if broken else self._mailbox.disconnected)


class Exchange:
    """The files of one connection.

    :ivar sent: Files of ours, by their name in the mailbox.
    :ivar came: Files that came and that nobody has taken yet.
    :ivar result: How the session went; ``None``: it has not ended.
    :ivar partner: With whom it is; empty before it is up.
    """

    def __init__(self, mailbox: Mailbox, handler: Handler, *, has_folder: bool) -> None:
        self.mailbox = mailbox
        self.handler = handler
        self.sent: dict[int, SentFile] = {}
        self.came: deque[ReceivedFile] = deque()
        self.result: m.Result | None = None
        self.partner = ""
        self.is_up = False
        self._has_folder = has_folder
        self._incoming: _Incoming | None = None

    def note(self, id: int, file: VirtualFile) -> SentFile:
        """A file was queued."""
        sent = self.sent[id] = SentFile(id, file, self.partner)
        return sent

    def check(self) -> None:
        """Nothing, while the session runs or where it has ended well.

        :raises SessionAborted: It has not."""
        result = self.result
        if result is None or result.ending in (m.Ending.NORMAL, m.Ending.IRREGULAR):
            return
        if result.ending is m.Ending.NO_CONNECTION:
            raise ConnectionError(result.text)
        origin: Any = "L" if result.ending is m.Ending.BY_US else "D"
        raise SessionAborted.of(result.text, reason=result.reason, origin=origin)

    def on(self, told: m.Told | m.Progress) -> Calls:
        """Does what is to be done about something told."""
        handler = self.handler
        match told:
            case m.Up(partner=partner):
                self.partner, self.is_up = partner, True
                yield functools.partial(handler.up, partner)
            case m.Offered(file=file):
                yield from self._offered(file)
            case m.Data():
                yield from self._data(told)
            case m.Complete():
                yield from self._complete()
            case m.Received(file=file, path=path):
                received = ReceivedFile(file, path)
                self.came.append(received)
                yield functools.partial(handler.received, received)
            case m.TurnedAway(file=file, answer=answer, reason=reason, text=text):
                yield functools.partial(handler.turned_away, file, answer, reason, text)
            case m.Sent(id=id):
                if (sent := self.sent.get(id)) is not None:
                    sent.stored = True
                    yield functools.partial(handler.stored, sent)
            case m.Refused():
                yield from self._refused(told)
            case m.Response():
                yield from self._response(told)
            case m.ResponseSent(response=response):
                yield functools.partial(handler.response_sent, response)
            case m.Warning(text=text):
                yield functools.partial(handler.warning, text)
            case m.Quirk(quirk=quirk, command=command):
                yield functools.partial(handler.quirk, quirk, command)
            case m.Progress():
                yield functools.partial(handler.progress, told)
            case m.Ended(result=result):
                self.result = result
            case m.Trace(text=text):
                yield functools.partial(handler.trace, text)

    def _offered(self, file: VirtualFile) -> Calls:
        mailbox = self.mailbox
        try:
            sink = yield functools.partial(self.handler.offered, file)
        except Refuse as no:
            mailbox.refuse_file(no.reason, no.retry_later, no.text)
            return
        if sink is None and self._has_folder:
            mailbox.offer_passed()
            return
        incoming = _Incoming(file, None if sink is None or sink == MEMORY else sink)
        self._incoming = incoming
        mailbox.accept_file()

    def _data(self, data: m.Data) -> Calls:
        incoming = self._incoming
        if incoming is not None:
            for piece in incoming.take(data):
                yield functools.partial(incoming.write, piece)

    def _complete(self) -> Calls:
        incoming, self._incoming = self._incoming, None
        if incoming is None:
            return
        received = incoming.done()
        try:
            yield functools.partial(self.handler.received, received)
        except Refuse as no:
            if no.after:
                self.mailbox.stored(reason=no.reason, text=no.text)
            else:
                self.mailbox.not_stored(no.reason, no.text)
            return
        self.came.append(received)
        self.mailbox.stored()

    def _refused(self, told: m.Refused) -> Calls:
        sent = self.sent.get(told.id)
        if sent is None:
            return
        reason = told.reason
        meaning = ""
        if reason is not None:
            list_ = EfnaReason if told.answer == "EFNA" else SfnaReason
            named = list_(reason).meaning if reason in list(list_) else "unspecified reason"
            meaning = f" by {told.answer} {reason:02} ({named})"
        words = f": {told.text}" if told.text else ""
        sent.error = FileRefused(
            f"{sent.file.dsn} was refused{meaning}{words}",
            cause=reason,
            retry_later=told.retry_later,
            text=told.text,
            answer=told.answer,
        )
        yield functools.partial(self.handler.refused, sent)

    def _response(self, told: m.Response) -> Calls:
        sent = None if told.id is None else self.sent.get(told.id)
        response = told.response
        if sent is not None:
            if told.proof is m.Proof.WORTHLESS:
                sent.doubt = told.text
            else:
                sent.response, sent.proof = response, told.proof
                if response.reason is not None:
                    words = f": {response.text}" if response.text else ""
                    sent.error = NotDelivered(
                        f"{sent.file.dsn} was not delivered, says {response.creator} "
                        f"(NERP {response.reason:02}){words}",
                        reason=response.reason,
                        creator=response.creator,
                        text=response.text,
                    )
        yield functools.partial(self.handler.response, sent, response, told.proof)
        self.mailbox.response_told()

    def fail(self, error: BaseException) -> None:
        """A call of the user's has failed: the session goes no further."""
        self._incoming = None
        if self.mailbox.has_session:
            self.mailbox.release(EsidReason.UNSPECIFIED, "a local fault ended the session")


class _Incoming:
    """A file that the host takes itself."""

    def __init__(self, file: VirtualFile, sink: object) -> None:
        self._file = file
        self._write = None if sink is None else getattr(sink, "write", None)
        if sink is not None and self._write is None:
            raise UserError(
                f"offered returned {type(sink).__name__}: None, MEMORY or an object with write() "
                "is meant"
            )
        self._pieces: list[bytes] = []
        self._ends: list[int] = []
        self._octets = 0
        self._record = bytearray()
        plain = not file.envelope
        self._is_variable = file.format is RecordFormat.V and plain
        self._has_records = file.format in (RecordFormat.V, RecordFormat.F) and plain

    def take(self, data: m.Data) -> list[bytes]:
        """What is to be written of these octets."""
        if self._write is None:
            self._pieces.append(data.octets)
            if self._has_records:
                self._ends.extend(self._octets + end for end in data.ends)
            self._octets += len(data.octets)
            return []
        if not self._is_variable:
            return [data.octets] if data.octets else []
        pieces, start = [], 0
        for end in data.ends:
            self._record += data.octets[start:end]
            start = end
            if len(self._record) > 65_535:
                raise UserError("a record is longer than the 2 octets before it can say")
            pieces.append(len(self._record).to_bytes(2, "big") + bytes(self._record))
            self._record.clear()
        self._record += data.octets[start:]
        return pieces

    def write(self, piece: bytes) -> object:
        assert self._write is not None
        return self._write(piece)

    def done(self) -> ReceivedFile:
        return ReceivedFile(self._file, None, b"".join(self._pieces), tuple(self._ends))
