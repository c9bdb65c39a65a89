"""The mailboxes of a server: one for each session that runs, used again by the next ones, so that
what a session leaves goes on in another (RFC 5024 4.3.6)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ._exceptions import UserError
from ._exchange import Exchange
from ._files import SentFile
from ._oftp import Mailbox
from ._sources import How, Source, queue, virtual_file
from ._stations import Partner

__all__ = ["Pool"]


@dataclass(slots=True)
class _Waiting:
    """A file for a partner who has not called yet."""

    sent: SentFile
    source: Source


class Pool:
    """Mailboxes of one station, and files for partners who will call.

    :param make: Makes a mailbox.
    :param partners: Who may call.
    """

    def __init__(self, make: Callable[[], Mailbox], partners: Iterable[Partner]) -> None:
        self._make = make
        self._codes = {partner.code for partner in partners}
        self._lock = threading.Lock()
        self._idle: list[Mailbox] = [make()]
        self.code = self._idle[0].code
        #: Files that were sent, by mailbox and their name in it.
        self._open: dict[int, dict[int, SentFile]] = {}
        self._waiting: dict[str, list[_Waiting]] = {}

    @property
    def first(self) -> Mailbox:
        """One that does not run, for what is the same in all."""
        with self._lock:
            if not self._idle:
                self._idle.append(self._make())
            return self._idle[0]

    def take(self) -> Mailbox:
        """A mailbox for a session: one in which something was left before any other."""
        with self._lock:
            for index, mailbox in enumerate(self._idle):
                result = mailbox.result
                if result.waiting or result.open:
                    return self._idle.pop(index)
            if self._idle:
                return self._idle.pop()
        return self._make()

    def give_back(self, mailbox: Mailbox) -> None:
        """It was not used."""
        with self._lock:
            self._idle.append(mailbox)

    def begin(self, exchange: Exchange) -> None:
        """The session of this exchange is to begin: what its mailbox has sent before is known."""
        with self._lock:
            exchange.sent.update(self._open.get(id(exchange.mailbox), {}))

    def up(self, exchange: Exchange) -> None:
        """It is up: what waits for its partner is its, and what others have sent to it."""
        mailbox, partner = exchange.mailbox, exchange.partner
        with self._lock:
            waiting = self._waiting.pop(partner, [])
            self._move_open(exchange)
        for number, one in enumerate(waiting):
            try:
                one.sent.id = queue(mailbox, one.sent.file, one.source, partner, None)
            except BaseException:
                with self._lock:
                    self._waiting.setdefault(partner, []).extend(waiting[number:])
                raise
            exchange.sent[one.sent.id] = one.sent

    def _move_open(self, exchange: Exchange) -> None:
        """A response may come in any session."""
        for other in self._idle:
            files = self._open.get(id(other), {})
            for id_, sent in list(files.items()):
                if not sent.stored or sent.partner != exchange.partner:
                    continue
                hash_ = other.file_hash(id_)
                new = exchange.mailbox.expect_response(
                    sent.file, hash_, partner=exchange.partner
                )
                if other.cancel(id_):
                    del files[id_]
                    sent.id = new
                    exchange.sent[new] = sent
                else:
                    exchange.mailbox.cancel(new)

    def end(self, exchange: Exchange) -> None:
        """Its session is over."""
        with self._lock:
            files = {
                id_: sent
                for id_, sent in exchange.sent.items()
                if sent.response is None
                and (sent.error is None or getattr(sent.error, "retry_later", False))
            }
            self._open[id(exchange.mailbox)] = files
            self._idle.append(exchange.mailbox)

    def wait(self, partner: str, source: Source, how: How) -> SentFile:
        """Queues a file for a partner who will call."""
        if partner not in self._codes:
            raise UserError(f"partner {partner!r} is not known: add it to `partners`")
        file = virtual_file(source, how, partner=partner, own=self.code)
        sent = SentFile(0, file, partner)
        with self._lock:
            self._waiting.setdefault(partner, []).append(_Waiting(sent, source))
        return sent
