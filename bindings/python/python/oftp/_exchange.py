"""What a connection does with files, the same for both front-ends: who is asked and told what (RFC
5024 chapter 3).

Questions to the user's `Handler` are yielded as calls, so that one front-end can make them and the
other can wait for them: `Exchange.on` is a generator that is sent what the call returned, or thrown
what it raised.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from ._exceptions import FileRefused, NotDelivered, SessionAborted
from ._fields import EndResponse, VirtualFile
from ._files import MEMORY, Handler, ReceivedFile, Refuse, SentFile
from ._incoming import Incoming
from ._oftp import Mailbox
from ._reasons import EfnaReason, EsidReason, SfnaReason
from . import mailbox as m

__all__ = ["Aside", "Call", "Calls", "Exchange", "files_of"]

#: A call of the user's, and a generator of such calls.
Call: TypeAlias = Callable[[], object]
Calls: TypeAlias = Generator[Call, object, None]


class Aside:
    """A call of our own that may take long: off the event loop, where there is one. The mailbox is
    its own meanwhile."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def __call__(self) -> object:
        return self.call()


_files: WeakKeyDictionary[Mailbox, dict[int, SentFile]] = WeakKeyDictionary()


def files_of(mailbox: Mailbox) -> dict[int, SentFile]:
    """The files of ours in a mailbox that are not closed yet, by their name in it: they are the same
    objects in every connection that it has."""
    return _files.setdefault(mailbox, {})


def visible(text: str) -> str:
    """Words of a partner for a message: it may reach a terminal or a log, and what they do with
    control characters is not the partner's to choose."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class Exchange:
    """The files of one connection.

    :param collects: Somebody may ask for files that came: they are kept in `came`.
    :param is_elsewhere: Whether the file of a response is one of another session: of a server.
    :ivar sent: Files of ours that are not closed yet, by their name in the mailbox.
    :ivar came: Files that came and that nobody has taken yet.
    :ivar result: How the session went; ``None``: it has not ended.
    :ivar partner: With whom it is; empty before it is up.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        handler: Handler,
        *,
        has_folder: bool,
        collects: bool = True,
        is_elsewhere: Callable[[Exchange, EndResponse], bool] | None = None,
    ) -> None:
        self.mailbox = mailbox
        self.handler = handler
        self.sent = files_of(mailbox)
        self.came: deque[ReceivedFile] = deque()
        self.result: m.Result | None = None
        self.partner = ""
        self.is_up = False
        self._has_folder = has_folder
        self._collects = collects
        self._is_elsewhere = is_elsewhere
        self._incoming: Incoming | None = None

    def note(self, id: int, file: VirtualFile) -> SentFile:
        """A file was queued."""
        sent = self.sent[id] = SentFile(id, file, self.partner)
        return sent

    def check(self) -> None:
        """Nothing, where the session has ended well.

        :raises SessionAborted: It has not."""
        result = self.result
        if result is None:
            raise ConnectionAbortedError("the connection was given up before its session began")
        if result.ending in (m.Ending.NORMAL, m.Ending.IRREGULAR):
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
                if self._collects:
                    self.came.append(received)
                yield functools.partial(handler.received, received)
            case m.TurnedAway(file=file, answer=answer, reason=reason, text=text):
                yield functools.partial(handler.turned_away, file, answer, reason, text)
            case m.Sent(id=id):
                if (sent := self.sent.get(id)) is not None:
                    sent.stored, sent.error = True, None
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
            if mailbox.waits_for_answer:
                mailbox.refuse_file(no.reason, no.retry_later, no.text)
            return
        if not mailbox.waits_for_answer:
            # The session has ended while the handler took its time.
            return
        if sink is None and self._has_folder:
            mailbox.offer_passed()
            return
        incoming = Incoming(file, None if sink is None or sink == MEMORY else sink)
        self._incoming = incoming
        mailbox.accept_file()

    def _data(self, data: m.Data) -> Calls:
        incoming = self._incoming
        if incoming is not None:
            for piece in incoming.take(data):
                rest = piece
                while rest:
                    written = yield functools.partial(incoming.write, rest)
                    # Files without a buffer may take less than all; who says nothing took all.
                    if written is None and incoming.is_raw:
                        written = 0
                    if not isinstance(written, int) or written >= len(rest):
                        break
                    if written <= 0:
                        raise OSError(f"the sink of {incoming.file.dsn} takes no more octets")
                    rest = rest[written:]

    def _complete(self) -> Calls:
        incoming, self._incoming = self._incoming, None
        if incoming is None:
            return
        mailbox = self.mailbox
        received = incoming.done()
        try:
            if incoming.flush is not None:
                # What lies in a buffer is not safe.
                yield incoming.flush
            yield functools.partial(self.handler.received, received)
        except Refuse as no:
            if mailbox.waits_to_be_stored:
                if no.after:
                    mailbox.stored(reason=no.reason, text=no.text)
                else:
                    mailbox.not_stored(no.reason, no.text)
            return
        # The session may have ended while the handler took its time: then the partner does not know
        # that we have the file, and sends it again.
        if mailbox.waits_to_be_stored:
            mailbox.stored()
            if self._collects:
                self.came.append(received)

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
        words = f": {visible(told.text)}" if told.text else ""
        sent.error = FileRefused(
            f"{sent.file.dsn} was refused{meaning}{words}",
            cause=reason,
            retry_later=told.retry_later,
            text=told.text,
            answer=told.answer,
        )
        if not told.retry_later:
            del self.sent[told.id]
        yield functools.partial(self.handler.refused, sent)

    def _response(self, told: m.Response) -> Calls:
        sent = None if told.id is None else self.sent.get(told.id)
        response = told.response
        if sent is None and self._is_elsewhere is not None and self._is_elsewhere(self, response):
            # To confirm it here would lose it for its file. It comes again (4.3.6).
            self.mailbox.release(
                EsidReason.RESOURCES_NOT_AVAILABLE,
                "the file of this response is still in a session that has not ended: try again",
            )
            return
        closes = sent is not None and told.proof is not m.Proof.WORTHLESS
        yield functools.partial(self.handler.response, sent, response, told.proof)
        # Until it is safe it has not come: what the handler raises leaves the file open, and the
        # partner sends the response again.
        self.mailbox.response_told()
        if sent is not None:
            if not closes:
                sent.doubt = told.text
            else:
                sent.response, sent.proof, sent.doubt = response, told.proof, None
                self.sent.pop(sent.id, None)
                if response.reason is not None:
                    words = f": {visible(response.text)}" if response.text else ""
                    sent.error = NotDelivered(
                        f"{sent.file.dsn} was not delivered, says {visible(response.creator)} "
                        f"(NERP {response.reason:02}){words}",
                        reason=response.reason,
                        creator=response.creator,
                        text=response.text,
                    )

    def fail(self, error: BaseException) -> None:
        """A call of the user's has failed: the session goes no further."""
        self._incoming = None
        if self.mailbox.has_session:
            self.mailbox.release(EsidReason.UNSPECIFIED, "a local fault ended the session")
